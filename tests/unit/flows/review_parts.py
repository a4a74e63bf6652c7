"""A platform of a test's own with a week of conversations, and people who read; nobody in it exists."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evals.review.base import OPTIONS, Answers, Assignment, Reviewer, Role
from evals.review.base import Review as Reading
from flows.wiring import Platform
from matria.messages import Locale
from matria.transcripts.base import Exchange
from tests.notice_doubles import Channel, Post

MONDAY = datetime(2026, 11, 23, 11, tzinfo=UTC)
"""Eight in the morning in São Paulo; the week before is 2026-W47."""


def made_platform(home: Path, post: Post | None = None, channel: Channel | None = None) -> Platform:
    """Records and transcripts in files below home."""
    platform = Platform.load(home=home)
    vars(platform)["notifier"] = channel or Channel()
    vars(platform)["review_mailer"] = post
    return platform


def person(platform: Platform, name: str, role: Role = "nurse", languages: tuple[Locale, ...] = ("pt-BR",)) -> Reviewer:
    """Known from now on."""
    one = Reviewer(name, f"Name of {name}", f"{name}@example.org", role, languages)
    platform.reviews.put_reviewer(one)
    return one


def talk(platform: Platform, count: int, monday: datetime = MONDAY, locale: Locale = "pt-BR", mark: str = "c") -> None:
    """So many conversations of the week before `monday`, one every hour."""
    assert platform.transcripts is not None
    for number in range(count):
        name = f"{mark}{number:03}-{monday:%m%d}"
        platform.transcripts.keep(
            Exchange(
                name,
                uuid.uuid5(uuid.NAMESPACE_OID, name).hex,
                monday - timedelta(hours=20 + number),
                locale,
                "gestante",
                "third_trimester",
                "Posso tomar chá de camomila?",
                "Em pequena quantidade, sim. Fale disso na próxima consulta.",
                "answered",
                "gestante/conteudo",
                "1.0.0",
                "hash",
                "simulator-1",
            )
        )


def read(platform: Platform, assignment: Assignment, at: datetime, seconds: float | None = None, **said: str) -> None:
    """She submits it, the best of each option but for what is said."""
    item = platform.reviews.items(item_ids=[assignment.item_id])[0]
    given = {question: said.get(question, OPTIONS[question][0]) for question in item.questions}
    review = Reading(assignment.item_id, assignment.reviewer_id, assignment.part, Answers(given), at, 1, "web", seconds)
    platform.reviews.submit(review, 0)
