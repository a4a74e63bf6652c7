"""The reference of prompts is complete, and what it shows works."""

import re

import pytest

from matria.messages import LOCALES, PERSONAS
from prompts.contacts import CONTACT_VARIABLES
from prompts.findings import RULES
from prompts.frontmatter import INPUT_TYPES, REQUIRED, split_file
from prompts.repository import USES


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "reference" / "prompts.md").read_text(encoding="utf-8")


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page, flags=re.DOTALL)


def test_every_rule_of_lint_is_explained_as_in_the_code(page):
    rows = re.findall(r"^\| `([a-z-]+)` \| (error|warning) \| (.+) \|$", page, flags=re.MULTILINE)
    assert rows == [(rule.id, rule.severity, rule.meaning) for rule in RULES.values()]


@pytest.mark.parametrize(
    "words", [REQUIRED, INPUT_TYPES, USES, PERSONAS, LOCALES, CONTACT_VARIABLES], ids=lambda words: words[0]
)
def test_every_word_of_the_format_is_in_the_reference(page, words):
    assert [word for word in words if f"`{word}`" not in page] == []


def test_every_prompt_and_partial_is_in_the_reference(page, library):
    names = {*library.names(), *(ref.name for ref in library.partials())}
    assert [name for name in sorted(names) if f"| `{name}` |" not in page] == []


def test_the_python_shown_runs(page, root, monkeypatch):
    monkeypatch.chdir(root)
    (code,) = blocks(page, "python")
    exec(compile(code, "docs/reference/prompts.md", "exec"), {})


def test_the_file_shown_is_a_prompt(page):
    example = next(block for block in blocks(page, "text") if block.startswith("---"))
    front, sections = split_file(example, "example")
    assert front.name == "gestante/triagem"
    assert [section.role for section in sections] == ["system", "user"]
