"""Twins as suite files declare them: what a case says of its own, joined to what it is a twin of.

A written twin is a case whose id is that of another with `~` and a name before the locale. A derived one is made by
`evals.twin_texts`. What must stay is named by criterion, or is `all`, or the `never`-events.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evals.cases import TWIN_MARK, Case, Criterion, Twin, TwinKind
from evals.shapes import CaseShape, DerivedTwinShape, SuiteShape
from evals.twin_texts import WAYS


def twin_problems(case: CaseShape) -> Iterator[str]:
    """What is wrong with what a case says of its twins, by itself."""
    theme = case.id.removesuffix(f".{case.locale}")
    if (TWIN_MARK in theme) != (case.twin is not None):
        yield f"a case is a twin exactly where its id holds '{TWIN_MARK}' and it has the key 'twin'"
    name = theme.partition(TWIN_MARK)[2]
    if name in WAYS:
        yield f"'{name}' is the name of a derived twin: call yours otherwise"
    if case.twin and case.twins:
        yield "a twin has no twins of its own: derive them from its case"
    known = {criterion.id for criterion in case.criteria}
    for twin in (*(case.twins or ()), *((case.twin,) if case.twin else ())):
        named = twin.stays if isinstance(twin.stays, tuple) else ()
        for lost in sorted({*named, *getattr(twin, "changes", ())} - known):
            yield f"its twin '{twin.kind}' names criterion '{lost}', which it does not have"
    if case.twin and isinstance(case.twin.stays, tuple) and set(case.twin.stays) & set(case.twin.changes):
        yield "a criterion of a twin cannot both stay and change"


def written_twin(case: CaseShape, criteria: Sequence[Criterion]) -> Twin | None:
    """What a written twin says of itself; None where the case is none."""
    if case.twin is None:
        return None
    theme = case.id.removesuffix(f".{case.locale}").partition(TWIN_MARK)[0]
    stays = _named(case.twin.stays, criteria)
    kept = tuple(name for name in stays if name not in case.twin.changes)
    return Twin(case.twin.kind, f"{theme}.{case.locale}", kept, case.twin.changes)


def derived_kinds(case: CaseShape, head: SuiteShape, criteria: Sequence[Criterion]) -> dict[TwinKind, tuple[str, ...]]:
    """The kinds of twin to derive from the case, with what must stay: its own, or else those of its suite."""
    wanted: Sequence[DerivedTwinShape] = head.twins if case.twins is None else case.twins
    return {} if case.twin else {twin.kind: _named(twin.stays, criteria) for twin in wanted}


def join_twins(cases: Mapping[str, Case]) -> tuple[dict[str, Case], dict[str, str]]:
    """The cases, where a written twin keeps only what its case has as well; and what is wrong, by id of the twin."""
    joined, problems = dict(cases), {}
    for name, case in cases.items():
        if case.twin is None:
            continue
        other = cases.get(case.twin.of)
        theirs = {criterion.id for criterion in other.criteria} if other else set()
        lost = [criterion for criterion in case.twin.changes if criterion not in theirs]
        if other is None:
            problems[name] = f"it is a twin of '{case.twin.of}', which is not in the suite"
        elif other.persona != case.persona:
            problems[name] = f"it is a twin of '{other.id}', which is for another persona"
        elif lost:
            problems[name] = f"its twin '{other.id}' has no criterion '{lost[0]}'"
        else:
            stays = tuple(criterion for criterion in case.twin.stays if criterion in theirs)
            joined[name] = replace(case, twin=replace(case.twin, stays=stays))
    return joined, problems


def _named(stays: str | tuple[str, ...], criteria: Sequence[Criterion]) -> tuple[str, ...]:
    if isinstance(stays, tuple):
        return stays
    return tuple(criterion.id for criterion in criteria if stays == "all" or criterion.never)
