"""Events: where they come from, how they land in raw, and their way to clean tables.

`base.py` is the port, `file.py` its embedded adapter (with `mapping.py` for CSV), `landing.py` writes raw, `ingest.py`
is the whole way, `synthetic/` simulates a cohort.
"""
