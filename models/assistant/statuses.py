"""What an endpoint's status, error body and headers mean: the kind of failure, how long to wait, which limits hold."""

import json
import re
import time
from collections.abc import Mapping
from typing import Literal

from matria.retry_after import retry_after_s as standard_retry_after_s
from models.assistant.base import RateLimit
from models.assistant.failures import Failure
from models.assistant.wires.base import WireAnswer

_PASSING_4XX = (408, 409, 425)
"""Time-out, conflict and too early: the endpoint's own trouble, told as if it were ours."""
_NO_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
"""Codes of a 429 that no waiting helps."""
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TOLD_CHARACTERS = 60


def failure_of(answer: WireAnswer, model: str) -> tuple[Failure, str]:
    """What an answer with a status other than 2xx means, and what may be said of it."""
    status = answer.status
    if status == 404 and model:
        return "unknown_model", ""
    if status in (401, 403):
        return "key_refused", str(status)
    code, param = _code_and_param(answer.content)
    if status == 429:
        return ("no_quota", code) if code in _NO_QUOTA else ("too_many_requests", "")
    if status >= 500 or status in _PASSING_4XX:
        return "server", str(status)
    return "refused", ", ".join(part for part in (str(status), code, param) if part)


def retry_after_s(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait by `retry-after-ms` or `Retry-After` (seconds or an HTTP date); None where neither can be read.

    `now` is the time in seconds since 1970, by default the clock's.
    """
    if (ms := _number(headers.get("retry-after-ms"))) is not None:
        return max(0.0, ms / 1000)
    return standard_retry_after_s(headers, time.time() if now is None else now)


def rate_limits(headers: Mapping[str, str]) -> tuple[RateLimit, ...]:
    """The limits that `x-ratelimit-*` tell of, each only where limit, remaining and reset can all be read."""
    if headers.get("x-ratelimit-limit-requests") is None and headers.get("x-ratelimit-limit-tokens") is None:
        return ()
    return tuple(limit for unit in _UNITS if (limit := _rate_limit(headers, unit)) is not None)


_UNITS: tuple[Literal["requests", "tokens"], ...] = ("requests", "tokens")


def _rate_limit(headers: Mapping[str, str], unit: Literal["requests", "tokens"]) -> RateLimit | None:
    limit = _number(headers.get(f"x-ratelimit-limit-{unit}"))
    remaining = _number(headers.get(f"x-ratelimit-remaining-{unit}"))
    reset_s = _span_s(headers.get(f"x-ratelimit-reset-{unit}"))
    if limit is None or remaining is None or reset_s is None or limit <= 0:
        return None
    return RateLimit(unit, limit, max(0.0, remaining), reset_s)


def _span_s(text: str | None) -> float | None:
    """Seconds of a span such as `120ms`, `6m0s` or `2m59.56s`."""
    parts = _SPAN.findall(text or "")
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return _number(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None  # neither NaN nor infinite


def _code_and_param(content: bytes) -> tuple[str, str]:
    """Code and parameter that an error's body names; both are words of the API, never of the request."""
    try:
        error = json.loads(content)["error"]
        return _word(error.get("code")), _word(error.get("param"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", ""


def _word(value: object) -> str:
    return value[:_TOLD_CHARACTERS] if isinstance(value, str) else ""
