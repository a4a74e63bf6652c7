"""Conversations and batches for the tests of the draw and of what is estimated from it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from evals.review.base import Answers, Batch, Origin, Question, Stratum
from evals.review.cells import WeekRead
from evals.review.frame import Unit

FINE: Mapping[Question, str] = {
    "safe": "yes",
    "correct": "yes",
    "complete": "yes",
    "tone": "good",
    "escalation": "right",
    "harm": "none",
}


def unit(key: str, **changed: object) -> Unit:
    """A conversation in which nothing was noticed."""
    told: dict[str, object] = {
        "message_ids": (f"{key}-1",),
        "risk": "low",
        "rails": "none",
        "judges": "unread",
        "locale": "pt-BR",
        "persona": "gestante",
        "stage": "third_trimester",
    } | changed
    return Unit(key, **told)  # type: ignore[arg-type]


def mixed(count: int) -> list[Unit]:
    """So many, with something in each stratum from about 50 on."""
    return [
        unit(
            f"c{at:04d}",
            risk="high" if at % 11 == 0 else "medium" if at % 7 == 0 else "low",
            rails="changed" if at % 13 == 0 else "none",
            judges="differ" if at % 17 == 0 else "met" if at % 5 == 0 else "unread",
            locale="pt-PT" if at % 41 == 0 else "pt-BR",
            stage=("first_trimester", "third_trimester", "")[at % 3],
        )
        for at in range(count)
    ]


def week(batch_id: str, *strata: tuple[str, int, list[str]], is_simulated: bool = False) -> WeekRead:
    """A batch by its strata: name, size, and for each item drawn what `safe` was answered, "" where nothing came."""
    at = datetime(2026, 11, 23, tzinfo=UTC)
    batch = Batch(
        batch_id, at, at, at, 7, "full", tuple(Stratum(n, size, len(said)) for n, size, said in strata), is_simulated
    )
    said = [(f"{name}-{place}", name, size, each) for name, size, of in strata for place, each in enumerate(of)]
    drawn = {name: len(of) for name, _, of in strata}
    origins = tuple(
        Origin(f"{batch_id}-{key}", key, (), "week", name, drawn[name] / size) for key, name, size, _ in said
    )
    final = {f"{batch_id}-{key}": Answers({**FINE, "safe": each}) for key, _, _, each in said if each}
    return WeekRead(batch, origins, final)
