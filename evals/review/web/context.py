"""What every page of the nurses' form is built with: records, thresholds, clock, who is signed in.

A page asks its guard who is there before it reads anything; the guard raises where the answer is nobody, or somebody
who must not. Whatever a POST carries was checked for its origin and token before a handler runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse

from evals.review.base import Assignment, Reviewer
from evals.review.records import ReviewRecords
from matria.messages import Locale
from matria.policy import Policy


@dataclass(frozen=True)
class SignedIn:
    """Whoever asks, after the session was checked against the records: still active, role as of now."""

    reviewer: Reviewer
    csrf_token: str
    """Goes into a hidden field `csrf` of every form; checked before a handler of a POST runs."""
    locale: Locale
    """Language of the page: her choice, else the first of her languages."""


class Guard(Protocol):
    """Who may do what; raises before a handler sees a request that it must not.

    1. `signed_in` takes any role; nobody signed in leads to the sign-in page and back, or 401 in JSON for a script.
       After a POST the way back is its field `back`, else the first two parts of its path.
    2. `reading` takes nurses and leads, `figures` leads and viewers, `lead` leads alone; 403 for all others, who leave
       a line `forbidden`.
    3. `assigned` gives her own assignment to an item, withdrawn ones too. An item of somebody else's is 404, just as
       one that does not exist, and leaves a line `refused_foreign_item`.
    """

    def signed_in(self, request: Request) -> SignedIn:
        """Who asks."""

    def reading(self, request: Request) -> SignedIn:
        """Who asks, a nurse or a lead."""

    def figures(self, request: Request) -> SignedIn:
        """Who asks, a lead or a viewer."""

    def lead(self, request: Request) -> SignedIn:
        """Who asks, a lead."""

    def assigned(self, request: Request, item_id: str) -> Assignment:
        """As whom she reads the item."""


class Render(Protocol):
    """A page from its template, with all headers of security."""

    def __call__(self, template: str, locale: Locale, *, status: int = 200, **values: object) -> HTMLResponse:
        """The page."""


class Audit(Protocol):
    """Adds a line to the audit log. `thing` is an id and `detail` a code: never a text, an answer or an address."""

    def __call__(self, who: Reviewer | None, did: str, thing: str = "", detail: str = "") -> None:
        """The line is kept."""


@dataclass(frozen=True)
class WebContext:
    """What pages are built with."""

    records: ReviewRecords
    policy: Policy
    clock: Callable[[], datetime]
    zone: ZoneInfo
    guard: Guard
    render: Render
    audit: Audit
    is_https: bool
    """Whether browsers reach the page encrypted, whatever the proxy before it speaks to it."""
