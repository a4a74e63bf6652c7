"""The watch's memory, in SQLite or PostgreSQL: each decision, its episodes, and which notices were handed on.

A log that only grows. Whoever decides names the newest decision that it knows, so that of two watches that run at once
one is refused and nothing is decided twice. A step is recorded with its decision, and marked as handed on once its
notice is in the outbox: between the two a crash loses nothing, since the next run finds the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from matria.costs.watching.base import Check, Episode
from matria.costs.watching.decisions import Acceptance, Decision, Told
from matria.costs.watching.plain import dump, load
from matria.costs.watching.schema import TABLES, only_grows_postgres, only_grows_sqlite
from matria.errors import BusyError
from matria.sqlstore import Kept, SqlStore, sortable

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

KEPT = Kept(
    name="memory of the cost watch",
    remedy="move it away; open alerts are found anew, and told again.",
    lock=0x6D6174776174,
)


class Overtaken(BusyError):
    """Another watch has decided meanwhile: look at what it found, and decide from there."""


class WatchMemory:
    """What was decided, in a SQLite file or in the database of an address; its tables are made when first needed."""

    def __init__(self, place: Path | str) -> None:
        self._store = SqlStore(place, KEPT, _make)

    def newest(self) -> Decision | None:
        """The newest decision on the newest hour; None before the first."""
        from sqlalchemy import text

        asked = "SELECT number FROM cost_decisions WHERE kind = 'check' ORDER BY until DESC, number DESC LIMIT 1"
        with self._store.transaction() as connection:
            number = connection.execute(text(asked)).scalar()
            return None if number is None else self._decision(connection, number)

    def head(self) -> int:
        """Number of the newest entry of the log, which the next decision names; 0 before the first."""
        with self._store.transaction() as connection:
            return _head(connection)

    def began(self) -> datetime | None:
        """End of the first hour that was judged; None before the first decision."""
        from sqlalchemy import text

        asked = text("SELECT min(until) FROM cost_decisions WHERE kind = 'check'")
        with self._store.transaction() as connection:
            found = connection.execute(asked).scalar()
        return None if found is None else datetime.fromisoformat(found)

    def judged(self) -> datetime | None:
        """End of the newest hour that was judged; None before the first decision."""
        from sqlalchemy import text

        asked = text("SELECT max(until) FROM cost_decisions WHERE kind = 'check'")
        with self._store.transaction() as connection:
            found = connection.execute(asked).scalar()
        return None if found is None else datetime.fromisoformat(found)

    def episodes(self, since: datetime, before: int | None = None) -> tuple[Episode, ...]:
        """Episodes that are open, and those that changed from `since` on, by id; as before a decision's number."""
        from sqlalchemy import text

        asked = text(
            "SELECT e.body FROM cost_episodes e JOIN (SELECT alert_id, max(number) AS number FROM cost_episodes "
            "WHERE number < :before GROUP BY alert_id) n ON n.alert_id = e.alert_id AND n.number = e.number "
            "WHERE e.state = 'open' OR e.changed_at >= :since ORDER BY e.alert_id"
        )
        values = {"before": _END if before is None else before, "since": sortable(since)}
        with self._store.transaction() as connection:
            return tuple(load(Episode, row.body) for row in connection.execute(asked, values))

    def decide(
        self, after: int, check: Check, episodes: Sequence[Episode], told: Sequence[Told], now: datetime, made_by: str
    ) -> Decision:
        """The decision, recorded with its episodes and steps together, or `Overtaken` where `after` is not the head."""
        from sqlalchemy import text

        decision = Decision(after + 1, check, tuple(episodes), tuple(told), now, made_by)
        with self._store.transaction() as connection:
            self._enter(connection, after, "check", check.until, dump(Check, check), now, made_by)
            _insert_episodes(connection, after + 1, episodes)
            for one in told:
                connection.execute(
                    text(
                        "INSERT INTO cost_steps (step_key, number, alert_id, body) "
                        "VALUES (:key, :number, :alert_id, :body) ON CONFLICT DO NOTHING"
                    ),
                    {
                        "key": one.key,
                        "number": after + 1,
                        "alert_id": one.step.episode.alert_id,
                        "body": dump(Told, one),
                    },
                )
        return decision

    def accept(self, acceptance: Acceptance, episode: Episode) -> None:
        """A person's word, with the episode as it stands after it."""
        with self._store.transaction() as connection:
            after = _head(connection)
            body = dump(Acceptance, acceptance)
            self._enter(connection, after, "acceptance", acceptance.at, body, acceptance.at, acceptance.by)
            _insert_episodes(connection, after + 1, [episode])

    def waiting(self) -> tuple[Told, ...]:
        """Steps whose notice is not in the outbox yet, oldest first."""
        from sqlalchemy import text

        asked = text(
            "SELECT s.body FROM cost_steps s LEFT JOIN cost_handed_on h ON h.step_key = s.step_key "
            "WHERE h.step_key IS NULL ORDER BY s.number, s.step_key"
        )
        with self._store.transaction() as connection:
            return tuple(load(Told, row.body) for row in connection.execute(asked))

    def handed_on(self, key: str, at: datetime) -> None:
        """The notice of that key is in the outbox."""
        from sqlalchemy import text

        asked = text("INSERT INTO cost_handed_on (step_key, at) VALUES (:key, :at) ON CONFLICT DO NOTHING")
        with self._store.transaction() as connection:
            connection.execute(asked, {"key": key, "at": sortable(at)})

    def alerts(self, most: int) -> tuple[Episode, ...]:
        """Episodes as they stand now, newest first."""
        from sqlalchemy import text

        asked = text(
            "SELECT e.body FROM cost_episodes e JOIN (SELECT alert_id, max(number) AS number FROM cost_episodes "
            "GROUP BY alert_id) n ON n.alert_id = e.alert_id AND n.number = e.number "
            "ORDER BY e.opened_at DESC, e.alert_id LIMIT :most"
        )
        with self._store.transaction() as connection:
            return tuple(load(Episode, row.body) for row in connection.execute(asked, {"most": most}))

    def episode(self, alert_id: str) -> Episode | None:
        """One episode as it stands now; None where there is none."""
        from sqlalchemy import text

        asked = text("SELECT body FROM cost_episodes WHERE alert_id = :alert_id ORDER BY number DESC LIMIT 1")
        with self._store.transaction() as connection:
            body = connection.execute(asked, {"alert_id": alert_id}).scalar()
        return None if body is None else load(Episode, body)

    def begins(self, alert_ids: Iterable[str]) -> dict[str, datetime | None]:
        """Since when the cost had risen, by what people were told when the alert opened; None where nobody knew."""
        from sqlalchemy import text

        asked = text("SELECT body FROM cost_steps WHERE alert_id = :alert_id ORDER BY number LIMIT 1")
        found: dict[str, datetime | None] = {}
        with self._store.transaction() as connection:
            for alert_id in alert_ids:
                body = connection.execute(asked, {"alert_id": alert_id}).scalar()
                found[alert_id] = None if body is None else load(Told, body).circumstances.since
        return found

    def decisions(self, alert_id: str) -> tuple[Decision, ...]:
        """The decisions that told people something of an episode, in order."""
        from sqlalchemy import text

        asked = text("SELECT DISTINCT number FROM cost_steps WHERE alert_id = :alert_id ORDER BY number")
        with self._store.transaction() as connection:
            numbers = connection.execute(asked, {"alert_id": alert_id}).scalars().all()
            return tuple(self._decision(connection, number) for number in numbers)

    def checked(self, since: datetime) -> tuple[Check, ...]:
        """The newest check of each hour from `since` on, in order of the hours."""
        from sqlalchemy import text

        asked = text(
            "SELECT d.body FROM cost_decisions d JOIN (SELECT until, max(number) AS number FROM cost_decisions "
            "WHERE kind = 'check' AND until >= :since GROUP BY until) n ON n.number = d.number ORDER BY d.until"
        )
        with self._store.transaction() as connection:
            return tuple(load(Check, row.body) for row in connection.execute(asked, {"since": sortable(since)}))

    def acceptance(self, alert_id: str) -> Acceptance | None:
        """Who accepted an episode, and why; None where nobody did."""
        from sqlalchemy import text

        asked = text(
            "SELECT d.body FROM cost_decisions d JOIN cost_episodes e ON e.number = d.number "
            "WHERE d.kind = 'acceptance' AND e.alert_id = :alert_id ORDER BY d.number DESC LIMIT 1"
        )
        with self._store.transaction() as connection:
            body = connection.execute(asked, {"alert_id": alert_id}).scalar()
        return None if body is None else load(Acceptance, body)

    def ping(self) -> str:
        """How many episodes go on, and how many notices wait to be handed on."""
        episodes = self.alerts(_MOST)
        going_on = sum(episode.state == "open" for episode in episodes)
        return f"{going_on} of {len(episodes)} alerts go on, {len(self.waiting())} notices to be handed on"

    def _decision(self, connection: Connection, number: int) -> Decision:
        from sqlalchemy import text

        row = connection.execute(
            text("SELECT body, made_at, made_by FROM cost_decisions WHERE number = :number"), {"number": number}
        ).one()
        episodes = connection.execute(
            text("SELECT body FROM cost_episodes WHERE number = :number ORDER BY alert_id"), {"number": number}
        )
        told = connection.execute(
            text("SELECT body FROM cost_steps WHERE number = :number ORDER BY step_key"), {"number": number}
        )
        return Decision(
            number,
            load(Check, row.body),
            tuple(load(Episode, one.body) for one in episodes),
            tuple(load(Told, one.body) for one in told),
            datetime.fromisoformat(row.made_at),
            row.made_by,
        )

    def _enter(
        self, connection: Connection, after: int, kind: str, until: datetime, body: str, now: datetime, made_by: str
    ) -> None:
        from sqlalchemy import text

        entered = connection.execute(
            text(
                "INSERT INTO cost_decisions (number, kind, until, made_at, made_by, body) "
                "VALUES (:number, :kind, :until, :made_at, :made_by, :body) ON CONFLICT DO NOTHING"
            ),
            {
                "number": after + 1,
                "kind": kind,
                "until": sortable(until),
                "made_at": sortable(now),
                "made_by": made_by,
                "body": body,
            },
        )
        if entered.rowcount != 1 or _head(connection) != after + 1:
            raise Overtaken("Another watch of the costs has decided meanwhile: run this one again.")


_END = 2**62
_MOST = 1_000_000


def _make(connection: Connection) -> None:
    from sqlalchemy import text

    only_grows = only_grows_sqlite if connection.dialect.name == "sqlite" else only_grows_postgres
    for statement in (*TABLES, *only_grows()):
        connection.execute(text(statement))


def _head(connection: Connection) -> int:
    from sqlalchemy import text

    return int(connection.execute(text("SELECT coalesce(max(number), 0) FROM cost_decisions")).scalar_one())


def _insert_episodes(connection: Connection, number: int, episodes: Sequence[Episode]) -> None:
    from sqlalchemy import text

    for episode in episodes:
        connection.execute(
            text(
                "INSERT INTO cost_episodes (number, alert_id, state, opened_at, changed_at, body) "
                "VALUES (:number, :alert_id, :state, :opened_at, :changed_at, :body)"
            ),
            {
                "number": number,
                "alert_id": episode.alert_id,
                "state": episode.state,
                "opened_at": sortable(episode.opened_at),
                "changed_at": sortable(episode.changed_at),
                "body": dump(Episode, episode),
            },
        )
