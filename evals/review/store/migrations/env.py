"""Runs the migrations inside the transaction that `evals.review.store.database` has begun."""

from alembic import context

context.configure(**context.config.attributes)
context.run_migrations()
