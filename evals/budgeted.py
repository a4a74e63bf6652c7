"""A chat model and paid rails that are asked only where an account has room for the most that they can cost.

The model stands directly before its endpoint, behind attempts, limits and cache: each attempt is a call of its own, and
what a cache answers costs nothing. `BudgetReached` passes through all of them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from evals.bounds import total
from evals.budget import Account, Payment
from guardrails.base import Text
from guardrails.chain import ChainDecision, RailChain
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, PaidAttempt


class Bill(Protocol):
    """What calls of one model cost."""

    @property
    def is_billed(self) -> bool:
        """Whether anybody bills them."""

    def most(self, request: ChatRequest) -> Decimal | None:
        """The most that a request can cost; None where nobody knows."""

    def cost(self, reply: ChatReply | PaidAttempt, model: str) -> Decimal | None:
        """What a reply of a model cost, or an attempt that was not used; None where nobody knows."""


class BudgetedChat:
    """A chat model around another. See `models.assistant.base.ChatModel`."""

    def __init__(self, chat: ChatModel, account: Account, bill: Bill) -> None:
        self.provider = chat.provider
        self._chat = chat
        self._account = account
        self._bill = bill

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply. Raises `BudgetReached` where it is not asked, and what the model raises."""
        async with self._account.call(self._bill.most(request), is_billed=self._bill.is_billed) as payment:
            told = _Told(request)
            try:
                reply = await self._chat.complete(told.request)
            except ChatFailed as error:
                self._failed(payment, error)
                raise
            except asyncio.CancelledError:
                self._given_up(payment, told)
                raise
            self._answered(payment, request, reply)
        return reply

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        """The reply piece by piece. Raises as `complete` does."""
        async with self._account.call(self._bill.most(request), is_billed=self._bill.is_billed) as payment:
            told = _Told(request)
            try:
                async for piece in self._chat.stream(told.request):
                    if isinstance(piece, ChatReply):
                        self._answered(payment, request, piece)
                    yield piece
            except ChatFailed as error:
                self._failed(payment, error)
                raise
            except asyncio.CancelledError:
                self._given_up(payment, told)
                raise

    async def ping(self) -> str:
        """A short description of the endpoint that answered."""
        return await self._chat.ping()

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        await self._chat.aclose()

    def _answered(self, payment: Payment, request: ChatRequest, reply: ChatReply) -> None:
        payment.paid(self._bill.cost(reply, request.model), is_billed=not reply.is_simulated)

    def _failed(self, payment: Payment, error: ChatFailed) -> None:
        """Nothing is paid for what was refused before anything was generated; what nobody counted may be the most."""
        payment.paid(total(self._bill.cost(attempt, attempt.model) for attempt in error.paid))

    def _given_up(self, payment: Payment, told: "_Told") -> None:
        """A model tells of a call whose request had left; nothing is paid for one that was given up before."""
        payment.paid(total(self._bill.cost(attempt, attempt.model) for attempt in told.attempts))


class _Told:
    """A request that remembers the attempts that it was told of."""

    def __init__(self, request: ChatRequest) -> None:
        self.attempts: list[PaidAttempt] = []
        self._asked = request
        self.request = replace(request, on_paid=self._on_paid)

    def _on_paid(self, attempt: PaidAttempt) -> None:
        self.attempts.append(attempt)
        self._asked.tell(attempt)


class BudgetedRails(RailChain):
    """A chain around another, whose paid rails are asked only where the account has room for them."""

    def __init__(
        self,
        chain: RailChain,
        account: Account,
        most: Callable[[Text], Decimal | None],
        cost: Callable[[ChainDecision], Decimal | None],
        *,
        is_billed: bool,
    ) -> None:
        """`most` is what a text can cost, `cost` what a decision did; None where nobody knows."""
        self._chain = chain
        self._account = account
        self._most, self._cost = most, cost
        self._is_billed = is_billed

    async def judge(self, text: Text) -> ChainDecision:
        """What the chain decides. Raises `BudgetReached` where it is not asked."""
        async with self._account.call(self._most(text), is_billed=self._is_billed) as payment:
            decision = await self._chain.judge(text)
            if not decision.failures:  # of a rail that failed nobody knows what its service counted
                payment.paid(self._cost(decision), is_billed=self._is_billed)
        return decision

    async def ping(self) -> str:
        """What each rail says of itself."""
        return await self._chain.ping()
