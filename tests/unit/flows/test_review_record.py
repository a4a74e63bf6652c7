"""What nurses said comes to MLflow whoever asks first, of the emptiest answer too, whatever was erased meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from review_parts import MONDAY, made_platform, person, read, talk

from evals.review.base import Review
from flows.steps.review import draw_week
from flows.steps.review_record import assess, keep_record
from flows.steps.transcripts import erase_conversation
from flows.wiring import Platform
from matria.assessments import Assessments
from matria.transcripts.base import Exchange

ERASED = "e" * 64
"""A conversation by its hash."""
DRAWN = MONDAY + timedelta(hours=8)
SETTLED = DRAWN + timedelta(days=1)


@pytest.fixture
def platform(tmp_path: Path, mlflow_in: Callable[[Path], Path]) -> Platform:
    """Three conversations and one of an empty question, drawn."""
    mlflow_in(tmp_path / "mlflow")
    platform = made_platform(tmp_path)
    person(platform, "a")
    talk(platform, 3)
    assert platform.transcripts is not None
    empty = Exchange(
        ERASED, "m-e", MONDAY - timedelta(days=2), "pt-BR", "gestante", "", "Estou sangrando", "", "left",
        "gestante/triagem", "1.0.0", "hash", "simulator-1", is_simulated=_is_simulated(platform),
    )  # fmt: skip
    platform.transcripts.keep(empty)
    draw_week(platform, now=DRAWN, judge=lambda *_: {})
    return platform


def _is_simulated(platform: Platform) -> bool:
    assert platform.transcripts is not None
    return next(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY)).last.is_simulated


def standing(platform: Platform, review: Review) -> set[str]:
    (origin,) = platform.reviews.origins([review.item_id])
    return {one.name for one in Assessments(platform.tracking).of(origin.trace_id)}


def test_reviews_that_are_reported_before_any_trace_was_made_lose_no_assessment(platform: Platform) -> None:
    for one in platform.reviews.assignments():
        read(platform, one, DRAWN)
    assert assess(platform, SETTLED) == 4 * 6
    assert all(standing(platform, review) for review in platform.reviews.settled(SETTLED)), "the empty answer's too"
    assert assess(platform, SETTLED) == 0


def test_a_conversation_that_is_erased_meanwhile_keeps_no_other_out(platform: Platform) -> None:
    of = {one.item_id: one.conversation_id for one in platform.reviews.origins()}
    gone, *others = sorted(platform.reviews.assignments(), key=lambda one: of[one.item_id] != ERASED)
    keep_record(platform, DRAWN)
    read(platform, gone, DRAWN)
    erased = erase_conversation(platform, ERASED)
    assert (erased.items, erased.traces) == (1, 1)
    read(platform, others[0], DRAWN)
    assert "6 assessments" in keep_record(platform, SETTLED)
