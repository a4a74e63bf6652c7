"""Many calls' entries in one commit: whoever records while a commit runs is in the next one together.

A commit waits for the disk and takes a thread's turn, half a millisecond of CPU time; fifty calls at once share it. An
entry is durable when `record` returns, as with the ledger itself, so that a killed process loses no entry that anybody
was told of.
"""

import asyncio

from matria.costs.base import Ledger, LedgerEntry


class GroupCommits:
    """Records entries in a ledger, from one event loop at a time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[LedgerEntry] = []
        self._told: asyncio.Future[None] | None = None
        """What those who wait for the next commit wait for; None where nobody does."""
        self._is_running = False

    async def record(self, entry: LedgerEntry) -> None:
        """The entry is in the ledger for good, even where the caller is cancelled meanwhile.

        Raises `StorageError` where the ledger cannot be written.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._waiting, self._told, self._is_running = loop, [], None, False
        self._waiting.append(entry)
        if self._told is None:
            self._told = loop.create_future()
        told = self._told
        if not self._is_running:
            self._commit(loop)
        await asyncio.shield(told)

    def _commit(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to write what is waiting."""
        entries, told = self._waiting, self._told
        self._waiting, self._told, self._is_running = [], None, True
        assert told is not None
        try:
            written = loop.run_in_executor(None, self._ledger.record, entries)
        except RuntimeError:  # the loop is closing and takes no more work; the calls are paid for all the same
            self._is_running = False
            self._ledger.record(entries)
            told.set_result(None)
            return
        written.add_done_callback(lambda done: self._tell(loop, done, told))

    def _tell(
        self, loop: asyncio.AbstractEventLoop, written: "asyncio.Future[int]", told: "asyncio.Future[None]"
    ) -> None:
        self._is_running = False
        if written.cancelled():
            told.cancel()
        elif (error := written.exception()) is not None:
            told.set_exception(error)
        else:
            told.set_result(None)
        if self._waiting:
            self._commit(loop)
