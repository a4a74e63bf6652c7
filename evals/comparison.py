"""Two versions of prompts on the same cases: paired by case and prompt, epochs averaged inside, per axis and over all.

One walk over the pairs keeps their scores (`evals.paired_scores`) and what there is to read of them: criteria that
flipped, flaky ones, grader errors. Then each axis, the whole score and each slice is measured and tested
(`evals.differences`). Margins, counts and confidence are those of policy.yaml, section `gate`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from evals.confirmation import CONFIRMATION_EPOCH, ConfirmationRule, asked_first
from evals.counts import GraderErrorLine, SideCounter, SideCounts, grader_errors
from evals.differences import AxisState, Difference, TestRules, difference, judged
from evals.flaky import FlakyCriterion, flaky_of
from evals.flips import Flip, flips
from evals.mcnemar import FlipCounts
from evals.newly_stopped import NewlyStopped, StoppedAnswer, StoppedTally
from evals.paired_scores import PairedScores
from evals.pairs import Pair
from evals.rows import Row
from evals.slices import Slice, slices
from evals.unknown_never_events import UnknownNeverEvent, unknown_never_events
from matria.policy import Policy

__all__ = [
    "AxisState",
    "Comparison",
    "Difference",
    "FlakyCriterion",
    "Flip",
    "FlipCounts",
    "GraderErrorLine",
    "NewlyStopped",
    "SideCounts",
    "Slice",
    "StoppedAnswer",
    "UnknownNeverEvent",
    "compare",
]

KEPT_FLIPS = 500
"""Regressions, and fixes, that are kept with their answers: the worst; past it they are counted."""
KEPT_LINES = 300
"""Grader errors, and flaky criteria, that are kept; past it they are counted."""


@dataclass(frozen=True)
class Comparison:
    """Everything that a verdict is decided from."""

    quality: Difference
    axes: tuple[Difference, ...]
    """The axes that the cases have, in the order of `AXES`."""
    slices: tuple[Slice, ...]
    """Each axis in each locale, persona and stage, and in these crossed; small ones too, as `too_few`."""
    flips: tuple[Flip, ...]
    """Criteria whose usual outcome differs, in the order of their pairs; of very many the gravest."""
    new_never_events: tuple[Flip, ...]
    """Confirmed ones, and those that could not be asked again; of very many the gravest."""
    standing_never_events: tuple[Flip, ...]
    """Failed on both sides: they do not block, and they are shown."""
    base: SideCounts
    head: SideCounts
    prompts: tuple[str, ...]
    unpaired: int
    """Case and prompt pairs that only one side was asked."""
    identical: bool
    """Both sides are the same rows: nothing that decides an answer or its grade differs, and no pair lacks a side."""
    changed_answers: int
    """Pairs in which an answer differs."""
    is_simulated: bool
    flaky: tuple[FlakyCriterion, ...] = ()
    """Criteria that disagree with themselves, the first of them: shown, not counted."""
    flaky_total: int = 0
    grader_errors: tuple[GraderErrorLine, ...] = ()
    """The first ones; `grader_error_total` says how many there are."""
    unconfirmed_never_events: tuple[Flip, ...] = ()
    """Failed, and not again when asked again: they do not block, and they are shown among the flaky."""
    regression_total: int = 0
    fix_total: int = 0
    new_never_event_total: int = 0
    unknown_never_events: tuple[UnknownNeverEvent, ...] = ()
    """Of which the head has no grade; those that the base passed first, and of very many the first."""
    unknown_never_event_total: int = 0
    """Of those that the base passed."""
    newly_stopped: NewlyStopped = NewlyStopped()  # noqa: RUF009
    """Answers that people were shown before and are not now."""

    @property
    def grader_error_total(self) -> int:
        """Criteria of both sides without a grade."""
        return self.base.grader_errors + self.head.grader_errors

    @property
    def regressions(self) -> list[Flip]:
        """What got worse, the most harmful first: never-events, then points at stake times how often it failed."""
        return sorted((f for f in self.flips if f.kind == "regressed"), key=lambda f: f.harm, reverse=True)

    @property
    def fixes(self) -> list[Flip]:
        """What got better, by points."""
        return sorted((f for f in self.flips if f.kind == "fixed"), key=lambda f: abs(f.points), reverse=True)


def compare(pairs: Iterable[Pair], policy: Policy, seed: int = 0) -> Comparison:
    """The head held against the base. The same pairs in the same order, policy and seed give the same figures."""
    seen = _Walk(policy)
    for pair in pairs:
        seen.add(pair)
    return seen.comparison(TestRules.of(policy, seed))


class _Kept:
    """The gravest flips of very many, and how many there were."""

    def __init__(self) -> None:
        self.total = 0
        self._flips: list[tuple[int, Flip]] = []

    def add(self, flip: Flip) -> None:
        self.total += 1
        self._flips.append((self.total, flip))
        if len(self._flips) > 2 * KEPT_FLIPS:
            self._flips = self._gravest()

    def _gravest(self) -> list[tuple[int, Flip]]:
        weight = sorted(self._flips, key=lambda item: (item[1].harm, abs(item[1].points), -item[0]), reverse=True)
        return sorted(weight[:KEPT_FLIPS], key=lambda item: item[0])

    def flips(self) -> list[Flip]:
        """As they came."""
        return [flip for _, flip in self._gravest()]


class _Walk:
    """What is kept of the pairs as they pass by."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._rule = ConfirmationRule.of(policy)
        self._scores = PairedScores()
        self._stopped = StoppedTally()
        self._base, self._head = SideCounter(), SideCounter()
        self._prompts: set[str] = set()
        self._regressed, self._fixed, self._new, self._standing, self._unconfirmed = (_Kept() for _ in range(5))
        self._flaky: list[FlakyCriterion] = []
        self._errors: list[GraderErrorLine] = []
        self._unknown: dict[bool, list[UnknownNeverEvent]] = {True: [], False: []}
        self._unknown_total = 0
        self._unpaired = self._changed = self._complete = self._flaky_total = 0
        self._is_simulated = False
        self._is_shared = True

    def add(self, pair: Pair) -> None:
        for side, rows, counter in (("base", pair.base, self._base), ("head", pair.head, self._head)):
            self._count(rows, counter)
            if len(self._errors) < KEPT_LINES:
                self._errors += grader_errors(asked_first(rows), "head" if side == "head" else "base")
        self._prompts.update(row.prompt for row in pair.head)
        self._is_shared = self._is_shared and _keys(pair.base) == _keys(pair.head)
        self._note_unknown(pair)
        unconfirmed = self._read(pair) if pair.head else frozenset()
        if not pair.is_complete:
            self._unpaired += 1
            return
        self._complete += 1
        self._changed += _texts(pair.base) != _texts(pair.head)
        self._scores.add(pair, unconfirmed)
        self._stopped.add(pair)

    def _count(self, rows: Iterable[Row], counter: SideCounter) -> None:
        for row in rows:
            self._is_simulated |= row.is_simulated
            if row.epoch < CONFIRMATION_EPOCH:
                counter.add(row)

    def _note_unknown(self, pair: Pair) -> None:
        for event in unknown_never_events(pair):
            self._unknown_total += event.base_passed
            kept = self._unknown[event.base_passed]
            if len(kept) < KEPT_LINES:
                kept.append(event)

    def _read(self, pair: Pair) -> frozenset[str]:
        """Keeps what is to be read; returns the axes in which a never-event failed and was not confirmed."""
        unconfirmed = set()
        for flip in flips(pair, self._rule):
            if flip.confirmation == "unconfirmed":
                self._unconfirmed.add(flip)
                unconfirmed.add(flip.axis)
            if flip.is_new_never_event:
                self._new.add(flip)
            if flip.never and flip.head_failed and flip.base_failed:
                self._standing.add(flip)
            if flip.is_flaky:
                self._flaky_total += 1
                if len(self._flaky) < KEPT_LINES:
                    self._flaky.append(flaky_of(flip))
            if flip.kind != "same":
                (self._regressed if flip.kind == "regressed" else self._fixed).add(flip)
        return frozenset(unconfirmed)

    def comparison(self, rules: TestRules) -> Comparison:
        """The figures of what was seen."""
        table, axes, margins = self._scores.table(), self._scores.axes, _margins(self._policy)
        measured = [difference(name, table, margins[name], rules) for name in (*axes, "quality")]
        *tested, quality = [_with_flips(d, self._scores) for d in judged(measured[:-1], rules, measured[-1:])]
        return Comparison(
            quality=quality,
            axes=tuple(tested),
            slices=slices(table, axes, margins, rules),
            flips=tuple(sorted([*self._regressed.flips(), *self._fixed.flips()], key=_place)),
            new_never_events=tuple(self._new.flips()),
            standing_never_events=tuple(self._standing.flips()),
            base=self._base.counts(),
            head=self._head.counts(),
            prompts=tuple(sorted(self._prompts)),
            unpaired=self._unpaired,
            identical=bool(self._complete) and self._is_shared,
            changed_answers=self._changed,
            is_simulated=self._is_simulated,
            flaky=tuple(self._flaky),
            flaky_total=self._flaky_total,
            grader_errors=tuple(self._errors[:KEPT_LINES]),
            unconfirmed_never_events=tuple(self._unconfirmed.flips()),
            regression_total=self._regressed.total,
            fix_total=self._fixed.total,
            new_never_event_total=self._new.total,
            unknown_never_events=(*self._unknown[True], *self._unknown[False]),
            unknown_never_event_total=self._unknown_total,
            newly_stopped=self._stopped.found(),
        )


def _with_flips(found: Difference, scores: PairedScores) -> Difference:
    return replace(found, flips=scores.flips(found.name))


def _margins(policy: Policy) -> dict[str, float]:
    """Each axis's own margin; for the whole score the widest of them, since each axis has its own say."""
    margins = policy.group("gate.axis_margins")
    return {**margins, "quality": max(margins.values())}


def _place(flip: Flip) -> tuple[str, str, str]:
    return (flip.suite, flip.case, flip.prompt)


def _keys(rows: Iterable[Row]) -> list[str]:
    return [row.key for row in asked_first(rows)]


def _texts(rows: Iterable[Row]) -> list[str]:
    return [row.answer.graded_text if row.answer else "" for row in asked_first(rows)]
