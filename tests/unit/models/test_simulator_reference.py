"""docs/reference/simulator.md names every rule, topic and model, and its example runs."""

import re
from pathlib import Path

import pytest

from models.simulator.knowledge import load_knowledge
from models.simulator.reply import MODELS
from models.simulator.rules import RULES_ROOT

EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "reference" / "simulator.md").read_text(encoding="utf-8")


def test_every_rule_topic_and_model_is_on_the_page(page: str) -> None:
    names = [*(path.stem for path in RULES_ROOT.glob("*.yaml")), *load_knowledge().topics, *MODELS]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_example_runs(page: str) -> None:
    examples = EXAMPLE.findall(page)
    assert len(examples) == 1
    exec(compile(examples[0], "docs/reference/simulator.md", "exec"), {})
