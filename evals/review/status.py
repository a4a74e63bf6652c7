"""Where a week stands: read, open and overdue for each nurse, second readings, disputes, and what nobody reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from evals.review.base import Assignment, Batch, Review, Reviewer, ReviewItem
from evals.review.disputes import Final
from evals.review.pace import NOTHING_READ, Pace, pace_of


@dataclass(frozen=True)
class NurseStatus:
    """One nurse's part of a week."""

    reviewer: Reviewer
    read: int
    open: int
    overdue: int
    """Of those that are open."""
    to_decide: int
    """Adjudications that are open; of those that are open as well."""
    reminded_at: datetime | None = None
    due_at: datetime | None = None
    """When the first of what is open is due; None where nothing is."""


@dataclass(frozen=True)
class WeekStatus:
    """One batch."""

    batch: Batch
    nurses: tuple[NurseStatus, ...]
    """Those who have something of it, by name."""
    items: int
    read: int
    """Items that a first or second nurse has read."""
    twice: int
    """Items that two are to read."""
    read_twice: int
    disputed: tuple[str, ...]
    """Items on which two differ and no lead has decided."""
    deciding: Mapping[str, str]
    """Who has to decide, by item; without those that no lead has."""
    unassigned: tuple[str, ...]
    """Items that nobody reads."""
    erased: tuple[str, ...] = ()
    """Items whose texts were erased before anything final came of them; nobody has to read or decide them any more."""
    spare: int = 0
    """Readings that decide nothing, since others have read the item in the same part."""
    pace: Pace = NOTHING_READ
    """Of the readings that are settled."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is open any more."""
        return not self.disputed and not self.unassigned and all(nurse.open == 0 for nurse in self.nurses)

    @property
    def title(self) -> str:
        """One line."""
        if self.batch.state == "empty":
            return f"{self.batch.batch_id}: nobody wrote, nothing to read"
        covered = [f"{self.batch.population} conversations, all drawn not long ago"]
        if self.batch.state == "covered" and not self.items:
            return f"{self.batch.batch_id}: {covered[0]}"
        said = covered if self.batch.state == "covered" else []
        said += [f"{self.read} of {self.items} items read", f"{self.read_twice} of {self.twice} twice"]
        overdue = sum(nurse.overdue for nurse in self.nurses)
        if overdue:
            said.append(f"{overdue} {'reading' if overdue == 1 else 'readings'} OVERDUE")
        if self.disputed:
            said.append(f"{len(self.disputed)} {'dispute' if len(self.disputed) == 1 else 'disputes'} undecided")
        if self.unassigned:
            said.append(f"{len(self.unassigned)} UNASSIGNED")
        if self.erased:
            said.append(f"{len(self.erased)} erased before they were read")
        if self.spare:
            said.append(f"{self.spare} read once more than asked")
        return f"{self.batch.batch_id}: {', '.join(said)}"


def status_of(
    batch: Batch,
    items: Sequence[ReviewItem],
    assignments: Sequence[Assignment],
    reviewers: Sequence[Reviewer],
    finals: Sequence[Final],
    now: datetime,
    settled: Sequence[Review] = (),
) -> WeekStatus:
    """Where the batch stands; all of what is given is of this batch."""
    standing = [one for one in assignments if one.state != "withdrawn"]
    nurses = (_nurse(one, [a for a in standing if a.reviewer_id == one.reviewer_id], now) for one in reviewers)
    second = [one for one in standing if one.part == "second"]
    have = {one.item_id for one in standing}
    decided = {one.item_id for one in finals if one.is_final}
    gone = tuple(item.item_id for item in items if item.is_erased and item.item_id not in decided)
    return WeekStatus(
        batch,
        tuple(one for one in nurses if one.read or one.open),
        len(items),
        len({one.item_id for one in standing if one.state == "submitted" and one.part != "adjudicator"}),
        len(second),
        sum(_is_read_twice(one, standing) for one in second),
        tuple(one.item_id for one in finals if one.state == "disputed" and one.item_id not in gone),
        {one.item_id: one.reviewer_id for one in standing if one.part == "adjudicator" and one.state == "open"},
        tuple(item.item_id for item in items if item.item_id not in have and not _is_nobodys(item)),
        gone,
        sum(len(one.spare) for one in finals),
        pace_of(settled),
    )


def _nurse(reviewer: Reviewer, hers: Sequence[Assignment], now: datetime) -> NurseStatus:
    still = [one for one in hers if one.state == "open"]
    reminded = [one.reminded_at for one in hers if one.reminded_at is not None]
    return NurseStatus(
        reviewer,
        len(hers) - len(still),
        len(still),
        sum(one.due_at < now for one in still),
        sum(one.part == "adjudicator" for one in still),
        max(reminded, default=None),
        min((one.due_at for one in still), default=None),
    )


def _is_nobodys(item: ReviewItem) -> bool:
    """Whether nobody has to have it: it is erased, or the repeat of a nurse who no longer reads it."""
    return item.is_erased or item.kind == "repeat"


def _is_read_twice(second: Assignment, standing: Sequence[Assignment]) -> bool:
    of_item = [one for one in standing if one.item_id == second.item_id and one.part in ("first", "second")]
    return len(of_item) > 1 and all(one.state == "submitted" for one in of_item)
