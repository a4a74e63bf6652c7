"""Conversations kept for review, and what nurses read of them: gone when old, for good when a person asks for it."""

import json
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from evals.review.records import AuditLine
from flows.steps.review_record import forget_traces
from flows.steps.review_report import forget_texts
from matria.errors import StorageError, TrackingError

if TYPE_CHECKING:
    from flows.wiring import Platform

FORGETTING = "forgetting"
"""Name of the cursor: items that are empty here, and perhaps not yet gone from Notion and MLflow."""
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Erased:
    """What went."""

    exchanges: int
    """Of the transcripts."""
    items: int
    """Of the nurses' weeks, whose texts are gone; what was said of them stays in the figures."""
    traces: int
    """Of MLflow, with the assessments on them."""
    pages: int
    """Weekly reports whose page showed a text of it."""
    cases: tuple[str, ...]
    """Golden cases that it taught, in the suites or on a branch: in git, and to be taken out there."""


def prune_transcripts(platform: "Platform", now: datetime | None = None) -> int:
    """How many exchanges were older than `MATRIA_TRANSCRIPTS__KEEP_DAYS` and are gone. Raises `StorageError`."""
    if platform.transcripts is None:
        return 0
    kept = timedelta(days=platform.settings.transcripts.keep_days)
    return platform.transcripts.prune((now or datetime.now(UTC)) - kept)


def forget_old_weeks(platform: "Platform", now: datetime | None = None) -> int:
    """How many items that nurses had lost their texts, since their week is as old; figures keep the answers.

    First here: of what is empty by then a page that goes takes no answer back. Where Notion or MLflow does not answer
    that is logged, and the next call ends it. Raises `StorageError`.
    """
    from evals.review.queue_trust import trust_batch

    before = (now or datetime.now(UTC)) - timedelta(days=platform.settings.transcripts.keep_days)
    records = platform.reviews
    old = [batch.batch_id for batch in records.batches(newest=10_000) if batch.until < before]
    weeks = {*old, *map(trust_batch, old)}
    full = [one.item_id for one in records.items() if one.batch_id in weeks and not one.is_erased]
    shown = list(dict.fromkeys([*json.loads(records.cursor(FORGETTING) or "[]"), *full]))
    if not shown:
        return 0
    records.set_cursor(FORGETTING, json.dumps(shown))
    gone = records.forget(full)
    forget_texts(platform)
    try:
        platform.review_form.erase(shown)
        forget_traces(platform, shown)
    except (StorageError, TrackingError) as error:
        log.warning("%d items are older than they may be kept, and gone from here alone: %s", len(shown), error)
    else:
        records.set_cursor(FORGETTING, "")
    return gone


def erase_conversation(platform: "Platform", conversation_id: str) -> Erased:
    """What went of a conversation, by the service's own id of it or by its keyed hash.

    Raises `StorageError` and `TrackingError` where Notion or MLflow cannot be reached: by then it is gone from here,
    and the same call again does the rest.
    """
    from models.assistant.meter import CONVERSATION_DOMAIN

    is_hash = re.fullmatch(r"[0-9a-f]{64}", conversation_id) is not None
    ids = [conversation_id if is_hash else platform.hash_key.pseudonym(CONVERSATION_DOMAIN, conversation_id)]
    # First where the others copy from. What an item came of is known after it too, so that a second call ends it.
    exchanges = platform.transcripts.erase(ids) if platform.transcripts is not None else 0
    items = platform.reviews.erase(ids)
    if exchanges and not items:
        line = AuditLine(datetime.now(UTC), "system", "erased", ids[0], f"exchanges={exchanges}")
        platform.reviews.log(line)
    pages = forget_texts(platform)
    shown = items_of(platform, ids)
    platform.review_form.erase(shown)
    return Erased(exchanges, items, forget_traces(platform, shown), pages, _taught_by(platform, shown))


def _taught_by(platform: "Platform", item_ids: Sequence[str]) -> tuple[str, ...]:
    from evals.review.golden import case_id
    from flows.steps.review_outcomes import case_states

    names = []
    for item in platform.reviews.items(item_ids=item_ids):
        places = [one.item_id for one in platform.reviews.items(item.batch_id)]
        names.append(case_id(item, places.index(item.item_id) + 1))
    states = case_states(platform.settings.root, platform.settings.home, names)
    return tuple(name for name, state in states.items() if state != "flagged")


def items_of(platform: "Platform", conversation_ids: Sequence[str]) -> list[str]:
    """Every item that shows one of the conversations, repeats included."""
    origins = platform.reviews.origins()
    first = {one.item_id for one in origins if one.conversation_id in conversation_ids}
    return [one.item_id for one in origins if one.item_id in first or one.source in first]
