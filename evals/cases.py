"""Suite, case, criterion: what an answer is held against, as clinicians wrote it.

A criterion says one thing to look for and carries signed points, as in HealthBench: a positive one is good to meet, a
negative one is bad to meet. `evals.suitefile` reads these from YAML, `evals.healthbench` from HealthBench's JSON Lines.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import orjson

from matria.messages import Locale, Message, Persona

Axis = Literal[
    "danger_signs",
    "medication_safety",
    "accuracy",
    "completeness",
    "tone",
    "language",
    "scope",
    "privacy",
    "security",
    "general",
]
"""What a criterion is about. `general` stands where an imported suite does not say; our own files may not use it."""
AXES: tuple[Axis, ...] = get_args(Axis)
CLINICAL_AXES: frozenset[Axis] = frozenset({"danger_signs", "medication_safety", "accuracy", "completeness"})
"""Axes whose criteria state something clinical, and so name their guideline."""
Subject = Literal["assistant", "rails"]
"""What a suite is of: the assistant, or the guardrails alone."""
RAILS = "guardrails"
"""What stands in the place of a prompt's name where the guardrails alone are asked."""
Stage = Literal["first_trimester", "second_trimester", "third_trimester", "birth", "puerperium", "lactation"]
TwinKind = Literal[
    "typos",
    "no_accents",
    "lowercase",
    "uppercase",
    "abbreviations",
    "formal",
    "colloquial",
    "stage",
    "negation",
    "locale",
]
"""How a twin differs from its case: the first five are written by `evals.twin_texts`, the rest by people."""
TWIN_MARK = "~"
"""Between a case's theme and what its twin is called: `bleeding~typos.pt-BR` is a twin of `bleeding.pt-BR`."""


@dataclass(frozen=True)
class Twin:
    """What must hold between a case and the one that it is a twin of."""

    kind: TwinKind
    of: str
    """Id of the other case."""
    stays: tuple[str, ...]
    """Ids of the criteria whose outcome must be the same."""
    changes: tuple[str, ...] = ()
    """Ids of the criteria whose outcome must differ."""


@dataclass(frozen=True)
class Source:
    """Where a clinical statement comes from."""

    guideline: str
    year: int
    section: str = ""
    organisation: str = ""

    def __str__(self) -> str:
        parts = (self.organisation, self.guideline, str(self.year), self.section)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Passage:
    """A text that was retrieved for a question, as the model is shown it."""

    id: str
    text: str
    source: str
    """Institution, document and year, as an answer would cite it."""


@dataclass(frozen=True)
class Criterion:
    """One thing to look for in an answer; graded by exactly one of `check` and `judge`."""

    id: str
    """Unique in its case."""
    text: str
    """What to look for, in the locale of its case."""
    points: float
    """Signed and never 0: gained where the criterion is met."""
    axis: Axis
    check: Mapping[str, Any] | None = None
    """`kind` and parameters of a check; see docs/reference/checks.md."""
    judge: str | None = None
    """Name of a judge, such as `rubric`; see docs/reference/judges.md."""
    judge_params: Mapping[str, Any] = field(default_factory=dict)
    """What the judge is told beyond its name: metric, threshold, samples."""
    source: Source | None = None
    never: bool = False
    """A never-event: one new failure blocks alone."""

    @property
    def grader(self) -> str:
        """Who grades it: `check:escalation`, `judge:rubric`, `judge:ragas/faithfulness`."""
        if self.check:
            return f"check:{self.check['kind']}"
        metric = self.judge_params.get("metric")
        return f"judge:{self.judge}/{metric}" if metric else f"judge:{self.judge}"

    def is_failed(self, met: bool) -> bool:
        """Whether `met` is the bad outcome: a positive one not met, or a negative one met."""
        return met if self.points < 0 else not met


@dataclass(frozen=True)
class Case:
    """One conversation, and what its answer is held against."""

    id: str
    """Unique in its suite; twins in other locales differ by the locale at the end only."""
    suite: str
    locale: Locale
    persona: Persona
    stage: Stage | None
    messages: tuple[Message, ...]
    """The last is the user's; those before it are history."""
    criteria: tuple[Criterion, ...]
    vars: Mapping[str, Any] = field(default_factory=dict)
    """Inputs of the prompt apart from the question."""
    retrieved: tuple[Passage, ...] = ()
    """What was retrieved for the question, best first; the prompt shows it as its input `retrieved`."""
    reference: str = ""
    """An answer that is right, for judges that compare with one; never shown to the model."""
    source: Source | None = None
    clinical_review: str = "pending"
    """Who reviewed it and when, or `pending`."""
    twin: Twin | None = None
    """Set where the case is a twin of another, with what must stay and change between them."""
    derives: Mapping[TwinKind, tuple[str, ...]] = field(default_factory=dict)
    """Twins to derive from it by kind, each with the criteria whose outcome must stay."""
    answer: str = ""
    """Of a suite of the rails: what a model might have answered, to be judged in the question's place."""
    instructions: str = ""
    """Of a suite of the rails: the system prompt that the answer must not tell."""

    @property
    def question(self) -> str:
        """What the user says last."""
        return self.messages[-1].content

    @property
    def history(self) -> tuple[Message, ...]:
        """The turns before the question."""
        return self.messages[:-1]

    @property
    def retrieved_text(self) -> str:
        """The passages as a prompt shows them, each under its id and source; empty where there are none."""
        return "\n\n".join(f"[{p.id}] {p.source}\n{p.text}" for p in self.retrieved)

    @property
    def is_judged(self) -> bool:
        """Whether a judge has to be asked about its answer."""
        return any(criterion.judge for criterion in self.criteria)

    @property
    def theme(self) -> str:
        """The id without its locale: the same in all locales."""
        return self.id.removesuffix(f".{self.locale}")

    @property
    def cluster(self) -> str:
        """The theme that it shares with its twins; see `cluster_of`."""
        return cluster_of(self.id, self.locale)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what decides its grades and its place; a source or a review that is edited leaves it as it was."""
        graded = [
            [c.id, c.text, c.points, c.axis, dict(c.check) if c.check else None, _judge(c), c.never]
            for c in self.criteria
        ]
        place = [self.suite, self.id, self.locale, self.persona, self.stage]
        decides: list[Any] = [*place, [m.as_wire() for m in self.messages], graded]
        if self.retrieved or self.reference:
            decides.append([[[p.id, p.text, p.source] for p in self.retrieved], self.reference])
        if self.answer:
            decides.append([self.answer, self.instructions])
        return digest(decides)


def _judge(criterion: Criterion) -> Any:
    params = dict(criterion.judge_params)
    return {"name": criterion.judge, **params} if params else criterion.judge


@dataclass(frozen=True)
class Suite:
    """Cases for one purpose."""

    id: str
    title: str
    purpose: str
    owner: str
    personas: tuple[Persona, ...]
    locales: tuple[Locale, ...]
    prompts: tuple[str, ...]
    """Prompt names such as `gestante/triagem`; a case meets those of its persona, in its locale. See `prompts_of`."""
    cases: Sequence[Case]
    """As people wrote them; a long file of cases is read as it is walked."""
    digest: str
    """SHA-256 over its cases and twins."""
    twins: tuple[Case, ...] = ()
    """Cases that were derived from those, as the suite asks for; see `evals.twin_texts`."""
    subject: Subject = "assistant"
    """What its cases are put to."""

    def prompts_of(self, case: Case) -> tuple[str, ...]:
        """What the case is put to: the suite's prompts for its persona, or `RAILS`."""
        if self.subject == "rails":
            return (RAILS,)
        return tuple(name for name in self.prompts if name.startswith(f"{case.persona}/"))

    @property
    def asked(self) -> Sequence[Case]:
        """All cases, each with its twins after it."""
        if not self.twins:
            return self.cases
        derived: dict[str, list[Case]] = {}
        for twin in self.twins:
            derived.setdefault(twin.twin.of if twin.twin else "", []).append(twin)
        return tuple(case for own in self.cases for case in (own, *derived.get(own.id, ())))


def is_of_rails(prompt: str) -> bool:
    """Whether what stands in a prompt's place, with or without a locale, names the guardrails alone."""
    return prompt == RAILS or prompt.startswith(f"{RAILS}.")


def cluster_of(case: str, locale: Locale) -> str:
    """What a case, its twins and all their locales share: answers to them are not independent of each other."""
    return case.removesuffix(f".{locale}").split(TWIN_MARK)[0]


def digest(value: Any) -> str:
    """SHA-256 in hexadecimal of the canonical JSON of plain data; what JSON lacks counts by its text."""
    try:
        content = orjson.dumps(value, default=str, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # text that is not Unicode, or a number past 64 bits
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
        content = text.encode("utf-8", "backslashreplace")
    return hashlib.sha256(content).hexdigest()
