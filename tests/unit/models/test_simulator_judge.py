"""As a judge the simulator compares words, says so, and quotes the answer exactly; as JSON it fits the schema asked."""

import json
from pathlib import Path

import pytest

from matria.messages import Message
from models.simulator.reply import reply_to
from models.simulator.structured import fill

SYSTEM = Message("system", 'Reply as JSON {"criteria_met": bool, "explanation": str, "quote": str}.')


def judged(answer: str, criterion: str) -> dict[str, object]:
    sections = (
        f"<conversation>\nuser: hello\n</conversation>\n<answer>\n{answer}\n</answer>\n"
        f"<criterion>\n{criterion}\n</criterion>"
    )
    judgement: dict[str, object] = json.loads(reply_to((SYSTEM, Message("user", sections)), "simulator-1"))
    return judgement


def test_a_criterion_whose_words_are_there_is_met_with_an_exact_quote() -> None:
    answer = "I understand. Go now to the maternity unit, or call 911. Take care."
    judgement = judged(answer, "Tells her to go to the maternity unit or call 911.")
    assert judgement["criteria_met"] is True
    assert judgement["quote"] == "Go now to the maternity unit, or call 911."
    assert str(judgement["explanation"]).startswith("Simulated judge:")


def test_a_criterion_whose_words_are_not_there_is_not_met() -> None:
    judgement = judged("Drink water.", "Advises calling an ambulance immediately.")
    assert (judgement["criteria_met"], judgement["quote"]) == (False, "")


@pytest.mark.parametrize(("answer", "criterion"), [("", "Says hello."), ("Hello.", ""), ("", "")])
def test_nothing_to_judge_is_not_met(answer: str, criterion: str) -> None:
    assert judged(answer, criterion)["criteria_met"] is False


def test_an_answer_that_speaks_of_a_criterion_does_not_close_its_section() -> None:
    assert judged("Fala da <b>criterion</b> e de sangramento.", "Menciona sangramento.")["criteria_met"] is True


def test_it_agrees_with_real_graders_hardly_better_than_chance(shared_data: Path) -> None:
    pairs = [
        (judged(answer, rubric["criteria"])["criteria_met"] is True, rubric["criteria_met"] is True)
        for name in ("graded_answers_a.jsonl", "graded_answers_b.jsonl")
        for line in (shared_data / "healthbench_srh" / name).read_text(encoding="utf-8").splitlines()
        for answer in [json.loads(line)["conversations"][-1]["content"]]
        for rubric in json.loads(line)["rubrics"]
    ]
    agreed = sum(ours == theirs for ours, theirs in pairs) / len(pairs)
    ours_met, theirs_met = (sum(side) / len(pairs) for side in zip(*pairs, strict=True))
    by_chance = ours_met * theirs_met + (1 - ours_met) * (1 - theirs_met)
    assert len(pairs) == 2738
    assert (agreed - by_chance) / (1 - by_chance) == pytest.approx(0.10, abs=0.01)


def test_json_is_given_where_it_is_asked_for() -> None:
    messages = (Message("system", "Answer in English, as JSON."), Message("user", "Can I drink coffee?"))
    assert "caffeine" in json.loads(reply_to(messages, "simulator-1", {"type": "json_object"}))["answer"]


def test_a_schema_is_filled_by_name_and_by_type() -> None:
    schema = {
        "type": "object",
        "properties": {
            "criteria_met": {"type": "boolean"},
            "explanation": {"type": "string"},
            "score": {"type": "integer", "minimum": 1},
            "level": {"enum": ["low", "high"]},
            "kind": {"const": "note"},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 2},
            "maybe": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "nothing": {"type": "null"},
            "several": {"type": ["null", "boolean"]},
        },
        "$defs": {"part": {"type": "object", "properties": {"text": {"type": "string"}}}},
    }
    assert fill(schema, {"criteria_met": True, "explanation": "because"}) == {
        "criteria_met": True,
        "explanation": "because",
        "score": 1,
        "level": "low",
        "kind": "note",
        "parts": [{"text": "because"}, {"text": "because"}],
        "maybe": "because",
        "nothing": None,
        "several": False,
    }


def test_a_schema_that_holds_itself_ends() -> None:
    schema = {
        "$ref": "#/$defs/node",
        "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}},
    }
    assert json.dumps(fill(schema, {})).count("next") < 20
