"""Ragas measures on our port and in our words; what it would turn into NaN is a failure of the judge."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from evals.judges.base import JudgeFailed, Judgement
from evals.judges.ragas import RagasJudge
from evals.judges.texts import task_text, templates_hash
from matria.messages import LOCALES, Locale
from tests.unit.evals.judge_parts import Scripted, model, question


def grade(chat: Scripted, locale: Locale = "pt-BR", **params: Any) -> Judgement:
    return asyncio.run(RagasJudge(model(chat)).grade(question(locale, **params)))


def stated(*statements: str) -> dict[str, Any]:
    return {"statements": list(statements)}


def supported(*verdicts: int) -> dict[str, Any]:
    return {"statements": [{"statement": f"s{n}", "reason": f"r{n}", "verdict": v} for n, v in enumerate(verdicts)]}


def useful(verdict: int) -> dict[str, Any]:
    return {"reason": "porque sim", "verdict": verdict}


def attributed(*verdicts: int) -> dict[str, Any]:
    return {
        "classifications": [{"statement": f"s{n}", "reason": f"r{n}", "attributed": v} for n, v in enumerate(verdicts)]
    }


# Two passages; the reference states g, the answer x and y, neither of which the reference supports. The first passage
# supports g and x, the second nothing: x is an error taken over from a relevant passage, y from none.
NOISE = [stated("g"), stated("x", "y"), supported(1), supported(1, 0), supported(0), supported(0, 0), supported(0, 0)]


@pytest.mark.parametrize(
    ("params", "replies", "score", "met"),
    [
        ({"metric": "faithfulness", "threshold": 0.6}, [stated("a", "b", "c"), supported(1, 0, 1)], 2 / 3, True),
        ({"metric": "faithfulness", "threshold": 0.7}, [stated("a", "b", "c"), supported(1, 0, 1)], 2 / 3, False),
        ({"metric": "context_precision", "threshold": 1.0}, [useful(1), useful(1)], 1.0, True),
        ({"metric": "context_precision", "threshold": 0.6}, [useful(0), useful(1)], 0.5, False),
        ({"metric": "context_recall", "threshold": 0.5}, [attributed(1, 0)], 0.5, True),
        ({"metric": "noise_sensitivity", "threshold": 0.2}, NOISE, 0.5, False),
        ({"metric": "noise_sensitivity", "threshold": 0.5}, NOISE, 0.5, True),
        ({"metric": "noise_sensitivity", "threshold": 0.0, "mode": "irrelevant"}, NOISE, 0.0, True),
    ],
)
def test_a_measure_becomes_a_grade_by_the_criterions_threshold(
    params: dict[str, Any], replies: Sequence[object], score: float, met: bool
) -> None:
    judgement = grade(Scripted(*replies), **params)
    assert judgement.mark is not None
    assert judgement.met == met
    assert judgement.mark.score == pytest.approx(score, abs=1e-6)
    assert (judgement.mark.model, judgement.mark.template) == ("judge-1-2026", templates_hash("ragas"))


def test_an_unfaithful_answer_is_explained_by_what_is_not_supported() -> None:
    explanation = grade(Scripted(stated("a", "b"), supported(1, 0)), metric="faithfulness", threshold=1.0).explanation
    assert explanation == "faithfulness 0.50 < 1.00. s1: r1"


@pytest.mark.parametrize(
    ("metric", "replies", "why"),
    [
        ("faithfulness", [stated()], "faithfulness measured nothing"),
        ("faithfulness", [stated("a", "b"), supported(1), supported(1)], "1 verdicts on 2 statements"),
        ("faithfulness", [stated("a"), supported(2), supported(2)], "neither 0 nor 1"),
        ("context_precision", [useful(5), useful(5)], "neither 0 nor 1"),
        ("context_recall", [attributed()], "context_recall measured nothing"),
        ("context_recall", [attributed(-1), attributed(-1)], "neither 0 nor 1"),
        ("noise_sensitivity", [stated(), stated("x"), *[supported(), supported(0)] * 2, supported(0)], "ValueError"),
        ("faithfulness", ["no JSON", "no JSON"], "out of its schema 2 times: no JSON object"),
        ("faithfulness", [TimeoutError()], "did not answer: TimeoutError"),
    ],
)
def test_what_is_no_measure_is_a_failure_and_never_a_zero(metric: str, replies: Sequence[object], why: str) -> None:
    with pytest.raises(JudgeFailed, match=why) as failed:
        grade(Scripted(*replies), metric=metric, threshold=0.5)
    assert failed.value.mark is not None


@pytest.mark.parametrize("locale", LOCALES)
def test_it_asks_in_our_words_in_the_language_of_the_case(locale: Locale) -> None:
    chat = Scripted(stated("a"), supported(1))
    grade(chat, locale, metric="faithfulness", threshold=0.5)
    told = [request.messages[0].content for request in chat.requests]
    assert told == [task_text("ragas", task, locale) for task in ("statements", "supported")]
    assert "Einstein" not in "".join(message.content for request in chat.requests for message in request.messages)
