"""The real hour of traffic as weeks of messages: who writes to which assistant, when, with how much context.

Sizes come from Azure's trace of a chat service in November 2023 (../shared/data/azure_llm_trace_2023, CC BY 4.0):
context and generated tokens are drawn together, row by row, so each message's marginals are the real ones. Messages of
a conversation draw from the same part of the trace, by a Gaussian copula over its rows in order of context. What the
trace does not hold is assumed, and named here: the profile of day and week, assistants, personas and locales.
"""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TRACE = Path(__file__).resolve().parents[3] / "shared" / "data" / "azure_llm_trace_2023"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR_US = 3_600_000_000
WITHIN_CONVERSATION = 0.5
"""Correlation of the normal scores of two messages of one conversation: of heavy conversations, not of their turns."""
ROUGHNESS = 0.10
"""Standard deviation, in logarithms, of an hour's traffic about its profile, apart from chance."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """An assistant, and who asks it in which locale."""

    prompt_name: str
    persona: str
    locale: str
    share: float
    """Of conversations, before the profile of the day."""
    prompt_tokens: int
    context_scale: float
    """On the trace's context, and on its answers: notes for a nurse are longer than a question."""
    answer_scale: float
    dear_share: float
    """Of conversations that the dearer model answers."""
    is_office: bool = False
    """Asked in office hours, not in evenings."""


def _cells() -> tuple[Cell, ...]:
    locales = (("pt-BR", 0.80, 1.0), ("pt-PT", 0.14, 1.02), ("en", 0.06, 0.8))
    assistants = (
        ("gestante/triagem", "gestante", 0.45, 2400, 1.0, 1.0, 0.45, False),
        ("gestante/conteudo", "gestante", 0.25, 1600, 0.8, 1.3, 0.15, False),
        ("puerpera/apoio", "puerpera", 0.20, 2200, 0.9, 1.0, 0.30, False),
        ("enfermeira/resumo", "enfermeira", 0.10, 3000, 2.5, 2.0, 0.75, True),
    )
    return tuple(
        Cell(name, persona, locale, share * part, round(prompt * length), context, answer, dear, office)
        for name, persona, share, prompt, context, answer, dear, office in assistants
        for locale, part, length in locales
    )


CELLS = _cells()


@dataclass(frozen=True)
class Traffic:
    """What is drawn; the same values give the same messages."""

    seed: int
    start: datetime = datetime(2025, 6, 2, tzinfo=UTC)
    """A Monday; the list prices of that day are used throughout."""
    hours: int = 24 * 14
    messages_a_day: int = 3000
    messages_a_conversation: float = 3.0
    """Mean of a geometric number."""

    @property
    def end(self) -> datetime:
        """Of the last hour."""
        return self.start + timedelta(hours=self.hours)


@dataclass(frozen=True)
class Messages:
    """Arrays of shape (messages,), in order of time."""

    at_us: Ints
    """Microseconds since 1970, UTC."""
    conversation: Ints
    row: Ints
    """Of the trace."""
    turn: Ints
    """0 for the first of a conversation."""
    of_cell: Floats
    """Uniform, one a conversation: which cell by cumulative share."""
    of_model: Floats
    """Uniform, one a conversation."""
    chance: Floats
    """Shape (messages, 4), uniform: a cache hit, a retry, a judge, a price that is missing."""

    def where(self, mask: NDArray[np.bool_] | Ints) -> "Messages":
        """Some of them."""
        return Messages(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.at_us)


@cache
def trace() -> tuple[Ints, Ints, Ints]:
    """Context tokens, generated tokens and microseconds since the hour began; ordered by context."""
    with (TRACE / "AzureLLMInferenceTrace_conv.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    at = [datetime.fromisoformat(row["TIMESTAMP"][:26]).replace(tzinfo=UTC) for row in rows]
    first = min(at)
    since = np.array([(moment - first) // timedelta(microseconds=1) for moment in at])
    context = np.array([int(row["ContextTokens"]) for row in rows])
    generated = np.array([int(row["GeneratedTokens"]) for row in rows])
    order = np.lexsort((since, generated, context))
    return context[order], generated[order], since[order]


def profile(hours: Ints, start: datetime) -> Floats:
    """Traffic of an hour over the mean hour's: least at 4, most at 14 and 21 by UTC-3, and a calmer weekend."""
    local = (hours + start.hour - 3) % 24
    day = (hours + start.hour - 3) // 24 + start.weekday()
    of_day = 1 - 0.75 * np.cos(2 * np.pi * (local - 4) / 24) + 0.25 * np.cos(4 * np.pi * (local - 21) / 24)
    return np.asarray(np.maximum(of_day, 0.08) * np.where(day % 7 >= 5, 0.75, 1.1))


def draw(traffic: Traffic) -> Messages:
    """All messages of the weeks."""
    rng = np.random.default_rng(traffic.seed)
    hours = np.arange(traffic.hours)
    mean = traffic.messages_a_day / 24 / traffic.messages_a_conversation * profile(hours, traffic.start)
    begun = rng.poisson(mean * np.exp(rng.normal(-(ROUGHNESS**2) / 2, ROUGHNESS, traffic.hours)))
    hour_of = np.repeat(hours, begun)
    turns = rng.geometric(1 / traffic.messages_a_conversation, len(hour_of))
    conversation = np.repeat(np.arange(len(hour_of)), turns)
    turn = np.arange(len(conversation)) - np.repeat(np.cumsum(turns) - turns, turns)
    context, _, since = trace()
    first = hour_of * HOUR_US + rng.choice(since, len(hour_of)) % HOUR_US
    pause = np.where(turn == 0, 0, rng.exponential(150e6, len(turn)).astype(np.int64))
    waited = np.cumsum(pause)
    at = first[conversation] + waited - waited[np.cumsum(turns) - turns][conversation]
    heaviness = rng.normal(size=len(hour_of))[conversation]
    own = rng.normal(size=len(conversation))
    score = WITHIN_CONVERSATION**0.5 * heaviness + (1 - WITHIN_CONVERSATION) ** 0.5 * own
    start_us = (traffic.start - EPOCH) // timedelta(microseconds=1)
    found = Messages(
        at_us=start_us + at,
        conversation=conversation,
        row=np.minimum((_uniform(score) * len(context)).astype(np.int64), len(context) - 1),
        turn=turn,
        of_cell=rng.random(len(hour_of))[conversation],
        of_model=rng.random(len(hour_of))[conversation],
        chance=rng.random((len(conversation), 4)),
    )
    found = found.where(np.argsort(found.at_us, kind="stable"))
    return found.where(found.at_us < start_us + traffic.hours * HOUR_US)


def _uniform(score: Floats) -> Floats:
    """The normal distribution function, to 7.5e-8: Abramowitz and Stegun 1964, 26.2.17."""
    size = 1 / (1 + 0.2316419 * np.abs(score))
    series = size * (
        0.319381530 + size * (-0.356563782 + size * (1.781477937 + size * (-1.821255978 + size * 1.330274429)))
    )
    upper = np.exp(-(score**2) / 2) / np.sqrt(2 * np.pi) * series
    return np.asarray(np.where(score >= 0, 1 - upper, upper))
