"""Whether a POST was sent by a page of this site: by the token in it, and by what the browser says of its origin.

The token is a keyed hash of the cookie, which no other site can read; it is held against the one sent in constant time.
Browsers that keep their referrer to themselves name the origin `null`, so there `Sec-Fetch-Site` decides, and in
browsers older than that the token alone.
"""

import hashlib
import hmac
from collections.abc import Sequence

from fastapi import Request

FIELD = "csrf"
OWNER = "whose"
"""Names in the form of a card who filled it in: a session of somebody else in the same browser is not her."""
HEADER = "x-csrf"


def token_of(cookie: str) -> str:
    """The token that belongs to a cookie."""
    return hmac.new(cookie.encode(), b"matria review csrf", hashlib.sha256).hexdigest()


def is_token(given: str, cookie: str) -> bool:
    """Whether the token belongs to the cookie; no cookie has none."""
    return bool(cookie) and hmac.compare_digest(given.encode(), token_of(cookie).encode())


def is_from_here(request: Request, origin: str) -> bool:
    """Whether nothing that the browser says speaks for another site."""
    site = request.headers.get("sec-fetch-site")
    named = request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        return False
    return named in (None, "null") or named == origin


def is_surely_from_here(request: Request, origin: str) -> bool:
    """Whether the browser says so itself; for a post that no token can be held against."""
    is_named = request.headers.get("sec-fetch-site") == "same-origin" or request.headers.get("origin") == origin
    return is_named and is_from_here(request, origin)


def given_token(request: Request, fields: Sequence[tuple[str, str]]) -> str:
    """The token that came along, from the header or the form; empty where there is none."""
    return request.headers.get(HEADER) or dict(fields).get(FIELD, "")
