"""Series and entries, append-only; entries of a SQLite file of the earlier form are taken over."""

from alembic import op

from matria.costs.ledger.migrations.released import take_over

revision = "0001"
down_revision = None

SERIES = """CREATE TABLE ledger_series (
    id {identity},
    digest {bytes} NOT NULL UNIQUE,
    purpose TEXT NOT NULL, serves TEXT NOT NULL,
    prompt_name TEXT NOT NULL, prompt_version TEXT NOT NULL, prompt_hash TEXT NOT NULL,
    persona TEXT{bytewise} NOT NULL, locale TEXT{bytewise} NOT NULL,
    provider TEXT NOT NULL, model TEXT NOT NULL, model_snapshot TEXT NOT NULL, tier TEXT NOT NULL,
    price_source TEXT NOT NULL, priced_on TEXT NOT NULL, unit_prices TEXT, rates TEXT, is_simulated INTEGER NOT NULL,
    answered TEXT{bytewise} NOT NULL
)"""
ENTRIES = """CREATE TABLE ledger_entries (
    written {written},
    message_us BIGINT NOT NULL, at_us BIGINT NOT NULL, picodollars BIGINT CHECK (picodollars >= 0),
    latency_ms DOUBLE PRECISION NOT NULL,
    series INTEGER NOT NULL, input_tokens INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL, text_records INTEGER NOT NULL, bucket SMALLINT NOT NULL,
    call_id {bytes} NOT NULL {unique}, message_id {bytes} NOT NULL, conversation_id {bytes} NOT NULL
)"""
"""PostgreSQL's order: widest first, so that no room is lost to alignment. No foreign key: PostgreSQL would lock the
series' row for each entry, and neither table ever loses a row."""
UNPRICED = "CREATE INDEX ledger_entries_unpriced ON ledger_entries (message_us) WHERE picodollars IS NULL"
SQLITE = (
    SERIES.format(identity="INTEGER PRIMARY KEY", bytes="BLOB", bytewise=""),
    ENTRIES.format(written="INTEGER PRIMARY KEY", bytes="BLOB", unique="UNIQUE"),
    "CREATE INDEX ledger_entries_by_message ON ledger_entries (message_us)",
    "CREATE INDEX ledger_entries_by_time ON ledger_entries (at_us)",
    UNPRICED,
    *(
        f"CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
        for table in ("ledger_series", "ledger_entries")
        for change in ("update", "delete")
    ),
    "CREATE TRIGGER ledger_entries_no_replace BEFORE INSERT ON ledger_entries "
    "WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE call_id = NEW.call_id) "
    "OR EXISTS (SELECT 1 FROM ledger_entries WHERE written = NEW.written) BEGIN SELECT RAISE(IGNORE); END",
)
POSTGRESQL = (
    SERIES.format(identity="integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY", bytes="bytea", bytewise=' COLLATE "C"'),
    ENTRIES.format(
        written="bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)", bytes="bytea", unique="PRIMARY KEY"
    ),
    *(
        f"CREATE INDEX ledger_entries_by_{name} ON ledger_entries USING brin ({column}) "
        "WITH (pages_per_range = 16, autosummarize = on)"
        for name, column in (("message", "message_us"), ("time", "at_us"), ("transaction", "written"))
    ),
    UNPRICED,
    "CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    *(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
        for table in ("ledger_series", "ledger_entries")
    ),
)


def upgrade() -> None:
    """The tables of this version."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    with take_over(connection, is_sqlite):
        for statement in SQLITE if is_sqlite else POSTGRESQL:
            connection.exec_driver_sql(statement)
