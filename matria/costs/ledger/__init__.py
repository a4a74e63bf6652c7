"""The ledger in SQL: one store for SQLite, the embedded default, and for PostgreSQL.

`store` writes and reads entries, `sums` adds them up, `partials` keeps hourly sums; `sqlite` and `postgres` are the two
databases. Tables are made and changed by the migrations beside them.
"""
