"""How every judge asks its model: through our own chat port, so that limits, cache, ledger and simulator hold for all.

A reply out of its schema is asked for again with another seed within `judge.max_attempts` of policy.yaml; then it is a
failure of the judge. So is a model that does not answer. Neither is ever a verdict.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from evals.judges.base import JudgeFailed, JudgeQuestion
from evals.judges.texts import JudgePrompt, templates_hash
from evals.judges.wire import Output, read_reply, response_format
from evals.rows import JudgeMark
from matria.costs.base import Purpose
from matria.errors import ModelError
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, PaidAttempt, given_up

T = TypeVar("T", bound=BaseModel)
SEEDS_PER_SAMPLE = 100
"""Seeds that the attempts for one sample may use before they reach those of the next."""
OnReply = Callable[[ChatReply, JudgeQuestion, Purpose], Awaitable[object]]
"""Told of a reply, and whether it is the judge's or out of its schema, and so one to `retry`."""
OnFailed = Callable[[ChatFailed, JudgeQuestion], Awaitable[object]]


@dataclass(frozen=True)
class Asked(Generic[T]):
    """A reply that fits, and who gave it."""

    value: T
    snapshot: str
    seed: int
    is_simulated: bool


@dataclass(frozen=True)
class JudgeModel:
    """The chat model behind the judges, and how it is asked."""

    chat: ChatModel
    model: str
    max_attempts: int
    """Requests made at most for one reply, the first included."""
    output: Output = "json_schema"
    temperature: float = 0.0
    seed: int = 0
    """Of the first request; attempts and samples count on from it."""
    on_reply: OnReply | None = field(default=None, compare=False)
    """Told of every reply that was paid, so that its cost is kept."""
    on_failed: OnFailed | None = field(default=None, compare=False)
    """Told of every call that came to no reply, of which attempts may have been paid."""
    max_output_tokens: int | None = None
    """Of one reply; without it nobody can say beforehand what one may cost."""

    @property
    def identity(self) -> str:
        """All of it that a reply depends on."""
        longest = "" if self.max_output_tokens is None else f":{self.max_output_tokens}"
        return f"{self.chat.provider}/{self.model}:{self.output}:{self.temperature:g}:{self.seed}{longest}"

    async def ask(
        self,
        prompt: JudgePrompt,
        schema: type[T],
        question: JudgeQuestion,
        *,
        sample: int = 0,
        temperature: float | None = None,
    ) -> Asked[T]:
        """A reply that fits schema and prompt. Raises `JudgeFailed`."""
        shape: dict[str, Any] = {"temperature": self.temperature if temperature is None else temperature}
        shape |= response_format(schema, self.output)
        if self.max_output_tokens is not None:
            shape["max_tokens"] = self.max_output_tokens
        problem, attempts = "", 0
        for seed in range(first := self.seed + sample * SEEDS_PER_SAMPLE, first + SEEDS_PER_SAMPLE):
            reply = await self._reply(ChatRequest(prompt.messages, self.model, {**shape, "seed": seed}), question)
            attempts += not reply.is_cached  # what a cache keeps of an earlier run must not fail this one for good
            try:
                value = read_reply(reply.text, schema)
                prompt.check(value)
            except ValueError as error:
                problem = str(error)
                await self._tell(reply, question, "retry")
            else:
                await self._tell(reply, question, "judge")
                return Asked(value, reply.model_snapshot, seed, reply.is_simulated)
            if attempts >= self.max_attempts:
                break
        raise JudgeFailed(f"the judge answered out of its schema {attempts} times: {problem}")

    async def _reply(self, request: ChatRequest, question: JudgeQuestion) -> ChatReply:
        paid: list[PaidAttempt] = []
        try:
            return await self.chat.complete(replace(request, on_paid=paid.append))
        except asyncio.CancelledError:
            if self.on_failed and paid:
                await self.on_failed(given_up(paid), question)
            raise
        except (ModelError, TimeoutError, OSError) as error:
            if self.on_failed and isinstance(error, ChatFailed):
                await self.on_failed(error, question)
            raise JudgeFailed(f"the judge's model did not answer: {str(error) or type(error).__name__}") from error

    async def _tell(self, reply: ChatReply, question: JudgeQuestion, purpose: Purpose) -> None:
        if self.on_reply and not reply.is_cached:
            await self.on_reply(reply, question, purpose)

    def mark(
        self, judge: str, asked: Sequence[Asked[Any]], agreement: float | None = None, score: float | None = None
    ) -> JudgeMark:
        """Who judged, by the replies that counted."""
        return JudgeMark(
            model=", ".join(sorted({one.snapshot for one in asked})),
            template=templates_hash(judge),
            seeds=tuple(dict.fromkeys(one.seed for one in asked)) or (self.seed,),
            agreement=agreement,
            score=score,
            is_simulated=any(one.is_simulated for one in asked),
        )
