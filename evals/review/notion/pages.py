"""Pages of the database: found by their key, made whole, dated anew, moved to the trash and back.

A key is `item:reviewer`. A page is made only after it was looked for; of two with one key the ticked one counts, else
the one that somebody wrote on, else the older one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from evals.review.base import Offer
from evals.review.notion import words
from evals.review.notion.blocks import Block, batches, blocks_of
from evals.review.notion.database import Source
from evals.review.notion.page_words import PageWords
from evals.review.notion.text import plain, rich
from evals.review.notion.wire import Refused, Unanswered, Wire
from evals.review.notion.words import Code
from matria.errors import StorageError

_ATTEMPTS = 3
_KEYS_PER_QUERY = 20
_GONE = (400, 404)
"""In the trash, so it cannot be edited; deleted for good."""
_CHOSEN: tuple[Code, ...] = (*words.ASKED, "teach", "ready")
_WRITTEN: tuple[Code, ...] = ("comment", "passage")
Users = Callable[[], Mapping[str, str]]
"""Notion's people by e-mail; asked for where a page needs one."""


@dataclass(frozen=True)
class Page:
    """One page as Notion gave it."""

    page_id: str
    created_at: str
    """ISO 8601, UTC, to the minute."""
    edited_at: str
    is_trashed: bool
    values: Mapping[str, Mapping[str, Any]]
    """Property values by property id."""

    def value(self, source: Source, code: Code) -> Any:
        """What the property holds, or None."""
        found = self.values.get(source.columns.ids.get(code, ""), {})
        return found.get(found.get("type", ""))

    def text(self, source: Source, code: Code) -> str:
        """Of a text property."""
        return plain(self.value(source, code) or [])

    def key(self, source: Source) -> str:
        """`item:reviewer`; empty on a page that somebody made by hand."""
        return self.text(source, "key").strip()

    def is_ready(self, source: Source) -> bool:
        """Whether she ticked it."""
        return bool(self.value(source, "ready"))

    def is_blank(self, source: Source) -> bool:
        """Whether nobody has filled anything in."""
        return not any(self.value(source, code) for code in _CHOSEN) and not any(
            self.text(source, code).strip() for code in _WRITTEN
        )

    def is_whole(self, source: Source) -> bool:
        """Whether all of the conversation is on it."""
        state = self.value(source, "state")
        return state is None or source.columns.meaning("state", state) != words.PREPARING


def key_of(item_id: str, reviewer_id: str) -> str:
    """As the page bears it."""
    return f"{item_id}:{reviewer_id}"


def preferred(pages: Sequence[Page], source: Source) -> Page | None:
    """Of pages with one key the one that counts: ticked, then written on, then the older."""
    return min(
        pages,
        key=lambda one: (not one.is_ready(source), one.is_blank(source), one.created_at, one.page_id),
        default=None,
    )


def page_of(raw: Mapping[str, Any]) -> Page:
    """From Notion's page object."""
    values = {str(value["id"]): value for value in raw["properties"].values()}
    return Page(str(raw["id"]), str(raw["created_time"]), str(raw["last_edited_time"]), bool(raw["in_trash"]), values)


class Pages:
    """Of one source."""

    def __init__(self, wire: Wire, source: Source, zone: ZoneInfo) -> None:
        self._wire = wire
        self._source = source
        self._zone = zone

    def query(self, wanted: Mapping[str, Any]) -> Iterator[Page]:
        """Pages that fit and are not in the trash, in the order of their last edit."""
        sorts = [{"timestamp": "last_edited_time", "direction": "ascending"}]
        source_id = self._source.source_id
        for raw in self._wire.listed(
            "read the pages",
            lambda client, paging: client.data_sources.query(source_id, filter=wanted, sorts=sorts, **paging),
        ):
            if raw.get("object") == "page" and not (page := page_of(raw)).is_trashed:
                yield page

    def by_key(self, keys: Sequence[str]) -> dict[str, list[Page]]:
        """Those that there are of each key."""
        name = self._source.columns.names["key"]
        found: dict[str, list[Page]] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            asked = [{"property": name, "rich_text": {"equals": key}} for key in keys[start : start + _KEYS_PER_QUERY]]
            for page in self.query({"or": asked}):
                found.setdefault(page.key(self._source), []).append(page)
        return found

    def retrieve(self, page_id: str) -> Page | None:
        """The page, in the trash or not; None where it is deleted for good."""
        try:
            return page_of(self._wire.call("read a page", lambda client: client.pages.retrieve(page_id)))
        except Refused as error:
            if error.status == 404:
                return None
            raise

    def trash(self, page_id: str, *, is_trashed: bool = True) -> Page | None:
        """As it is then; None where it was gone already."""
        try:
            return page_of(
                self._wire.call("move a page", lambda client: client.pages.update(page_id, in_trash=is_trashed))
            )
        except Refused as error:
            if error.status in _GONE:
                return None
            raise

    def make(self, offer: Offer, users: Users) -> Page:
        """A new page, whole. Raises `StorageError`."""
        first, *rest = batches(self._blocks(offer))
        values = self._values(offer, users, words.PREPARING if rest else words.READABLE)
        page = self._created(key_of(offer.item.item_id, offer.reviewer.reviewer_id), values, [] if rest else first)
        self.finish(page, offer)
        return page

    def finish(self, page: Page, offer: Offer) -> None:
        """All of the conversation is on the page, once: written anew until it is, whoever wrote there meanwhile."""
        if page.is_whole(self._source):
            return
        blocks = self._blocks(offer)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._empty(page.page_id)
                self._append(page.page_id, blocks)
                if self._count(page.page_id) == len(blocks):
                    self._set(page.page_id, {"state": self._option("state", words.READABLE)})
                    return
            except Unanswered:
                self._wire.pause(attempt)
        raise StorageError("Notion did not take all of a conversation: offer again later.")

    def keep(self, page: Page, offer: Offer, users: Users) -> bool:
        """Whether the page is still there; dated as the offer is, and hers once Notion knows her address."""
        values: dict[Code, Any] = {}
        if not _is_near((page.value(self._source, "due") or {}).get("start"), offer.assignment.due_at):
            values["due"] = self._date(offer.assignment.due_at)
        if not page.value(self._source, "nurse"):
            values |= _person(offer, users)
        try:
            if values:
                self._set(page.page_id, values)
        except Refused as error:
            now = self.retrieve(page.page_id) if error.status in _GONE else page
            if now is not None and not now.is_trashed:
                raise
            return False
        return True

    def erase(self, page: Page) -> bool:
        """Whether it could be: nothing is left of the page but its key and who read it, in the trash.

        One in the trash that Notion will not bring back is Notion's to delete.
        """
        if page.is_trashed and self.trash(page.page_id, is_trashed=False) is None:
            return False
        blank: dict[Code, Any] = {code: {"rich_text": []} for code in _WRITTEN}
        # One that was moved to another database has other properties, and a key no more.
        changes = {"properties": self._named(blank)} if page.key(self._source) else {}
        self._empty(page.page_id, **changes)
        self.trash(page.page_id)
        return True

    def _created(self, key: str, values: Mapping[str, Any], children: Sequence[Block]) -> Page:
        parent = {"type": "data_source_id", "data_source_id": self._source.source_id}
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return page_of(
                    self._wire.call(
                        "make a page",
                        lambda client: client.pages.create(parent=parent, properties=values, children=children),
                        is_repeatable=False,
                    )
                )
            except Unanswered:
                self._wire.pause(attempt)
                if page := preferred(self.by_key([key]).get(key, []), self._source):
                    return page
        raise StorageError("Notion did not make a page: offer again later.")

    def _values(self, offer: Offer, users: Users, state: str) -> dict[str, Any]:
        item, reviewer = offer.item, offer.reviewer
        name = reviewer.name.replace(",", " ").strip()[:100]
        values: dict[Code, Any] = {
            "title": {"title": rich(PageWords(offer, self._source.columns).title)},
            "due": self._date(offer.assignment.due_at),
            "key": {"rich_text": rich(key_of(item.item_id, reviewer.reviewer_id))},
            "state": self._option("state", state),
            **_person(offer, users),
        }
        if name:
            values["name"] = {"select": {"name": name}}
        return self._named(values)

    def _blocks(self, offer: Offer) -> list[Block]:
        return blocks_of(offer, self._source.columns)

    def _set(self, page_id: str, values: Mapping[Code, Any]) -> None:
        named = self._named(values)
        self._wire.call("change a page", lambda client: client.pages.update(page_id, properties=named))

    def _empty(self, page_id: str, **changes: Any) -> None:
        self._wire.call("empty a page", lambda client: client.pages.update(page_id, erase_content=True, **changes))

    def _named(self, values: Mapping[Code, Any]) -> dict[str, Any]:
        return {self._source.columns.names[code]: value for code, value in values.items()}

    def _option(self, code: Code, means: str) -> dict[str, Any]:
        return {"select": {"id": self._source.columns.options[code][means]}}

    def _date(self, at: datetime) -> dict[str, Any]:
        return {"date": {"start": at.astimezone(self._zone).isoformat(timespec="seconds")}}

    def _count(self, page_id: str) -> int:
        listed = self._wire.listed("read a page", lambda c, paging: c.blocks.children.list(page_id, **paging))
        return sum(1 for _ in listed)

    def _append(self, page_id: str, blocks: Sequence[Block]) -> None:
        for batch in filter(None, batches(blocks)):
            self._wire.call(
                "write a conversation",
                lambda client, batch=batch: client.blocks.children.append(page_id, children=batch),  # type: ignore[misc]
                is_repeatable=False,
            )


def _person(offer: Offer, users: Users) -> dict[Code, Any]:
    user_id = users().get(offer.reviewer.address.lower())
    return {"nurse": {"people": [{"object": "user", "id": user_id}]}} if user_id else {}


def _is_near(shown: str | None, due_at: datetime) -> bool:
    try:
        at = datetime.fromisoformat(shown or "")
    except ValueError:
        return False
    return at.tzinfo is not None and abs(at - due_at) < timedelta(minutes=1)
