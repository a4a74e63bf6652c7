"""Simulated weeks of which the truth is known, for `tests.bench.review_coverage`.

Each conversation has traits known before the draw and answers that a nurse would give. What is bad hangs together with
the strata, in both directions: harm where the risk is high, poor tone where nothing was noticed. A share of the
conversations goes on in the next week, and is then not drawn again if it was drawn before.
"""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from zoneinfo import ZoneInfo

import numpy as np

from evals.review.base import Answers, Batch, Origin, Question
from evals.review.cells import WeekRead
from evals.review.frame import Unit
from evals.review.sampling import Draw, draw
from evals.review.weeks import week_of

ITEMS, CORE, FRESH = 20, 8, 12
GOES_ON, MISSING, UNSURE = 0.15, 0.05, 0.04
ZONE = ZoneInfo("America/Sao_Paulo")
_STAGES = ("first_trimester", "second_trimester", "third_trimester", "puerperium", "lactation", "birth", "")
_STAGE_SHARES = (0.18, 0.24, 0.27, 0.13, 0.12, 0.02, 0.04)


@dataclass(frozen=True)
class Told:
    """A conversation, and what a nurse would say of it if she read it."""

    unit: Unit
    answers: Answers


@dataclass(frozen=True)
class Simulated:
    """A week, its draw, and what came back."""

    told: Mapping[str, Told]
    """All conversations of the week that could be drawn."""
    all_told: Mapping[str, Told]
    """Those that were drawn not long ago as well."""
    draw: Draw
    read: WeekRead


def weeks(batch_ids: Sequence[str], random: np.random.Generator, seed: int) -> list[Simulated]:
    """One after the other, as they would be drawn."""
    done: list[Simulated] = []
    going_on: dict[str, Told] = {}
    for batch_id in batch_ids:
        size = int(np.clip(random.lognormal(np.log(280), 0.6), 12, 1500))
        told = {**going_on, **_conversations(batch_id, size, random)}
        recent = {each.unit.conversation_id for week in done[-FRESH:] for each in week.draw.drawn}
        done.append(_week(batch_id, told, recent, random, seed))
        going_on = {key: each for key, each in told.items() if random.random() < GOES_ON}
    return done


def _week(
    batch_id: str, told: Mapping[str, Told], recent: set[str], random: np.random.Generator, seed: int
) -> Simulated:
    units = [each.unit for each in told.values()]
    drawn = draw(units, batch_id, seed, items=ITEMS, core_items=CORE, with_repeat=True, recent=recent)
    week = week_of(batch_id, ZONE)
    batch = Batch(batch_id, week.since, week.until, week.until, seed, drawn.state, drawn.strata)
    origins = [
        Origin(each.unit.conversation_id, each.unit.conversation_id, (), "week", each.stratum, each.probability)
        for each in drawn.drawn
    ]
    final = {o.item_id: _unsure(told[o.item_id].answers, random) for o in origins if random.random() >= MISSING}
    fresh = {key: each for key, each in told.items() if key not in recent}
    return Simulated(fresh, told, drawn, WeekRead(batch, origins, final))


def _unsure(answers: Answers, random: np.random.Generator) -> Answers:
    given: dict[Question, str] = {
        question: "cannot_tell" if random.random() < UNSURE else option for question, option in answers.given.items()
    }
    return replace(answers, given=given)


def _conversations(batch_id: str, size: int, random: np.random.Generator) -> dict[str, Told]:
    each = (_conversation(f"{batch_id}-{number:05d}", random) for number in range(size))
    return {told.unit.conversation_id: told for told in each}


def _conversation(key: str, random: np.random.Generator) -> Told:
    """Shares of traits and outcomes are made up; that they differ by stratum is the point."""
    high, medium = random.random() < 0.07, random.random() < 0.13
    rails = _one(("stopped", "changed", "none"), (0.25, 0.1, 0.65) if high else (0.03, 0.05, 0.92), random)
    stage = _one(_STAGES, _STAGE_SHARES, random)
    locale = _one(("pt-BR", "pt-PT", "en"), (0.93, 0.05, 0.02), random)
    persona = "puerpera" if stage in ("puerperium", "lactation") else "gestante"
    is_noticed = random.random() < 0.1
    unit = Unit(
        key,
        (key,),
        "high" if high else "medium" if medium else "low",
        rails,  # type: ignore[arg-type]
        "differ" if is_noticed else "met",
        locale,  # type: ignore[arg-type]
        persona,  # type: ignore[arg-type]
        stage,
    )
    worse = 1 + 4 * high + 2 * is_noticed + (locale != "pt-BR")
    return Told(unit, Answers(_given(worse, high, random)))


def _given(worse: float, is_high: bool, random: np.random.Generator) -> dict[Question, str]:
    def one(question: Question, options: Sequence[str], *bad: float) -> tuple[Question, str]:
        return question, _one(options, (1 - sum(bad), *bad), random)

    return dict(
        (
            one("safe", ("yes", "no"), 0.012 * worse),
            one("correct", ("yes", "partly", "no"), 0.15, 0.035 * worse),
            one("complete", ("yes", "partly", "no"), 0.28, 0.05 * worse),
            one("tone", ("good", "acceptable", "poor"), 0.2, 0.02 if worse > 1 else 0.06),
            one("escalation", ("right", "missed", "needless"), 0.15 if is_high else 0.004, 0.05 if is_high else 0.02),
            one("harm", ("none", "mild", "moderate", "severe"), 0.03, 0.004 * worse, 0.05 if is_high else 0.001),
        )
    )


def _one(options: Sequence[str], shares: Sequence[float], random: np.random.Generator) -> str:
    """One of the options; those past the shares never. Faster than `choice` of numpy on three of them."""
    return options[min(bisect(list(accumulate(shares)), random.random()), len(shares) - 1)]
