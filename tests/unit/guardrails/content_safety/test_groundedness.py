"""What no source bears out, over real HTTP, and where it stands."""

from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from guardrails.base import Decision, Span, Text
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.groundedness import MAX_SOURCES, AzureGroundedness, fitting
from guardrails.content_safety.offsets import place
from matria.policy import Policy
from tests.unit.guardrails.content_safety.double import Double, Say, asking, body

TOLD = "Olá! 🤰 Peixe cozido pode. Tubarão cura anemia."
FALSE = "Tubarão cura anemia."


def answered(content: str = TOLD, **of: Any) -> Text:
    return Text(content, "assistant", "pt-BR", **({"question": "Posso?", "sources": ("Peixe cozido pode.",)} | of))


def said(share: Any, *details: Any, detected: Any = True) -> Say:
    return body({"ungroundedDetected": detected, "ungroundedPercentage": share, "ungroundedDetails": list(details)})


def detail(text: str, offset: Any = 0, length: Any = 0) -> dict[str, Any]:
    return {"text": text, "offset": offset, "length": length}


async def judged(policy: Policy, text: Text, *says: Say) -> tuple[Decision, Double]:
    async with asking(*says) as (double, service):
        return await AzureGroundedness(service, policy).judge(text), double


async def test_what_stands_on_its_sources_passes(policy: Policy) -> None:
    decision, double = await judged(policy, answered(), said(0, detected=False))
    assert (decision.action, decision.text_records) == ("allow", 3)
    assert double.asked[0].body == {
        "domain": "Medical",
        "task": "QnA",
        "qna": {"query": "Posso?"},
        "text": TOLD,
        "groundingSources": ["Peixe cozido pode."],
    }


async def test_what_no_source_bears_out_is_to_be_rewritten(policy: Policy) -> None:
    decision, _ = await judged(policy, answered(), said(0.5, detail(FALSE)))
    start = TOLD.index(FALSE)
    assert (decision.action, decision.reasons) == ("rewrite", ("ungrounded",))
    assert decision.spans == (Span(start, len(TOLD), "ungrounded"),)


async def test_a_little_that_stands_on_nothing_is_allowed(policy: Policy) -> None:
    decision, _ = await judged(policy, answered(), said(0.2, detail(FALSE)))
    assert decision.action == "allow"


async def test_with_no_passage_named_all_of_the_answer_goes(policy: Policy) -> None:
    decision, _ = await judged(policy, answered(), said(0.9))
    assert decision.spans == (Span(0, len(TOLD), "ungrounded"),)


async def test_to_staff_it_is_told_and_not_withheld(policy: Policy) -> None:
    decision, _ = await judged(policy, answered(audience="staff"), said(0.9))
    assert (decision.action, decision.reasons) == ("allow", ("ungrounded",))


@pytest.mark.parametrize("text", [answered(sources=()), answered(" "), Text(TOLD, "user", "pt-BR", sources=("nota",))])
async def test_nothing_to_hold_it_against_is_not_asked(policy: Policy, text: Text) -> None:
    decision, double = await judged(policy, text, said(1))
    assert (decision.action, double.asked) == ("allow", [])


async def test_without_its_question_an_answer_is_held_as_a_summary(policy: Policy) -> None:
    _, double = await judged(policy, answered(question=""), said(0, detected=False))
    assert double.asked[0].body["task"] == "Summarization"
    assert "qna" not in double.asked[0].body


async def test_a_long_answer_is_held_in_parts_whose_passages_are_placed_in_the_whole(policy: Policy) -> None:
    async def by_part(request: web.Request) -> web.StreamResponse:
        is_last = FALSE in (await request.json())["text"]
        return await (said(1.0, detail(FALSE)) if is_last else said(0.5, detail("palavra palavra", 0, 15)))(request)

    text = answered("palavra " * 1_000 + FALSE)
    decision, double = await judged(policy, text, by_part)
    assert [len(asked.body["text"]) <= 7_500 for asked in double.asked] == [True, True]
    assert [text.content[span.start : span.end] for span in decision.spans] == ["palavra palavra", FALSE]


@pytest.mark.parametrize(
    "answer",
    [
        said(1.5),
        said(-0.1),
        said(True),
        said("half"),
        said(0.5, detected="yes"),
        said(0.5, {"offset": 0, "length": 1}),
        said(0.5, detail("what the answer does not say")),
        body({"ungroundedDetected": True}),
    ],
)
async def test_an_answer_that_does_not_fit_is_a_failure(policy: Policy, answer: Say) -> None:
    with pytest.raises(CallFailed, match="cannot be read"):
        await judged(policy, answered(), answer)


@given(
    before=st.text(), passage=st.text(min_size=1), after=st.text(), unit=st.sampled_from(["codePoint", "utf16", "utf8"])
)
def test_a_passage_is_found_in_whatever_unit_it_is_counted(before: str, passage: str, after: str, unit: str) -> None:
    width, encoding = {"codePoint": (4, "utf-32-le"), "utf16": (2, "utf-16-le"), "utf8": (1, "utf-8")}[unit]
    counted = [len(part.encode(encoding, "surrogatepass")) // width for part in (before, passage)]
    text = before + passage + after
    for offset, length in (counted, [{unit: number} for number in counted]):
        first, last = place(text, passage, offset, length)
        assert text[first:last] == passage


def test_a_passage_that_stands_twice_is_told_apart_by_its_place_alone() -> None:
    assert place("sim, sim", "sim", 5, 3) == (5, 8)
    with pytest.raises(CallFailed):
        place("sim, sim", "sim", None, None)


def test_sources_past_the_limit_are_left_out_and_the_last_is_cut_between_words() -> None:
    kept = fitting(["palavra " * 5_000, "", "palavras " * 5_000, "nunca"], MAX_SOURCES)
    assert [len(source) for source in kept] == [40_000, 14_994]
