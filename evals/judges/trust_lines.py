"""What is known of each judge as lines of a table: figures, and what it lacks to be trusted. No words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from evals.judges.trust import Trust, TrustBook
from evals.judges.trusting import Bar, Shortfall
from matria.policy import Policy


@dataclass(frozen=True)
class TrustLine:
    """A judge on a criterion or axis."""

    trust: Trust
    lacks: tuple[Shortfall, ...]
    """Nothing where it is trusted."""
    needed: Mapping[Shortfall, float]
    """By what it lacks, the bar of policy.yaml."""


def trust_lines(book: TrustBook, policy: Policy, today: date | None = None) -> tuple[TrustLine, ...]:
    """By judge, its axes first, then its criteria."""
    bar = Bar.of(policy)
    known = sorted(
        book.known.values(), key=lambda one: (one.judge, not one.criterion.startswith("axis:"), one.criterion)
    )
    return tuple(_line(one, bar, today) for one in known)


def as_data(line: TrustLine) -> dict[str, Any]:
    """Plain data for JSON."""
    figures = {name: vars(getattr(line.trust, name)) for name in ("kappa", "sensitivity", "specificity")}
    return {**vars(line.trust), **figures, "lacks": list(line.lacks), "needed": dict(line.needed)}


def _line(trust: Trust, bar: Bar, today: date | None) -> TrustLine:
    bars: Mapping[Shortfall, float] = {
        "few_items": bar.min_n,
        "few_met": bar.min_each,
        "few_not_met": bar.min_each,
        "few_nurses": bar.min_nurses,
        "old": bar.weeks,
        "kappa": bar.min_kappa,
        "kappa_low": bar.min_kappa_low,
        "sensitivity": bar.min_sensitivity,
        "sensitivity_low": bar.min_share_low,
        "specificity": bar.min_specificity,
        "specificity_low": bar.min_share_low,
    }
    lacks = bar.shortfalls(trust, today)
    return TrustLine(trust, lacks, {name: bars[name] for name in lacks if name in bars})
