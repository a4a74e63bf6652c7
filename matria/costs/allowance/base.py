"""An allowance is a sum that several processes may spend together; the port keeps who has taken how much of it.

A process takes a part at a time and spends from that, so that no call waits for a database. What it has taken and not
spent is nobody else's until it gives it back, or until its lease runs out: one that was killed gives nothing back.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

ELSEWHERE = "elsewhere"
"""Holder of what the ledger has and nobody took."""


@dataclass(frozen=True)
class Wish:
    """A part of an allowance that is asked for."""

    pool: str
    """Which allowance, such as `day/2026-11-22`."""
    cap_usd: Decimal
    """All of it, for everybody."""
    holder: str
    """Who asks: one process's one run."""
    spent_usd: Decimal
    """What the holder has spent of the pool so far."""
    held_usd: Decimal
    """What it needs beside that for the calls that are under way."""
    least_usd: Decimal
    """It takes this much more, or nothing."""
    most_usd: Decimal
    """It takes no more than this."""
    now: datetime
    until: datetime
    """When its lease ends, unless it is kept."""


@dataclass(frozen=True)
class Part:
    """What a holder got."""

    usd: Decimal
    """Beside what it has spent and holds; 0 where not even the least was left."""
    has_lapsed: bool
    """Whether somebody's lease has run out, and what was spent of it is still to be settled."""


@dataclass(frozen=True)
class Standing:
    """Where an allowance stands."""

    spent_usd: Decimal
    held_usd: Decimal
    """Taken by runs under way, or by killed ones that nobody has settled yet, and not spent so far as is known."""
    holders: int
    """Runs under way."""


class AllowanceStore(Protocol):
    """Keeps what was taken of each pool.

    1. What all holders of a pool have taken never passes the cap of the wish, whatever runs at the same time.
    2. What a holder has taken counts in full until it is released, or until it lapses and is settled; then what it has
       spent counts.
    3. Durable when a method returns. Raises `StorageError` where the store cannot be read or written.
    """

    def take(self, wish: Wish) -> Part:
        """A part for the holder, whose lease is kept; what it had taken and neither spent nor holds is given back."""

    def keep(self, pool: str, holder: str, spent_usd: Decimal, until: datetime) -> None:
        """The holder lives on, and has spent so much."""

    def release(self, pool: str, holder: str, spent_usd: Decimal) -> None:
        """The holder takes no more; what it has not spent is given back."""

    def settle(self, pool: str, booked_usd: Decimal | None, now: datetime) -> None:
        """Lapsed holders are released, at what the ledger has booked beyond what holders are known to have spent.

        Where nobody knows what was booked, all that a lapsed holder took counts as spent. What the ledger has beyond
        all that was taken counts as spent elsewhere.
        """

    def standing(self, pool: str, now: datetime) -> Standing:
        """Where the pool stands."""
