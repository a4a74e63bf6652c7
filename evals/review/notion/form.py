"""Notion as the form of the nurses' week: one page for each item and nurse, in one database.

What leaves for Notion is the conversation, masked, with its language, persona and stage, and the nurse's name; nothing
of an item's origin. Two readers of one item have a page each: whether one may open the other's is up to Notion's
page-level access (docs/how-to/review-in-notion.md).
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from evals.review.base import Offer, Returned
from evals.review.notion import cursor as cursors
from evals.review.notion.answers import Mask, read
from evals.review.notion.database import Database, Place, Source
from evals.review.notion.memory import recall
from evals.review.notion.pages import Page, Pages, Users, key_of, preferred
from evals.review.notion.reading import Reading
from evals.review.notion.wire import Refused, Wire
from evals.review.records import ReviewRecords
from matria.errors import StorageError


class NotionForm:
    """See `evals.review.base.ReviewForm`. Items and assignments are read from the records, and ids of the database are
    remembered there; reviews are written there by whoever calls."""

    name: Literal["notion"] = "notion"

    def __init__(self, wire: Wire, place: Place, records: ReviewRecords, mask: Mask, zone: ZoneInfo) -> None:
        self._wire = wire
        self._database = Database(wire, place, records)
        self._records = records
        self._mask = mask
        self._zone = zone

    def offer(self, offers: Sequence[Offer]) -> None:
        """Each item has one page of its nurse's, whole and dated. Raises `StorageError`.

        A page that Notion will not take keeps no other from being made; it is told at the end. Of what was erased
        meanwhile no text stays.
        """
        if not offers:
            return
        source = self._database.ready()
        pages = Pages(self._wire, source, self._zone)
        keys = [key_of(one.item.item_id, one.reviewer.reviewer_id) for one in offers]
        there = pages.by_key(keys)
        users, refused = cache(self._users), []
        for key, offer in zip(keys, offers, strict=True):
            try:
                page = self._one_of(there.get(key, []), pages, source)
                if page is None or not self._kept(page, offer, pages, users):
                    pages.make(offer, users)
            except Refused as error:
                if error.status != 400:
                    raise
                refused.append(f"item {offer.item.item_id}: {error}")
        shown = self._records.items(item_ids=sorted({one.item.item_id for one in offers}))
        self.erase([item.item_id for item in shown if item.is_erased])
        if refused:
            raise StorageError(f"{len(refused)} of {len(offers)} pages were refused; {refused[0]}")

    def withdraw(self, item_id: str, reviewer_id: str) -> None:
        """Her page is in the trash, unless she has answered. Raises `StorageError`."""
        source = self._seen()
        if source is None:
            return
        self._check(source)
        pages, key = Pages(self._wire, source, self._zone), key_of(item_id, reviewer_id)
        for page in pages.by_key([key]).get(key, []):
            if self._is_answered(page, source):
                continue
            then = pages.trash(page.page_id)
            if then and self._is_answered(then, source):
                # She ticked it between the two requests.
                pages.trash(page.page_id, is_trashed=False)

    def returned(self, cursor: str) -> Returned:
        """What came back since. Raises `StorageError` where Notion, or the database, cannot be reached."""
        source = self._seen()
        if source is None:
            return Returned((), (), cursor)
        if source.problems:
            return Returned((), (), cursor, source.problems)
        reading = Reading(Pages(self._wire, source, self._zone), source, self._records, self._mask)
        return reading.since(cursors.read(cursor, source.source_id))

    def erase(self, item_ids: Sequence[str]) -> int:
        """How many pages lost all text and went to the trash, whoever read them and whatever they answered.

        A page that was answered is found in the trash too, and where it was moved; one that was not is Notion's to
        delete, since no query shows it. Raises `StorageError`.
        """
        if not item_ids:
            return 0
        source = self._seen()
        if source is None:
            return 0
        self._check(source)
        pages = Pages(self._wire, source, self._zone)
        assigned = [one for item_id in item_ids for one in self._records.assignments(item_id=item_id)]
        keys = sorted({key_of(one.item_id, one.reviewer_id) for one in assigned})
        found = {page.page_id: page for several in pages.by_key(keys).values() for page in several}
        known = cursors.read(self._records.cursor(self.name), source.source_id).known
        for page_id in {known[key].page for key in keys if key in known} - found.keys():
            if page := pages.retrieve(page_id):
                found[page_id] = page
        return sum(pages.erase(page) for page in found.values())

    def ping(self) -> str:
        """Which database, where, and which readers Notion does not know. Raises `SettingsError`, `StorageError`."""
        bot = self._wire.call("say who it is", lambda client: client.users.me())
        source = self._seen()
        if source is None:
            self._database.check()
            what = "no database yet, the first batch makes it"
        else:
            self._check(source)
            what = f"database “{source.title}”"
        return f"Notion at {self._wire.host}, {what}, as {bot.get('name') or 'an integration'}; {self._known_readers()}"

    def _seen(self) -> Source | None:
        """The database as it is; None where there never was one."""
        source = self._database.seen()
        if source is None and recall(self._records).database_id:
            raise StorageError(
                "The Notion database of the reviews is gone, no longer shared with the integration, or not below the "
                "page that is set: restore it, share it, or set that page; nothing was read, taken back or erased. If "
                "there is to be another, `matria review draw` makes it."
            )
        return source

    def _known_readers(self) -> str:
        """Whose pages bear a person, and whose a name alone, which page-level access does not go by."""
        readers = [one for one in self._records.reviewers() if one.is_active and one.role != "viewer"]
        users = self._users()
        if not users:
            return "it may not read addresses, so that pages bear names and no person"
        unknown = [one.reviewer_id for one in readers if one.address.lower() not in users]
        said = f"{len(readers) - len(unknown)} of {len(readers)} readers are people there"
        return f"{said}, NOT {', '.join(unknown)}" if unknown else said

    def _one_of(self, there: Sequence[Page], pages: Pages, source: Source) -> Page | None:
        """The one that counts; of the others those go on which nobody wrote."""
        kept = preferred(there, source)
        for page in there:
            if kept and page.page_id != kept.page_id and page.is_blank(source):
                then = pages.trash(page.page_id)
                if then and not then.is_blank(source):
                    # She wrote between the two requests.
                    pages.trash(page.page_id, is_trashed=False)
        return kept

    def _kept(self, page: Page, offer: Offer, pages: Pages, users: Users) -> bool:
        if not pages.keep(page, offer, users):
            return False
        pages.finish(page, offer)
        return True

    def _is_answered(self, page: Page, source: Source) -> bool:
        """Whether it counts, or a review does that she has begun to change."""
        if not page.is_ready(source):
            return False
        item_id, _, reviewer_id = page.key(source).partition(":")
        item = next(iter(self._records.items(item_ids=[item_id])), None)
        if item is None:
            return False
        is_whole = read(page, source, item, self._mask).answers is not None
        return is_whole or self._records.standing(item_id, reviewer_id) is not None

    def _users(self) -> dict[str, str]:
        """Notion's people by e-mail; empty where the integration may not see addresses."""
        try:
            listed = list(self._wire.listed("list people", lambda client, paging: client.users.list(**paging)))
        except Refused as error:
            if error.status == 403:
                return {}
            raise
        people = [(one.get("person") or {}, one) for one in listed if one.get("type") == "person"]
        return {str(person["email"]).lower(): str(one["id"]) for person, one in people if person.get("email")}

    def _check(self, source: Source) -> None:
        if source.problems:
            raise StorageError(" ".join(source.problems))
