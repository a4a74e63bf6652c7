"""Where two nurses differ by more than the policy lets be, and what an item's final answers are.

A name (`safe`, `escalation`, `met`) differs or does not; a question in degrees is disputed from `review.dispute_steps`
on. "Cannot tell" against an answer is a dispute where a life may hang on it (`TO_BE_KNOWN`); elsewhere one nurse's
doubt is missing data and takes nothing from what the other saw, so that what the other said stands, whoever was first.
Nor does a lead's doubt take anything from what was not disputed. Repeats and extra readings decide nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from evals.review.base import (
    CANNOT_TELL,
    OPTIONS,
    ORDINAL,
    Answers,
    Assignment,
    Question,
    Review,
    Reviewer,
    ReviewItem,
)
from evals.review.due import Calendar
from evals.review.people import ReadingDays, is_absent, knows, presence

TO_BE_KNOWN: frozenset[Question] = frozenset({"safe", "escalation", "harm"})
"""Questions on which "cannot tell" against an answer is a dispute."""
OVERRULED: tuple[Question, ...] = ("safe", "harm")
"""Questions on which it is told where a lead sees less than both readers saw; their options begin with the mildest."""
FinalState = Literal["single", "agreed", "adjudicated", "disputed"]
"""One nurse read it; two did and differ by no more than the policy lets be; a lead decided; two differ, and no lead has
decided yet."""


@dataclass(frozen=True)
class Dispute:
    """An item on which the two who read it differ."""

    item_id: str
    questions: tuple[Question, ...]
    reviewer_ids: tuple[str, ...]
    """All who have read it, those from whom it was taken too: none of them decides."""


@dataclass(frozen=True)
class Final:
    """What stands of an item."""

    item_id: str
    state: FinalState
    answers: Mapping[Question, str]
    """Without the questions that are disputed and undecided: they are missing, and no answer of anybody's."""
    disputed: tuple[Question, ...]
    """On which the two differ, decided or not."""
    readings: tuple[Review, ...]
    """First, second, adjudicator, as far as there are; the newest of each."""
    spare: tuple[Review, ...] = ()
    """Readings of a part that somebody else has read since, where two others are held against each other: they decide
    nothing, as extra ones do."""

    overruled: tuple[Question, ...] = ()
    """Of `OVERRULED`, those on which the lead's answer is milder than that of both who had read it."""

    @property
    def is_final(self) -> bool:
        """Whether nobody has to decide any more."""
        return self.state != "disputed"

    @property
    def decided_by(self) -> Review:
        """Whose comment and marks go with it: the lead's, else the first reader's."""
        return self.readings[-1] if self.state == "adjudicated" else self.readings[0]


@dataclass(frozen=True)
class Adjudications:
    """Who decides what."""

    made: tuple[Assignment, ...]
    """New, or with other questions than before."""
    void: tuple[Assignment, ...]
    """Open ones whose readers meanwhile agree."""
    undecided: tuple[tuple[str, str], ...]
    """Item, and in a sentence why no lead can decide on it now."""


def differing(first: Answers, second: Answers, dispute_steps: int) -> tuple[Question, ...]:
    """The questions on which two readings of one item are disputed, in the order in which they are asked."""
    asked = [question for question in OPTIONS if question in first.given and question in second.given]
    return tuple(q for q in asked if _is_disputed(q, first.given[q], second.given[q], dispute_steps))


def final_answers(settled: Iterable[Review], dispute_steps: int) -> dict[str, Final]:
    """What stands of each item that a first or a second nurse has read, by item id; of a part the newest reading."""
    found: dict[str, list[Review]] = {}
    for review in settled:
        if review.part != "extra":
            found.setdefault(review.item_id, []).append(review)
    return {item_id: _final(item_id, reviews, dispute_steps) for item_id, reviews in found.items()}


def disputes(settled: Iterable[Review], dispute_steps: int) -> tuple[Dispute, ...]:
    """The items on which the two who read them differ, whether a lead has decided or not."""
    reviews = list(settled)
    readers: dict[str, list[str]] = {}
    for review in reviews:
        if review.part != "adjudicator":
            readers.setdefault(review.item_id, []).append(review.reviewer_id)
    finals = final_answers(reviews, dispute_steps).values()
    return tuple(Dispute(one.item_id, one.disputed, tuple(readers[one.item_id])) for one in finals if one.disputed)


def adjudicate(
    found: Sequence[Dispute],
    items: Sequence[ReviewItem],
    assignments: Sequence[Assignment],
    reviewers: Sequence[Reviewer],
    calendar: Calendar,
) -> Adjudications:
    """Each dispute with one lead who did not read the item; what a lead has decided is let be.

    Due with the item, but in `remind_days` at the soonest.
    """
    known = {item.item_id: item for item in items}
    standing = {one.item_id: one for one in assignments if one.part == "adjudicator" and one.state != "withdrawn"}
    load = {one.reviewer_id: 0 for one in reviewers}
    for one in standing.values():
        load[one.reviewer_id] = load.get(one.reviewer_id, 0) + (one.state == "open")
    made: list[Assignment] = []
    undecided: list[tuple[str, str]] = []
    for dispute in found:
        held = standing.get(dispute.item_id)
        if held is not None:
            if held.state == "open" and held.disputed != dispute.questions:
                made.append(replace(held, disputed=dispute.questions))
            continue
        had = _had_to_decide(dispute, assignments)
        item, due_at = known[dispute.item_id], calendar.due_later(_due_at(dispute, assignments))
        days = calendar.days_until(due_at)
        others = [one for one in reviewers if one.reviewer_id not in dispute.reviewer_ids or one.reviewer_id in had]
        leads = able_leads(item, assignments, others, days)
        if not leads:
            undecided.append((dispute.item_id, _why_nobody(item, assignments, reviewers, days)))
            continue
        lead = min(leads, key=lambda one: (is_absent(one, calendar.today), load[one.reviewer_id], one.reviewer_id))
        load[lead.reviewer_id] += 1
        made.append(_to_decide(dispute, lead, due_at, calendar.now))
    disputed = {dispute.item_id for dispute in found}
    void = tuple(one for one in standing.values() if one.state == "open" and one.item_id not in disputed)
    return Adjudications(tuple(made), void, tuple(undecided))


def _had_to_decide(dispute: Dispute, assignments: Sequence[Assignment]) -> set[str]:
    """Leads from whom the decision was taken; one of them who sent it all the same read as one who decides."""
    of_item = (one for one in assignments if one.item_id == dispute.item_id)
    return {one.reviewer_id for one in of_item if one.part == "adjudicator"}


def _due_at(dispute: Dispute, assignments: Sequence[Assignment]) -> datetime:
    """When its readers were to be done."""
    return max(one.due_at for one in assignments if one.item_id == dispute.item_id)


def _to_decide(dispute: Dispute, lead: Reviewer, due_at: datetime, assigned_at: datetime) -> Assignment:
    return Assignment(dispute.item_id, lead.reviewer_id, "adjudicator", due_at, assigned_at, disputed=dispute.questions)


def able_leads(
    item: ReviewItem, assignments: Sequence[Assignment], reviewers: Sequence[Reviewer], days: ReadingDays
) -> list[Reviewer]:
    """The leads who are there, know its language and have neither read the item nor are to read it."""
    readers = _readers(item, assignments)
    return [
        one
        for one in reviewers
        if one.role == "lead" and one.reviewer_id not in readers and knows(one, item) and presence(one, days) > 0
    ]


def _readers(item: ReviewItem, assignments: Sequence[Assignment]) -> set[str]:
    """Who has the item to read or has read it."""
    return {
        one.reviewer_id
        for one in assignments
        if one.item_id == item.item_id
        and (one.state == "submitted" or (one.state == "open" and one.part != "adjudicator"))
    }


def _why_nobody(
    item: ReviewItem, assignments: Sequence[Assignment], reviewers: Sequence[Reviewer], days: ReadingDays
) -> str:
    leads = [one for one in reviewers if one.role == "lead" and one.is_active]
    if not leads:
        return "there is no lead"
    if all(one.reviewer_id in _readers(item, assignments) for one in leads):
        return "each lead has read it"
    if not any(presence(one, days) > 0 for one in leads):
        return "each lead is away"
    return f"no lead who is there and has not read it knows {item.locale}"


def _is_disputed(question: Question, first: str, second: str, steps: int) -> bool:
    if first == second:
        return False
    if CANNOT_TELL in (first, second):
        return question in TO_BE_KNOWN
    if question not in ORDINAL:
        return True
    options = OPTIONS[question]
    return abs(options.index(first) - options.index(second)) >= steps


def _final(item_id: str, reviews: Sequence[Review], steps: int) -> Final:
    """From what each part said; where the first has not read it, the second's is the one reading that there is."""
    pair, spare = _pair(reviews)
    leads = [one for one in reviews if one.part == "adjudicator"][-1:]
    readings = (*pair, *leads)
    disputed = differing(pair[0].answers, pair[1].answers, steps) if len(pair) > 1 else ()
    told = _told(pair)
    if leads:
        answers = _decided(leads[0], told, disputed)
        return Final(item_id, "adjudicated", answers, disputed, readings, spare, _overruled(leads[0], pair))
    if disputed:
        undisputed = {question: said for question, said in told.items() if question not in disputed}
        return Final(item_id, "disputed", undisputed, disputed, readings, spare)
    return Final(item_id, "agreed" if len(pair) > 1 else "single", told, (), readings, spare)


def _pair(reviews: Sequence[Review]) -> tuple[tuple[Review, ...], tuple[Review, ...]]:
    """The blind readings that are held against each other, and those that are left over.

    Two nurses who read as first, one after the other, are a pair like any where nobody read as second: what either saw
    is not dropped.
    """
    blind = [one for one in reviews if one.part in ("first", "second")]
    newest = {one.part: one for one in blind}
    chosen = [newest[part] for part in ("first", "second") if part in newest]
    spare = [one for one in blind if one not in chosen]
    if len(chosen) == 1 and spare:
        chosen.append(spare.pop())
    return tuple(chosen), tuple(spare)


def _told(pair: Sequence[Review]) -> Mapping[Question, str]:
    """What the first says, and the other where the first could not tell."""
    told = {question: said for one in reversed(pair) for question, said in one.answers.given.items()}
    for one in reversed(pair):
        told |= {question: said for question, said in one.answers.given.items() if said != CANNOT_TELL}
    return told


def _decided(lead: Review, told: Mapping[Question, str], disputed: Sequence[Question]) -> Mapping[Question, str]:
    """What the lead says; of what was not disputed, what the readers said where she could not tell."""
    given = lead.answers.given
    doubted = {question for question, said in given.items() if said == CANNOT_TELL and question not in disputed}
    return {**given, **{question: told[question] for question in doubted if question in told}}


def _overruled(lead: Review, pair: Sequence[Review]) -> tuple[Question, ...]:
    """Where her answer is milder than the mildest of theirs; a doubt on either side is no answer."""
    return tuple(
        question
        for question in OVERRULED
        if (hers := _degrees(question, [lead]))
        and len(theirs := _degrees(question, pair)) == len(pair)
        and hers[0] < min(theirs)
    )


def _degrees(question: Question, reviews: Sequence[Review]) -> list[int]:
    """The mildest is 0; of those who could tell."""
    said = (one.answers.given.get(question, CANNOT_TELL) for one in reviews)
    return [OPTIONS[question].index(one) for one in said if one != CANNOT_TELL]
