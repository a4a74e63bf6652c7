"""Batches, their items, and where those come from: put together or not at all.

A conversation that was erased stays erased: an item of it that is put later is kept without its texts, and nobody is
asked to read it.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Table, delete, insert, select, update

from evals.review.base import Assignment, Batch, Origin, ReviewItem
from evals.review.store.assignments import add_assignments
from evals.review.store.database import in_parts
from evals.review.store.rows import batch_of, batch_row, item_of, item_row, origin_of, origin_row
from evals.review.store.shelf import Shelf
from evals.review.store.tables import BATCHES, ERASED, ITEMS, ORIGINS

QUEUE = "queue-"
"""How the `batch_id` of items begins that are not of a week."""


class Items(Shelf):
    """See `evals.review.records.ReviewRecords`."""

    def put_batch(
        self,
        batch: Batch,
        items: Sequence[ReviewItem],
        origins: Sequence[Origin],
        assignments: Sequence[Assignment],
    ) -> bool:
        """Whether it is new, or stands now where an empty one stood."""
        others = (item.batch_id for item in items if item.batch_id != batch.batch_id)
        if batch.batch_id.startswith(QUEUE) or not all(other.startswith(QUEUE) for other in others):
            raise ValueError("with a batch come the items of its own week, and of queues")
        row = batch_row(batch)
        with self._database.writing() as connection:
            of_week = BATCHES.c.batch_id == batch.batch_id
            if batch.state != "empty":
                connection.execute(delete(BATCHES).where(of_week, BATCHES.c.state == "empty"))
            if connection.execute(select(BATCHES.c.batch_id).where(of_week)).first() is not None:
                return False
            if _known(connection, [item.item_id for item in items]):
                raise ValueError("an item of this batch is known from another")
            connection.execute(insert(BATCHES).values(row))
            self._add(connection, items, origins, assignments)
        return True

    def put_items(
        self, items: Sequence[ReviewItem], origins: Sequence[Origin], assignments: Sequence[Assignment]
    ) -> int:
        """How many of them are new."""
        if not all(item.batch_id.startswith(QUEUE) for item in items):
            raise ValueError(f"the batch of a queued item begins with {QUEUE}")
        with self._database.writing() as connection:
            known = _known(connection, [item.item_id for item in items])
            new = [item for item in items if item.item_id not in known]
            self._add(
                connection,
                new,
                [origin for origin in origins if origin.item_id not in known],
                [assignment for assignment in assignments if assignment.item_id not in known],
            )
        return len(new)

    def batches(self, newest: int = 12) -> Sequence[Batch]:
        """Newest first."""
        query = select(BATCHES).order_by(BATCHES.c.since_us.desc(), BATCHES.c.batch_id.desc()).limit(newest)
        with self._database.reading() as connection:
            return [batch_of(row) for row in connection.execute(query)]

    def items(self, batch_id: str | None = None, item_ids: Sequence[str] | None = None) -> Sequence[ReviewItem]:
        """In the order in which they were put; of one batch, by id, or all."""
        query = select(ITEMS)
        if batch_id is not None:
            query = query.where(ITEMS.c.batch_id == batch_id)
        with self._database.reading() as connection:
            if item_ids is None:
                return [item_of(row) for row in connection.execute(query.order_by(ITEMS.c.put))]
            parts = in_parts(list(dict.fromkeys(item_ids)))
            rows = [row for part in parts for row in connection.execute(query.where(ITEMS.c.item_id.in_(part)))]
        return [item_of(row) for row in sorted(rows, key=lambda row: int(row.put))]

    def origins(self, item_ids: Sequence[str] | None = None) -> Sequence[Origin]:
        """Of the items, or of all; in the order in which the items were put."""
        query = select(ORIGINS, ITEMS.c.put).where(ORIGINS.c.item_id == ITEMS.c.item_id)
        with self._database.reading() as connection:
            if item_ids is None:
                return [origin_of(row) for row in connection.execute(query.order_by(ITEMS.c.put))]
            parts = in_parts(list(dict.fromkeys(item_ids)))
            rows = [row for part in parts for row in connection.execute(query.where(ORIGINS.c.item_id.in_(part)))]
        return [origin_of(row) for row in sorted(rows, key=lambda row: int(row.put))]

    def set_trace(self, item_id: str, trace_id: str) -> None:
        """The item's trace in MLflow is known now."""
        with self._database.writing() as connection:
            connection.execute(update(ORIGINS).where(ORIGINS.c.item_id == item_id).values(trace_id=trace_id))

    def _add(
        self,
        connection: Connection,
        items: Sequence[ReviewItem],
        origins: Sequence[Origin],
        assignments: Sequence[Assignment],
    ) -> None:
        if sorted(item.item_id for item in items) != sorted(origin.item_id for origin in origins):
            raise ValueError("each item has one origin")
        erased = _erased(connection, origins)
        _insert(connection, ITEMS, [self._row(item, erased.get(item.item_id)) for item in items])
        _insert(connection, ORIGINS, [origin_row(origin) for origin in origins])
        let_be = [replace(one, state="withdrawn") if one.item_id in erased else one for one in assignments]
        add_assignments(connection, let_be)

    def _row(self, item: ReviewItem, erased_us: int | None) -> dict[str, object]:
        if erased_us is None:
            conversation = self._masking.conversation(item.conversation)
        else:
            conversation = tuple(replace(spoken, text="") for spoken in item.conversation)
        return item_row(replace(item, conversation=conversation), erased_us)


def _known(connection: Connection, item_ids: Sequence[str]) -> Collection[str]:
    parts = in_parts(item_ids)
    return {
        one
        for part in parts
        for one in connection.execute(select(ITEMS.c.item_id).where(ITEMS.c.item_id.in_(part))).scalars()
    }


def _erased(connection: Connection, origins: Sequence[Origin]) -> dict[str, int]:
    """When the conversation of each item was erased that has been, or that of the item which it repeats."""
    gone: dict[str, int] = {}
    for part in in_parts(origins):
        conversations = {origin.conversation_id for origin in part}
        known = select(ERASED).where(ERASED.c.conversation_id.in_(conversations))
        times = {row.conversation_id: int(row.erased_us) for row in connection.execute(known)}
        sources = select(ITEMS.c.item_id, ITEMS.c.erased_us).where(
            ITEMS.c.item_id.in_({origin.source for origin in part}), ITEMS.c.erased_us.is_not(None)
        )
        times |= {row.item_id: int(row.erased_us) for row in connection.execute(sources)}
        for origin in part:
            for name in (origin.conversation_id, origin.source):
                if name in times:
                    gone[origin.item_id] = times[name]
    return gone


def _insert(connection: Connection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        connection.execute(insert(table), list(rows))
