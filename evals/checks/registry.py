"""The kinds of check: a function with a decorator, and what the reference says about it.

A check says whether an answer does what the criterion looks for, with the words that made it say so. It knows nothing
of points, and it never raises for what an answer holds. Where something that it needs besides the answer is missing
(what was retrieved, how long it took), it raises `CheckFailed`: a grader that failed, never an answer that did.
Checks of a project's own lie in `evals/checks/local/`; see docs/how-to/write-a-check.md.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from evals.cases import Passage
from evals.checks.params import PARAMS, Params, parse_params
from evals.checks.reading import Reading, read
from evals.rows import RailDecision
from matria.errors import SuiteError, UserError
from matria.messages import LOCALES, Locale
from matria.policy import Policy

log = logging.getLogger(__name__)

LOCAL = Path(__file__).parent / "local"
"""Checks that a project adds; every module there is imported with the others."""
_PREPARED_MOST = 4_096
Need = Literal["retrieved", "latency_ms", "cost_usd", "decisions"]
Country = Literal["BR", "PT", "GB", "US"]


@dataclass(frozen=True)
class Result:
    """What a check found."""

    met: bool
    quote: str
    """The words of the answer that decided, as written; empty where nothing was found."""
    explanation: str
    """One sentence, in English."""


class CheckFailed(Exception):
    """A check could not tell: the message says why in one sentence and holds no text of the answer."""


@dataclass(frozen=True)
class Context:
    """What a check needs to know besides the answer."""

    locale: Locale
    """The case's locale: the language that the answer should be in."""
    country: Country
    """Whose emergency numbers are right."""
    policy: Policy
    retrieved: Sequence[Passage] = ()
    """What was retrieved for the question, best first; empty where the case holds nothing of the kind."""
    latency_ms: float | None = None
    """How long the endpoint took; None where it is not known."""
    cost_usd: float | None = None
    """What the answer cost; None where the price is not known."""
    decisions: Sequence[RailDecision] = ()
    """What the rails decided, in order; empty where none was asked."""


@dataclass(frozen=True)
class Example:
    """An answer and what the check says of it; run as a test and printed in the reference."""

    check: Mapping[str, Any]
    locale: Locale
    answer: str
    met: bool
    context: Mapping[str, Any] = field(default_factory=dict)
    """What else it is given: fields of `Context`."""


Run = Callable[[Reading, Any, Context], Result]


@dataclass(frozen=True)
class CheckKind:
    """One kind of check."""

    name: str
    summary: str
    """What is matched, in one or two sentences."""
    params: type[Params]
    locales: tuple[Locale, ...]
    examples: tuple[Example, ...]
    run: Run
    needs: frozenset[Need] = frozenset()
    """What of the context it fails without."""


_KINDS: dict[str, CheckKind] = {}


def check_kind(
    name: str,
    summary: str,
    examples: Sequence[Example],
    locales: tuple[Locale, ...] = LOCALES,
    params: type[Params] | None = None,
    needs: Sequence[Need] = (),
) -> Callable[[Run], Run]:
    """Registers the decorated function as the kind `name`.

    Its parameters are `params`, or lie in `evals.checks.params`. Raises `SuiteError` where the name is taken, or there
    is nothing to print about it in the reference.
    """

    def register(run: Run) -> Run:
        if name in _KINDS:
            raise SuiteError(f"There are two checks '{name}': call one of them otherwise.")
        if not (summary and examples):
            raise SuiteError(f"Check '{name}' needs a summary and an example: both are its page in the reference.")
        shape = params or PARAMS.get(name, Params)
        _KINDS[name] = CheckKind(name, summary, shape, locales, tuple(examples), run, frozenset(needs))
        return run

    return register


def check_kinds() -> Mapping[str, CheckKind]:
    """Every kind by name. Raises `SuiteError` where a check of one's own cannot be imported."""
    _load()
    return dict(sorted(_KINDS.items()))


@lru_cache(maxsize=1)
def _load() -> None:
    from evals.checks import all_kinds  # noqa: F401  (importing it registers them)
    from evals.checks.own import load_own

    load_own(LOCAL)


def prepare(check: Mapping[str, Any]) -> tuple[CheckKind, Params]:
    """The kind of a check with its parameters, parsed. Raises ValueError where the linter would refuse them."""
    _load()
    known = _PREPARED.get(id(check))
    if known is not None and known[0] == check:
        return known[1]
    params = parse_params(check, {kind.name: kind.params for kind in _KINDS.values()})
    if len(_PREPARED) >= _PREPARED_MOST:
        _PREPARED.clear()
    prepared = (_KINDS[str(check["kind"])], params)
    _PREPARED[id(check)] = (dict(check), prepared)
    return prepared


_PREPARED: dict[int, tuple[dict[str, Any], tuple[CheckKind, Params]]] = {}
"""By the identity of the check that a criterion holds, with what it held: parsing costs more than most checks do."""


def grade(check: Mapping[str, Any], answer: str, context: Context) -> Result:
    """What the check says of the answer; the same answer may be graded by many checks and is read once.

    Raises `CheckFailed` where it cannot tell, `SettingsError` where it names a threshold that policy.yaml lacks, and
    ValueError for a check that the linter would refuse.
    """
    kind, params = prepare(check)
    missing = [need for need in sorted(kind.needs) if getattr(context, need) in (None, ())]
    if missing:
        raise CheckFailed(f"Check '{kind.name}' needs {_NEEDS[missing[0]]}, and it is not known for this answer.")
    try:
        result = kind.run(read(answer, context.locale), params, context)
    except (CheckFailed, UserError):
        raise
    except Exception as error:
        log.warning("check %s raised %s", kind.name, type(error).__name__)
        raise CheckFailed(f"Check '{kind.name}' broke with {type(error).__name__}.") from error
    if not isinstance(result, Result):
        raise CheckFailed(f"Check '{kind.name}' gave {type(result).__name__} instead of a Result.")
    return result


_NEEDS: Mapping[Need, str] = {
    "retrieved": "what was retrieved for the question",
    "latency_ms": "how long the endpoint took",
    "cost_usd": "what the answer cost",
    "decisions": "what the rails decided",
}


def country_of(locale: Locale, default: Country) -> Country:
    """The country whose numbers an answer in `locale` should give; English takes the configured one."""
    fixed: dict[Locale, Country] = {"pt-BR": "BR", "pt-PT": "PT"}
    return fixed.get(locale, default)
