"""The ledger's tables, brought to the newest schema; Alembic is imported only where they are not."""

from pathlib import Path
from typing import TYPE_CHECKING

from matria.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = "0002"
"""The newest of `migrations/versions`."""
VERSION_TABLE = "ledger_schema"
MIGRATIONS = Path(__file__).parent / "migrations"


def bring_to_head(connection: "Connection", name: str) -> None:
    """The tables as this Mátria reads them, made or migrated in the transaction of the connection.

    Raises `StorageError` where a newer Mátria has written them; `name` is what it is called there.
    """
    version = version_of(connection)
    if version == HEAD:
        return
    if version is not None and version > HEAD:
        raise StorageError(
            f"{name} is a ledger of version {version} and this Mátria reads version {HEAD}: "
            "use the Mátria that wrote it, or name another ledger."
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def tables_do_not_fit(what: str) -> str:
    """What to do about tables that bear our version and are not as it makes them; `what` is what they lack."""
    return (
        f"has tables of this version's number, and others than this version's ({what}): "
        "'Making the hourly sums anew' in docs/reference/ledger.md puts it right and keeps each entry."
    )


def version_of(connection: "Connection") -> str | None:
    """The version of the tables that are there; None where there are none of ours."""
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    version: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    return version
