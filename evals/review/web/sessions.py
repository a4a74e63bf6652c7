"""Who is signed in: a cookie of 256 random bits, of which the server keeps a hash with the person and the hour it ends.

A session begins at sign-in with a value of its own, so that one planted before is worth nothing. A person's role, and
whether she is still one of the reviewers, is not in it: that is read anew from the records with each request.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fastapi import Request, Response

from evals.review.base import Reviewer
from evals.review.records import ReviewRecords

if TYPE_CHECKING:
    from evals.review.store.keys import SqlKeys

SESSION = "session"
LINK = "link"
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Session:
    """A session that stands."""

    reviewer: Reviewer
    key_hash: str
    cookie: str
    ends_at: datetime


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(
        self,
        records: ReviewRecords,
        keys: "SqlKeys",
        clock: Callable[[], datetime],
        hours: float,
        is_https: bool,
    ) -> None:
        self._records = records
        self._keys = keys
        self._clock = clock
        self._span = timedelta(hours=hours)
        self._is_https = is_https
        prefix = "__Host-" if is_https else ""
        self.cookie_name = f"{prefix}matria-session"
        self.visit_name = f"{prefix}matria-visit"

    def begin(self, reviewer: Reviewer, response: Response, replaced: str = "") -> None:
        """She is signed in by the cookie of the response; the session whose cookie was there before is over."""
        if replaced:
            self._keys.drop(SESSION, hash_of(replaced))
        cookie = new_token()
        now = self._clock()
        self._keys.put(SESSION, hash_of(cookie), reviewer.reviewer_id, now + self._span, {"began": now.isoformat()})
        self._set(response, self.cookie_name, cookie, int(self._span.total_seconds()))

    def of(self, request: Request) -> Session | None:
        """The session of the request; None where there is none, it has ended, or she is not a reviewer any more."""
        cookie = request.cookies.get(self.cookie_name, "")
        kept = self._keys.get(SESSION, hash_of(cookie), self._clock()) if cookie else None
        if kept is None:
            return None
        reviewer = active(self._records, kept.reviewer_id)
        if reviewer is None:
            end_all(self._keys, kept.reviewer_id)
            return None
        return Session(reviewer, hash_of(cookie), cookie, kept.expires_at)

    def end(self, session: Session, response: Response) -> None:
        """She is signed out, on the server and in the browser."""
        self._keys.drop(SESSION, session.key_hash)
        response.delete_cookie(self.cookie_name, path="/", secure=self._is_https, httponly=True, samesite="lax")

    def visit(self, request: Request) -> str:
        """The cookie of a browser in which nobody is signed in yet; a new one where there is none."""
        known = request.cookies.get(self.visit_name, "")
        return known if len(known) >= TOKEN_BYTES else new_token()

    def keep_visit(self, response: Response, visit: str) -> None:
        """The response gives the browser that cookie, until the browser is closed."""
        self._set(response, self.visit_name, visit, None)

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=self._is_https, httponly=True, samesite="lax"
        )


def active(records: ReviewRecords, reviewer_id: str) -> Reviewer | None:
    """The reviewer as of now; None for one who is not there or not active."""
    return next((one for one in records.reviewers() if one.reviewer_id == reviewer_id and one.is_active), None)


def end_all(keys: "SqlKeys", reviewer_id: str) -> int:
    """How many sessions and links of hers are over now: for whoever removes a person."""
    return keys.drop_all(SESSION, reviewer_id) + keys.drop_all(LINK, reviewer_id)


def new_token() -> str:
    """256 random bits, as an address and a cookie can hold them."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """What is kept of a token. It is random and long, so that a plain hash cannot be tried out."""
    return hashlib.sha256(token.encode()).hexdigest()
