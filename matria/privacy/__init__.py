"""Persons kept out of what leaves: of tables, and of texts.

`keys.py` holds the secret behind pseudonyms, `anonymise.py` uses it on a table as its contract says; `identifiers/`
finds personal data in a text. Nothing is imported here, since a log line must not load what reads tables.
"""
