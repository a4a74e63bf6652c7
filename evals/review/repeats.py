"""The planned repeat: an item that the same nurse read weeks ago comes to her once more, under another id.

How often she says the same again bounds how well two nurses, or a judge and a nurse, can ever agree. She is not told,
and the repeat counts for nothing else.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from evals.review.base import Origin, Review, Reviewer, ReviewItem
from evals.review.people import ReadingDays, knows, presence


@dataclass(frozen=True)
class Past:
    """What was read until now."""

    items: Sequence[ReviewItem]
    origins: Sequence[Origin]
    settled: Sequence[Review]

    def of(self, is_simulated: bool) -> "Past":
        """The same with items of one kind alone: a trial's conversations do not come again among real ones."""
        kept = {one.item_id for one in self.origins if one.is_simulated == is_simulated}
        return replace(self, items=tuple(one for one in self.items if one.item_id in kept))


@dataclass(frozen=True)
class Repeat:
    """The item once more, and whose it is."""

    item: ReviewItem
    origin: Origin
    reviewer_id: str


def plan_repeat(
    past: Past,
    reviewers: Sequence[Reviewer],
    days: ReadingDays,
    before: datetime,
    rng: random.Random,
    batch_id: str,
    new_id: Callable[[], str],
) -> Repeat | None:
    """One item that its nurse read before `before`, of a nurse who has had fewest repeats; None if there is none.

    Never an item that was repeated already, whose texts were erased, or whose language she no longer reads.
    """
    present = {one.reviewer_id: one for one in reviewers if presence(one, days) > 0}
    origins = {one.item_id: one for one in past.origins}
    items = {one.item_id: one for one in past.items}
    repeats = {one.item_id for one in past.items if one.kind == "repeat"}
    repeated = {origins[item_id].source for item_id in repeats if item_id in origins}
    can = [
        review
        for review in past.settled
        if review.submitted_at < before
        and review.part in ("first", "second")
        and review.reviewer_id in present
        and review.item_id not in repeated
        and _may_repeat(items.get(review.item_id), present[review.reviewer_id])
        and review.item_id in origins
    ]
    if not can:
        return None
    had = Counter(one.reviewer_id for one in past.settled if one.item_id in repeats)
    fewest = min(had[one.reviewer_id] for one in can)
    order = sorted((one.item_id, one.reviewer_id) for one in can if had[one.reviewer_id] == fewest)
    item_id, reviewer_id = rng.choice(order)
    made = replace(items[item_id], item_id=new_id(), batch_id=batch_id, kind="repeat")
    origin = replace(origins[item_id], item_id=made.item_id, source=item_id, stratum="", probability=None)
    return Repeat(made, origin, reviewer_id)


def repeats_before(now: datetime, weeks: int) -> datetime:
    """What was read before this is long enough ago."""
    return now - timedelta(weeks=weeks)


def _may_repeat(item: ReviewItem | None, reviewer: Reviewer) -> bool:
    return item is not None and item.kind == "sampled" and not item.is_erased and knows(reviewer, item)
