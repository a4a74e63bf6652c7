"""A chat model and paid rails that are asked only where an account has room for the most that they can cost.

The model stands directly before its endpoint, behind attempts, limits and cache: each attempt is a call of its own, and
what a cache answers costs nothing. `BudgetReached` passes through all of them.
"""

from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Protocol

from evals.budget import Account, Payment
from guardrails.base import Text
from guardrails.chain import ChainDecision, RailChain
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, Failure

UNBILLED: frozenset[Failure] = frozenset(
    {"unknown_model", "key_refused", "no_token", "no_quota", "too_many_requests", "unreachable", "server", "refused"}
)
"""Failures before anything was generated; the others may have been paid for."""


class Bill(Protocol):
    """What calls of one model cost."""

    @property
    def is_billed(self) -> bool:
        """Whether anybody bills them."""

    def most(self, request: ChatRequest) -> Decimal | None:
        """The most that a request can cost; None where nobody knows."""

    def cost(self, request: ChatRequest, reply: ChatReply) -> Decimal | None:
        """What a reply cost; None where nobody knows."""


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
            try:
                reply = await self._chat.complete(request)
            except ChatFailed as error:
                _failed(payment, error)
                raise
            self._answered(payment, request, reply)
        return reply

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        """The reply piece by piece. Raises as `complete` does."""
        async with self._account.call(self._bill.most(request), is_billed=self._bill.is_billed) as payment:
            try:
                async for piece in self._chat.stream(request):
                    if isinstance(piece, ChatReply):
                        self._answered(payment, request, piece)
                    yield piece
            except ChatFailed as error:
                _failed(payment, error)
                raise

    async def ping(self) -> str:
        """A short description of the endpoint that answered."""
        return await self._chat.ping()

    async def aclose(self) -> None:
        """Connections are closed; the object is of no further use."""
        await self._chat.aclose()

    def _answered(self, payment: Payment, request: ChatRequest, reply: ChatReply) -> None:
        payment.paid(self._bill.cost(request, reply), is_billed=not reply.is_simulated)


def _failed(payment: Payment, error: ChatFailed) -> None:
    if error.failure in UNBILLED:
        payment.free()


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
