"""The rows of one evaluation in order, walked as often as wanted and never held all at once.

`results.jsonl` has a row and its sides on each line, the same bytes for the same inputs; the same line of
`meters.jsonl` has what differs between runs (latency, cost, request ids).
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, zip_longest
from pathlib import Path

from evals.pairs import Pair, pair_key
from evals.rowlines import dumps, entry_of, result_line
from evals.rows import Entry, Row, Side
from evals.view import View
from matria import durable
from matria.errors import InputError

RESULTS, METERS = "results.jsonl", "meters.jsonl"
KEPT_ENTRIES = 2_000
"""Entries of so small an evaluation stay in memory once read; a larger one is read from disk on each walk."""


class Results:
    """The entries of one evaluation, in the order of `Row.order`.

    A walk raises `InputError` where the files are damaged.
    """

    def __init__(self, walk: Callable[[], Iterator[Entry]]) -> None:
        self._walk = walk
        self._kept: tuple[Entry, ...] | None = None

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Results":
        """Entries that are in memory, put in order."""
        kept = tuple(sorted(entries, key=lambda entry: entry.row.order))
        return cls(lambda: iter(kept))

    @classmethod
    def of_folder(cls, folder: Path) -> "Results":
        """Those that lie in the folder."""
        return cls(lambda: _entries(folder))

    def entries(self) -> Iterator[Entry]:
        """Each row with its meter and its sides."""
        if self._kept is not None:
            yield from self._kept
            return
        small: list[Entry] | None = []
        for entry in self._walk():
            if small is not None:
                small.append(entry)
                small = small if len(small) <= KEPT_ENTRIES else None
            yield entry
        self._kept = None if small is None else tuple(small)

    def pairs(self) -> Iterator[Pair]:
        """The rows of both sides that belong together, in order of their keys; one pair in memory at a time."""
        for key, group in groupby(self.entries(), lambda entry: pair_key(entry.row)):
            entries = sorted(group, key=lambda entry: entry.row.epoch)
            base = tuple(entry.row for entry in entries if "base" in entry.sides)
            yield Pair(key, base, tuple(entry.row for entry in entries if "head" in entry.sides))

    @property
    def rows(self) -> View[Row]:
        """Every row once."""
        return View(lambda: (entry.row for entry in self.entries()))

    def side(self, side: Side) -> View[Row]:
        """The rows of one side; a prompt that did not change has its rows on both."""
        return View(lambda: (entry.row for entry in self.entries() if side in entry.sides))

    def of_side(self, side: Side) -> View[Entry]:
        """The entries of one side."""
        return View(lambda: (entry for entry in self.entries() if side in entry.sides))

    def write(self, folder: Path) -> tuple[Path, Path]:
        """`results.jsonl`, the same bytes for the same inputs, and `meters.jsonl`."""
        return (
            _write(folder / RESULTS, self.lines()),
            _write(folder / METERS, (dumps(entry.meter) + b"\n" for entry in self.entries())),
        )

    def lines(self) -> Iterator[bytes]:
        """The rows as JSON Lines, each with its sides."""
        return (result_line(dumps(entry.row), entry.sides) for entry in self.entries())


def read_results(folder: Path) -> Results:
    """A finished evaluation. Raises `InputError` where there is none; a walk does where it is damaged."""
    if not (folder / RESULTS).is_file() or not (folder / METERS).is_file():
        raise InputError(f"{folder} holds no finished evaluation: run `matria eval` first, or name its folder.")
    return Results.of_folder(folder)


def _entries(folder: Path) -> Iterator[Entry]:
    try:
        with (folder / RESULTS).open("rb") as rows, (folder / METERS).open("rb") as meters:
            for row, meter in zip_longest(rows, meters, fillvalue=b""):
                yield entry_of(row, meter)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InputError(f"{folder / RESULTS} is damaged: run the evaluation again.") from error


def _write(path: Path, lines: Iterable[bytes]) -> Path:
    def write(partial: Path) -> None:
        with partial.open("xb") as file:
            file.writelines(lines)

    return durable.write_with(path, write)
