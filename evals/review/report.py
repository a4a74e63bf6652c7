"""The weekly report as figures: what nurses' readings of one week, and of the last weeks, say of quality. No words.

A week that nobody read, one that was never drawn and one in which something can still change are states of their own.
Texts of conversations are in `cases` alone, so that whoever keeps a report can leave them out; nobody who read an item
is named. Rates are those of `estimate.py`, agreement that of the blind readings of the same weeks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Literal

from evals.judges.trust import Trust, TrustBook, TrustState
from evals.review.agreement import (
    BLIND,
    PairAgreement,
    QuestionAgreement,
    WeekAgreement,
    agreement_of,
    over_weeks,
    pair_agreement,
)
from evals.review.base import QUESTIONS, Answers, Assignment, Batch, Origin, Question, Review, ReviewItem
from evals.review.cells import WeekRead
from evals.review.disputes import Final, final_answers
from evals.review.estimate import Estimate, weekly
from evals.review.intervals import unseen_bound
from evals.review.outcomes import Outcome, OutcomeName, outcomes
from evals.review.pace import NOTHING_READ, Pace, pace_of
from evals.review.report_cases import CaseToRead, cases_to_read
from evals.review.rolling import rolling
from evals.review.web.changes import GateChange, TrustChange
from evals.review.weeks import missed_before, missed_weeks, weeks_until
from evals.standing import grader_of
from matria.policy import Policy

ReportState = Literal["empty", "covered", "unread", "provisional", "settled"]
"""Nobody wrote; each conversation was drawn not long ago, so nothing is estimated; nothing final came back; something
is open or undecided, so that figures can change; all is read."""
CHARTED: tuple[OutcomeName, ...] = ("harmful", "unsafe")
"""Outcomes that are shown week by week, the gravest first."""
CaseState = Literal["flagged", "proposed", "accepted"]
"""A case could be made of it; it stands on a branch; it stands in the suites of the checkout."""


@dataclass(frozen=True)
class Counts:
    """Items of the week."""

    items: int
    read: int
    """Of which something final came."""
    missing: int
    """Nobody read them."""
    twice: int
    """Read by two."""
    disputed: int
    """Two differed, and a lead decided."""
    undecided: int
    """Two differ, and no lead has decided yet."""
    repeats: int
    """Of the items, those that a nurse reads again; no estimate has them."""
    open: int
    """Readings and decisions that somebody still has before her."""
    erased: int = 0
    """Erased before anything final came of them: neither missing nor undecided, and in no figure for good."""


@dataclass(frozen=True)
class Rate:
    """One outcome, in the week and over the last weeks."""

    week: Estimate
    rolling: Estimate
    equal_weights_upper: float
    """What as many items would bound the rate at, had none of them shown it and had all the same weight."""

    @property
    def weeks_read(self) -> int:
        """Weeks that `rolling` is over: drawn, and something of them was told, or nobody wrote in them."""
        return sum(week not in self.rolling.missing_weeks for week in self.rolling.weeks)


@dataclass(frozen=True)
class Series:
    """One outcome week by week, oldest first."""

    outcome: OutcomeName
    weeks: tuple[tuple[str, Estimate | None], ...]
    """None for a week that was never drawn."""


@dataclass(frozen=True)
class Agreed:
    """How far nurses agree on one question, over the last weeks."""

    all: QuestionAgreement
    pairs: PairAgreement
    """Of first readers with second readers, whoever they were."""
    itself: PairAgreement | None
    """Of nurses with themselves weeks later; None where nothing was read again."""


@dataclass(frozen=True)
class ReportedCase:
    """A case that came of a reading."""

    case: str
    suite: str
    state: CaseState


@dataclass(frozen=True)
class Overruled:
    """An item on which a lead's answer is milder than that of everybody who had read it."""

    item_id: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class WeeklyReport:
    """One week."""

    batch: Batch
    state: ReportState
    at: datetime
    """When it was made, UTC."""
    counts: Counts
    rates: tuple[Rate, ...]
    """By outcome, the gravest first; empty where there was nothing to read."""
    series: tuple[Series, ...]
    agreement: tuple[Agreed, ...]
    """By question; empty where no two answers could be compared."""
    trust: tuple[Trust, ...]
    trust_changes: tuple[TrustChange, ...]
    cases: tuple[CaseToRead, ...]
    """Five to read, the gravest first."""
    golden: tuple[ReportedCase, ...]
    gates: tuple[GateChange, ...]
    missed: tuple[str, ...]
    """Weeks before and after it that were never drawn, oldest first."""
    confidence: float
    weeks: int
    """How many the rolling figures are over."""
    overruled: tuple[Overruled, ...] = ()
    """Of the week, in the order of its items."""
    agreement_weeks: tuple[WeekAgreement, ...] = ()
    """Agreement of all nurses over as many weeks up to each of the last weeks, oldest first; none for one unread."""
    pace: Pace = NOTHING_READ
    """Of the week's readings."""
    has_notion: bool = False
    """Whether some blind readings of these weeks were given in Notion, whose page access alone keeps them blind."""
    zone: tzinfo = UTC
    """The nurses', by which its days are told."""

    def rate(self, name: OutcomeName) -> Rate | None:
        """One outcome; None where there was nothing to read."""
        return next((one for one in self.rates if one.week.outcome == name), None)


@dataclass(frozen=True)
class Found:
    """What a report is made of: records of the week and of the weeks before it."""

    batches: Sequence[Batch]
    """All there are."""
    items: Sequence[ReviewItem]
    origins: Sequence[Origin]
    assignments: Sequence[Assignment]
    settled: Sequence[Review]


@dataclass(frozen=True)
class CameOf:
    """What came of readings elsewhere."""

    trust: TrustBook
    trusted_before: Mapping[tuple[str, str], TrustState] | None
    """State of each judge in the report of a week before; None where there was none, so that nothing has changed."""
    golden: tuple[ReportedCase, ...] = ()
    gates: tuple[GateChange, ...] = ()


def report_of(batch: Batch, found: Found, came: CameOf, policy: Policy, due: str, now: datetime) -> WeeklyReport:
    """The report of a week. `due` is the last week that should have been drawn by now."""
    steps, confidence = policy.count("review.dispute_steps"), policy.number("review.confidence")
    finals = final_answers(found.settled, steps)
    items = [one for one in found.items if one.batch_id == batch.batch_id]
    ids = {one.item_id for one in items}
    counts = _counts(items, finals, found.assignments)
    span = weeks_until(batch.batch_id, policy.count("review.rolling_weeks"))
    within = [one for one in found.batches if one.batch_id in span and one.is_simulated == batch.is_simulated]
    read = _read(within, found, finals)
    first = min((one.batch_id for one in found.batches), default=batch.batch_id)
    has_items = batch.state not in ("empty", "covered")
    known = outcomes(policy.count("review.harm_from"))
    return WeeklyReport(
        batch=batch,
        state=_state(batch, counts),
        at=now,
        counts=counts,
        rates=tuple(_rate(one, batch, read, len(span), confidence, first) for one in _gravest(known) if has_items),
        series=tuple(_series(one, span, read, confidence, first) for one in _gravest(known) if one.name in CHARTED),
        agreement=_agreement(found, {one.batch_id for one in within}, confidence),
        trust=tuple(came.trust.known[key] for key in sorted(came.trust.known)),
        trust_changes=_changes(came),
        cases=cases_to_read(items, finals, policy.count("review.harm_from")),
        golden=came.golden,
        gates=came.gates,
        missed=(*missed_before((one.batch_id for one in found.batches), batch.batch_id), *_since(batch.batch_id, due)),
        confidence=confidence,
        weeks=len(span),
        overruled=_overruled(items, finals),
        agreement_weeks=_over_weeks(batch, found, len(span), confidence),
        pace=pace_of(one for one in found.settled if one.item_id in ids),
        has_notion=_has_notion(found, {one.batch_id for one in within}),
    )


def _has_notion(found: Found, weeks: set[str]) -> bool:
    ids = {one.item_id for one in found.items if one.batch_id in weeks}
    return any(one.form == "notion" and one.part in BLIND and one.item_id in ids for one in found.settled)


def _overruled(items: Sequence[ReviewItem], finals: Mapping[str, Final]) -> tuple[Overruled, ...]:
    known = [finals[one.item_id] for one in items if one.item_id in finals]
    return tuple(Overruled(final.item_id, final.overruled) for final in known if final.overruled)


def _read(batches: Sequence[Batch], found: Found, finals: Mapping[str, Final]) -> list[WeekRead]:
    """The weeks as an estimate sees them; what is disputed and undecided is missing."""
    answers = {item_id: Answers(final.answers) for item_id, final in finals.items()}
    batch_of = {one.item_id: one.batch_id for one in found.items}
    of: dict[str, list[Origin]] = {one.batch_id: [] for one in batches}
    for origin in found.origins:
        of.get(batch_of.get(origin.item_id, ""), []).append(origin)
    return [WeekRead(one, of[one.batch_id], answers) for one in batches]


def _counts(items: Sequence[ReviewItem], finals: Mapping[str, Final], assignments: Sequence[Assignment]) -> Counts:
    ids = {one.item_id for one in items}
    known = [finals[one.item_id] for one in items if one.item_id in finals]
    gone = {one.item_id for one in items if one.is_erased and not _is_settled(one, finals)}
    have = {one.item_id for one in assignments if one.state != "withdrawn"}
    let_go = {one.item_id for one in items if one.kind == "repeat" and one.item_id not in have}
    return Counts(
        items=len(items),
        read=len(known),
        missing=sum(one.item_id not in finals and one.item_id not in gone | let_go for one in items),
        twice=sum({"first", "second"} <= {one.part for one in final.readings} for final in known),
        disputed=sum(bool(final.disputed) and final.is_final for final in known),
        undecided=sum(not final.is_final and final.item_id not in gone for final in known),
        repeats=sum(one.kind == "repeat" for one in items),
        open=sum(one.state == "open" and one.item_id in ids for one in assignments),
        erased=len(gone),
    )


def _is_settled(item: ReviewItem, finals: Mapping[str, Final]) -> bool:
    return item.item_id in finals and finals[item.item_id].is_final


def _state(batch: Batch, counts: Counts) -> ReportState:
    if batch.state in ("empty", "covered"):
        return batch.state
    if not counts.read:
        return "unread"
    return "provisional" if counts.missing or counts.undecided or counts.open else "settled"


def _gravest(known: Sequence[Outcome]) -> list[Outcome]:
    """Harm first, then in the order in which they are asked."""
    return sorted(known, key=lambda one: one.name not in CHARTED[:1])


def _rate(outcome: Outcome, batch: Batch, read: Sequence[WeekRead], weeks: int, confidence: float, first: str) -> Rate:
    own = next(one for one in read if one.batch.batch_id == batch.batch_id)
    week = weekly(own, outcome, confidence)
    pooled = rolling(read, batch.batch_id, weeks, outcome, confidence, first)
    return Rate(week, pooled, unseen_bound(week.n_read, 1 - confidence))


def _series(outcome: Outcome, span: Sequence[str], read: Sequence[WeekRead], confidence: float, first: str) -> Series:
    by = {one.batch.batch_id: weekly(one, outcome, confidence) for one in read}
    return Series(outcome.name, tuple((week, by.get(week)) for week in span if week >= first))


def _agreement(found: Found, weeks: set[str], confidence: float) -> tuple[Agreed, ...]:
    """By question; a repeat is held against what the same nurse said before, however long ago.

    Nothing where no two answers could be compared.
    """
    items = {one.item_id: one for one in found.items if one.batch_id in weeks}
    reviews = [one for one in found.settled if one.item_id in items]
    known = agreement_of(reviews, items.values(), confidence=confidence)
    pairs = _first_and_second([one for one in reviews if items[one.item_id].kind != "repeat"])
    again = _again([one for one in reviews if items[one.item_id].kind == "repeat"], found)
    told = tuple(
        Agreed(one, _pair(one.question, pairs, confidence), _pair(one.question, again, confidence) if again else None)
        for one in known.questions
        if one.question in QUESTIONS
    )
    has_compared = any(one.all.twice or one.pairs.kappa.n or (one.itself and one.itself.kappa.n) for one in told)
    return told if has_compared else ()


def _over_weeks(batch: Batch, found: Found, weeks: int, confidence: float) -> tuple[WeekAgreement, ...]:
    """Each of the last weeks with a reading; the first of them looks back over the weeks before it as the last does."""
    shown = weeks_until(batch.batch_id, weeks)
    past = set(weeks_until(batch.batch_id, 2 * weeks - 1))
    within = {one.batch_id for one in found.batches if one.is_simulated == batch.is_simulated} & past
    items = [one for one in found.items if one.batch_id in within]
    known = {one.item_id for one in items}
    reviews = [one for one in found.settled if one.item_id in known]
    found_weeks = over_weeks(reviews, items, weeks=weeks, confidence=confidence)
    return tuple(one for one in found_weeks if one.week in shown)


def _pair(question: Question, pairs: Sequence[tuple[Review, Review]], confidence: float) -> PairAgreement:
    said = [(one.answers.given.get(question), other.answers.given.get(question)) for one, other in pairs]
    return pair_agreement(question, (), [(one, other) for one, other in said if one and other], confidence)


def _first_and_second(reviews: Sequence[Review]) -> list[tuple[Review, Review]]:
    """The two readings of each item that two have read."""
    parts = {(one.item_id, one.part): one for one in reviews}
    ids = dict.fromkeys(one.item_id for one in reviews)
    return [
        (parts[item_id, "first"], parts[item_id, "second"])
        for item_id in ids
        if (item_id, "first") in parts and (item_id, "second") in parts
    ]


def _again(repeats: Sequence[Review], found: Found) -> list[tuple[Review, Review]]:
    """What a nurse said before, and what she said of the same later."""
    source = {one.item_id: one.source for one in found.origins}
    said = {(one.item_id, one.reviewer_id): one for one in found.settled if one.part in BLIND}
    earlier = [(said.get((source.get(one.item_id, ""), one.reviewer_id)), one) for one in repeats]
    return [(one, later) for one, later in earlier if one is not None]


def _changes(came: CameOf) -> tuple[TrustChange, ...]:
    """Judges whose state is another than in the report of a week before; one that is new was not measured before."""
    if came.trusted_before is None:
        return ()
    before = came.trusted_before
    return tuple(
        TrustChange(grader_of(trust.judge), trust.criterion, before.get(key, "unmeasured"), trust)
        for key, trust in sorted(came.trust.known.items())
        if before.get(key, "unmeasured") != trust.state
    )


def _since(batch_id: str, due: str) -> tuple[str, ...]:
    """Weeks after the batch that should have been drawn by now."""
    return (*missed_weeks(batch_id, due), due) if batch_id < due else ()
