"""The ledger's tables, and what is said of those that are not as this Mátria makes them."""

from pathlib import Path

from matria.sqlschema import SqlSchema

SCHEMA = SqlSchema(
    migrations=Path(__file__).parent / "migrations",
    version_table="ledger_schema",
    head="0002",
    too_new=(
        "{name} is a ledger of version {version} and this Mátria reads version {head}: "
        "use the Mátria that wrote it, or name another ledger."
    ),
)


def tables_do_not_fit(what: str) -> str:
    """What to do about tables that bear our version and are not as it makes them; `what` is what they lack."""
    return (
        f"has tables of this version's number, and others than this version's ({what}): "
        "'Making the hourly sums anew' in docs/reference/ledger.md puts it right and keeps each entry."
    )
