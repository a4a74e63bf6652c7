"""From what nurses and judges said of the same items to how far each judge is trusted.

A judge that is asked to read what nurses read often is measured on what was chosen because of it: the week's draw takes
more of the conversations on which judges differ, and a gate queues about as many of the answers that the judge found
bad as of the many that it found good (verification bias: Begg and Greenes 1983). So each reading counts by the inverse
of the chance with which its item was drawn, or of the share that was queued of the answers with its verdict.

All figures are of good and not good, never of met and not met: of a criterion with negative points it is bad to be met,
and a judge that never finds anything bad would pass for a good one where the two signs are put together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from evals.cases import Axis
from evals.judges.trust import Interval, Overall, Trust, TrustBook, TrustState
from evals.judges.weighing import Weighed, found_alike, weighted_kappa
from evals.review.coefficient import Coefficient, Share
from matria.policy import Policy

Frame = Literal["week", "gate"]
"""The conversations of the weeks; the answers of the evaluations from which gates queued some."""
_DECIMALS = 4
"""Figures are kept so, and the bar is held against what is kept."""
Shortfall = Literal[
    "few_items",
    "few_met",
    "few_not_met",
    "few_nurses",
    "no_kappa",
    "old",
    "kappa",
    "kappa_low",
    "sensitivity",
    "sensitivity_low",
    "specificity",
    "specificity_low",
]
"""What a judge lacks: the first six leave it unmeasured, the others untrusted. `_low` is the interval's lower end."""
UNMEASURED: frozenset[Shortfall] = frozenset({"few_items", "few_met", "few_not_met", "few_nurses", "no_kappa", "old"})


@dataclass(frozen=True)
class Reading:
    """One criterion of one item, as a judge found it and as nurses did."""

    judge: str
    """Its identity; see `evals.judges.trust.judge_of`."""
    grader: str
    """`judge:rubric`."""
    criterion: str
    """`review/safe`, `<suite>/<criterion id>`."""
    axis: Axis | Overall
    judge_met: bool | None
    """None where the judge failed."""
    nurse_met: bool | None
    """None where the nurse could not tell."""
    item: str
    reviewed_on: date
    is_simulated: bool = False
    """Whether the judge, or the answer, is of the bundled simulator."""
    probability: float | None = None
    """Chance with which the item was drawn, or share that was queued of its verdict; None where neither is known."""
    frame: Frame = "week"
    """What it is a chance in."""
    good_when_met: bool = True
    """False of a criterion with negative points, which is bad to meet."""
    answer: str = ""
    """What was read, the same for all criteria and items of one answer; empty where the item has it to itself."""
    nurses: frozenset[str] = frozenset()
    """Ids of those who said what stands; empty where nobody knows."""

    @property
    def group(self) -> str:
        """What counts once, however much was said of it."""
        return self.answer or self.item

    @property
    def judge_good(self) -> bool | None:
        """Whether the judge found the answer good; None where it failed."""
        return None if self.judge_met is None else self.judge_met == self.good_when_met

    @property
    def nurse_good(self) -> bool | None:
        """Whether the nurse found the answer good; None where she could not tell."""
        return None if self.nurse_met is None else self.nurse_met == self.good_when_met


@dataclass(frozen=True)
class Bar:
    """What trust takes, as policy.yaml says."""

    min_n: int
    min_each: int
    min_nurses: int
    min_kappa: float
    min_kappa_low: float
    min_sensitivity: float
    min_specificity: float
    min_share_low: float
    weeks: int
    confidence: float

    @classmethod
    def of(cls, policy: Policy) -> "Bar":
        """That of the policy."""
        return cls(
            min_n=policy.count("trust.min_n"),
            min_each=policy.count("trust.min_each"),
            min_nurses=policy.count("trust.min_nurses"),
            min_kappa=policy.number("trust.min_kappa"),
            min_kappa_low=policy.number("trust.min_kappa_low"),
            min_sensitivity=policy.number("trust.min_sensitivity"),
            min_specificity=policy.number("trust.min_specificity"),
            min_share_low=policy.number("trust.min_share_low"),
            weeks=policy.count("trust.weeks"),
            confidence=policy.number("review.confidence"),
        )

    def first_day(self, today: date) -> date:
        """Of the readings that count on a day."""
        return today - timedelta(weeks=self.weeks)

    def shortfalls(self, trust: Trust, today: date | None = None) -> tuple[Shortfall, ...]:
        """What it lacks; nothing for one that is trusted. Without `today` its age is not asked for."""
        is_old = today is not None and bool(trust.until) and date.fromisoformat(trust.until) < self.first_day(today)
        wanted: Mapping[Shortfall, bool] = {
            "few_items": trust.n < self.min_n,
            "few_met": trust.met < self.min_each,
            "few_not_met": trust.not_met < self.min_each,
            "few_nurses": trust.nurses < self.min_nurses,
            "no_kappa": trust.kappa.value is None,
            "old": is_old,
            "kappa": _is_below(trust.kappa.value, self.min_kappa),
            "kappa_low": _is_below(trust.kappa.low, self.min_kappa_low),
            "sensitivity": _is_below(trust.sensitivity.value, self.min_sensitivity),
            "sensitivity_low": _is_below(trust.sensitivity.low, self.min_share_low),
            "specificity": _is_below(trust.specificity.value, self.min_specificity),
            "specificity_low": _is_below(trust.specificity.low, self.min_share_low),
        }
        return tuple(name for name, is_short in wanted.items() if is_short)

    def state(self, trust: Trust, today: date | None = None) -> TrustState:
        """What its figures come to; too few of one kind are enough where they show already that it is below the bar."""
        found = self.shortfalls(trust, today)
        if self._is_poor(trust) and not {"few_items", "old"}.intersection(found):
            return "untrusted"
        if UNMEASURED.intersection(found):
            return "unmeasured"
        return "untrusted" if found else "trusted"

    def _is_poor(self, trust: Trust) -> bool:
        """Whether even the upper end of a share lies below the bar; one answer alone shows nothing."""
        shares = (
            (trust.sensitivity, trust.met, self.min_sensitivity),
            (trust.specificity, trust.not_met, self.min_specificity),
        )
        return any(count > 1 and _is_below(share.high, bar) for share, count, bar in shares)


def trust_book(readings: Iterable[Reading], policy: Policy, today: date) -> TrustBook:
    """How far each judge is trusted on each criterion and axis, by the readings of the last `trust.weeks`.

    Of an item that was read several times the newest reading counts; of an answer that a judge graded both ways both
    verdicts do. Simulated readings count where a judge has no
    others on the criterion or axis, and what rests on them is marked.
    """
    bar = Bar.of(policy)
    grouped: dict[tuple[str, str], list[Reading]] = defaultdict(list)
    for one in _standing(readings, bar.first_day(today), today):
        grouped[one.judge, one.criterion].append(one)
        grouped[one.judge, f"axis:{one.axis}"].append(one)
    return TrustBook({key: _trust(*key, grouped[key], bar) for key in sorted(grouped)})


def _standing(readings: Iterable[Reading], since: date, today: date) -> Sequence[Reading]:
    """The newest day's of each judge, criterion and item, one per verdict; none older than `since` or yet to come."""
    found: dict[tuple[str, str, str], dict[bool | None, Reading]] = defaultdict(dict)
    for one in readings:
        if not since <= one.reviewed_on <= today:
            continue
        said = found[one.judge, one.criterion, one.item]
        newest = max((other.reviewed_on for other in said.values()), default=since)
        if one.reviewed_on > newest:
            said.clear()
        if one.reviewed_on >= newest:
            said[one.judge_met] = one
    return [one for said in found.values() for one in said.values()]


def _trust(judge: str, name: str, readings: Sequence[Reading], bar: Bar) -> Trust:
    is_simulated = all(one.is_simulated for one in readings)
    own = [one for one in readings if one.is_simulated == is_simulated]
    both = [one for one in own if None not in (one.judge_met, one.nurse_met)]
    told = _weighed(own)
    sensitivity = found_alike(told, True, bar.confidence)
    specificity = found_alike(told, False, bar.confidence)
    found = Trust(
        judge=judge,
        criterion=name,
        n=len({one.item for one in told}),
        failed=len({one.group for one in own if one.judge_met is None}),
        kappa=_interval(weighted_kappa(told, bar.confidence)),
        sensitivity=_interval(sensitivity),
        specificity=_interval(specificity),
        until=max(one.reviewed_on for one in both or own).isoformat(),
        is_simulated=is_simulated,
        cannot_tell=len({one.group for one in own if one.nurse_met is None}),
        met=len({one.item for one in told if one.nurse_met}),
        not_met=len({one.item for one in told if not one.nurse_met}),
        effective_met=round(sensitivity.n, _DECIMALS),
        effective_not_met=round(specificity.n, _DECIMALS),
        is_weighted=any(one.probability is not None for one in own),
        nurses=len(frozenset[str]().union(*(one.nurses for one in both))),
    )
    return replace(found, state=bar.state(found))


def _weighed(readings: Sequence[Reading]) -> list[Weighed]:
    """Those on which both said something, each by 1 over its chance.

    So scaled that those of either frame weigh 1 in the mean, as each does that has no chance.
    """
    told = [(one, one.judge_good, one.nurse_good) for one in readings]
    both = [(one, judge, nurse) for one, judge, nurse in told if judge is not None and nurse is not None]
    inverse: dict[Frame, list[float]] = defaultdict(list)
    for one, _, _ in both:
        if one.probability:
            inverse[one.frame].append(1 / one.probability)
    mean = {frame: sum(found) / len(found) for frame, found in inverse.items()}
    return [
        Weighed(one.group, judge, nurse, 1 / one.probability / mean[one.frame] if one.probability else 1.0)
        for one, judge, nurse in both
    ]


def _interval(found: Coefficient | Share) -> Interval:
    return Interval(
        *(None if part is None else round(part, _DECIMALS) for part in (found.value, found.low, found.high))
    )


def _is_below(value: float | None, bar: float) -> bool:
    """Whether a figure that is known lies below; a share of nothing is short of readings, not of size."""
    return value is not None and value < bar
