"""The queue of a gate: answers that nurses read blind because a judge under the bar would have decided by them.

From what the gate wants to know (`evals.standing.ToRead`) come review items of one criterion each: every answer of both
sides on which the criterion counts, as separate items in an order that tells nothing. What nurses have settled already
is not asked again, and what waits already is the same item. The gravest come first, up to `review.queue_most` a run
and `review.queue_open_most` of all runs that lie unread.

What is queued was chosen because of what the judge said of it. So each item keeps the share that was queued of the
answers with its verdict, by which its reading counts in the judge's trust.
"""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evals.confirmation import CONFIRMATION_EPOCH
from evals.judges.trust import judge_of, place_of
from evals.pairs import Pair
from evals.review.base import AskedCriterion, JudgeVerdict, Origin, ReviewItem, Spoken
from evals.review.rulings import Pseudonym, answer_id_of, conversation_of, item_id_of
from evals.rows import CriterionResult, Row
from evals.standing import ToRead, Wanted
from evals.trusted_rows import JUDGE

BATCH = "queue-"
GATE = "gate:"
"""How the source of such an item begins; the run follows."""
Graded = tuple[Row, CriterionResult]
_Kind = tuple[str, str, bool | None]
"""A judge, an axis and whether it found the answer good."""


@dataclass(frozen=True)
class QueueItem:
    """An item, and where it comes from."""

    item: ReviewItem
    origin: Origin


@dataclass(frozen=True)
class Queue:
    """What is to be read."""

    items: tuple[QueueItem, ...]
    """By their ids, which are no order."""
    total: int
    """Answers that wait, those past the cap too."""
    unsure: int = 0
    """Answers that nurses read and could not tell: they wait no more, and nothing is decided by them."""


@dataclass(frozen=True)
class QueueRules:
    """How a queue is made."""

    run: str
    """What names the evaluation: a commit, or the folder of its reports."""
    most: int
    """Items at most."""
    pseudonym: Pseudonym
    settled: Container[str] = frozenset()
    """Ids of items that have a ruling."""
    alone: Container[str] = frozenset()
    """Ids of those that rest on one nurse."""
    unsure: Container[str] = frozenset()
    """Ids of items that were read and of which nobody could tell."""
    there: Container[str] = frozenset()
    """Ids of items that lie in the queue, whoever has read them or can."""
    room: int | None = None
    """Items at most that do not lie there yet; None where nobody counts."""


def queue_of(pairs: Iterable[Pair], to_read: Sequence[ToRead], wanted: Wanted | None, rules: QueueRules) -> Queue:
    """The answers to read, the gravest first up to the cap; `pairs` are those of the evaluation as they were graded."""
    graded = _Graded()
    found = _answers(graded.of(pairs), to_read, wanted)
    items: dict[str, list[Graded]] = {}
    unsure: set[str] = set()
    for place in to_read:
        for row, result in found.get(place, ()):
            item_id = item_id_of(row, result, rules.pseudonym)
            if item_id in rules.unsure:
                unsure.add(item_id)
            elif item_id not in rules.settled or (result.never and item_id in rules.alone):
                items.setdefault(item_id, []).append((row, result))
    chosen = sorted(_with_room(list(items)[: rules.most], rules))
    queued = Counter(_kind(items[item_id][0][1]) for item_id in chosen)
    made = [_item(item_id, items[item_id], rules, graded.share(queued, items[item_id][0][1])) for item_id in chosen]
    return Queue(tuple(made), len(items), len(unsure))


def _with_room(item_ids: Iterable[str], rules: QueueRules) -> Iterator[str]:
    """Those that lie in the queue, and of the others as many as it takes."""
    room = rules.room
    for item_id in item_ids:
        if item_id in rules.there or room is None or room > 0:
            yield item_id
            room = room if room is None or item_id in rules.there else room - 1


class _Graded:
    """How many answers a judge graded, by what it found: each answer once for a criterion, however often it came."""

    def __init__(self) -> None:
        self._seen: dict[_Kind, set[int]] = {}

    def of(self, pairs: Iterable[Pair]) -> Iterator[Pair]:
        """The pairs, counted as they pass by."""
        for pair in pairs:
            for row in (*pair.base, *pair.head):
                if row.answer is not None and row.epoch < CONFIRMATION_EPOCH:
                    for result in row.criteria:
                        if result.grader.startswith(JUDGE):
                            place = hash((row.suite, row.case, result.id, row.answer.graded_text))
                            self._seen.setdefault(_kind(result), set()).add(place)
            yield pair

    def share(self, queued: Mapping[_Kind, int], result: CriterionResult) -> float:
        """Of the answers of which the judge said the same on this axis, the share that is queued."""
        kind = _kind(result)
        return queued[kind] / max(queued[kind], len(self._seen.get(kind, ())))


def _kind(result: CriterionResult) -> _Kind:
    good = None if result.met is None else not result.is_failed
    return judge_of(result.grader, result.judge), result.axis, good


def _answers(pairs: Iterable[Pair], to_read: Sequence[ToRead], wanted: Wanted | None) -> Mapping[ToRead, list[Graded]]:
    """Of each place the answers that nurses are to read: those that failed on the head, the base's, and the rest."""
    asked: dict[tuple[str, str, str], list[ToRead]] = {}
    for place in to_read:
        asked.setdefault((place.suite, place.case, place.prompt), []).append(place)
    found: dict[ToRead, list[Graded]] = {}
    for pair in pairs:
        for place in asked.get(pair.key, ()):
            head = sorted(_graded(pair.head, place.criterion), key=lambda graded: not graded[1].is_failed)
            base = () if wanted == "sample" else _graded(pair.base, place.criterion)
            failed = [graded for graded in head if graded[1].is_failed]
            found[place] = [*failed, *base, *head[len(failed) :]]
    return found


def _graded(rows: Sequence[Row], criterion: str) -> Iterator[Graded]:
    """The answers that a judge graded; of those that confirm a never-event the ones that failed it."""
    for row in rows:
        if row.answer is None or not row.answer.graded_text.strip():
            continue
        for result in row.criteria:
            is_asked = row.epoch < CONFIRMATION_EPOCH or result.is_failed
            if result.id == criterion and result.grader.startswith(JUDGE) and is_asked:
                yield row, result


def _item(item_id: str, graded: Sequence[Graded], rules: QueueRules, share: float) -> QueueItem:
    row, result = graded[0]
    said, answer_id = conversation_of(row), answer_id_of(row, rules.pseudonym)
    spoken = tuple(
        Spoken(f"{answer_id}-{n}", "user" if role == "user" else "assistant", text)
        for n, (role, text) in enumerate(said)
    )
    item = ReviewItem(
        item_id=item_id,
        batch_id=f"{BATCH}{rules.run}",
        kind="criterion",
        locale=row.locale,
        persona=row.persona,
        stage=row.stage,
        conversation=spoken,
        criterion=AskedCriterion(result.id, result.text),
    )
    return QueueItem(item, replace(_origin(item, graded, rules), probability=share))


def _origin(item: ReviewItem, graded: Sequence[Graded], rules: QueueRules) -> Origin:
    row = graded[0][0]
    return Origin(
        item_id=item.item_id,
        conversation_id=f"{row.suite}/{row.case}",
        message_ids=tuple(spoken.message_id for spoken in item.conversation),
        source=f"{GATE}{rules.run}",
        prompts=tuple(dict.fromkeys(f"{one.prompt}@{one.prompt_version}" for one, _ in graded)),
        models=tuple(dict.fromkeys(_model(one) for one, _ in graded)),
        outcomes=tuple(dict.fromkeys(one.answer.outcome for one, _ in graded if one.answer)),
        verdicts=tuple(dict.fromkeys(_verdict(one, result) for one, result in graded)),
        suite=row.suite,
        case=row.case,
        is_simulated=any(one.is_simulated for one, _ in graded),
    )


def _model(row: Row) -> str:
    return (row.answer.model_snapshot if row.answer else "") or row.model


def _verdict(row: Row, result: CriterionResult) -> JudgeVerdict:
    return JudgeVerdict(
        grader=result.grader,
        judge=judge_of(result.grader, result.judge),
        criterion=place_of(row.suite, result),
        axis=result.axis,
        met=result.met,
        is_simulated=bool(result.judge and result.judge.is_simulated),
        good_when_met=result.points > 0,
        never=result.never,
    )
