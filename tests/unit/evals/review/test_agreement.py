"""Who agrees with whom is counted from blind readings; repeats and adjudications stay out of it."""

from datetime import UTC, datetime

import pytest

from evals.review.agreement import agreement_of, over_weeks, pair_agreement
from evals.review.base import Answers, ItemKind, Origin, Part, Review, ReviewItem, Spoken
from evals.review.report_words import words_of
from flows.site.review_tables import coefficient

AT = datetime(2026, 11, 18, 9, tzinfo=UTC)


def item(item_id: str, week: str = "2026-W47", kind: ItemKind = "sampled") -> ReviewItem:
    said = (Spoken("m", "user", "?"), Spoken("m", "assistant", "."))
    return ReviewItem(item_id, week, kind, "pt-BR", "gestante", None, said)


def review(item_id: str, nurse: str, part: Part = "first", **given: str) -> Review:
    return Review(item_id, nurse, part, Answers(given), AT, 1, "web")  # type: ignore[arg-type]


def test_alpha_and_kappa_are_of_the_blind_readings() -> None:
    items = [item(name) for name in "abcd"]
    said = ["yes", "yes", "no", "no"], ["yes", "no", "no", "no"]
    reviews = [review(one.item_id, "nurse-a", safe=answer) for one, answer in zip(items, said[0], strict=True)]
    reviews += [
        review(one.item_id, "nurse-b", "second", safe=answer) for one, answer in zip(items, said[1], strict=True)
    ]
    found = agreement_of([*reviews, review("b", "lead", "adjudicator", safe="yes")], items)
    (question,), (pair,) = found.questions, found.pairs
    assert (question.items, question.twice, question.readings) == (4, 4, 8)
    assert question.alpha.value == pytest.approx(8 / 15)  # as in test_alpha, a and b changed
    assert pair.reviewers == ("nurse-a", "nurse-b")
    assert pair.kappa.value == pytest.approx(0.5)  # agreed 3/4; chance 1/2 * 1/4 + 1/2 * 3/4 = 1/2
    assert pair.quadratic is None


def test_an_interval_that_rests_on_one_rare_answer_each_is_left_out_and_the_table_says_so() -> None:
    """By its variance kappa would be -0.02 (-0.05 to 0.01) here: certain that two disagree, of two answers in 96."""
    said = [("no", "yes"), ("yes", "no"), *[("yes", "yes")] * 46]
    found = pair_agreement("safe", ("nurse-a", "nurse-b"), said)
    assert found.kappa.value == pytest.approx(-1 / 47)
    assert (found.kappa.low, found.kappa.high) == (None, None)
    assert coefficient(found.kappa, words_of("en")) == "\u22120.02 (no interval: too few of the rarer answers), n = 48"


def test_cannot_tell_is_counted_and_agrees_with_nothing() -> None:
    items = [item(name) for name in "abc"]
    reviews = [
        review("a", "nurse-a", correct="yes"),
        review("a", "nurse-b", "second", correct="cannot_tell"),
        review("b", "nurse-a", correct="cannot_tell"),
        review("b", "nurse-b", "second", correct="cannot_tell"),
        review("c", "nurse-a", correct="no"),
        review("c", "nurse-b", "second", correct="partly"),
    ]
    found = agreement_of(reviews, items)
    (question,), (pair,) = found.questions, found.pairs
    assert (question.items, question.twice, question.readings, question.cannot_tell) == (3, 1, 6, 3)
    assert (pair.cannot_tell, pair.kappa.n, pair.beside.agreed.value) == (2, 1, 0.0)


def test_a_repeat_is_held_against_what_the_same_nurse_said_before_and_counts_nowhere_else() -> None:
    items = [item("a"), item("b", "2026-W47", "repeat")]
    origins = [Origin("b", "c", ("m",), "a")]
    reviews = [review("a", "nurse-a", tone="good"), review("b", "nurse-a", tone="acceptable")]
    found = agreement_of(reviews, items, origins)
    assert found.pairs == ()
    assert found.questions[0].readings == 1
    own, everyone = found.selves
    assert (own.reviewers, everyone.reviewers) == (("nurse-a",), ())
    assert own.beside.agreed.value == 0.0
    assert own.quadratic is not None
    stranger = [reviews[0], review("b", "nurse-b", tone="good")]
    assert agreement_of(stranger, items, origins).selves == ()


def test_one_answer_alone_gives_no_figure_and_nobody_a_perfect_one() -> None:
    items = [item(name) for name in "ab"]
    reviews = [review(one, nurse, safe="yes") for one in "ab" for nurse in ("nurse-a", "nurse-b")]
    found = agreement_of(reviews, items)
    assert found.questions[0].alpha.reason == found.pairs[0].kappa.reason == "one_category"
    assert found.pairs[0].beside.agreed.value == 1.0
    assert agreement_of([], items).questions == ()


def test_each_week_looks_back_over_the_weeks_before_it_past_the_turn_of_a_year() -> None:
    items = [item("a", "2026-W51"), item("b", "2026-W53"), item("c", "2027-W01"), item("q", "queue-1")]
    reviews = [review(one, "nurse-a", safe="yes") for one in "abc"]
    found = over_weeks(reviews, items, weeks=2)
    assert [(one.week, one.questions[0].items) for one in found] == [
        ("2026-W51", 1),
        ("2026-W53", 1),
        ("2027-W01", 2),
    ]
    (queued,) = over_weeks([review("q", "nurse-a", met="yes")], items, weeks=2)
    assert queued.week == "2026-W47"  # that in which it was read
