"""The figure over several weeks: all that was read in them, each week with the weight of its conversations.

Weeks that were never drawn are named and not filled in, so the figure is of the weeks that were. Simulated weeks and
real ones are never pooled: the newest says which kind it is.
"""

from collections.abc import Sequence
from dataclasses import replace

from evals.review.cells import WeekRead
from evals.review.estimate import Estimate, estimate
from evals.review.outcomes import Outcome
from evals.review.weeks import weeks_until


def rolling(
    weeks: Sequence[WeekRead], last: str, count: int, outcome: Outcome, confidence: float, first: str | None = None
) -> Estimate:
    """The estimate over the `count` weeks that end with `last`, of those that were drawn.

    `first` is the oldest batch there is; weeks before it are not missing, there was nothing to draw them yet. Without
    it, it is the oldest of `weeks`.
    """
    span = weeks_until(last, count)
    within = sorted((week for week in weeks if week.batch.batch_id in span), key=lambda week: week.batch.batch_id)
    same = [week for week in within if week.batch.is_simulated == within[-1].batch.is_simulated]
    begun = first or min((week.batch.batch_id for week in weeks), default=last)
    have = {week.batch.batch_id for week in same}
    never = {batch_id for batch_id in span if batch_id >= begun and batch_id not in have}
    pooled = estimate(same, outcome, confidence)
    return replace(pooled, missing_weeks=tuple(sorted(never | set(pooled.missing_weeks))))
