"""The assistant: a LangChain sequence from question to answer, with rails before and after the model.

    input_rails -> notes -> prompt -> model -> ledger -> output_rails -> answer

Each step is named, so that a trace reads like this line. Personal data is masked before the first step and put back
after the last, so that no rail behind a network, no model, no trace and no ledger sees it. Her words are judged before
anything else can fail, and a step that has nothing left to do passes the turn on: after a disclosure no model is asked.
The call is in the ledger before its text is judged, so that a withheld answer is paid for in the open; moderation and
failed attempts are entered behind her as they come. A person waits no longer than `costs.ledger_patience_ms` for a
ledger, and what was begun is paid to its end where she leaves. LangChain is imported here and nowhere else; import this
module late.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import replace
from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda

from guardrails.base import Decision, Rail, Text
from guardrails.care.texts import CareTexts
from guardrails.chain import ChainDecision, RailChain
from guardrails.personal_data import service_numbers
from guardrails.vault import Vault
from matria.errors import PromptError
from matria.handover.desk import Desk
from matria.policy import Policy
from matria.transcripts.base import Transcripts
from models.assistant.alerts import hand_over
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.books import Books
from models.assistant.conversation import Answer, Question, Timing
from models.assistant.failures import ChatFailed, PaidAttempt
from models.assistant.hearing import unfinished
from models.assistant.mending import mend
from models.assistant.meter import Meter
from models.assistant.privacy import RETRIEVED, fenced, masked_history, masked_variables, passages_text
from models.assistant.release import Release
from models.assistant.retrieval.base import Retriever
from models.assistant.sampling import sampling_parameters
from models.assistant.shown import TOO_LONG, Seen, Wording, ending_of, rest_of
from models.assistant.sources import Screen, SourceFinder
from models.assistant.tap import Tap, in_one_piece
from models.assistant.transcribing import Transcriber
from models.assistant.turn import Turn
from prompts.render import render

RUN_NAME = "assistant"

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
        listener: Rail | None = None,
        desk: Desk | None = None,
        transcripts: Transcripts | None = None,
    ) -> None:
        """Without a `retriever` no notes are shown to the model; without a `desk` no person is told of anything, and
        without `transcripts` nothing is kept for nurses to read.

        `screen` says which of several documents hold an attack: those are left out. `listener` hears a disclosure that
        is told over several messages.
        """
        self._chat, self._model = chat, model
        self._input_chain, self._output_chain = input_chain, output_chain
        self._wording = Wording(care)
        self._meter = meter
        self._policy = policy
        self._max_tokens = policy.count("assistant.max_output_tokens")
        self._longest = policy.count("assistant.max_question_characters")
        self._sources = SourceFinder(retriever, screen, policy.count("retrieval.notes"))
        self._services = service_numbers()
        self._listener = listener
        self._desk = desk
        self._transcriber = Transcriber(transcripts, meter, chat.provider, self._behind_her)
        self._settling: set[asyncio.Future[Any]] = set()
        self._books = Books(meter, policy.number("costs.ledger_patience_ms") / 1000, self._follow)
        self._before: Runnable[Turn, Turn] = (
            RunnableLambda(self._judge_question, name="input_rails")
            | RunnableLambda(self._find_notes, name="notes")
            | RunnableLambda(self._render, name="prompt")
        )
        self._after: Runnable[Turn, Answer] = (
            RunnableLambda(self._record, name="ledger")
            | RunnableLambda(self._judge_answer, name="output_rails")
            | RunnableLambda(self._conclude, name="answer")
        )
        self.runnable: Runnable[Turn, Answer] = (
            self._before | RunnableLambda(self._ask_model, name="model") | self._after
        )

    async def answer(self, question: Question) -> Answer:
        """The answer, whatever the rails decide. Raises `PromptError` and `ModelError`.

        Raises `StorageError` of an evaluation whose calls cannot be recorded; a person is answered all the same. Where
        the caller is cancelled, a person's answer is read to its end and recorded behind (await `settled` before the
        event loop ends); an evaluation's is given up and entered as an attempt that may have been paid.
        """
        turn = self.masked(question)
        try:
            answer = await self.runnable.ainvoke(turn, {"run_name": RUN_NAME})
            self._transcriber.answered(turn, answer)
            return _unmasked(answer, turn.vault)
        finally:
            self._books.begin_moderation(turn)  # of a step that failed before anybody entered it

    async def stream(self, question: Question) -> AsyncGenerator[str | Answer, None]:
        """The answer's text in parts, each of which has passed the rails, then the answer. Raises as `answer` does.

        Where the model fails, a text with the numbers to call comes before `ModelError` is raised. Who stops reading
        leaves nothing unpaid: the model's answer is read to its end and recorded. Close the generator that you leave
        (`contextlib.aclosing`), and await `settled` before the event loop ends.
        """
        started = time.perf_counter()
        turn = self.masked(question)
        release = Release(lambda part: self._judge_text(turn, part), self._policy)
        seen = Seen(turn.vault, started)
        tap: Tap | None = None
        is_over = False
        try:
            turn = await self._before.ainvoke(turn, {"run_name": RUN_NAME})
            if turn.asked.is_allowed:
                tap = Tap(self._chat.stream(self._request(turn)))
                async for piece in tap.pieces():
                    async for _ in release.add(piece):
                        yield seen.more(release.shown)
                turn = replace(turn, reply=await tap.reply())
            answer = await self._after.ainvoke(turn, {"run_name": RUN_NAME})
            is_over = True
        except Exception as error:
            is_over = True
            await hand_over(self._desk, self._meter, turn)
            if tap is not None and turn.reply is None and not isinstance(error, ChatFailed):
                self._settle(turn, tap)  # the model is still writing, and is paid for it
            paying = self._behind_her(self._pay(turn, error.paid if isinstance(error, ChatFailed) else ()))
            end = self._wording.when_broken_off(turn, has_begun=bool(release.shown))
            self._transcriber.broken_off(turn, release.shown, end)
            yield f"\n\n{end}" if release.shown else end
            await paying
            raise
        finally:
            if not is_over:
                self._transcriber.left(turn, release.shown)
                self._settle(turn, tap)
        rest = rest_of(answer.masked_text, release.shown, is_whole=answer.outcome in ("answered", "rewritten"))
        whole = release.shown + rest
        answer = replace(answer, masked_text=whole)
        self._transcriber.answered(turn, answer)
        if rest:
            yield seen.more(whole)
        timing = replace(answer.timing, stream_rails_ms=release.rails_ms, first_shown_ms=seen.first_ms)
        yield replace(answer, shown_text=seen.text, timing=timing)

    async def settled(self) -> None:
        """Answers that nobody read to their end are in the ledger; call before the event loop ends."""
        while self._settling:
            await asyncio.gather(*self._settling, return_exceptions=True)

    def masked(self, question: Question) -> Turn:
        """The question as it may leave, and what its conversation knows."""
        came_at = self._meter.clock()
        locale = question.prompt.locale
        vault = question.vault or Vault(locale, keep=self._services)
        if question.vault is None:
            question = replace(question, history=masked_history(question.history, vault))
        given = self._sources.given(question.prompt, question.variables)
        variables = {**masked_variables(question.variables, vault), RETRIEVED: None}
        return Turn(replace(question, variables=variables, vault=None), vault, came_at, given)

    async def _judge_question(self, turn: Turn) -> Turn:
        started = time.perf_counter()
        sources = turn.sources.texts if turn.sources.is_foreign else ()
        text = Text(turn.said, "user", turn.locale, turn.audience, sources=sources)
        asked = await self._judged(turn, self._input_chain, text)
        if asked.action != "escalate":
            asked = self._bounded(turn, await self._heard_over_messages(turn, asked))
        return replace(turn, asked=asked, input_rails_ms=(time.perf_counter() - started) * 1000)

    def _bounded(self, turn: Turn, asked: ChainDecision) -> ChainDecision:
        """The decision, and that a message is too long for a model: it would be paid for again with every turn."""
        if not asked.is_allowed or turn.audience == "staff" or len(turn.said) <= self._longest:
            return asked
        return ChainDecision("refuse", (*asked.decisions, Decision("refuse", "assistant", (TOO_LONG,))))

    async def _heard_over_messages(self, turn: Turn, asked: ChainDecision) -> ChainDecision:
        """The decision, with what her last messages tell together: people type a sentence in three."""
        before = unfinished(turn.question.said_before)
        if self._listener is None or not before:
            return asked
        text = Text(" ".join((*before, turn.said)), "user", turn.locale, turn.audience)
        try:
            heard = await self._listener.judge(text)
        except Exception as error:  # noqa: BLE001  (her last message was judged by the rails; it is answered)
            log.error("what she told over several messages could not be read: %s", type(error).__name__)  # noqa: TRY400
            return asked
        return ChainDecision("escalate", (*asked.decisions, heard)) if heard.action == "escalate" else asked

    async def _find_notes(self, turn: Turn) -> Turn:
        if not turn.asked.is_allowed or turn.sources.texts:
            return turn
        return replace(turn, sources=self._sources.found(turn.question.prompt, turn.question.variables))

    def _request(self, turn: Turn) -> ChatRequest:
        prompt = turn.prompt
        parameters = sampling_parameters(prompt.parameters, self._max_tokens, turn.question.epoch)
        model = turn.question.model or self._model
        return ChatRequest(
            prompt.messages,
            model,
            parameters,
            turn.question.epoch,
            on_paid=lambda attempt: self._books.begin_attempts(turn, attempt),
        )

    async def _ask_model(self, turn: Turn) -> Turn:
        if not turn.asked.is_allowed:
            return turn
        tap: Tap | None = None
        try:
            tap = Tap(in_one_piece(self._chat, self._request(turn)))
            return replace(turn, reply=await tap.whole())
        except asyncio.CancelledError:
            await self._leave(turn, tap)
            raise
        except Exception as error:
            await hand_over(self._desk, self._meter, turn)
            await self._pay(turn, error.paid if isinstance(error, ChatFailed) else ())
            raise

    async def _leave(self, turn: Turn, tap: Tap | None) -> None:
        """Nobody waits for the model any more: a person's answer is paid and recorded, an evaluation's is given up."""
        if turn.question.purpose == "assistant" or tap is None:
            self._settle(turn, tap)
            return
        if (reply := await tap.given_up()) is not None and not reply.is_cached:
            unused = reply.given_up(self._chat.provider, turn.question.model or self._model)
            self._books.begin_attempts(turn, unused)
        if turn.entering:
            await asyncio.wait(turn.entering)

    async def _record(self, turn: Turn) -> Turn:
        if turn.reply is None:
            return turn
        model = turn.reply.model or turn.question.model or self._model
        return await self._books.call(turn, turn.reply, turn.reply.provider or self._chat.provider, model)

    async def _judge_answer(self, turn: Turn) -> Turn:
        if turn.reply is None:
            return turn
        if (unusable := _unusable(turn.reply)) is not None:
            return replace(turn, told=ChainDecision(unusable.action, (unusable,)))
        started = time.perf_counter()
        told = await self._judge_text(turn, turn.reply.text)
        mended = await mend(turn.reply.text, told, turn.locale, lambda changed: self._judge_text(turn, changed))
        took_ms = (time.perf_counter() - started) * 1000
        return replace(turn, told=told, text=mended.text, is_shown=mended.is_shown, output_rails_ms=took_ms)

    async def _judge_text(self, turn: Turn, content: str) -> ChainDecision:
        """What the output rails decide on a text of the model, or on a part of it."""
        text = Text(
            content,
            "assistant",
            turn.locale,
            turn.audience,
            question=turn.said,
            sources=turn.sources.texts,
            instructions=turn.prompt.messages[0].content,
        )
        return await self._judged(turn, self._output_chain, text)

    async def _judged(self, turn: Turn, chain: RailChain, text: Text) -> ChainDecision:
        """What a chain decides. Once asked it decides, within its own time, and is entered, whoever leaves."""

        async def judge() -> ChainDecision:
            decision = await chain.judge(text)
            turn.judged.extend(decision.decisions)
            if turn.rendered is not None:  # before that it is not known what the entries are to say
                self._books.begin_moderation(turn)
            return decision

        judging = asyncio.get_running_loop().create_task(judge())
        self._follow(judging)
        try:
            return await asyncio.shield(judging)
        except asyncio.CancelledError:
            judging.add_done_callback(lambda _: self._books.begin_moderation(turn))
            if turn.question.purpose != "assistant":
                await asyncio.wait([judging])
            raise

    async def _conclude(self, turn: Turn) -> Answer:
        """The answer, its personal data still masked; a person is told before anything else is written."""
        ending = ending_of(turn)
        handed_over = await hand_over(self._desk, self._meter, turn)
        shown = self._wording.text(ending)
        return Answer(
            shown_text=shown,
            masked_text=shown,
            model_text=turn.reply.text if turn.reply else None,
            asked_text=turn.said,
            outcome=ending.outcome,
            rendered=turn.rendered,
            input_decision=turn.asked,
            output_decision=turn.told,
            reply=turn.reply,
            entry=turn.entry,
            notes=tuple(note.id for note in turn.sources.notes),
            moderation=await self._books.moderation(turn),
            handed_over=handed_over,
            timing=Timing(
                input_rails_ms=turn.input_rails_ms,
                model_ms=turn.reply.latency_ms if turn.reply else None,
                output_rails_ms=turn.output_rails_ms,
            ),
        )

    async def _pay(self, turn: Turn, paid: tuple[PaidAttempt, ...]) -> None:
        """What was paid for an answer that does not come is recorded."""
        self._books.begin_attempts(turn, *paid)
        await self._books.moderation(turn)

    def _settle(self, turn: Turn, tap: Tap | None) -> None:
        """What nobody reads on is read to its end, judged for what a person must know, and recorded."""

        async def settle() -> None:
            reply = turn.reply or (await tap.reply() if tap else None)
            left = replace(turn, reply=reply)
            if reply is not None and reply.text.strip():
                await self._judge_text(left, reply.text)
            await self._record(left)
            await hand_over(self._desk, self._meter, left)
            await self._pay(left, await tap.paid() if tap else ())

        self._behind_her(settle())

    def _behind_her(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """The work begun, that she is not kept waiting by; `settled` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(_unsettled)
        self._follow(task)
        return task

    def _follow(self, work: "asyncio.Future[Any]") -> None:
        """`settled` waits for it."""
        self._settling.add(work)
        work.add_done_callback(self._settling.discard)

    async def _render(self, turn: Turn) -> Turn:
        """The prompt, with the sources in a fence; without one that renders, a model that is asked for raises.

        What the rails decided on the question is entered from here on, while the model writes.
        """
        question, sources = turn.question, turn.sources
        found = "\n\n".join(sources.texts) if sources.is_foreign else passages_text(sources.notes)
        variables = {**question.variables, RETRIEVED: fenced(found, question.message_id) or None}
        try:
            turn = replace(turn, rendered=render(question.prompt, variables, question.history))
        except PromptError as error:
            turn = replace(turn, unrendered=error)
        self._books.begin_moderation(turn)
        return turn


def _unsettled(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("an answer that nobody read on could not be settled: %s", type(error).__name__)


def _unmasked(answer: Answer, vault: Vault) -> Answer:
    return replace(answer, shown_text=vault.unmask(answer.masked_text))


def _unusable(reply: ChatReply) -> Decision | None:
    """The decision on a reply that is no text to judge: stopped by the endpoint's own filter, or blank."""
    if reply.finish_reason == "content_filter":
        return Decision("refuse", "assistant", ("content_filter",))
    return None if reply.text.strip() else Decision("refuse", "assistant", ("empty_answer",))
