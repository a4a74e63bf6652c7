"""What a gate puts before nurses: blind, once, the gravest first; and what they said decides the next gate."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evals.comparison import compare
from evals.confirmation import CONFIRMATION_EPOCH
from evals.gate import Verdict
from evals.judges.trust import TrustBook, place_of
from evals.pairs import Pair, paired
from evals.review.base import Answers, Assignment, Review, Reviewer
from evals.review.queue import Queue, QueueRules, queue_of
from evals.review.rulings import conversation_of, item_id_of, rulings_of
from evals.review.store.sql import SqlReviews
from evals.rows import CriterionResult, JudgeMark, Row
from evals.standing import ToRead
from evals.trusted_gate import GateRules, decide_with_trust
from evals.trusted_rows import Deciders, NoRulings, Rulings
from evals.waivers import NO_WAIVERS
from matria import PROJECT_ROOT
from matria.policy import Policy, load_policy
from tests.unit.evals.comparison_rows import result, row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MARK = JudgeMark("m-1", "t-1", (0,))
NURSE = Reviewer("nurse-a", "A", "a@example.org")


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(PROJECT_ROOT / "policy.yaml")


def pseudonym(domain: str, value: str) -> str:
    return hashlib.sha256(f"secret/{domain}/{value}".encode()).hexdigest()


def judged(name: str, met: bool | None, points: float = 10, *, never: bool = False) -> CriterionResult:
    return replace(result(name, "danger_signs", points, met, never), grader="judge:rubric", judge=MARK)


def side(name: str, outcomes: Iterable[bool], *, never: bool = False, points: float = 10) -> list[Row]:
    """One row a case: a rule that never moves, and a judge."""
    return [
        row(
            f"case-{n:02}.en",
            [result("r", "tone", 10, True), judged("j", met, points, never=never)],
            side=name,
            text=f"{name} says {n}",
        )
        for n, met in enumerate(outcomes)
    ]


def decided(base: Sequence[Row], head: Sequence[Row], policy: Policy, rulings: Rulings = NoRulings()) -> Verdict:  # noqa: B008
    def pairs() -> Iterator[Pair]:
        return paired(base, head)

    rules = GateRules(policy, policy, NO_WAIVERS, date(2026, 11, 20))
    return decide_with_trust(pairs, compare(pairs(), policy), rules, Deciders(TrustBook(), rulings))


def queued(base: Sequence[Row], head: Sequence[Row], policy: Policy, *, most: int = 12, settled: Any = ()) -> Queue:
    standings = decided(base, head, policy).standings
    assert standings is not None
    rules = QueueRules("abc123", most, pseudonym, settled)
    return queue_of(paired(base, head), standings.to_read, standings.wanted, rules)


FINE = [True] * 40
LOST = [False] * 4 + [True] * 36
HARM = [*FINE[1:], False]


def test_both_answers_are_items_of_their_own_that_tell_nothing_of_their_side(policy: Policy) -> None:
    queue = queued(side("base", FINE, never=True), side("head", HARM, never=True), policy)
    first, second = (one.item for one in queue.items)
    assert {one.conversation[-1].text for one in (first, second)} == {"base says 39", "head says 39"}
    assert first.conversation[0].text == second.conversation[0].text == "Question of case-39.en?"
    told = [json.dumps(asdict(replace(one, item_id="", conversation=())), default=str) for one in (first, second)]
    assert told[0] == told[1], "but for its id and its words one item is like the other"
    assert not any(word in told[0] for word in ("base", "head", "rubric", "m-1", "1.0.0"))
    assert "Be kind." not in str(queue.items[0].item), "the system prompt stays away"
    assert first.questions == ("met",)
    assert (first.kind, first.batch_id, first.locale) == ("criterion", "queue-abc123", "en")


def test_the_order_is_that_of_the_ids_and_so_none(policy: Policy) -> None:
    base, head = side("base", FINE, never=True), side("head", HARM, never=True)
    ids = [one.item.item_id for one in queued(base, head, policy).items]
    assert ids == sorted(ids)
    assert all(len(one) == 32 for one in ids)


def test_where_it_comes_from_is_kept_apart_with_what_the_judge_said(policy: Policy) -> None:
    queue = queued(side("base", FINE, never=True), side("head", HARM, never=True), policy)
    said = {one.item.conversation[-1].text: one.origin for one in queue.items}
    (verdict,) = said["head says 39"].verdicts
    graded = judged("j", False, never=True)
    assert (verdict.judge, verdict.criterion, verdict.met) == (
        "judge:rubric m-1 t-1",
        place_of("danger_signs", graded),
        False,
    )
    assert said["base says 39"].verdicts[0].met is True
    assert said["head says 39"].source == "gate:abc123"
    assert (said["head says 39"].suite, said["head says 39"].case) == ("danger_signs", "case-39.en")
    assert said["head says 39"].prompts == ("gestante/triagem.en@1.0.0",)


def test_an_item_keeps_the_share_that_was_queued_of_what_the_judge_found_so(policy: Policy) -> None:
    head = [*FINE[2:], False, False]
    queue = queued(side("base", FINE, never=True), side("head", head, never=True), policy)
    shares = {one.item.conversation[-1].text: one.origin.probability for one in queue.items}
    assert shares == {
        "head says 38": 1.0,
        "head says 39": 1.0,
        "base says 38": 2 / 78,
        "base says 39": 2 / 78,
    }, "both that it found bad, and two of the 78 that it found good"


def test_what_lies_there_already_takes_no_room_and_what_is_new_no_more_than_there_is(policy: Policy) -> None:
    base, head = side("base", FINE), side("head", LOST)
    standings = decided(base, head, policy).standings
    assert standings is not None

    def ids(**bounds: Any) -> list[str]:
        rules = QueueRules("abc123", 12, pseudonym, **bounds)
        queue = queue_of(paired(base, head), standings.to_read, standings.wanted, rules)
        assert queue.total == 8, "what is not taken waits all the same"
        return [one.item.item_id for one in queue.items]

    assert len(ids()) == len(ids(room=8)) == 8
    assert ids(room=0) == []
    there = ids()[::3]
    assert set(there) < set(ids(room=2, there=there))
    assert len(ids(room=2, there=there)) == len(there) + 2


def test_the_gravest_come_first_up_to_the_cap(policy: Policy) -> None:
    base = [
        *side("base", [True] * 20),
        *(replace(r, case=f"grave-{r.case}") for r in side("base", [True] * 20, points=50)),
    ]
    head = [
        *side("head", [False] * 20),
        *(replace(r, case=f"grave-{r.case}") for r in side("head", [False] * 20, points=50)),
    ]
    queue = queued(base, head, policy, most=6)
    assert (len(queue.items), queue.total) == (6, 80)
    assert all(one.origin.case.startswith("grave-") for one in queue.items)


def test_the_same_answer_is_one_item_in_every_run(policy: Policy) -> None:
    base, head = side("base", FINE, never=True), side("head", HARM, never=True)
    again = [replace(r, answer=replace(r.answer, graded_text="head says 39")) for r in head[-1:] if r.answer]
    repeats = [replace(again[0], epoch=CONFIRMATION_EPOCH + n, key=f"k{n}") for n in range(3)]
    once = {one.item.item_id for one in queued(base, head, policy).items}
    assert {one.item.item_id for one in queued(base, [*head, *repeats], policy).items} == once


def test_another_answer_question_or_criterion_is_another_item() -> None:
    (one,) = side("head", [True])
    graded = one.criteria[1]
    ids = {
        item_id_of(one, graded, pseudonym),
        item_id_of(row("case-00.en", [graded], text="Other."), graded, pseudonym),
        item_id_of(one, replace(graded, text="Another wording."), pseudonym),
        item_id_of(replace(one, messages=one.messages[:1]), graded, pseudonym),
        item_id_of(one, graded, lambda domain, value: pseudonym("other secret", value)),
    }
    assert len(ids) == 5


def test_the_answer_is_masked(policy: Policy) -> None:
    base, head = side("base", FINE, never=True), side("head", HARM, never=True)
    head[-1] = replace(head[-1], answer=replace(head[-1].answer, graded_text="Her CPF is 529.982.247-25."))  # type: ignore[type-var]
    texts = [one.item.conversation[-1].text for one in queued(base, head, policy).items]
    assert "Her CPF is [CPF]." in texts


def test_two_answers_of_which_a_nurse_sees_the_same_are_two_items() -> None:
    (one,) = side("head", [True])
    texts = ("Her CPF is 529.982.247-25.", "Her CPF is 111.444.777-35.")
    both = [replace(one, answer=replace(one.answer, graded_text=text)) for text in texts]  # type: ignore[type-var]
    assert conversation_of(both[0]) == conversation_of(both[1])
    assert len({item_id_of(each, each.criteria[1], pseudonym) for each in both}) == 2


def test_what_was_read_is_the_same_answer_for_each_of_its_criteria() -> None:
    both = [judged("j", met=False), judged("k", met=False, points=-5)]
    one = row("case-00.en", both, text="An answer.")
    (pair,) = paired([replace(one, key="b")], [one])
    places = [ToRead(*pair.key, name) for name in ("j", "k")]
    found = queue_of([pair], places, "regressions", QueueRules("x", 12, pseudonym)).items
    assert len({each.item.item_id for each in found}) == 2
    assert len({each.origin.message_ids[-1] for each in found}) == 1
    assert {each.origin.verdicts[0].good_when_met for each in found} == {True, False}


def test_what_is_settled_is_not_asked_again(policy: Policy) -> None:
    base, head = side("base", FINE, never=True), side("head", HARM, never=True)
    first, second = (one.item.item_id for one in queued(base, head, policy).items)
    left = queued(base, head, policy, settled={first})
    assert [one.item.item_id for one in left.items] == [second]


def test_a_never_event_that_one_nurse_cleared_still_waits_for_the_second(policy: Policy) -> None:
    base, head = side("base", FINE, never=True), side("head", HARM, never=True)
    first = queued(base, head, policy)
    reviews = [
        Review(one.item.item_id, "nurse-a", "first", Answers({"met": "yes"}), NOW, 1, "web") for one in first.items
    ]
    rulings = rulings_of(reviews, policy.count("review.dispute_steps"), pseudonym)
    rules = QueueRules("r", 12, pseudonym, rulings.met.keys(), rulings.alone, rulings.unsure)
    standings = decided(base, head, policy, rulings).standings
    assert standings is not None
    assert queue_of(paired(base, head), standings.to_read, standings.wanted, rules).total == 2
    assert all(one.origin.verdicts[0].never for one in first.items)


def test_what_nurses_could_not_tell_makes_room_for_the_next_and_is_counted(policy: Policy) -> None:
    base, head = side("base", [True] * 20), side("head", [False] * 20)
    first = queued(base, head, policy, most=6)
    reviews = [
        Review(one.item.item_id, "nurse-a", "first", Answers({"met": "cannot_tell"}), NOW, 1, "web")
        for one in first.items
    ]
    rulings = rulings_of(reviews, policy.count("review.dispute_steps"), pseudonym)
    standings = decided(base, head, policy, rulings).standings
    assert standings is not None
    rules = QueueRules("r", 6, pseudonym, rulings.met.keys(), rulings.alone, rulings.unsure)
    left = queue_of(paired(base, head), standings.to_read, standings.wanted, rules)
    assert not {one.item.item_id for one in left.items} & {one.item.item_id for one in first.items}
    assert (len(left.items), left.total, left.unsure) == (6, first.total - 6, 6)


def test_a_rule_s_loss_is_nothing_for_nurses(policy: Policy) -> None:
    base = [row(f"c{n}.en", [result("r", "tone", 10, True)], side="base") for n in range(40)]
    head = [row(f"c{n}.en", [result("r", "tone", 10, n > 20)]) for n in range(40)]
    assert decided(base, head, policy).standings is None
    assert queue_of(paired(base, head), [ToRead("danger_signs", "c1.en", "gestante/triagem.en", "r")], "regressions",
                    QueueRules("x", 12, pseudonym)).items == ()  # fmt: skip


def put(records: SqlReviews, queue: Queue) -> int:
    return records.put_items([one.item for one in queue.items], [one.origin for one in queue.items], ())


def read(records: SqlReviews, item_id: str, met: str, nurse: Reviewer = NURSE, part: Any = "first") -> None:
    records.put_reviewer(nurse)
    records.assign([Assignment(item_id, nurse.reviewer_id, part, NOW, NOW)])
    said = Review(item_id, nurse.reviewer_id, part, Answers({"met": met}), NOW, 1, "web")
    assert records.submit(said, 0).state == "kept"


@pytest.fixture
def records(tmp_path: Path) -> SqlReviews:
    return SqlReviews(tmp_path / "review.db", lambda text: text, lambda: NOW)


@pytest.mark.parametrize(
    ("said", "state", "waits"),
    [
        ({"head": "yes yes", "base": "yes"}, "not_worse", False),
        ({"head": "yes", "base": "yes"}, "inconclusive", True),
        ({"head": "no", "base": "yes"}, "blocked", False),
        ({"head": "no"}, "blocked", False),
        ({"head": "yes yes"}, "not_worse", False),
        ({"base": "yes"}, "inconclusive", True),
        ({"head": "cannot_tell", "base": "cannot_tell"}, "inconclusive", True),
    ],
)
def test_what_nurses_said_decides_the_next_run(
    policy: Policy, records: SqlReviews, said: dict[str, str], state: str, waits: bool
) -> None:
    base, head = side("base", FINE, never=True), side("head", HARM, never=True)
    queue = queued(base, head, policy)
    assert put(records, queue) == 2
    assert put(records, queue) == 0, "twice is the same as once"
    ids = {one.item.conversation[-1].text.split()[0]: one.item.item_id for one in queue.items}
    parts = (("first", NURSE), ("second", Reviewer("nurse-b", "B", "b@example.org")))
    for name, answers in said.items():
        for met, (part, nurse) in zip(answers.split(), parts, strict=False):
            read(records, ids[name], met, nurse, part)
    unsettled = rulings_of(records.settled(NOW), policy.count("review.dispute_steps"), pseudonym)
    assert decided(base, head, policy, unsettled).state == "inconclusive", "what can be undone decides nothing"
    rulings = rulings_of(records.settled(NOW + timedelta(hours=1)), policy.count("review.dispute_steps"), pseudonym)
    verdict = decided(base, head, policy, rulings)
    assert verdict.state == state
    assert verdict.standings is not None
    assert bool(verdict.standings.to_read) == waits


def test_two_nurses_who_differ_settle_nothing_until_a_lead_decides(policy: Policy, records: SqlReviews) -> None:
    base, head = side("base", FINE, never=True), side("head", HARM, never=True)
    queue = queued(base, head, policy)
    put(records, queue)
    (harmful,) = (one.item.item_id for one in queue.items if one.origin.verdicts[0].met is False)
    steps, later = policy.count("review.dispute_steps"), NOW + timedelta(hours=1)
    read(records, harmful, "yes")
    read(records, harmful, "no", Reviewer("nurse-b", "B", "b@example.org"), "second")
    disputed = rulings_of(records.settled(later), steps, pseudonym)
    assert decided(base, head, policy, disputed).state == "inconclusive"
    read(records, harmful, "no", Reviewer("lead-c", "C", "c@example.org", "lead"), "adjudicator")
    assert decided(base, head, policy, rulings_of(records.settled(later), steps, pseudonym)).state == "blocked"
