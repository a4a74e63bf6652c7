"""One comment that stays one: found by marker and author, updated in place, made once though runs race.

The same steps for every forge; what a forge calls a comment lies behind `CommentWire`. See duties 1 to 4 of
`matria.forge.base.PullRequest`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from matria.errors import ForgeError
from matria.forge.base import CheckState, Comment, NotFound, Unanswered
from matria.forge.fitting import fitted
from matria.forge.wire import Wire


class CommentWire(Protocol):
    """A forge's own requests. Each raises as `Wire.send` does, and `NotPermitted` or `NotFound` where refused."""

    def mine(self, marker: str) -> Sequence[Comment]:
        """Every comment of ours that begins with the marker, the oldest first."""

    def create(self, body: str, state: CheckState) -> Comment:
        """A new comment. Sent once: where the answer is lost, `Unanswered` is raised."""

    def update(self, comment: Comment, body: str, state: CheckState) -> Comment:
        """The comment with a new text."""

    def delete(self, comment: Comment) -> None:
        """The comment is gone."""


@dataclass
class StickyComment:
    """The comment of one marker after another, over one forge's requests."""

    comments: CommentWire
    wire: Wire
    most_characters: int
    _known: dict[str, Comment] = field(default_factory=dict)
    """By marker, what this process wrote last, so that an update costs one request."""

    def find(self, marker: str) -> Comment | None:
        """The oldest of ours, or None."""
        return next(iter(self.comments.mine(marker)), None)

    def put(self, marker: str, body: str, state: CheckState) -> Comment:
        """The one comment with this text."""
        if not body.startswith(marker):
            raise ValueError("the body does not begin with its marker")
        text = fitted(body, self.most_characters)
        known = self._known.pop(marker, None)
        put = self._updated(known, text, state) or self._searched(marker, text, state)
        self._known[marker] = put
        return put

    def _updated(self, known: Comment | None, text: str, state: CheckState) -> Comment | None:
        """The comment updated where it still is; None where there is none or it was deleted meanwhile."""
        if known is None:
            return None
        try:
            return self.comments.update(known, text, state)
        except NotFound:
            return None

    def _searched(self, marker: str, text: str, state: CheckState) -> Comment:
        """Found and updated, else created; a create whose answer was lost is searched for before another."""
        attempts = self.wire.settings.max_attempts
        for attempt in range(1, attempts + 1):
            found = self.comments.mine(marker)
            if found:
                put = self._updated(found[0], text, state)
                if put:
                    self._clear(found[1:])
                    return put
                continue
            try:
                made = self.comments.create(text, state)
            except Unanswered:
                if attempt == attempts:
                    raise
                self.wire.pause(attempt)
                continue
            return self._settled(marker, made, text, state)
        raise ForgeError("The comment is deleted as often as it is written: see who else deletes comments there.")

    def _settled(self, marker: str, made: Comment, text: str, state: CheckState) -> Comment:
        """After a create: the oldest of ours stays, whoever made it, with this text."""
        found = self.comments.mine(marker)
        if not found or found[0].id == made.id:
            self._clear(found[1:])
            return made
        self._clear(found[1:])
        return self._updated(found[0], text, state) or made

    def _clear(self, younger: Sequence[Comment]) -> None:
        for comment in younger:
            try:
                self.comments.delete(comment)
            except NotFound:
                continue  # the other run was faster
