"""The queue of judges that are not trusted: each week a few conversations that were not drawn, one question of each.

Only what a judge has read, in one exchange, and what nobody was ever asked to read. Chance chooses, about half of them
with the rarer verdict, since a judge that finds nearly all well is not measured by what is well. A reading counts by
how much oftener its verdict was taken than in proportion, so that the choice flatters no judge.
"""

import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from evals.judges.trust import TrustBook, plain_name
from evals.review.base import AskedCriterion, Batch, JudgeVerdict
from evals.review.judging import PREFIX, criterion_text, question_named
from evals.review.queue import BATCH, QueueItem
from evals.review.week import item_of, origin_of
from matria.transcripts.base import Transcript

SOURCE = "trust:"
"""How the source of such an item begins; the judge follows."""


@dataclass(frozen=True)
class TrustQueueRules:
    """How the queue of a week is made."""

    batch: Batch
    most: int
    """Conversations at most, of all judges and questions together."""
    known: Container[str]
    """Conversations that were drawn or queued, this week or ever."""
    book: TrustBook


@dataclass(frozen=True)
class _Read:
    """A conversation, what a judge said of it, and the weight of that as a chance."""

    transcript: Transcript
    verdict: JudgeVerdict
    probability: float = 1.0


def trust_batch(week: str) -> str:
    """Where the items of a week lie."""
    return f"{BATCH}trust-{week}"


def trust_queue(
    transcripts: Iterable[Transcript],
    verdicts: Mapping[str, Sequence[JudgeVerdict]],
    rules: TrustQueueRules,
    new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
) -> tuple[QueueItem, ...]:
    """The items, by their ids, which are no order; the same conversations whenever the same week is asked for."""
    rng = random.Random(f"trust/{rules.batch.seed}/{rules.batch.batch_id}")
    pools = _pools(transcripts, verdicts, rules)
    order = sorted(pools)
    rng.shuffle(order)
    piles = [_dealt(_weighed(pools[place], rules.batch), rng) for place in order]
    chosen: dict[str, _Read] = {}
    for turn in zip_longest(*piles):
        for one in turn:
            if one is not None and len(chosen) < rules.most:
                chosen.setdefault(one.transcript.conversation_id, one)
    made = [_item(one, rules.batch.batch_id, new_id()) for one in chosen.values()]
    return tuple(sorted(made, key=lambda one: one.item.item_id))


def _pools(
    transcripts: Iterable[Transcript], verdicts: Mapping[str, Sequence[JudgeVerdict]], rules: TrustQueueRules
) -> Mapping[tuple[str, str], list[_Read]]:
    """By judge and question that is not trusted: what it read that may be asked, by conversation."""
    found: dict[tuple[str, str], list[_Read]] = defaultdict(list)
    for transcript in sorted(transcripts, key=lambda one: one.conversation_id):
        if transcript.conversation_id in rules.known or not _may_be_asked(transcript):
            continue
        for verdict in verdicts.get(transcript.conversation_id, ()):
            if _is_wanted(verdict, rules):
                found[verdict.judge, verdict.criterion].append(_Read(transcript, verdict))
    return found


def _may_be_asked(transcript: Transcript) -> bool:
    """Whether what was said of all of it was said of its last answer, and there is one."""
    last = transcript.last
    return len(transcript.exchanges) == 1 and bool(last.asked_text.strip()) and bool(last.shown_text.strip())


def _is_wanted(verdict: JudgeVerdict, rules: TrustQueueRules) -> bool:
    """Simulated verdicts are measured in a trial alone."""
    if verdict.met is None or question_named(verdict.criterion) is None:
        return False
    if verdict.is_simulated and not rules.batch.is_simulated:
        return False
    trust = rules.book.of(verdict.judge, verdict.criterion, verdict.axis, is_simulated=rules.batch.is_simulated)
    return not trust.is_trusted


def _weighed(pool: Sequence[_Read], batch: Batch) -> list[_Read]:
    """Each with the chance of an item of the week, times how much oftener its verdict is taken than in proportion.

    Where that is more than 1 all are lowered alike: how the two verdicts stand to each other is what keeps the choice
    from flattering the judge.
    """
    drawn = sum(stratum.drawn for stratum in batch.strata) / batch.population if batch.population else 0.0
    count = {met: sum(one.verdict.met is met for one in pool) for met in (True, False)}
    share = 1 / sum(bool(many) for many in count.values())
    chance = {met: (drawn or 1.0) * share * len(pool) / many for met, many in count.items() if many}
    most = max(1.0, *chance.values())
    return [replace(one, probability=chance[bool(one.verdict.met)] / most) for one in pool]


def _dealt(pool: Sequence[_Read], rng: random.Random) -> list[_Read]:
    """All of it by chance, a verdict of each kind in turn while there are both."""
    sides = [[one for one in pool if one.verdict.met is met] for met in (True, False)]
    for side in sides:
        rng.shuffle(side)
    rng.shuffle(sides)
    return [one for both in zip_longest(*sides) for one in both if one is not None]


def _item(one: _Read, week: str, item_id: str) -> QueueItem:
    criterion = one.verdict.criterion
    asked = question_named(criterion)
    assert asked is not None
    read = item_of(one.transcript, item_id, trust_batch(week))
    text = criterion_text(asked[0], read.locale, asked[1])
    name = plain_name(criterion).removeprefix(PREFIX)
    item = replace(read, kind="criterion", criterion=AskedCriterion(name, text))
    origin = origin_of(one.transcript, item_id, f"{SOURCE}{one.verdict.judge}", (one.verdict,))
    return QueueItem(item, replace(origin, suite=PREFIX.rstrip("/"), probability=one.probability))
