"""Figures per message and the 24-hour rule, on entries small enough to sum by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.summary import figures, summarise, watch
from matria.policy import Policy, Threshold, load_policy

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LAST, BEFORE = NOW - timedelta(hours=1), NOW - timedelta(hours=25)


def policy(min_messages: int = 2, max_rise: float = 0.2, max_unpriced: float = 0.01) -> Policy:
    values = {"min_messages": min_messages, "max_rise_24h": max_rise, "max_unpriced_share": max_unpriced}
    thresholds = {f"costs.{k}": Threshold(f"costs.{k}", float(v), "unit", "a test") for k, v in values.items()}
    return Policy(thresholds, "digest")


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
    assert (found.unpriced_calls, found.unpriced_messages) == (1, 1)
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


def window(at: datetime, *usd: str | None) -> list[LedgerEntry]:
    return [entry(f"{at}-{n}", cost, at) for n, cost in enumerate(usd)]


def test_a_rise_above_the_policy_is_an_alert_that_says_how_much() -> None:
    """Means 1.00 and 1.25 cents: +25 %, above 20 %."""
    found = watch(window(BEFORE, "0.01", "0.01") + window(LAST, "0.01", "0.015"), NOW, policy())
    assert found.state == "alert"
    assert found.change == pytest.approx(0.25)
    assert "25.0%" in found.reasons[0]


def test_a_rise_of_exactly_the_policy_is_fine() -> None:
    found = watch(window(BEFORE, "0.01", "0.01") + window(LAST, "0.012", "0.012"), NOW, policy())
    assert (found.state, found.reasons) == ("fine", ())
    assert found.change == pytest.approx(0.2)


def test_a_fall_is_fine() -> None:
    found = watch(window(BEFORE, "0.02", "0.02") + window(LAST, "0.01", "0.01"), NOW, policy())
    assert found.state == "fine"


def test_too_few_messages_in_either_window_are_no_data() -> None:
    for entries in ([], window(BEFORE, "1", "1"), window(LAST, "9", "9"), window(BEFORE, "1") + window(LAST, "9", "9")):
        found = watch(entries, NOW, policy())
        assert found.state == "no_data"
        assert found.reasons


def test_unpriced_messages_do_not_count_towards_enough() -> None:
    found = watch(window(BEFORE, "1", "1") + window(LAST, "1", None), NOW, policy(max_unpriced=0.9))
    assert found.state == "no_data"


def test_too_many_unpriced_calls_are_an_alert_of_their_own() -> None:
    found = watch(window(BEFORE, "1", "1") + window(LAST, "1", "1", None), NOW, policy())
    assert found.state == "alert"
    assert "1 of 3 calls" in found.reasons[0]


def test_unpriced_calls_alert_even_where_there_is_too_little_to_compare() -> None:
    found = watch(window(LAST, None), NOW, policy())
    assert found.state == "alert"
    assert len(found.reasons) == 3


def test_evaluations_are_left_out() -> None:
    evaluated = [replace(e, purpose="evaluation") for e in window(LAST, "9", "9")]
    assert watch(window(BEFORE, "1", "1") + evaluated, NOW, policy()).state == "no_data"


def test_a_message_across_the_boundary_counts_once_in_the_window_of_its_first_call() -> None:
    """The second call of message a, 1 s after midnight of the rule, is part of its cost of the day before."""
    split = NOW - timedelta(hours=24)
    entries = [
        entry("a", "0.01", split - timedelta(seconds=1)),
        entry("a", "0.01", split + timedelta(seconds=1)),
        entry("b", "0.02", BEFORE),
        *window(LAST, "0.02", "0.02"),
    ]
    found = watch(entries, NOW, policy())
    assert (found.before.messages, found.last.messages) == (2, 2)
    assert found.change == pytest.approx(0.0)


def test_a_rise_from_nothing_is_an_alert_without_a_ratio() -> None:
    found = watch(window(BEFORE, "0", "0") + window(LAST, "1", "1"), NOW, policy())
    assert (found.state, found.change) == ("alert", None)
    assert watch(window(BEFORE, "0", "0") + window(LAST, "0", "0"), NOW, policy()).state == "fine"


def test_windows_end_before_now_and_start_48_hours_ago() -> None:
    outside = [*window(NOW, "9", "9"), *window(NOW - timedelta(hours=49), "9", "9")]
    found = watch(outside + window(BEFORE, "1", "1") + window(LAST, "1", "1"), NOW, policy())
    assert found.state == "fine"
    assert (found.before.messages, found.last.messages) == (2, 2)


def test_the_thresholds_of_the_checkout_are_there(root: Path) -> None:
    assert watch([], NOW, load_policy(root / "policy.yaml")).state == "no_data"
