"""The time, for whoever takes a clock as an argument; a test gives one of its own."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time, aware of its zone."""
    return datetime.now(UTC)
