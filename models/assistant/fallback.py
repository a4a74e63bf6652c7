"""A chat model behind another: where the first cannot answer, the second does, under its own name in the ledger.

It steps in for what is the endpoint's trouble or its limits, after the first model's own attempts. A request that the
first refuses for what it holds is refused by the second too and is not asked twice. Within one answer nothing is mixed:
once a piece of a stream has come, it is the first model's answer or none.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.failures import PASSING, ChatFailed, Failure, PaidAttempt

log = logging.getLogger(__name__)

STANDS_IN_FOR: frozenset[Failure] = PASSING | {"unknown_model", "key_refused", "no_token", "no_quota"}
"""Failures of the first model for which the second is asked; what is wrong with the request is not among them."""


class FallbackChat:
    """Two chat models as one; its `provider` is the first one's, and a reply names another that answered."""

    def __init__(self, first: ChatModel, second: ChatModel, second_model: str) -> None:
        self.provider = first.provider
        self._first, self._second = first, second
        self._second_model = second_model

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The first model's reply, or else the second's. Raises the `ChatFailed` of the second."""
        try:
            return await self._first.complete(request)
        except ChatFailed as error:
            self._step_in(error)
            paid = error.paid
        try:
            return self._named(await self._second.complete(self._instead(request)), paid)
        except ChatFailed as error:
            error.paid = (*paid, *error.paid)
            raise

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        """The same, piece by piece."""
        has_begun = False
        try:
            async for piece in self._first.stream(request):
                has_begun = True
                yield piece
        except ChatFailed as error:
            if has_begun:
                raise
            self._step_in(error)
            paid = error.paid
        else:
            return
        try:
            async for piece in self._second.stream(self._instead(request)):
                yield self._named(piece, paid) if isinstance(piece, ChatReply) else piece
        except ChatFailed as error:
            error.paid = (*paid, *error.paid)
            raise

    async def ping(self) -> str:
        """What both say of themselves."""
        return f"{await self._first.ping()}; fallback {await self._second.ping()}"

    async def aclose(self) -> None:
        """Connections of both are closed."""
        await self._first.aclose()
        await self._second.aclose()

    def _step_in(self, error: ChatFailed) -> None:
        if error.failure not in STANDS_IN_FOR:
            raise error
        log.warning("the chat model failed (%s); %s answers in its place", error.failure, self._second_model)

    def _instead(self, request: ChatRequest) -> ChatRequest:
        return replace(request, model=self._second_model)

    def _named(self, reply: ChatReply, paid: tuple[PaidAttempt, ...]) -> ChatReply:
        return replace(reply, provider=self._second.provider, model=self._second_model, retried=(*paid, *reply.retried))
