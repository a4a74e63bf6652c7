"""What came back from a form, kept in the records: each review once, however often it comes.

The cursor moves only after all of it is kept, so that whoever is killed in between takes the same again and changes
nothing by it.
"""

from dataclasses import dataclass
from typing import Literal

from evals.review.base import Retraction, Review, ReviewForm
from evals.review.records import ReviewRecords

FormName = Literal["web", "notion"]


@dataclass(frozen=True)
class Collected:
    """What came of reading a form."""

    kept: int = 0
    same: int = 0
    """Known already."""
    extra: int = 0
    """Kept though the item had been taken from her."""
    stale: int = 0
    """An older revision than the one that stands; nothing changed."""
    retracted: int = 0
    problems: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """One line."""
        said = f"{self.kept + self.extra} reviews came in, {self.retracted} were taken back"
        return f"{said}, {len(self.problems)} could not be read" if self.problems else said


def collect(form: ReviewForm, records: ReviewRecords, name: FormName) -> Collected:
    """All that the form has and the records did not. Raises `StorageError` where either cannot be reached."""
    before = records.cursor(name)
    returned = form.returned(before)
    counts = {"kept": 0, "same": 0, "extra": 0, "stale": 0, "retracted": 0}
    problems = list(returned.problems)
    for one in _by_time((*returned.reviews, *returned.retractions)):
        try:
            counts[_keep(one, records)] += 1
        except PermissionError:
            problems.append(f"{one.item_id}: answered by {one.reviewer_id}, to whom it was never given; not kept.")
    if returned.cursor != before:
        records.set_cursor(name, returned.cursor)
    return Collected(**counts, problems=tuple(problems))


def _by_time(found: "tuple[Review | Retraction, ...]") -> "list[Review | Retraction]":
    """In the order in which they were made, so that what is taken back and given again stands."""
    return sorted(found, key=lambda one: one.at if isinstance(one, Retraction) else one.submitted_at)


def _keep(one: "Review | Retraction", records: ReviewRecords) -> str:
    if isinstance(one, Retraction):
        return "retracted" if records.retract(one) else "same"
    return records.take(one)
