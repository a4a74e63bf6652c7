"""The database of the reviews: found by id or by title below its page, else made, with its properties in order.

Below a page it is looked for among the page's own blocks, which hold a database from the moment it is made; Notion's
search learns of it later, and is asked only where no page is set.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from evals.review.notion.memory import Memory, recall, remember
from evals.review.notion.schema import Columns, Look, look, mending, remembered, wanted
from evals.review.notion.text import plain, rich
from evals.review.notion.wire import Refused, Unanswered, Wire
from evals.review.notion.words import DATABASE_TITLE
from evals.review.records import ReviewRecords
from matria.errors import SettingsError, StorageError
from matria.messages import Locale

_CREATES = 3


@dataclass(frozen=True)
class Place:
    """Where the database is, or is to be."""

    database_id: str = ""
    """Set: this one and no other."""
    parent_id: str = ""
    """Page below which it is found, or made."""
    title: str = DATABASE_TITLE
    locale: Locale = "pt-BR"
    """Of its properties; Portuguese of Brazil unless pt-PT."""

    def __post_init__(self) -> None:
        for name, value in (("DATABASE", self.database_id), ("PARENT", self.parent_id)):
            if value and not _is_id(value):
                raise SettingsError(
                    f"MATRIA_REVIEW__NOTION_{name} is no id of Notion's: take the 32 characters from the page's "
                    "address, before the question mark."
                )


@dataclass(frozen=True)
class Source:
    """The table of pages within the database, and where its properties are."""

    database_id: str
    source_id: str
    columns: Columns
    problems: tuple[str, ...] = ()
    title: str = ""
    """Of the database, as people called it."""


class Database:
    """Finds it, makes it, mends it."""

    def __init__(self, wire: Wire, place: Place, records: ReviewRecords) -> None:
        self._wire = wire
        self._place = place
        self._records = records

    def ready(self) -> Source:
        """Found or made, with every property. Raises `StorageError` where a person has to mend it."""
        database = self._found() or self._made()
        source_id = self._source_id(database)
        properties = self._properties(source_id)
        found = self._look(source_id, properties)
        if update := mending(found, properties, self._place.locale):
            mended = self._wire.call(
                "mend the database", lambda client: client.data_sources.update(source_id, properties=update)
            )
            found = self._look(source_id, mended["properties"])
        if found.problems:
            raise StorageError(" ".join(found.problems))
        remember(self._records, remembered(found, str(database["id"]), source_id, self._place.parent_id))
        return self._source(database, source_id, found)

    def seen(self) -> Source | None:
        """As it is, with what is the matter; nothing is written. None where there is none yet."""
        database = self._found()
        if database is None:
            return None
        source_id = self._source_id(database)
        return self._source(database, source_id, self._look(source_id, self._properties(source_id)))

    def check(self) -> None:
        """Raises `SettingsError` where there is no database and none could be made."""
        if not self._place.parent_id:
            raise SettingsError(
                "No Notion database: set MATRIA_REVIEW__NOTION_DATABASE to its id, or MATRIA_REVIEW__NOTION_PARENT to "
                "that of a page below which one is made."
            )

    def _source(self, database: dict[str, Any], source_id: str, found: Look) -> Source:
        return Source(str(database["id"]), source_id, found.columns, found.problems, plain(database["title"]))

    def _look(self, source_id: str, properties: Any) -> Look:
        memory = recall(self._records)
        return look(properties, memory if memory.source_id == source_id else Memory())

    def _properties(self, source_id: str) -> Any:
        answer = self._wire.call("read the database", lambda client: client.data_sources.retrieve(source_id))
        return answer["properties"]

    def _source_id(self, database: dict[str, Any]) -> str:
        sources = database.get("data_sources") or []
        if len(sources) == 1:
            return str(sources[0]["id"])
        known = recall(self._records).source_id
        titled = [one for one in sources if one.get("name") == self._place.title]
        fitting = [one for one in sources if one["id"] == known] or titled
        if len(fitting) != 1:
            raise StorageError(
                f"The Notion database has {len(sources)} data sources, none or several named “{self._place.title}”: "
                "name the one for the reviews so."
            )
        return str(fitting[0]["id"])

    def _found(self) -> dict[str, Any] | None:
        if self._place.database_id:
            return self._standing(self._named(self._place.database_id))
        known = recall(self._records)
        is_same = known.database_id and known.parent_id == self._place.parent_id
        if is_same and (database := self._still_there(known.database_id)):
            return database
        found = [database for one in self._candidates() if (database := self._still_there(one))]
        # Of two made within one minute the one that stands first on the page: every run chooses the same.
        return min(found, key=lambda one: str(one["created_time"]), default=None)

    def _candidates(self) -> Iterator[str]:
        parent, title = self._place.parent_id, self._place.title
        if parent:
            doing = "read the page of the reviews"
            for block in self._wire.listed(doing, lambda c, paging: c.blocks.children.list(parent, **paging)):
                if block["type"] == "child_database" and block["child_database"]["title"] == title:
                    yield str(block["id"])
            return
        wanted_type = {"property": "object", "value": "data_source"}
        for one in self._wire.listed("search", lambda c, paging: c.search(query=title, filter=wanted_type, **paging)):
            if plain(one.get("title", [])) == title and one["parent"].get("database_id"):
                yield str(one["parent"]["database_id"])

    def _made(self) -> dict[str, Any]:
        self.check()
        for attempt in range(1, _CREATES + 1):
            try:
                return self._first(self._wire.call("make a database", self._create, is_repeatable=False))
            except Unanswered:
                self._wire.pause(attempt)
                if database := self._found():
                    return database
        raise StorageError("Notion did not make the database: try again later.")

    def _first(self, made: dict[str, Any]) -> dict[str, Any]:
        """The one that counts, where another run made one too; ours goes then, empty as it is."""
        first = self._found()
        if first is None or first["id"] == made["id"]:
            return made
        self._wire.call("drop a database", lambda client: client.databases.update(made["id"], in_trash=True))
        return first

    def _create(self, client: Any) -> Any:
        return client.databases.create(
            parent={"type": "page_id", "page_id": self._place.parent_id},
            title=rich(self._place.title),
            initial_data_source={"properties": wanted(self._place.locale)},
        )

    def _retrieved(self, database_id: str) -> dict[str, Any]:
        return self._wire.call("read the database", lambda client: client.databases.retrieve(database_id))

    def _named(self, database_id: str) -> dict[str, Any]:
        """The one of the settings."""
        try:
            return self._retrieved(database_id)
        except Refused as error:
            if error.status != 400:
                raise
            raise SettingsError(
                "MATRIA_REVIEW__NOTION_DATABASE is the id of something else: open the database itself as a full page, "
                "and take the 32 characters from its address, before the question mark."
            ) from error

    def _still_there(self, database_id: str) -> dict[str, Any] | None:
        """None for one in the trash, deleted for good or not shared any more."""
        try:
            database = self._retrieved(database_id)
        except Refused as error:
            if error.status == 404:
                return None
            raise
        return None if database.get("in_trash") else database

    def _standing(self, database: dict[str, Any]) -> dict[str, Any]:
        if database.get("in_trash"):
            raise StorageError(
                "The Notion database of the reviews is in the trash: restore it there, or unset "
                "MATRIA_REVIEW__NOTION_DATABASE to have another one made."
            )
        return database


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
