"""All that the nurses' week keeps: weeks, items, people, reviews, and the keys of those who sign in.

Moments are microseconds since 1970, UTC. The log of who did what takes no change, whoever asks.
"""

from alembic import op

revision = "0001"
down_revision = None

TABLES = (
    "CREATE TABLE review_batches (batch_id TEXT PRIMARY KEY, since_us BIGINT NOT NULL, until_us BIGINT NOT NULL, "
    "drawn_us BIGINT NOT NULL, seed TEXT NOT NULL, state TEXT NOT NULL, strata TEXT NOT NULL, "
    "is_simulated INTEGER NOT NULL, missed TEXT NOT NULL)",
    "CREATE INDEX review_batches_by_time ON review_batches (since_us)",
    "CREATE TABLE review_items (put {identity}, item_id TEXT NOT NULL UNIQUE, batch_id TEXT NOT NULL, "
    "kind TEXT NOT NULL, locale TEXT NOT NULL, persona TEXT NOT NULL, stage TEXT, conversation TEXT NOT NULL, "
    "criterion TEXT, erased_us BIGINT)",
    "CREATE INDEX review_items_by_batch ON review_items (batch_id, put)",
    "CREATE TABLE review_origins (item_id TEXT PRIMARY KEY REFERENCES review_items (item_id), "
    "conversation_id TEXT NOT NULL, source TEXT NOT NULL, trace_id TEXT NOT NULL, facts TEXT NOT NULL)",
    "CREATE INDEX review_origins_by_conversation ON review_origins (conversation_id)",
    "CREATE INDEX review_origins_by_source ON review_origins (source)",
    "CREATE TABLE review_people (reviewer_id TEXT PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL UNIQUE, "
    "role TEXT NOT NULL, languages TEXT NOT NULL, absences TEXT NOT NULL, is_active INTEGER NOT NULL)",
    "CREATE TABLE review_assignments (made {identity}, item_id TEXT NOT NULL REFERENCES review_items (item_id), "
    "reviewer_id TEXT NOT NULL REFERENCES review_people (reviewer_id), part TEXT NOT NULL, due_us BIGINT NOT NULL, "
    "assigned_us BIGINT NOT NULL, state TEXT NOT NULL, disputed TEXT NOT NULL, reminded_us BIGINT, "
    "UNIQUE (item_id, reviewer_id))",
    "CREATE INDEX review_assignments_by_person ON review_assignments (reviewer_id, state)",
    "CREATE INDEX review_assignments_by_state ON review_assignments (state, due_us)",
    "CREATE TABLE review_drafts (item_id TEXT NOT NULL, reviewer_id TEXT NOT NULL, fields TEXT, "
    "saved_us BIGINT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (item_id, reviewer_id))",
    "CREATE TABLE review_reviews (sequence {identity}, item_id TEXT NOT NULL REFERENCES review_items (item_id), "
    "reviewer_id TEXT NOT NULL, revision INTEGER NOT NULL, part TEXT NOT NULL, form TEXT NOT NULL, "
    "submitted_us BIGINT NOT NULL, seconds DOUBLE PRECISION, given TEXT NOT NULL, comment TEXT NOT NULL, "
    "highlights TEXT NOT NULL, teach INTEGER NOT NULL, retracted_us BIGINT, UNIQUE (item_id, reviewer_id, revision))",
    "CREATE INDEX review_reviews_by_retraction ON review_reviews (retracted_us) WHERE retracted_us IS NOT NULL",
    "CREATE TABLE review_cursors (form TEXT PRIMARY KEY, cursor TEXT NOT NULL)",
    "CREATE TABLE review_erased (conversation_id TEXT PRIMARY KEY, erased_us BIGINT NOT NULL)",
    "CREATE TABLE review_audit (line {identity}, at_us BIGINT NOT NULL, who TEXT NOT NULL, did TEXT NOT NULL, "
    "thing TEXT NOT NULL, detail TEXT NOT NULL)",
    "CREATE TABLE review_keys (kind TEXT NOT NULL, key_hash TEXT NOT NULL, reviewer_id TEXT NOT NULL, "
    "expires_us BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (kind, key_hash))",
    "CREATE INDEX review_keys_by_person ON review_keys (kind, reviewer_id)",
    "CREATE INDEX review_keys_by_end ON review_keys (expires_us)",
    "CREATE TABLE review_notes (note {identity}, kind TEXT NOT NULL, subject TEXT NOT NULL, at_us BIGINT NOT NULL)",
    "CREATE INDEX review_notes_by_subject ON review_notes (kind, subject, at_us)",
    "CREATE INDEX review_notes_by_time ON review_notes (at_us)",
)
SQLITE = tuple(
    f"CREATE TRIGGER review_audit_no_{change} BEFORE {change} ON review_audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    for change in ("update", "delete")
)
POSTGRESQL = (
    "CREATE FUNCTION review_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE TRIGGER review_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON review_audit "
    "FOR EACH STATEMENT EXECUTE FUNCTION review_append_only()",
)


def upgrade() -> None:
    """The tables of this version."""
    connection = op.get_bind()
    is_sqlite = connection.dialect.name == "sqlite"
    identity = "INTEGER PRIMARY KEY" if is_sqlite else "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    for statement in TABLES:
        connection.exec_driver_sql(statement.format(identity=identity))
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        connection.exec_driver_sql(statement)
