"""One pull request as a port: a comment that stays one comment, and a status on its commit. Adapters lie beside it.

What is said there is decided elsewhere (`evals.report`, `flows.steps.post`).
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from matria.errors import ForgeError

CheckState = Literal["pending", "success", "failure", "error"]
"""`pending` while it runs; `error` where nothing could be decided."""


@dataclass(frozen=True)
class Comment:
    """A comment of ours, as the forge has it."""

    id: str
    body: str
    address: str
    """Where a person opens it; empty where the forge does not say."""


@dataclass(frozen=True)
class Status:
    """What the check beside the commit says."""

    state: CheckState
    title: str
    """One line; cut where the forge takes less."""
    address: str = ""
    """Where a click leads; empty leads nowhere."""


class PullRequest(Protocol):
    """One pull request, at the commit that this run evaluated.

    1. A comment is ours when its text begins with the marker **and** its author is who we are signed in as. Every page
       of comments is searched. The same marker in somebody else's comment is left alone.
    2. `put` is idempotent: the comment is updated in place where there is one, and made where there is none. A create
       whose answer was lost (time-out, 5xx) is not sent again before the comment was searched for.
    3. After a create the pages are searched again. Where two runs raced, the oldest comment stays and gets the text;
       the younger ones of ours are deleted. What the forge does not list yet cannot be seen: the next search clears it.
    4. Ordering: the last `put` of one process wins. Between runs, `head` tells whether a newer commit is there; whoever
       calls leaves the comment to that commit's run. A status belongs to its commit and cannot overwrite another's.
    5. A text above `most_characters` is shortened at a paragraph, and says so.
    6. Retries what a retry can help (429, rate limits, 5xx, time-outs) within `matria.settings.ForgeSettings`, and
       honours `Retry-After` and `x-ratelimit-reset`. A request ends within its time-out even if the answer trickles.
    7. Raises `NotPermitted` where the token may not write, else `ForgeError`, each one sentence without the token.
    """

    name: str
    """As people call it, such as `owner/repository#12`."""
    commit: str
    """Full hash of the head commit that this run evaluated."""
    run_address: str
    """Page of this run's log; empty where there is none."""
    most_characters: int

    def head(self) -> str:
        """Full hash of the commit that the pull request stands at now."""

    def find(self, marker: str) -> Comment | None:
        """The oldest comment of ours that begins with the marker, or None."""

    def put(self, marker: str, body: str, state: CheckState) -> Comment:
        """The one comment, now with this text. `body` begins with the marker; `state` opens or closes its thread."""

    def set_status(self, status: Status) -> None:
        """The commit has this status, under the name that is configured."""


class NotPermitted(ForgeError):
    """The token may not write here."""

    def __init__(self, message: str, *, is_expected: bool = False) -> None:
        super().__init__(message)
        self.is_expected = is_expected
        """Whether that is so by rule, as for a pull request from a fork."""


class NotFound(ForgeError):
    """The forge does not have it, or does not show it to this token."""


class Unanswered(ForgeError):
    """No answer came that tells whether the request was carried out."""
