"""The week's batch: drawn from what people asked, kept, shown to the nurses; once, however often it is asked for."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from matria.errors import InputError, SettingsError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from evals.review.assigning import Problem
    from evals.review.base import Assignment, Batch, JudgeVerdict, ReviewItem
    from evals.review.week import Known, Prepared
    from evals.review.weeks import Week
    from flows.wiring import Platform
    from matria.transcripts.base import Transcript

    Judge = Callable[[Platform, Sequence[Transcript]], Mapping[str, Sequence[JudgeVerdict]]]
    """What judges say of conversations, before any nurse has read them."""

log = logging.getLogger(__name__)

DrawState = Literal["drawn", "known", "dry"]
"""Kept now; kept by an earlier run, so only shown again; not kept, as nobody asked for that."""


NEWEST = 4
"""Batches that are named where another was asked for."""


@dataclass(frozen=True)
class DrawnWeek:
    """A week's batch, and what is not as it should be."""

    state: DrawState
    batch: "Batch"
    items: "tuple[ReviewItem, ...]"
    assignments: "tuple[Assignment, ...]"
    problems: "tuple[Problem, ...]"
    """Of a batch that is known already: what nobody reads as of now."""
    zone: "ZoneInfo"
    """Where the nurses live; times are shown in it."""
    judged: int = 0
    """Conversations that the judges read before the draw."""
    staff: int | None = None
    """Conversations of staff, which are in no draw; None of a batch that was known already."""
    simulated: int | None = None
    """Simulated conversations left out because there are real ones; None as with staff."""

    @property
    def unread(self) -> tuple[str, ...]:
        """Items that nobody reads."""
        return tuple(one.item_id for one in self.problems if one.code == "nobody_reads")

    @property
    def title(self) -> str:
        """One line with the result in it."""
        batch = self.batch
        left_out = ", ".join(f"{count} {kind}" for kind, count in self._left_out)
        missed = f"; left out: {left_out}" if left_out else ""
        missed += f"; never drawn: {', '.join(batch.missed)}" if batch.missed else ""
        if batch.state == "empty":
            return f"{batch.batch_id}: no conversation to read{missed}"
        unread = f", {len(self.unread)} UNASSIGNED" if self.unread else ""
        how = {"drawn": "", "known": "; drawn before", "dry": "; nothing was kept"}[self.state]
        return f"{batch.batch_id}: {self._readings}{unread}{how}{missed}"

    @property
    def _readings(self) -> str:
        """What is read, and by how many."""
        of = f"{self.batch.population} conversations{' (simulated)' if self.batch.is_simulated else ''}"
        if self.batch.state == "covered":
            return f"{of}, all drawn not long ago" + (f", {len(self.items)} read again" if self.items else "")
        blind = [one.reviewer_id for one in self.assignments if one.part != "adjudicator"]
        readers = len(set(blind))
        by = f"{readers} {'nurse' if readers == 1 else 'nurses'}"
        return f"{len(self.items)} items of {of}, {len(blind)} readings by {by}"

    @property
    def _left_out(self) -> list[tuple[str, int]]:
        """Kinds of conversation that no chance could have drawn, and how many there were."""
        kinds = (("simulated", self.simulated), ("of staff", self.staff))
        return [(kind, count) for kind, count in kinds if count]

    def table(self) -> list[dict[str, Any]]:
        """A row per nurse, per kind left out and per problem; no text of a conversation and no name."""
        readers = sorted({one.reviewer_id for one in self.assignments})
        rows = [_row(name, [one for one in self.assignments if one.reviewer_id == name], self.zone) for name in readers]
        rows += [{"who": "left out", "items": count, "said": kind} for kind, count in self._left_out]
        return [*rows, *({"who": "nobody", "items": one.item_id, "said": one.sentence} for one in self.problems)]


def draw_week(
    platform: "Platform",
    week: str | None = None,
    now: datetime | None = None,
    judge: "Judge | None" = None,
    *,
    is_dry: bool = False,
) -> DrawnWeek:
    """The batch of the last week that is over, or of the one named, kept and shown; a dry run asks no judge.

    An empty one is drawn anew where there are conversations now. Raises `SettingsError` where no conversations are kept
    or nobody could read, `InputError` for a week that is not over, too old or of which there is nothing, and
    `StorageError`.
    """
    from evals.review.week import chosen_to_judge, prepare
    from flows.steps.judge_queue import queued_for_trust
    from flows.steps.judged_week import judge_week

    at = now or datetime.now(UTC)
    of = _week(platform, week, at)
    known = what_is_known(platform, at)
    kept = next((one for one in known.batches if one.batch_id == of.batch_id), None)
    if kept is not None and not _may_be_anew(platform, kept):
        return _again(platform, of.batch_id, is_dry=is_dry)
    if not any(one.is_active and one.role != "viewer" for one in known.reviewers):
        raise SettingsError(
            "Nobody could read a batch: matria review people add --name NAME --email ADDRESS, a nurse or a lead."
        )
    _check_kept(platform, of, at)
    transcripts = _conversations(platform, of)
    signs = _signs()
    chosen = chosen_to_judge(transcripts, signs, of.batch_id, platform.policy.count("review.max_judged"))
    verdicts = (judge or judge_week)(platform, chosen) if chosen and not is_dry else {}
    prepared = prepare(of, transcripts, verdicts, known, platform.policy, signs, at, platform.review_zone)
    if week is not None and kept is None and prepared.batch.state == "empty":
        _check_begun(of, known)
    frame = prepared.frame
    log.info("batch %s: left out are %d simulated, %d of staff", of.batch_id, frame.simulated, frame.staff)
    if is_dry:
        return _drawn("dry", prepared, len(verdicts), platform.review_zone)
    queued = queued_for_trust(platform, prepared, chosen, verdicts, at)
    items = (*prepared.items, *(one.item for one in queued))
    origins = (*prepared.origins, *(one.origin for one in queued))
    is_new = platform.reviews.put_batch(prepared.batch, items, origins, prepared.assigned.assignments)
    if not is_new:  # another run was quicker: its batch is the one that stands
        return _again(platform, of.batch_id)
    counts = len(prepared.items), len(prepared.assigned.assignments), len(queued)
    log.info("batch %s: %d items, %d readings, %d queued for judges that are not trusted", of.batch_id, *counts)
    offer_all(platform)  # last: a form that does not answer is tried again, and then the batch is known
    return _drawn("drawn", prepared, len(verdicts), platform.review_zone)


def what_is_known(platform: "Platform", now: datetime) -> "Known":
    """All that a draw looks at."""
    from evals.review.settling import settled_by
    from evals.review.week import Known

    records = platform.reviews
    return Known(
        records.batches(newest=10_000),
        records.items(),
        records.origins(),
        records.assignments(),
        records.settled(settled_by(platform.policy, now)),
        records.reviewers(),
    )


def no_batch(weeks: Sequence[str], known: Iterable[str]) -> InputError:
    """What is said where no batch was drawn for the weeks that were named."""
    newest = ", ".join(sorted(known, reverse=True)[:NEWEST]) or "none"
    return InputError(f"No batch was drawn for {', '.join(weeks)}. The newest that there are: {newest}.")


def offer_all(platform: "Platform") -> int:
    """How many open readings the form shows now; what was deleted there is there again."""
    offers = platform.reviews.offers()
    platform.review_form.offer(offers)
    return len(offers)


def _week(platform: "Platform", week: str | None, now: datetime) -> "Week":
    from evals.review.weeks import week_before, week_of

    if week is None:
        return week_before(now, platform.review_zone)
    try:
        found = week_of(week, platform.review_zone)
    except ValueError as error:
        raise InputError(f"{error}") from error
    if found.until > now:
        raise InputError(f"{week} is not over: it ends on {found.until.astimezone(platform.review_zone):%Y-%m-%d}.")
    return found


def _may_be_anew(platform: "Platform", kept: "Batch") -> bool:
    """Whether nobody had written when it was drawn, and somebody has now."""
    if kept.state != "empty" or platform.transcripts is None:
        return False
    return next(iter(platform.transcripts.between(kept.since, kept.until)), None) is not None


def _check_kept(platform: "Platform", week: "Week", now: datetime) -> None:
    """Raises `InputError` where a part of the week is too old to be kept: what is left is no sample of it."""
    days = platform.settings.transcripts.keep_days
    if week.since < now - timedelta(days=days):
        raise InputError(
            f"{week.batch_id} is more than {days} days old, and conversations are kept no longer "
            "(MATRIA_TRANSCRIPTS__KEEP_DAYS): it cannot be drawn any more."
        )


def _check_begun(week: "Week", known: "Known") -> None:
    """Raises `InputError` before the first batch: an empty one kept there would make each week since a missed one."""
    first = min((one.batch_id for one in known.batches), default=None)
    if first is None or week.batch_id < first:
        since = f"the first week that was drawn is {first}" if first else "no week was drawn before"
        raise InputError(f"Nobody wrote in {week.batch_id}, and {since}: there is nothing to draw. Look at the number.")


def _conversations(platform: "Platform", week: "Week") -> "list[Transcript]":
    if platform.transcripts is None:
        raise SettingsError(
            "MATRIA_TRANSCRIPTS__KIND is none, so no conversation is kept and none can be reviewed: unset it."
        )
    return list(platform.transcripts.between(week.since, week.until))


def _signs() -> Any:
    from evals.review.risks import DangerSigns
    from guardrails.term_groups import load_groups

    return DangerSigns(load_groups())


def _drawn(state: DrawState, prepared: "Prepared", judged: int, zone: "ZoneInfo") -> DrawnWeek:
    assigned, frame = prepared.assigned, prepared.frame
    return DrawnWeek(
        state,
        prepared.batch,
        prepared.items,
        assigned.assignments,
        assigned.problems,
        zone,
        judged,
        frame.staff,
        frame.simulated,
    )


def _again(platform: "Platform", batch_id: str, *, is_dry: bool = False) -> DrawnWeek:
    """The batch as it stands, shown again but in a dry run."""
    from evals.review.weeks import missed_before

    records = platform.reviews
    batches = records.batches(newest=10_000)
    batch = next(one for one in batches if one.batch_id == batch_id)
    batch = replace(batch, missed=missed_before((one.batch_id for one in batches), batch_id))
    items = tuple(records.items(batch_id))
    assignments = tuple(one for one in records.assignments(batch_id=batch_id) if one.state != "withdrawn")
    if not is_dry:
        offer_all(platform)
    return DrawnWeek("known", batch, items, assignments, unassigned(items, assignments), platform.review_zone)


def unassigned(items: "Sequence[ReviewItem]", assignments: "Sequence[Assignment]") -> "tuple[Problem, ...]":
    """A problem for each item that nobody reads and that was not erased; a repeat that is with nobody is nobody's."""
    from evals.review.assigning import ADD, Problem

    have = {one.item_id for one in assignments if one.state != "withdrawn"}
    return tuple(
        Problem("nobody_reads", item.item_id, f"Nobody reads it yet; its language is {item.locale}. {ADD}")
        for item in items
        if item.item_id not in have and not item.is_erased and item.kind != "repeat"
    )


def _row(name: str, hers: "Sequence[Assignment]", zone: "ZoneInfo") -> dict[str, Any]:
    parts = ("first", "second", "adjudicator")
    counts = [f"{count} {part}" for part in parts if (count := sum(one.part == part for one in hers))]
    due_at = max(one.due_at for one in hers).astimezone(zone)
    return {"who": name, "items": len(hers), "said": f"{', '.join(counts)}; due {due_at:%A %Y-%m-%d %H:%M}"}
