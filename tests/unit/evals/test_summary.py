"""What one version came to: HealthBench's quality, axes, never-events, and money that is never guessed."""

from decimal import Decimal

import numpy as np
import pytest
from comparison_rows import result, row, side

from evals.confirmation import CONFIRMATION_EPOCH
from evals.rows import AnswerError, Entry, Meter, Row
from evals.summary import by_prompt, summarise
from matria.policy import Policy


def entries(rows: list[Row], usd: str | None = "0.002") -> list[Entry]:
    return [Entry(r, Meter(r.key, 10.0, usd, "priced" if usd else "unpriced"), ("head",)) for r in rows]


def test_quality_is_the_mean_of_unclipped_scores_clipped_at_the_end(policy: Policy) -> None:
    rows = [row("a.en", [result("x", "tone", 4, True)]), row("b.en", [result("x", "tone", 4, False)] * 1)]
    rows.append(row("c.en", [result("x", "tone", 4, False), result("y", "tone", -8, True)]))
    summary = summarise(entries(rows), policy)
    assert summary.quality == 0.0, "(1 + 0 - 2) / 3 is below 0"
    assert (summary.cases, summary.scored, summary.quality_low) == (3, 3, None)


def test_epochs_count_as_one_case(policy: Policy) -> None:
    rows = [row(f"c{n}.en", [result("x", "tone", 4, e == 0)], epoch=e) for n in range(6) for e in (0, 1)]
    summary = summarise(entries(rows), policy)
    assert (summary.cases, summary.quality, summary.quality_low, summary.quality_high) == (6, 0.5, 0.5, 0.5)
    assert [(axis.axis, axis.cases, axis.mean) for axis in summary.axes] == [("tone", 6, 0.5)]


def test_never_events_are_listed_once(policy: Policy) -> None:
    rows = [row("a.en", [result("x", "tone", 4, False, never=True)], epoch=e) for e in (0, 1)]
    assert summarise(entries(rows), policy).never_events == (("a.en", "Text of x."),)


def test_what_has_no_answer_is_missing_and_not_zero(policy: Policy) -> None:
    rows = [row("a.en", [], error=AnswerError("ModelError", "away"))]
    summary = summarise(entries(rows), policy)
    assert summary.quality is None
    assert summary.counts.answer_errors == 1
    assert summary.spend.usd is None


@pytest.mark.parametrize(("usd", "total", "each"), [("0.002", Decimal("0.006"), Decimal("0.002")), (None, None, None)])
def test_an_unknown_price_is_never_zero(
    policy: Policy, usd: str | None, total: Decimal | None, each: Decimal | None
) -> None:
    rows = side("head", [True] * 3)
    spent = summarise(entries(rows, usd), policy).spend
    assert (spent.answers, spent.usd, spent.usd_per_answer, spent.latency_ms) == (3, total, each, 10.0)


def test_each_prompt_has_its_summary(policy: Policy) -> None:
    rows = side("head", [True] * 2) + side("head", [False] * 2, locale="pt-PT")
    summaries = by_prompt(entries(rows), policy)
    assert {name: s.quality for name, s in summaries.items()} == {
        "gestante/triagem.en": 1.0,
        "gestante/triagem.pt-PT": 0.0,
    }


def test_answers_that_confirm_are_paid_for_and_not_scored(policy: Policy) -> None:
    rows = side("head", [True] * 6)
    again = [row("case-00.en", [result("c1", "danger_signs", 10, False)], epoch=CONFIRMATION_EPOCH)]
    once, often = summarise(entries(rows), policy), summarise(entries([*rows, *again]), policy)
    assert (often.quality, often.cases, often.counts) == (once.quality, once.cases, once.counts)
    assert often.spend.answers == once.spend.answers + 1


def test_latency_is_said_by_its_median_and_where_95_in_100_lie(policy: Policy) -> None:
    rows, waits = side("head", [True] * 11), [50.0, 10, 90, 30, 20, 60, 70, 80, 40, 100, 900]
    taken = [Entry(r, Meter(r.key, wait), ("head",)) for r, wait in zip(rows, waits, strict=True)]
    spent = summarise(taken, policy).spend
    assert (spent.latency_ms, spent.latency_p95_ms) == pytest.approx(tuple(np.percentile(waits, [50, 95])))


def test_twins_are_one_conversation_in_the_interval_of_the_quality(policy: Policy) -> None:
    rows = [r for locale in ("en", "pt-PT") for r in side("head", [True] * 4, locale=locale)]  # type: ignore[arg-type]
    assert summarise(entries(rows), policy).quality_low is None
