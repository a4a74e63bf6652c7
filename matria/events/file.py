"""Events out of a file: JSON Lines as they are, CSV through a mapping.

The whole file is delivered each time, since landing it again finds it landed. A line that is no event is rejected with
its number; a file that holds none at all is an error.
"""

import csv
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from matria.contracts.contract import Contract
from matria.errors import InputError
from matria.events.base import Batch, Event, EventSource, Rejected
from matria.events.mapping import CsvMapping, load_mapping

_BATCH_ROWS = 200_000
"""Rows held in memory at once while landing; about 200 MB of events."""
_LOOKED_AT = 8192
_LARGEST_VERSION = 2**31


def open_file(path: Path, contracts: Mapping[str, Contract], mapping: Path | None = None) -> EventSource:
    """The source that reads `path`: CSV where a mapping is given, JSON Lines where not.

    Raises `InputError` where the file is missing, empty or binary, or where the mapping does not fit.
    """
    _look_at(path)
    if mapping is not None:
        return CsvFile(path, load_mapping(mapping, contracts))
    if path.suffix.lower() in (".csv", ".tsv"):
        raise InputError(f"{path} is a CSV file: say what its columns mean with --mapping FILE.")
    return JsonLinesFile(path, contracts.keys())


class JsonLinesFile:
    """An `EventSource` over one event per line, UTF-8."""

    def __init__(self, path: Path, topics: Collection[str], batch_rows: int = _BATCH_ROWS) -> None:
        self.name = path.name
        self._path, self._topics, self._batch_rows = path, topics, batch_rows

    def batches(self) -> Iterator[Batch]:
        """The lines that are not blank, in the order of the file."""
        with self._path.open("rb") as lines:
            yield from _batches(self._read(lines), self._batch_rows, self._none_is_an_event)

    def acknowledge(self) -> None:
        """Nothing to do: the file stays."""

    def ping(self) -> str:
        """The file."""
        return f"JSON Lines in {self._path}"

    def _read(self, lines: Iterable[bytes]) -> Iterator[Event | Rejected]:
        for number, line in enumerate(lines, 1):
            content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if content.strip():
                yield self._event(number, content)

    def _event(self, number: int, line: bytes) -> Event | Rejected:
        try:
            return _as_event(_parsed(line), self._topics)
        except _Unreadable as problem:
            return Rejected(number, str(problem), line.decode("utf-8", "backslashreplace"))

    def _none_is_an_event(self, first: Rejected) -> NoReturn:
        raise InputError(
            f"{self._path} holds no event (line {first.position} {first.reason}): "
            "give JSON Lines, one event a line, or a CSV file with --mapping."
        )


class CsvFile:
    """An `EventSource` over a CSV file with a header, one event per row."""

    def __init__(self, path: Path, mapping: CsvMapping, batch_rows: int = _BATCH_ROWS) -> None:
        self.name = path.name
        self._path, self._mapping, self._batch_rows = path, mapping, batch_rows

    def batches(self) -> Iterator[Batch]:
        """The rows that are not blank, in the order of the file."""
        try:
            with self._path.open(encoding=self._mapping.encoding, newline="") as text:
                yield from _batches(self._read(text), self._batch_rows, self._none_is_an_event)
        except UnicodeDecodeError as error:
            raise InputError(
                f"{self._path} is not {self._mapping.encoding} (byte {error.start}): name its encoding in the mapping."
            ) from error

    def acknowledge(self) -> None:
        """Nothing to do: the file stays."""

    def ping(self) -> str:
        """The file."""
        return f"CSV in {self._path}"

    def _read(self, text: Iterable[str]) -> Iterator[Event | Rejected]:
        lines: list[str] = []
        rows = csv.reader(_remembered(text, lines), delimiter=self._mapping.delimiter, strict=True)
        header = self._header(rows)
        while True:
            lines.clear()
            try:
                fields = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                # A quote that is never closed swallows the lines after it: each of them is counted.
                for number, line in enumerate(lines, rows.line_num - len(lines) + 1):
                    yield Rejected(number, f"is not CSV: {error}", line)
                continue
            if fields:
                yield self._event(rows.line_num, header, fields)

    def _header(self, rows: Any) -> list[str]:
        try:
            header = [name.strip() for name in next(rows)]
        except (StopIteration, csv.Error) as error:
            raise InputError(f"{self._path} has no header: its first line must name the columns.") from error
        if problem := self._mapping.header_problem(header):
            raise InputError(f"{self._path} {problem}: correct the mapping, or name another file.")
        return header

    def _event(self, number: int, header: list[str], fields: list[str]) -> Event | Rejected:
        if len(fields) != len(header):
            reason = f"has {len(fields)} fields where the header has {len(header)}"
            return Rejected(number, reason, json.dumps(fields, ensure_ascii=False))
        return self._mapping.event(dict(zip(header, fields, strict=True)))

    def _none_is_an_event(self, first: Rejected) -> NoReturn:
        raise InputError(
            f"{self._path} holds no row that fits its header (line {first.position} {first.reason}): "
            "check the delimiter in the mapping."
        )


def _remembered(text: Iterable[str], lines: list[str]) -> Iterator[str]:
    """The lines of `text`, each added to `lines` as it is read."""
    for line in text:
        lines.append(line)
        yield line


class _Unreadable(Exception):
    """Why a line is no event."""


def _batches(
    received: Iterator[Event | Rejected], rows: int, none_is_an_event: Callable[[Rejected], NoReturn]
) -> Iterator[Batch]:
    seen_event = False
    while chunk := list(islice(received, rows)):
        events = [item for item in chunk if isinstance(item, Event)]
        rejected = [item for item in chunk if isinstance(item, Rejected)]
        seen_event = seen_event or bool(events)
        if not seen_event:
            none_is_an_event(rejected[0])
        yield Batch(events, rejected)


def _parsed(line: bytes) -> Any:
    try:
        value = _DECODER.decode(line.decode("utf-8"))
        if b"\\ud" in line.lower():  # half of a surrogate pair parses, and then no file takes it
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise _Unreadable("is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _Unreadable("is not JSON") from error
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
"""Reads JSON as its standard has it, without NaN and Infinity."""


def _as_event(value: Any, topics: Collection[str]) -> Event:
    if not isinstance(value, dict):
        raise _Unreadable("is not a JSON object")
    if not isinstance(value.get("topic"), str) or value["topic"] not in topics:
        raise _Unreadable("names no topic that has a contract")
    if not isinstance(value.get("payload"), dict):
        raise _Unreadable("has no payload object")
    for name in ("event_id", "occurred_at"):
        if not isinstance(value.get(name), str | None):
            raise _Unreadable(f"has an {name} that is not text")
    if not _is_version(value.get("schema_version")):
        raise _Unreadable("has a schema_version that is not a whole number")
    return Event(
        value["topic"], value.get("event_id"), value.get("occurred_at"), value.get("schema_version"), value["payload"]
    )


def _is_version(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST_VERSION)


def _look_at(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(_LOOKED_AT)
    except FileNotFoundError:
        raise InputError(f"{path} is missing: check the path.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder: name a file in it.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}): check its permissions.") from error
    if not start.strip():
        raise InputError(f"{path} is empty: an empty source is missing data, so nothing was ingested.")
    if b"\x00" in start and not re.match(rb"\xff\xfe|\xfe\xff", start):
        raise InputError(f"{path} is not a text file: give JSON Lines, or CSV with --mapping.")
