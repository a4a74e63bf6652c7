"""The assistant: a LangChain sequence from question to answer, with rails before and after the model.

    notes -> prompt -> input_rails -> model -> ledger -> output_rails -> answer

Each step is named, so that a trace reads like this line. Personal data is masked in the first step and put back in the
last, so that no rail behind a network, no model, no trace and no ledger sees it. A step that has nothing left to do
passes the turn on: after a disclosure no model is asked. The call is in the ledger before its text is judged, so that a
withheld answer is paid for in the open. LangChain is imported here and nowhere else; import this module late.
"""

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

from langchain_core.runnables import Runnable, RunnableLambda

from guardrails.base import Decision, Text
from guardrails.care.texts import CareTexts
from guardrails.care_given import REASON as CARE_IN_ANSWER
from guardrails.chain import ChainDecision, RailChain
from guardrails.personal_data import service_numbers
from guardrails.vault import Vault
from matria.handover.base import Handover
from matria.handover.desk import Desk, HandedOver
from matria.messages import Locale
from matria.policy import Policy
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.conversation import Answer, Outcome, Question, Timing
from models.assistant.failures import ChatFailed
from models.assistant.mending import mend
from models.assistant.meter import Meter
from models.assistant.privacy import (
    QUESTION,
    RETRIEVED,
    fenced,
    masked_history,
    masked_variables,
    passages_text,
)
from models.assistant.release import Release
from models.assistant.retrieval.base import Retriever
from models.assistant.sampling import sampling_parameters
from models.assistant.turn import Turn
from prompts.render import render

RUN_NAME = "assistant"
Screen = Callable[[Sequence[str], Locale], Sequence[int]]
"""The places of the documents that must not reach a model."""

log = logging.getLogger(__name__)


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
        retriever: Retriever | None = None,
        screen: Screen | None = None,
        desk: Desk | None = None,
    ) -> None:
        """Without a `retriever` no notes are shown to the model; without a `desk` no person is told of anything.

        `screen` says which of several documents hold an attack: those are left out.
        """
        self._chat, self._model = chat, model
        self._input_chain, self._output_chain = input_chain, output_chain
        self._care = care
        self._meter = meter
        self._policy = policy
        self._max_tokens = policy.count("assistant.max_output_tokens")
        self._most_notes = policy.count("retrieval.notes")
        self._retriever = retriever
        self._screen = screen
        self._services = service_numbers()
        self._desk = desk
        self._before: Runnable[Question, Turn] = (
            RunnableLambda(self._find_notes, name="notes")
            | RunnableLambda(_render, name="prompt")
            | RunnableLambda(self._judge_question, name="input_rails")
        )
        self._after: Runnable[Turn, Answer] = (
            RunnableLambda(self._record, name="ledger")
            | RunnableLambda(self._judge_answer, name="output_rails")
            | RunnableLambda(self._conclude, name="answer")
        )
        self.runnable: Runnable[Question, Answer] = (
            self._before | RunnableLambda(self._ask_model, name="model") | self._after
        )

    async def answer(self, question: Question) -> Answer:
        """The answer, whatever the rails decide. Raises `PromptError`, `ModelError` and `StorageError`."""
        return await self.runnable.ainvoke(question, {"run_name": RUN_NAME})

    async def stream(self, question: Question) -> AsyncIterator[str | Answer]:
        """The answer's text in parts, each of which has passed the rails, then the answer. Raises as `answer` does.

        Where the model breaks off after something was shown, a safe text ends it before `ModelError` is raised.
        """
        started = time.perf_counter()
        turn = await self._before.ainvoke(question, {"run_name": RUN_NAME})
        release = Release(lambda part: self._judge_text(turn, part), self._policy)
        first_shown_ms: float | None = None
        if turn.asked.is_allowed:
            try:
                async for piece in self._chat.stream(self._request(turn)):
                    if isinstance(piece, ChatReply):
                        turn = replace(turn, reply=piece)
                        continue
                    async for part in release.add(piece):
                        first_shown_ms = first_shown_ms or (time.perf_counter() - started) * 1000
                        yield turn.vault.unmask(part)
            except ChatFailed:
                if release.shown:
                    yield "\n\n" + self._care.safe((), turn.prompt.locale)
                raise
        answer = await self._after.ainvoke(turn, {"run_name": RUN_NAME})
        is_whole = answer.outcome in ("answered", "rewritten")
        shown = turn.vault.unmask(release.shown)
        rest = _rest(answer.shown_text, shown, is_whole)
        if rest:
            first_shown_ms = first_shown_ms or (time.perf_counter() - started) * 1000
            yield rest
        timing = replace(answer.timing, stream_rails_ms=release.rails_ms, first_shown_ms=first_shown_ms)
        yield replace(answer, shown_text=shown + rest, timing=timing)

    async def _find_notes(self, question: Question) -> Turn:
        locale = question.prompt.locale
        vault = question.vault or Vault(locale, keep=self._services)
        if question.vault is None:
            question = replace(question, history=masked_history(question.history, vault))
        variables = masked_variables(question.variables, vault)
        turn = Turn(replace(question, variables=variables), vault)
        if RETRIEVED not in question.prompt.inputs:
            return turn
        if given := str(variables.get(RETRIEVED) or ""):
            return self._with_sources(turn, (given,))
        return turn if self._retriever is None else self._with_notes(turn, self._retriever)

    def _with_notes(self, turn: Turn, retriever: Retriever) -> Turn:
        prompt, asked = turn.question.prompt, str(turn.question.variables.get(QUESTION, ""))
        notes = retriever.retrieve(asked, prompt.locale, persona=prompt.persona, most=self._most_notes)
        attacked = self._attacked([note.text for note in notes], prompt.locale)
        kept = tuple(note for place, note in enumerate(notes) if place not in attacked)
        return replace(turn, notes=kept, sources=tuple(note.text for note in kept))

    def _with_sources(self, turn: Turn, given: tuple[str, ...]) -> Turn:
        attacked = self._attacked(given, turn.question.prompt.locale)
        kept = tuple(source for place, source in enumerate(given) if place not in attacked)
        return replace(turn, sources=kept, is_foreign=True)

    def _attacked(self, sources: Sequence[str], locale: Locale) -> frozenset[int]:
        if self._screen is None or not sources:
            return frozenset()
        attacked = frozenset(self._screen(sources, locale))
        if attacked:
            log.warning("%d of %d documents hold an attack and were left out", len(attacked), len(sources))
        return attacked

    async def _judge_question(self, turn: Turn) -> Turn:
        started = time.perf_counter()
        said = turn.prompt.messages[-1].content
        sources = turn.sources if turn.is_foreign else ()
        text = Text(said, "user", turn.prompt.locale, turn.audience, sources=sources)
        asked = await self._input_chain.judge(text)
        turn.judged.extend(asked.decisions)
        return replace(turn, asked=asked, input_rails_ms=(time.perf_counter() - started) * 1000)

    def _request(self, turn: Turn) -> ChatRequest:
        parameters = sampling_parameters(turn.prompt.parameters, self._max_tokens, turn.question.epoch)
        model = turn.question.model or self._model
        return ChatRequest(turn.prompt.messages, model, parameters, turn.question.epoch)

    async def _ask_model(self, turn: Turn) -> Turn:
        if not turn.asked.is_allowed:
            return turn
        return replace(turn, reply=await self._chat.complete(self._request(turn)))

    async def _record(self, turn: Turn) -> Turn:
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

    async def _judge_answer(self, turn: Turn) -> Turn:
        if turn.reply is None:
            return turn
        if (unusable := _unusable(turn.reply)) is not None:
            return replace(turn, told=ChainDecision(unusable.action, (unusable,)))
        started = time.perf_counter()
        told = await self._judge_text(turn, turn.reply.text)
        mended = await mend(turn.reply.text, told, turn.prompt.locale, lambda changed: self._judge_text(turn, changed))
        took_ms = (time.perf_counter() - started) * 1000
        return replace(turn, told=told, text=mended.text, is_shown=mended.is_shown, output_rails_ms=took_ms)

    async def _judge_text(self, turn: Turn, content: str) -> ChainDecision:
        """What the output rails decide on a text of the model, or on a part of it."""
        text = Text(
            content,
            "assistant",
            turn.prompt.locale,
            turn.audience,
            question=str(turn.question.variables.get(QUESTION, "")),
            sources=turn.sources,
            instructions=turn.prompt.messages[0].content,
        )
        decision = await self._output_chain.judge(text)
        turn.judged.extend(decision.decisions)
        return decision

    async def _conclude(self, turn: Turn) -> Answer:
        outcome = _outcome(turn)
        question = turn.question
        moderation = await self._meter.record_moderation(
            turn.judged,
            purpose=question.purpose,
            conversation_id=question.conversation_id,
            message_id=question.message_id,
            rendered=turn.rendered,
        )
        return Answer(
            shown_text=turn.vault.unmask(self._shown(turn, outcome)),
            model_text=turn.reply.text if turn.reply else None,
            outcome=outcome,
            rendered=turn.prompt,
            input_decision=turn.asked,
            output_decision=turn.told,
            reply=turn.reply,
            entry=turn.entry,
            notes=tuple(note.id for note in turn.notes),
            moderation=moderation,
            handed_over=await self._hand_over(turn, outcome),
            timing=Timing(
                input_rails_ms=turn.input_rails_ms,
                model_ms=turn.reply.latency_ms if turn.reply else None,
                output_rails_ms=turn.output_rails_ms,
            ),
        )

    def _shown(self, turn: Turn, outcome: Outcome) -> str:
        locale = turn.prompt.locale
        if turn.audience == "staff":
            return self._shown_to_staff(turn, outcome)
        reasons = turn.told.reasons if turn.told else ()
        match outcome:
            case "answered":
                return turn.text
            case "rewritten":
                return f"{turn.text.rstrip()}\n\n{self._care.safe(reasons, locale)}"
            case "cared":
                return self._care.care(turn.asked.reasons, locale)
            case "withheld":
                return self._care.safe(reasons, locale)
            case "refused" | "unchecked":
                return self._care.safe((), locale, outcome)

    def _shown_to_staff(self, turn: Turn, outcome: Outcome) -> str:
        """The summary below a notice of what was disclosed; or, where there is none, a notice to read the original."""
        locale = turn.prompt.locale
        notices = [self._care.notice(turn.disclosed, locale)] if turn.disclosed else []
        if outcome in ("answered", "rewritten"):
            return "\n\n".join([*notices, turn.text])
        missing = self._care.notice("withheld" if outcome == "withheld" else "unchecked", locale)
        return "\n\n".join([*notices, missing])

    async def _hand_over(self, turn: Turn, outcome: Outcome) -> HandedOver | None:
        """A person is told of a disclosure, of a question that no rail could read, and of an answer that gives care."""
        reason = turn.disclosed or ("unchecked" if outcome == "unchecked" else _given_care(turn))
        if self._desk is None or reason is None or turn.question.purpose != "assistant" or turn.audience == "staff":
            return None
        return await self._desk.hand_over(
            Handover(
                conversation_id=self._meter.conversation_pseudonym(turn.question.conversation_id),
                reason=reason,
                persona=turn.prompt.persona,
                locale=turn.prompt.locale,
                opened_at=self._meter.clock(),
                message_id=turn.question.message_id,
            )
        )


async def _render(turn: Turn) -> Turn:
    question = turn.question
    variables = dict(question.variables)
    found = "\n\n".join(turn.sources) if turn.is_foreign else passages_text(turn.notes)
    if RETRIEVED in question.prompt.inputs:
        variables[RETRIEVED] = fenced(found, question.message_id) or None
    return replace(turn, rendered=render(question.prompt, variables, question.history))


def _unusable(reply: ChatReply) -> Decision | None:
    """The decision on a reply that is no text to judge: stopped by the endpoint's own filter, or blank."""
    if reply.finish_reason == "content_filter":
        return Decision("refuse", "assistant", ("content_filter",))
    return None if reply.text.strip() else Decision("refuse", "assistant", ("empty_answer",))


def _outcome(turn: Turn) -> Outcome:
    if turn.told is not None:
        if not turn.is_shown:
            return "withheld"
        return "rewritten" if turn.told.action == "rewrite" else "answered"
    match turn.asked.action:
        case "escalate":
            return "cared"
        case "refuse":
            return "refused"
        case _:
            return "unchecked"


def _given_care(turn: Turn) -> str | None:
    """The reason of an answer that names a helpline: the model heard in her words what no phrase of ours did."""
    return CARE_IN_ANSWER if turn.told is not None and CARE_IN_ANSWER in turn.told.reasons else None


def _rest(final: str, shown: str, is_whole: bool) -> str:
    """What is still to be shown: the end of the final text, or all of it where it does not begin with what was."""
    if is_whole and final.startswith(shown):
        return final[len(shown) :]
    return f"\n\n{final}" if shown else final
