"""HealthBench (Arora et al. 2025) as a suite, and its scoring of answers that somebody else has graded.

A conversation becomes a case with its criteria and points, graded by the judge `rubric`. HealthBench answers from no
prompt of ours: its conversations are put to a prompt that is chosen, as history and question. Scores are those of
`evals.scoring`.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.cases import Axis, Case, Criterion, Suite, digest
from evals.checks.params import problem_of
from evals.scoring import case_score, set_score
from evals.shapes import MessageShape
from matria.errors import InputError
from matria.messages import Message, Persona

DEFAULT_PROMPT = "gestante/triagem"
_AXES: Mapping[str, Axis] = {
    "axis:accuracy": "accuracy",
    "axis:completeness": "completeness",
    "axis:context_awareness": "completeness",
    "axis:communication_quality": "tone",
    "axis:instruction_following": "scope",
}
"""HealthBench's axes by ours; a criterion that names none is `general`."""


class _Open(BaseModel):
    """HealthBench's lines carry more than is used here."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Rubric(_Open):
    criterion: str = Field(min_length=1)
    points: float
    tags: tuple[str, ...] = ()


class _Conversation(_Open):
    prompt_id: str = Field(min_length=1)
    prompt: tuple[MessageShape, ...] = Field(min_length=1)
    rubrics: tuple[_Rubric, ...] = Field(min_length=1)


class _Verdict(_Open):
    points: float
    criteria_met: bool


class _GradedAnswer(_Open):
    prompt_id: str
    rubrics: tuple[_Verdict, ...] = Field(min_length=1)


@dataclass(frozen=True)
class GradedResult:
    """A criterion of an answer that somebody else has graded."""

    points: float
    met: bool | None
    axis: Axis = "general"


def load_healthbench(path: Path, prompt: str = DEFAULT_PROMPT) -> Suite:
    """The file as a suite whose cases meet `prompt`, in English. Raises `InputError` naming the line that does not fit.

    Conversations whose last turn is not the user's, and criteria worth 0, are left out: neither can be scored.
    """
    cases = tuple(_cases(path, prompt))
    if not cases:
        raise InputError(f"{path} holds no HealthBench conversation: name a file in HealthBench's JSON Lines format.")
    return Suite(
        id=f"healthbench-{path.stem}",
        title=f"HealthBench ({path.name})",
        purpose="Real conversations about health, with physicians' criteria.",
        owner="OpenAI HealthBench",
        personas=(_persona(prompt),),
        locales=("en",),
        prompts=(prompt,),
        cases=cases,
        digest=digest([case.digest for case in cases]),
    )


def recorded_scores(path: Path) -> list[float]:
    """The score of each answer in a file of graded answers, unclipped. Raises `InputError` naming a line at fault."""
    answers = [_parsed(_GradedAnswer, line, path, number) for number, line in _lines(path)]
    scores = [case_score([GradedResult(r.points, r.criteria_met) for r in answer.rubrics]) for answer in answers]
    return [score for score in scores if score is not None]


def recorded_set_score(path: Path) -> float | None:
    """HealthBench's figure for a file of graded answers: the mean of their scores, clipped to 0..1."""
    return set_score(recorded_scores(path))


def _cases(path: Path, prompt: str) -> Iterator[Case]:
    for number, line in _lines(path):
        conversation = _parsed(_Conversation, line, path, number)
        criteria = tuple(_criteria(conversation))
        if conversation.prompt[-1].role == "user" and any(c.points > 0 for c in criteria):
            yield Case(
                id=f"{conversation.prompt_id}.en",
                suite=f"healthbench-{path.stem}",
                locale="en",
                persona=_persona(prompt),
                stage=None,
                messages=tuple(Message(m.role, m.content) for m in conversation.prompt),
                criteria=criteria,
            )


def _criteria(conversation: _Conversation) -> Iterator[Criterion]:
    for number, rubric in enumerate(conversation.rubrics, 1):
        if rubric.points:
            axis: Axis = next((_AXES[tag] for tag in rubric.tags if tag in _AXES), "general")
            yield Criterion(f"c{number:02}", rubric.criterion, rubric.points, axis, judge="rubric")


def _persona(prompt: str) -> Persona:
    name = prompt.split("/", 1)[0]
    if name not in ("gestante", "puerpera", "enfermeira"):
        raise InputError(f"Prompt '{prompt}' is not of the form <persona>/<name>: name one that the library has.")
    return name  # type: ignore[return-value]


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path} is missing: check the path.") from None
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise InputError(f"{path} is not a text file in UTF-8: name HealthBench's JSON Lines file.") from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError:
                raise InputError(f"{path}, line {number}: it is not JSON; correct or remove that line.") from None


def _parsed(shape: type[Any], data: Any, path: Path, number: int) -> Any:
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise InputError(f"{path}, line {number}: {problem_of(error)}; correct or remove that line.") from None
