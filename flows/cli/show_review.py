"""What `matria review …` prints: the draw, the week, people, the audit log."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from flows.cli.show import line, out, records, table

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from evals.review.assigning import Problem
    from evals.review.base import Assignment, Reviewer
    from evals.review.pace import Pace
    from evals.review.records import AuditLine
    from evals.review.status import WeekStatus
    from flows.steps.review import DrawnWeek
    from flows.steps.review_due import DueOutcome

TIME = "%Y-%m-%d %H:%M"


def drawn(found: "DrawnWeek") -> None:
    """The strata, who reads how much, and what could not be assigned as it should."""
    line(found.title)
    strata = [(one.name.replace("_", " "), one.size, one.drawn) for one in found.batch.strata]
    if strata:
        out.print(table("\nStrata", ["stratum", "conversations", "drawn"], strata))
    readers = sorted({one.reviewer_id for one in found.assignments if one.part != "adjudicator"})
    if readers:
        loads = [(name, *_parts(found, name)) for name in readers]
        out.print(table("\nReaders", ["nurse", "first", "second"], loads))
    _problems(found.problems)
    if found.state == "drawn" and found.items:
        line("\nWhere it stands: matria review status")


def status(weeks: "Sequence[WeekStatus]", zone: "ZoneInfo") -> None:
    """A table per week."""
    if not weeks:
        line("No batch was drawn yet: matria review draw")
        return
    for week in weeks:
        line(week.title)
        rows = [
            (
                one.reviewer.reviewer_id,
                one.read,
                one.open,
                one.overdue,
                one.to_decide,
                _at(one.due_at, zone),
                _at(one.reminded_at, zone),
            )
            for one in week.nurses
        ]
        if rows:
            records(["nurse", "read", "open", "overdue", "to decide", "due", "reminded"], rows)
        _pace(week.pace)
        for item_id in week.disputed:
            lead = week.deciding.get(item_id)
            who = (
                f"{lead} decides"
                if lead
                else "no lead has it yet; `matria review collect` gives it to one, or says why not"
            )
            line(f"{item_id}: two nurses differ, and {who}")
        if week.unassigned:
            line(f"nobody reads {_items(week.unassigned)}; `matria review collect` gives out what somebody can read")
        for item_id in week.erased:
            line(f"{item_id}: erased before it was read")


def _problems(found: "Sequence[Problem]") -> None:
    """A line for each sentence, with the items that it is said of."""
    for sentence, of in groupby(sorted(found, key=lambda one: one.sentence), key=lambda one: one.sentence):
        line(f"{_items([one.item_id for one in of])}: {sentence}")


def _items(ids: "Sequence[str]") -> str:
    """The one, or how many; nothing is of one alone where it is of the batch."""
    return f"{len(ids)} items" if len(ids) > 1 else ids[0] or "the batch"


def _at(moment: "datetime | None", zone: "ZoneInfo") -> str:
    return f"{moment.astimezone(zone):{TIME}}" if moment else ""


def _pace(of: "Pace") -> None:
    """How long a card took, of readings that can no longer be undone; nothing where there are none."""
    if of.seconds is not None:
        line(f"time on a card: {of.seconds:.0f} s (median of {of.timed} of {of.readings} readings)")
    elif of.readings:
        line(f"time on a card: not known, none of {of.readings} readings was timed")


def queued(found: "Sequence[Assignment]", now: "datetime") -> None:
    """One line on what is queued for a judge's sake; nothing where nothing is."""
    if found:
        overdue = sum(one.due_at < now for one in found)
        line(f"queued beside the weeks: {len(found)} readings open, {overdue} overdue")


def looked_after(outcome: "DueOutcome") -> None:
    """What was done, and what could not be."""
    line(outcome.title)
    _problems(outcome.problems)
    if outcome.reminded.is_to_team:
        for told in outcome.reminded.sent:
            line(f"{told.reviewer.reviewer_id} has {len(told.open)} open, and no mail is set: please tell her.")
    for reminder, why in outcome.reminded.undelivered:
        line(f"{reminder.reviewer.reviewer_id} was not reminded: {why}")
    for problem_sentence in outcome.collected.problems:
        line(problem_sentence)


def people(found: "Sequence[Reviewer]") -> None:
    """A row per person."""
    if not found:
        line("Nobody yet: matria review people add --name NAME --email ADDRESS")
        return
    rows = [
        (
            one.reviewer_id,
            one.name,
            one.address,
            one.role if one.is_active else f"{one.role}, removed",
            ", ".join(one.languages),
            ", ".join(f"{absence.first} to {absence.last}" for absence in one.absences),
        )
        for one in found
    ]
    records(["id", "name", "address", "role", "reads", "away"], rows)


def audit(found: "Sequence[AuditLine]") -> None:
    """A row per line, the newest first."""
    if not found:
        line("Nothing happened yet.")
        return
    rows = [(f"{one.at:{TIME}} UTC", one.who or "nobody", one.did, one.thing, one.detail) for one in found]
    records(["at", "who", "did", "what", "detail"], rows)


def _parts(found: "DrawnWeek", name: str) -> tuple[int, int]:
    hers = [one.part for one in found.assignments if one.reviewer_id == name]
    return hers.count("first"), hers.count("second")
