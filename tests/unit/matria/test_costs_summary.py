"""Figures per message, on entries small enough to sum by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria.costs.base import Cost, LedgerEntry, Rates, Usage
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.memory import MemorySums
from matria.costs.summary import compare, figures, summarise

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LAST = NOW - timedelta(hours=1)


def entry(message_id: str, usd: str | None, at: datetime = LAST, n: int = 0) -> LedgerEntry:
    cost = Cost(
        "unpriced" if usd is None else "priced", None if usd is None else Decimal(usd), "list", date(2026, 11, 20)
    )
    return LedgerEntry(
        f"{message_id}-{n}-{at}", at, "assistant", "c", message_id, "gestante/triagem", "1.0.0", "h", "gestante",
        "pt-BR", "azure", "dep", "gpt-4.1-mini", Usage(10, 5), 1.0, cost, False, at, "people",
    )  # fmt: skip


def test_the_cost_of_a_message_is_the_sum_of_its_calls() -> None:
    """Messages of 1 + 3 and of 2 cents: total 6, mean 3."""
    found = figures([entry("a", "0.01", n=1), entry("a", "0.03", n=2), entry("b", "0.02")])
    assert (found.messages, found.calls) == (2, 3)
    assert (found.total_usd, found.mean_usd) == (Decimal("0.06"), Decimal("0.03"))
    assert found.state == "priced"


def test_a_message_with_an_unpriced_call_is_outside_the_mean() -> None:
    """Of 4, ? + 2 cents the mean and the total are 4, and one call in three is unpriced."""
    found = figures([entry("a", "0.04"), entry("b", None, n=1), entry("b", "0.02", n=2)])
    assert found.mean_usd == Decimal("0.04")
    assert found.total_usd == Decimal("0.04")
    assert (found.unpriced_calls, found.messages - found.priced_messages) == (1, 1)
    assert found.unpriced_share == pytest.approx(1 / 3)
    assert found.state == "partly_unpriced"


def test_all_unpriced_is_unknown_and_not_zero() -> None:
    found = figures([entry("a", None)])
    assert (found.state, found.total_usd, found.mean_usd) == ("unpriced", None, None)


def test_a_free_call_is_zero_and_not_unknown() -> None:
    found = figures([entry("a", "0")])
    assert (found.state, found.mean_usd) == ("priced", Decimal(0))


def test_no_calls_are_no_data() -> None:
    found = summarise([])
    assert (found.all.state, found.all.mean_usd, found.by["prompt"]) == ("no_data", None, {})


def test_groups_are_named_and_dearest_first() -> None:
    cheap = entry("a", "0.01")
    dear = replace(entry("b", "0.05"), prompt_version="1.1.0", persona="puerpera", model_snapshot="gpt-4o")
    bare = replace(entry("c", None), prompt_name="", purpose="judge", persona="", model_snapshot="")
    by = summarise([cheap, dear, bare]).by
    assert list(by["prompt"]) == ["gestante/triagem@1.1.0", "gestante/triagem@1.0.0", "(no prompt)"]
    assert list(by["persona"]) == ["puerpera", "gestante", "(none)"]
    assert list(by["model"]) == ["gpt-4o", "gpt-4.1-mini", "dep"]
    assert by["purpose"]["judge"].state == "unpriced"


@given(st.lists(st.tuples(st.integers(0, 5), st.decimals(0, 1, places=6) | st.none())))
def test_groups_add_up_to_the_whole(calls: list[tuple[int, Decimal | None]]) -> None:
    entries = [
        replace(entry(f"m{n}", None if usd is None else str(usd), n=n), persona=f"p{who}")
        for n, (who, usd) in enumerate(calls)
    ]
    summary = summarise(entries)
    for groups in summary.by.values():
        assert sum(g.calls for g in groups.values()) == summary.all.calls
        assert sum(g.messages for g in groups.values()) == summary.all.messages
        assert sum((g.total_usd or Decimal(0)) for g in groups.values()) == (summary.all.total_usd or Decimal(0))
        assert sum(g.unpriced_calls for g in groups.values()) == summary.all.unpriced_calls


def test_two_windows_are_compared_by_when_their_messages_came() -> None:
    """A judge's call of an hour later belongs to the message that it judges: 1 + 4 cents the day before, 3 now."""
    split = NOW - timedelta(hours=24)
    late = replace(entry("a", "0.04", split + timedelta(hours=1), n=1), message_at=split - timedelta(seconds=1))
    found = compare(
        MemorySums([entry("a", "0.01", split - timedelta(seconds=1)), late, entry("b", "0.03", split)]), 24, NOW
    )
    assert (found.before.all.messages, found.before.all.mean_usd) == (1, Decimal("0.05"))
    assert (found.last.all.messages, found.last.all.mean_usd) == (1, Decimal("0.03"))


def test_evaluations_are_compared_apart() -> None:
    cases = MemorySums([replace(entry("c", "9"), purpose="evaluation", serves="evaluation"), entry("a", "1")])
    assert compare(cases, 24, NOW).last.all.mean_usd == 1
    assert compare(cases, 24, NOW, "evaluation").last.all.mean_usd == 9


def test_model_and_purpose_say_their_part_of_a_messages_cost() -> None:
    """Messages of 1 + 3 and of 2 cents: of the mean of 3, (1 + 2) / 2 are the assistant's and 3 / 2 the judge's."""
    judged = replace(entry("a", "0.03", n=2), purpose="judge", model_snapshot="judge")
    by = summarise([entry("a", "0.01"), judged, entry("b", "0.02")]).by
    half = Decimal("0.015")
    assert {name: of.mean_usd for name, of in by["purpose"].items()} == {"judge": half, "assistant": half}
    assert {name: of.mean_usd for name, of in by["model"].items()} == {"judge": half, "gpt-4.1-mini": half}


def test_what_an_unpriced_model_takes_is_unknown_and_not_zero() -> None:
    """Beside priced messages of 1 cent: also for a call with a price in a message that has none. A free one costs 0."""
    unpriced = replace(entry("b", None), model_snapshot="aaa")
    beside = replace(entry("b", "0.02", n=1), purpose="moderation", model_snapshot="rail")
    free = replace(entry("c", "0"), model_snapshot="own-machine")
    by = summarise([entry("a", "0.01"), unpriced, beside, free]).by
    means = {name: (of.mean_usd, of.total_usd, of.a_message(of.input_tokens)) for name, of in by["model"].items()}
    assert means["aaa"] == means["rail"] == (None, None, None)
    assert means["own-machine"] == (0, 0, 5), "10 tokens over two priced messages"
    assert list(by["model"]) == ["gpt-4.1-mini", "own-machine", "aaa", "rail"], "the unknown come last"
    assert by["purpose"]["moderation"].mean_usd is None


def test_tokens_are_those_of_messages_with_a_known_cost() -> None:
    """Two messages of 10 tokens in and 5 out, one of them unpriced."""
    found = figures([entry("a", "0.01"), entry("b", None)])
    assert (found.a_message(found.input_tokens), found.a_message(found.output_tokens)) == (10, 5)


def test_a_ledger_on_disk_is_compared_as_the_entries_are(tmp_path: Path) -> None:
    entries = [
        entry("a", "0.01", NOW - timedelta(hours=25)),
        replace(entry("b", "0.02"), prompt_version="1.1.0", locale="en"),
        replace(entry("b", "0.001", n=1), purpose="moderation", prompt_version="1.1.0", locale="en", usage=Usage(0, 0)),
        entry("c", None),
    ]
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.record(entries)
    assert compare(ledger, 24, NOW) == compare(MemorySums(entries), 24, NOW)
    ledger.close()


def test_figures_as_of_a_mark_leave_out_what_came_later(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.record([entry("a", "0.01")])
    mark = ledger.mark()
    ledger.record([entry("late", "0.09")])
    assert compare(ledger, 24, NOW, as_of=mark).last.all.mean_usd == Decimal("0.01")
    assert compare(ledger, 24, NOW).last.all.mean_usd == Decimal("0.05")
    ledger.close()


OCTOBER = Rates(date(2026, 10, 1), Decimal(5), None, "PTAX")
NOVEMBER = Rates(date(2026, 11, 19), Decimal(6), Decimal("0.9"), "PTAX, ECB")


def rated(made: LedgerEntry, rates: Rates | None) -> LedgerEntry:
    return replace(made, cost=replace(made.cost, rates=rates))


def test_reais_of_a_window_are_those_of_its_entries() -> None:
    """A dollar at 5 reais and one at 6 are 11 reais, 5.50 a message; only the second has a rate in euros."""
    entries = [rated(entry("a", "1", LAST - timedelta(days=20)), OCTOBER), rated(entry("b", "1"), NOVEMBER)]
    found = compare(MemorySums(entries), 24 * 30, NOW).last.all
    assert found.brl
    assert found.eur
    assert found.brl.total == sum(e.cost.brl or 0 for e in entries) == 11
    assert (found.brl.mean, found.brl.is_whole) == (Decimal("5.5"), True)
    assert (found.brl.first_rate_on, found.brl.last_rate_on) == (OCTOBER.on, NOVEMBER.on)
    assert (found.eur.total, found.eur.is_whole) == (Decimal("0.9"), False)


def test_a_prompt_has_its_own_reais_and_a_message_of_two_rates_makes_them_a_lower_bound() -> None:
    """The older version's dollar is 5 reais. Of the newer's 1 and 2 + 4 dollars only the first is of one rate, but of
    the whole every call's is known: 5 + 6 + 2 x 5 + 4 x 6 = 45."""
    newer = {"prompt_version": "1.1.0"}
    calls = (
        ("a", "1", OCTOBER, {}),
        ("b", "1", NOVEMBER, newer),
        ("c", "2", OCTOBER, newer),
        ("c", "4", NOVEMBER, newer),
    )
    entries = [
        replace(rated(entry(name, usd, n=n), rates), **other) for n, (name, usd, rates, other) in enumerate(calls)
    ]
    found = compare(MemorySums(entries), 24, NOW).last
    old, new = (found.by["prompt"][f"gestante/triagem@{version}"].brl for version in ("1.0.0", "1.1.0"))
    assert old
    assert new
    assert found.all.brl
    assert (old.total, old.is_whole) == (5, True)
    assert (new.total, new.is_whole) == (6, False)
    assert (found.all.brl.total, found.all.brl.is_whole) == (45, True)


def test_without_a_rate_reais_are_unknown() -> None:
    assert figures([entry("a", "1")]).brl is None
    unpriced = figures([rated(entry("a", None), NOVEMBER)])
    assert unpriced.brl is None


def test_the_figures_are_of_real_messages_where_there_are_any() -> None:
    test = [replace(entry("s", "9", at), is_simulated=True) for at in (LAST, LAST - timedelta(days=1))]
    both, alone = (compare(MemorySums(entries), 24, NOW) for entries in ([*test, entry("a", "0.01")], test))
    assert (both.last.all.mean_usd, both.before.all.messages, both.is_simulated) == (Decimal("0.01"), 0, False)
    assert (alone.last.all.mean_usd, alone.before.all.messages, alone.is_simulated) == (9, 1, True)
