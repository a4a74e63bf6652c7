"""A suite of many cases in one file: the same cases as from YAML, read as they are walked."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml

from evals.casefile import KEPT_CASES, load_case_file
from evals.suitefile import load_suite
from matria.errors import SuiteError

HEAD: dict[str, Any] = {
    "id": "many",
    "title": "Many",
    "purpose": "To be many.",
    "owner": "team",
    "personas": ["gestante"],
    "locales": ["en"],
    "prompts": ["gestante/triagem"],
    "clinical_review": "pending",
    "sources": {"g": {"guideline": "Guideline", "year": 2020}},
}


def case(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"case-{number:03}.en",
        "locale": "en",
        "persona": "gestante",
        "stage": "third_trimester",
        "messages": [
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Hello, how can I help?"},
            {"role": "user", "content": f"I bleed ({number})."},
        ],
        "criteria": [
            {
                "id": "goes",
                "text": "Sends her.",
                "points": 5,
                "axis": "danger_signs",
                "source": {"ref": "g"},
                "check": {"kind": "escalation", "urgency": "now"},
            },
            {"id": "warm", "text": "Is warm.", "points": 2, "axis": "tone", "check": {"kind": "warm_tone"}},
        ],
        "clinical_review": "pending",
        **changes,
    }


def write(folder: Path, lines: list[Any], name: str = "many.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def test_a_file_of_cases_is_the_suite_that_yaml_would_give(tmp_path: Path) -> None:
    cases = [case(number) for number in range(5)]
    from_file = load_case_file(write(tmp_path, [{"suite": HEAD}, *cases]))
    folder = tmp_path / "many"
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text(yaml.safe_dump(HEAD))
    (folder / "cases/all.en.yaml").write_text(yaml.safe_dump({"cases": cases}))
    from_yaml = load_suite(folder)
    assert tuple(from_file.cases) == from_yaml.cases
    assert from_file.digest == from_yaml.digest
    assert len(from_file.cases) == 5
    assert from_file.cases[-1] == from_yaml.cases[4]
    assert from_file.cases[1:3] == from_yaml.cases[1:3]


def test_cases_are_walked_again_and_share_their_criteria(tmp_path: Path) -> None:
    suite = load_case_file(write(tmp_path, [{"suite": HEAD}, case(0), case(1)]))
    first, second = suite.cases
    assert first.criteria is second.criteria
    assert [c.id for c in suite.cases] == [c.id for c in suite.cases] == ["case-000.en", "case-001.en"]


def test_the_cases_of_a_long_file_are_not_held(tmp_path: Path) -> None:
    count = KEPT_CASES + 1
    suite = load_case_file(write(tmp_path, [{"suite": HEAD}, *(case(number) for number in range(count))]))
    taken = []
    for walk in (lambda: [None for _ in suite.cases], lambda: list(suite.cases)):
        tracemalloc.start()
        assert len(walk()) == count
        taken.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert taken[0] < taken[1] / 10


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([case(0)], r"line 1: the first line must be"),
        ([{"suite": HEAD | {"id": "other"}}, case(0)], r"line 1: its id is 'other' and its file 'many'"),
        ([{"suite": HEAD}], "holds no case"),
        ([{"suite": HEAD}, case(0), case(1, criteria=[])], r"case-001\.en: 'criteria'.*\(line 3\)"),
        ([{"suite": HEAD}, case(0), case(1, twins=["typos"])], "line 3: a file of cases has no twins"),
        ([{"suite": HEAD}, case(0), case(1), case(0)], r"case-000\.en: its id is taken by another"),
    ],
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, lines: list[Any], message: str) -> None:
    with pytest.raises(SuiteError, match=message):
        load_case_file(write(tmp_path, lines))


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, [{"suite": HEAD}, case(0)])
    path.write_text(path.read_text() + "{\n")
    with pytest.raises(SuiteError, match="line 3: it is not JSON"):
        load_case_file(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="is missing"):
        load_case_file(tmp_path / "many.jsonl")


def test_the_example_of_the_reference_loads(tmp_path: Path, root: Path) -> None:
    page = (root / "docs/reference/suites.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    path = tmp_path / "logged.jsonl"
    path.write_text(example)
    (case,) = load_case_file(path).cases
    assert case.question == "Is swelling normal?"
