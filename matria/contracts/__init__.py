"""Data contracts: what each table must hold, whether it does, and where clean and quarantined rows lie.

`contract.py` reads the YAML under tables/, `reading.py` turns received values into typed ones, `expectations.py` has
Great Expectations judge them, `check.py` sorts the rows, `base.py` and `parquet.py` keep the versions.
"""
