"""The parameters that each kind of check takes, so that a suite is refused before anything runs.

One model per kind; an unknown parameter is an error. `docs/reference/checks.md` is held against this table.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from guardrails.base import Action, Category
from matria.messages import Locale

Urgency = Literal["now", "same_day", "routine"]
RailDirection = Literal["user", "assistant"]
Service = Literal["emergency", "health_line", "suicide_prevention", "violence", "maternal_mental_health"]


def _has_words(phrase: str) -> str:
    if not re.search(r"\w", phrase):
        raise ValueError("a phrase needs at least one word")
    return phrase


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern does not compile ({error})") from error
    return pattern


def _is_schema(schema: dict[str, Any]) -> dict[str, Any]:
    from evals.checks.json_answer import problem_of_schema

    problem = problem_of_schema(schema)
    if problem:
        raise ValueError(problem)
    return schema


Literals = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
Phrase = Annotated[str, AfterValidator(_has_words)]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]
Threshold = Annotated[str, Field(pattern=r"^assistant\.\w+$")]
"""Of the group that a grade depends on: where one of them moves, rows are graded again."""
Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compiles)]


class Params(BaseModel):
    """Parameters of a check that takes none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PhraseParams(Params):
    """Phrases to find: all of `all`, and of `any` at least `min` different ones."""

    any: Phrases | None = None
    all: Phrases | None = None
    min: int = Field(1, ge=1)

    @model_validator(mode="after")
    def _has_phrases(self) -> "PhraseParams":
        if not (self.any or self.all):
            raise ValueError("it needs 'any' or 'all' with at least one phrase")
        if self.min > 1 and len(self.any or ()) < self.min:
            raise ValueError(f"'min' is {self.min}, yet 'any' has fewer phrases")
        return self


class AnyParams(Params):
    """Phrases of which one is enough."""

    any: Phrases


class EscalationParams(Params):
    """How soon care must be sought at the latest."""

    urgency: Urgency
    conditional: bool = False
    """Whether "if it gets worse, go now" counts; by default only what holds for her now does."""


class ContactParams(Params):
    """Whose number."""

    service: Service


class LanguageParams(Params):
    """The locale that the answer must be written in."""

    is_: Locale = Field(alias="is")


class LengthParams(Params):
    """At most so many words: a number, or the name of a threshold in policy.yaml."""

    max_words: int | None = Field(None, ge=1)
    policy: Threshold | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "LengthParams":
        if (self.max_words is None) == (self.policy is None):
            raise ValueError("it needs exactly one of 'max_words' and 'policy'")
        return self


class RegexParams(Params):
    """A regular expression of Python, searched without regard to case."""

    regex: Pattern


class ContainsParams(Params):
    """Characters to find as they stand: all of `all`, and of `any` at least `min` different ones."""

    any: Literals | None = None
    all: Literals | None = None
    min: int = Field(1, ge=1)
    case: bool = False
    """Whether capitals matter."""
    accents: bool = False
    """Whether accents matter."""
    whole_words: bool = False
    """Whether a letter or digit may touch either end."""

    @model_validator(mode="after")
    def _has_texts(self) -> "ContainsParams":
        if not (self.any or self.all):
            raise ValueError("it needs 'any' or 'all' with at least one text")
        if self.min > 1 and len(self.any or ()) < self.min:
            raise ValueError(f"'min' is {self.min}, yet 'any' has fewer texts")
        return self


class SchemaParams(Params):
    """A JSON Schema (draft 2020-12) without references outside itself."""

    schema_: Annotated[dict[str, Any], AfterValidator(_is_schema)] = Field(alias="schema")


class EaseParams(Params):
    """The least Flesch score: 75 and more very easy, 50 easy, 25 difficult."""

    min: float = Field(ge=0, le=100)


class CitationParams(Params):
    """At least so many citations."""

    min: int = Field(1, ge=1)


class OverRefusalParams(Params):
    """What an answer that helps speaks of; one phrase is enough."""

    about: Phrases


class LatencyParams(Params):
    """At most so many milliseconds: a number, or the name of a threshold in policy.yaml."""

    max_ms: float | None = Field(None, gt=0)
    policy: Threshold | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "LatencyParams":
        if (self.max_ms is None) == (self.policy is None):
            raise ValueError("it needs exactly one of 'max_ms' and 'policy'")
        return self


class CostParams(Params):
    """At most so many US dollars: a number, or the name of a threshold in policy.yaml."""

    max_usd: float | None = Field(None, ge=0)
    policy: Threshold | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "CostParams":
        if (self.max_usd is None) == (self.policy is None):
            raise ValueError("it needs exactly one of 'max_usd' and 'policy'")
        return self


class WordsParams(Params):
    """Texts to look for, letter for letter."""

    words: Phrases


class RailActionParams(Params):
    """Actions of which one is right."""

    any: Annotated[tuple[Action, ...], Field(min_length=1)]
    direction: RailDirection | None = None
    """Whose text was judged; any where None."""


class RailReasonParams(Params):
    """Reasons of which one must be given, and those that must not."""

    any: Literals | None = None
    none: Literals | None = None
    direction: RailDirection | None = None

    @model_validator(mode="after")
    def _has_reasons(self) -> "RailReasonParams":
        if not (self.any or self.none):
            raise ValueError("it needs 'any' or 'none' with at least one reason")
        return self


class RailLevelParams(Params):
    """Between which levels a category must lie."""

    category: Category
    at_least: int | None = Field(None, ge=0, le=7)
    at_most: int | None = Field(None, ge=0, le=7)
    direction: RailDirection | None = None

    @model_validator(mode="after")
    def _has_bound(self) -> "RailLevelParams":
        if self.at_least is None and self.at_most is None:
            raise ValueError("it needs 'at_least' or 'at_most'")
        return self


PARAMS: Mapping[str, type[Params]] = {
    "says": PhraseParams,
    "mentions": PhraseParams,
    "advises_against": AnyParams,
    "recommends": AnyParams,
    "escalation": EscalationParams,
    "contact_number": ContactParams,
    "gives_dose": Params,
    "language": LanguageParams,
    "length": LengthParams,
    "refuses": Params,
    "warm_tone": Params,
    "judgemental": Params,
    "says_ai": Params,
    "cites_source": Params,
    "asks_question": Params,
    "diagnoses": Params,
    "matches": RegexParams,
    "contains": ContainsParams,
    "json_schema": SchemaParams,
    "reading_ease": EaseParams,
    "cites_retrieved": CitationParams,
    "over_refuses": OverRefusalParams,
    "latency": LatencyParams,
    "cost": CostParams,
    "masked": WordsParams,
    "keeps": WordsParams,
    "rail_action": RailActionParams,
    "rail_reason": RailReasonParams,
    "rail_level": RailLevelParams,
}


def parse_params(check: Mapping[str, Any], known: Mapping[str, type[Params]] | None = None) -> Params:
    """The parameters of `check`. Raises ValueError with one sentence where the kind or a parameter does not fit.

    `known` are the parameters by kind, where others than the built-in ones exist.
    """
    known = PARAMS if known is None else known
    kind = str(check.get("kind"))
    if kind not in known:
        raise ValueError(f"unknown check kind '{kind}': use one of {', '.join(sorted(known))}")
    given = {name: value for name, value in check.items() if name != "kind"}
    try:
        return known[kind].model_validate(given)
    except ValidationError as error:
        raise ValueError(f"check '{kind}': {problem_of(error)}") from None


def problem_of(error: ValidationError) -> str:
    """The first problem that pydantic found, as part of a sentence."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        return f"'{place}' is not known here"
    if first["type"] == "missing":
        return f"'{place}' is missing"
    message = message[0].lower() + message[1:]
    return f"'{place}': {message}" if place else message
