"""Runs the ledger's migrations inside the transaction that `matria.costs.ledger.schema` has begun."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="ledger_schema")
context.run_migrations()
