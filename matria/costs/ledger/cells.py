"""How an entry's values lie in a database: integers for time and money, bytes for ids.

Times are microseconds since 1970, dollars whole picodollars, so that sums are exact in any order. An id that is
lower-case hexadecimal, as digests and UUIDs are, takes half its length.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOST_PICODOLLARS = 2**63 - 1
_DIGITS = 12
_WIDE = Context(prec=80)
_PACKED, _PLAIN = b"\x01", b"\x00"
_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2})+")


def picodollars(usd: Decimal) -> int:
    """The same amount in whole picodollars. Raises ValueError where it is finer, negative or above nine millions."""
    if not usd.is_finite():
        raise ValueError(f"a cost is a number of dollars, not {usd}")
    scaled = usd.scaleb(_DIGITS, _WIDE)
    whole = int(scaled)
    if scaled != whole:
        raise ValueError(f"{usd} USD is finer than a picodollar: round the cost before it is recorded")
    if not 0 <= whole <= MOST_PICODOLLARS:
        raise ValueError(f"{usd} USD is no cost of a call")
    return whole


def dollars(pico: int) -> Decimal:
    """The same amount in US dollars, without idle zeros."""
    exact = Decimal(pico).scaleb(-_DIGITS, _WIDE).normalize(_WIDE)
    return exact.quantize(Decimal(1), context=_WIDE) if exact.as_tuple().exponent > 0 else exact  # type: ignore[operator]


def microseconds(at: datetime) -> int:
    """The instant, since 1970. Raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError("a ledger's times are aware of their time zone")
    return (at - EPOCH) // MICROSECOND


def instant(us: int) -> datetime:
    """The instant, UTC."""
    return EPOCH + timedelta(microseconds=us)


def packed(name: str) -> bytes:
    """The id as bytes; equal ids have equal bytes, and no two ids the same."""
    return _PACKED + bytes.fromhex(name) if _HEXADECIMAL.fullmatch(name) else _PLAIN + name.encode()


def unpacked(value: bytes) -> str:
    """The id that was packed."""
    return bytes(value[1:]).hex() if value[:1] == _PACKED else bytes(value[1:]).decode()
