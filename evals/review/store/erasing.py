"""Texts gone for good, of a conversation on request or of items by their age; the answers stay, since a figure that was
told rests on them.

On SQLite the bytes are overwritten in the file; PostgreSQL frees them with its next VACUUM, and copies of either are
whoever makes them to erase.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, insert, select, update

from evals.review.store.database import in_parts, microseconds
from evals.review.store.rows import conversation_cell, conversation_of
from evals.review.store.shelf import Shelf, add_line
from evals.review.store.tables import ASSIGNMENTS, DRAFTS, ERASED, ITEMS, ORIGINS, REVIEWS


class Erasing(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def erase(self, conversation_ids: Sequence[str]) -> int:
        """How many items lost their texts, drafts, comments and highlights; figures keep the answers.

        Nobody is asked to read them any more, and what comes of the conversation later is kept without texts.
        """
        now = self._clock()
        wanted = list(dict.fromkeys(conversation_ids))
        with self._database.writing() as connection:
            of = {one: _items_of(connection, one) for one in wanted}
            for item_id in dict.fromkeys(item_id for found in of.values() for item_id in found):
                _erase(connection, item_id, microseconds(now))
            for part in in_parts(wanted):
                _remember(connection, part, microseconds(now))
            for conversation_id, found in of.items():
                if found:
                    add_line(connection, now, "system", "erased", conversation_id, f"items={len(found)}")
        return len({item_id for found in of.values() for item_id in found})

    def forget(self, item_ids: Sequence[str]) -> int:
        """How many of them lost the same because of their age; what comes of their conversations later is kept."""
        now = self._clock()
        with self._database.writing() as connection:
            found = [one for part in in_parts(list(dict.fromkeys(item_ids))) for one in _with_texts(connection, part)]
            for item_id in found:
                _erase(connection, item_id, microseconds(now))
            if found:
                add_line(connection, now, "system", "forgot_old", detail=f"items={len(found)}")
        return len(found)


def _items_of(connection: Connection, conversation_id: str) -> Sequence[str]:
    """Items of the conversation that still have texts, and items that repeat one of those."""
    of_them = select(ORIGINS.c.item_id).where(ORIGINS.c.conversation_id == conversation_id)
    repeats = select(ORIGINS.c.item_id).where(ORIGINS.c.source.in_(of_them))
    query = select(ITEMS.c.item_id).where(
        ITEMS.c.erased_us.is_(None), ITEMS.c.item_id.in_(of_them) | ITEMS.c.item_id.in_(repeats)
    )
    return list(connection.execute(query.order_by(ITEMS.c.put)).scalars())


def _with_texts(connection: Connection, item_ids: Sequence[str]) -> Sequence[str]:
    query = select(ITEMS.c.item_id).where(ITEMS.c.erased_us.is_(None), ITEMS.c.item_id.in_(item_ids))
    return list(connection.execute(query.order_by(ITEMS.c.put)).scalars())


def _erase(connection: Connection, item_id: str, at_us: int) -> None:
    cell = connection.execute(select(ITEMS.c.conversation).where(ITEMS.c.item_id == item_id)).scalar_one()
    silent = conversation_cell(replace(spoken, text="") for spoken in conversation_of(cell))
    for change in (
        update(ITEMS).where(ITEMS.c.item_id == item_id).values(conversation=silent, erased_us=at_us),
        update(DRAFTS).where(DRAFTS.c.item_id == item_id).values(fields=None, version=DRAFTS.c.version + 1),
        update(REVIEWS).where(REVIEWS.c.item_id == item_id).values(comment="", highlights="[]"),
        update(ASSIGNMENTS)
        .where(ASSIGNMENTS.c.item_id == item_id, ASSIGNMENTS.c.state == "open")
        .values(state="withdrawn"),
    ):
        connection.execute(change)


def _remember(connection: Connection, conversation_ids: Sequence[str], at_us: int) -> None:
    known = select(ERASED.c.conversation_id).where(ERASED.c.conversation_id.in_(conversation_ids))
    there = set(connection.execute(known).scalars())
    rows = [{"conversation_id": one, "erased_us": at_us} for one in conversation_ids if one not in there]
    if rows:
        connection.execute(insert(ERASED), rows)
