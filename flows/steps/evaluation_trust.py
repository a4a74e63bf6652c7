"""Who may decide an evaluation, and what of it goes to nurses: trust of checkout and base, rulings, the queue.

The queue can be reached where it is a database server, or lies under home already since somebody set up the review
here. Elsewhere, as in most pipelines, the reports say what to run where it can: `matria review queue --run FOLDER`.
"""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flows.steps.evaluation_setup import Setup
from matria.errors import StorageError

if TYPE_CHECKING:
    from evals.comparison import Comparison
    from evals.engine import Evaluation
    from evals.gate import Verdict
    from evals.pairs import Pair
    from evals.review.queue import Queue
    from evals.standing import Standings, Waiting
    from evals.trusted_rows import Deciders, Rulings
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform

log = logging.getLogger(__name__)

_RUN_CHARACTERS = 12
_NAME_CHARACTERS = 60


def deciders_of(platform: "Platform", setup: Setup) -> "tuple[Deciders, Deciders | None]":
    """Who may decide by the checkout's trust, and by that of the base; None where the base is no revision."""
    from evals.trusted_rows import Deciders

    rulings = _rulings(platform)
    before = setup.base.trust if setup.base else None
    return Deciders(setup.trust, rulings), None if before is None else Deciders(before, rulings)


def has_judges(evaluation: "Evaluation") -> bool:
    """Whether a judge is asked of any case, so that rows need no walk where rules grade everything."""
    return any(c.judge for suite in evaluation.plan.suites for case in suite.cases for c in case.criteria)


def decided(platform: "Platform", setup: Setup, evaluation: "Evaluation", comparison: "Comparison") -> "Verdict":
    """The verdict by the policy and the trust of both sides."""
    from evals.held_judges import Yardstick
    from evals.trusted_gate import GateRules, decide_with_trust

    before = setup.base.policy if setup.base else platform.policy
    rules = GateRules(platform.policy, before, setup.waivers, datetime.now(UTC).date())
    pairs = evaluation.results.pairs
    if not has_judges(evaluation):
        return rules.decided(pairs, comparison)
    suites = setup.base.suites if setup.base else None
    return decide_with_trust(pairs, comparison, rules, *deciders_of(platform, setup), Yardstick.of(suites or ()))


def standings_of(platform: "Platform", setup: Setup, evaluation: "Evaluation") -> "Standings | None":
    """How far judges may decide, of an evaluation that compares nothing; None where rules graded everything."""
    from evals.standing import Standings
    from evals.trusted_rows import judged

    if not has_judges(evaluation):
        return None
    seen = judged(evaluation.results.pairs(), deciders_of(platform, setup)[0])
    return Standings(seen.judges, seen.informing_axes, seen.rulings)


def with_queue(
    platform: "Platform", request: "EvaluationRequest", evaluation: "Evaluation", verdict: "Verdict"
) -> "Verdict":
    """The verdict, with what waits for nurses, which is queued where their queue can be reached."""
    standings = verdict.standings
    if standings is None or not standings.to_read:
        return verdict
    run = platform.tracking.origin.git_commit[:_RUN_CHARACTERS] or evaluation.plan.digest[:_RUN_CHARACTERS]
    queue = queue_for(platform, evaluation.results.pairs(), standings, run)
    if not queue.total and not queue.unsure:
        return verdict
    return replace(verdict, standings=replace(standings, waiting=_waiting(platform, queue, request.is_queued)))


def _waiting(platform: "Platform", queue: "Queue", may_queue: bool) -> "Waiting":
    """What waits, queued where it may be: answers of the simulator only in a trial, else by `matria review queue`."""
    from evals.standing import Waiting

    may_queue = may_queue and has_queue(platform)
    real = tuple(one for one in queue.items if not one.origin.is_simulated)
    is_held = not real and bool(queue.items) and not _is_trial(platform)
    asked = queue if is_held or _is_trial(platform) else replace(queue, items=real)
    is_queued = bool(asked.items) and may_queue and (_lies_there if is_held else _put)(platform, asked)
    total = queue.total - len(queue.items) + len(asked.items)
    return Waiting(tuple(one.item.item_id for one in asked.items), total, is_queued, queue.unsure, is_held)


def _is_trial(platform: "Platform") -> bool:
    """Whether nurses read simulated conversations now: those of the newest week that was drawn."""
    if not has_queue(platform):
        return False
    try:
        return any(batch.is_simulated for batch in platform.reviews.batches(newest=1))
    except StorageError as error:
        log.warning("Nobody knows whether nurses try a week, so none is asked to read simulated answers: %s", error)
        return False


def _lies_there(platform: "Platform", queue: "Queue") -> bool:
    """Whether all of it is in the queue already, since somebody put it there."""
    ids = [one.item.item_id for one in queue.items]
    try:
        return len(platform.reviews.items(item_ids=ids)) == len(ids)
    except StorageError:
        return False


def queue_for(platform: "Platform", pairs: "Iterable[Pair]", standings: "Standings", run: str) -> "Queue":
    """What nurses are to read of an evaluation's pairs."""
    from evals.review.queue import QueueRules, queue_of
    from evals.review.rulings import RecordedRulings

    rulings = _rulings(platform)
    known = rulings if isinstance(rulings, RecordedRulings) else RecordedRulings({}, platform.hash_key.pseudonym)
    policy, there = platform.policy, _queued(platform)
    rules = QueueRules(
        run=run,
        most=policy.count("review.queue_most"),
        pseudonym=known.pseudonym,
        settled=known.met.keys(),
        alone=known.alone,
        unsure=known.unsure,
        there=there,
        room=policy.count("review.queue_open_most") - _unread(platform, there),
    )
    return queue_of(pairs, standings.to_read, standings.wanted, rules)


def _queued(platform: "Platform") -> frozenset[str]:
    """Ids of the items that gates queued; none where nobody can ask."""
    from evals.review.queue import GATE

    if not has_queue(platform):
        return frozenset()
    return frozenset(one.item_id for one in platform.reviews.origins() if one.source.startswith(GATE))


def _unread(platform: "Platform", item_ids: frozenset[str]) -> int:
    """How many of them somebody can read and nobody has."""
    from evals.review.people import knows

    if not item_ids:
        return 0
    records = platform.reviews
    readers = [one for one in records.reviewers() if one.is_active and one.role != "viewer"]
    read = {review.item_id for review in records.settled(datetime.now(UTC) + timedelta(days=1))}
    items = [item for item in records.items(item_ids=sorted(item_ids - read)) if not item.is_erased]
    return sum(any(knows(one, item) for one in readers) for item in items)


def put_queue(platform: "Platform", queue: "Queue") -> int:
    """How many of the items are new; the review's flow assigns them. Raises `StorageError`."""
    items, origins = [one.item for one in queue.items], [one.origin for one in queue.items]
    return platform.reviews.put_items(items, origins, ())


@dataclass(frozen=True)
class QueuedRun:
    """What a finished evaluation left to nurses."""

    waiting: int
    """Answers of it that wait, up to the cap."""
    new: int
    """Those that were not in the queue before."""
    total: int
    """With those past the cap."""


def queue_run(platform: "Platform", folder: Path) -> QueuedRun:
    """The answers of a finished evaluation that nurses should read, queued; twice is the same as once.

    Raises `InputError` where the folder holds no verdict and rows, `StorageError` where the queue cannot be reached.
    """
    from evals.outputs import VERDICT
    from evals.store import read_results
    from evals.verdictfile import read_to_read

    standings, results = read_to_read(folder / VERDICT), read_results(folder)
    queue = queue_for(platform, results.pairs(), standings, _run_name(folder.resolve().name))
    return QueuedRun(len(queue.items), put_queue(platform, queue) if queue.items else 0, queue.total)


def _run_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:_NAME_CHARACTERS] or "run"


def has_queue(platform: "Platform") -> bool:
    """Whether the nurses' queue can be reached from here."""
    from flows.wiring_review import review_place

    place = review_place(platform.settings)
    return not isinstance(place, Path) or place.is_file()


def _put(platform: "Platform", queue: "Queue") -> bool:
    try:
        new = put_queue(platform, queue)
    except StorageError as error:
        log.warning("The verdict stands, and nothing of it was queued for nurses: %s", error)
        return False
    log.info("%d answers wait for nurses, %d of them new.", len(queue.items), new)
    return True


def _rulings(platform: "Platform") -> "Rulings":
    """What nurses have settled; nothing where nobody can ask. Raises `StorageError` where they cannot be asked now."""
    from evals.review.rulings import rulings_of
    from evals.trusted_rows import NoRulings

    if not has_queue(platform):
        return NoRulings()
    if platform.settings.review.store == "postgres" and platform.settings.privacy.hash_key is None:
        log.warning(
            "The nurses' queue is shared, and answers are found in it by a key that is this machine's own: set "
            "MATRIA_PRIVACY__HASH_KEY to that of the review, or what nurses read elsewhere is not found here."
        )
    policy = platform.policy
    by = datetime.now(UTC) - timedelta(minutes=policy.number("review.undo_min"))
    return rulings_of(platform.reviews.settled(by), policy.count("review.dispute_steps"), platform.hash_key.pseudonym)
