"""Many calls' entries in one commit: whoever records while a commit runs is in the next one together.

A commit waits for the disk and takes a thread's turn, half a millisecond of CPU time; fifty calls at once share it. An
entry is durable when `record` returns, as with the ledger itself, so that a killed process loses no entry that anybody
was told of.
"""

import asyncio
from typing import NamedTuple

from matria.costs.base import Ledger, LedgerEntry
from matria.costs.ledger.rows import entry_row


class _Waiting(NamedTuple):
    """Entries, and whoever waits until they are on disk."""

    entries: tuple[LedgerEntry, ...]
    told: "asyncio.Future[None]"


class GroupCommits:
    """Records entries in a ledger, from one event loop at a time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[_Waiting] = []
        self._is_running = False

    async def record(self, *entries: LedgerEntry) -> None:
        """The entries are in the ledger for good, even where the caller is cancelled meanwhile.

        Raises `StorageError` where the ledger cannot be written, and ValueError for an entry that no ledger takes:
        before it waits with others, so that theirs are written all the same.
        """
        for entry in entries:
            entry_row(entry)
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._waiting, self._is_running = loop, [], False
        told = loop.create_future()
        self._waiting.append(_Waiting(entries, told))
        if not self._is_running:
            self._commit(loop)
        await told

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to write what is waiting."""
        group, self._waiting, self._is_running = self._waiting, [], True
        entries = [entry for waiting in group for entry in waiting.entries]
        try:
            written = loop.run_in_executor(None, self._ledger.record, entries)
        except RuntimeError:  # the loop is closing and takes no more work; the calls are paid for all the same
            self._is_running = False
            self._ledger.record(entries)
            return
        written.add_done_callback(lambda done: self._tell(loop, done, group))

    def _tell(self, loop: asyncio.AbstractEventLoop, written: "asyncio.Future[int]", group: "list[_Waiting]") -> None:
        self._is_running = False
        error = None if written.cancelled() else written.exception()
        for waiting in group:
            if waiting.told.done():
                continue
            if error is not None:
                waiting.told.set_exception(error)
            else:
                waiting.told.set_result(None)
        if self._waiting:
            self._commit(loop)
