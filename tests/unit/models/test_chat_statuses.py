"""What statuses, error bodies and headers of an endpoint mean."""

from inspect import signature

import pytest

from models.assistant.base import RateLimit
from models.assistant.parameters import PARAMETERS
from models.assistant.statuses import failure_of, rate_limits, retry_after_s
from models.assistant.wires.base import WireAnswer

NOON = 1_795_262_400.0
"""2026-11-21 12:00:00 UTC."""


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:01:30 GMT"}, 90.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_each_form(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOON) == seconds


@pytest.mark.parametrize(
    ("status", "body", "means"),
    [
        (429, b'{"error": {"code": "rate_limit_exceeded"}}', "too_many_requests"),
        (429, b'{"error": {"code": "insufficient_quota"}}', "no_quota"),
        (429, b"<html>", "too_many_requests"),
        (500, b"", "server"),
        (529, b"[]", "server"),
        (408, b"", "server"),
        (401, b"", "key_refused"),
        (403, b"", "key_refused"),
        (404, b"", "unknown_model"),
        (400, b'{"error": "text"}', "refused"),
        (302, b"", "refused"),
    ],
)
def test_a_status_means(status: int, body: bytes, means: str) -> None:
    assert failure_of(WireAnswer(status, body, {}), "m")[0] == means


def test_a_refusal_tells_code_and_parameter_and_not_the_endpoints_words() -> None:
    body = b'{"error": {"message": "I am 30 weeks", "code": "invalid_value", "param": "temperature"}}'
    assert failure_of(WireAnswer(400, body, {}), "m") == ("refused", "400, invalid_value, temperature")


def test_limits_are_read_only_whole() -> None:
    headers = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-reset-requests": "120ms",
        "x-ratelimit-limit-tokens": "30000",
        "x-ratelimit-remaining-tokens": "29000",
        "x-ratelimit-reset-tokens": "6m0.5s",
    }
    requests, tokens = RateLimit("requests", 500, 499, 0.12), RateLimit("tokens", 30000, 29000, 360.5)
    assert rate_limits(headers) == (requests, tokens)
    assert rate_limits(headers | {"x-ratelimit-reset-tokens": "a while"}) == (requests,)
    assert rate_limits({}) == ()


def test_the_parameters_are_those_of_the_official_client() -> None:
    from openai.resources.chat.completions import AsyncCompletions

    of_the_client = {"self", "messages", "model", "stream", "stream_options", "timeout"}
    of_the_client |= {"extra_body", "extra_headers", "extra_query"}
    assert set(signature(AsyncCompletions.create).parameters) - of_the_client == PARAMETERS
