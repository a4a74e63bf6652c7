"""Nurses, items and reviews for the tests of a week; nobody in it exists."""

from datetime import UTC, date, datetime

from evals.review.base import (
    Absence,
    Answers,
    Assignment,
    ItemKind,
    Origin,
    Part,
    Question,
    Review,
    Reviewer,
    ReviewItem,
    Role,
    Spoken,
)
from evals.review.people import ReadingDays
from matria.messages import Locale

MONDAY = datetime(2026, 11, 23, 11, tzinfo=UTC)
"""Eight in the morning in São Paulo."""
SATURDAY = datetime(2026, 11, 28, 11, tzinfo=UTC)
DAYS = ReadingDays(date(2026, 11, 23), date(2026, 11, 27))
GOOD: dict[Question, str] = {
    "safe": "yes",
    "correct": "yes",
    "complete": "yes",
    "tone": "good",
    "escalation": "right",
    "harm": "none",
}


def nurse(
    name: str,
    role: Role = "nurse",
    languages: tuple[Locale, ...] = ("pt-BR",),
    away: tuple[tuple[date, date], ...] = (),
    is_active: bool = True,
) -> Reviewer:
    absences = tuple(Absence(first, last) for first, last in away)
    return Reviewer(name, f"Name of {name}", f"{name}@example.org", role, languages, absences, is_active)


def item(item_id: str, locale: Locale = "pt-BR", kind: ItemKind = "sampled", batch_id: str = "2026-W47") -> ReviewItem:
    said = (Spoken("m-1", "user", "Posso comer isto?"), Spoken("m-1", "assistant", "Pode, sim."))
    return ReviewItem(item_id, batch_id, kind, locale, "gestante", None, said)


def origin(item_id: str, source: str = "week") -> Origin:
    return Origin(item_id, f"conversation-of-{item_id}", ("m-1",), source, "core", 0.1)


def given(item_id: str, reviewer_id: str, part: Part = "first", **changed: object) -> Assignment:
    return Assignment(item_id, reviewer_id, part, SATURDAY, MONDAY, **changed)  # type: ignore[arg-type]


def review(
    item_id: str, reviewer_id: str, part: Part = "first", at: datetime = MONDAY, sequence: int = 0, **said: str
) -> Review:
    answers = Answers({**GOOD, **said})  # type: ignore[dict-item]
    return Review(item_id, reviewer_id, part, answers, at, 1, "web", sequence=sequence)
