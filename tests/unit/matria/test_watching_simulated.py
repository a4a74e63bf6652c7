"""Real messages are watched apart from simulated ones: a demonstration neither hides a rise nor makes one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from matria.costs.base import LedgerEntry
from matria.costs.hourly import hourly
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.memory import MemorySums
from matria.costs.sums import CostSums
from matria.costs.watching.base import Check, Episode, Finding
from matria.costs.watching.check import check, checks, hours_needed
from matria.costs.watching.circumstances import Reading, circumstances
from matria.costs.watching.episodes import advance
from matria.costs.watching.values import values_of
from matria.policy import load_policy
from tests.unit.flows.watch_parts import HOUR, NOON, Traffic, messages

POLICY = load_policy(Path(__file__).resolve().parents[3] / "policy.yaml")
DAY = 24 * HOUR
SumsOf = Callable[[Iterable[LedgerEntry]], CostSums]
DEARER = Traffic(version="1.1.0", prompt_tokens=2500)


def simulated(start: datetime, end: datetime, usd: str) -> Iterator[LedgerEntry]:
    """As many messages as the real ones, at one price that stands in."""
    for entry in messages(start, end, late="simulated"):
        cost = replace(entry.cost, usd=Decimal(usd), price_source="as if openai/gpt-4.1-mini")
        yield replace(entry, provider="simulator", is_simulated=True, cost=cost)


def day(found: Check) -> Finding:
    return next(one for one in found.findings if (one.rule, one.scope) == ("day", ""))


@pytest.fixture(params=["memory", "ledger", "ledger with hourly sums"])
def sums_of(request: pytest.FixtureRequest, tmp_path: Path) -> SumsOf:
    def made(entries: Iterable[LedgerEntry]) -> CostSums:
        if request.param == "memory":
            return MemorySums(entries)
        ledger = SqliteLedger(tmp_path / "ledger.db", pass_after=1 if "hourly" in request.param else 10**9)
        ledger.record(entries)
        return ledger

    return made


def test_cheap_simulated_messages_do_not_hide_a_rise(sums_of: SumsOf) -> None:
    """A prompt two and a half times as long since a day; in that day as many simulated messages that cost nothing."""
    real = [*messages(NOON - 2 * DAY, NOON - DAY), *messages(NOON - DAY, NOON, DEARER)]
    test = simulated(NOON - DAY, NOON, "0")
    found = check(sums_of([*real, *test]), NOON, POLICY)
    assert day(found).state == "alert"
    assert not found.is_simulated
    assert found.findings == check(MemorySums(real), NOON, POLICY).findings


def test_dear_simulated_messages_make_no_rise(sums_of: SumsOf) -> None:
    """Real messages cost the same for two days; in the last as many simulated ones cost a hundred times that."""
    real = list(messages(NOON - 2 * DAY, NOON))
    test = simulated(NOON - DAY, NOON, "0.1")
    found = check(sums_of([*real, *test]), NOON, POLICY)
    assert day(found).state == "fine"
    assert found.findings == check(MemorySums(real), NOON, POLICY).findings


def test_where_there_are_no_real_messages_the_simulated_ones_are_judged_and_marked(sums_of: SumsOf) -> None:
    test = [*simulated(NOON - 2 * DAY, NOON - DAY, "0.001"), *simulated(NOON - DAY, NOON, "0.002")]
    sums = sums_of(test)
    found = check(sums, NOON, POLICY)
    assert found.is_simulated
    assert day(found).state == "alert"
    assert all(side.is_simulated for one in found.findings for side in (one.last, one.before))
    _, (step,) = advance((), found)
    assert step.episode.alert_id == "simulated-day-gestante.triagem-20261120T1200Z"
    known = circumstances(Reading(sums, found.mark), found, step, None)
    assert known.since == NOON - DAY
    assert known.cause is not None
    assert hourly(sums, NOON, 0.2).hours[-1].mean_usd == Decimal("0.002")


def test_a_check_made_again_as_of_its_mark_does_not_know_of_real_messages_that_came_later() -> None:
    test = list(simulated(NOON - 2 * DAY, NOON, "0.001"))
    first = check(MemorySums(test), NOON, POLICY)
    sums = MemorySums([*test, *messages(NOON - 2 * DAY, NOON)])
    assert check(sums, first.until, first.policy, as_of=first.mark) == first
    assert (first.is_simulated, check(sums, NOON, POLICY).is_simulated) == (True, False)


def test_checks_of_several_hours_are_each_of_the_kind_that_they_are_alone() -> None:
    """Real messages end two hours before the oldest that is read at noon, and simulated ones go on."""
    needed = hours_needed(values_of(POLICY))
    last = NOON - (needed + 2) * HOUR
    sums = MemorySums([*messages(last - DAY, last + HOUR), *simulated(last, NOON, "0.001")])
    several = checks(sums, NOON, POLICY, 4)
    assert [one.is_simulated for one in several] == [False, False, False, True, True]
    assert several == tuple(check(sums, one.until, POLICY) for one in several)


def judged(entries: Sequence[LedgerEntry], until: datetime, episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    kept, _ = advance(episodes, check(MemorySums(entries), until, POLICY))
    return kept


def test_simulated_messages_do_not_end_the_silence_of_real_ones() -> None:
    real = list(messages(NOON - 3 * DAY, NOON))
    later = NOON + 12 * HOUR
    (silence,) = judged(real, later, ())
    assert (silence.rule, silence.state) == ("no_data", "open")
    end = NOON + 4 * DAY
    (after,) = judged([*real, *simulated(NOON + DAY, end, "0.001")], end, (silence,))
    assert after == silence


def test_an_alert_on_simulated_messages_is_over_unsaid_and_covers_no_real_one() -> None:
    end = NOON + 3 * DAY
    test = [*simulated(NOON - 2 * DAY, NOON - DAY, "0.001"), *simulated(NOON - DAY, NOON, "0.002")]
    (episode,) = judged(test, NOON, ())
    real = [*messages(end - 2 * DAY, end - DAY), *messages(end - DAY, end, DEARER)]
    kept, steps = advance((episode,), check(MemorySums([*test, *real]), end, POLICY))
    assert kept[0].state == "new_level"
    assert [step.change for step in steps] == ["opened"]
    assert not steps[0].episode.is_simulated
