"""What the rails decided over a set of rows, as metrics: how often each action, the highest levels, how many failed."""

from collections import Counter
from collections.abc import Iterable
from statistics import median

from evals.rows import Entry, RailDecision
from guardrails.base import Action
from guardrails.chain import STRICTNESS

PREFIX = "guardrails"


def rail_figures(entries: Iterable[Entry]) -> dict[str, float]:
    """By the names that MLflow gets; empty where no rail was asked.

    `guardrails.<action>` counts the rows of which it was the strictest action, `guardrails.rail_failed` the decisions
    that came from a failure, `guardrails.levels.max_<category>` is the highest level of any row, `guardrails.ms` the
    median time of all rails of a row.
    """
    actions: Counter[str] = Counter()
    highest: dict[str, int] = {}
    waits: list[float] = []
    failed = 0
    for entry in entries:
        decisions = entry.row.answer.decisions if entry.row.answer else ()
        if not decisions:
            continue
        actions[strictest(decisions)] += 1
        failed += sum(decision.is_error for decision in decisions)
        for decision in decisions:
            for category, level in decision.levels.items():
                highest[category] = max(level, highest.get(category, 0))
        if entry.meter.rails_ms is not None:
            waits.append(entry.meter.rails_ms)
    if not actions:
        return {}
    return {
        **{f"{PREFIX}.{action}": actions[action] for action in STRICTNESS},
        f"{PREFIX}.rail_failed": failed,
        **{f"{PREFIX}.levels.max_{category}": level for category, level in sorted(highest.items())},
        **({f"{PREFIX}.ms": median(waits)} if waits else {}),
    }


def strictest(decisions: Iterable[RailDecision]) -> Action:
    """The action that won."""
    return max((decision.action for decision in decisions), key=STRICTNESS.index)
