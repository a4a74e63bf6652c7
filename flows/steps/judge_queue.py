"""After a draw: a few conversations of the week put before nurses for judges that they do not trust yet."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evals.review.base import Batch, JudgeVerdict
    from flows.wiring import Platform
    from matria.transcripts.base import Transcript

log = logging.getLogger(__name__)


def queue_for_trust(
    platform: "Platform",
    batch: "Batch",
    transcripts: "Iterable[Transcript]",
    verdicts: "Mapping[str, Sequence[JudgeVerdict]]",
    now: datetime,
) -> int:
    """How many are queued, once for each week; `review-due` gives them to nurses. Raises `StorageError`."""
    from evals.review.queue_trust import TrustQueueRules, trust_batch, trust_queue
    from flows.steps.judge_trust import book_of_nurses

    records, most = platform.reviews, platform.policy.count("review.trust_queue")
    if not verdicts or records.items(trust_batch(batch.batch_id)):
        return 0
    known = {origin.conversation_id for origin in records.origins()}
    rules = TrustQueueRules(batch, most, known, book_of_nurses(platform, now))
    queued = trust_queue(transcripts, verdicts, rules)
    if not queued:
        return 0
    new = records.put_items([one.item for one in queued], [one.origin for one in queued], ())
    log.info("batch %s: %d conversations queued for judges that are not trusted", batch.batch_id, new)
    return new
