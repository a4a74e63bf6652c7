"""The kinds of check: a function with a decorator, and what the reference says about it.

A check says whether an answer does what the criterion looks for, with the words that made it say so. It knows nothing
of points, and it never raises for what an answer holds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from evals.checks.params import PARAMS, Params, parse_params
from evals.checks.reading import Reading, read
from matria.messages import LOCALES, Locale
from matria.policy import Policy

Country = Literal["BR", "PT", "GB", "US"]


@dataclass(frozen=True)
class Result:
    """What a check found."""

    met: bool
    quote: str
    """The words of the answer that decided, as written; empty where nothing was found."""
    explanation: str
    """One sentence, in English."""


@dataclass(frozen=True)
class Context:
    """What a check needs to know besides the answer."""

    locale: Locale
    """The case's locale: the language that the answer should be in."""
    country: Country
    """Whose emergency numbers are right."""
    policy: Policy


@dataclass(frozen=True)
class Example:
    """An answer and what the check says of it; run as a test and printed in the reference."""

    check: Mapping[str, Any]
    locale: Locale
    answer: str
    met: bool


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


_KINDS: dict[str, CheckKind] = {}


def check_kind(
    name: str, summary: str, examples: Sequence[Example], locales: tuple[Locale, ...] = LOCALES
) -> Callable[[Run], Run]:
    """Registers the decorated function as the kind `name`, whose parameters lie in `evals.checks.params`."""

    def register(run: Run) -> Run:
        _KINDS[name] = CheckKind(name, summary, PARAMS[name], locales, tuple(examples), run)
        return run

    return register


def check_kinds() -> Mapping[str, CheckKind]:
    """Every kind by name."""
    from evals.checks import all_kinds  # noqa: F401  (importing it registers them)

    return dict(sorted(_KINDS.items()))


def grade(check: Mapping[str, Any], answer: str, context: Context) -> Result:
    """What the check says of the answer. Raises ValueError for a check that the linter would refuse."""
    params = parse_params(check)
    return check_kinds()[str(check["kind"])].run(read(answer, context.locale), params, context)


def country_of(locale: Locale, default: Country) -> Country:
    """The country whose numbers an answer in `locale` should give; English takes the configured one."""
    fixed: dict[Locale, Country] = {"pt-BR": "BR", "pt-PT": "PT"}
    return fixed.get(locale, default)
