"""The contract of `matria.costs.allowance.base.AllowanceStore`, run on every adapter; PostgreSQL is a real server."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from matria.costs.allowance.base import Wish
from matria.costs.allowance.share import Share
from matria.costs.allowance.store import SqlAllowances
from matria.errors import StorageError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)
DAY = "day/2026-11-22"
WISH = Wish(DAY, Decimal(10), "a", Decimal(0), Decimal(0), Decimal(1), Decimal(4), NOON, NOON + LEASE)
Place = Path | str


def test_what_is_taken_is_nobody_elses_until_it_is_given_back(store_place: Place) -> None:
    store, other = SqlAllowances(store_place), SqlAllowances(store_place)
    assert store.take(WISH).usd == 4
    assert other.take(replace(WISH, holder="b")).usd == 4
    assert other.take(replace(WISH, holder="c")).usd == 2, "what is left, since it is no less than the least"
    assert other.take(replace(WISH, holder="d")).usd == 0
    store.release(DAY, "a", Decimal("0.5"))
    assert other.take(replace(WISH, holder="d")).usd == Decimal("3.5")
    assert store.take(replace(WISH, pool="day/2026-11-23")).usd == 4, "another day"
    standing = store.standing(DAY, NOON)
    assert (standing.spent_usd, standing.held_usd, standing.holders) == (Decimal("0.5"), Decimal("9.5"), 3)


def test_a_holder_that_asks_again_gives_back_what_it_neither_spent_nor_holds(store_place: Place) -> None:
    store = SqlAllowances(store_place)
    store.take(WISH)
    again = replace(WISH, spent_usd=Decimal(1), held_usd=Decimal(2), most_usd=Decimal(10))
    assert store.take(again).usd == 7
    assert store.standing(DAY, NOON).spent_usd == 1


def test_a_killed_holders_part_is_given_back_but_for_what_the_ledger_has(store_place: Place) -> None:
    store = SqlAllowances(store_place)
    store.take(WISH)
    store.keep(DAY, "a", Decimal(1), NOON + LEASE)
    later = replace(WISH, holder="b", most_usd=Decimal(10), now=NOON + LEASE, until=NOON + 2 * LEASE)
    part = store.take(later)
    assert (part.usd, part.has_lapsed) == (6, True), "until it is settled it counts in full"
    store.release(DAY, "b", Decimal(0))
    store.settle(DAY, Decimal("2.5"), NOON + LEASE)
    # 1 was known; the ledger has 1.5 more, and nobody else can have spent it: 10 - 2.5 are left.
    assert store.take(later).usd == Decimal("7.5")


def test_without_a_ledger_a_killed_holders_part_is_spent(store_place: Place) -> None:
    store = SqlAllowances(store_place)
    store.take(WISH)
    store.settle(DAY, None, NOON + LEASE)
    assert store.standing(DAY, NOON + LEASE).spent_usd == 4


def test_what_the_ledger_has_and_nobody_took_was_spent_elsewhere(store_place: Place) -> None:
    store = SqlAllowances(store_place)
    store.take(WISH)
    store.settle(DAY, Decimal(3), NOON)  # may all be what `a` took
    assert store.standing(DAY, NOON).spent_usd == 0
    store.settle(DAY, Decimal(7), NOON)  # 4 may be
    store.settle(DAY, Decimal(7), NOON)
    assert store.take(replace(WISH, holder="b")).usd == 3


SPENDER = """
import asyncio, random, sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from matria.costs.allowance.share import Share
from matria.costs.allowance.store import SqlAllowances

place, seed, lease_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])

async def spend():
    store = SqlAllowances(place if place.startswith("postgres") else Path(place))
    chance = random.Random(seed)
    async with Share(store, lambda now: "run/1", Decimal(2), lease=timedelta(seconds=lease_s)) as share:
        while True:
            most = Decimal(chance.randint(1, 50)) / 1000
            if not share.covers(most) and not await share.refill(most):
                return
            share.reserve(most)
            usd = most * chance.randint(0, 100) / 100
            print(usd, flush=True)
            await asyncio.sleep(0)
            share.settle(most, usd)

asyncio.run(spend())
"""


def spender(store_place: Place, seed: int, lease_s: float = 60) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", SPENDER, str(store_place), str(seed), str(lease_s)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_together_spend_no_more_than_there_is_and_nearly_all_of_it(store_place: Place) -> None:
    processes = [spender(store_place, seed) for seed in range(4)]
    spent = [sum(map(Decimal, process.communicate()[0].split())) for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert Decimal(2) - Decimal("0.1") < sum(spent) <= 2
    assert SqlAllowances(store_place).standing("run/1", datetime.now(UTC)).spent_usd == sum(spent)


def test_a_killed_process_keeps_others_from_its_part_only_until_its_lease_ends(store_place: Place) -> None:
    killed = spender(store_place, 1, lease_s=30)
    assert killed.stdout
    seen = [Decimal(killed.stdout.readline()) for _ in range(20)]
    killed.send_signal(signal.SIGKILL)
    seen += [Decimal(line) for line in killed.stdout.read().split()]
    killed.wait()
    store, booked = SqlAllowances(store_place), sum(seen)

    async def rest() -> Decimal:
        spent = Decimal(0)
        late = datetime.now(UTC) + timedelta(minutes=1)
        share = Share(store, lambda now: "run/1", Decimal(2), booked=lambda: booked + spent, clock=lambda: late)
        async with share:
            while share.covers(Decimal("0.01")) or await share.refill(Decimal("0.01")):
                share.reserve(Decimal("0.01"))
                share.settle(Decimal("0.01"), Decimal("0.01"))
                spent += Decimal("0.01")
        return spent

    spent = asyncio.run(rest())
    assert Decimal(2) - Decimal("0.02") <= booked + spent <= 2


def test_a_server_that_cannot_be_reached_is_named_without_its_password() -> None:
    store = SqlAllowances("postgresql://someone:hunter2@127.0.0.1:9/none")
    with pytest.raises(StorageError, match="MATRIA_LEDGER__URL") as met:
        store.standing(DAY, NOON)
    assert "hunter2" not in str(met.value)


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "allowances.db"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StorageError, match="move it away"):
        SqlAllowances(path).take(WISH)


Clock = Callable[[], datetime]


def test_a_new_day_has_a_new_allowance(tmp_path: Path) -> None:
    now = NOON
    store = SqlAllowances(tmp_path / "allowances.db")

    async def work() -> None:
        nonlocal now
        async with Share(store, lambda at: f"day/{at:%Y-%m-%d}", Decimal(1), clock=lambda: now) as share:
            assert await share.refill(Decimal(1))
            share.reserve(Decimal(1))
            share.settle(Decimal(1), Decimal(1))
            assert not await share.refill(Decimal("0.1"))
            now += timedelta(days=1)
            assert await share.refill(Decimal("0.1"))
            share.reserve(Decimal("0.1"))
            share.settle(Decimal("0.1"), Decimal("0.05"))

    asyncio.run(work())
    assert store.standing(DAY, now).spent_usd == 1
    assert store.standing("day/2026-11-23", now).spent_usd == Decimal("0.05")
