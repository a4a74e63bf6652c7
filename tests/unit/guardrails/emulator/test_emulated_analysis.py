"""What the emulator finds in texts, and which calls it refuses."""

import asyncio
import json
from typing import Any

import pytest
from emulated_service import FewWords, Wire
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.emulator.app import create_app

ANALYZE, SHIELD = "/contentsafety/text:analyze", "/contentsafety/text:shieldPrompt"
GROUNDEDNESS, PROTECTED = "/contentsafety/text:detectGroundedness", "/contentsafety/text:detectProtectedMaterial"
LIST = "/contentsafety/text/blocklists/mine"


def severities(answer: Any) -> dict[str, int]:
    return {each["category"]: each["severity"] for each in answer.json()["categoriesAnalysis"]}


async def test_four_levels_are_rounded_down_to_even_ones(wire: Wire) -> None:
    answer = await wire("POST", ANALYZE, {"text": "hate and violence"})
    assert severities(answer) == {"Hate": 2, "SelfHarm": 0, "Sexual": 0, "Violence": 6}
    answer = await wire("POST", ANALYZE, {"text": "hate and violence", "outputType": "EightSeverityLevels"})
    assert severities(answer) == {"Hate": 3, "SelfHarm": 0, "Sexual": 0, "Violence": 7}


async def test_only_the_categories_asked_for_are_analysed(wire: Wire) -> None:
    answer = await wire("POST", ANALYZE, {"text": "hate", "categories": ["Violence", "Hate"]})
    assert severities(answer) == {"Hate": 2, "Violence": 0}


async def test_a_hit_halts_the_analysis_where_asked(wire: Wire) -> None:
    await wire("PATCH", LIST, {})
    await wire("POST", f"{LIST}:addOrUpdateBlocklistItems", {"blocklistItems": [{"text": "Pílula Mágica"}]})
    asked = {"text": "A PILULA mágica, com hate", "blocklistNames": ["mine"], "haltOnBlocklistHit": True}
    halted = (await wire("POST", ANALYZE, asked)).json()
    assert [hit["blocklistItemText"] for hit in halted["blocklistsMatch"]] == ["Pílula Mágica"]
    assert halted["categoriesAnalysis"] == []
    went_on = await wire("POST", ANALYZE, {**asked, "haltOnBlocklistHit": False})
    assert severities(went_on)["Hate"] == 2
    missed = await wire("POST", ANALYZE, {**asked, "text": "pílulas mágicas e hate"})
    assert missed.json()["blocklistsMatch"] == []
    assert severities(missed)["Hate"] == 2


async def test_a_prompt_and_each_document_are_shielded(wire: Wire) -> None:
    answer = await wire("POST", SHIELD, {"userPrompt": "attack", "documents": ["fine", "poison"]})
    assert answer.json() == {
        "userPromptAnalysis": {"attackDetected": True},
        "documentsAnalysis": [{"attackDetected": False}, {"attackDetected": True}],
    }


async def test_what_no_source_holds_is_told_with_its_place(wire: Wire) -> None:
    asked = {
        "domain": "Medical",
        "task": "QnA",
        "qna": {"query": "Posso tomar café?"},
        "text": "Até 200 mg de cafeína por dia é seguro 🙂. O chá verde cura enjoo.",
        "groundingSources": ["A gestante pode tomar até 200 mg de cafeína por dia com segurança."],
    }
    answer = (await wire("POST", GROUNDEDNESS, asked)).json()
    assert answer["ungroundedDetected"] is True
    (part,) = answer["ungroundedDetails"]
    assert part["text"] == "O chá verde cura enjoo."
    # Of the 42 code points before it three letters take two bytes and the emoji four, or two units of UTF-16.
    assert part["offset"] == {"utf8": 48, "utf16": 43, "codePoint": 42}
    assert part["length"] == {"utf8": 24, "utf16": 23, "codePoint": 23}
    assert answer["ungroundedPercentage"] == pytest.approx(23 / 65, abs=1e-4)


async def test_protected_material_is_what_it_was_made_with() -> None:
    wire = Wire(create_app(FewWords(), protected=["Atirei o pau no gato"]))
    for text, detected in (("Canta: atirei o PAU no gato", True), ("Atirei", False)):
        answer = await wire("POST", PROTECTED, {"text": text})
        assert answer.json() == {"protectedMaterialAnalysis": {"detected": detected}}


FIELDS = (
    *("text", "categories", "blocklistNames", "haltOnBlocklistHit", "outputType", "userPrompt", "documents"),
    *("domain", "task", "qna", "query", "groundingSources", "reasoning", "description", "blocklistName"),
)
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    (ANALYZE, {}, "text"),
    (ANALYZE, {"text": None}, "text"),
    (ANALYZE, {"text": 5}, "text"),
    (ANALYZE, {"text": "a" * 10_001}, "text"),
    (ANALYZE, {"text": "a", "categories": ["Spam"]}, "categories"),
    (ANALYZE, {"text": "a", "categories": "Hate"}, "categories"),
    (ANALYZE, {"text": "a", "blocklistNames": [1]}, "blocklistNames"),
    (ANALYZE, {"text": "a", "outputType": "TwoSeverityLevels"}, "outputType"),
    (ANALYZE, {"text": "a", "haltOnBlocklistHit": "yes"}, "haltOnBlocklistHit"),
    (SHIELD, {}, "userPrompt"),
    (SHIELD, {"userPrompt": "a" * 10_001}, "userPrompt"),
    (SHIELD, {"documents": ["a"] * 6}, "documents"),
    (SHIELD, {"documents": ["a" * 5_001, "b" * 5_000]}, "documents"),
    (GROUNDEDNESS, {"text": "a"}, "groundingSources"),
    (GROUNDEDNESS, {"text": "a" * 7_501, "groundingSources": ["b"]}, "text"),
    (GROUNDEDNESS, {"text": "a", "groundingSources": ["b" * 55_001]}, "groundingSources"),
    (GROUNDEDNESS, {"text": "a", "groundingSources": ["b"], "domain": "Legal"}, "domain"),
    (GROUNDEDNESS, {"text": "a", "groundingSources": ["b"], "task": "Chat"}, "task"),
    (GROUNDEDNESS, {"text": "a", "groundingSources": ["b"], "qna": {"query": "q" * 7_501}}, "query"),
    (GROUNDEDNESS, {"text": "a", "groundingSources": ["b"], "reasoning": True}, "llmResource"),
    (PROTECTED, {"text": "a" * 10_001}, "text"),
]


@pytest.mark.parametrize(("path", "body", "target"), REFUSED, ids=lambda value: str(value)[:50])
async def test_a_body_that_does_not_fit_is_refused(wire: Wire, path: str, body: dict[str, Any], target: str) -> None:
    answer = await wire("POST", path, body)
    assert answer.status_code == 400
    assert answer.headers["x-ms-error-code"] == answer.json()["error"]["code"] == "InvalidRequestBody"
    assert answer.json()["error"]["target"] == target


@pytest.mark.parametrize(("path", "most"), [(ANALYZE, 10_000), (PROTECTED, 10_000)])
async def test_a_text_is_counted_in_code_points(wire: Wire, path: str, most: int) -> None:
    assert (await wire("POST", path, {"text": "🤰" * most})).status_code == 200


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000, b'{"text": "\\ud800"}', b'{"text": NaN}']
)
async def test_a_body_that_is_no_json_object_is_refused(wire: Wire, content: bytes) -> None:
    answer = await wire("POST", ANALYZE, content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestBody")


async def test_an_unknown_blocklist_is_not_found(wire: Wire) -> None:
    answer = await wire("POST", ANALYZE, {"text": "a", "blocklistNames": ["other"]})
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (404, "ResourceNotFound")


@pytest.mark.parametrize(
    ("path", "version", "status"),
    [
        (ANALYZE, "2023-10-01", 200),
        (ANALYZE, "2024-09-01", 200),
        (ANALYZE, "2020-01-01", 400),
        (PROTECTED, "2024-09-01", 200),
        (PROTECTED, "2023-10-01", 400),
        (SHIELD, "2023-10-01", 400),
        (GROUNDEDNESS, "2024-09-01", 400),
    ],
)
async def test_each_call_has_its_versions(wire: Wire, path: str, version: str, status: int) -> None:
    answer = await wire("POST", path, {"text": "a"}, params={"api-version": version})
    assert answer.status_code == status


async def test_a_key_is_asked_for_in_the_gateways_shape() -> None:
    wire = Wire(create_app(FewWords(), api_key="secret"))
    for headers, status in (
        ({}, 401),
        ({"Ocp-Apim-Subscription-Key": "other"}, 401),
        ({"Ocp-Apim-Subscription-Key": ""}, 401),
        ({"Ocp-Apim-Subscription-Key": "secret"}, 200),
        ({"Ocp-Apim-Subscription-Key": "", "Authorization": "Bearer secret"}, 200),
    ):
        answer = await wire("POST", ANALYZE, {"text": "a"}, headers=headers)
        assert answer.status_code == status
        if status == 401:
            assert answer.json()["error"]["code"] == "401"
            assert "x-ms-error-code" not in answer.headers


async def test_an_unknown_address_is_not_found(wire: Wire) -> None:
    for method, path in (("GET", ANALYZE), ("POST", "/contentsafety/image:analyze"), ("GET", "/")):
        answer = await wire(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "404")


async def test_a_version_must_be_given(wire: Wire) -> None:
    answer = await wire("POST", ANALYZE, {"text": "a"}, params={"api-version": None})
    assert answer.headers.get("x-ms-error-code") in ("MissingApiVersionParameter", "UnsupportedApiVersionValue")


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), part, max_size=4),
    max_leaves=8,
)


@given(path=st.sampled_from(sorted({path for path, _, _ in REFUSED} | {LIST})), body=any_json)
@settings(max_examples=150, deadline=None)
def test_any_body_is_answered_or_refused_as_documented(path: str, body: Any) -> None:
    wire = Wire(create_app(FewWords()))
    answer = asyncio.run(wire("PATCH" if path == LIST else "POST", path, content=json.dumps(body).encode()))
    assert answer.status_code in (200, 201, 400, 404)
    if answer.status_code >= 400:
        assert answer.headers["x-ms-error-code"] in ("InvalidRequestBody", "ResourceNotFound")


class Broken(FewWords):
    """Verdicts that fail, with the text in the error."""

    async def levels(self, text: str) -> Any:
        raise RuntimeError(text)


async def test_a_failure_inside_is_an_internal_error_and_tells_no_text(caplog: pytest.LogCaptureFixture) -> None:
    answer = await Wire(create_app(Broken()))("POST", ANALYZE, {"text": "a secret"})
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (500, "InternalError")
    assert "secret" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text
