"""A chat model that keeps to an endpoint's limits and tries again what another attempt can help.

The gate says when a call may begin; here is how often, and for how long. Between attempts it waits a random time up to
a bound that doubles (full jitter; Brooker, AWS Architecture Blog, 2015), or as long as the endpoint asks.
"""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, NamedTuple, TypeVar

from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, PaidAttempt
from models.assistant.gates.base import CallEnd, Gate, GateClosed, Ticket

Result = TypeVar("Result")
log = logging.getLogger(__name__)

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_LIKELY_OUTPUT_TOKENS = 500
"""Counted for an answer of unbounded length until the endpoint has counted it."""
_DROPPED = CallEnd("dropped")


@dataclass(frozen=True)
class Attempts:
    """How often, and for how long, an answer is asked for."""

    most: int
    """Calls made for one answer, the first included."""
    total_s: float
    """Seconds for all of them, from the moment that the first may begin."""
    backoff_s: float
    """Bound of the first wait; it doubles with each attempt."""
    max_backoff_s: float


class LimitedChat:
    """A chat model around another. Gates are entered in order; the first is this process's own."""

    def __init__(
        self,
        chat: ChatModel,
        gates: tuple[Gate, ...],
        attempts: Attempts,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.provider = chat.provider
        self._chat = chat
        self._gates = gates
        self._attempts = attempts
        self._chance = chance

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply. Raises the `ChatFailed` of the last attempt."""
        made = _Made(request)
        reply, tickets = await self._asked(made, lambda: self._chat.complete(made.request))
        try:
            await self._leave(tickets, _answered(reply))
        except BaseException:
            request.tell(reply.given_up(self.provider, request.model))
            raise
        return made.told(reply)

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        """The reply piece by piece; another attempt is made only while nothing has come. Raises `ChatFailed`."""
        made = _Made(request)
        begun, tickets = await self._asked(made, lambda: _begun(self._chat.stream(made.request)))
        end = _DROPPED
        try:
            if isinstance(begun.first, ChatReply):
                end = _answered(begun.first)
            yield begun.first if isinstance(begun.first, str) else made.told(begun.first)
            async for piece in begun.rest:
                if isinstance(piece, ChatReply):
                    end = _answered(piece)
                yield piece if isinstance(piece, str) else made.told(piece)
        except ChatFailed as error:
            end = _end_of(error)
            made.failed(error)
            raise
        finally:
            if isinstance(begun.rest, AsyncGenerator):
                await begun.rest.aclose()
            made.ended()
            await self._leave(tickets, end)

    async def _asked(self, attempts: "_Made", ask: Callable[[], Awaitable[Result]]) -> "_Asked[Result]":
        """What `ask` gives, with the tickets that are to be left when the call has ended."""
        clock = asyncio.get_running_loop().time
        tokens = estimated_tokens(attempts.request)
        failure: ChatFailed | None = None
        give_up_at: float | None = None
        for made in range(1, self._attempts.most + 1):
            tickets = await self._enter(tokens, give_up_at, failure)
            give_up_at = give_up_at or clock() + self._attempts.total_s
            end: CallEnd | None = _DROPPED
            try:
                async with asyncio.timeout_at(give_up_at):
                    result = await ask()
            except ChatFailed as error:
                failure = error
                attempts.failed(failure)
                end = _end_of(error)
            except TimeoutError as error:
                end = CallEnd("failed")
                failure = failure or self._too_long()
                attempts.failed(failure, is_cut_off=True)
                raise failure from error
            except Exception as error:
                if failure is None:
                    raise
                raise failure from error  # no further attempt is made; what the last one took is told
            else:
                end = None
                return _Asked(result, tickets)
            finally:
                if end is not None:
                    attempts.ended()
                    await self._leave(tickets, end)
            wait_s = self._wait_s(failure, made)
            if not failure.is_passing or made == self._attempts.most or clock() + wait_s >= give_up_at:
                raise failure
            log.info(
                "attempt %d of %d failed (%s); again in %.2f s", made, self._attempts.most, failure.failure, wait_s
            )
            await asyncio.sleep(wait_s)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def ping(self) -> str:
        """A short description of the endpoint that answered."""
        return await self._chat.ping()

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        for gate in self._gates:
            await gate.aclose()
        await self._chat.aclose()

    async def _enter(self, tokens: float, give_up_at: float | None, before: ChatFailed | None) -> list[Ticket]:
        """A ticket of each gate. Raises `ChatFailed` where one stays shut for longer than the answer may take."""
        patience_s = self._attempts.total_s
        if give_up_at is not None:
            patience_s = give_up_at - asyncio.get_running_loop().time()
        tickets: list[Ticket] = []
        try:
            async with asyncio.timeout_at(give_up_at):
                for gate in self._gates:
                    ticket = await gate.enter(tokens, is_retry=before is not None, patience_s=patience_s)
                    tickets.append(ticket)
        except GateClosed as error:
            await self._leave(tickets, _DROPPED)
            raise before or self._shut(error) from error
        except TimeoutError as error:
            await self._leave(tickets, _DROPPED)
            raise before or self._too_long() from error
        except BaseException:
            await self._leave(tickets, _DROPPED)
            raise
        return tickets

    async def _leave(self, tickets: list[Ticket], end: CallEnd) -> None:
        for gate, ticket in zip(self._gates, tickets, strict=False):
            await gate.leave(ticket, end)

    def _wait_s(self, failure: ChatFailed, made: int) -> float:
        """Seconds before the next attempt; none of its own where the gates keep the pause that was asked for."""
        if failure.retry_after_s is not None:
            return 0.0
        doubled_s = self._attempts.backoff_s * 2.0 ** (made - 1)
        return min(self._attempts.max_backoff_s, doubled_s) * self._chance()

    def _too_long(self) -> ChatFailed:
        return ChatFailed(
            f"The model did not answer within {self._attempts.total_s:g} s, all attempts together: check the endpoint, "
            "or raise TOTAL_S in the settings of this model.",
            "timeout",
        )

    def _shut(self, closed: GateClosed) -> ChatFailed:
        return ChatFailed(
            f"The endpoint asks not to be called for {closed.seconds:.0f} s, longer than the "
            f"{self._attempts.total_s:g} s that an answer may take: wait, raise the quota, or raise TOTAL_S in the "
            "settings of this model.",
            "too_many_requests",
            retry_after_s=closed.seconds,
        )


def estimated_tokens(request: ChatRequest) -> float:
    """Tokens that a call may take, as endpoints estimate them beforehand: the text, and the longest answer allowed."""
    text = sum(len(message.content) for message in request.messages)
    parameters = request.parameters
    output = parameters.get("max_completion_tokens") or parameters.get("max_tokens") or _LIKELY_OUTPUT_TOKENS
    return text / _CHARACTERS_PER_TOKEN + _TOKENS_PER_MESSAGE * len(request.messages) + float(output)


class _Asked(NamedTuple, Generic[Result]):
    result: Result
    tickets: list[Ticket]


class _Made:
    """The attempts made for one answer, as far as they were paid for, or may have been, and are not used."""

    def __init__(self, request: ChatRequest) -> None:
        self._outer = request
        self._under_way: list[PaidAttempt] = []
        self._paid: dict[str, PaidAttempt] = {}
        self.request = replace(request, on_paid=self._under_way.append)
        """What is asked of the model: its attempts are told of here."""

    def failed(self, failure: ChatFailed, *, is_cut_off: bool = False) -> None:
        """An attempt has ended in a failure, which then tells of all; `is_cut_off` by the time for all of them."""
        self._under_way += failure.paid
        self.ended(is_cut_off=is_cut_off)
        failure.paid = tuple(self._paid.values())

    def ended(self, *, is_cut_off: bool = False) -> None:
        """An attempt has ended: whoever asked is told of it, if it was not used and may have been paid for."""
        for attempt in self._under_way:
            if is_cut_off and attempt.failure == "cancelled":
                attempt = replace(attempt, failure="timeout")
            if attempt.call_id not in self._paid:
                self._paid[attempt.call_id] = attempt
                self._outer.tell(attempt)
        self._under_way.clear()

    def told(self, reply: ChatReply) -> ChatReply:
        """The reply, with the attempts that were paid before it."""
        return replace(reply, retried=(*self._paid.values(), *reply.retried)) if self._paid else reply


@dataclass(frozen=True)
class _Begun:
    """A stream of which the first piece has come."""

    first: str | ChatReply
    rest: AsyncIterator[str | ChatReply]


async def _begun(pieces: AsyncIterator[str | ChatReply]) -> _Begun:
    return _Begun(await anext(pieces), pieces)


def _answered(reply: ChatReply) -> CallEnd:
    return CallEnd("answered", _used(reply), None, reply.limits)


def _used(reply: ChatReply) -> float:
    return reply.usage.input_tokens + reply.usage.output_tokens


def _end_of(failure: ChatFailed) -> CallEnd:
    is_limited = failure.failure == "too_many_requests"
    return CallEnd("limited" if is_limited else "failed", None, failure.retry_after_s)
