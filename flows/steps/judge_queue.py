"""With a draw: a few conversations of the week put before nurses for judges that they do not trust yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evals.review.base import JudgeVerdict
    from evals.review.queue import QueueItem
    from evals.review.week import Prepared
    from flows.wiring import Platform
    from matria.transcripts.base import Transcript


def queued_for_trust(
    platform: "Platform",
    prepared: "Prepared",
    transcripts: "Iterable[Transcript]",
    verdicts: "Mapping[str, Sequence[JudgeVerdict]]",
    now: datetime,
) -> "tuple[QueueItem, ...]":
    """What the week queues; `review-due` gives it to nurses. Raises `StorageError`.

    To be kept with the batch: what judges said of a conversation that was not drawn is kept nowhere else.
    """
    from evals.review.queue_trust import TrustQueueRules, trust_queue
    from flows.steps.judge_trust import book_of_nurses

    if not verdicts:
        return ()
    known = {origin.conversation_id for origin in (*platform.reviews.origins(), *prepared.origins)}
    most = platform.policy.count("review.trust_queue")
    return trust_queue(
        transcripts, verdicts, TrustQueueRules(prepared.batch, most, known, book_of_nurses(platform, now))
    )
