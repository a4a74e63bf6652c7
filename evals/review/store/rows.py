"""Nouns of the nurses' week as rows, and rows as nouns; what is never asked for by itself lies as JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from evals.review.base import (
    Absence,
    Answers,
    AskedCriterion,
    Assignment,
    Batch,
    Highlight,
    JudgeVerdict,
    Origin,
    Review,
    Reviewer,
    ReviewItem,
    Spoken,
    Stratum,
)
from evals.review.store.database import microseconds, moment

Row = dict[str, Any]
_ORIGIN_TUPLES = ("message_ids", "prompts", "models", "outcomes")
_ORIGIN_VALUES = ("stratum", "probability", "suite", "case", "is_simulated")


def batch_row(batch: Batch) -> Row:
    """Of `review_batches`."""
    return {
        "batch_id": batch.batch_id,
        "since_us": microseconds(batch.since),
        "until_us": microseconds(batch.until),
        "drawn_us": microseconds(batch.drawn_at),
        "seed": str(batch.seed),
        "state": batch.state,
        "strata": _json([asdict(stratum) for stratum in batch.strata]),
        "is_simulated": int(batch.is_simulated),
        "missed": _json(batch.missed),
    }


def batch_of(row: Any) -> Batch:
    """The week of a row."""
    return Batch(
        batch_id=row.batch_id,
        since=moment(row.since_us),
        until=moment(row.until_us),
        drawn_at=moment(row.drawn_us),
        seed=int(row.seed),
        state=row.state,
        strata=tuple(Stratum(**one) for one in json.loads(row.strata)),
        is_simulated=bool(row.is_simulated),
        missed=tuple(json.loads(row.missed)),
    )


def item_row(item: ReviewItem, erased_us: int | None) -> Row:
    """Of `review_items`; what it says must be masked by then."""
    return {
        "item_id": item.item_id,
        "batch_id": item.batch_id,
        "kind": item.kind,
        "locale": item.locale,
        "persona": item.persona,
        "stage": item.stage,
        "conversation": conversation_cell(item.conversation),
        "criterion": None if item.criterion is None else _json(asdict(item.criterion)),
        "erased_us": erased_us,
    }


def item_of(row: Any) -> ReviewItem:
    """The item of a row."""
    return ReviewItem(
        item_id=row.item_id,
        batch_id=row.batch_id,
        kind=row.kind,
        locale=row.locale,
        persona=row.persona,
        stage=row.stage,
        conversation=conversation_of(row.conversation),
        criterion=None if row.criterion is None else AskedCriterion(**json.loads(row.criterion)),
        is_erased=row.erased_us is not None,
    )


def conversation_cell(conversation: Iterable[Spoken]) -> str:
    """The messages as they lie in `review_items`."""
    return _json([[spoken.message_id, spoken.role, spoken.text] for spoken in conversation])


def conversation_of(cell: str) -> tuple[Spoken, ...]:
    """The messages of a cell."""
    return tuple(Spoken(*one) for one in json.loads(cell))


def origin_row(origin: Origin) -> Row:
    """Of `review_origins`."""
    facts: Row = {name: getattr(origin, name) for name in (*_ORIGIN_TUPLES, *_ORIGIN_VALUES)}
    facts["verdicts"] = [asdict(verdict) for verdict in origin.verdicts]
    named = {name: getattr(origin, name) for name in ("item_id", "conversation_id", "source", "trace_id")}
    return {**named, "facts": _json(facts)}


def origin_of(row: Any) -> Origin:
    """The origin of a row."""
    facts = json.loads(row.facts)
    kept: Row = {name: tuple(facts[name]) for name in _ORIGIN_TUPLES} | {name: facts[name] for name in _ORIGIN_VALUES}
    return Origin(
        item_id=row.item_id,
        conversation_id=row.conversation_id,
        source=row.source,
        trace_id=row.trace_id,
        verdicts=tuple(JudgeVerdict(**one) for one in facts["verdicts"]),
        **kept,
    )


def reviewer_row(reviewer: Reviewer) -> Row:
    """Of `review_people`, her address in lower case."""
    return {
        "reviewer_id": reviewer.reviewer_id,
        "name": reviewer.name,
        "address": reviewer.address.strip().lower(),
        "role": reviewer.role,
        "languages": _json(reviewer.languages),
        "absences": _json([[one.first.isoformat(), one.last.isoformat()] for one in reviewer.absences]),
        "is_active": int(reviewer.is_active),
    }


def reviewer_of(row: Any) -> Reviewer:
    """The person of a row."""
    return Reviewer(
        reviewer_id=row.reviewer_id,
        name=row.name,
        address=row.address,
        role=row.role,
        languages=tuple(json.loads(row.languages)),
        absences=tuple(
            Absence(date.fromisoformat(first), date.fromisoformat(last)) for first, last in json.loads(row.absences)
        ),
        is_active=bool(row.is_active),
    )


def assignment_row(assignment: Assignment) -> Row:
    """Of `review_assignments`."""
    return {
        "item_id": assignment.item_id,
        "reviewer_id": assignment.reviewer_id,
        "part": assignment.part,
        "due_us": microseconds(assignment.due_at),
        "assigned_us": microseconds(assignment.assigned_at),
        "state": assignment.state,
        "disputed": disputed_cell(assignment),
        "reminded_us": None if assignment.reminded_at is None else microseconds(assignment.reminded_at),
    }


def disputed_cell(assignment: Assignment) -> str:
    """The disputed questions as they lie in `review_assignments`."""
    return _json(assignment.disputed)


def assignment_of(row: Any) -> Assignment:
    """The assignment of a row."""
    return Assignment(
        item_id=row.item_id,
        reviewer_id=row.reviewer_id,
        part=row.part,
        due_at=moment(row.due_us),
        assigned_at=moment(row.assigned_us),
        state=row.state,
        reminded_at=_moment(row.reminded_us),
        disputed=tuple(json.loads(row.disputed)),
    )


def review_row(review: Review) -> Row:
    """Of `review_reviews`, without its sequence; what it says must be masked by then."""
    answers = review.answers
    return {
        "item_id": review.item_id,
        "reviewer_id": review.reviewer_id,
        "revision": review.revision,
        "part": review.part,
        "form": review.form,
        "submitted_us": microseconds(review.submitted_at),
        "seconds": review.seconds,
        "given": _json(dict(answers.given)),
        "comment": answers.comment,
        "highlights": _json([asdict(one) for one in answers.highlights]),
        "teach": int(answers.teach),
    }


def review_of(row: Any) -> Review:
    """The review of a row."""
    return Review(
        item_id=row.item_id,
        reviewer_id=row.reviewer_id,
        part=row.part,
        answers=answers_of(row),
        submitted_at=moment(row.submitted_us),
        revision=row.revision,
        form=row.form,
        seconds=row.seconds,
        sequence=row.sequence,
    )


def answers_of(row: Any) -> Answers:
    """What the review of a row says."""
    highlights = tuple(Highlight(**one) for one in json.loads(row.highlights))
    return Answers(json.loads(row.given), row.comment, highlights, bool(row.teach))


def _moment(us: int | None) -> datetime | None:
    return None if us is None else moment(us)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
