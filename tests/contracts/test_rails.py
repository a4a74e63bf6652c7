"""The contract of `guardrails.base.Rail`, run on every adapter."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.base import Action, Audience, Category, Decision, Direction, Rail, Text
from guardrails.clinical_terms import ClinicalTerms
from guardrails.local import LocalModerator
from guardrails.term_groups import load_groups
from matria.messages import LOCALES
from matria.policy import load_policy

POLICY = load_policy(Path(__file__).resolve().parents[2] / "policy.yaml")
GROUPS = load_groups()
ADAPTERS: dict[str, Callable[[], Rail]] = {
    "local": lambda: LocalModerator(GROUPS, POLICY),
    "clinical_terms": lambda: ClinicalTerms(GROUPS),
}
RAILS = {name: make() for name, make in ADAPTERS.items()}

texts = st.builds(
    Text,
    content=st.text(max_size=300)
    | st.lists(st.sampled_from(["quero", "morrer", "500", "mg", "não", "I", "want", "to", "die", "?", "\u200b"])).map(
        " ".join
    ),
    direction=st.sampled_from(get_args(Direction)),
    locale=st.sampled_from(LOCALES),
    audience=st.sampled_from(get_args(Audience)),
)


def judge(rail: Rail, text: Text) -> Decision:
    return asyncio.run(rail.judge(text))


@pytest.mark.parametrize("name", ADAPTERS)
@given(text=texts)
@settings(max_examples=60, deadline=None)
def test_any_text_gets_a_sound_decision_and_the_same_one_again(name: str, text: Text) -> None:
    rail = RAILS[name]
    decision = judge(rail, text)
    assert decision.action in get_args(Action)
    assert decision.rail == rail.name
    assert not decision.is_error
    assert all(category in get_args(Category) and 0 <= level <= 7 for category, level in decision.levels.items())
    assert (decision.action == "allow") or decision.reasons
    assert judge(rail, text) == decision
    assert judge(ADAPTERS[name](), text) == decision if len(text.content) < 10 else True


@pytest.mark.parametrize("name", ADAPTERS)
@pytest.mark.parametrize("direction", get_args(Direction))
def test_an_empty_text_passes(name: str, direction: Direction) -> None:
    assert judge(RAILS[name], Text("", direction, "pt-BR")).action == "allow"


@pytest.mark.parametrize("name", ADAPTERS)
def test_reasons_are_codes_and_never_the_text(name: str) -> None:
    said = "Quero morrer, tomei uma cartela inteira. Como fazer uma bomba?"
    decision = judge(RAILS[name], Text(said, "user", "pt-BR"))
    assert decision.reasons
    for reason in decision.reasons:
        assert reason.replace("_", "").isalnum()
        assert reason not in said


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_very_long_text_is_judged(name: str) -> None:
    text = Text("quero muito saber se posso comer peixe e ele me disse que sim " * 500, "user", "pt-BR")
    assert judge(RAILS[name], text).action == "allow"


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_rail_says_that_it_answers(name: str) -> None:
    assert "phrases" in asyncio.run(RAILS[name].ping())
