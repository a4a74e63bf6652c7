"""Hourly sums kept beside the entries, so that a week of millions of messages is added up in a moment.

They follow from the entries and may be dropped at any time: nothing but time is lost.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = (
    "CREATE TABLE ledger_passes (id BIGINT PRIMARY KEY, base BIGINT NOT NULL UNIQUE, mark TEXT NOT NULL)",
    "CREATE TABLE ledger_hours (id {identity}, pass BIGINT NOT NULL, hour INTEGER NOT NULL)",
    "CREATE INDEX ledger_hours_by_hour ON ledger_hours (hour)",
    "CREATE TABLE ledger_hour_calls (version INTEGER NOT NULL, series INTEGER NOT NULL, simulated INTEGER NOT NULL, "
    "calls BIGINT NOT NULL, unpriced_calls BIGINT NOT NULL, priced_message_calls BIGINT NOT NULL, "
    "input_tokens BIGINT NOT NULL, prompt_tokens BIGINT NOT NULL, cached_tokens BIGINT NOT NULL, "
    "cache_write_tokens BIGINT NOT NULL, output_tokens BIGINT NOT NULL, reasoning_tokens BIGINT NOT NULL, "
    "text_records BIGINT NOT NULL, latency_us BIGINT NOT NULL, picodollars {sum} NOT NULL, "
    "PRIMARY KEY (version, series, simulated)){clustered}",
    "CREATE TABLE ledger_hour_messages (version INTEGER NOT NULL, serves TEXT NOT NULL, bucket INTEGER NOT NULL, "
    "answered TEXT{bytewise} NOT NULL, persona TEXT{bytewise} NOT NULL, locale TEXT{bytewise} NOT NULL, "
    "simulated INTEGER NOT NULL, rated INTEGER NOT NULL, "
    "messages BIGINT NOT NULL, priced_messages BIGINT NOT NULL, picodollars {sum} NOT NULL, "
    "PRIMARY KEY (version, serves, answered, persona, locale, bucket, simulated, rated)){clustered}",
)


def upgrade() -> None:
    """The tables of this version."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    words = {
        "identity": "INTEGER PRIMARY KEY" if is_sqlite else "integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
        "sum": "BIGINT" if is_sqlite else "numeric",
        "bytewise": "" if is_sqlite else ' COLLATE "C"',
        "clustered": " WITHOUT ROWID" if is_sqlite else "",
    }
    for statement in TABLES:
        connection.exec_driver_sql(statement.format(**words))
