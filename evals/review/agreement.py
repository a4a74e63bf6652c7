"""How far nurses agree: per question, per pair of nurses, of each with herself, and over time. Figures, no words.

The agreement of all nurses is Krippendorff's alpha, which needs no fixed pair; that of two is Cohen's kappa. Only blind
readings count: an adjudicator knows that two differ. A repeat is set against what the same nurse said before and
counts nowhere else. "Cannot tell" is missing data, never an answer that two could agree on, and is counted apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from evals.review.alpha import Level, krippendorffs_alpha
from evals.review.base import CANNOT_TELL, OPTIONS, ORDINAL, Origin, Question, Review, ReviewItem
from evals.review.coefficient import REDRAW, Coefficient, Redraw
from evals.review.kappa import Beside, beside, kappa_redrawn, table_of

BLIND = ("first", "second", "extra")
"""Parts that read without knowing of another reading."""
_WEEK = "{0}-W{1:02}"


@dataclass(frozen=True)
class Answered:
    """What one nurse answered to one question of one item."""

    item_id: str
    reviewer_id: str
    question: Question
    answer: str
    week: str
    """ISO week: of the item's conversations, or for an item of a queue that in which it was read."""


@dataclass(frozen=True)
class QuestionAgreement:
    """All nurses on one question."""

    question: Question
    level: Level
    items: int
    """Items that anybody read."""
    twice: int
    """Of these, those that two or more could tell; alpha rests on them."""
    readings: int
    cannot_tell: int
    """Of the readings."""
    alpha: Coefficient


@dataclass(frozen=True)
class PairAgreement:
    """Two nurses on one question, or one nurse with herself weeks later; all nurses where `reviewers` is empty."""

    question: Question
    reviewers: tuple[str, ...]
    """The first reads the rows of the table; one alone for a nurse with herself."""
    cannot_tell: int
    """Items that both read and one or both could not tell."""
    kappa: Coefficient
    """With the interval of items drawn again, as the weighted one."""
    quadratic: Coefficient | None
    """Weighted; None where the answers stand in no order."""
    beside: Beside


@dataclass(frozen=True)
class WeekAgreement:
    """The questions over the weeks up to one."""

    week: str
    """ISO week, the last of them."""
    weeks: int
    """How many weeks, that one included."""
    questions: tuple[QuestionAgreement, ...]


@dataclass(frozen=True)
class Agreement:
    """How far nurses agree."""

    questions: tuple[QuestionAgreement, ...]
    pairs: tuple[PairAgreement, ...]
    """Of each two nurses who read an item both, by question and names."""
    selves: tuple[PairAgreement, ...]
    """Of each nurse with herself, from repeats; then of all nurses together, by question."""


def agreement_of(
    reviews: Iterable[Review],
    items: Iterable[ReviewItem],
    origins: Iterable[Origin] = (),
    *,
    confidence: float = 0.95,
    redraw: Redraw = REDRAW,
) -> Agreement:
    """The agreement of settled reviews. `origins` say which item a repeat repeats."""
    known = {item.item_id: item for item in items}
    said = answered(reviews, known)
    once = [one for one in said if known[one.item_id].kind != "repeat"]
    return Agreement(
        _questions(once, confidence, redraw),
        _pairs(once, confidence, redraw),
        _selves(said, known, origins, confidence, redraw),
    )


def over_weeks(
    reviews: Iterable[Review],
    items: Iterable[ReviewItem],
    *,
    weeks: int,
    confidence: float = 0.95,
    redraw: Redraw = REDRAW,
) -> tuple[WeekAgreement, ...]:
    """The agreement over so many weeks up to each week with a reading, oldest first. A week nobody read is no gap."""
    known = {item.item_id: item for item in items if item.kind != "repeat"}
    said = answered(reviews, known)
    found = []
    for week in sorted({one.week for one in said}):
        since = _weeks_before(week, weeks - 1)
        window = [one for one in said if since <= one.week <= week]
        found.append(WeekAgreement(week, weeks, _questions(window, confidence, redraw)))
    return tuple(found)


def answered(reviews: Iterable[Review], items: Mapping[str, ReviewItem]) -> list[Answered]:
    """Every blind answer to a known item, in the order of item and nurse."""
    found = [
        Answered(review.item_id, review.reviewer_id, question, answer, _week(items[review.item_id], review))
        for review in reviews
        if review.part in BLIND and review.item_id in items
        for question, answer in review.answers.given.items()
    ]
    return sorted(found, key=lambda one: (one.item_id, one.reviewer_id))


def level_of(question: Question) -> Level:
    """Whether its answers are degrees or names."""
    return "ordinal" if question in ORDINAL else "nominal"


def options_of(question: Question) -> tuple[str, ...]:
    """Its answers, the best first, without "cannot tell"."""
    return tuple(option for option in OPTIONS[question] if option != CANNOT_TELL)


def _questions(said: Sequence[Answered], confidence: float, redraw: Redraw) -> tuple[QuestionAgreement, ...]:
    grouped: dict[Question, list[Answered]] = defaultdict(list)
    for one in said:
        grouped[one.question].append(one)
    return tuple(_question(name, grouped[name], confidence, redraw) for name in OPTIONS if name in grouped)


def _question(question: Question, said: Sequence[Answered], confidence: float, redraw: Redraw) -> QuestionAgreement:
    place = {option: number for number, option in enumerate(options_of(question))}
    units: dict[str, list[int]] = {one.item_id: [] for one in said}
    for one in said:
        if one.answer != CANNOT_TELL:
            units[one.item_id].append(place[one.answer])
    level = level_of(question)
    return QuestionAgreement(
        question=question,
        level=level,
        items=len(units),
        twice=sum(len(unit) > 1 for unit in units.values()),
        readings=len(said),
        cannot_tell=sum(one.answer == CANNOT_TELL for one in said),
        alpha=krippendorffs_alpha(list(units.values()), range(len(place)), level, confidence, redraw),
    )


_Key = tuple[Question, tuple[str, ...]]
_Said = tuple[str, str]


def _pairs(said: Sequence[Answered], confidence: float, redraw: Redraw) -> tuple[PairAgreement, ...]:
    by_item: dict[tuple[str, Question], list[Answered]] = defaultdict(list)
    for one in said:
        by_item[one.item_id, one.question].append(one)
    found: dict[_Key, list[_Said]] = defaultdict(list)
    for (_, question), readers in by_item.items():
        for first, second in combinations(readers, 2):
            found[question, (first.reviewer_id, second.reviewer_id)].append((first.answer, second.answer))
    return _sorted(found, confidence, redraw)


def _selves(
    said: Sequence[Answered],
    known: Mapping[str, ReviewItem],
    origins: Iterable[Origin],
    confidence: float,
    redraw: Redraw,
) -> tuple[PairAgreement, ...]:
    first_of = {one.item_id: one.source for one in origins}
    before = {(one.item_id, one.reviewer_id, one.question): one.answer for one in said}
    found: dict[_Key, list[_Said]] = defaultdict(list)
    for one in said:
        if known[one.item_id].kind != "repeat":
            continue
        earlier = before.get((first_of.get(one.item_id, ""), one.reviewer_id, one.question))
        if earlier is not None:
            found[one.question, (one.reviewer_id,)].append((earlier, one.answer))
            found[one.question, ()].append((earlier, one.answer))
    return _sorted(found, confidence, redraw)


def _sorted(found: Mapping[_Key, Sequence[_Said]], confidence: float, redraw: Redraw) -> tuple[PairAgreement, ...]:
    """By question in the order in which they are asked, then by names, all nurses last."""
    order = list(OPTIONS)
    keys = sorted(found, key=lambda key: (order.index(key[0]), not key[1], key[1]))
    return tuple(pair_agreement(question, who, found[question, who], confidence, redraw) for question, who in keys)


def pair_agreement(
    question: Question,
    reviewers: tuple[str, ...],
    said: Sequence[tuple[str, str]],
    confidence: float = 0.95,
    redraw: Redraw = REDRAW,
) -> PairAgreement:
    """The agreement of pairs of answers to one question."""
    options = options_of(question)
    told = [pair for pair in said if CANNOT_TELL not in pair]
    table = table_of(told, options)
    return PairAgreement(
        question=question,
        reviewers=reviewers,
        cannot_tell=len(said) - len(told),
        kappa=kappa_redrawn(table, "none", confidence, redraw),
        quadratic=kappa_redrawn(table, "quadratic", confidence, redraw) if question in ORDINAL else None,
        beside=beside(table, options, confidence),
    )


def _week(item: ReviewItem, review: Review) -> str:
    return review_week(review) if item.batch_id.startswith("queue-") else item.batch_id


def review_week(review: Review) -> str:
    """ISO week in which it was submitted."""
    return _iso(review.submitted_at.date())


def _weeks_before(week: str, weeks: int) -> str:
    monday = date.fromisoformat(f"{week}-1")
    return _iso(monday - timedelta(weeks=weeks))


def _iso(day: date) -> str:
    year, week, _ = day.isocalendar()
    return _WEEK.format(year, week)
