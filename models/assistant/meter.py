"""Every model call into the ledger, priced: of the assistant, of evaluations and of judges alike; and what moderation
counted for the same message."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from guardrails.base import Decision
from matria.costs.base import Cost, Ledger, LedgerEntry, Purpose, Serves, Usage
from matria.costs.group import GroupCommits
from matria.costs.prices import Prices
from matria.costs.records import MODERATION_PROVIDER, NO_RECORD_PRICES, RecordPrices
from matria.privacy.keys import HashKey
from models.assistant.base import ChatReply

if TYPE_CHECKING:
    from prompts.render import RenderedPrompt

CONVERSATION_DOMAIN = "conversation_id"


def utc_now() -> datetime:
    """The time, aware of its zone."""
    return datetime.now(UTC)


def serves(purpose: Purpose) -> Serves:
    """Whom a message of that purpose is for."""
    return "people" if purpose == "assistant" else "evaluation"


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
    record_prices: RecordPrices = NO_RECORD_PRICES
    """Prices of what a moderation service counts."""
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
        message_at: datetime | None = None,
        rendered: "RenderedPrompt | None" = None,
    ) -> LedgerEntry:
        """The entry of a reply, in the ledger for good, even where the caller is cancelled meanwhile.

        `message_at` is when the message came, the same for all its calls; None where this call is all
        there is. A cached reply was paid for when it was made: its entry says what such an answer costs, and does not
        go into the ledger, which holds calls. Raises `StorageError` where the ledger cannot be written.
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
            message_at=message_at or at,
            serves=serves(purpose),
            prompt_tokens=rendered.own_part(reply.usage.input_tokens) if rendered else 0,
        )
        if not reply.is_cached:
            await self._commits.record(entry)
        return entry

    def conversation_pseudonym(self, conversation_id: str) -> str:
        """The keyed hash by which a conversation is known outside the service."""
        return self.key.pseudonym(CONVERSATION_DOMAIN, conversation_id)

    async def record_moderation(
        self,
        decisions: Iterable[Decision],
        *,
        purpose: Purpose,
        conversation_id: str,
        message_id: str,
        message_at: datetime | None = None,
        rendered: "RenderedPrompt | None" = None,
    ) -> tuple[LedgerEntry, ...]:
        """An entry for each decision that a paid service counted text records for, in the ledger for good.

        `purpose` is that of the message, which says whom the entries serve; their own is `moderation`. Rails of this
        process cost nothing and have no entry. Raises `StorageError`.
        """
        at = self.clock()
        entries = tuple(
            LedgerEntry(
                call_id=self.new_id(),
                at=at,
                purpose="moderation",
                conversation_id=self.conversation_pseudonym(conversation_id),
                message_id=message_id,
                prompt_name=rendered.prompt_name if rendered else "",
                prompt_version=rendered.prompt_version if rendered else "",
                prompt_hash=rendered.prompt_hash if rendered else "",
                persona=rendered.persona if rendered else "",
                locale=rendered.locale if rendered else "",
                provider=MODERATION_PROVIDER,
                model=decision.rail,
                model_snapshot="",
                usage=Usage(0, 0, text_records=decision.text_records),
                latency_ms=decision.latency_ms,
                cost=self.record_prices.price(decision.rail, decision.text_records, at.date()),
                is_simulated=self.record_prices.is_simulated,
                message_at=message_at or at,
                serves=serves(purpose),
            )
            for decision in decisions
            if decision.text_records
        )
        if entries:
            await self._commits.record(*entries)
        return entries

    @cached_property
    def _commits(self) -> GroupCommits:
        """Calls at once share a commit."""
        return GroupCommits(self.ledger)

    def cost(self, reply: ChatReply, provider: str, model: str, at: datetime) -> Cost:
        """By the price file, else by the snapshot that answered, else by the model asked for, else by the stand-in."""
        return self.prices.price(provider, model, reply.usage, at.date(), self.priced_as, snapshot=reply.model_snapshot)
