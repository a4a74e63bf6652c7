"""`deepeval`: G-Eval, DAG and conversational metrics of DeepEval, on our chat port and in our words.

Its telemetry, run files, caches and reading of `.env` are off before it is imported; it is imported when a suite first
asks for it. What it would take for a figure and is none is a failure here: no score, one out of range, a verdict on no
evidence, an exception.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from evals.judges import measured
from evals.judges.asking import JudgeModel
from evals.judges.base import JudgeFailed, Judgement, JudgeQuestion
from evals.judges.deepeval_prompts import HIGHEST, NAME, DeepEvalPrompts
from evals.judges.measured import Asker
from evals.judges.params import (
    ConversationalGEvalParams,
    DagNode,
    DagParams,
    GEvalParams,
    KnowledgeRetentionParams,
    MeasuredParams,
    RoleAdherenceParams,
    parse_judge,
)
from matria.errors import MatriaError

QUIET: Mapping[str, str] = {
    "DEEPEVAL_TELEMETRY_OPT_OUT": "1",  # no PostHog, no .deepeval folder
    "DEEPEVAL_DISABLE_DOTENV": "1",  # keys in a .env are ours to read, not its
    "DEEPEVAL_DISABLE_LEGACY_KEYFILE": "1",
    "DEEPEVAL_UPDATE_WARNING_OPT_IN": "0",
    "CONFIDENT_TRACING_ENABLED": "0",
    "DEEPEVAL_EVAL_MODE": "llm",  # decisions by our model, not by its vendor's
}
"""Its switches; see `deepeval.config.settings`."""


@dataclass(frozen=True)
class DeepEvalJudge:
    """A judge that measures with DeepEval."""

    model: JudgeModel

    @property
    def identity(self) -> str:
        """Name, version, model, how it is asked, and hash of the templates."""
        return measured.identity(NAME, self.model)

    async def grade(self, question: JudgeQuestion) -> Judgement:
        """Whether the metric reaches the criterion's threshold. Raises `JudgeFailed`."""
        params = parse_judge({"name": NAME, **question.params}).params
        metric_name = str(question.params["metric"])
        assert isinstance(params, MeasuredParams)
        await measured.load(("deepeval.metrics", "deepeval.test_case"), QUIET)
        asker = Asker(NAME, self.model, question)
        try:
            score = await _measure(params, DeepEvalPrompts(question), asker)
            return asker.judgement(metric_name, score, params.threshold)
        except MatriaError:
            raise
        except Exception as error:  # whatever the library raises is a failure of the judge
            raise asker.failure(metric_name, error) from error


async def _measure(params: MeasuredParams, prompts: DeepEvalPrompts, asker: Asker) -> object:
    common = {"model": _port(asker), "threshold": params.threshold, "async_mode": True}
    match params:
        case GEvalParams():
            metric = _g_eval(params, prompts, common)
        case ConversationalGEvalParams():
            metric = _conversational_g_eval(params, prompts, common)
        case DagParams():
            metric = _dag(params, prompts, common)
        case RoleAdherenceParams():
            metric = _role_adherence(params, prompts, common)
        case KnowledgeRetentionParams():
            metric = _knowledge_retention(prompts, common)
        case _:
            raise AssertionError(f"no metric for {type(params).__name__}")
    case = _answer_only() if isinstance(params, GEvalParams | DagParams) else _indexed_turns(prompts)
    await metric.a_measure(case, _show_indicator=False)
    if isinstance(params, KnowledgeRetentionParams) and not metric.verdicts:
        raise JudgeFailed("knowledge_retention found nothing that she has said and that could be forgotten")
    return metric.score


def _port(asker: Asker) -> Any:
    """Our chat port as DeepEval's model."""
    from deepeval.models import DeepEvalBaseLLM

    class Port(DeepEvalBaseLLM):  # type: ignore[misc]
        def load_model(self) -> None:
            """Nothing to load."""

        def get_model_name(self) -> str:
            return "matria"

        def generate(self, prompt: str, schema: Any = None) -> Any:
            raise NotImplementedError("asked on the event loop alone")

        async def a_generate(self, prompt: str, schema: Any = None) -> Any:
            return await asker.ask(prompt, schema)

    return Port("matria")


def _g_eval(params: GEvalParams, prompts: DeepEvalPrompts, common: dict[str, Any]) -> Any:
    from deepeval.metrics import GEval
    from deepeval.test_case import SingleTurnParams

    words = SimpleNamespace(generate_evaluation_results=lambda **_: prompts.g_eval(params.steps))
    return GEval(
        name="g_eval",
        evaluation_params=[SingleTurnParams.ACTUAL_OUTPUT],
        evaluation_steps=list(params.steps),
        evaluation_template=words,
        **common,
    )


def _conversational_g_eval(params: ConversationalGEvalParams, prompts: DeepEvalPrompts, common: dict[str, Any]) -> Any:
    from deepeval.metrics import ConversationalGEval
    from deepeval.test_case import MultiTurnParams

    words = SimpleNamespace(generate_evaluation_results=lambda **_: prompts.conversational_g_eval(params.steps))
    return ConversationalGEval(
        name="conversational_g_eval",
        evaluation_params=[MultiTurnParams.CONTENT, MultiTurnParams.ROLE],
        evaluation_steps=list(params.steps),
        evaluation_template=words,
        **common,
    )


def _role_adherence(params: RoleAdherenceParams, prompts: DeepEvalPrompts, common: dict[str, Any]) -> Any:
    from deepeval.metrics import RoleAdherenceMetric

    words = SimpleNamespace(extract_out_of_character_response_verdicts=lambda **_: prompts.role(params.role))
    return RoleAdherenceMetric(evaluation_template=words, include_reason=False, eval_mode="llm", **common)


def _knowledge_retention(prompts: DeepEvalPrompts, common: dict[str, Any]) -> Any:
    from deepeval.metrics import KnowledgeRetentionMetric

    words = SimpleNamespace(
        extract_data=lambda user_message, **_: prompts.knowledge(int(user_message)),
        generate_verdict=lambda llm_message, accumulated_knowledge, **_: prompts.knowledge_verdict(
            int(llm_message), accumulated_knowledge
        ),
    )
    return KnowledgeRetentionMetric(evaluation_template=words, include_reason=False, eval_mode="llm", **common)


def _dag(params: DagParams, prompts: DeepEvalPrompts, common: dict[str, Any]) -> Any:
    from deepeval.metrics import DAGMetric
    from deepeval.metrics.dag import BinaryJudgementNode, DeepAcyclicGraph, NonBinaryJudgementNode
    from deepeval.test_case import SingleTurnParams

    # A node's words cannot be given to it; the graph copies its nodes by their class, so the class carries them.
    class YesNo(BinaryJudgementNode):  # type: ignore[misc]
        def _get_prompt(self, method: str, **context: Any) -> Any:
            return prompts.yes_no(self.criteria)

    class Choice(NonBinaryJudgementNode):  # type: ignore[misc]
        def _get_prompt(self, method: str, **context: Any) -> Any:
            return prompts.choice(self.criteria, [child.verdict for child in self.children])

    def node(spec: DagNode) -> Any:
        replies: dict[Any, float | DagNode | None] = {True: spec.if_yes, False: spec.if_no}
        kind = Choice if spec.choices else YesNo
        made = kind(criteria=spec.ask, evaluation_params=[SingleTurnParams.ACTUAL_OUTPUT])
        for verdict, reply in (spec.choices or replies).items():
            if isinstance(reply, DagNode):
                made.add_verdict(verdict, then=node(reply))
            else:
                made.add_verdict(verdict, score=round((reply or 0.0) * HIGHEST))
        return made

    graph = DeepAcyclicGraph(root_nodes=[node(params.root)])
    return DAGMetric(name="dag", dag=graph, include_reason=False, eval_mode="llm", **common)


def _answer_only() -> Any:
    from deepeval.test_case import LLMTestCase

    return LLMTestCase(input="-", actual_output="-")


def _indexed_turns(prompts: DeepEvalPrompts) -> Any:
    from deepeval.test_case import ConversationalTestCase, Turn

    turns = [Turn(role=turn.role, content=str(n)) for n, turn in enumerate(prompts.turns)]
    return ConversationalTestCase(turns=turns, chatbot_role="-")
