"""Whether a nurses' week can be drawn, read and decided: conversations, people, a lead, the newest batch, the form.

A store that opens says little: it does where nobody may sign in, where no batch was ever drawn and where the form that
was chosen does not answer. The form is asked in any case, since it is set up before the first conversation comes.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from matria.errors import UserError

if TYPE_CHECKING:
    from evals.review.base import Reviewer
    from flows.wiring import Platform

UNDRAWN_AFTER = timedelta(days=8)
"""A batch is drawn each Monday; a day more is an outage that somebody should know of."""


def transcripts_state(platform: "Platform") -> str:
    """How many exchanges are kept. Raises `StorageError`."""
    if platform.transcripts is None:
        return "none: MATRIA_TRANSCRIPTS__KIND keeps no conversation, so there is none to review"
    return platform.transcripts.ping()


def review_state(platform: "Platform", now: datetime | None = None) -> str:
    """Who reads, the newest batch, the form, and what is missing.

    Raises `UserError` where conversations are kept and nobody reads or draws them, or the form does not answer.
    """
    moment = now or datetime.now(UTC)
    said = platform.reviews.ping()
    people = [one for one in platform.reviews.reviewers() if one.is_active]
    form = "; ".join([platform.review_form.ping(), *_lacks(platform, people)])
    if not _has_conversations(platform, moment):
        return f"{said}; no real conversation was kept in the week before: nothing to review; {form}"
    if not any(one.role in ("nurse", "lead") for one in people):
        raise UserError(
            f"Conversations are kept and nobody reads them: add nurses with `matria review people add`. {said}."
        )
    newest = next(iter(platform.reviews.batches(newest=1)), None)
    if newest is None or moment - newest.drawn_at > UNDRAWN_AFTER:
        when = f"since {newest.drawn_at:%Y-%m-%d}" if newest else "ever"
        raise UserError(
            f"No week was drawn for review {when}: `matria review draw` draws the last one now, and `matria up` does "
            f"so each Monday. {said}."
        )
    return f"{said}; newest {newest.batch_id}, {len(people)} people; {form}"


def _lacks(platform: "Platform", people: "list[Reviewer]") -> list[str]:
    """What a week can do without, and is better for having; nothing of people where there is nobody yet."""
    lacks = []
    if people and not any(one.role == "lead" for one in people):
        lacks.append("NO LEAD: disagreements stay open")
    if people and sum(one.role == "nurse" for one in people) < 2:
        lacks.append("FEWER THAN TWO NURSES: no two of them read the same")
    if platform.review_mailer is None:
        lacks.append("no MATRIA_REVIEW__MAIL: reminders go to the team, links come from `matria review link`")
    return lacks


def _has_conversations(platform: "Platform", now: datetime) -> bool:
    """Whether a real one was kept in the seven days before today's."""
    if platform.transcripts is None:
        return False
    of = platform.transcripts.between(now - timedelta(days=8), now)
    return any(not one.last.is_simulated for one in of)
