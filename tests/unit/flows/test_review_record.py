"""What nurses said comes to MLflow whoever asks first, of the emptiest answer too, whatever was erased meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from review_parts import MONDAY, made_platform, person, read, talk

from evals.review.base import Batch, Review
from evals.review.records import ReviewRecords
from flows.steps.review import draw_week
from flows.steps.review_record import EXPERIMENT, assess, keep_record, trace_items
from flows.steps.transcripts import erase_conversation
from flows.wiring import Platform
from matria.assessments import Assessments
from matria.errors import StorageError, TrackingError
from matria.tracking import TraceRecord
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


class Ending:
    """Records of a process that ends once its traces are written: none is noted."""

    def __init__(self, records: ReviewRecords) -> None:
        self._records = records

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)

    def set_trace(self, item_id: str, trace_id: str) -> None:
        raise StorageError("The process ended.")


class Away:
    """An MLflow that does not answer."""

    uri = "http://127.0.0.1:9"

    def require_up(self) -> None:
        raise TrackingError("MLflow does not answer.")


def end_before_noting(platform: Platform) -> Batch:
    """The batch, whose traces are all written and none noted."""
    (batch,) = platform.reviews.batches()
    records = platform.reviews
    vars(platform)["reviews"] = Ending(records)
    with pytest.raises(StorageError):
        trace_items(platform, batch, DRAWN)
    vars(platform)["reviews"] = records
    assert len(traces(platform)) == 4
    assert not any(one.trace_id for one in records.origins())
    return batch


def traces(platform: Platform) -> dict[str, str]:
    """What MLflow holds: the answer that was shown, by trace."""
    with platform.tracking.speaking() as client:
        experiment = client.get_experiment_by_name(EXPERIMENT)
        found = client.search_traces(locations=[experiment.experiment_id])
    return {trace.info.trace_id: str(trace.data.spans[0].inputs) for trace in found}


def item_of(platform: Platform, conversation_id: str) -> str:
    (item_id,) = (one.item_id for one in platform.reviews.origins() if one.conversation_id == conversation_id)
    return item_id


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


def test_a_run_that_ended_before_it_noted_its_traces_is_taken_up_without_a_second_one(platform: Platform) -> None:
    batch = end_before_noting(platform)
    written = traces(platform)
    assert trace_items(platform, batch, DRAWN) == 4
    assert (traces(platform), trace_items(platform, batch, DRAWN)) == (written, 0)
    assert {one.trace_id for one in platform.reviews.origins()} == set(written)
    (hers,) = platform.reviews.origins([item_of(platform, ERASED)])
    assert "Estou sangrando" in written[hers.trace_id], "each has its own"
    assert erase_conversation(platform, ERASED).traces == 1
    assert set(traces(platform)) == set(written) - {hers.trace_id}


def test_an_erasure_reaches_what_was_written_and_never_noted_or_does_not_say_so(platform: Platform) -> None:
    end_before_noting(platform)
    tracking = platform.tracking
    vars(platform)["tracking"] = Away()
    with pytest.raises(TrackingError):
        erase_conversation(platform, ERASED)
    vars(platform)["tracking"] = tracking
    assert erase_conversation(platform, ERASED).traces == 1
    assert len(traces(platform)) == 3
    assert not any("Estou sangrando" in said for said in traces(platform).values())


def test_an_erasure_takes_every_trace_of_an_item_the_one_without_its_key_too(platform: Platform) -> None:
    """Two runs may write at once, and what is noted of an earlier version carries no key."""
    (batch,) = platform.reviews.batches()
    item_id = item_of(platform, ERASED)
    hers = [TraceRecord("review.item", {"m": "Estou sangrando"}, {}, {}, {}, key) for key in (item_id, item_id, "")]
    with platform.tracking.start(
        "review-batch", subject="2026-W47", data_version="2026-W47", is_simulated=False, tags={"week": batch.batch_id}
    ) as run:
        *_, unkeyed = run.log_traces(hers)
    platform.reviews.set_trace(item_id, unkeyed)
    assert trace_items(platform, batch, DRAWN) == 3
    assert len(traces(platform)) == 6
    assert erase_conversation(platform, ERASED).traces == 3
    assert len(traces(platform)) == 3
    assert not any("Estou sangrando" in said for said in traces(platform).values())


def test_what_was_written_of_an_item_while_it_was_erased_goes_with_the_next_run(platform: Platform) -> None:
    """Its erasure looked into MLflow before the trace was there, and the run that wrote it ended."""
    batch = end_before_noting(platform)
    assert platform.reviews.erase([ERASED]) == 1
    assert trace_items(platform, batch, DRAWN) == 3
    assert len(traces(platform)) == 3
    assert not any("Estou sangrando" in said for said in traces(platform).values())
