"""The nurses' week in MLflow: a trace for each item that was drawn, and what was said of it as assessments.

Both are masked. A trace holds what the nurse read and, apart, where it came from; MLflow is for those who reckon, and
no nurse is led there.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from matria.errors import TrackingError
from matria.trace_keys import traces_of

if TYPE_CHECKING:
    from evals.review.base import Batch, Origin, Review, ReviewItem
    from flows.wiring import Platform
    from matria.assessments import Assessment
    from matria.tracking import TraceRecord

EXPERIMENT = "matria.review"
FORM = "assessments"
"""Name of the cursor: the sequence up to which all answers are assessments."""

log = logging.getLogger(__name__)


def keep_record(platform: "Platform", now: datetime | None = None) -> str:
    """One line on what is new in MLflow of the newest batches, or why nothing is: the week goes on without it.

    What could not be written now is written the next time.
    """
    newest = platform.policy.count("review.rolling_weeks")
    try:
        platform.tracking.require_up()
        traced = sum(trace_items(platform, batch, now) for batch in platform.reviews.batches(newest))
        said = assess(platform, now)
    except TrackingError as error:
        log.warning("the nurses' week is not in MLflow yet: %s", error)
        return f"NOT IN MLFLOW: {error}"
    return f"{traced} new traces and {said} assessments in MLflow"


def trace_items(platform: "Platform", batch: "Batch", now: datetime | None = None) -> int:
    """How many items of the batch have a trace that had none noted. Raises `TrackingError`, and then none is lost.

    What a run wrote that ended before it could note it is noted, or forgotten where the item was erased meanwhile.
    """
    items = platform.reviews.items(batch.batch_id)
    forget_traces(platform, [item.item_id for item in items if item.is_erased])
    origins = {origin.item_id: origin for origin in platform.reviews.origins([item.item_id for item in items])}
    sampled = [item for item in items if item.kind == "sampled" and not item.is_erased]
    untraced = [item for item in sampled if not origins[item.item_id].trace_id]
    if not untraced:
        return 0
    known = traces_of(platform.tracking, EXPERIMENT, [item.item_id for item in untraced])
    for item_id, (oldest, *_) in known.items():
        platform.reviews.set_trace(item_id, oldest)
    if missing := [item for item in untraced if item.item_id not in known]:
        _write(platform, batch, missing, origins, now or datetime.now(UTC))
    # Of what was erased while the traces were written none stays.
    now_known = platform.reviews.items(item_ids=[item.item_id for item in untraced])
    forget_traces(platform, [item.item_id for item in now_known if item.is_erased])
    return len(untraced)


def _write(
    platform: "Platform",
    batch: "Batch",
    items: "Sequence[ReviewItem]",
    origins: "Mapping[str, Origin]",
    now: datetime,
) -> None:
    with platform.tracking.start(
        "review-batch",
        subject=batch.batch_id,
        data_version=batch.batch_id,
        is_simulated=batch.is_simulated,
        tags={"week": batch.batch_id},
        now=now,
    ) as run:
        run.log_metrics({"items": float(len(items)), "conversations": float(batch.population)})
        ids = run.log_traces([_trace(item, origins[item.item_id], batch) for item in items])
    for item, trace_id in zip(items, ids, strict=True):
        platform.reviews.set_trace(item.item_id, trace_id)


def assess(platform: "Platform", now: datetime | None = None) -> int:
    """How many assessments are new or changed, of the reviews that were settled since the last time.

    What they are of has a trace first, whoever asks. Raises `TrackingError`; the next call begins again where this one
    began.
    """
    from evals.review.settling import settled_by
    from matria.assessments import Assessments

    at = now or datetime.now(UTC)
    since = int(platform.reviews.cursor(FORM) or 0)
    fresh = [one for one in platform.reviews.settled(settled_by(platform.policy, at)) if one.sequence > since]
    if not fresh:
        return 0
    read = [review.item_id for review in fresh]
    weeks = {item.batch_id for item in platform.reviews.items(item_ids=read)}
    for batch in platform.reviews.batches(newest=10_000):
        if batch.batch_id in weeks:
            trace_items(platform, batch, at)
    origins = {one.item_id: one for one in platform.reviews.origins(read)}
    given = [one for review in fresh for one in _assessments(review, origins[review.item_id])]
    changed = Assessments(platform.tracking).log(given)
    platform.reviews.set_cursor(FORM, str(_up_to(platform, fresh, since, at)))
    return changed


def _up_to(platform: "Platform", fresh: "Sequence[Review]", since: int, now: datetime) -> int:
    """The sequence before the first review that may still be undone, else that of the last one of all."""
    known = {one.sequence for one in fresh}
    last = max(known)
    standing = platform.reviews.settled(now + timedelta(days=1))
    waiting = [one.sequence for one in standing if since < one.sequence < last and one.sequence not in known]
    return min(waiting, default=last + 1) - 1


def forget_traces(platform: "Platform", item_ids: Sequence[str]) -> int:
    """How many traces of these items are gone, noted or not, with what was said of them. Raises `TrackingError`."""
    from matria.assessments import Assessments

    if not item_ids:
        return 0
    platform.tracking.require_up()
    noted = [one.trace_id for one in platform.reviews.origins(item_ids) if one.trace_id]
    carrying = traces_of(platform.tracking, EXPERIMENT, item_ids).values()
    return Assessments(platform.tracking).forget(EXPERIMENT, list(dict.fromkeys(chain(noted, *carrying))))


def _trace(item: "ReviewItem", origin: "Origin", batch: "Batch") -> "TraceRecord":
    from matria.tracking import TraceRecord

    return TraceRecord(
        name="review.item",
        inputs={"messages": [{"role": said.role, "content": said.text} for said in item.conversation[:-1]]},
        outputs={"shown_text": item.conversation[-1].text},
        attributes={
            "prompts": list(origin.prompts),
            "models": list(origin.models),
            "outcomes": list(origin.outcomes),
            "stratum": origin.stratum,
            "probability": origin.probability,
            "judges": [{"criterion": one.criterion, "met": one.met, "judge": one.judge} for one in origin.verdicts],
        },
        tags={"week": batch.batch_id, "locale": item.locale, "persona": item.persona},
        key=item.item_id,
    )


def _assessments(review: "Review", origin: "Origin") -> "Iterator[Assessment]":
    """One for each question; the comment stands beside each."""
    from matria.assessments import Assessment

    if origin.trace_id:
        for question, answer in review.answers.given.items():
            yield Assessment(origin.trace_id, question, answer, review.reviewer_id, review.answers.comment)
