"""The service as rails ask it: split, timed, attempted again, read, and counted.

One object serves a whole process, though the vendor's client belongs to one event loop: each loop gets a client when
it first asks, and gives it back when it ends. Each operation has a circuit of its own, since one may be missing in a
region where the others work.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from guardrails.content_safety.answers import (
    SERVICE_NAMES,
    Analysis,
    Grounding,
    Shielding,
    read_analysis,
    read_grounding,
    read_shielding,
    string,
)
from guardrails.content_safety.attempts import Attempts, Patience
from guardrails.content_safety.breaker import Breaker, BreakerLimits
from guardrails.content_safety.client import Account, SafetyClient
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.splitting import sendable, text_records

Answer = TypeVar("Answer")
OPERATIONS = ("analyze", "shield", "groundedness", "blocklists")


@dataclass(frozen=True)
class Billed(Generic[Answer]):
    """An answer, and how many text records it is billed as."""

    answer: Answer
    text_records: int


class ContentSafety:
    """Asks one resource. Every method raises `CallFailed`; times are by the running loop's clock."""

    def __init__(self, account: Account, patience: Patience, limits: BreakerLimits) -> None:
        self._account = account
        self._patience = patience
        self._attempts = {name: Attempts(name, patience, Breaker(limits)) for name in OPERATIONS}
        self._clients: dict[asyncio.AbstractEventLoop, tuple[SafetyClient, AsyncGenerator[SafetyClient]]] = {}

    @property
    def endpoint(self) -> str:
        """Which resource is asked."""
        return self._account.endpoint

    def give_up_at(self) -> float:
        """When a text that is asked about now is given up."""
        return asyncio.get_running_loop().time() + self._patience.total_s

    async def analyze(self, text: str, blocklists: Sequence[str], give_up_at: float) -> Billed[Analysis]:
        """Levels, eight a category, and hits of the named blocklists; a hit does not end the analysis."""
        body: dict[str, Any] = {
            "text": sendable(text),
            "categories": list(SERVICE_NAMES),
            "outputType": "EightSeverityLevels",
        }
        if blocklists:
            body |= {"blocklistNames": list(blocklists), "haltOnBlocklistHit": False}

        async def send() -> Analysis:
            return read_analysis(await (await self.client()).analyze(body))

        records = text_records(text)
        return Billed(await self._ask("analyze", send, give_up_at, records), records)

    async def shield(self, prompt: str, documents: Sequence[str], give_up_at: float) -> Billed[Shielding]:
        """Whether the prompt or a document attacks the model's instructions; either may be missing."""
        body: dict[str, Any] = {"userPrompt": sendable(prompt)} if prompt else {}
        body |= {"documents": [sendable(each) for each in documents]} if documents else {}

        async def send() -> Shielding:
            answer = await (await self.client()).shield(body)
            return read_shielding(answer, has_prompt=bool(prompt), documents=len(documents))

        records = sum(text_records(each) for each in (prompt, *documents))
        return Billed(await self._ask("shield", send, give_up_at, records), records)

    async def groundedness(
        self, text: str, sources: Sequence[str], question: str, give_up_at: float
    ) -> Billed[Grounding]:
        """Which parts of an answer the sources do not bear out, by medical standards."""
        task = {"task": "QnA", "qna": {"query": sendable(question)}} if question else {"task": "Summarization"}
        grounds = [sendable(each) for each in sources]
        body = {"domain": "Medical", **task, "text": sendable(text), "groundingSources": grounds}

        async def send() -> Grounding:
            return read_grounding(await (await self.client()).groundedness(body))

        records = sum(text_records(each) for each in (text, question, *sources))
        return Billed(await self._ask("groundedness", send, give_up_at, records), records)

    async def blocklists(self) -> frozenset[str]:
        """Names of the resource's blocklists."""
        found = await self.keep(lambda client: client.blocklists())
        return frozenset(string(each, "blocklistName") for each in found)

    async def keep(self, call: Callable[[SafetyClient], Awaitable[Answer]]) -> Answer:
        """What a call about blocklists gives, which may be made again."""

        async def send() -> Answer:
            return await call(await self.client())

        return await self._ask("blocklists", send, self.give_up_at())

    async def client(self) -> SafetyClient:
        """The running loop's client, made when it is first asked for."""
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            for ended in [other for other in list(self._clients) if other.is_closed()]:
                del self._clients[ended]
            keeper = self._keep(loop)
            self._clients[loop] = (await anext(keeper), keeper)
        return self._clients[loop][0]

    async def aclose(self) -> None:
        """The running loop's connections are closed; `asyncio.run` does so by itself."""
        if (kept := self._clients.get(asyncio.get_running_loop())) is not None:
            await kept[1].aclose()

    async def _ask(
        self, operation: str, send: Callable[[], Awaitable[Answer]], give_up_at: float, records: int = 0
    ) -> Answer:
        await self.client()  # importing the vendor's library counts to no attempt's time
        return await self._attempts[operation].ask(send, give_up_at, records)

    async def _keep(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[SafetyClient]:
        """Gives the client once. A generator, since a loop closes those that it leaves open when it ends."""
        client = SafetyClient(self._account)
        try:
            yield client
        finally:
            self._clients.pop(loop, None)
            await client.aclose()


async def all_of(calls: Sequence[Coroutine[Any, Any, Billed[Answer]]]) -> list[Billed[Answer]]:
    """The answers of calls made at once. Raises the first `CallFailed`, which then says what the others are billed."""
    if len(calls) == 1:
        return [await calls[0]]
    ended = await asyncio.gather(*calls, return_exceptions=True)
    for failure in ended:
        if isinstance(failure, CallFailed):
            failure.text_records = sum(each.text_records for each in ended if isinstance(each, Billed))
        if isinstance(failure, BaseException):
            raise failure
    return [each for each in ended if isinstance(each, Billed)]
