"""`ragas`: faithfulness, context precision and recall, noise sensitivity of Ragas, on our chat port and in our words.

For cases that carry what was retrieved. Its telemetry is off before it is imported; it is imported when a suite first
asks for it. Its own language adaptation has a model translate its examples; ours are written by hand. What it turns
into NaN, and verdicts that do not match the statements asked about, are failures here.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.judges import measured
from evals.judges.asking import JudgeModel
from evals.judges.base import Judgement, JudgeQuestion
from evals.judges.measured import Asker
from evals.judges.params import RagasParams
from evals.judges.texts import JudgePrompt, task_text
from matria.errors import MatriaError
from matria.messages import Locale

NAME = "ragas"
QUIET: Mapping[str, str] = {"RAGAS_DO_NOT_TRACK": "true"}
_LESS_IS_BETTER = ("noise_sensitivity",)


@dataclass(frozen=True)
class RagasJudge:
    """A judge that measures with Ragas."""

    model: JudgeModel

    @property
    def identity(self) -> str:
        """Name, version, model, how it is asked, and hash of the templates."""
        return measured.identity(NAME, self.model)

    async def grade(self, question: JudgeQuestion) -> Judgement:
        """Whether the metric reaches the criterion's threshold. Raises `JudgeFailed`."""
        params = RagasParams.model_validate(question.params)
        await measured.load(("ragas.metrics.collections",), QUIET)
        asker = Asker(NAME, self.model, question)
        try:
            result = await _metric(params, asker, question.locale).ascore(**_inputs(params, question))
            return asker.judgement(params.metric, result.value, params.threshold, params.metric in _LESS_IS_BETTER)
        except MatriaError:
            raise
        except Exception as error:  # whatever the library raises is a failure of the judge
            raise asker.failure(params.metric, error) from error


@dataclass(frozen=True)
class _Words:
    """Stands where Ragas keeps a prompt of its own."""

    to_string: Callable[[Any], JudgePrompt]


def _metric(params: RagasParams, asker: Asker, locale: Locale) -> Any:
    from ragas.metrics import collections

    port, words = _port(asker), RagasPrompts(locale)
    supported = _Words(lambda data: words.supported(data.context, data.statements))
    match params.metric:
        case "faithfulness":
            metric = collections.Faithfulness(llm=port)
            metric.statement_generator_prompt = _Words(lambda data: words.statements(data.question, data.answer))
            metric.nli_statement_prompt = supported
        case "context_precision":
            metric = collections.ContextPrecision(llm=port)
            metric.prompt = _Words(lambda data: words.useful(data.question, data.context, data.answer))
        case "context_recall":
            metric = collections.ContextRecall(llm=port)
            metric.prompt = _Words(lambda data: words.attributed(data.question, data.context, data.answer))
        case "noise_sensitivity":
            metric = collections.NoiseSensitivity(llm=port, mode=params.mode or "relevant")
            metric.statement_prompt = _Words(lambda data: words.statements(data.question, data.text))
            metric.faithfulness_prompt = supported
    return metric


def _inputs(params: RagasParams, question: JudgeQuestion) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "user_input": next((m.content for m in reversed(question.conversation) if m.role == "user"), ""),
        "retrieved_contexts": [passage.text for passage in question.retrieved],
    }
    if params.metric in ("faithfulness", "noise_sensitivity"):
        inputs["response"] = question.answer
    if "reference" in params.needs:
        inputs["reference"] = question.reference
    return inputs


def _port(asker: Asker) -> Any:
    """Our chat port as Ragas' model."""
    from ragas.llms.base import InstructorBaseRagasLLM

    class Port(InstructorBaseRagasLLM):  # type: ignore[misc]
        def generate(self, prompt: str, response_model: Any) -> Any:
            raise NotImplementedError("asked on the event loop alone")

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            return await asker.ask(prompt, response_model)

    return Port()


@dataclass(frozen=True)
class RagasPrompts:
    """What Ragas' metrics ask, in the case's language."""

    locale: Locale

    def statements(self, question: str, text: str) -> JudgePrompt:
        """A text taken apart."""
        return self._prompt("statements", {"question": question, "text": text})

    def supported(self, text: str, statements: Sequence[str]) -> JudgePrompt:
        """Which statements follow from a text."""

        def check(reply: Any) -> None:
            if len(reply.statements) != len(statements):
                raise ValueError(f"{len(reply.statements)} verdicts on {len(statements)} statements")
            _binary([one.verdict for one in reply.statements])

        listed = json.dumps(list(statements), ensure_ascii=False, indent=1)
        return self._prompt("supported", {"text": text, "statements": listed}, check)

    def useful(self, question: str, passage: str, answer: str) -> JudgePrompt:
        """Whether a passage helps to an answer."""
        sections = {"question": question, "passage": passage, "answer": answer}
        return self._prompt("useful", sections, lambda reply: _binary([reply.verdict]))

    def attributed(self, question: str, passages: str, reference: str) -> JudgePrompt:
        """Which sentences of the reference the passages support."""
        sections = {"question": question, "passages": passages, "reference": reference}
        return self._prompt(
            "attributed", sections, lambda reply: _binary([one.attributed for one in reply.classifications])
        )

    def _prompt(
        self, task: str, sections: dict[str, str], check: Callable[[Any], None] = lambda reply: None
    ) -> JudgePrompt:
        return JudgePrompt(task_text(NAME, task, self.locale), sections, check)


def _binary(verdicts: Sequence[int]) -> None:
    """Ragas counts any number but 0 as a yes, or adds it up as it is."""
    if any(verdict not in (0, 1) for verdict in verdicts):
        raise ValueError("a verdict is neither 0 nor 1")
