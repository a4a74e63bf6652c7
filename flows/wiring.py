"""The composition root: from settings to adapters, one function per port, and nothing else chooses.

`flows.wiring_models` chooses what answers and judges, `flows.wiring_rails` what moderates, `flows.wiring_stores` where
things are kept. `Platform` holds what one process was configured with and opens each part when it is first asked for,
so that a command loads only what it needs. It is passed in everywhere; nothing below `flows` knows of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.wiring_models import (
    cache_scope,
    chat_model,
    gate_of,
    response_cache,
    retriever,
    shared_gates,
    stand_in_price,
    stand_ins,
)
from flows.wiring_rails import record_prices
from flows.wiring_record import tracking
from flows.wiring_review import review_form, review_mailer, reviews, transcripts
from flows.wiring_stores import (
    beside_the_ledger,
    channels,
    handovers,
    ledger,
    offline_features,
    online_features,
    outbox,
    watch_memory,
)
from matria.policy import Policy, load_policy
from matria.settings import ChatSettings, Settings, load_settings

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from evals.cases import Suite
    from evals.review.base import ReviewForm
    from evals.review.people import Mailer
    from evals.review.records import ReviewRecords
    from evals.review.web.changes import Outcomes
    from flows.shelf import Shelf
    from guardrails.base import Rail
    from guardrails.care.texts import CareTexts
    from guardrails.chain import RailChain
    from matria.costs.allowance.base import AllowanceStore
    from matria.costs.ledger.store import SqlLedger
    from matria.costs.prices import Prices
    from matria.costs.spool import Spool
    from matria.costs.watching.store import WatchMemory
    from matria.features.base import OfflineStore, OnlineStore
    from matria.handover.base import Handovers
    from matria.handover.desk import Desk
    from matria.notify.base import Notifier
    from matria.notify.outbox import Outbox
    from matria.notify.sending import Sender
    from matria.privacy.keys import HashKey
    from matria.tracking import Tracking
    from matria.transcripts.base import Transcripts
    from models.assistant.assistant import Assistant
    from models.assistant.base import ChatModel
    from models.assistant.cache.base import ResponseCache
    from models.assistant.gates.base import Gate
    from models.assistant.meter import Meter
    from models.assistant.retrieval.base import Retriever
    from models.assistant.sources import Screen
    from models.registry import ModelRegistry
    from prompts.notes.note import Note
    from prompts.repository import PromptLibrary

    Within = Callable[[ChatModel, ChatSettings], ChatModel]


@dataclass(frozen=True)
class Platform:
    """Everything that one process was configured with."""

    settings: Settings
    policy: Policy

    @classmethod
    def load(cls, **overrides: Any) -> "Platform":
        """From the environment and policy.yaml. Raises `SettingsError`."""
        settings = load_settings(**overrides)
        return cls(settings, load_policy(settings.root / "policy.yaml"))

    @property
    def inbox(self) -> Path:
        """Folder whose files `ingest` takes when none is named."""
        return self.settings.home / "inbox"

    def inbox_files(self) -> list[Path]:
        """The event files that lie in the inbox, by name."""
        return sorted(path for path in self.inbox.glob("*.jsonl") if not path.name.startswith("."))

    @cached_property
    def shelf(self) -> "Shelf":
        """Where reports lie."""
        from flows.shelf import Shelf

        return Shelf(self.settings.home / "reports")

    @cached_property
    def tracking(self) -> "Tracking":
        """MLflow with this checkout's tags."""
        return tracking(self.settings, self.policy)

    @cached_property
    def registry(self) -> "ModelRegistry":
        """Registered models."""
        from models.registry import ModelRegistry

        return ModelRegistry(self.tracking)

    @cached_property
    def library(self) -> "PromptLibrary":
        """The prompts of the checkout."""
        from prompts.repository import PromptLibrary

        return PromptLibrary(self.settings.root / "prompts" / "library")

    @cached_property
    def suites(self) -> "list[Suite]":
        """The clinical suites of the checkout."""
        from evals.suitefile import load_suites

        return load_suites(self.settings.root / "evals" / "suites")

    @cached_property
    def ledger(self) -> "SqlLedger":
        """What each call cost, and what many cost together."""
        return ledger(self.settings)

    @cached_property
    def watch_memory(self) -> "WatchMemory":
        """What the cost watch decided."""
        return watch_memory(self.settings)

    @cached_property
    def prices(self) -> "Prices":
        """The price file, and the price list behind it. Raises `SettingsError` where the file does not fit."""
        from matria.costs.pricefile import FILE_NAME, load_price_file
        from matria.costs.prices import Prices

        return Prices(load_price_file(self.settings.root / FILE_NAME))

    @cached_property
    def channels(self) -> "Mapping[str, Notifier]":
        """Where people are told, by name."""
        return channels(self.settings)

    @cached_property
    def notifier(self) -> "Notifier":
        """Who is told at once, on every channel."""
        from matria.notify.every import EveryChannel

        return EveryChannel(
            self.channels, keep=lambda key, notice, channels: self.outbox.put(key, notice, channels=channels)
        )

    @cached_property
    def outbox(self) -> "Outbox":
        """Notices on their way, followed until they are delivered."""
        return outbox(self.settings, tuple(self.channels))

    @cached_property
    def sender(self) -> "Sender":
        """What sends the notices that are due."""
        from matria.notify.sending import Backoff, Sender

        of = self.settings.notify
        return Sender(
            self.outbox, self.channels, Backoff(of.backoff_s, of.max_backoff_s, of.give_up_hours), of.timeout_s
        )

    @cached_property
    def handovers(self) -> "Handovers":
        """Conversations that wait for a person."""
        return handovers(self.settings)

    @cached_property
    def desk(self) -> "Desk":
        """Where conversations are handed to a person, who is told."""
        from matria.handover.desk import Desk

        return Desk(self.handovers, self.notifier)

    @cached_property
    def transcripts(self) -> "Transcripts | None":
        """What people asked and were shown; None where nothing is kept."""
        return transcripts(self.settings)

    @cached_property
    def reviews(self) -> "ReviewRecords":
        """The nurses' week."""
        return reviews(self.settings)

    @cached_property
    def review_form(self) -> "ReviewForm":
        """Where nurses read and answer. Raises `SettingsError`."""
        return review_form(self.settings, self.reviews)

    @cached_property
    def review_mailer(self) -> "Mailer | None":
        """Who writes to one nurse; None where no mail is set."""
        return review_mailer(self.settings)

    @cached_property
    def review_outcomes(self) -> "Outcomes":
        """What came of the last week that has a report."""
        from flows.steps.review_outcomes import ShelfOutcomes

        return ShelfOutcomes(self)

    @cached_property
    def review_zone(self) -> "ZoneInfo":
        """Whose Monday the nurses' week begins on. Raises `SettingsError`."""
        from flows.wiring_review import review_zone

        return review_zone(self.settings)

    @cached_property
    def rails(self) -> "RailChain":
        """All rails together."""
        from flows.wiring_rails import rails

        return rails(self.settings, self.policy)

    @cached_property
    def hash_key(self) -> "HashKey":
        """The key behind pseudonyms."""
        from matria.privacy.keys import load_key

        return load_key(self.settings)

    @cached_property
    def offline_features(self) -> "OfflineStore":
        """Features for training."""
        return offline_features(self.settings)

    @cached_property
    def online_features(self) -> "OnlineStore":
        """Features for serving."""
        return online_features(self.settings)

    @cached_property
    def allowances(self) -> "AllowanceStore":
        """Who has taken how much of what evaluations may spend together."""
        from matria.costs.allowance.store import SqlAllowances

        return SqlAllowances(beside_the_ledger(self.settings, "costs/allowances.db"))

    def chat(self, *, is_cached: bool = False, within: "Within | None" = None) -> "ChatModel":
        """The model that answers; a new one for each event loop. `is_cached` is for evaluations, never for people.

        Behind people's messages stands the fallback, where one is set; an evaluation is of one model. `within` puts
        something around each attempt at the endpoint, such as a budget.
        """
        chat, fallback = self._chat(self.settings.chat, is_cached, within), self.settings.fallback
        if is_cached or not fallback.is_on:
            return chat
        from models.assistant.fallback import FallbackChat

        return FallbackChat(chat, self._limited(fallback), fallback.model)

    def judge_chat(self, *, is_cached: bool = False, within: "Within | None" = None) -> "ChatModel":
        """The model that judges; a new one for each event loop."""
        return self._chat(self.settings.judge, is_cached, within)

    @cached_property
    def response_cache(self) -> "ResponseCache | None":
        """Where replies to evaluations are kept; None where they are not."""
        return response_cache(self.settings)

    def _chat(self, chat: ChatSettings, is_cached: bool, within: "Within | None" = None) -> "ChatModel":
        limited = self._limited(chat, within)
        if not is_cached or self.response_cache is None:
            return limited
        from datetime import timedelta

        from models.assistant.cached import CachedChat

        confirm_after = timedelta(hours=self.policy.number("cache.confirm_hours"))
        return CachedChat(limited, self.response_cache, cache_scope(chat), confirm_after=confirm_after)

    def _limited(self, chat: ChatSettings, within: "Within | None" = None) -> "ChatModel":
        """The model within its endpoint's limits; those that ask the same model at the same address share a gate."""
        from models.assistant.limited import Attempts, LimitedChat

        gate = self._gates.setdefault((chat.kind, chat.base_url, chat.model), gate_of(chat, self.policy))
        attempts = Attempts(
            chat.max_attempts,
            chat.total_s,
            self.policy.number("engine.backoff_s"),
            self.policy.number("engine.max_backoff_s"),
        )
        asked = chat_model(chat)
        return LimitedChat(within(asked, chat) if within else asked, (gate, *shared_gates(chat)), attempts)

    @cached_property
    def spool(self) -> "Spool":
        """Where entries wait that the ledger does not take: on this machine, whichever ledger it is."""
        from matria.costs.spool import Spool

        return Spool(self.settings.home / "costs" / "spool")

    @cached_property
    def _gates(self) -> "dict[tuple[str, str | None, str], Gate]":
        """By kind, address and model."""
        return {}

    def stand_in_price(self, chat: ChatSettings) -> str | None:
        """The model whose price stands in where the one that answers has none; None where none may."""
        return stand_in_price(chat)

    def meter(self, chat: ChatSettings) -> "Meter":
        """What prices the calls of a model and records them."""
        from models.assistant.meter import Meter

        records = replace(record_prices(self.settings.moderation), file=self.prices.file)
        stand_in, others = stand_in_price(chat), stand_ins(self.settings, chat)
        return Meter(self.prices, self.ledger, self.hash_key, stand_in, records, others, self.spool)

    def assistant(
        self,
        chat: "ChatModel",
        rails: "RailChain | None" = None,
        policy: Policy | None = None,
        care: "CareTexts | None" = None,
        notes: "Sequence[Note] | None" = None,
        *,
        serves_people: bool = False,
        transcripts: "Transcripts | None" = None,
    ) -> "Assistant":
        """The assistant around an open chat model; other rails, limits, texts or notes stand in for the checkout's.

        One that serves people hands conversations over to a person and keeps them for nurses to read; an evaluation
        or a demonstration does neither, unless it is given its own `transcripts`.
        """
        from guardrails.care.texts import CareTexts
        from models.assistant.assistant import Assistant

        return Assistant(
            chat=chat,
            model=self.settings.chat.model,
            input_chain=rails or self.rails,
            output_chain=rails or self.rails,
            care=care or CareTexts(self.settings.country),
            meter=self.meter(self.settings.chat),
            policy=policy or self.policy,
            retriever=self.retriever if notes is None else retriever(notes, policy or self.policy),
            screen=self.screen,
            listener=self.listener,
            desk=self.desk if serves_people else None,
            transcripts=self.transcripts if serves_people else transcripts,
        )

    @cached_property
    def retriever(self) -> "Retriever | None":
        """What finds notes in the checkout's library."""
        from prompts.notes.files import load_notes

        return retriever(load_notes(self.settings.root / "prompts" / "notes" / "texts"), self.policy)

    @cached_property
    def listener(self) -> "Rail":
        """What hears a disclosure that is told over several messages."""
        from flows.wiring_rails import listener

        return listener()

    @cached_property
    def screen(self) -> "Screen":
        """What tells documents that hold an attack."""
        from flows.wiring_rails import screen

        return screen(self.policy)
