"""Allowances in SQLite or PostgreSQL: a row for each holder of each pool, all changes of a pool one after another.

In the ledger's PostgreSQL where there is one, so that machines share an allowance; else in a SQLite file beside the
ledger. Sums are integers of picodollars.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria.costs.allowance.base import ELSEWHERE, Part, Standing, Wish
from matria.costs.base import PICODOLLAR
from matria.sqlstore import Kept, SqlStore, sortable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

KEPT = Kept(
    name="account of what evaluations may spend",
    remedy="move it away and run the command again; what was spent today is read from the ledger.",
    lock=0x6D61_7472_6275,
)


class SqlAllowances:
    """See `matria.costs.allowance.base.AllowanceStore`; each call is one transaction."""

    def __init__(self, place: Path | str) -> None:
        """`place` is a SQLite file, or the address of a PostgreSQL."""
        self._store = SqlStore(place, KEPT, lambda connection: self._table.metadata.create_all(connection))

    def __repr__(self) -> str:
        return f"SqlAllowances({self._store.name})"

    def take(self, wish: Wish) -> Part:
        """A part for the holder."""
        with self._store.transaction(is_alone=True) as connection:
            rows = self._rows(connection, wish.pool)
            now = sortable(wish.now)
            has_lapsed = any(_is_lapsed(row, now) for row in rows if row.holder != wish.holder)
            others = sum(_counted(row) for row in rows if row.holder != wish.holder)
            committed = _pico(wish.spent_usd) + _pico(wish.held_usd)
            left = _pico(wish.cap_usd) - others - committed
            if left < _pico(wish.least_usd):
                return Part(Decimal(0), has_lapsed)
            part = min(left, _pico(wish.most_usd))
            values = {"taken": committed + part, "spent": _pico(wish.spent_usd), "until": sortable(wish.until)}
            self._put(connection, wish.pool, wish.holder, rows, **values, is_over=False)
            return Part(part * PICODOLLAR, has_lapsed)

    def keep(self, pool: str, holder: str, spent_usd: Decimal, until: datetime) -> None:
        """The holder lives on."""
        self._change(pool, holder, spent=_pico(spent_usd), until=sortable(until))

    def release(self, pool: str, holder: str, spent_usd: Decimal) -> None:
        """The holder takes no more."""
        self._change(pool, holder, spent=_pico(spent_usd), is_over=True)

    def settle(self, pool: str, booked_usd: Decimal | None, now: datetime) -> None:
        """Lapsed holders are released."""
        with self._store.transaction(is_alone=True) as connection:
            rows = self._rows(connection, pool)
            known = sum(row.spent for row in rows)
            unknown = None if booked_usd is None else max(0, _pico(booked_usd) - known)
            for row in rows:
                if not _is_lapsed(row, sortable(now)):
                    continue
                rest = max(0, row.taken - row.spent)
                lost = rest if unknown is None else min(rest, unknown)
                unknown = None if unknown is None else unknown - lost
                self._put(connection, pool, row.holder, rows, spent=row.spent + lost, is_over=True)
            if booked_usd is not None:
                self._elsewhere(connection, pool, _pico(booked_usd))

    def standing(self, pool: str, now: datetime) -> Standing:
        """Where the pool stands."""
        with self._store.transaction(is_alone=True) as connection:
            rows = self._rows(connection, pool)
        open_rows = [row for row in rows if not row.is_over]
        return Standing(
            spent_usd=sum(row.spent for row in rows) * PICODOLLAR,
            held_usd=sum(max(0, row.taken - row.spent) for row in open_rows) * PICODOLLAR,
            holders=sum(not _is_lapsed(row, sortable(now)) for row in open_rows),
        )

    def _elsewhere(self, connection: "Connection", pool: str, booked: int) -> None:
        """What nobody took is spent all the same: by a command that knows no allowance, or before a file was lost."""
        rows = self._rows(connection, pool)
        found = booked - sum(_counted(row) for row in rows if row.holder != ELSEWHERE)
        if found > sum(row.spent for row in rows if row.holder == ELSEWHERE):
            until = sortable(datetime.fromtimestamp(0, UTC))
            self._put(connection, pool, ELSEWHERE, rows, taken=found, spent=found, until=until, is_over=True)

    def _rows(self, connection: "Connection", pool: str) -> "Sequence[Any]":
        from sqlalchemy import select

        table = self._table
        return connection.execute(select(table).where(table.c.pool == pool).order_by(table.c.holder)).all()

    def _change(self, pool: str, holder: str, **values: Any) -> None:
        from sqlalchemy import update

        of = self._table.c
        with self._store.transaction(is_alone=True) as connection:
            mine = (of.pool == pool) & (of.holder == holder)
            connection.execute(update(self._table).where(mine).values(**values))

    def _put(self, connection: "Connection", pool: str, holder: str, rows: "Sequence[Any]", **values: Any) -> None:
        from sqlalchemy import insert, update

        of = self._table.c
        if any(row.holder == holder for row in rows):
            connection.execute(update(self._table).where((of.pool == pool) & (of.holder == holder)).values(**values))
        else:
            connection.execute(insert(self._table).values(pool=pool, holder=holder, **values))

    @cached_property
    def _table(self) -> "Table":
        return _allowances()


def _is_lapsed(row: Any, now: str) -> bool:
    return not row.is_over and row.until <= now


def _counted(row: Any) -> int:
    """What a holder keeps from all others."""
    return int(row.spent) if row.is_over else max(int(row.taken), int(row.spent))


def _pico(usd: Decimal) -> int:
    return int((usd / PICODOLLAR).to_integral_value(ROUND_CEILING))


def _allowances() -> "Table":
    from sqlalchemy import BigInteger, Boolean, Column, MetaData, String, Table

    return Table(
        "cost_allowances",
        MetaData(),
        Column("pool", String(200), primary_key=True),
        Column("holder", String(100), primary_key=True),
        Column("taken", BigInteger, nullable=False),
        Column("spent", BigInteger, nullable=False),
        Column("until", String(40), nullable=False),
        Column("is_over", Boolean, nullable=False),
    )
