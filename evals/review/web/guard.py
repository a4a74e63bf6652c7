"""See `evals.review.web.context.Guard`: who asks, whether she may, and what every POST has to bear.

The session of a request is looked up once and kept with it. A POST is checked before any handler: its origin, its
token, and how many came from the same session within the last minute.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import cast

from fastapi import HTTPException, Request

from evals.review.base import Assignment, Reviewer
from evals.review.records import AuditLine, ReviewRecords
from evals.review.web.context import SignedIn
from evals.review.web.csrf import FIELD, OWNER, given_token, is_from_here, is_surely_from_here, is_token, token_of
from evals.review.web.limits import Pace, client_of
from evals.review.web.paths import SIGN_IN, SIGN_OUT, way_back
from evals.review.web.refusals import Refused
from evals.review.web.sessions import Session, Sessions
from evals.review.web.speech import locale_of
from matria.messages import Locale

ITEM_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
NOTED_PER_MIN = 30
"""Refusals of one session or client that come into the audit log; a flood must not fill the store."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class PageGuard:
    """See the port."""

    def __init__(
        self,
        records: ReviewRecords,
        sessions: Sessions,
        pace: Pace,
        origin: str,
        locale: Locale,
        clock: Callable[[], datetime],
    ) -> None:
        self._records = records
        self._sessions = sessions
        self._pace = pace
        self._origin = origin
        self._locale = locale
        self._clock = clock
        self._noted = Pace(NOTED_PER_MIN)

    def signed_in(self, request: Request) -> SignedIn:
        """Who asks."""
        session = self.session(request)
        if session is None:
            raise Refused("signed_out", back_of(request))
        reviewer = session.reviewer
        return SignedIn(reviewer, token_of(session.cookie), locale_of(request, reviewer, self._locale))

    def reading(self, request: Request) -> SignedIn:
        """Who asks, a nurse or a lead."""
        return self._one_of(request, "nurse", "lead")

    def figures(self, request: Request) -> SignedIn:
        """Who asks, a lead or a viewer."""
        return self._one_of(request, "lead", "viewer")

    def lead(self, request: Request) -> SignedIn:
        """Who asks, a lead."""
        return self._one_of(request, "lead")

    def assigned(self, request: Request, item_id: str) -> Assignment:
        """As whom she reads the item."""
        who = self.reading(request).reviewer
        is_id = ITEM_ID.fullmatch(item_id) is not None
        if is_id:
            hers = self._records.assignments(reviewer_id=who.reviewer_id, item_id=item_id)
            if hers:
                return hers[-1]
        self.note(request, "refused_foreign_item", item_id if is_id else "", "" if is_id else "no_id")
        raise Refused("unknown")

    def session(self, request: Request) -> Session | None:
        """The session of the request, looked up once."""
        if not hasattr(request.state, "session"):
            request.state.session = self._sessions.of(request)
        return cast(Session | None, request.state.session)

    def audit(self, who: Reviewer | None, did: str, thing: str = "", detail: str = "") -> None:
        """The line is kept."""
        self._records.log(AuditLine(self._clock(), who.reviewer_id if who else "", did, thing, detail))

    def note(self, request: Request, did: str, thing: str = "", detail: str = "") -> None:
        """A line about what was refused, of so many in a minute."""
        session = self.session(request)
        if not self._noted.wait_s(_asker(request, session), self._clock()):
            self.audit(session.reviewer if session else None, did, thing, detail)

    def now(self) -> datetime:
        """The time by which sessions and spans are reckoned."""
        return self._clock()

    async def read(self, request: Request) -> None:
        """Of a POST the token and the fields are read; first of two, since reading cannot block."""
        if request.method in SAFE_METHODS:
            return
        request.state.fields, request.state.is_malformed = [], False
        try:
            form = await request.form()
            fields = [(name, text) for name, text in form.multi_items() if isinstance(text, str)]
            "".join(text for field in fields for text in field).encode()
            request.state.fields = fields
        except (HTTPException, UnicodeError):  # a form in an encoding of its own may hold half a character
            request.state.is_malformed = True
        request.state.csrf = given_token(request, request.state.fields)

    def check(self, request: Request) -> None:
        """Raises where a POST may not be answered; second of two."""
        if request.method in SAFE_METHODS:
            return
        # Before it is counted: posts of another site bear no cookie, and would use up what a ward's address may send.
        if not is_from_here(request, self._origin):
            request.state.fields = []  # whatever comes of it, another site's form is not shown as one to send
            self.note(request, "csrf_refused", detail="origin")
            raise Refused("csrf", back_of(request))
        session = self.session(request)
        if wait_s := self._pace.wait_s(_asker(request, session), self._clock()):
            self.note(request, "limited", detail="posts")
            raise Refused("limited", back_of(request), retry_after_s=wait_s, fields=typed_by(request, session))
        if request.state.is_malformed:
            raise Refused("malformed", back_of(request))
        is_signing_in = f"{request.url.path}/".startswith(f"{SIGN_IN}/")
        if session is None and not is_signing_in:
            self._check_without_session(request)
            return
        visit = request.cookies.get(self._sessions.visit_name, "")
        cookie = session.cookie if session and not is_signing_in else visit
        if not is_token(request.state.csrf, cookie):
            self.note(request, "csrf_refused", detail="token")
            raise Refused("csrf", back_of(request), fields=typed_by(request, session))

    def _check_without_session(self, request: Request) -> None:
        """Signing out passes, since the device is still to be cleared; what a card held comes back with the refusal."""
        if request.url.path == SIGN_OUT and is_surely_from_here(request, self._origin):
            return
        raise Refused("signed_out", back_of(request), fields=typed_by(request, None))

    def _one_of(self, request: Request, *roles: str) -> SignedIn:
        who = self.signed_in(request)
        if who.reviewer.role not in roles:
            self.note(request, "forbidden", detail=who.reviewer.role)
            raise Refused("forbidden")
        return who


def typed_by(request: Request, session: Session | None) -> list[tuple[str, str]]:
    """What the form of a card held, to be sent again; nothing of another form, or where somebody else is signed in."""
    fields: list[tuple[str, str]] = getattr(request.state, "fields", [])
    whose = dict(fields).get(OWNER, "")
    is_hers = bool(whose) and (session is None or whose == session.reviewer.reviewer_id)
    return [one for one in fields if one[0] != FIELD] if is_hers else []


def _asker(request: Request, session: Session | None) -> str:
    return session.key_hash if session else client_of(request)


def back_of(request: Request) -> str:
    """The page that the request belongs to."""
    given = dict(getattr(request.state, "fields", ())).get("back")
    return way_back(request.method, request.url.path, request.url.query, given)
