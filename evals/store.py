"""Rows on disk: appended while they come, and sorted into one file when all are there.

`rows.jsonl` is the log of a run. Each row is handed to the operating system at once, so that a killed process loses
none, and flushed to disk in groups by a thread, so that only a power cut can cost the newest group. A run that was
killed goes on from the log. Rows stay on disk: what is in memory is an index of bounded size.
"""

import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from evals.index import Place, RowIndex
from evals.results import METERS, RESULTS, Results, read_results
from evals.rowlines import KeptAnswer, answer_line, kept_answer, loads, log_line, parts, result_line
from evals.rows import Meter, Row, Side, answer_of, row_of
from matria import durable
from matria.errors import BusyError, InputError

__all__ = ["LOG", "METERS", "RESULTS", "Results", "RowStore", "read_results"]
LOG = "rows.jsonl"


class RowStore:
    """The rows of one folder. One process at a time may hold it open; it is a context manager.

    Raises `BusyError` where another process has it, `InputError` where a row in the middle of the log is damaged, and
    `StorageError` where the disk takes no more; what was appended before stays whole.
    """

    def __init__(self, folder: Path, rows_per_sync: int) -> None:
        self.folder = folder
        self._rows_per_sync = rows_per_sync
        self._pending = 0
        self._index = RowIndex()
        self._flusher = ThreadPoolExecutor(1, "rows-to-disk")
        self._flush: Future[None] | None = None
        self._file = self._open()
        try:
            self._end = self._load()
        except BaseException:
            os.close(self._file)
            raise

    def __enter__(self) -> "RowStore":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def is_final(self, key: str) -> bool:
        """Whether there is a row of this key that needs nothing more."""
        return self._index.is_final(key)

    def answer(self, answer_key: str) -> KeptAnswer | None:
        """An answer that is known from an earlier row, or that waited for its judges when a run was killed."""
        place = self._index.answer(answer_key)
        return kept_answer(self._read(place)) if place else None

    def append(self, row: Row, meter: Meter) -> None:
        """The row outlives this process from here on, and a power cut when its group is on disk."""
        place = self._write(log_line(row, meter))
        self._index.put_row(row, place)
        if row.answer and not row.answer.is_refusal:
            self._index.put_answer(row.answer_key, place)

    def append_answer(self, answer_key: str, answer: KeptAnswer) -> None:
        """The answer is kept while its judges are asked, so that it need not be asked for again."""
        if not answer.record.is_refusal:
            self._index.put_answer(answer_key, self._write(answer_line(answer_key, answer)))

    def finish(self, sides: Iterable[tuple[str, tuple[Side, ...]]]) -> Results:
        """The rows of the keys given, in order, written as `results.jsonl` with their meters beside them."""
        self._sync()
        meters = self.folder / f".{METERS}{durable.PARTIAL_SUFFIX}"

        def write(results: Path) -> None:
            with results.open("xb") as rows, meters.open("wb") as beside:
                for place, of in self._index.in_order(sides):
                    row, meter = parts(self._read(place))
                    rows.write(result_line(row, of))
                    beside.write(meter + b"\n")
            durable.write_with(self.folder / METERS, meters.replace)

        durable.write_with(self.folder / RESULTS, write)
        return Results.of_folder(self.folder)

    def close(self) -> None:
        """Everything is on disk, and another process may open the folder."""
        if self._file < 0:
            return
        try:
            self._sync()
        finally:
            self._flusher.shutdown()
            os.close(self._file)
            self._file = -1
            self._index.close()

    def _write(self, line: bytes) -> Place:
        place = Place(self._end, len(line))
        self._on_disk(lambda: _write_all(self._file, line))
        self._end += len(line)
        self._pending += 1
        if self._pending >= self._rows_per_sync and (self._flush is None or self._flush.done()):
            self._heard()
            self._pending = 0
            self._flush = self._flusher.submit(os.fsync, self._file)
        return place

    def _read(self, place: Place) -> bytes:
        return os.pread(self._file, place.length, place.start)

    def _sync(self) -> None:
        self._heard()
        self._on_disk(lambda: os.fsync(self._file))
        self._pending = 0

    def _heard(self) -> None:
        """What the thread met is raised here."""
        flush, self._flush = self._flush, None
        if flush is not None:
            self._on_disk(flush.result)

    def _on_disk(self, work: Callable[[], object]) -> None:
        try:
            work()
        except OSError as error:
            raise durable.storage_error(error, self.folder / LOG) from error

    def _open(self) -> int:
        path = self.folder / LOG
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        except OSError as error:
            raise durable.storage_error(error, path) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise BusyError(
                f"Another process writes the evaluation in {self.folder}: wait for it, or name another folder."
            ) from None
        return file

    def _load(self) -> int:
        """Indexes what is there, and cuts off the part of a line that a killed process left; the length of the rest."""
        whole = 0
        for number, line in enumerate(_whole_lines(self.folder / LOG), 1):
            try:
                self._index_line(line, Place(whole, len(line)))
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"{self.folder / LOG}, line {number} is not a row: remove that line, or start again in another "
                    "folder."
                ) from error
            whole += len(line)
        os.ftruncate(self._file, whole)
        return whole

    def _index_line(self, line: bytes, place: Place) -> None:
        entry = loads(line)
        if "answer" in entry:
            answer_of(entry["answer"]["record"])
            self._index.put_answer(entry["answer"]["key"], place)
            return
        row = row_of(entry["row"])
        Meter(**entry["meter"])
        self._index.put_row(row, place)
        if row.answer and not row.answer.is_refusal:
            self._index.put_answer(row.answer_key, place)


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield line


def _write_all(file: int, line: bytes) -> None:
    while line:
        line = line[os.write(file, line) :]
