"""The assistant: a LangChain sequence from question to answer, with rails before and after the model.

    prompt -> input_rails -> model -> ledger -> output_rails -> answer

Each step is named, so that a trace reads like this line. A step that has nothing left to do passes the turn on: after a
disclosure no model is asked. The call is in the ledger before its text is judged, so that a withheld answer is paid for
in the open. LangChain is imported here and nowhere else; import this module late.
"""

from dataclasses import dataclass, replace

from langchain_core.runnables import Runnable, RunnableLambda

from guardrails.base import Audience, Decision, Text
from guardrails.care.texts import CareTexts, most_urgent
from guardrails.chain import ChainDecision, RailChain
from matria.costs.base import LedgerEntry
from matria.messages import Persona
from matria.policy import Policy
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.conversation import Answer, Outcome, Question
from models.assistant.meter import Meter
from models.assistant.sampling import sampling_parameters
from prompts.render import RenderedPrompt, render

STAFF: frozenset[Persona] = frozenset({"enfermeira"})
"""Personas that serve a professional; what is withheld from a woman, her nurse must read."""
UNJUDGED = ChainDecision("human", ())
"""What a question is before its rails have spoken: nothing that a model may see."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A question on its way; each step adds its part."""

    question: Question
    rendered: RenderedPrompt
    asked: ChainDecision = UNJUDGED
    reply: ChatReply | None = None
    entry: LedgerEntry | None = None
    told: ChainDecision | None = None

    @property
    def audience(self) -> Audience:
        return "staff" if self.rendered.persona in STAFF else "patient"

    @property
    def disclosed(self) -> str | None:
        return most_urgent(self.asked.reasons)


class Assistant:
    """Answers questions. Holds no conversation, and may be asked many at once on one event loop."""

    def __init__(
        self,
        *,
        chat: ChatModel,
        model: str,
        input_chain: RailChain,
        output_chain: RailChain,
        care: CareTexts,
        meter: Meter,
        policy: Policy,
    ) -> None:
        self._chat, self._model = chat, model
        self._input_chain, self._output_chain = input_chain, output_chain
        self._care = care
        self._meter = meter
        self._max_tokens = policy.count("assistant.max_output_tokens")
        self.runnable: Runnable[Question, Answer] = self._sequence()

    async def answer(self, question: Question) -> Answer:
        """The answer, whatever the rails decide. Raises `PromptError`, `ModelError` and `StorageError`."""
        return await self.runnable.ainvoke(question, {"run_name": "assistant"})

    def _sequence(self) -> Runnable[Question, Answer]:
        return (
            RunnableLambda(_render, name="prompt")
            | RunnableLambda(self._judge_question, name="input_rails")
            | RunnableLambda(self._ask_model, name="model")
            | RunnableLambda(self._record, name="ledger")
            | RunnableLambda(self._judge_answer, name="output_rails")
            | RunnableLambda(self._conclude, name="answer")
        )

    async def _judge_question(self, turn: _Turn) -> _Turn:
        said = turn.rendered.messages[-1].content
        text = Text(said, "user", turn.rendered.locale, turn.audience)
        return replace(turn, asked=await self._input_chain.judge(text))

    async def _ask_model(self, turn: _Turn) -> _Turn:
        if not turn.asked.is_allowed:
            return turn
        parameters = sampling_parameters(turn.rendered.parameters, self._max_tokens, turn.question.epoch)
        model = turn.question.model or self._model
        request = ChatRequest(turn.rendered.messages, model, parameters, turn.question.epoch)
        return replace(turn, reply=await self._chat.complete(request))

    async def _record(self, turn: _Turn) -> _Turn:
        if turn.reply is None:
            return turn
        question = turn.question
        entry = await self._meter.record(
            turn.reply,
            provider=turn.reply.provider or self._chat.provider,
            model=turn.reply.model or question.model or self._model,
            purpose=question.purpose,
            conversation_id=question.conversation_id,
            message_id=question.message_id,
            rendered=turn.rendered,
        )
        return replace(turn, entry=entry)

    async def _judge_answer(self, turn: _Turn) -> _Turn:
        if turn.reply is None:
            return turn
        if (unusable := _unusable(turn.reply)) is not None:
            return replace(turn, told=ChainDecision(unusable.action, (unusable,)))
        text = Text(turn.reply.text, "assistant", turn.rendered.locale, turn.audience)
        return replace(turn, told=await self._output_chain.judge(text))

    async def _conclude(self, turn: _Turn) -> Answer:
        outcome = _outcome(turn)
        return Answer(
            shown_text=self._shown(turn, outcome),
            model_text=turn.reply.text if turn.reply else None,
            outcome=outcome,
            rendered=turn.rendered,
            input_decision=turn.asked,
            output_decision=turn.told,
            reply=turn.reply,
            entry=turn.entry,
        )

    def _shown(self, turn: _Turn, outcome: Outcome) -> str:
        locale = turn.rendered.locale
        if turn.audience == "staff":
            return self._shown_to_staff(turn, outcome)
        match outcome:
            case "answered":
                return turn.reply.text if turn.reply else ""
            case "cared":
                return self._care.care(turn.asked.reasons, locale)
            case "withheld":
                return self._care.safe(turn.told.reasons if turn.told else (), locale)
            case "refused" | "unchecked":
                return self._care.safe((), locale, outcome)

    def _shown_to_staff(self, turn: _Turn, outcome: Outcome) -> str:
        """The summary below a notice of what was disclosed; or, where there is none, a notice to read the original."""
        locale = turn.rendered.locale
        notices = [self._care.notice(turn.disclosed, locale)] if turn.disclosed else []
        if outcome == "answered" and turn.reply:
            return "\n\n".join([*notices, turn.reply.text])
        missing = self._care.notice("withheld" if outcome == "withheld" else "unchecked", locale)
        return "\n\n".join([*notices, missing])


async def _render(question: Question) -> _Turn:
    return _Turn(question, render(question.prompt, question.variables, question.history))


def _unusable(reply: ChatReply) -> Decision | None:
    """The decision on a reply that is no text to judge: stopped by the endpoint's own filter, or blank."""
    if reply.finish_reason == "content_filter":
        return Decision("refuse", "assistant", ("content_filter",))
    return None if reply.text.strip() else Decision("refuse", "assistant", ("empty_answer",))


def _outcome(turn: _Turn) -> Outcome:
    if turn.told is not None:
        return "answered" if turn.told.is_allowed else "withheld"
    match turn.asked.action:
        case "escalate":
            return "cared"
        case "refuse":
            return "refused"
        case _:
            return "unchecked"
