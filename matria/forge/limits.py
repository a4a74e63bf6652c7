"""How long to wait before a request is made again: as long as the forge asks, else longer from time to time.

Sources: RFC 9110 section 10.2.3 (`Retry-After`, seconds or a date); GitHub REST, "Rate limits" (403 or 429, then
`retry-after`, else `x-ratelimit-reset` where `x-ratelimit-remaining` is 0, else at least a minute); Azure DevOps, "Rate
and usage limits" (`Retry-After`, `X-RateLimit-Reset`).
"""

from collections.abc import Callable, Mapping

from matria.retry_after import retry_after_s, seconds

SECONDARY_LIMIT_S = 60.0
"""GitHub's wait where a limit was passed and no header says for how long."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 20.0
_LIMIT_WORDS = ("rate limit", "abuse detection")


def is_limit(status: int, headers: Mapping[str, str], text: str) -> bool:
    """Whether a refusal means "later" and not "never". GitHub says 403 for both."""
    if status == 429:
        return True
    if status != 403:
        return False
    is_spent = headers.get("x-ratelimit-remaining", "").strip() == "0"
    return is_spent or "retry-after" in headers or any(words in text.lower() for words in _LIMIT_WORDS)


def asked_wait_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that the headers ask to wait from `now` (epoch, seconds); None where they ask nothing readable."""
    if headers.get("retry-after", "").strip():
        return retry_after_s(headers, now)
    if headers.get("x-ratelimit-remaining", "0").strip() == "0" and "x-ratelimit-reset" in headers:
        reset = seconds(headers["x-ratelimit-reset"].strip())
        return None if reset is None else max(0.0, reset - now)
    return None


def pause_s(attempt: int, random: Callable[[], float]) -> float:
    """Seconds before attempt `attempt` + 1 where nothing asks for more: doubled each time, half of it by chance."""
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (attempt - 1))
    return longest * (0.5 + 0.5 * random())
