"""How long an answer asks to be left alone: `Retry-After`, seconds or a date (RFC 9110, section 10.2.3)."""

import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait from `now` (epoch, seconds), never below 0; None where the header is missing or unreadable."""
    asked = headers.get("retry-after", "").strip()
    if not asked:
        return None
    wait_s = seconds(asked)
    return _until_date(asked, now) if wait_s is None else wait_s


def seconds(text: str) -> float | None:
    """The number that a header holds, never below 0; None where it is none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def _until_date(text: str, now: float) -> float | None:
    try:
        at = parsedate_to_datetime(text)
        # A date without a zone is read as UTC, which every HTTP date is.
        return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return None
