"""The ledger in SQLite; it lies in `matria.costs.ledger.sqlite`."""

from matria.costs.ledger.sqlite import SqliteLedger

__all__ = ["SqliteLedger"]
