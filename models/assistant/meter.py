"""Every model call into the ledger, priced: of the assistant, of evaluations and of judges alike."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from matria.costs.base import Cost, Ledger, LedgerEntry, Purpose
from matria.costs.group import GroupCommits
from matria.costs.prices import Prices
from matria.privacy.keys import HashKey
from models.assistant.base import ChatReply

if TYPE_CHECKING:
    from prompts.render import RenderedPrompt

CONVERSATION_DOMAIN = "conversation_id"


def utc_now() -> datetime:
    """The time, aware of its zone."""
    return datetime.now(UTC)


def new_call_id() -> str:
    """An id that no other call has."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Meter:
    """Prices replies and records them."""

    prices: Prices
    ledger: Ledger
    key: HashKey
    """Conversation ids enter the ledger as its keyed hashes."""
    priced_as: str | None = None
    """Model whose price stands in where the one that answered has none."""
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = new_call_id

    async def record(
        self,
        reply: ChatReply,
        *,
        provider: str,
        model: str,
        purpose: Purpose,
        conversation_id: str,
        message_id: str,
        rendered: "RenderedPrompt | None" = None,
    ) -> LedgerEntry:
        """The entry of a reply, in the ledger for good, even where the caller is cancelled meanwhile.

        A cached reply was paid for when it was made: its entry says what such an answer costs, and does not go into the
        ledger, which holds calls. Raises `StorageError` where the ledger cannot be written.
        """
        at = self.clock()
        entry = LedgerEntry(
            call_id=self.new_id(),
            at=at,
            purpose=purpose,
            conversation_id=self.conversation_pseudonym(conversation_id),
            message_id=message_id,
            prompt_name=rendered.prompt_name if rendered else "",
            prompt_version=rendered.prompt_version if rendered else "",
            prompt_hash=rendered.prompt_hash if rendered else "",
            persona=rendered.persona if rendered else "",
            locale=rendered.locale if rendered else "",
            provider=provider,
            model=model,
            model_snapshot=reply.model_snapshot,
            usage=reply.usage,
            latency_ms=reply.latency_ms,
            cost=self.cost(reply, provider, model, at),
            is_simulated=reply.is_simulated,
        )
        if not reply.is_cached:
            await self._commits.record(entry)
        return entry

    def conversation_pseudonym(self, conversation_id: str) -> str:
        """The keyed hash by which a conversation is known outside the service."""
        return self.key.pseudonym(CONVERSATION_DOMAIN, conversation_id)

    @cached_property
    def _commits(self) -> GroupCommits:
        """Calls at once share a commit."""
        return GroupCommits(self.ledger)

    def cost(self, reply: ChatReply, provider: str, model: str, at: datetime) -> Cost:
        """By the snapshot that answered, else by the model asked for, else by the stand-in, else unpriced."""
        on = at.date()
        for name in dict.fromkeys((reply.model_snapshot, model)):
            cost = self.prices.price(provider, name, reply.usage, on)
            if cost.state == "priced":
                return cost
        return self.prices.price(provider, model, reply.usage, on, self.priced_as)
