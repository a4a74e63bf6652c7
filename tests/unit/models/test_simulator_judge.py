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


def test_lists_are_filled_item_by_item() -> None:
    part = {"type": "object", "properties": {"text": {"type": "string"}, "verdict": {"type": "integer"}}}
    schema = {
        "type": "object",
        "properties": {
            "words": {"type": "array", "items": {"type": "string"}},
            "parts": {"type": "array", "items": part},
            "facts": {"type": "object", "additionalProperties": {"type": "string"}},
            "score": {"type": "number"},
        },
    }
    given = {
        "words": ["a", "b"],
        "parts": [{"text": "x", "verdict": 1, "more": 0}, {"text": "y", "verdict": 0}],
        "facts": {"weeks": "34"},
        "score": 7,
    }
    parts = [{"text": "x", "verdict": 1}, {"text": "y", "verdict": 0}]
    assert fill(schema, given) == {**given, "parts": parts}


@pytest.mark.parametrize(
    ("keys", "sections", "reply"),
    [
        (
            '"reason" "score"',
            {"answer": "Go to the hospital now.", "steps": "1. Hospital now?\n2. Calm?"},
            {"score": 5},
        ),
        ('"reason" "verdict"', {"answer": "Go to hospital.", "question": "Hospital?"}, {"verdict": True}),
        ('"reason" "verdict"', {"answer": "Go today.", "choices": '["now", "today"]'}, {"verdict": "today"}),
        (
            '"statements"',
            {"text": "Rest well. Are you fine? Drink water."},
            {"statements": ["Rest well.", "Drink water."]},
        ),
        ('"data"', {"message": "I am in week 34. Why?"}, {"data": {"said": ["I am in week 34."]}}),
        ('"reason" "verdict"', {"facts": '["weeks: 34"]', "message": "How many weeks?"}, {"verdict": "yes"}),
        (
            '"verdicts" "index"',
            {
                "role": "Calm. Never shouts.",
                "conversation": '[{"index": 1, "role": "assistant", "content": "It shouts"}]',
            },
            {"verdicts": [{"index": 1, "ai_message": None}]},
        ),
        (
            '"statements" "verdict"',
            {"text": "Drink water.", "statements": '["Drink water.", "Run fast."]'},
            {"statements": [{"statement": "Drink water.", "verdict": 1}, {"statement": "Run fast.", "verdict": 0}]},
        ),
    ],
)
def test_judges_that_measure_are_answered_by_shared_words(
    keys: str, sections: dict[str, str], reply: dict[str, object]
) -> None:
    user = "\n\n".join(f"<{name}>\n{text}\n</{name}>" for name, text in sections.items())
    said = json.loads(
        reply_to((Message("system", f"Reply in JSON with {keys}."), Message("user", user)), "simulator-1")
    )

    def without_reasons(value: object) -> object:
        if isinstance(value, list):
            return [without_reasons(item) for item in value]
        if isinstance(value, dict):
            return {name: without_reasons(part) for name, part in value.items() if name != "reason"}
        return value

    assert without_reasons(said) == reply
