"""Tables brought to the newest schema by a folder of migrations; Alembic is imported only where they are not there."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from matria.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True)
class SqlSchema:
    """A store's migrations, and where the version of its tables stands."""

    migrations: Path
    """The folder with `env.py` and `versions`."""
    version_table: str
    head: str
    """The newest of `versions`."""
    too_new: str
    """What is said of tables that a newer Mátria wrote, with places for `name`, `version` and `head`."""

    def bring_to_head(self, connection: "Connection", name: str) -> None:
        """The tables as this Mátria reads them, made or migrated in the transaction of the connection.

        Raises `StorageError` where a newer Mátria has written them; `name` is where they lie.
        """
        version = self.version_of(connection)
        if version == self.head:
            return
        if version is not None and version > self.head:
            raise StorageError(self.too_new.format(name=name, version=version, head=self.head))
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(self.migrations).replace("%", "%%"))
        config.attributes["connection"] = connection
        config.attributes["version_table"] = self.version_table
        command.upgrade(config, "head")

    def version_of(self, connection: "Connection") -> str | None:
        """The version of the tables that are there; None where there are none of ours."""
        from sqlalchemy import inspect, text

        if not inspect(connection).has_table(self.version_table):
            return None
        found = text(f"SELECT version_num FROM {self.version_table}")
        version: str | None = connection.execute(found).scalar()
        return version
