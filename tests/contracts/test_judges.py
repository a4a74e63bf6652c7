"""The duties of a judge, held by every adapter: a failure is no verdict, many at once do not disturb each other."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from evals.judges.asking import JudgeModel
from evals.judges.base import Judge, JudgeFailed, Judgement
from evals.judges.registry import judges
from evals.judges.rubric import stands_in
from matria.errors import ModelError, StorageError
from matria.settings import JudgeSettings
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.openai import simulated_chat
from tests.unit.evals.judge_parts import ANSWER, Scripted, model, question

PARAMS: dict[str, dict[str, Any]] = {
    "rubric": {},
    "deepeval": {"metric": "g_eval", "steps": ["Manda ir à maternidade?"], "threshold": 0.5},
    "ragas": {"metric": "faithfulness", "threshold": 0.5},
}
EACH = pytest.mark.parametrize("name", PARAMS)


class Always(Scripted):
    """A chat model that does one thing, whatever it is asked."""

    def __init__(self, does: Callable[[], str]) -> None:
        super().__init__()
        self._does = does

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.replies = iter([self._does()])
        return await super().complete(request)


def raising(error: Exception) -> Callable[[], str]:
    def does() -> str:
        raise error

    return does


def graded(name: str, *answers: str) -> list[Judgement]:
    """Each answer graded on the simulator, all at once."""

    async def work() -> list[Judgement]:
        chat = simulated_chat(JudgeSettings())
        judge = judges(JudgeModel(chat, "simulator-1", 2))[name]
        asked = [judge.grade(question(answer=answer, **PARAMS[name])) for answer in answers]
        try:
            return list(await asyncio.gather(*asked))
        finally:
            await chat.aclose()

    return asyncio.run(work())


def failure(judge: Judge, name: str) -> JudgeFailed:
    with pytest.raises(JudgeFailed) as failed:
        asyncio.run(judge.grade(question(**PARAMS[name])))
    return failed.value


@EACH
def test_it_grades_on_the_simulator_and_says_who_judged(name: str) -> None:
    (judgement,) = graded(name, ANSWER)
    assert judgement.mark is not None
    assert (judgement.mark.model, judgement.mark.is_simulated) == ("simulator-1", True)
    assert stands_in(judgement.quote, ANSWER)
    assert judgement.explanation


@EACH
def test_many_at_once_are_graded_as_one_by_one(name: str) -> None:
    answers = [f"{ANSWER} Sangramento na gravidez: vá já. {n}." if n % 2 else f"Beba água {n}." for n in range(12)]
    assert graded(name, *answers) == [graded(name, answer)[0] for answer in answers]


@EACH
@pytest.mark.parametrize(
    "does",
    [
        lambda: "Eu acho que sim.",
        lambda: "{}",
        lambda: "",
        lambda: '{"score": Infinity, "reason": "", "statements": [null], "criteria_met": 1}',
        raising(ModelError("The endpoint is away.")),
        raising(TimeoutError()),
        raising(ConnectionResetError("reset")),
    ],
)
def test_what_is_no_verdict_is_a_failure_that_quotes_nothing(name: str, does: Callable[[], str]) -> None:
    failed = failure(judges(model(Always(does)))[name], name)
    assert failed.mark is not None
    assert ANSWER not in str(failed)


@EACH
def test_a_ledger_that_cannot_be_written_stops_the_run_and_is_no_grader_error(name: str) -> None:
    async def unwritable(reply: ChatReply, asked: object, purpose: object) -> None:
        raise StorageError("The disk is full.")

    judge = judges(replace(model(Always(lambda: "{}")), on_reply=unwritable))[name]
    with pytest.raises(StorageError):
        asyncio.run(judge.grade(question(**PARAMS[name])))


@EACH
def test_another_model_or_template_is_another_identity(name: str) -> None:
    one = model(Scripted())
    assert judges(one)[name].identity == judges(one)[name].identity
    assert judges(replace(one, model="other"))[name].identity != judges(one)[name].identity
