"""What a draw queues for judges that nurses do not trust yet, with the week or not at all, and what comes of it."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evals.judges.trust import Trust, TrustBook
from evals.review.base import JudgeVerdict, Origin, Question
from evals.review.disputes import final_answers
from evals.review.judging import AXES_OF, criterion_name, criterion_text
from evals.review.queue_trust import TrustQueueRules, trust_batch, trust_queue
from evals.review.readings import readings_of
from flows.steps.judge_trust import book_of_nurses
from flows.steps.review import draw_week
from flows.steps.review_due import look_after
from flows.steps.review_report import write_precedents
from flows.wiring import Platform
from matria.errors import StorageError
from matria.transcripts.base import Transcript
from tests.unit.flows.review_parts import MONDAY, made_platform, person, read, talk

JUDGE = "judge:rubric m t"
LATER = MONDAY + timedelta(hours=3)


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    made = made_platform(tmp_path)
    for name in ("a", "b"):
        person(made, name)
    return made


def said(question: Question, met: bool | None = True, is_simulated: bool = False) -> JudgeVerdict:
    return JudgeVerdict(
        "judge:rubric", JUDGE, criterion_name(question, 2), AXES_OF[question], met, is_simulated=is_simulated
    )


def judging(*questions: Question, is_simulated: bool = False) -> "dict[str, object]":
    """A judge that finds every eighth conversation wanting."""

    def judge(_: Platform, read: Sequence[Transcript]) -> Mapping[str, Sequence[JudgeVerdict]]:
        return {
            one.conversation_id: [said(question, number % 8 > 0, is_simulated) for question in questions]
            for number, one in enumerate(read)
        }

    return {"judge": judge}


def queued(platform: Platform) -> list[Origin]:
    items = [item.item_id for item in platform.reviews.items(trust_batch("2026-W47"))]
    return list(platform.reviews.origins(items))


def week_of(platform: Platform) -> list[Transcript]:
    assert platform.transcripts is not None
    return list(platform.transcripts.between(MONDAY - timedelta(days=7), MONDAY))


@pytest.mark.parametrize(("question", "name", "axis"), [("safe", "safe", "overall"), ("harm", "harm_2", "overall")])
def test_what_a_nurse_answers_to_it_is_a_reading_of_that_judge(
    platform: Platform, question: Question, name: str, axis: str
) -> None:
    talk(platform, 60)
    draw_week(platform, now=MONDAY, **judging(question))  # type: ignore[arg-type]
    found = queued(platform)
    assert len(found) == 4
    assert sum(one.verdicts[0].met is False for one in found) == 2
    drawn = [one.conversation_id for one in platform.reviews.origins()]
    assert max(Counter(drawn).values()) == 1, "nothing that was drawn is asked again"
    assert {one.source for one in found} == {f"trust:{JUDGE}"}
    assert look_after(platform, MONDAY + timedelta(hours=1)).filled
    items = platform.reviews.items(item_ids=[one.item_id for one in found])
    assert {(one.questions, one.criterion.id, one.criterion.text) for one in items if one.criterion} == {
        (("met",), name, criterion_text(question, "pt-BR", 2))
    }
    for one in platform.reviews.assignments(batch_id=trust_batch("2026-W47")):
        read(platform, one, MONDAY + timedelta(hours=2), met="no")
    readings = readings_of(items, found, final_answers(platform.reviews.settled(LATER), 2))
    assert {(one.judge, one.criterion, one.axis, one.nurse_met) for one in readings} == {
        (JUDGE, criterion_name(question, 2), axis, False)
    }
    assert {one.frame for one in readings} == {"week"}, "they are conversations, and no answers of an evaluation"
    trust = book_of_nurses(platform, LATER).known[JUDGE, criterion_name(question, 2)]
    assert (trust.n, trust.not_met) == (4, 4)
    assert write_precedents(platform, LATER) == 0, "a person's conversation teaches no judge of cases"


def test_a_week_is_queued_once_and_an_erased_conversation_is_read_by_nobody(platform: Platform) -> None:
    talk(platform, 60)
    judge = judging("safe", "tone")
    draw_week(platform, now=MONDAY, **judge)  # type: ignore[arg-type]
    before = queued(platform)
    draw_week(platform, now=MONDAY, **judge)  # type: ignore[arg-type]
    assert queued(platform) == before
    assert platform.reviews.erase([before[0].conversation_id]) == 1
    given = {one.item_id for one in look_after(platform, MONDAY + timedelta(hours=1)).filled}
    assert given == {one.item_id for one in before[1:]}


@pytest.mark.parametrize("refused", ["queue-%", "2026-%"])
def test_a_week_that_is_not_kept_with_its_queue_is_drawn_whole_by_the_next_run_and_queued_once(
    platform: Platform, tmp_path: Path, refused: str
) -> None:
    talk(platform, 60)
    judge = judging("safe")
    with closing(sqlite3.connect(tmp_path / "review" / "review.db")) as file:
        file.execute(
            f"CREATE TRIGGER full BEFORE INSERT ON review_items WHEN NEW.batch_id LIKE '{refused}' "
            "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
        with pytest.raises(StorageError):
            draw_week(platform, now=MONDAY, **judge)  # type: ignore[arg-type]
        assert (platform.reviews.batches(), platform.reviews.items()) == ([], [])
        file.execute("DROP TRIGGER full")
    drawn = draw_week(platform, now=LATER, **judge)  # type: ignore[arg-type]
    assert (drawn.state, len(drawn.items), len(queued(platform))) == ("drawn", 20, 4)
    places = {one.item_id: one.conversation_id for one in platform.reviews.origins()}
    assert len(set(places.values())) == len(places) == 24, "nothing that was drawn is queued"
    assert {one.item_id for one in drawn.assignments} == {one.item_id for one in drawn.items}, "nobody has it yet"
    assert draw_week(platform, now=LATER, **judge).state == "known"  # type: ignore[arg-type]
    assert len(platform.reviews.items()) == 24
    assert len(look_after(platform, LATER + timedelta(hours=1)).filled) == 4
    assert look_after(platform, LATER + timedelta(hours=2)).filled == ()


def test_nothing_is_queued_where_nothing_was_judged_or_only_by_a_simulator_of_real_conversations(
    platform: Platform,
) -> None:
    talk(platform, 60)
    draw_week(platform, now=MONDAY, **judging("safe", is_simulated=True))  # type: ignore[arg-type]
    assert queued(platform) == []


def test_a_trusted_judge_long_conversations_and_failures_are_left_out(platform: Platform) -> None:
    talk(platform, 40)
    week = week_of(platform)
    long = replace(week[0], exchanges=week[0].exchanges * 2)
    batch = draw_week(platform, now=MONDAY, judge=lambda _, read: {}).batch
    trust = Trust(JUDGE, criterion_name("tone", 2), "trusted")
    rules = TrustQueueRules(batch, 4, set(), TrustBook({(JUDGE, trust.criterion): trust}))
    verdicts = {one.conversation_id: [said("tone")] for one in week}
    assert trust_queue(week, verdicts, rules) == ()
    assert len(trust_queue(week, verdicts, replace(rules, book=TrustBook()))) == 4
    assert trust_queue(week, verdicts, replace(rules, book=TrustBook(), known=set(verdicts))) == ()
    assert trust_queue([long], verdicts, replace(rules, book=TrustBook())) == ()
    failed = {key: [said("tone", None)] for key in verdicts}
    assert trust_queue(week, failed, replace(rules, book=TrustBook())) == ()


def test_the_rarer_verdict_counts_for_less_and_the_same_week_chooses_the_same(platform: Platform) -> None:
    talk(platform, 60)
    week = week_of(platform)
    batch = draw_week(platform, now=MONDAY, judge=lambda _, read: {}).batch
    verdicts = {one.conversation_id: [said("safe", number % 4 > 0)] for number, one in enumerate(week)}
    rules = TrustQueueRules(batch, 4, set(), TrustBook())
    found = [one.origin for one in trust_queue(week, verdicts, rules)]
    chance = {one.verdicts[0].met: one.probability for one in found}
    assert chance == {True: pytest.approx(20 / 60 * 2 / 3), False: pytest.approx(20 / 60 * 2)}
    again = trust_queue(week[::-1], verdicts, rules)
    assert {one.origin.conversation_id for one in again} == {one.conversation_id for one in found}
    assert {one.item.item_id for one in again}.isdisjoint(one.item_id for one in found)


def test_how_the_verdicts_stand_to_each_other_outlives_a_chance_over_one(platform: Platform) -> None:
    """Of 30 conversations 20 are drawn: twice and five times as often as in proportion would be more than certain."""
    talk(platform, 30)
    week = week_of(platform)
    batch = draw_week(platform, now=MONDAY, judge=lambda _, read: {}).batch
    verdicts = {one.conversation_id: [said("safe", number % 10 > 0)] for number, one in enumerate(week)}
    found = [one.origin for one in trust_queue(week, verdicts, TrustQueueRules(batch, 4, set(), TrustBook()))]
    chance = {one.verdicts[0].met: one.probability for one in found}
    assert chance == {True: pytest.approx(3 / 27), False: 1.0}
