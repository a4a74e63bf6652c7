"""The hour of a nurses' week: what came in is kept, disputes go to a lead, what lies with the absent passes on, and who
has something open is reminded once."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from evals.review.settling import settled_by
from flows.steps.review import offer_all, unassigned

if TYPE_CHECKING:
    from evals.review.assigning import Assigned, Problem
    from evals.review.base import Assignment, ReviewItem
    from evals.review.collecting import Collected
    from evals.review.due import Calendar
    from evals.review.reminding import Cover, Reminded
    from evals.review.status import WeekStatus
    from flows.wiring import Platform

log = logging.getLogger(__name__)

UNDECIDED = (
    "Missing in the figures until a lead can who has not read it: matria review people add, or change ID --role lead."
)
"""What follows where no lead can decide, and what ends it."""
QUEUE = "queue-"
"""How the batch of items begins that are of no week."""
DRAWN_BY = timedelta(hours=10)
"""After Monday's midnight: by then the week before has been drawn, or it is said that it was not."""


@dataclass(frozen=True)
class DueOutcome:
    """What this hour did."""

    collected: "Collected"
    filled: "tuple[Assignment, ...]"
    """Items that nobody had, given to somebody now."""
    to_decide: "tuple[Assignment, ...]"
    withdrawn: "tuple[Assignment, ...]"
    """Adjudications that nobody needs any more, since the readers agree."""
    covered: "Cover"
    reminded: "Reminded"
    problems: "tuple[Problem, ...]"
    weeks: "tuple[WeekStatus, ...]"
    """Those with something open, newest first; the newest in any case."""
    undrawn: str = ""
    """The week that should have been drawn and was not; empty where none."""

    @property
    def unread(self) -> tuple[str, ...]:
        """Items that nobody reads, those that lie with who no longer reads them among them."""
        return tuple(one.item_id for one in self.problems if one.code in ("nobody_reads", "left"))

    @property
    def title(self) -> str:
        """One line with the result in it."""
        said = [self.weeks[0].title if self.weeks else "No batch yet: matria review draw"]
        counts = (
            (len(self.to_decide), "to decide"),
            (len(self.covered.handed), "handed on"),
            (len(self.filled), "assigned late"),
            (len(self.withdrawn), "decisions no longer needed"),
            (len(self.reminded.sent), "for the team to tell" if self.reminded.is_to_team else "reminded"),
            (len(self.reminded.undelivered), "NOT REMINDED"),
            (len(self.collected.problems), "answers that could not be read"),
            (sum(one.code == "left" for one in self.problems), "LEFT by who no longer reads them"),
            (sum(one.code == "no_lead" for one in self.problems), "that NO LEAD can decide"),
        )
        said += [f"{count} {what}" for count, what in counts if count]
        if self.undrawn:
            said.insert(0, f"{self.undrawn} WAS NOT DRAWN")
        return "; ".join(said)

    def table(self) -> list[dict[str, Any]]:
        """A row per nurse and week, then one per problem; by id, no name and no text."""
        rows = [
            {
                "week": week.batch.batch_id,
                "who": nurse.reviewer.reviewer_id,
                "read": nurse.read,
                "open": nurse.open,
                "overdue": nurse.overdue,
                "said": f"{nurse.to_decide} to decide" if nurse.to_decide else "",
            }
            for week in self.weeks
            for nurse in week.nurses
        ]
        said = [f"{one.item_id}: {one.sentence}" for one in self.problems]
        said += [f"{one.reviewer.reviewer_id} was not reminded: {why}" for one, why in self.reminded.undelivered]
        said += list(self.collected.problems)
        empty = {"week": "", "who": "", "read": "", "open": "", "overdue": ""}
        return [*rows, *({**empty, "said": sentence} for sentence in said)]


def look_after(platform: "Platform", now: datetime | None = None) -> DueOutcome:
    """What this hour asks for, done. Raises `StorageError` where records or form cannot be reached."""
    from evals.review.collecting import collect
    from evals.review.due import Calendar

    at = now or datetime.now(UTC)
    calendar = Calendar(at, platform.review_zone, platform.policy.count("review.remind_days"))
    collected = collect(platform.review_form, platform.reviews, platform.settings.review.kind)
    filled = _fill(platform, calendar)
    to_decide, withdrawn, undecided = _decide(platform, calendar)
    covered = _cover(platform, calendar)
    offer_all(platform)
    reminded = _remind(platform, calendar)
    of_readers = (one for one in filled.problems if one.code in ("lead_reads", "no_second"))
    problems = (*of_readers, *unassigned(_without_reader(platform), ()), *undecided, *covered.problems)
    weeks = weeks_status(platform, at)
    undrawn = _undrawn(platform, calendar)
    return DueOutcome(collected, filled.assignments, to_decide, withdrawn, covered, reminded, problems, weeks, undrawn)


def weeks_status(platform: "Platform", now: datetime, newest: int | None = None) -> "tuple[WeekStatus, ...]":
    """The newest batch, and those before it that are not done; newest first."""
    from evals.review.disputes import final_answers
    from evals.review.status import status_of

    records, policy = platform.reviews, platform.policy
    found = []
    for batch in records.batches(newest or policy.count("review.rolling_weeks")):
        settled = records.settled(settled_by(policy, now), batch.batch_id)
        finals = final_answers(settled, policy.count("review.dispute_steps"))
        items = records.items(batch.batch_id)
        assignments = records.assignments(batch_id=batch.batch_id)
        reviewers, final = records.reviewers(), list(finals.values())
        found.append(status_of(batch, items, assignments, reviewers, final, now, settled))
    return tuple(one for number, one in enumerate(found) if number == 0 or not one.is_done)


def queued_open(platform: "Platform") -> "list[Assignment]":
    """Open readings of items that a gate or a judge queued."""
    return [one.assignment for one in platform.reviews.offers() if one.item.batch_id.startswith(QUEUE)]


def _fill(platform: "Platform", calendar: "Calendar") -> "Assigned":
    """Items that nobody has, given to whoever can read them: of a week when nobody could, or queued for a judge.

    Of a never-event to two, each blind to the other: no nurse clears one alone.
    """
    from evals.review.assigning import Assigned, Terms, assign
    from evals.review.due import due_of_batch

    policy = platform.policy
    waiting = _without_reader(platform)
    if not waiting:
        return Assigned((), ())
    due_at = due_of_batch(calendar.now, calendar.zone, policy.count("review.due_days"), calendar.remind_days)
    terms = Terms(calendar.days_until(due_at), calendar.now, due_at)
    rng = random.Random(f"{calendar.today}")
    origins = platform.reviews.origins([item.item_id for item in waiting])
    twice = {one.item_id for one in origins if any(verdict.never for verdict in one.verdicts)}
    found = assign(waiting, platform.reviews.reviewers(), terms, 0, rng, twice=twice)
    _assign(platform, found.assignments, "assigned", calendar)
    return found


def _without_reader(platform: "Platform") -> "list[ReviewItem]":
    """Items of the queue and of the newest weeks that nobody has and that were not erased."""
    records = platform.reviews
    weeks = {batch.batch_id for batch in records.batches(platform.policy.count("review.rolling_weeks"))}
    items = [one for one in records.items() if one.batch_id in weeks or one.batch_id.startswith(QUEUE)]
    waiting = {one.item_id for one in unassigned(items, records.assignments())}
    return [item for item in items if item.item_id in waiting]


def _decide(
    platform: "Platform", calendar: "Calendar"
) -> "tuple[tuple[Assignment, ...], tuple[Assignment, ...], tuple[Problem, ...]]":
    """Adjudications that are new, those that nobody needs any more, and disputes that no lead can decide."""
    from evals.review.assigning import Problem
    from evals.review.disputes import adjudicate, disputes

    records, policy = platform.reviews, platform.policy
    settled = records.settled(settled_by(policy, calendar.now))
    found = disputes(settled, policy.count("review.dispute_steps"))
    items = records.items(item_ids=[one.item_id for one in found])
    erased = {item.item_id for item in items if item.is_erased}
    found = tuple(one for one in found if one.item_id not in erased)
    outcome = adjudicate(found, items, records.assignments(), records.reviewers(), calendar)
    _assign(platform, outcome.made, "assigned_adjudication", calendar)
    _withdraw(platform, outcome.void, "withdrew_adjudication", calendar)
    problems = [
        Problem("no_lead", item_id, f"Two nurses differ, and nobody can decide: {why}. {UNDECIDED}")
        for item_id, why in outcome.undecided
    ]
    return outcome.made, outcome.void, tuple(problems)


def _cover(platform: "Platform", calendar: "Calendar") -> "Cover":
    """What passes from those who are away to others; given first and taken then, so that it is with somebody always."""
    from evals.review.reminding import cover

    records = platform.reviews
    assignments = records.assignments()
    waiting = [one.item_id for one in assignments if one.state == "open"]
    items = records.items(item_ids=waiting)
    rng = random.Random(f"{calendar.today}")
    covered = cover(assignments, items, records.reviewers(), calendar, rng)
    _assign(platform, [one.made for one in covered.handed if one.made is not None], "handed_on", calendar)
    _withdraw(platform, [one.withdrawn for one in covered.handed], "withdrew", calendar)
    return covered


def _remind(platform: "Platform", calendar: "Calendar") -> "Reminded":
    from evals.review.reminding import remind, reminders

    records = platform.reviews
    assignments = records.assignments()
    reviewers = records.reviewers()
    still = {one.item_id for one in assignments if one.state == "open"}
    batch_of = {item.item_id: item.batch_id for item in records.items(item_ids=sorted(still))}
    batches = set(batch_of.values())
    batch_of |= {item.item_id: item.batch_id for batch_id in batches for item in records.items(batch_id)}
    due = reminders(assignments, batch_of, reviewers, calendar)
    return remind(due, records, platform.review_mailer, platform.notifier, form_address(platform), calendar)


def form_address(platform: "Platform") -> str:
    """Where a nurse opens the form; in Notion the page that was set, since each workspace shows its own."""
    from flows.wiring_review import review_address

    of = platform.settings.review
    if of.kind == "notion":
        return of.public_url or "https://www.notion.so/"
    return f"{review_address(platform.settings)}/"


def _undrawn(platform: "Platform", calendar: "Calendar") -> str:
    """The last week that is over, where a draw was due and there is none although there were batches before."""
    from evals.review.weeks import week_before

    newest = next(iter(platform.reviews.batches(newest=1)), None)
    week = week_before(calendar.now, platform.review_zone)
    is_due = newest is not None and newest.batch_id < week.batch_id and calendar.now >= week.until + DRAWN_BY
    return week.batch_id if is_due else ""


def _assign(platform: "Platform", made: "Sequence[Assignment]", did: str, calendar: "Calendar") -> None:
    from evals.review.records import AuditLine

    platform.reviews.assign(made)
    for one in made:
        platform.reviews.log(AuditLine(calendar.now, "system", did, one.item_id, one.reviewer_id))


def _withdraw(platform: "Platform", taken: "Sequence[Assignment]", did: str, calendar: "Calendar") -> None:
    from evals.review.records import AuditLine

    for one in taken:
        platform.review_form.withdraw(one.item_id, one.reviewer_id)
        platform.reviews.withdraw(one.item_id, one.reviewer_id)
        platform.reviews.log(AuditLine(calendar.now, "system", did, one.item_id, one.reviewer_id))
