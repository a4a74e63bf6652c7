"""Many calls' entries in one commit: whoever records while a commit runs is in the next one together.

A commit waits for the disk and takes a thread's turn, half a millisecond of CPU time; fifty calls at once share it. An
entry is durable when its future is done, as with the ledger itself, so that a killed process loses no entry that
anybody was told of. Where a person waits and the ledger is late, the entry goes to the spool in its place, and from
there into the ledger with the next commit; so does what the ledger refuses.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from matria.costs.base import Ledger, LedgerEntry
from matria.costs.ledger.rows import entry_row
from matria.costs.spool import Spool
from matria.errors import StorageError

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Waiting:
    """Entries, and whoever waits until they are on disk."""

    entries: tuple[LedgerEntry, ...]
    told: "asyncio.Future[None]"
    is_patient: bool
    """Whether the spool is as good as the ledger to whoever waits."""
    put_by: Path | None = None
    """Where the spool holds them; None where it does not."""
    is_entered: bool = False


class GroupCommits:
    """Records entries in a ledger, from one event loop at a time."""

    def __init__(self, ledger: Ledger, spool: Spool | None = None) -> None:
        """Without a `spool` what the ledger does not take is lost, which is logged or told to whoever records."""
        self._ledger = ledger
        self._spool = spool
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[_Waiting] = []
        self._is_running = False
        self._began_at = 0.0

    async def record(self, *entries: LedgerEntry, patience_s: float | None = None) -> None:
        """The entries are kept for good, even where the caller is cancelled meanwhile. Raises as `begin` does."""
        await self.begin(*entries, patience_s=patience_s)

    def begin(self, *entries: LedgerEntry, patience_s: float | None = None) -> "asyncio.Future[None]":
        """Done when the entries are in the ledger, or after `patience_s` in the spool; they are on their way at once.

        The future raises ValueError for an entry that no ledger takes, before any other is touched by it, and
        `StorageError` where the ledger cannot be written, or with `patience_s` neither ledger nor spool.
        """
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()
        try:
            for entry in entries:
                entry_row(entry)
        except ValueError as error:
            _tell([_Waiting(entries, told, is_patient=False)], error)
        if not entries:
            told.set_result(None)
        if told.done():
            return told
        if loop is not self._loop:
            self._loop, self._waiting, self._is_running = loop, [], False
        waiting = _Waiting(entries, told, is_patient=patience_s is not None)
        self._waiting.append(waiting)
        if self._is_running:
            late_by = loop.time() - self._began_at
        else:
            late_by = 0.0
            self._commit(loop)
        if patience_s is not None and not waiting.told.done():
            loop.call_later(max(0.0, patience_s - late_by), self._late, loop, waiting)
        return waiting.told

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to write what is waiting."""
        group, self._waiting, self._is_running = self._waiting, [], True
        self._began_at = loop.time()
        try:
            written = loop.run_in_executor(None, self._write, group)
        except RuntimeError:  # the loop is closing and takes no more work; the calls are paid for all the same
            self._is_running = False
            self._write_last(group)
            return
        written.add_done_callback(lambda done: self._written(loop, done, group))

    def _write_last(self, group: list[_Waiting]) -> None:
        try:
            self._write(group)
        except Exception as error:  # noqa: BLE001  (told to whoever waits, as from the thread)
            _tell(group, error)
        else:
            _tell(group, None)

    def _write(self, group: list[_Waiting]) -> None:
        """The group into the ledger, and what waited before it. Raises what the ledger raises."""
        try:
            self._ledger.record([entry for waiting in group for entry in waiting.entries])
        except Exception as error:
            self._put_by([waiting for waiting in group if waiting.put_by is None], error)
            raise
        for waiting in group:
            waiting.is_entered = True
        if self._spool is not None:
            self._enter_late(self._spool, group)

    def _enter_late(self, spool: Spool, group: list[_Waiting]) -> None:
        """What waited before is entered; where that fails it waits on, and nobody is the worse for it."""
        for waiting in group:
            if waiting.put_by is not None:
                spool.remove(waiting.put_by)
        try:
            spool.enter(self._ledger)
        except StorageError as error:
            log.warning("what waits for the ledger waits on: %s", error)

    def _put_by(self, group: list[_Waiting], cause: Exception) -> None:
        """Into one file of the spool; where that fails too, the ledger's failure is what everybody is told."""
        entries = [entry for waiting in group for entry in waiting.entries]
        if self._spool is None or not entries:
            return
        try:
            path = self._spool.put_by(entries)
        except StorageError as error:
            log.critical("%d entries are in no ledger and in no spool: %s", len(entries), error)
            return
        log.error("the ledger does not take entries, %d wait in %s: %s", len(entries), path.name, cause)
        for waiting in group:
            waiting.put_by = path

    def _late(self, loop: asyncio.AbstractEventLoop, waiting: _Waiting) -> None:
        """Whoever waits has waited long enough: the entries are put by, and the commit goes on behind."""
        spool = self._spool
        if waiting.is_entered or waiting.put_by is not None:
            return
        if spool is None:
            log.error("the ledger is late, and there is no spool: entries are lost if this process ends now")
            _tell([waiting], None)
            return
        try:
            putting = loop.run_in_executor(None, spool.put_by, waiting.entries)
        except RuntimeError:  # the loop is closing: the commit is being waited for
            return

        def done(put: "asyncio.Future[Path]") -> None:
            error = None if put.cancelled() else put.exception()
            if error is None and not put.cancelled():
                waiting.put_by = put.result()
                if waiting.is_entered:
                    spool.remove(waiting.put_by)
            _tell([waiting], error)

        putting.add_done_callback(done)

    def _written(self, loop: asyncio.AbstractEventLoop, written: "asyncio.Future[None]", group: list[_Waiting]) -> None:
        self._is_running = False
        _tell(group, None if written.cancelled() else written.exception())
        if self._waiting:
            self._commit(loop)


def _tell(group: list[_Waiting], error: BaseException | None) -> None:
    for waiting in group:
        if waiting.told.done():
            continue
        if error is not None and not (waiting.is_patient and waiting.put_by is not None):
            waiting.told.set_exception(error)
            waiting.told.exception()  # whoever waits hears it; where nobody does any more, asyncio is not to tell it
        else:
            waiting.told.set_result(None)
