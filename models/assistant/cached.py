"""A chat model that answers from a cache what it was asked before, and asks the one around which it stands otherwise.

A key is made of everything that a reply depends on: endpoint, model asked for, snapshot that answered last under that
name, messages, parameters (tools and response format are among them), epoch, and for the simulator its code. An alias
that moves to another snapshot so stops hitting what its former model said.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from matria.clock import utc_now
from matria.errors import StorageError
from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.cache.base import CacheEntry, ResponseCache, SeenSnapshot

log = logging.getLogger(__name__)

KEY_VERSION = 1
"""Raised where a key comes to mean something else, so that no old entry is taken for a new one."""
_KEY_BYTES = 20
_Outcome = ChatReply | Exception | None
"""What came of a call; None where its caller gave it up."""


@dataclass(frozen=True)
class CacheScope:
    """What sets one endpoint's replies apart from all others."""

    provider: str
    address: str
    code: str = ""
    """Digest of the code that answers, where that is ours: the bundled simulator."""


class CachedChat:
    """A chat model around another. Calls for the same at the same time share one, whatever comes of it."""

    def __init__(
        self,
        chat: ChatModel,
        cache: ResponseCache,
        scope: CacheScope,
        *,
        confirm_after: timedelta,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.provider = chat.provider
        self._chat = chat
        self._cache = cache
        self._scope = scope
        self._confirm_after = confirm_after
        self._clock = clock
        self._seen: dict[str, SeenSnapshot | None] = {}
        self._confirming: dict[str, asyncio.Event] = {}
        self._on_their_way: dict[str, asyncio.Future[_Outcome]] = {}

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The model's reply; `is_cached` where nobody was asked for it now. Raises what the model raises."""
        asked = _canonical(self._scope, request)
        seen = await self._snapshot(request.model)
        if seen is not None and self._is_old(seen):
            if request.model not in self._confirming:
                return await self._confirm(asked, request)
            # Where that call failed, the snapshot stays old and each asks for itself.
            await self._confirming[request.model].wait()
            seen = self._seen[request.model]
        if seen is not None and not self._is_old(seen):
            kept = await self._cache.get(_key(asked, seen.snapshot))
            if kept is not None:
                return replace(kept, is_cached=True, retried=())
        return await self._shared(asked, request)

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        """The reply in one piece: a cache serves evaluations, where nobody watches the words come."""
        reply = await self.complete(request)
        yield reply.text
        yield reply

    async def ping(self) -> str:
        """A short description of the endpoint that answered, and of the cache."""
        return f"{await self._chat.ping()}; {await self._cache.ping()}"

    async def aclose(self) -> None:
        """Connections are closed and outstanding replies written; the object is of no further use."""
        await self._chat.aclose()
        await self._cache.aclose()

    async def _snapshot(self, model: str) -> SeenSnapshot | None:
        if model not in self._seen:
            self._seen[model] = await self._cache.snapshot(self._scope.address, model)
        return self._seen[model]

    def _is_old(self, seen: SeenSnapshot) -> bool:
        return self._clock() - seen.seen_at >= self._confirm_after

    async def _confirm(self, asked: str, request: ChatRequest) -> ChatReply:
        """The reply of a call that shows which snapshot answers now; all others of the model wait for it once."""
        done = self._confirming[request.model] = asyncio.Event()
        try:
            return await self._shared(asked, request)
        finally:
            done.set()

    async def _shared(self, asked: str, request: ChatRequest) -> ChatReply:
        """The reply of the model, asked once for all who ask for the same meanwhile."""
        while (pending := self._on_their_way.get(asked)) is not None:
            outcome = await asyncio.shield(pending)
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is not None:
                return replace(outcome, is_cached=True, retried=())
        future = self._on_their_way[asked] = asyncio.get_running_loop().create_future()
        outcome = None
        try:
            reply = outcome = await self._chat.complete(request)
            try:
                await self._keep(asked, request, reply)
            except StorageError as error:
                log.error("a reply could not be kept for next time: %s", error)  # noqa: TRY400  (it is paid for and good)
            except asyncio.CancelledError:
                request.tell(*reply.retried, reply.given_up(self.provider, request.model))
                raise
        except Exception as error:
            outcome = error
            raise
        finally:  # a caller that was cancelled leaves None: the next one of those that wait asks in its place
            del self._on_their_way[asked]
            future.set_result(outcome)
        return reply

    async def _keep(self, asked: str, request: ChatRequest, reply: ChatReply) -> None:
        now = self._clock()
        self._seen[request.model] = SeenSnapshot(reply.model_snapshot, now)
        if is_worth_keeping(reply, request) and not (reply.is_simulated and not self._scope.code):
            key = _key(asked, reply.model_snapshot)
            await self._cache.put(CacheEntry(key, self._scope.address, request.model, now, reply))


def is_worth_keeping(reply: ChatReply, request: ChatRequest) -> bool:
    """Whether a reply may be given again: complete, not blank, no refusal; JSON where JSON was asked for."""
    if reply.finish_reason != "stop" or reply.is_refusal or not reply.text.strip():
        return False
    response_format = request.parameters.get("response_format")
    if isinstance(response_format, dict) and str(response_format.get("type", "")).startswith("json"):
        return _is_json(reply.text)
    return True


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _canonical(scope: CacheScope, request: ChatRequest) -> str:
    """Everything that is known of a reply before it is there, as text that does not depend on the order of names."""
    return json.dumps(
        [
            KEY_VERSION,
            [scope.provider, scope.address, scope.code],
            request.model,
            request.epoch,
            [(message.role, message.content) for message in request.messages],
            dict(request.parameters),
        ],
        sort_keys=True,
        separators=(",", ":"),
    )


def _key(asked: str, snapshot: str) -> str:
    return blake2b(f"{snapshot}\n{asked}".encode(), digest_size=_KEY_BYTES).hexdigest()
