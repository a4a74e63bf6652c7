"""A ledger of a million messages a day, made inside the database in a minute: for measuring, not for believing.

Two calls a message, four messages a conversation; six assistants and locales, one call in a thousand without a price.
Ids have the length and the randomness of real ones, so that indexes are as large and as slow.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from matria.costs.base import Cost, LedgerEntry, Purpose, UnitPrices, Usage
from matria.costs.ledger.cells import microseconds

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from matria.costs.ledger.store import SqlLedger

FIRST_DAY = datetime(2026, 11, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
ASSISTANTS = [
    (f"{persona}/{name}", persona, locale)
    for persona, name in (("gestante", "triagem"), ("puerpera", "orientacao"))
    for locale in ("pt-BR", "pt-PT", "en")
]
PURPOSES: tuple[Purpose, ...] = ("assistant", "moderation")
COLUMNS = (
    "call_id, series, message_us, message_id, conversation_id, bucket, at_us, latency_ms, input_tokens, prompt_tokens, "
    "cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, text_records, picodollars"
)
VALUES = """{random_id}, {series} + call * 6 + i % 6, {start} + i * {step}, {message_id}, {conversation_id},
    (i / 4) % 256, {start} + i * {step} + 800000 + call * 90000, 800.0 + i % 400,
    CASE call WHEN 0 THEN 1100 + i % 700 ELSE 0 END, CASE call WHEN 0 THEN 900 ELSE 0 END,
    CASE call WHEN 0 THEN 896 ELSE 0 END, 0, CASE call WHEN 0 THEN 120 + i % 300 ELSE 0 END, 0, call,
    CASE WHEN i % 500 = 0 THEN NULL WHEN call = 0 THEN (300 + i % 500) * 1000000 ELSE 400000000 END"""
SQLITE = f"""INSERT INTO ledger_entries ({COLUMNS})
WITH RECURSIVE message (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM message WHERE i + 1 < {{messages}}),
    calls (call) AS (VALUES (0), (1))
SELECT {VALUES} FROM message CROSS JOIN calls"""
POSTGRESQL = f"""INSERT INTO ledger_entries ({COLUMNS})
SELECT {VALUES}
FROM generate_series(0::bigint, {{messages}} - 1) AS message (i) CROSS JOIN generate_series(0, 1) AS calls (call)"""
IDS = {
    "sqlite": {
        "random_id": "randomblob(17)",
        "message_id": "CAST(printf('%017d', i) AS BLOB)",
        "conversation_id": "CAST(printf('%033d', i / 4) AS BLOB)",
    },
    "postgresql": {
        "random_id": r"'\x01'::bytea || uuid_send(gen_random_uuid())",
        "message_id": r"'\x01'::bytea || decode(lpad(to_hex(i), 32, '0'), 'hex')",
        "conversation_id": r"'\x01'::bytea || decode(lpad(to_hex(i / 4), 64, '0'), 'hex')",
    },
}


def entry(call_id: str, at: datetime, assistant: int = 0, purpose: Purpose = "assistant") -> LedgerEntry:
    """One call of one of the assistants."""
    name, persona, locale = ASSISTANTS[assistant]
    is_answer = purpose == "assistant"
    unit_prices = (
        UnitPrices(input=Decimal("0.40"), cached=Decimal("0.10"), output=Decimal("1.60"))
        if is_answer
        else UnitPrices(records=Decimal("0.40"))
    )
    return LedgerEntry(
        call_id, at, purpose, "ab" * 32, call_id, name, "1.2.0", "ab12" * 16, persona, locale,
        "azure" if is_answer else "azure_content_safety", "our-deployment", "gpt-4.1-mini-2025-04-14",
        Usage(1100, 200, 896) if is_answer else Usage(0, 0, text_records=1), 812.5,
        Cost("priced", Decimal("0.0004"), "genai-prices 0.2.3 gpt-4.1-mini", at.date(), unit_prices),
        False, at, "people", 900 if is_answer else 0,
    )  # fmt: skip


def fill(ledger: "SqlLedger", days: int, messages_a_day: int, first: int = 0) -> Iterator[date]:
    """Fills the ledger day by day, and says which day is done."""
    for day in range(first, first + days):
        start = FIRST_DAY + timedelta(days=day)
        for purpose in PURPOSES:
            for assistant in range(len(ASSISTANTS)):  # one by one, so that the series are numbered in this order
                ledger.record([entry(f"{day}-{purpose}-{assistant}", start, assistant, purpose)])
        with ledger._database.writing() as connection, _without_trigger(connection):
            _fill_day(connection, start, messages_a_day)
        yield start.date()


def _fill_day(connection: "Connection", start: datetime, messages: int) -> None:
    from sqlalchemy import text

    kind = connection.dialect.name
    series = connection.execute(
        text("SELECT min(id) FROM ledger_series WHERE priced_on = :day"), {"day": start.date().isoformat()}
    ).scalar_one()
    statement = (SQLITE if kind == "sqlite" else POSTGRESQL).format(
        **IDS[kind], series=series, start=microseconds(start), step=DAY_US // messages, messages=messages
    )
    connection.execute(text(statement))


@contextmanager
def _without_trigger(connection: "Connection") -> Iterator[None]:
    """SQLite asks the trigger for each row, which `INSERT ... SELECT` of new ids does not need."""
    if connection.dialect.name != "sqlite":
        yield
        return
    name = "ledger_entries_no_replace"
    connection.exec_driver_sql("PRAGMA cache_size = -1000000")  # ids in no order: pages of their index stay at hand
    made = connection.exec_driver_sql(f"SELECT sql FROM sqlite_master WHERE name = '{name}'").scalar_one()
    connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    connection.exec_driver_sql(made)
