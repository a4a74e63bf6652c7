"""Up to where the database was read: the last edit seen, and which reviews are known from which page.

The known ones make a deletion seen, which no query shows, and an edit that changes no answer unseen. One that is older
than `KEPT_DAYS` is forgotten: from then on its review is history, whatever happens to its page.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

KEPT_DAYS = 120
"""Longer than the twelve weeks that figures run over."""
_OVERLAP = timedelta(minutes=5)
"""Notion rounds the time of an edit to the minute, and a query may lag behind."""


@dataclass(frozen=True)
class Known:
    """A review that was returned."""

    page: str
    made: str
    """When its page was made."""
    edited: str
    """Submitted then; the last time that answers were seen to have changed."""
    digest: str
    revision: int
    is_gone: bool = False
    """Taken back; the revision is remembered, so that the next one counts on."""


@dataclass(frozen=True)
class Cursor:
    """Read with `read`, written with `text`."""

    source: str = ""
    """Data source that it is of."""
    since: str = ""
    """The last edit seen; Notion's clock."""
    known: Mapping[str, Known] = field(default_factory=dict)
    """By key."""

    @property
    def asked_since(self) -> str:
        """From when on edits are asked for."""
        return (moment(self.since) - _OVERLAP).isoformat() if self.since else ""

    @property
    def made_since(self) -> str:
        """From when on pages are looked after; empty for all."""
        return (moment(self.since) - timedelta(days=KEPT_DAYS)).isoformat() if self.since else ""

    def text(self) -> str:
        """JSON."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    def later(self, since: str, known: Mapping[str, Known]) -> "Cursor":
        """With what is known now, without what is too old."""
        cursor = replace(self, since=max(self.since, since))
        young = {key: one for key, one in known.items() if moment(one.made) >= _start(cursor.made_since)}
        return replace(cursor, known=young)


def read(text: str, source: str) -> Cursor:
    """The cursor; a new one where there is none, or where it is of another database, whose reviews stand."""
    if not text:
        return Cursor(source)
    raw = json.loads(text)
    cursor = Cursor(raw["source"], raw["since"], {key: Known(**one) for key, one in raw["known"].items()})
    return cursor if cursor.source == source else Cursor(source)


def moment(text: str) -> datetime:
    """A time of Notion's."""
    return datetime.fromisoformat(text)


def _start(text: str) -> datetime:
    return moment(text) if text else datetime.min.replace(tzinfo=UTC)
