"""The shape of suite.yaml and of a case file: which keys there are and what each may hold.

What spans several keys or files (sources, twins, duplicate ids) is looked at in `evals.suitefile`.
"""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evals.cases import Axis, Stage, Subject
from matria.messages import Locale, Persona


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceShape(Shape):
    """A source as suite.yaml lists it."""

    guideline: str = Field(min_length=1)
    year: int = Field(ge=1948, le=2100)
    section: str = ""
    organisation: str = ""
    review_by: date | None = None
    """Until when an old guideline stands without being looked at again."""
    superseded_by: str = ""
    """What took its place, in words."""


class RefShape(Shape):
    """A source by its short key in suite.yaml."""

    ref: str


class CriterionShape(Shape):
    """A criterion as a case lists it."""

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    points: float
    axis: Axis
    check: dict[str, Any] | None = None
    judge: str | dict[str, Any] | None = None
    source: RefShape | None = None
    never: bool = False


class MessageShape(Shape):
    """A turn of the conversation."""

    role: Literal["user", "assistant"]
    content: str = Field(min_length=1)


class PassageShape(Shape):
    """A passage that was retrieved for the question."""

    id: str = Field(pattern=r"^[\w.-]+$")
    text: str = Field(min_length=1)
    source: str = Field(min_length=1)


class DerivedTwinShape(Shape):
    """A twin that is derived from the case, and the criteria whose outcome must stay."""

    kind: Literal["typos", "no_accents", "lowercase", "uppercase", "abbreviations"]
    stays: Literal["all", "never"] | tuple[str, ...] = "all"

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return {"kind": value} if isinstance(value, str) else value


class WrittenTwinShape(Shape):
    """What must stay and change between a case and the one before `~` in its id."""

    kind: Literal["formal", "colloquial", "stage", "negation"]
    stays: Literal["all", "never"] | tuple[str, ...] = "all"
    changes: tuple[str, ...] = ()


class CaseShape(Shape):
    """A case as its file lists it."""

    id: str = Field(min_length=1)
    locale: Locale
    persona: Persona
    stage: Stage
    messages: tuple[MessageShape, ...] = Field(min_length=1)
    criteria: tuple[CriterionShape, ...] = Field(min_length=1)
    vars: dict[str, Any] = Field(default_factory=dict)
    retrieved: tuple[PassageShape, ...] = ()
    reference: str = ""
    answer: str = ""
    """A text that a model might write, judged by the rails in the question's place."""
    instructions: str = ""
    """The system prompt that the answer must not tell."""
    source: RefShape | None = None
    clinical_review: str = Field(min_length=1)
    twins: tuple[DerivedTwinShape, ...] | None = None
    """Derived from this case; None takes those of the suite."""
    twin: WrittenTwinShape | None = None


class SuiteShape(Shape):
    """suite.yaml."""

    id: str = Field(min_length=1)
    title: str = Field(min_length=1)
    purpose: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    personas: tuple[Persona, ...] = Field(min_length=1)
    locales: tuple[Locale, ...] = Field(min_length=1)
    subject: Subject = "assistant"
    """`rails`: the guardrails alone judge, and no model is asked."""
    prompts: tuple[str, ...] = ()
    """At least one, of a suite of the assistant; none, of the rails."""
    clinical_review: str = Field(min_length=1)
    sources: dict[str, SourceShape] = Field(default_factory=dict)
    twins: tuple[DerivedTwinShape, ...] = ()
    """Derived from each case."""
