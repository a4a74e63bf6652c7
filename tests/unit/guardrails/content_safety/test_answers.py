"""Whatever the service says is read whole or not at all."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from guardrails.content_safety.answers import SERVICE_NAMES, read_analysis, read_grounding, read_shielding
from guardrails.content_safety.failures import CallFailed
from guardrails.term_groups import CATEGORIES

WORDS = ["blocklistsMatch", "blocklistName", "categoriesAnalysis", "category", "severity", "userPromptAnalysis"]
WORDS += ["documentsAnalysis", "attackDetected", "ungroundedDetected", "ungroundedPercentage", "ungroundedDetails"]
WORDS += [*SERVICE_NAMES, "text", "Weather"]
leaves = st.none() | st.booleans() | st.integers(-2, 9) | st.floats() | st.sampled_from(WORDS)
answers = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
)
levels = st.fixed_dictionaries({"category": st.sampled_from([*SERVICE_NAMES, "Weather"]), "severity": leaves})
near_analyses = st.fixed_dictionaries(
    {"categoriesAnalysis": st.lists(levels, max_size=5)}, optional={"blocklistsMatch": answers}
)


@given(answer=answers | near_analyses)
def test_an_analysis_has_every_level_or_a_hit_or_has_failed(answer: Any) -> None:
    try:
        analysis = read_analysis(answer)
    except CallFailed:
        return
    assert analysis.hits or set(analysis.levels) == set(CATEGORIES)
    assert all(type(level) is int and 0 <= level <= 7 for level in analysis.levels.values())


@given(answer=answers, documents=st.integers(0, 2), has_prompt=st.booleans())
def test_a_shielding_has_a_verdict_on_all_that_was_sent_or_has_failed(
    answer: Any, documents: int, has_prompt: bool
) -> None:
    try:
        shielding = read_shielding(answer, has_prompt=has_prompt, documents=documents)
    except CallFailed:
        return
    assert len(shielding.in_documents) == documents


@given(answer=answers)
def test_a_grounding_has_a_share_or_has_failed(answer: Any) -> None:
    try:
        grounding = read_grounding(answer)
    except CallFailed:
        return
    assert 0 <= grounding.share <= 1
