"""What every page of the week is made with: whoever is signed in, her words, her week, and the clock.

A page's template gets the same names from here each time, so that none has to guess; what a page may know of an item is
what `Desk.item` gives, which is never its origin.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from evals.review.base import Review, ReviewItem
from evals.review.web import when
from evals.review.web.context import SignedIn, WebContext
from evals.review.web.progress import Week, week_of
from evals.review.web.refusals import Refused
from evals.review.web.words.texts import Words, words
from matria.messages import Locale

Note = Literal["kept", "same", "extra", "undone", "too_late", "draft", "language"]
"""What has just happened, said once at the top of the next page."""
NOTES: tuple[Note, ...] = get_args(Note)


class Desk:
    """One context, asked by every page."""

    def __init__(self, context: WebContext) -> None:
        self._context = context
        self.records = context.records
        self.guard = context.guard
        self.audit = context.audit
        self._opened: frozenset[tuple[date, str, str]] = frozenset()

    def now(self) -> datetime:
        """This moment."""
        return self._context.clock()

    def undoable_since(self) -> datetime:
        """What was submitted from here on can be taken back."""
        return self.now() - timedelta(minutes=self._undo_min)

    def week(self, who: SignedIn) -> Week:
        """Her cards."""
        return week_of(self.records, who.reviewer, self.now(), self._context.zone, self._undo_min)

    def item(self, item_id: str) -> ReviewItem:
        """What is read. Refused as unknown where the store has it not any more."""
        found = self.records.items(item_ids=[item_id])
        if not found:
            raise Refused("unknown")
        return found[0]

    def standing(self, who: SignedIn, item: ReviewItem) -> Review | None:
        """What she said of it up to now."""
        return self.records.standing(item.item_id, who.reviewer.reviewer_id)

    def opened(self, who: SignedIn, item_id: str) -> None:
        """The log has a line that she read it: one a day, however often she reloads, since none is ever deleted."""
        today = self.now().date()
        line = today, who.reviewer.reviewer_id, item_id
        if line not in self._opened:
            self.audit(who.reviewer, "opened_item", item_id)
            self._opened = frozenset(one for one in self._opened if one[0] == today) | {line}

    def clock(self, moment: datetime, locale: Locale) -> str:
        """The time of day, in words."""
        return when.clock(moment, self._context.zone, words(locale))

    def page(
        self, request: Request, who: SignedIn, template: str, *, status: int = 200, **values: object
    ) -> HTMLResponse:
        """The page in her language."""
        note, said = request.query_params.get("note"), words(who.locale)
        shown = {
            "words": said,
            "signed_in": who,
            "csrf": who.csrf_token,
            "path": request.url.path,
            "note": note if note in NOTES else "",
            "clock": self._at(when.clock, said),
            "day": self._at(when.day, said),
            "days": lambda batch_id: when.week(batch_id, said),
            "due": lambda moment: when.due(moment, self.now(), self._context.zone, said),
            "now": self.now(),
            "decimal": lambda number: f"{number:.2f}".replace(".", "." if who.locale == "en" else ","),
            **values,
        }
        return self._context.render(template, who.locale, status=status, **shown)

    def _at(self, say: Callable[..., str], said: Words) -> Callable[[datetime], str]:
        return lambda moment: say(moment, self._context.zone, said)

    @property
    def _undo_min(self) -> float:
        return self._context.policy.number("review.undo_min")


def see_other(path: str, note: Note | Literal[""] = "") -> RedirectResponse:
    """Leads on by a GET, so that a reload sends nothing twice."""
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}note={note}" if note else path, 303)
