"""Links to sign in with: 256 random bits, of which a hash is kept, good for some minutes and once.

Opening a link uses nothing up, since programs that scan mail open every link; the button on its page does. Whether an
address is known can be told neither from an answer nor from the work that it took: for one that is not, a link is kept
as well, which nobody has and which belongs to nobody.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from evals.review.base import Reviewer
from evals.review.records import ReviewRecords
from evals.review.web.mail import plain_address
from evals.review.web.paths import with_next
from evals.review.web.sessions import LINK, active, hash_of, new_token
from matria.policy import Policy
from matria.privacy.keys import HashKey

if TYPE_CHECKING:
    from evals.review.store.keys import SqlKeys

USED = "link_used"
DOUBLE_CLICK = timedelta(seconds=20)
"""Within which the same browser may press the button again: its first answer was lost, or she pressed twice."""
HOUR = timedelta(hours=1)
STEP = timedelta(minutes=5)
LINK_PATH = "/sign-in/link"


@dataclass(frozen=True)
class Issued:
    """A link that was made for somebody who is known."""

    reviewer: Reviewer
    url: str = field(repr=False)


class Links:
    """Issues and redeems links."""

    def __init__(
        self,
        records: ReviewRecords,
        keys: "SqlKeys",
        clock: Callable[[], datetime],
        policy: Policy,
        base_url: str,
        hash_key: HashKey,
    ) -> None:
        self._records = records
        self._keys = keys
        self._clock = clock
        self._base_url = base_url
        self._hash_key = hash_key
        self.minutes = policy.count("review.link_min")
        self._most = {
            "link_client": policy.count("review.client_links_per_hour"),
            "link_address": policy.count("review.links_per_hour"),
        }

    def wait_s(self, address: str, client: str) -> int:
        """0 where a link may be asked for, and it is counted; else the seconds until one may, known address or not."""
        return self._wait_s("link_client", client) or self._wait_s("link_address", address)

    def issue(self, address: str, wanted: str) -> Issued | None:
        """A link that leads to the wanted page; None where nobody active has that address."""
        self._keys.prune(self._clock())
        return _issued(self._records, self._keys, address, self._clock(), self._base_url, self.minutes, wanted)

    def holder(self, token: str) -> Reviewer | None:
        """Whose link it is, while it is good; nothing is used up."""
        kept = self._keys.get(LINK, hash_of(token), self._clock())
        return active(self._records, kept.reviewer_id) if kept else None

    def redeem(self, token: str, visit: str) -> Reviewer | None:
        """Who is to be signed in, once; None for a link that was used, has expired or never was."""
        now, key_hash = self._clock(), hash_of(token)
        kept = self._keys.take(LINK, key_hash, now)
        if kept is None:
            return self._again(key_hash, visit, now)
        reviewer = active(self._records, kept.reviewer_id)
        if reviewer is not None:
            self._keys.drop_all(LINK, reviewer.reviewer_id)
            self._keys.put(USED, key_hash, reviewer.reviewer_id, now + DOUBLE_CLICK, {"visit": hash_of(visit)})
        return reviewer

    def _again(self, key_hash: str, visit: str, now: datetime) -> Reviewer | None:
        used = self._keys.get(USED, key_hash, now)
        if used is None or not hmac.compare_digest(str(used.data["visit"]), hash_of(visit)):
            return None
        return active(self._records, used.reviewer_id)

    def _wait_s(self, kind: Literal["link_client", "link_address"], who: str) -> int:
        now, subject = self._clock(), self._hash_key.pseudonym(kind, who)
        if self._keys.admit(kind, subject, now, now - HOUR, self._most[kind]):
            return 0
        wait = STEP
        while wait < HOUR and self._keys.count_since(kind, subject, now - HOUR + wait) >= self._most[kind]:
            wait += STEP
        return int(wait.total_seconds())


def issue_link(
    records: ReviewRecords,
    keys: "SqlKeys",
    address: str,
    clock: Callable[[], datetime],
    base_url: str,
    minutes: float,
) -> str | None:
    """A link for whoever is at the console, to be handed over in person; None where nobody active has that address."""
    plain = plain_address(address)
    issued = _issued(records, keys, plain, clock(), base_url, minutes, "/") if plain else None
    return issued.url if issued else None


def _issued(
    records: ReviewRecords,
    keys: "SqlKeys",
    address: str,
    now: datetime,
    base_url: str,
    minutes: float,
    wanted: str,
) -> Issued | None:
    known = [one for one in records.reviewers() if one.is_active and one.address == address]
    token = new_token()
    owner = known[0].reviewer_id if known else ""
    keys.put(LINK, hash_of(token), owner, now + timedelta(minutes=minutes), {})
    url = base_url.rstrip("/") + with_next(f"{LINK_PATH}/{token}", wanted)
    return Issued(known[0], url) if known else None
