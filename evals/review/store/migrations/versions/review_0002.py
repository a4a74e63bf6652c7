"""The log of who did what takes no line in place of another either: of one that is replaced SQLite asks no trigger of
deletion. PostgreSQL knows no such statement.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS review_audit_no_replace BEFORE INSERT ON review_audit "
    "WHEN EXISTS (SELECT 1 FROM review_audit WHERE line = NEW.line) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
)


def upgrade() -> None:
    """The trigger of this version."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(SQLITE)
