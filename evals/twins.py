"""What held between a case and its twin, and what did not.

A twin is the same woman with other words, or with one fact that matters changed; what must stay the same and what must
change lies in its case (`evals.cases.Twin`). Besides those that suites declare, the same case in two locales is a pair
of twins: its clinical criteria must stay. Where either answer is missing, ungraded or undecided over the epochs,
nothing is known: that is neither a violation nor in order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.cases import CLINICAL_AXES, Case, Suite, Twin, TwinKind
from evals.pairs import Pair
from evals.rows import Row, Side
from evals.trials import prompt_without_locale

Expected = Literal["stays", "changes"]
State = Literal["new", "standing", "mended", "unknown"]
"""`new`: only the head violates it; `standing`: both; `mended`: only the base; `unknown`: the other cannot tell."""
Outcomes = Mapping[str, bool | None]
"""By criterion, whether it was met; None where that is not known."""


@dataclass(frozen=True)
class Relation:
    """Two cases of a suite, and what must hold between their answers."""

    suite: str
    kind: TwinKind
    case: str
    twin: str
    stays: tuple[str, ...]
    changes: tuple[str, ...]
    never: frozenset[str]
    """Those of the criteria that are never-events."""

    @property
    def expectations(self) -> tuple[tuple[Expected, str], ...]:
        """Each criterion with what is expected of it."""
        return (*(("stays", name) for name in self.stays), *(("changes", name) for name in self.changes))


@dataclass(frozen=True)
class TwinViolation:
    """One criterion of two cases that did not stay, or did not change, on one side."""

    suite: str
    prompt: str
    """The one that answered the twin."""
    side: Side
    relation: TwinKind
    case: str
    twin: str
    criterion: str
    never: bool
    expected: Expected
    case_met: bool
    twin_met: bool
    state: State

    @property
    def is_new(self) -> bool:
        """Whether the change brought it: the head violates it, and the base is known to have held."""
        return self.side == "head" and self.state == "new"


@dataclass(frozen=True)
class TwinCounts:
    """How many expectations of twins one side met, broke, or left unknown."""

    held: int
    broken: int
    unknown: int


@dataclass(frozen=True)
class TwinReport:
    """Every violation, those of never-events and new ones first, and the counts by side."""

    violations: tuple[TwinViolation, ...]
    counts: Mapping[Side, TwinCounts]
    """A side that was not asked has no entry."""


def examine_twins(pairs: Iterable[Pair], suites: Sequence[Suite]) -> TwinReport:
    """What held between twins. One pass over the pairs, of which only the outcomes of twins are kept."""
    wanted = [relation for suite in suites for relation in relations(suite)]
    answers = _answers(
        pairs, {(relation.suite, name) for relation in wanted for name in (relation.case, relation.twin)}
    )
    violations: list[TwinViolation] = []
    tallies: dict[Side, list[int]] = {}
    for relation in wanted:
        twins = answers.get((relation.suite, relation.twin), {})
        cases = answers.get((relation.suite, relation.case), {})
        for prompt in sorted(twins.keys() & cases.keys()):
            for expected, criterion in relation.expectations:
                found = _held(cases[prompt], twins[prompt], criterion, expected)
                for side, held in found.items():
                    tallies.setdefault(side, [0, 0, 0])[_PLACE[held]] += 1
                violations += _violations(relation, cases[prompt], twins[prompt], criterion, expected, found)
    counts = {side: TwinCounts(*tally) for side, tally in sorted(tallies.items())}
    return TwinReport(tuple(sorted(violations, key=_order)), counts)


def relations(suite: Suite) -> Iterator[Relation]:
    """Every pair of twins of a suite: declared, derived, and the same case in two locales.

    None of a suite whose cases are read from one long file as they are walked: it has no twins.
    """
    if not isinstance(suite.cases, tuple):
        return
    cases = {case.id: case for case in suite.asked}
    for case in cases.values():
        if case.twin is not None:
            yield _relation(case.twin, cases[case.twin.of], case)
    for theme in dict.fromkeys(case.theme for case in suite.cases):
        there = [cases[name] for locale in suite.locales if (name := f"{theme}.{locale}") in cases]
        for other in there[1:]:
            yield _relation(_locale_twin(there[0], other), there[0], other)


def _relation(twin: Twin, case: Case, other: Case) -> Relation:
    never = frozenset(criterion.id for criterion in (*case.criteria, *other.criteria) if criterion.never)
    return Relation(case.suite, twin.kind, case.id, other.id, twin.stays, twin.changes, never)


def _locale_twin(case: Case, other: Case) -> Twin:
    """What must stay between two locales: all that is clinical. Tone and language are each language's own."""
    clinical = {criterion.id for criterion in case.criteria if criterion.axis in CLINICAL_AXES}
    return Twin("locale", case.id, tuple(criterion.id for criterion in other.criteria if criterion.id in clinical))


@dataclass(frozen=True)
class _Answers:
    """What one case got from one prompt on one side."""

    prompt: str
    outcomes: Outcomes


_BySide = dict[Side, _Answers]
_PLACE: Mapping[bool | None, int] = {True: 0, False: 1, None: 2}


def _answers(pairs: Iterable[Pair], wanted: set[tuple[str, str]]) -> dict[tuple[str, str], dict[str, _BySide]]:
    """By suite and case, and by name of the prompt without its locale: what each side got."""
    answers: dict[tuple[str, str], dict[str, _BySide]] = {}
    for pair in pairs:
        suite, case, prompt = pair.key
        if (suite, case) in wanted:
            by_side = answers.setdefault((suite, case), {}).setdefault(prompt_without_locale(prompt), {})
            sides: tuple[tuple[Side, Sequence[Row]], ...] = (("base", pair.base), ("head", pair.head))
            by_side.update({side: _Answers(prompt, _outcomes(rows)) for side, rows in sides if rows})
    return answers


def _outcomes(rows: Sequence[Row]) -> Outcomes:
    """Whether each criterion was met in more than half of the epochs that were asked for; None where neither was."""
    met: dict[str, int] = {}
    failed: dict[str, int] = {}
    for row in rows:
        for result in row.criteria:
            tally = failed if result.met is False else met
            tally[result.id] = tally.get(result.id, 0) + (result.met is not None)
    half = len(rows) / 2
    return {
        name: True if met.get(name, 0) > half else False if failed.get(name, 0) > half else None
        for name in {**met, **failed}
    }


def _held(cases: _BySide, twins: _BySide, criterion: str, expected: Expected) -> dict[Side, bool | None]:
    """On each side that both were asked on, whether the expectation held; None where that is not known."""
    held: dict[Side, bool | None] = {}
    for side in sorted(cases.keys() & twins.keys()):
        one, other = cases[side].outcomes.get(criterion), twins[side].outcomes.get(criterion)
        is_known = one is not None and other is not None
        held[side] = (one == other) == (expected == "stays") if is_known else None
    return held


def _violations(
    relation: Relation,
    cases: _BySide,
    twins: _BySide,
    criterion: str,
    expected: Expected,
    found: Mapping[Side, bool | None],
) -> Iterator[TwinViolation]:
    for side, held in found.items():
        if held is False:
            yield TwinViolation(
                suite=relation.suite,
                prompt=twins[side].prompt,
                side=side,
                relation=relation.kind,
                case=relation.case,
                twin=relation.twin,
                criterion=criterion,
                never=criterion in relation.never,
                expected=expected,
                case_met=bool(cases[side].outcomes[criterion]),
                twin_met=bool(twins[side].outcomes[criterion]),
                state=_state(side, found),
            )


def _state(side: Side, found: Mapping[Side, bool | None]) -> State:
    other = found.get("base" if side == "head" else "head")
    if other is None:
        return "unknown"
    if not other:
        return "standing"
    return "new" if side == "head" else "mended"


def _order(violation: TwinViolation) -> tuple[object, ...]:
    """New ones first, never-events first among them."""
    return (
        not violation.is_new,
        not violation.never,
        violation.suite,
        violation.case,
        violation.twin,
        violation.prompt,
        violation.criterion,
        violation.side,
    )
