"""The tables of the watch's memory, as SQLite and PostgreSQL both read them; triggers let rows neither change nor go.

Times are ISO 8601 in UTC with microseconds, so that they sort as text; bodies are JSON.
"""

from collections.abc import Iterator

TABLES = (
    "CREATE TABLE IF NOT EXISTS cost_decisions (number BIGINT PRIMARY KEY, kind TEXT NOT NULL, until TEXT NOT NULL, "
    "made_at TEXT NOT NULL, made_by TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS cost_decisions_by_until ON cost_decisions (until, number)",
    "CREATE TABLE IF NOT EXISTS cost_episodes (number BIGINT NOT NULL REFERENCES cost_decisions, "
    "alert_id TEXT NOT NULL, state TEXT NOT NULL, opened_at TEXT NOT NULL, changed_at TEXT NOT NULL, "
    "body TEXT NOT NULL, PRIMARY KEY (alert_id, number))",
    "CREATE TABLE IF NOT EXISTS cost_steps (step_key TEXT PRIMARY KEY, "
    "number BIGINT NOT NULL REFERENCES cost_decisions, alert_id TEXT NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS cost_steps_by_alert ON cost_steps (alert_id, number)",
    "CREATE TABLE IF NOT EXISTS cost_handed_on (step_key TEXT PRIMARY KEY REFERENCES cost_steps, at TEXT NOT NULL)",
)
_KEPT = ("cost_decisions", "cost_episodes", "cost_steps", "cost_handed_on")


def only_grows_sqlite() -> Iterator[str]:
    """Triggers of SQLite."""
    for table in _KEPT:
        for change in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
            )


def only_grows_postgres() -> Iterator[str]:
    """A function and triggers of PostgreSQL."""
    yield (
        "CREATE OR REPLACE FUNCTION cost_watch_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% only grows', TG_TABLE_NAME; END $$"
    )
    for table in _KEPT:
        yield (
            f"CREATE OR REPLACE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "EXECUTE FUNCTION cost_watch_only_grows()"
        )
