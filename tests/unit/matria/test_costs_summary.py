"""Figures per message, on entries small enough to sum by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.summary import figures, summarise

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
