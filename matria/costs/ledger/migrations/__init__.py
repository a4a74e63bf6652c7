"""The ledger's migrations, run by `matria.costs.ledger.schema`."""
