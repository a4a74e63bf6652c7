"""What came back since a cursor: answers ticked as ready, changed, taken back.

Two queries, whatever the number of weeks: pages edited since, and pages that stand ticked. A known review whose page
is in neither is asked for by itself: unticked long ago, or in the trash, which no query shows. Nothing is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from evals.review.base import Assignment, Retraction, Returned, Review, ReviewItem
from evals.review.notion.answers import Mask, digest, read
from evals.review.notion.cursor import Cursor, Known, moment
from evals.review.notion.database import Source
from evals.review.notion.pages import Page, Pages, preferred
from evals.review.records import ReviewRecords


@dataclass
class _Found:
    known: dict[str, Known]
    reviews: list[Review] = field(default_factory=list)
    retractions: list[Retraction] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Reading:
    """Of one call of `returned`."""

    def __init__(self, pages: Pages, source: Source, records: ReviewRecords, mask: Mask) -> None:
        self._pages = pages
        self._source = source
        self._records = records
        self._mask = mask

    def since(self, cursor: Cursor) -> Returned:
        """What came back, the oldest edit first, and the cursor for the next time."""
        seen = {page.page_id: page for page in self._seen(cursor)}
        by_key = self._by_key([*seen.values(), *self._unseen(cursor, seen)])
        items = self._items(by_key)
        found = _Found(dict(cursor.known))
        for key in sorted(by_key):
            self._take(key, by_key[key], items.get(_item_id(key)), found)
        for key in sorted(cursor.known.keys() - by_key.keys()):
            self._gone(key, cursor.since, found)
        since = max((page.edited_at for page in seen.values()), default=cursor.since)
        return Returned(
            tuple(sorted(found.reviews, key=lambda one: (one.submitted_at, one.item_id, one.reviewer_id))),
            tuple(found.retractions),
            cursor.later(since, found.known).text(),
            tuple(found.problems),
        )

    def _seen(self, cursor: Cursor) -> Iterator[Page]:
        ready = {"property": self._source.columns.names["ready"], "checkbox": {"equals": True}}
        if not cursor.since:
            yield from self._pages.query(ready)
            return
        edited = {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": cursor.asked_since}}
        made = {"timestamp": "created_time", "created_time": {"on_or_after": cursor.made_since}}
        yield from self._pages.query(edited)
        yield from self._pages.query({"and": [ready, made]})

    def _unseen(self, cursor: Cursor, seen: Mapping[str, Page]) -> Iterator[Page]:
        for known in cursor.known.values():
            if not known.is_gone and known.page not in seen and (page := self._pages.retrieve(known.page)):
                yield page

    def _by_key(self, pages: Sequence[Page]) -> dict[str, list[Page]]:
        found: dict[str, list[Page]] = {}
        for page in pages:
            if ":" in (key := page.key(self._source)):
                found.setdefault(key, []).append(page)
        return found

    def _items(self, keys: Mapping[str, list[Page]]) -> dict[str, ReviewItem]:
        wanted = sorted({_item_id(key) for key in keys})
        return {item.item_id: item for item in self._records.items(item_ids=wanted)} if wanted else {}

    def _take(self, key: str, pages: Sequence[Page], item: ReviewItem | None, found: _Found) -> None:
        known = found.known.get(key)
        page = self._counting(pages, known)
        if item is None or item.is_erased:
            # Not ours, or erased since: its figures stay as they are, and no text of it comes back.
            return
        if page is None or page.is_trashed or not page.is_ready(self._source):
            if known and not known.is_gone and (page is None or page.page_id == known.page):
                self._gone(key, page.edited_at if page else known.edited, found)
            return
        if not page.is_whole(self._source):
            found.problems.append(f"{_named(key)} is ticked as ready before all of it was there: offer it again.")
            return
        if sum(one.is_ready(self._source) and not one.is_trashed for one in pages) > 1:
            found.problems.append(f"{_named(key)} has two pages that are ticked; one counts: throw the other away.")
        self._answered(key, page, item, found)

    def _counting(self, pages: Sequence[Page], known: Known | None) -> Page | None:
        """Of two pages with one key, the one that a review is known from while it stands."""
        standing = [page for page in pages if not page.is_trashed and page.is_ready(self._source)]
        of_known = [page for page in pages if known and page.page_id == known.page]
        kept = [page for page in standing if page in of_known]
        return preferred(kept or standing or of_known or pages, self._source)

    def _answered(self, key: str, page: Page, item: ReviewItem, found: _Found) -> None:
        known, now = found.known.get(key), digest(page, self._source)
        if known and not known.is_gone and known.digest == now:
            return
        assignment = self._assignment(key)
        if assignment is None:
            found.problems.append(f"{_named(key)} was never assigned so: its page does not count.")
            return
        filled = read(page, self._source, item, self._mask)
        found.problems += [f"{_named(key)} is ticked as ready and {one}." for one in filled.problems]
        if filled.answers is None:
            return
        revision, at = (known.revision + 1, _after(page, known)) if known else (1, page.edited_at)
        found.known[key] = Known(page.page_id, page.created_at, at, now, revision)
        found.reviews.append(
            Review(
                assignment.item_id,
                assignment.reviewer_id,
                assignment.part,
                filled.answers,
                moment(at),
                revision,
                "notion",
            )
        )

    def _assignment(self, key: str) -> Assignment | None:
        item_id, _, reviewer_id = key.partition(":")
        return next(iter(self._records.assignments(item_id=item_id, reviewer_id=reviewer_id)), None)

    def _gone(self, key: str, at: str, found: _Found) -> None:
        known = found.known[key]
        if known.is_gone:
            return
        item_id, _, reviewer_id = key.partition(":")
        at = max(at, known.edited, key=moment)
        found.known[key] = Known(known.page, known.made, at, "", known.revision, is_gone=True)
        found.retractions.append(Retraction(item_id, reviewer_id, moment(at)))


def _after(page: Page, known: Known) -> str:
    """When it was edited, and after the last time in any case: Notion's minutes tell no two edits within one apart."""
    return max(page.edited_at, (moment(known.edited) + timedelta(seconds=1)).isoformat(), key=moment)


def _item_id(key: str) -> str:
    return key.partition(":")[0]


def _named(key: str) -> str:
    item_id, _, reviewer_id = key.partition(":")
    return f"In Notion, item {item_id} of {reviewer_id}"
