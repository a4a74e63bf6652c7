"""What a criterion may tell its judge, so that a suite is refused before anything runs.

`judge: rubric`, or a mapping with the judge's `name`, its `metric` where it has several, and their parameters. One
model per metric; an unknown parameter is an error. No vendor library is read here; docs/reference/judges.md shows each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evals.checks.params import problem_of

Need = Literal["retrieved", "reference"]
"""What of a case a metric reads beyond conversation and answer."""
Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
RagasMetric = Literal["faithfulness", "context_precision", "context_recall", "noise_sensitivity"]
MOST_SAMPLES = 15
_TENTHS = 10


class JudgeParams(BaseModel):
    """Parameters of a judge that takes none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def needs(self) -> tuple[Need, ...]:
        """What the case has to carry."""
        return ()


class RubricParams(JudgeParams):
    """Of `rubric`: more than one sample asks for a majority."""

    samples: int | None = Field(None, ge=1, le=MOST_SAMPLES)
    """None leaves it to the settings."""
    temperature: float | None = Field(None, ge=0, le=2)
    """None leaves it to the settings, and to policy.yaml where there are several samples."""


class MeasuredParams(JudgeParams):
    """Of a metric that measures 0 to 1."""

    threshold: Share
    """The criterion is met from here on; for `noise_sensitivity`, where less is better, up to here."""


class GEvalParams(MeasuredParams):
    """Of `g_eval`: the answer is scored by steps."""

    metric: Literal["g_eval"]
    steps: tuple[Text, ...] = Field(min_length=1)


class ConversationalGEvalParams(MeasuredParams):
    """Of `conversational_g_eval`: the conversation with the answer at its end is scored by steps."""

    metric: Literal["conversational_g_eval"]
    steps: tuple[Text, ...] = Field(min_length=1)


class DagNode(JudgeParams):
    """A question, and where each reply leads: to a score from 0 to 1 in tenths, or to another question."""

    ask: Text
    if_yes: "Share | DagNode | None" = None
    if_no: "Share | DagNode | None" = None
    choices: "dict[Text, Share | DagNode] | None" = Field(None, min_length=2)

    @model_validator(mode="after")
    def _has_replies(self) -> "DagNode":
        sides = (self.if_yes is not None) + (self.if_no is not None)
        if sides != (0 if self.choices else 2):
            raise ValueError("a question needs both 'if_yes' and 'if_no', or else 'choices'")
        for reply in (self.if_yes, self.if_no, *(self.choices or {}).values()):
            if isinstance(reply, float) and abs(reply * _TENTHS - round(reply * _TENTHS)) > 1e-9:
                raise ValueError(f"score {reply} is not in tenths")
        return self


class DagParams(MeasuredParams):
    """Of `dag`: questions about the answer that lead from one to the next."""

    metric: Literal["dag"]
    root: DagNode


class RoleAdherenceParams(MeasuredParams):
    """Of `role_adherence`: the share of the assistant's turns that keep to a role."""

    metric: Literal["role_adherence"]
    role: Text


class KnowledgeRetentionParams(MeasuredParams):
    """Of `knowledge_retention`: the share of the assistant's turns that neither forget nor contradict what she said."""

    metric: Literal["knowledge_retention"]


class RagasParams(MeasuredParams):
    """Of `ragas`: answer and reference against what was retrieved."""

    metric: RagasMetric
    mode: Literal["relevant", "irrelevant"] | None = None
    """For `noise_sensitivity` alone: errors taken over from passages that hold the reference, or from the others."""

    @model_validator(mode="after")
    def _mode_fits(self) -> "RagasParams":
        if self.mode and self.metric != "noise_sensitivity":
            raise ValueError("'mode' is for noise_sensitivity alone")
        return self

    @property
    def needs(self) -> tuple[Need, ...]:
        """Passages; and the reference, except for faithfulness."""
        return ("retrieved",) if self.metric == "faithfulness" else ("retrieved", "reference")


DEEPEVAL: Mapping[str, type[JudgeParams]] = {
    "g_eval": GEvalParams,
    "conversational_g_eval": ConversationalGEvalParams,
    "dag": DagParams,
    "role_adherence": RoleAdherenceParams,
    "knowledge_retention": KnowledgeRetentionParams,
}
JUDGES: Mapping[str, type[JudgeParams] | Mapping[str, type[JudgeParams]]] = {
    "rubric": RubricParams,
    "deepeval": DEEPEVAL,
    "ragas": dict.fromkeys(get_args(RagasMetric), RagasParams),
}
"""The judges by name; where a judge has metrics, the parameters of each."""


@dataclass(frozen=True)
class JudgeSpec:
    """A judge as a criterion names it, checked."""

    name: str
    params: JudgeParams
    given: Mapping[str, Any]
    """The parameters as the criterion gave them."""


def parse_judge(judge: str | Mapping[str, Any]) -> JudgeSpec:
    """The judge that a criterion names. Raises ValueError with one sentence where name or a parameter does not fit."""
    mapping = {"name": judge} if isinstance(judge, str) else dict(judge)
    name = str(mapping.pop("name", ""))
    if name not in JUDGES:
        raise ValueError(f"unknown judge '{name}': use one of {', '.join(sorted(JUDGES))}")
    try:
        return JudgeSpec(name, _model(name, mapping).model_validate(mapping), mapping)
    except ValidationError as error:
        raise ValueError(f"judge '{name}': {problem_of(error)}") from None


def _model(name: str, given: Mapping[str, Any]) -> type[JudgeParams]:
    known = JUDGES[name]
    if isinstance(known, type):
        return known
    metric = str(given.get("metric") or "")
    if metric not in known:
        said = f"unknown metric '{metric}'" if metric else "'metric' is missing"
        raise ValueError(f"judge '{name}': {said}, use one of {', '.join(known)}")
    return known[metric]
