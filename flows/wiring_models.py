"""The composition root of what answers and judges: chat models, their gates, the cache of replies, the judges.

`flows.wiring` has all else, and the `Platform` that calls these.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from matria import PROJECT_ROOT
from matria.errors import SettingsError
from matria.policy import Policy
from matria.settings import ChatSettings, Settings

if TYPE_CHECKING:
    from evals.judges.asking import OnFailed, OnReply
    from evals.judges.base import Judge
    from models.assistant.base import ChatModel
    from models.assistant.cache.base import ResponseCache
    from models.assistant.cached import CacheScope
    from models.assistant.gates.base import Gate
    from models.assistant.retrieval.base import Retriever
    from prompts.notes.note import Note


SIMULATOR_PRICED_AS = "openai/gpt-4.1-mini"
"""Whose price stands in for the simulator's, so that costs can be read; nothing is billed, the ledger says `as if`."""


def stand_in_price(chat: ChatSettings) -> str | None:
    """The model whose price stands in where the one that answers has none; None where none may."""
    return chat.priced_as or (SIMULATOR_PRICED_AS if chat.kind == "simulator" else None)


def stand_ins(settings: Settings, chat: ChatSettings) -> dict[tuple[str, str], str | None]:
    """The fallback's stand-in, where it may answer in place of this model: by its provider and model."""
    fallback = settings.fallback
    if not fallback.is_on or chat != settings.chat:
        return {}
    own, other = ((_provider(one), one.model) for one in (chat, fallback))
    theirs = stand_in_price(fallback)
    return {other: (stand_in_price(chat) or theirs) if own == other else theirs}


def _provider(chat: ChatSettings) -> str:
    """As ledger entries have it."""
    return "azure" if chat.kind == "azure_openai" else chat.kind


def chat_model(chat: ChatSettings) -> "ChatModel":
    """A model on the OpenAI wire, asked once for each call; address and wire differ, the adapter does not."""
    from models.assistant import openai

    match chat.kind:
        case "simulator":
            return openai.simulated_chat(chat)
        case "openai":
            return openai.openai_chat(chat)
        case "azure_openai":
            return openai.azure_chat(chat)
        case "compatible":
            return openai.compatible_chat(chat)
    assert_never(chat.kind)


def response_cache(settings: Settings) -> "ResponseCache | None":
    """Where replies to evaluations are kept. Raises `SettingsError` where the database has no address."""
    match settings.cache.kind:
        case "sqlite":
            from models.assistant.cache.sqlite import SqliteCache

            return SqliteCache(settings.home / "cache" / "responses.db")
        case "postgres":
            from models.assistant.cache.postgres import PostgresCache

            if settings.cache.url is None:
                raise SettingsError(
                    "MATRIA_CACHE__KIND=postgres needs MATRIA_CACHE__URL, such as postgresql://HOST/NAME."
                )
            return PostgresCache(settings.cache.url.get_secret_value())
        case "none":
            return None
    assert_never(settings.cache.kind)


def cache_scope(chat: ChatSettings) -> "CacheScope":
    """What sets this model's replies apart in a cache; the bundled simulator's by its code."""
    from matria.provenance import folder_digest
    from models.assistant.cached import CacheScope

    if chat.kind != "simulator":
        return CacheScope(chat.kind, chat.base_url or chat.kind)
    return CacheScope(chat.kind, chat.kind, folder_digest(PROJECT_ROOT / "models" / "simulator"))


def gate_of(chat: ChatSettings, policy: Policy) -> "Gate":
    """What lets calls to the model begin, in this process."""
    from models.assistant.gates.adaptive import AdaptiveGate, GateLimits

    limits = GateLimits(
        start_in_flight=policy.count("engine.start_in_flight"),
        max_in_flight=policy.count("engine.max_in_flight"),
        requests_per_minute=chat.requests_per_minute,
        tokens_per_minute=chat.tokens_per_minute,
    )
    return AdaptiveGate(limits)


def shared_gates(chat: ChatSettings) -> "list[Gate]":
    """What processes share, by Prefect; none where nothing is configured."""
    if chat.shared_limit is None:
        return []
    from flows.gates import PrefectSlots, SharedGate

    return [SharedGate(PrefectSlots(chat.shared_limit, chat.shared_rate), most=chat.shared_most)]


def judges(
    settings: Settings,
    policy: Policy,
    chat: "ChatModel",
    model: str,
    on_reply: "OnReply | None" = None,
    on_failed: "OnFailed | None" = None,
) -> "dict[str, Judge]":
    """Every judge that a suite may name, on an open chat model; the last two are told of each call."""
    from evals.judges.asking import JudgeModel
    from evals.judges.registry import judges as all_judges

    judge = settings.judge
    asked = JudgeModel(
        chat=chat,
        model=model,
        max_attempts=policy.count("judge.max_attempts"),
        output=judge.output,
        temperature=judge.temperature,
        seed=judge.seed,
        on_reply=on_reply,
        on_failed=on_failed,
        max_output_tokens=policy.count("judge.max_output_tokens"),
    )
    temperature = policy.number("judge.sampling_temperature")
    return all_judges(asked, samples=judge.samples, sampling_temperature=temperature)


def retriever(notes: "Sequence[Note]", policy: Policy) -> "Retriever | None":
    """What finds notes; None where there are none to find."""
    if not notes:
        return None
    from models.assistant.retrieval.bm25 import Bm25Retriever

    return Bm25Retriever(notes, policy)
