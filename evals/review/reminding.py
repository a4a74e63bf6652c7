"""Reminders of what is due, one for each nurse and batch, and what passes to another while a nurse is away.

A reminder says how much is open and until when, and nothing of any conversation. It counts as sent only once it was
taken; one that was not is tried again with the next run. Where no mail is set the team's channel hears it, with the
nurse's id and not her name.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from evals.review.assigning import ADD, Problem
from evals.review.base import Assignment, Reviewer, ReviewItem
from evals.review.disputes import able_leads
from evals.review.due import Calendar
from evals.review.fairness import Seat, Task, share_out
from evals.review.people import Mailer, is_absent, knows, presence
from evals.review.records import ReviewRecords
from evals.review.reminder_words import for_the_team, for_whom
from matria.notify.base import NotDelivered, Notice, Notifier


@dataclass(frozen=True)
class Reminder:
    """What one nurse has open of the batches that she was not reminded of yet."""

    reviewer: Reviewer
    open: tuple[Assignment, ...]

    @property
    def due_at(self) -> datetime:
        """When the first of it is due."""
        return min(one.due_at for one in self.open)


@dataclass(frozen=True)
class Reminded:
    """What came of reminding."""

    sent: tuple[Reminder, ...] = ()
    undelivered: tuple[tuple[Reminder, str], ...] = ()
    """With why; tried again with the next run."""
    is_to_team: bool = False
    """Whether the team was told in place of the nurses, since no mail is set: somebody has to tell them."""


@dataclass(frozen=True)
class Handed:
    """One item that passes from a nurse who is away to another."""

    withdrawn: Assignment
    made: Assignment | None
    """None where another has it already, or nobody else may read it."""


@dataclass(frozen=True)
class Cover:
    """What passes on, and what nobody else can take."""

    handed: tuple[Handed, ...] = ()
    problems: tuple[Problem, ...] = ()


def reminders(
    assignments: Sequence[Assignment],
    batch_of: Mapping[str, str],
    reviewers: Sequence[Reviewer],
    calendar: Calendar,
) -> list[Reminder]:
    """Those to be sent now, one for each nurse; none of a batch that she was reminded of, nor to who is away today."""
    found = []
    for reviewer in reviewers:
        if not reviewer.is_active or is_absent(reviewer, calendar.today):
            continue
        hers = [one for one in assignments if one.reviewer_id == reviewer.reviewer_id and one.item_id in batch_of]
        open_ones: list[Assignment] = []
        for batch_id in sorted({batch_of[one.item_id] for one in hers}):
            of_batch = [one for one in hers if batch_of[one.item_id] == batch_id]
            still = [one for one in of_batch if one.state == "open"]
            is_told = any(one.reminded_at for one in of_batch)
            if still and not is_told and calendar.is_to_remind(min(one.due_at for one in still)):
                open_ones += still
        if open_ones:
            found.append(Reminder(reviewer, tuple(open_ones)))
    return found


def remind(
    due: Sequence[Reminder],
    records: ReviewRecords,
    mailer: Mailer | None,
    notifier: Notifier,
    address: str,
    calendar: Calendar,
) -> Reminded:
    """Each reminder sent and noted, as far as it was taken. Raises `StorageError`."""
    sent: list[Reminder] = []
    undelivered: list[tuple[Reminder, str]] = []
    for reminder in due:
        try:
            _send(reminder, mailer, notifier, address, calendar)
        except NotDelivered as error:
            undelivered.append((reminder, str(error)))
            continue
        for one in reminder.open:
            records.reminded(one.item_id, one.reviewer_id, calendar.now)
        sent.append(reminder)
    return Reminded(tuple(sent), tuple(undelivered), mailer is None)


def cover(
    assignments: Sequence[Assignment],
    items: Sequence[ReviewItem],
    reviewers: Sequence[Reviewer],
    calendar: Calendar,
    rng: random.Random,
) -> Cover:
    """What passes to others because its nurse cannot read it before it is due; a planned repeat is hers alone.

    It is due in `remind_days` at the soonest for whoever gets it. Her drafts stay. Of a nurse who no longer reads it is
    taken what nobody waits for: a repeat, and once it was due a reading beside that of another.
    """
    known = {item.item_id: item for item in items}
    by_id = {one.reviewer_id: one for one in reviewers}
    orphans = [one for one in assignments if one.state == "open" and one.item_id in known]
    orphans = [one for one in orphans if _is_away(by_id.get(one.reviewer_id), one, known[one.item_id], calendar)]
    handed: list[Handed] = []
    problems: list[Problem] = []
    waiting: list[Assignment] = []
    for orphan in orphans:
        is_with_another = any(_stands_in(one, orphan) for one in assignments)
        is_repeat = known[orphan.item_id].kind == "repeat"
        if is_with_another or (is_repeat and _is_gone(by_id.get(orphan.reviewer_id), known[orphan.item_id])):
            handed.append(Handed(orphan, None))
        elif is_repeat:
            problems.append(_stays(orphan, "its nurse is away, and a repeat is hers alone"))
        else:
            waiting.append(orphan)
    for orphan, name in _new_readers(waiting, assignments, known, reviewers, calendar, rng):
        if name is None:
            item = known[orphan.item_id]
            is_gone = _is_gone(by_id.get(orphan.reviewer_id), item)
            beside = [one for one in assignments if _is_beside(one, orphan, item, by_id)]
            if is_gone and _may_go(orphan, beside, item, calendar):
                handed.append(Handed(orphan, None))
            else:
                problems.append(_kept(orphan, is_gone, beside))
            continue
        handed.append(Handed(orphan, _passed(orphan, name, calendar)))
        if by_id[name].role == "lead" and orphan.part != "adjudicator":
            sentence = "Its nurse is away, and no other nurse can take it: a lead reads it, and cannot decide on it."
            problems.append(Problem("lead_reads", orphan.item_id, sentence))
    return Cover(tuple(handed), tuple(problems))


def _send(reminder: Reminder, mailer: Mailer | None, notifier: Notifier, address: str, calendar: Calendar) -> None:
    count, due_at = len(reminder.open), reminder.due_at.astimezone(calendar.zone)
    is_late = calendar.now >= reminder.due_at
    if mailer is not None:
        locale = reminder.reviewer.languages[0] if reminder.reviewer.languages else "pt-BR"
        mailer.send(reminder.reviewer.address, *for_whom(locale, count, due_at, is_late, address))
        return
    subject, body = for_the_team(reminder.reviewer.reviewer_id, count, due_at, is_late)
    notifier.notify(Notice(subject, body, "warning", calendar.now, address))


def _is_away(reviewer: Reviewer | None, one: Assignment, item: ReviewItem, calendar: Calendar) -> bool:
    """Whether she has no day left on which to read it, or may not read or decide on it any more."""
    if reviewer is None or _is_gone(reviewer, item) or (one.part == "adjudicator" and reviewer.role != "lead"):
        return True
    return presence(reviewer, calendar.days_until(one.due_at)) == 0


def _is_gone(reviewer: Reviewer | None, item: ReviewItem) -> bool:
    """Whether she no longer reads it, however long one waits: she was removed, is a viewer, or not of its language."""
    if reviewer is None:
        return True
    return not reviewer.is_active or reviewer.role == "viewer" or not knows(reviewer, item)


def _stands_in(other: Assignment, orphan: Assignment) -> bool:
    """Whether somebody else has the same part of it, so that it was handed on before and only not withdrawn."""
    return (
        other.item_id == orphan.item_id
        and other.part == orphan.part
        and other.reviewer_id != orphan.reviewer_id
        and other.state != "withdrawn"
    )


def _new_readers(
    orphans: Sequence[Assignment],
    assignments: Sequence[Assignment],
    known: Mapping[str, ReviewItem],
    reviewers: Sequence[Reviewer],
    calendar: Calendar,
    rng: random.Random,
) -> list[tuple[Assignment, str | None]]:
    """Each with whom it goes to; those of one item and both parts go to two."""
    held = {one.reviewer_id: 0 for one in reviewers}
    for one in assignments:
        if one.state == "open":
            held[one.reviewer_id] = held.get(one.reviewer_id, 0) + 1
    given: list[tuple[Assignment, str | None]] = []
    taken = list(assignments)
    for round_ in _one_of_each_item(orphans):
        tasks = []
        for orphan in round_:
            able = _able(orphan, known[orphan.item_id], taken, reviewers, calendar)
            tasks.append(Task(orphan.item_id, 1, able))
        seats = [Seat(r.reviewer_id, 1.0, 0.0, held[r.reviewer_id], r.role == "lead") for r in reviewers]
        readers = share_out(tasks, seats, rng).readers
        for orphan in round_:
            name = next(iter(readers[orphan.item_id]), None)
            given.append((orphan, name))
            if name is not None:
                held[name] += 1
                taken.append(_passed(orphan, name, calendar))
    return given


def _one_of_each_item(orphans: Sequence[Assignment]) -> list[list[Assignment]]:
    """Rounds in which no item comes twice."""
    rounds: list[list[Assignment]] = []
    for orphan in orphans:
        for one in rounds:
            if all(other.item_id != orphan.item_id for other in one):
                one.append(orphan)
                break
        else:
            rounds.append([orphan])
    return rounds


def _able(
    orphan: Assignment,
    item: ReviewItem,
    assignments: Sequence[Assignment],
    reviewers: Sequence[Reviewer],
    calendar: Calendar,
) -> frozenset[str]:
    days = calendar.days_until(calendar.due_later(orphan.due_at))
    if orphan.part == "adjudicator":
        others = [one for one in assignments if one != orphan]
        leads = able_leads(item, others, reviewers, days)
        return frozenset(one.reviewer_id for one in leads if one.reviewer_id != orphan.reviewer_id)
    have = {one.reviewer_id for one in assignments if one.item_id == item.item_id and one.state != "withdrawn"}
    can = [one for one in reviewers if knows(one, item) and presence(one, days) > 0]
    return frozenset(one.reviewer_id for one in can if one.reviewer_id not in have)


def _passed(orphan: Assignment, name: str, calendar: Calendar) -> Assignment:
    due_at = calendar.due_later(orphan.due_at)
    return replace(orphan, reviewer_id=name, due_at=due_at, assigned_at=calendar.now, reminded_at=None)


def _is_beside(other: Assignment, orphan: Assignment, item: ReviewItem, by_id: Mapping[str, Reviewer]) -> bool:
    """Whether somebody else has read the item, or will."""
    if other.item_id != orphan.item_id or other.reviewer_id == orphan.reviewer_id or other.part == "adjudicator":
        return False
    will = other.state == "open" and not _is_gone(by_id.get(other.reviewer_id), item)
    return other.state == "submitted" or will


def _may_go(orphan: Assignment, beside: Sequence[Assignment], item: ReviewItem, calendar: Calendar) -> bool:
    """Whether a week is better done without it; of a criterion, which may be a never-event, a second is waited for."""
    is_read = any(one.state == "submitted" for one in beside)
    return is_read and orphan.part != "adjudicator" and item.kind != "criterion" and calendar.now >= orphan.due_at


def _kept(orphan: Assignment, is_gone: bool, beside: Sequence[Assignment]) -> Problem:
    """What nobody else can take: it waits for who is away; where nobody will read it somebody has to be found."""
    why = "no longer reads it" if is_gone else "is away"
    if is_gone and not beside and orphan.part != "adjudicator":
        return Problem("left", orphan.item_id, f"Its nurse {why}, and nobody else can take it. {ADD}")
    who = "lead" if orphan.part == "adjudicator" else "nurse"
    return _stays(orphan, f"its {who} {why}, and nobody else can take it")


def _stays(orphan: Assignment, why: str) -> Problem:
    return Problem("stays", orphan.item_id, f"Open and not handed on: {why}.")
