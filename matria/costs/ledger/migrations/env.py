"""Runs the ledger's migrations inside the transaction that `matria.costs.ledger.schema` has begun."""

from alembic import context

context.configure(**context.config.attributes)
context.run_migrations()
