"""Entries of calls at once in few commits: none lost, none told of too early, an error told to all whom it meets."""

import asyncio
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.group import GroupCommits
from matria.costs.ledger.sqlite import SqliteLedger
from matria.errors import StorageError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENTRY = LedgerEntry(
    call_id="",
    at=NOON,
    purpose="evaluation",
    conversation_id="c",
    message_id="m",
    prompt_name="",
    prompt_version="",
    prompt_hash="",
    persona="",
    locale="",
    provider="openai",
    model="m",
    model_snapshot="m",
    usage=Usage(1, 1),
    latency_ms=1.0,
    cost=Cost("unpriced", None, "", date(2026, 11, 20)),
    is_simulated=False,
    message_at=NOON,
    serves="evaluation",
)

LATE_S = 200
"""After which a ledger that is never let go on has failed."""


class SlowLedger(SqliteLedger):
    """A ledger whose first commit waits until it may go on; counts commits."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.may_go_on = threading.Event()
        self.commits = 0

    def record(self, entries: Iterable[LedgerEntry]) -> int:
        assert self.may_go_on.wait(LATE_S)
        self.commits += 1
        return super().record(entries)


def kept(ledger: SqliteLedger) -> Sequence[LedgerEntry]:
    return ledger.between(NOON.replace(year=2000), NOON.replace(year=2100))


def test_what_comes_while_a_commit_runs_shares_the_next_one(tmp_path: Path) -> None:
    ledger = SlowLedger(tmp_path / "ledger.db")
    group = GroupCommits(ledger)

    async def calls() -> None:
        tasks = [asyncio.ensure_future(group.record(replace(ENTRY, call_id=f"{n}"))) for n in range(50)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in tasks), "nobody is told before the entry is on disk"
        ledger.may_go_on.set()
        await asyncio.gather(*tasks)

    asyncio.run(calls())
    assert len(kept(ledger)) == 50
    assert ledger.commits == 2


def test_a_cancelled_caller_s_entry_is_kept(tmp_path: Path) -> None:
    ledger = SlowLedger(tmp_path / "ledger.db")
    group = GroupCommits(ledger)

    async def calls() -> None:
        tasks = [asyncio.ensure_future(group.record(replace(ENTRY, call_id=f"{n}"))) for n in range(3)]
        await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        ledger.may_go_on.set()

    asyncio.run(calls())
    assert len(kept(ledger)) == 3, "also those that waited for a commit when the loop closed"


def test_an_error_is_told_to_everyone_whom_it_meets(tmp_path: Path) -> None:
    class Full(SqliteLedger):
        def record(self, entries: Iterable[LedgerEntry]) -> int:
            raise StorageError("The disk is full.")

    group = GroupCommits(Full(tmp_path / "ledger.db"))

    async def calls() -> list[object]:
        return await asyncio.gather(*(group.record(ENTRY) for _ in range(3)), return_exceptions=True)

    assert [type(told) for told in asyncio.run(calls())] == [StorageError] * 3


def test_one_loop_after_another(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    group = GroupCommits(ledger)
    for name in ("a", "b"):
        asyncio.run(group.record(replace(ENTRY, call_id=name)))
    assert len(kept(ledger)) == 2


@pytest.mark.parametrize("count", [1, 7])
def test_calls_one_by_one_are_each_on_disk_when_told(tmp_path: Path, count: int) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    group = GroupCommits(ledger)

    async def calls() -> None:
        for n in range(count):
            await group.record(replace(ENTRY, call_id=f"{n}"))
            assert len(kept(ledger)) == n + 1

    asyncio.run(calls())


@pytest.mark.parametrize("bad", [{"model_snapshot": "m\x00"}, {"model_snapshot": "\ud800"}, {"usage": Usage(2**31, 1)}])
def test_an_entry_that_no_ledger_takes_harms_no_other(tmp_path: Path, bad: dict[str, Any]) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    group = GroupCommits(ledger)
    entries = [replace(ENTRY, call_id=f"{n}", **(bad if n == 2 else {})) for n in range(5)]

    async def calls() -> list[object]:
        return await asyncio.gather(*(group.record(entry) for entry in entries), return_exceptions=True)

    told = asyncio.run(calls())
    assert [isinstance(one, ValueError) for one in told] == [False, False, True, False, False]
    assert [entry.call_id for entry in kept(ledger)] == ["0", "1", "3", "4"]
