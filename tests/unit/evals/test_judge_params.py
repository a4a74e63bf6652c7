"""A criterion that its judge cannot grade is refused in one sentence, before anything is asked."""

from typing import Any

import pytest

from evals.cases import Case, Criterion
from evals.judges.calls import judge_calls
from evals.judges.params import parse_judge
from tests.unit.evals.judge_parts import PASSAGES, question

STEPS = {"name": "deepeval", "metric": "g_eval", "steps": ["a"], "threshold": 0.7}
NOISE = {"name": "ragas", "metric": "noise_sensitivity", "threshold": 0.2}


def dag(**root: Any) -> dict[str, Any]:
    return {"name": "deepeval", "metric": "dag", "threshold": 0.5, "root": {"ask": "Sim?", **root}}


@pytest.mark.parametrize(
    ("judge", "problem"),
    [
        ("oracle", "unknown judge 'oracle': use one of deepeval, ragas, rubric"),
        ({"metric": "g_eval"}, "unknown judge ''"),
        ({"name": "rubric", "samples": 0}, "'samples'"),
        ({"name": "rubric", "threshold": 0.5}, "'threshold' is not known here"),
        ({"name": "deepeval"}, "'metric' is missing, use one of g_eval"),
        ({"name": "ragas", "metric": "bleu"}, "unknown metric 'bleu', use one of faithfulness"),
        ({**STEPS, "steps": []}, "'steps'"),
        ({**STEPS, "threshold": 7}, "'threshold'"),
        ({**STEPS, "threshold": True}, "'threshold'"),
        ({"name": "deepeval", "metric": "role_adherence", "threshold": 0.5}, "'role' is missing"),
        (dag(), "both 'if_yes' and 'if_no', or else 'choices'"),
        (dag(if_yes=1.0), "both 'if_yes' and 'if_no', or else 'choices'"),
        (dag(if_yes=1.0, if_no=0, choices={"a": 1.0, "b": 0}), "both 'if_yes' and 'if_no', or else 'choices'"),
        (dag(if_yes=0.25, if_no=0), "0.25 is not in tenths"),
        ({"name": "ragas", "metric": "faithfulness", "threshold": 0.8, "mode": "relevant"}, "noise_sensitivity alone"),
    ],
)
def test_what_does_not_fit_is_one_sentence(judge: str | dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(")):
        parse_judge(judge)


@pytest.mark.parametrize(
    ("judge", "calls"),
    [
        ("rubric", 1),
        ({"name": "rubric", "samples": 3}, 3),
        (STEPS, 1),
        (
            dag(if_yes=1.0, if_no={"ask": "Como?", "choices": {"a": 1.0, "b": {"ask": "E?", "if_yes": 1, "if_no": 0}}}),
            3,
        ),
        ({"name": "deepeval", "metric": "knowledge_retention", "threshold": 1.0}, 4),
        ({"name": "ragas", "metric": "faithfulness", "threshold": 1.0}, 2),
        ({"name": "ragas", "metric": "context_precision", "threshold": 1.0}, 2),
        (NOISE, 7),
    ],
)
def test_its_calls_are_known_before_anything_is_asked(judge: str | dict[str, Any], calls: int) -> None:
    spec = parse_judge(judge)
    criterion = Criterion("c", "t", 1, "tone", judge=spec.name, judge_params=spec.given)
    messages = tuple(question().conversation)
    case = Case("c.en", "s", "en", "gestante", None, messages, (criterion,), retrieved=PASSAGES)
    assert judge_calls(criterion, case) == calls
