"""Calls of a paid service for one text: what it counted, and what left and nobody counted.

A rail that fails, or is cut off, says nothing of the calls that it made; whoever makes them notes them here, and the
chain that asked the rail reads what came of them. Calls outside a chain, such as a ping, are followed by nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class PaidCalls:
    """Calls of one rail for one text."""

    def __init__(self) -> None:
        self.text_records = 0
        """What the service counted."""
        self.uncounted = 0
        """Calls that have left, and that may be billed though no count came back."""

    def left(self) -> None:
        """A call is about to be sent."""
        self.uncounted += 1

    def refused(self) -> None:
        """A call that left was billed to nobody."""
        self.uncounted -= 1

    def counted(self, text_records: int) -> None:
        """A call that left was answered."""
        self.uncounted -= 1
        self.text_records += text_records


_CALLS: ContextVar[PaidCalls | None] = ContextVar("paid_calls", default=None)


@contextmanager
def followed(calls: PaidCalls) -> Iterator[None]:
    """What is called inside, in tasks begun there too, is noted in `calls`."""
    token = _CALLS.set(calls)
    try:
        yield
    finally:
        _CALLS.reset(token)


def current() -> PaidCalls:
    """Where a call is to be noted; where nobody follows, a sheet that nobody reads."""
    return _CALLS.get() or PaidCalls()
