"""From messages to the calls that they take and to what those cost, with the knobs that a planted change turns.

Prices are the list's own (`matria.costs.prices`), as whole picodollars a token. A call reads its prompt from the cache
as OpenAI does: by 128 tokens, from 1,024 on.
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matria.costs.base import Purpose, Usage
from matria.costs.prices import Prices
from tests.bench.cost_traffic import CELLS, Floats, Ints, Messages, trace

PRICED_ON = date(2025, 6, 2)
MODELS = ("gpt-4.1-mini-2025-04-14", "gpt-4.1-2025-04-14")
"""The cheap one and the dear one."""
RAILS = ("azure_shield", "azure_harm")
RECORDS = len(MODELS)
"""Code of moderation's first rail among the models."""
RECORD_PICO = 380_000_000
"""Picodollars of a text record: a stand-in for a setting, 0.38 USD a thousand."""
PURPOSES: tuple[Purpose, ...] = ("assistant", "judge", "moderation", "retry")
ASSISTANT, JUDGE, MODERATION, RETRY = range(4)
RUBRIC_TOKENS = 900


@dataclass(frozen=True)
class Knobs:
    """What a change turns; each is a factor on the traffic as drawn, but for the shares."""

    price: float = 1.0
    """On the price of a token of either model."""
    prompt_tokens: float = 1.0
    context_tokens: float = 1.0
    output_tokens: float = 1.0
    caching: float = 1.0
    """On the chance of a hit; 0 loses the cache."""
    model_mix: float = 0.0
    """Share of the cheap model's conversations that go to the dear one."""
    retries: float = 0.02
    """Share of messages that are asked a second time."""
    judges: float = 0.03
    """Share of messages that are judged."""
    moderation: float = 1.0
    """On the text records of a message."""
    traffic_mix: float = 1.0
    """On the share of the dearest assistant."""


BASE = Knobs()


@dataclass(frozen=True)
class Calls:
    """Arrays of shape (calls,)."""

    message: Ints
    """Index among the messages."""
    cell: Ints
    purpose: Ints
    """Index in `PURPOSES`."""
    model: Ints
    """Index in `MODELS`, then in `RAILS`."""
    version: Ints
    """The stretch of time between planted changes; what is in force there is the prompt's version and the price's."""
    input_tokens: Ints
    prompt_tokens: Ints
    cached_tokens: Ints
    output_tokens: Ints
    text_records: Ints
    pico: Ints
    """Picodollars; -1 where unpriced."""

    def where(self, mask: NDArray[np.bool_] | Ints) -> "Calls":
        """Some of them."""
        return Calls(*(getattr(self, field.name)[mask] for field in fields(self)))


def joined(parts: list[Calls]) -> Calls:
    """All of them, ordered by message."""
    whole = Calls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Calls)))
    return whole.where(np.argsort(whole.message, kind="stable"))


@cache
def unit_pico(model: str) -> tuple[int, int, int]:
    """Picodollars of one token: fresh, cached, output."""
    probes = (Usage(1_000_000, 0), Usage(1_000_000, 0, 1_000_000), Usage(0, 1_000_000))
    found = [Prices().price("openai", model, usage, PRICED_ON).usd for usage in probes]
    fresh, cached, output = (int(usd * 1_000_000) for usd in found if usd is not None)
    return fresh, cached, output


def token_prices(knobs: Knobs) -> Ints:
    """Shape (models, 3): picodollars of a fresh, a cached and an output token."""
    return np.round(np.array([unit_pico(model) for model in MODELS]) * knobs.price).astype(np.int64)


def cells_of(messages: Messages, hours_local: Ints, knobs: Knobs) -> Ints:
    """Which cell each message belongs to: nurses ask by day, women in the evening as well."""
    dearest = np.array([cell.prompt_name == "enfermeira/resumo" for cell in CELLS])
    share = np.array([cell.share for cell in CELLS]) * np.where(dearest, knobs.traffic_mix, 1.0)
    office = np.array([cell.is_office for cell in CELLS])
    by_hour = np.where(office, np.where((np.arange(24) >= 8) & (np.arange(24) < 18), 2.0, 0.3)[:, None], 1.0) * share
    bounds = np.cumsum(by_hour / by_hour.sum(axis=1, keepdims=True), axis=1)
    found = (messages.of_cell[:, None] >= bounds[hours_local]).sum(axis=1)
    return np.minimum(found, len(CELLS) - 1)


def calls_of(messages: Messages, index: Ints, cell: Ints, knobs: Knobs, version: int) -> Calls:
    """The calls that these messages take; `index` is each one's number among all."""
    context, generated, _ = trace()
    of = {name: np.array([getattr(one, name) for one in CELLS])[cell] for name in _OF_CELL}
    prompt = np.round(of["prompt_tokens"] * knobs.prompt_tokens).astype(np.int64)
    said = np.round(context[messages.row] * of["context_scale"] * knobs.context_tokens).astype(np.int64)
    answer = np.round(generated[messages.row] * of["answer_scale"] * knobs.output_tokens).astype(np.int64)
    is_hit = messages.chance[:, 0] < np.where(messages.turn > 0, 0.9, 0.75) * knobs.caching
    kept = prompt + np.where(messages.turn > 0, said // 2, 0)
    cached = np.where(is_hit & (kept >= 1024), kept // 128 * 128, 0)
    dear = of["dear_share"] + (1 - of["dear_share"]) * knobs.model_mix
    model = (messages.of_model < dear).astype(np.int64)
    prices = token_prices(knobs)
    nothing = np.zeros(len(messages), np.int64)

    def tokens(purpose: int, which: Ints, asked: Ints, own: Ints, from_cache: Ints, out: Ints) -> Calls:
        pico = (asked - from_cache) * prices[which, 0] + from_cache * prices[which, 1] + out * prices[which, 2]
        return Calls(
            index, cell, nothing + purpose, which, nothing + version, asked, own, from_cache, out, nothing, pico
        )

    def records(rail: int, characters: Ints) -> Calls:
        count = np.maximum(np.round(np.ceil(characters / 1000) * knobs.moderation).astype(np.int64), 1)
        which = nothing + RECORDS + rail
        return Calls(
            index, cell, nothing + MODERATION, which, nothing + version, *(nothing,) * 4, count, count * RECORD_PICO
        )

    answered = tokens(ASSISTANT, model, prompt + said, prompt, cached, answer)
    is_missing = messages.chance[:, 3] < 0.002
    answered = replace(answered, pico=np.where(is_missing, -1, answered.pico))
    again = tokens(RETRY, model, prompt + said, prompt, cached, answer)
    judged = tokens(JUDGE, nothing + 1, RUBRIC_TOKENS + said + answer, nothing, nothing, nothing + 150)
    parts = [
        answered,
        records(0, said // 8 * 4),
        records(1, answer * 4),
        again.where(messages.chance[:, 1] < knobs.retries),
        judged.where(messages.chance[:, 2] < knobs.judges),
    ]
    return joined(parts)


def mean_pico(messages: Messages, hours_local: Ints, knobs: Knobs, only: str = "") -> Floats:
    """Mean picodollars of a message whose every call has a price, as an array of no dimension."""
    cell = cells_of(messages, hours_local, knobs)
    calls = calls_of(messages, np.arange(len(messages)), cell, knobs, 0)
    usd = np.bincount(calls.message, np.maximum(calls.pico, 0), minlength=len(messages))
    is_kept = np.ones(len(messages), bool)
    is_kept[calls.message[calls.pico < 0]] = False
    if only:
        is_kept &= np.array([one.prompt_name == only for one in CELLS])[cell]
    return np.asarray(usd[is_kept].mean())


_OF_CELL = ("prompt_tokens", "context_scale", "answer_scale", "dear_share")
