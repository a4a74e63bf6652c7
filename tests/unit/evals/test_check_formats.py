"""Checks of form rather than of language: characters, JSON, time and cost; and what a check does that cannot tell."""

from collections.abc import Callable
from typing import Any

import pytest

from evals.checks.params import parse_params
from evals.checks.registry import CheckFailed, Result, prepare

Grade = Callable[..., Result]
SUMMARY = {
    "type": "object",
    "required": ["signs", "urgent"],
    "additionalProperties": False,
    "properties": {"signs": {"type": "array", "items": {"type": "string"}}, "urgent": {"type": "boolean"}},
}


@pytest.mark.parametrize(
    ("params", "answer", "met"),
    [
        ({"any": ["Atenção!"]}, "ATENCAO! Leia.", True),
        ({"any": ["não espere"]}, "NÃO ESPERE", True),
        ({"all": ["192", "SAMU"]}, "SAMU (192)", True),
        ({"all": ["192", "SAMU"]}, "Ligue 192.", False),
        ({"any": ["1", "2", "3"], "min": 2}, "1 e 3", True),
        ({"any": ["1", "2", "3"], "min": 2}, "só 1", False),
        ({"any": ["bebé"], "accents": True}, "O bebê dorme.", False),
        ({"any": ["bebé"], "accents": True}, "O BEBÉ dorme.", True),
        ({"any": ["parto"], "whole_words": True}, "O aparto partos.", False),
        ({"any": ["parto"], "whole_words": True}, "Parto: hoje.", True),
        ({"any": ["ß"]}, "STRASSE", True),
        ({"any": ["cafe\u0301"], "accents": True}, "um café", True),
    ],
)
def test_contains_finds_characters(params: dict[str, Any], answer: str, met: bool, grading: Grade) -> None:
    result = grading({"kind": "contains", **params}, answer, "pt-BR")
    assert result.met == met
    assert result.quote in answer


@pytest.mark.parametrize(
    ("answer", "met"),
    [
        ('{"signs": ["febre"], "urgent": true}', True),
        ('  {"signs": [], "urgent": false}\n', True),
        ('Resumo:\n```json\n{"signs": ["dor"], "urgent": true}\n```\nBom plantão.', True),
        ('~~~\n{"signs": ["dor"], "urgent": true}\n~~~', True),
        ('{"signs": ["febre"]}', False),
        ('{"signs": "febre", "urgent": true}', False),
        ('{"signs": [], "urgent": true, "name": "x"}', False),
        ('```json\n{"signs": [], "urgent": true}\n```\n```json\n{"signs": [], "urgent": true}\n```', False),
        ('O resumo é {"signs": [], "urgent": true}', False),
        ('{"signs": [], "urgent": NaN}', False),
        ("[" * 100_000, False),
        ("", False),
    ],
)
def test_an_answer_is_json_of_the_shape_asked_for(answer: str, met: bool, grading: Grade) -> None:
    assert grading({"kind": "json_schema", "schema": SUMMARY}, answer, "pt-BR").met == met


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "nothing"}, "not a JSON Schema"),
        ({"$ref": "https://example.org/schema.json"}, "points outside"),
        ({"properties": {"a": {"items": [{"$ref": "other.json#/a"}]}}}, "points outside"),
    ],
)
def test_a_schema_that_is_none_or_points_outside_is_refused_before_anything_runs(
    schema: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        parse_params({"kind": "json_schema", "schema": schema})


def test_a_schema_may_point_within_itself(grading: Grade) -> None:
    tree = {"$ref": "#/$defs/n", "$defs": {"n": {"type": "array", "items": {"$ref": "#/$defs/n"}}}}
    assert grading({"kind": "json_schema", "schema": tree}, "[[], [[]]]", "en").met
    assert not grading({"kind": "json_schema", "schema": tree}, "[1]", "en").met


@pytest.mark.parametrize(
    ("check", "need"),
    [
        ({"kind": "latency", "max_ms": 10}, "how long"),
        ({"kind": "cost", "max_usd": 1}, "cost"),
        ({"kind": "cites_retrieved"}, "retrieved"),
    ],
)
def test_a_check_without_what_it_needs_fails_as_a_grader(check: dict[str, Any], need: str, grading: Grade) -> None:
    with pytest.raises(CheckFailed, match=need):
        grading(check, "Call us now [1].", "en")


def test_a_limit_itself_is_within_and_the_figure_stays_out_of_the_result(grading: Grade) -> None:
    check = {"kind": "latency", "max_ms": 800}
    fast, other = (grading(check, "ok", "en", latency_ms=ms) for ms in (800.0, 123.4))
    assert fast == other
    assert fast.met
    assert not grading(check, "ok", "en", latency_ms=800.1).met
    assert grading({"kind": "cost", "max_usd": 0}, "ok", "en", cost_usd=0.0).met


def test_a_check_that_changed_in_place_is_parsed_again(grading: Grade) -> None:
    check: dict[str, Any] = {"kind": "length", "max_words": 2}
    assert not grading(check, "one two three", "en").met
    check["max_words"] = 3
    assert grading(check, "one two three", "en").met
    assert prepare(check)[1] is prepare(check)[1]
