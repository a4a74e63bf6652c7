"""A project's own checks: found in a folder, refused where they do not import, never a crash where they break."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evals.checks import registry
from evals.checks.own import load_own
from evals.checks.registry import CheckFailed, Result, check_kinds
from matria.errors import SuiteError

Grade = Callable[..., Result]
BROKEN = """
from evals.checks.registry import Example, Result, check_kind

@check_kind("raises", "Breaks.", [Example({"kind": "raises"}, "en", "x", True)])
def raises(reading, params, context):
    return {}[reading.text]

@check_kind("says_yes", "Forgets to say why.", [Example({"kind": "says_yes"}, "en", "x", True)])
def says_yes(reading, params, context):
    return True
"""


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    check_kinds()
    known = dict(registry._KINDS)
    yield
    registry._KINDS.clear()
    registry._KINDS.update(known)


def _how_to(root: Path) -> str:
    text = (root / "docs" / "how-to" / "write-a-check.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return str(code)


def test_the_check_of_the_how_to_grades_its_examples(root: Path, tmp_path: Path, grading: Grade) -> None:
    (tmp_path / "greeting.py").write_text(_how_to(root), encoding="utf-8")
    before = set(check_kinds())
    load_own(tmp_path)
    (name,) = set(check_kinds()) - before
    kind = check_kinds()[name]
    assert len(kind.examples) >= 2
    for example in kind.examples:
        assert grading(example.check, example.answer, example.locale).met == example.met
    with pytest.raises(ValueError, match="is not known here"):
        grading({"kind": name, "unknown": 1}, "Oi", "pt-BR")


def test_a_check_that_breaks_is_a_grader_that_failed(tmp_path: Path, grading: Grade) -> None:
    (tmp_path / "broken.py").write_text(BROKEN, encoding="utf-8")
    load_own(tmp_path)
    with pytest.raises(CheckFailed, match=r"'raises' broke with KeyError\.$"):
        grading({"kind": "raises"}, "what she wrote", "en")
    with pytest.raises(CheckFailed, match="gave bool instead"):
        grading({"kind": "says_yes"}, "what she wrote", "en")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import nothing_of_that_name", r"cannot be imported \(ModuleNotFoundError"),
        ("def half(:", r"cannot be imported \(SyntaxError"),
        (BROKEN.replace('"raises"', '"length"'), "two checks 'length'"),
        (BROKEN.replace('[Example({"kind": "raises"}, "en", "x", True)]', "[]"), "needs a summary and an example"),
    ],
)
def test_a_module_that_does_not_fit_is_named_before_anything_runs(tmp_path: Path, code: str, message: str) -> None:
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    with pytest.raises(SuiteError, match=message):
        load_own(tmp_path)
