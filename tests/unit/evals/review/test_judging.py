"""Judges are asked of conversations chosen by chance, answer by answer, and a failure is never a verdict."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from evals.budget import BudgetReached
from evals.judges.base import Judge, JudgeFailed, Judgement, JudgeQuestion
from evals.judges.params import parse_judge
from evals.judges.rubric import RubricJudge
from evals.judges.trust import judge_of
from evals.review.base import OPTIONS, QUESTIONS, JudgeVerdict
from evals.review.frame import judges_of
from evals.review.judging import chosen, criterion_name, criterion_text, judge_conversations, question_named
from evals.review.outcomes import outcomes
from evals.review.web.words.texts import words as page_words
from evals.rows import JudgeMark
from matria.errors import SettingsError
from matria.messages import LOCALES
from matria.settings import JudgeSettings
from matria.transcripts.base import Exchange, Transcript
from models.assistant.openai import simulated_chat
from models.simulator.judge_review import verdict

AT = datetime(2026, 11, 18, 9, tzinfo=UTC)
MARK = JudgeMark("model-1", "abc", (0,))
SAFE = criterion_name("safe", 2)


def transcript(name: str, *texts: tuple[str, str]) -> Transcript:
    exchanges = tuple(
        Exchange(
            name, f"{name}{n}", AT + timedelta(minutes=n), "pt-PT", "gestante", "", asked, shown, "answered", "p", "1",
            "h", "m",
        )
        for n, (asked, shown) in enumerate(texts)
    )  # fmt: skip
    return Transcript(name, exchanges)


@dataclass
class Says:
    """A judge that says what it is told to of an answer, and remembers what it was asked."""

    say: Callable[[JudgeQuestion], bool | None]
    asked: list[JudgeQuestion] = field(default_factory=list)
    most_at_once: int = 0
    now: int = 0
    identity: str = "says"

    async def grade(self, question: JudgeQuestion) -> Judgement:
        self.asked.append(question)
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        met = self.say(question)
        if met is None:
            raise JudgeFailed("no reply", JudgeMark("", "abc", (0,)))
        return Judgement(met, "", "", MARK)


async def judged(judge: Judge, *transcripts: Transcript, most: int = 9) -> dict[str, dict[str, JudgeVerdict]]:
    found = await judge_conversations(transcripts, {"rubric": judge}, seed=1, most=most, harm_from=2, in_flight=3)
    return {name: {one.criterion: one for one in verdicts} for name, verdicts in found.items()}


async def test_each_answer_is_judged_with_what_came_before_it() -> None:
    judge = Says(lambda question: True)
    found = await judged(judge, transcript("a", ("Dói.", "Onde?"), ("Na barriga.", "Vá já.")))
    assert list(found["a"]) == [criterion_name(question, 2) for question in QUESTIONS]
    assert all(one.met for one in found["a"].values())
    assert len(judge.asked) == 2 * len(QUESTIONS)
    second = [one for one in judge.asked if one.answer == "Vá já."]
    assert {tuple(m.content for m in one.conversation) for one in second} == {("Dói.", "Onde?", "Na barriga.")}
    assert {one.criterion for one in second} == {criterion_text(q, "pt-PT", 2) for q in QUESTIONS}
    assert judge.most_at_once <= 3
    assert found["a"][SAFE].judge == judge_of("judge:rubric", MARK) == "judge:rubric model-1 abc"


@pytest.mark.parametrize(
    ("parts", "met"),
    [((True, True), True), ((True, False), False), ((None, False), False), ((True, None), None), ((None, None), None)],
)
async def test_a_conversation_is_met_where_all_its_answers_are(
    parts: tuple[bool | None, ...], met: bool | None
) -> None:
    judge = Says(lambda question: parts[int(question.answer)])
    found = await judged(judge, transcript("a", *[("?", str(number)) for number in range(len(parts))]))
    assert found["a"][criterion_name("tone", 2)].met is met


async def test_two_judges_of_one_answer_can_differ_and_each_is_held_by_its_own_name() -> None:
    yes, no = Says(lambda question: True), Says(lambda question: "segura" not in question.criterion)
    judges: dict[str, Judge] = {"rubric": yes, "deepeval": no}
    found = await judge_conversations([transcript("a", ("?", "."))], judges, seed=1, most=9, harm_from=2)
    assert [(one.judge, one.met) for one in found["a"] if one.criterion == SAFE] == [
        ("judge:rubric model-1 abc", True),
        ("judge:deepeval model-1 abc", False),
    ]
    assert judges_of(found["a"]) == "differ"
    assert all(parse_judge({"name": "deepeval", **one.params}).params for one in no.asked)
    assert all(one.params["steps"] == [one.criterion] for one in no.asked)
    assert not any(one.params for one in yes.asked)


async def test_a_failure_is_put_down_to_the_judge_that_answers_otherwise() -> None:
    judge = Says(lambda question: None if question.answer == "mute" else True)
    found = await judged(judge, transcript("a", ("?", "mute")), transcript("b", ("?", "said")))
    assert found["a"][SAFE].met is None
    assert found["a"][SAFE].judge == found["b"][SAFE].judge == "judge:rubric model-1 abc"


def test_the_name_of_a_question_holds_its_wording_and_the_degree_of_harm() -> None:
    assert [question_named(criterion_name(question, 2)) for question in QUESTIONS] == [
        *((question, 0) for question in QUESTIONS if question != "harm"),
        ("harm", 2),
    ]
    assert criterion_name("harm", 2).startswith("review/harm_2#")
    assert len({criterion_name("harm", degree) for degree in (1, 2, 3)}) == 3
    assert question_named("suite/safe#12345678") is None


@pytest.mark.parametrize("degree", [0, 4])
def test_a_degree_that_no_harm_has_is_refused_in_a_sentence(degree: int) -> None:
    for refused in (lambda: criterion_text("harm", "en", degree), lambda: outcomes(degree)):
        with pytest.raises(SettingsError, match=f"review.harm_from is {degree}: set 1"):
            refused()


def test_who_is_judged_depends_on_seed_and_ids_alone() -> None:
    many = [transcript(f"c{number}", ("?", ".")) for number in range(40)]
    other = [transcript(f"c{number}", ("Socorro!", "!")) for number in reversed(range(40))]
    names = [one.conversation_id for one in chosen(many, 7, seed=3)]
    assert len(set(names)) == 7
    assert names == [one.conversation_id for one in chosen(other, 7, seed=3)]
    assert names != [one.conversation_id for one in chosen(many, 7, seed=4)]
    assert len(chosen(many, 60, seed=3)) == 40


async def test_a_budget_that_is_reached_leaves_what_was_read_whole() -> None:
    many = [transcript(f"c{number}", ("?", "."), ("?", ".")) for number in range(9)]

    def say(question: JudgeQuestion) -> bool | None:
        if len(judge.asked) > 30:  # in the third conversation, of twelve questions each
            raise BudgetReached("The cap was reached.")
        return True

    judge = Says(say)
    found = await judged(judge, *many)
    assert list(found) == [one.conversation_id for one in chosen(many, 9, seed=1)][:2]
    assert all(len(verdicts) == len(QUESTIONS) for verdicts in found.values())


async def test_what_is_no_failure_of_the_judge_is_raised_and_no_other_conversation_asked() -> None:
    class Broken(Exception):
        pass

    def say(question: JudgeQuestion) -> bool | None:
        raise Broken

    judge = Says(say)
    with pytest.raises(Broken):
        await judged(judge, *[transcript(f"c{number}", ("?", ".")) for number in range(9)])
    assert len(judge.asked) <= len(QUESTIONS)


async def test_the_simulated_judge_reads_a_conversation_and_says_that_it_is_simulated() -> None:
    from evals.judges.asking import JudgeModel

    chat = simulated_chat(JudgeSettings())
    try:
        judge = RubricJudge(JudgeModel(chat, "simulator-1", 3))
        found = await judged(judge, transcript("a", ("Estou com 34 semanas e sangrando.", "Vá já à maternidade.")))
    finally:
        await chat.aclose()
    assert all(one.met is not None and one.is_simulated for one in found["a"].values())


def test_the_simulated_judge_knows_each_question_in_each_language_by_its_opening_words() -> None:
    asked = {
        "en": "I am 30 weeks and bleeding.",
        "pt-BR": "Estou de 30 semanas e sangrando.",
        "pt-PT": "Estou a sangrar.",
    }
    for locale in LOCALES:
        for harm_from in (1, 2, 3):
            texts = {question: criterion_text(question, locale, harm_from) for question in QUESTIONS}
            found = {question: verdict(f"user: {asked[locale]}", "Ok.", text) for question, text in texts.items()}
            assert found == {question: question in ("correct", "tone") for question in QUESTIONS}


def test_every_question_has_words_in_every_language_that_belong_to_it() -> None:
    for harm_from in (1, 2, 3):
        for question in QUESTIONS:
            assert len({criterion_text(question, locale, harm_from) for locale in LOCALES}) == 3
    assert "bebê" in criterion_text("safe", "pt-BR", 2)
    assert "bebé" in criterion_text("safe", "pt-PT", 2)


def test_a_judge_is_asked_of_harm_what_a_nurse_is_asked_by_the_same_degrees() -> None:
    expected = {
        "en": "could reasonably be expected",
        "pt-BR": "seria razoável esperar",
        "pt-PT": "seria razoável esperar",
    }
    for locale in LOCALES:
        page = page_words(locale)
        assert expected[locale] in page("question.harm.help")
        for harm_from in (1, 2, 3):
            text = criterion_text("harm", locale, harm_from)
            assert expected[locale] in text
            assert page(f"question.harm.{OPTIONS['harm'][harm_from - 1]}_hint") in text
