"""Points that no answer can gain: criteria that contradict each other, ask the impossible, or need a judge not there.

What is looked at is what can be decided without an answer. Where meeting one criterion always meets another, points of
opposite sign cancel and points of the same sign count twice.
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

from evals.cases import Case, Criterion
from evals.checks.numbers import NUMBERS
from evals.checks.params import (
    AnyParams,
    ContactParams,
    EscalationParams,
    LanguageParams,
    LengthParams,
    Params,
    PhraseParams,
    parse_params,
)
from evals.checks.registry import Country, country_of
from matria.policy import Policy

_URGENCY = {"routine": 1, "same_day": 2, "now": 3}
_LOOSER: Mapping[str, frozenset[str]] = {
    "says": frozenset({"says", "mentions"}),
    "mentions": frozenset({"mentions"}),
    "recommends": frozenset({"recommends", "mentions"}),
    "advises_against": frozenset({"advises_against", "mentions"}),
}
"""Kinds that are met by the same words wherever the kind is met."""


def contradictions(case: Case) -> Iterator[str]:
    """Criteria of opposite sign of which meeting one always meets the other."""
    for first, second in combinations(case.criteria, 2):
        good, bad = (first, second) if first.points > second.points else (second, first)
        if good.points > 0 > bad.points and _meets(good, bad):
            yield f"meeting '{good.id}' always meets '{bad.id}', so its {good.points:g} points are never whole"


def repetitions(case: Case) -> Iterator[str]:
    """Criteria of the same sign that look for the same."""
    for first, second in combinations(case.criteria, 2):
        if first.points * second.points > 0 and _meets(first, second) and _meets(second, first):
            yield f"'{first.id}' and '{second.id}' look for the same, which counts twice"


def impossibilities(case: Case, policy: Policy, country: Country) -> Iterator[str]:
    """Positive criteria that no answer to this case can meet, and those that name a threshold there is not."""
    for criterion in case.criteria:
        params = _params(criterion)
        if isinstance(params, LengthParams) and params.policy and params.policy not in policy.thresholds:
            yield f"criterion '{criterion.id}' names the threshold '{params.policy}', which policy.yaml lacks"
        if criterion.points < 0:
            continue
        if isinstance(params, LanguageParams) and params.is_ != case.locale:
            yield f"criterion '{criterion.id}' asks for {params.is_} in a case of {case.locale}"
        where = country_of(case.locale, country)
        if isinstance(params, ContactParams) and params.service not in NUMBERS[where]:
            yield f"criterion '{criterion.id}' asks for a number of {params.service}, which {where} does not have here"


def unjudged(case: Case, judges: Collection[str]) -> Iterator[str]:
    """Judges that the case needs for its positive points, and that are not there."""
    needed = {criterion.judge for criterion in case.criteria if criterion.judge and criterion.points > 0}
    for judge in sorted(needed - set(judges)):
        yield f"only the judge '{judge}' can give some of its points, and it has no model that can tell"


def _meets(one: Criterion, other: Criterion) -> bool:
    """Whether an answer that meets `one` always meets `other`."""
    if one.check is None or other.check is None:
        return one.check is other.check and (one.judge, one.text) == (other.judge, other.text)
    a, b = _params(one), _params(other)
    kind, kind_other = str(one.check["kind"]), str(other.check["kind"])
    if kind == kind_other and a == b:
        return True
    match a, b:
        case EscalationParams(), EscalationParams():
            return _URGENCY[a.urgency] >= _URGENCY[b.urgency] and (b.conditional or not a.conditional)
        case LengthParams(max_words=int(fewer)), LengthParams(max_words=int(most)):
            return fewer <= most
        case PhraseParams() | AnyParams(), PhraseParams() | AnyParams():
            return kind_other in _LOOSER[kind] and _phrases_meet(a, b)
    return False


def _phrases_meet(a: PhraseParams | AnyParams, b: PhraseParams | AnyParams) -> bool:
    """Whether the phrases of `a`, where found, are enough for `b`."""
    if isinstance(b, PhraseParams) and (b.all or b.min > 1 or b.any is None):
        return False
    wanted = set(b.any or ())
    needed = set(a.all or ()) if isinstance(a, PhraseParams) else set()
    return bool(needed & wanted) or (a.any is not None and set(a.any) <= wanted)


def _params(criterion: Criterion) -> Params | None:
    return parse_params(criterion.check) if criterion.check else None
