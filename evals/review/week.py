"""A week made ready: conversations drawn, written as items with their origins, a repeat among them, all assigned.

Pure: `flows.steps.review` reads conversations, asks the judges, keeps the batch and shows it to the nurses. The seed is
of the week's id, so that the draw can be made again; the ids of items are random, since an id that can be guessed is an
address that can be tried.
"""

import hashlib
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from evals.cases import Stage
from evals.review.assigning import Assigned, Terms, assign, carried_over
from evals.review.base import (
    Assignment,
    Batch,
    JudgeVerdict,
    Origin,
    Review,
    Reviewer,
    ReviewItem,
    Spoken,
)
from evals.review.due import Calendar, due_of_batch
from evals.review.frame import Frame, frame_of
from evals.review.repeats import Past, Repeat, plan_repeat, repeats_before
from evals.review.risks import DangerSigns
from evals.review.sampling import Drawn, draw
from evals.review.weeks import Week, missed_before, weeks_around
from matria.policy import Policy
from matria.transcripts.base import Exchange, Transcript


@dataclass(frozen=True)
class Known:
    """What the records hold."""

    batches: Sequence[Batch]
    items: Sequence[ReviewItem]
    origins: Sequence[Origin]
    assignments: Sequence[Assignment]
    settled: Sequence[Review]
    reviewers: Sequence[Reviewer]


@dataclass(frozen=True)
class Prepared:
    """A batch that is not kept yet."""

    batch: Batch
    items: tuple[ReviewItem, ...]
    origins: tuple[Origin, ...]
    assigned: Assigned
    frame: Frame


Verdicts = Mapping[str, Sequence[JudgeVerdict]]
"""By conversation, of those that judges have read."""


def prepare(
    week: Week,
    transcripts: Sequence[Transcript],
    verdicts: Verdicts,
    known: Known,
    policy: Policy,
    signs: DangerSigns,
    now: datetime,
    zone: ZoneInfo,
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
) -> Prepared:
    """The week's batch; empty where nobody wrote, and then without a repeat either.

    A batch of that week that is known is left out of account: it was empty.
    """
    seed = seed_of(week.batch_id)
    rng = random.Random(f"{seed}/{week.batch_id}")
    terms = _terms(policy, now, zone)
    frame = frame_of(transcripts, verdicts, signs)
    repeat = _repeat(week, known, frame, policy, terms, now, rng, new_id) if frame.units else None
    recent = recent_conversations(known, week.batch_id, policy.count("review.fresh_weeks"))
    drawn = draw(
        frame.units,
        week.batch_id,
        seed,
        items=policy.count("review.items"),
        core_items=policy.count("review.core_items"),
        with_repeat=repeat is not None,
        recent=recent | ({repeat.origin.conversation_id} if repeat is not None else set()),
    )
    by_id = {transcript.conversation_id: transcript for transcript in transcripts}
    made = [_made(one, by_id[one.unit.conversation_id], verdicts, week.batch_id, new_id()) for one in drawn.drawn]
    rng.shuffle(made)  # a batch in the order of its strata would tell a nurse why a conversation was drawn
    if repeat is not None:
        made.insert(rng.randrange(len(made) + 1), (repeat.item, repeat.origin))
    items = tuple(item for item, _ in made)
    assigned = _assigned(items, repeat, known, policy, terms, rng)
    batch = Batch(
        week.batch_id,
        week.since,
        week.until,
        now,
        seed,
        drawn.state,
        drawn.strata,
        frame.is_simulated,
        missed_before((one.batch_id for one in known.batches), week.batch_id),
    )
    return Prepared(batch, items, tuple(origin for _, origin in made), assigned, frame)


def seed_of(batch_id: str) -> int:
    """The seed of a week: the same whenever it is drawn."""
    return int.from_bytes(hashlib.sha256(batch_id.encode()).digest()[:4], "big")


def recent_conversations(known: Known, batch_id: str, weeks: int) -> frozenset[str]:
    """Conversations drawn in the `weeks` before this one, or after it where it is drawn late."""
    recent = set(weeks_around(batch_id, weeks))
    items = {item.item_id for item in known.items if item.batch_id in recent}
    return frozenset(one.conversation_id for one in known.origins if one.item_id in items)


def chosen_to_judge(
    transcripts: Sequence[Transcript], signs: DangerSigns, batch_id: str, most: int
) -> list[Transcript]:
    """Those that the judges read before the draw: all that may be drawn, or as many as the policy lets, by chance."""
    rng = random.Random(f"judged/{seed_of(batch_id)}")
    may_be_drawn = {unit.conversation_id for unit in frame_of(transcripts, {}, signs).units}
    known = (one for one in transcripts if one.conversation_id in may_be_drawn)
    ordered = sorted(known, key=lambda one: one.conversation_id)
    return ordered if len(ordered) <= most else rng.sample(ordered, most)


def item_of(transcript: Transcript, item_id: str, batch_id: str) -> ReviewItem:
    """What a nurse reads of a conversation."""
    last = transcript.last
    return ReviewItem(
        item_id,
        batch_id,
        "sampled",
        last.locale,
        last.persona,
        _stage(last.stage),
        tuple(spoken for exchange in transcript.exchanges for spoken in _spoken(exchange)),
    )


def origin_of(transcript: Transcript, item_id: str, source: str, verdicts: Sequence[JudgeVerdict]) -> Origin:
    """Where an item of a conversation comes from, but for the chance with which it was drawn."""
    exchanges = transcript.exchanges
    return Origin(
        item_id,
        transcript.conversation_id,
        tuple(exchange.message_id for exchange in exchanges),
        source,
        prompts=tuple(f"{each.prompt}.{each.locale}@{each.prompt_version}" for each in exchanges),
        models=tuple(each.model for each in exchanges),
        outcomes=tuple(each.outcome for each in exchanges),
        verdicts=tuple(verdicts),
        is_simulated=any(each.is_simulated for each in exchanges),
    )


def _made(
    one: Drawn, transcript: Transcript, verdicts: Verdicts, batch_id: str, item_id: str
) -> tuple[ReviewItem, Origin]:
    origin = origin_of(transcript, item_id, "week", verdicts.get(transcript.conversation_id, ()))
    origin = replace(origin, stratum=one.stratum, probability=one.probability)
    return item_of(transcript, item_id, batch_id), origin


def _spoken(exchange: Exchange) -> tuple[Spoken, Spoken]:
    return (
        Spoken(exchange.message_id, "user", exchange.asked_text),
        Spoken(exchange.message_id, "assistant", exchange.shown_text),
    )


def _stage(stage: str) -> Stage | None:
    """None where it is not known."""
    return next((known for known in get_args(Stage) if known == stage), None)


def _terms(policy: Policy, now: datetime, zone: ZoneInfo) -> Terms:
    remind_days = policy.count("review.remind_days")
    due_at = due_of_batch(now, zone, policy.count("review.due_days"), remind_days)
    return Terms(Calendar(now, zone, remind_days).days_until(due_at), now, due_at)


def _repeat(
    week: Week,
    known: Known,
    frame: Frame,
    policy: Policy,
    terms: Terms,
    now: datetime,
    rng: random.Random,
    new_id: Callable[[], str],
) -> Repeat | None:
    past = Past(known.items, known.origins, known.settled).of(frame.is_simulated)
    before = repeats_before(now, policy.count("review.repeat_after_weeks"))
    return plan_repeat(past, known.reviewers, terms.days, before, rng, week.batch_id, new_id)


def _assigned(
    items: Sequence[ReviewItem],
    repeat: Repeat | None,
    known: Known,
    policy: Policy,
    terms: Terms,
    rng: random.Random,
) -> Assigned:
    own = {repeat.item.item_id: repeat.reviewer_id} if repeat is not None else {}
    carried = carried_over(known.batches, known.items, known.assignments)
    seconds = policy.count("review.second_readers")
    return assign(items, known.reviewers, terms, seconds, rng, own=own, carried=carried)
