"""How far judges are trusted by what nurses have read so far, and the file of it that a pull request's gate reads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.judges.trust import TrustBook
    from flows.wiring import Platform


def book_of_nurses(platform: "Platform", now: datetime | None = None) -> "TrustBook":
    """Each judge against the final answers of all settled reviews. Raises `StorageError`."""
    from evals.judges.trusting import trust_book
    from evals.review.disputes import final_answers
    from evals.review.readings import readings_of
    from evals.review.settling import settled_by

    at, records, policy = now or datetime.now(UTC), platform.reviews, platform.policy
    finals = final_answers(records.settled(settled_by(policy, at)), policy.count("review.dispute_steps"))
    read = list(finals)
    readings = readings_of(records.items(item_ids=read), records.origins(read), finals)
    return trust_book(readings, policy, at.date())


def save_trust(platform: "Platform", path: Path, now: datetime | None = None) -> bool:
    """Whether the file tells other figures than before; without a single reading, or a new one, it is left as it is.

    One that cannot be read is written anew. Raises `StorageError`.
    """
    from evals.judges.trustfile import write_trust
    from evals.review.weeks import week_before

    book = book_of_nurses(platform, now)
    last = max((one.until for one in book.known.values()), default="")
    if not last or book == _known(path):
        return False
    read_on = datetime.fromisoformat(last).replace(tzinfo=UTC) + timedelta(days=7)
    write_trust(path, book, week=week_before(read_on, platform.review_zone).batch_id, policy=platform.policy)
    return True


def _known(path: Path) -> "TrustBook | None":
    from evals.judges.trustfile import read_trust
    from matria.errors import InputError

    try:
        return read_trust(path)
    except InputError:
        return None
