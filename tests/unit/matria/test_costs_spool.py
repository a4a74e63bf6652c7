"""A ledger that is late or away: nobody who waits for an answer waits for it, and nothing that was paid is lost."""

import asyncio
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from test_costs_group import ENTRY, LATE_S, SlowLedger, kept

from matria.costs.base import Cost, LedgerEntry, Rates, UnitPrices, Usage
from matria.costs.group import GroupCommits
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.spool import Spool
from matria.errors import StorageError

PATIENCE_S = 0.05
FULL_ENTRY = replace(
    ENTRY,
    call_id="full",
    usage=Usage(1000, 200, 10, 5, 0, 3, "flex"),
    latency_ms=0.1 + 0.2,
    cost=Cost(
        "priced",
        Decimal("0.000000000001"),
        "prices.yaml é",
        date(2026, 11, 20),
        UnitPrices(Decimal("1E-7"), output=Decimal(2)),
        Rates(date(2026, 11, 19), Decimal("5.4321"), None, "BCB PTAX"),
    ),
)


class Fails(SqliteLedger):
    """A ledger that is away for its first records."""

    def __init__(self, path: Path, times: int = 1) -> None:
        super().__init__(path)
        self.times = times

    def record(self, entries: Iterable[LedgerEntry]) -> int:
        if self.times:
            self.times -= 1
            raise StorageError("The server is away.")
        return super().record(entries)


def waiting(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*")] if folder.is_dir() else []


def test_an_entry_comes_out_of_the_spool_as_it_went_in(tmp_path: Path) -> None:
    spool, ledger = Spool(tmp_path / "spool"), SqliteLedger(tmp_path / "ledger.db")
    spool.put_by([FULL_ENTRY, ENTRY])
    assert spool.enter(ledger) == 2
    assert {entry.call_id: entry for entry in kept(ledger)} == {"full": FULL_ENTRY, "": ENTRY}
    assert (spool.enter(ledger), waiting(tmp_path / "spool")) == (0, [])


def test_who_waits_for_an_answer_does_not_wait_for_a_ledger_that_is_late(tmp_path: Path) -> None:
    ledger, folder = SlowLedger(tmp_path / "ledger.db"), tmp_path / "spool"
    group = GroupCommits(ledger, Spool(folder))

    async def calls() -> None:
        await asyncio.wait_for(group.record(replace(ENTRY, call_id="first"), patience_s=PATIENCE_S), LATE_S / 2)
        await asyncio.wait_for(group.record(replace(ENTRY, call_id="second"), patience_s=PATIENCE_S), LATE_S / 2)
        assert len(waiting(folder)) == 2, "told of, and so on disk, though the ledger has neither"
        ledger.may_go_on.set()
        await group.record(replace(ENTRY, call_id="third"))

    asyncio.run(calls())
    assert sorted(entry.call_id for entry in kept(ledger)) == ["first", "second", "third"]
    assert waiting(folder) == []


def test_what_the_ledger_refuses_is_entered_with_what_comes_next(tmp_path: Path) -> None:
    ledger, folder = Fails(tmp_path / "ledger.db"), tmp_path / "spool"
    group = GroupCommits(ledger, Spool(folder))

    async def calls() -> None:
        await group.record(replace(ENTRY, call_id="hers"), patience_s=PATIENCE_S)
        assert kept(ledger) == []
        await group.record(replace(ENTRY, call_id="next"))

    asyncio.run(calls())
    assert sorted(entry.call_id for entry in kept(ledger)) == ["hers", "next"]
    assert waiting(folder) == []


def test_an_evaluation_is_stopped_by_a_ledger_that_is_away_and_what_it_paid_is_kept(tmp_path: Path) -> None:
    ledger, folder = Fails(tmp_path / "ledger.db"), tmp_path / "spool"
    with pytest.raises(StorageError, match="away"):
        asyncio.run(GroupCommits(ledger, Spool(folder)).record(replace(ENTRY, call_id="case")))
    assert Spool(folder).enter(ledger) == 1


def test_where_the_spool_fails_too_she_is_told_and_still_does_not_wait(tmp_path: Path) -> None:
    ledger = SlowLedger(tmp_path / "ledger.db")
    (tmp_path / "spool").write_text("no folder")

    async def calls() -> None:
        with pytest.raises(StorageError):
            await asyncio.wait_for(group.record(ENTRY, patience_s=PATIENCE_S), LATE_S / 2)
        ledger.may_go_on.set()

    group = GroupCommits(ledger, Spool(tmp_path / "spool"))
    asyncio.run(calls())
    assert len(kept(ledger)) == 1


def test_a_file_that_no_ledger_takes_is_left_for_a_person_and_holds_nothing_up(tmp_path: Path) -> None:
    spool, ledger = Spool(tmp_path / "spool"), SqliteLedger(tmp_path / "ledger.db")
    spool.put_by([ENTRY]).write_text('{"call_id": 1}\n')
    spool.put_by([FULL_ENTRY])
    assert spool.enter(ledger) == 1
    (left,) = waiting(tmp_path / "spool")
    assert left.endswith(".unreadable")


KILLED = """
import asyncio, os, signal, sqlite3, sys
from dataclasses import replace
from pathlib import Path
from matria.costs.group import GroupCommits
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.spool import Spool
from test_costs_group import ENTRY
folder = Path(sys.argv[1])
ledger = SqliteLedger(folder / "ledger.db")
ledger.ping()
other = sqlite3.connect(folder / "ledger.db", isolation_level=None)
other.execute("BEGIN IMMEDIATE")
async def call():
    await GroupCommits(ledger, Spool(folder / "spool")).record(replace(ENTRY, call_id="hers"), patience_s=0.05)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(call())
"""


def test_a_kill_after_she_was_told_while_another_process_holds_the_ledger_loses_nothing(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=Path(__file__).parent, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert killed.returncode == -9
    ledger = SqliteLedger(tmp_path / "ledger.db")
    assert kept(ledger) == []
    asyncio.run(GroupCommits(ledger, Spool(tmp_path / "spool")).record(replace(ENTRY, call_id="next")))
    assert sorted(entry.call_id for entry in kept(ledger)) == ["hers", "next"]


def test_without_a_spool_she_does_not_wait_either_and_the_log_says_what_it_means(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = SlowLedger(tmp_path / "ledger.db")

    async def call() -> None:
        await asyncio.wait_for(GroupCommits(ledger).record(ENTRY, patience_s=PATIENCE_S), LATE_S / 2)
        assert "no spool" in caplog.text
        ledger.may_go_on.set()

    asyncio.run(call())
    assert len(kept(ledger)) == 1
