"""Entries that the ledger does not take now, in files beside it until it does.

Each file is written whole, holds what one message left, one entry a line, and is never changed, so that any process
may enter what any other has put by: an entry counts once however often it is entered. Who has entered a file removes
it. Amounts are text and times have their zone, so that an entry comes back as it went in.
"""

import logging
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from matria.costs.base import Ledger, LedgerEntry
from matria.durable import storage_error, write_bytes
from matria.errors import StorageError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SUFFIX = ".jsonl"
UNREADABLE = ".unreadable"
"""Of a file that holds what no ledger takes: it stays for a person to look at, and is in nobody's way."""

log = logging.getLogger(__name__)


class Spool:
    """A folder of entries that wait for the ledger; for threads and processes that share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_by(self, entries: Iterable[LedgerEntry]) -> Path:
        """The file that holds the entries, on disk when this returns. Raises `StorageError`."""
        adapter = _adapter()
        lines = b"".join(adapter.dump_json(entry) + b"\n" for entry in entries)
        return write_bytes(self._folder / f"{uuid.uuid4().hex}{SUFFIX}", lines)

    def enter(self, ledger: Ledger) -> int:
        """How many entries were new to the ledger; all that waited are in it. Raises `StorageError`."""
        new = 0
        for path in self._waiting():
            try:
                new += ledger.record(_read(path))
                path.unlink()
            except FileNotFoundError:  # another process was quicker
                continue
            except ValueError:
                log.critical("%s holds entries that no ledger takes: look at it", path.name)
                path.rename(path.with_suffix(UNREADABLE))
            except OSError as error:
                raise storage_error(error, path) from error
        if new:
            log.info("entries that had waited for the ledger and are in it now: %d", new)
        return new

    def remove(self, path: Path) -> None:
        """The file's entries wait no longer."""
        try:
            path.unlink(missing_ok=True)
        except OSError as error:  # entered again, it counts once
            log.warning("%s could not be removed: %s", path.name, error.strerror)

    def _waiting(self) -> list[Path]:
        try:
            return sorted(self._folder.glob(f"*{SUFFIX}"))
        except OSError as error:
            raise StorageError(f"{self._folder} cannot be read ({error.strerror}).") from error


def _read(path: Path) -> list[LedgerEntry]:
    """The entries of a file. Raises ValueError where it holds something else, and `OSError`."""
    adapter = _adapter()
    return [adapter.validate_json(line) for line in path.read_bytes().splitlines() if line.strip()]


def _adapter() -> "TypeAdapter[LedgerEntry]":
    from pydantic import TypeAdapter

    return TypeAdapter(LedgerEntry)
