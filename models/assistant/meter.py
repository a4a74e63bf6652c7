"""Every model call into the ledger, priced: of the assistant, of evaluations and of judges alike; and what moderation
counted for the same message."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Required, TypedDict, Unpack

from guardrails.base import Decision
from matria.clock import utc_now
from matria.costs.base import Cost, Ledger, LedgerEntry, Purpose, Serves, Usage, of_a_call
from matria.costs.group import GroupCommits
from matria.costs.prices import Prices
from matria.costs.records import MODERATION_PROVIDER, NO_RECORD_PRICES, RecordPrices
from matria.costs.spool import Spool
from matria.privacy.keys import HashKey
from models.assistant.base import ChatReply
from models.assistant.failures import PaidAttempt, new_call_id

if TYPE_CHECKING:
    from prompts.render import RenderedPrompt

CONVERSATION_DOMAIN = "conversation_id"
NOTHING_COUNTED = Usage(0, 0)
"""Of an attempt whose usage nobody reported; its entry is unpriced."""


def serves(purpose: Purpose) -> Serves:
    """Whom a message of that purpose is for."""
    return "people" if purpose == "assistant" else "evaluation"


class MessageOf(TypedDict, total=False):
    """The message that calls are for, as whoever records them says it."""

    purpose: Required[Purpose]
    conversation_id: Required[str]
    message_id: Required[str]
    message_at: datetime | None
    """When it came, the same for all its calls; None where this call is all there is."""
    rendered: "RenderedPrompt | None"


class _Message(TypedDict):
    """What all entries of a message have in common, and when they are made."""

    at: datetime
    conversation_id: str
    message_id: str
    prompt_name: str
    prompt_version: str
    prompt_hash: str
    persona: str
    locale: str
    message_at: datetime
    serves: Serves


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
    stand_ins: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    """`priced_as` of another that may answer, the fallback, by its provider and the model asked for."""
    spool: Spool | None = None
    """Keeps what the ledger does not take; without one that is lost."""
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
        patience_s: float | None = None,
    ) -> LedgerEntry:
        """The entry of a reply, in the ledger for good, even where the caller is cancelled meanwhile.

        Attempts before the reply that may have been paid for go in beside it, in the same commit. `message_at` is when
        the message came, the same for all its calls; None where this call is all there is. A cached reply was paid for
        when it was made: its entry says what such an answer costs, and does not go into the ledger, which holds calls.
        Whoever waits no longer than `patience_s` has it in the spool instead. Raises `StorageError` where it cannot be
        kept, and ValueError where it is no entry.
        """
        message = self._message(purpose, conversation_id, message_id, message_at, rendered)
        entry = LedgerEntry(
            call_id=reply.call_id or self.new_id(),
            purpose=purpose,
            provider=provider,
            model=model,
            model_snapshot=reply.model_snapshot,
            usage=reply.usage,
            latency_ms=reply.latency_ms,
            cost=self.cost(reply, provider, model, message["at"]),
            is_simulated=reply.is_simulated,
            prompt_tokens=_own_part(rendered, reply.usage),
            **message,
        )
        if not reply.is_cached:
            entries = (*self._attempts(reply.retried, message, rendered), entry)
            await self._commits.record(*entries, patience_s=patience_s)
        return entry

    async def record_failed(self, paid: Sequence[PaidAttempt], **message: Unpack[MessageOf]) -> None:
        """The entries of attempts that came to no answer, in the ledger for good; as `begin_failed`, and waited for."""
        await self.begin_failed(paid, **message)

    def begin_failed(
        self, paid: Sequence[PaidAttempt], *, patience_s: float | None = None, **of: Unpack[MessageOf]
    ) -> "asyncio.Future[None]":
        """Done when the entries of attempts that came to no answer are kept; they are on their way at once.

        `purpose` is that of the message. Where the endpoint counted nothing before the attempt failed, its entry is
        unpriced and says why. The future raises as `record` does.
        """
        message = self._message(**of)
        return self._commits.begin(*self._attempts(paid, message, of.get("rendered")), patience_s=patience_s)

    def _attempts(
        self, paid: Sequence[PaidAttempt], message: "_Message", rendered: "RenderedPrompt | None"
    ) -> tuple[LedgerEntry, ...]:
        return tuple(
            LedgerEntry(
                call_id=attempt.call_id,
                purpose="retry",
                provider=attempt.provider,
                model=attempt.model,
                model_snapshot=attempt.model_snapshot,
                usage=attempt.usage or NOTHING_COUNTED,
                latency_ms=attempt.latency_ms,
                cost=self._attempt_cost(attempt, message["at"]),
                is_simulated=attempt.is_simulated,
                prompt_tokens=_own_part(rendered, attempt.usage or NOTHING_COUNTED),
                **message,
            )
            for attempt in paid
        )

    def _attempt_cost(self, attempt: PaidAttempt, at: datetime) -> Cost:
        if attempt.usage is None:
            reason = f"no usage was reported of an attempt that failed ({attempt.failure})"
            return Cost("unpriced", None, reason, at.date())
        return self._price(attempt.provider, attempt.model, attempt.usage, at, attempt.model_snapshot)

    def _message(
        self,
        purpose: Purpose,
        conversation_id: str,
        message_id: str,
        message_at: datetime | None = None,
        rendered: "RenderedPrompt | None" = None,
    ) -> "_Message":
        at = self.clock()
        return _Message(
            at=at,
            conversation_id=self.conversation_pseudonym(conversation_id),
            message_id=message_id,
            prompt_name=rendered.prompt_name if rendered else "",
            prompt_version=rendered.prompt_version if rendered else "",
            prompt_hash=rendered.prompt_hash if rendered else "",
            persona=rendered.persona if rendered else "",
            locale=rendered.locale if rendered else "",
            message_at=message_at or at,
            serves=serves(purpose),
        )

    def conversation_pseudonym(self, conversation_id: str) -> str:
        """The keyed hash by which a conversation is known outside the service."""
        return self.key.pseudonym(CONVERSATION_DOMAIN, conversation_id)

    async def record_moderation(
        self, decisions: Iterable[Decision], *, judgement: str = "", first: int = 0, **of: Unpack[MessageOf]
    ) -> tuple[LedgerEntry, ...]:
        """The entries of `begin_moderation`, in the ledger for good."""
        entries, kept = self.begin_moderation(decisions, judgement=judgement, first=first, **of)
        await kept
        return entries

    def begin_moderation(
        self,
        decisions: Iterable[Decision],
        *,
        judgement: str = "",
        first: int = 0,
        patience_s: float | None = None,
        **of: Unpack[MessageOf],
    ) -> "tuple[tuple[LedgerEntry, ...], asyncio.Future[None]]":
        """An entry for each decision that a paid service counted text records for, and when they are kept.

        A call that left, and that may be billed though no count came back, has an unpriced one. `purpose` is that of
        the message, which says whom the entries serve; their own is `moderation`. Rails of this process cost nothing
        and have no entry. `judgement` is an id of what they were decided on and `first` the place of the first decision
        there, so that telling of them again counts once; without it each is new. The future raises as `record` does.
        """
        message = self._message(**of)
        entries: list[LedgerEntry] = []
        for place, decision in enumerate(decisions, first):
            if decision.text_records:
                entries.append(self._moderation(self._id_of(judgement, f"{place}"), decision, message))
            for number in range(decision.uncounted_calls):
                call_id = self._id_of(judgement, f"{place}/{number}")
                entries.append(self._uncounted(call_id, decision, message))
        return tuple(entries), self._commits.begin(*entries, patience_s=patience_s)

    def _moderation(self, call_id: str, decision: Decision, message: "_Message") -> LedgerEntry:
        return LedgerEntry(
            call_id=call_id,
            purpose="moderation",
            provider=MODERATION_PROVIDER,
            model=decision.rail,
            model_snapshot="",
            usage=Usage(0, 0, text_records=decision.text_records),
            latency_ms=decision.latency_ms,
            cost=of_a_call(self.record_prices.price(decision.rail, decision.text_records, message["at"].date())),
            is_simulated=self.record_prices.is_simulated,
            **message,
        )

    def _uncounted(self, call_id: str, decision: Decision, message: "_Message") -> LedgerEntry:
        cost = Cost("unpriced", None, "no count came back of a call that failed or was cut off", message["at"].date())
        return replace(self._moderation(call_id, decision, message), usage=NOTHING_COUNTED, cost=cost)

    def _id_of(self, judgement: str, place: str) -> str:
        return blake2b(f"{judgement}/{place}".encode(), digest_size=16).hexdigest() if judgement else self.new_id()

    @cached_property
    def _commits(self) -> GroupCommits:
        """Calls at once share a commit."""
        return GroupCommits(self.ledger, self.spool)

    def cost(self, reply: ChatReply, provider: str, model: str, at: datetime) -> Cost:
        """By the price file, else by the snapshot that answered, else by the model asked for, else by the stand-in."""
        return self._price(provider, model, reply.usage, at, reply.model_snapshot)

    def _price(self, provider: str, model: str, usage: Usage, at: datetime, snapshot: str) -> Cost:
        stand_in = self.stand_ins.get((provider, model), self.priced_as)
        return of_a_call(self.prices.price(provider, model, usage, at.date(), stand_in, snapshot=snapshot))


def _own_part(rendered: "RenderedPrompt | None", usage: Usage) -> int:
    return rendered.own_part(usage.input_tokens) if rendered else 0
