"""Rows on disk: appended while they come, and sorted into one file when all are there.

`rows.jsonl` is the log of a run, appended to and flushed to disk in groups; a run that was killed goes on from it.
`results.jsonl` holds the rows of one evaluation in order, the same bytes for the same inputs; `meters.jsonl` beside it
holds what differs between runs (latency, cost, request ids).
"""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from evals.rows import Meter, Row, Side, row_as_dict, row_of
from matria import durable
from matria.errors import BusyError, InputError

LOG, RESULTS, METERS = "rows.jsonl", "results.jsonl", "meters.jsonl"


class RowStore:
    """The rows of one folder. One process at a time may hold it open; it is a context manager.

    Raises `BusyError` where another process has it, `InputError` where a row in the middle of the log is damaged, and
    `StorageError` where the disk takes no more; what was appended before stays whole.
    """

    def __init__(self, folder: Path, rows_per_sync: int) -> None:
        self.folder = folder
        self._rows_per_sync = rows_per_sync
        self._pending = 0
        self.rows: dict[str, Row] = {}
        """The newest row of each key."""
        self.meters: dict[str, Meter] = {}
        self._file = self._open()

    def __enter__(self) -> "RowStore":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def append(self, row: Row, meter: Meter) -> None:
        """The row is kept; it is on disk at the latest when the group is full or the store is closed."""
        try:
            self._file.write(_line({"row": row_as_dict(row), "meter": asdict(meter)}))
            self._pending += 1
            if self._pending >= self._rows_per_sync:
                self._sync()
        except OSError as error:
            raise durable.storage_error(error, self.folder / LOG) from error
        self._keep(row, meter)

    def finish(self, sides: Mapping[str, tuple[Side, ...]]) -> "Results":
        """The rows whose keys `sides` has, in order, written as `results.jsonl` with their meters beside them."""
        self._sync()
        rows = sorted((self.rows[key] for key in sides), key=lambda row: row.order)
        results = Results(tuple(rows), dict(sides), {key: self.meters[key] for key in sides})
        results.write(self.folder)
        return results

    def close(self) -> None:
        """Everything is on disk, and another process may open the folder."""
        if self._file.closed:
            return
        try:
            self._sync()
        finally:
            self._file.close()

    def _sync(self) -> None:
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise durable.storage_error(error, self.folder / LOG) from error
        self._pending = 0

    def _keep(self, row: Row, meter: Meter) -> None:
        self.rows[row.key] = row
        self.meters[row.key] = meter

    def _open(self) -> IO[bytes]:
        path = self.folder / LOG
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = path.open("a+b")
        except OSError as error:
            raise durable.storage_error(error, path) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise BusyError(
                f"Another process writes the evaluation in {self.folder}: wait for it, or name another folder."
            ) from None
        self._load(file, path)
        return file

    def _load(self, file: IO[bytes], path: Path) -> None:
        """Reads what is there, and cuts off the part of a line that a killed process left at the end."""
        file.seek(0)
        whole = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                break
            try:
                entry = json.loads(line)
                self._keep(row_of(entry["row"]), Meter(**entry["meter"]))
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{path}, line {number} is not a row: remove that line, or start again in another folder."
                ) from error
            whole += len(line)
        file.truncate(whole)
        file.seek(0, os.SEEK_END)


@dataclass(frozen=True)
class Results:
    """The rows of one evaluation in order, which sides each belongs to, and their meters."""

    rows: tuple[Row, ...]
    sides: Mapping[str, tuple[Side, ...]]
    """By key; a prompt that did not change has its rows on both."""
    meters: Mapping[str, Meter]

    def side(self, side: Side) -> list[Row]:
        """The rows of one side, in order."""
        return [row for row in self.rows if side in self.sides[row.key]]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """`results.jsonl`, the same bytes for the same inputs, and `meters.jsonl`."""
        meters = b"".join(_line(asdict(self.meters[row.key])) for row in self.rows)
        return (
            durable.write_bytes(folder / RESULTS, self.dump()),
            durable.write_bytes(folder / METERS, meters),
        )

    def dump(self) -> bytes:
        """The rows as JSON Lines, each with its sides."""
        return b"".join(_line({"sides": self.sides[row.key], **row_as_dict(row)}) for row in self.rows)


def read_results(folder: Path) -> Results:
    """A finished evaluation. Raises `InputError` where there is none, or it is damaged."""
    try:
        lines = [json.loads(line) for line in (folder / RESULTS).read_bytes().splitlines()]
        sides = {line["key"]: tuple(line.pop("sides")) for line in lines}
        meters = [Meter(**json.loads(line)) for line in (folder / METERS).read_bytes().splitlines()]
        return Results(tuple(row_of(line) for line in lines), sides, {meter.key: meter for meter in meters})
    except FileNotFoundError:
        raise InputError(
            f"{folder} holds no finished evaluation: run `matria eval` first, or name its folder."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / RESULTS} is damaged: run the evaluation again.") from error


def _line(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode(
        "utf-8", "backslashreplace"
    )
