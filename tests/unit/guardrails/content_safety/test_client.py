"""What goes over the wire, and what each way to fail becomes."""

import subprocess
import sys
import traceback

import pytest
from aiohttp import web

from guardrails.content_safety.client import Account, SafetyClient
from guardrails.content_safety.failures import CallFailed
from tests.unit.guardrails.content_safety.double import KEY, Say, body, half, hang_up, levels, raw, refusing, serving

SAID = "o que ela disse"


async def fails(say: Say, operation: str = "analyze") -> tuple[CallFailed, int]:
    """The failure, and how many requests it took."""
    async with serving(say) as double:
        client = SafetyClient(Account(double.url, KEY))
        try:
            with pytest.raises(CallFailed) as caught:
                await getattr(client, operation)({"text": SAID})
        finally:
            await client.aclose()
        return caught.value, len(double.asked)


@pytest.mark.parametrize("operation", ["analyze", "shield", "groundedness"])
@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (400, "refused"),
        (401, "key_refused"),
        (403, "key_refused"),
        (404, "not_found"),
        (408, "server"),
        (413, "refused"),
        (429, "too_many_requests"),
        (500, "server"),
        (503, "server"),
        (202, "unreadable"),
    ],
)
async def test_each_status_is_one_request_and_one_failure(operation: str, status: int, failure: str) -> None:
    failed, requests = await fails(refusing(status, Retry_After="1"), operation)
    assert (failed.failure, failed.status, requests) == (failure, status, 1)


@pytest.mark.parametrize("operation", ["analyze", "shield", "groundedness"])
@pytest.mark.parametrize("text", ["", "hello", '{"categoriesAnalysis": [', "\x00"])
async def test_what_is_no_json_is_unreadable(operation: str, text: str) -> None:
    assert (await fails(raw(text), operation))[0].failure == "unreadable"


async def test_half_an_answer_and_a_cut_connection_fail() -> None:
    assert (await fails(half))[0].failure == "unreadable"
    failed, requests = await fails(hang_up)
    assert (failed.failure, requests) == ("unreachable", 1)


async def test_nobody_there_is_unreachable() -> None:
    client = SafetyClient(Account("http://127.0.0.1:9", KEY))
    with pytest.raises(CallFailed, match="cannot be reached"):
        await client.analyze({"text": SAID})
    await client.aclose()


async def test_a_text_is_not_sent_on_to_another_address() -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/"})

    failed, requests = await fails(elsewhere)
    assert (failed.failure, requests) == ("unreadable", 1)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": "0"}, 0.0),
        ({"Retry_After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0.0),
        ({"Retry_After": "soon"}, None),
        ({"retry_after_ms": "50"}, None),
        ({}, None),
    ],
)
async def test_a_pause_is_read_from_the_header(headers: dict[str, str], seconds: float | None) -> None:
    assert (await fails(refusing(429, **headers)))[0].retry_after_s == seconds


async def test_a_failure_never_quotes_the_text() -> None:
    for say in (refusing(400, x_ms_error_code="InvalidRequestBody"), refusing(400, x_ms_error_code=SAID), raw(SAID)):
        failed, _ = await fails(say)
        assert SAID not in "".join(traceback.format_exception(failed))
    assert "InvalidRequestBody" in str((await fails(refusing(400, x_ms_error_code="InvalidRequestBody")))[0])


async def test_the_key_the_versions_and_the_body_are_as_documented() -> None:
    async with serving(levels()) as double:
        client = SafetyClient(Account(double.url, KEY))
        await client.analyze({"text": SAID})
        double.says = [body({})]
        await client.shield({"userPrompt": SAID})
        await client.groundedness({"text": SAID})
        await client.aclose()
    assert [(asked.method, asked.path, asked.query["api-version"]) for asked in double.asked] == [
        ("POST", "/contentsafety/text:analyze", "2023-10-01"),
        ("POST", "/contentsafety/text:shieldPrompt", "2024-09-01"),
        ("POST", "/contentsafety/text:detectGroundedness", "2024-09-15-preview"),
    ]
    assert all(asked.headers["Ocp-Apim-Subscription-Key"] == KEY for asked in double.asked)
    assert double.asked[0].body == {"text": SAID}


async def test_without_a_key_the_identity_of_the_machine_is_asked_for() -> None:
    client = SafetyClient(Account("https://nowhere.invalid"))
    with pytest.raises(CallFailed) as caught:
        await client.analyze({"text": SAID})
    await client.aclose()
    assert caught.value.failure in ("key_refused", "unreachable")


def test_the_vendors_library_is_loaded_by_the_first_call_alone() -> None:
    program = (
        "import sys, guardrails.content_safety.moderator\nassert not [m for m in sys.modules if m.startswith('azure')]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
