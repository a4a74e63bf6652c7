"""The same card in two windows: what the other one saved or sent meanwhile is shown beside what she has here.

She chooses, and what she keeps names the revision and the draft that she saw, so that a third window is not overwritten
either. A script is given the same as JSON.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from evals.review.base import Review, ReviewItem
from evals.review.records import Draft
from evals.review.web.answers import is_by_script
from evals.review.web.card import card
from evals.review.web.context import SignedIn
from evals.review.web.desk import Desk
from evals.review.web.drafts import Filled, differences, from_answers, from_fields, is_same
from evals.review.web.words.texts import words

WINDOW = "x-window"
"""Header in which a script names its window, as long as that is open, and counts what it sent: `kfhbtraxwqpl.7`."""
_NAMED = re.compile(r"([a-z]{12})\.(\d{1,6})")


def begun(item: ReviewItem, draft: Draft | None, review: Review | None) -> Filled:
    """What the form opens with: the newer of her draft and what she said."""
    if draft and (review is None or draft.saved_at > review.submitted_at):
        return from_fields(draft.fields, item)
    return from_answers(review.answers, review.seconds) if review else Filled()


def number(fields: Mapping[str, str], name: str) -> int:
    """A number that the form carries; 0 for what is none."""
    text = fields.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def keep(desk: Desk, request: Request, draft: Draft, expected: int, revision: int) -> Draft | None:
    """The draft as it stands now; None where another window came between.

    What stands may be this window's own, whose answer was lost on the way: what it sent later may replace that.
    """
    named = _NAMED.fullmatch(request.headers.get(WINDOW, ""))
    if named is None:
        return desk.records.save_draft(draft, expected, revision)
    window, count = named[1], int(named[2])
    draft = replace(draft, fields={**draft.fields, "window": window, "count": count})
    kept = desk.records.save_draft(draft, expected, revision)
    stands = None if kept else desk.records.draft(draft.item_id, draft.reviewer_id)
    if stands is None or stands.fields.get("window") != window or stands.fields["count"] >= count:
        return kept
    return desk.records.save_draft(draft, stands.version, revision)


def saved(desk: Desk, who: SignedIn, draft: Draft) -> str:
    """That her draft was saved, and when, in words."""
    return words(who.locale)("draft.saved", clock=desk.clock(draft.saved_at, who.locale))


def replaced_by(desk: Desk, who: SignedIn, item: ReviewItem, mine: Filled, fields: Mapping[str, str]) -> int:
    """Version of the draft that a submission may throw away: the one that her page knew, or one that says the same."""
    draft = desk.records.draft(item.item_id, who.reviewer.reviewer_id)
    if draft and is_same(mine, from_fields(draft.fields, item)):
        return draft.version
    return number(fields, "version")


def stale(
    desk: Desk, request: Request, who: SignedIn, item: ReviewItem, mine: Filled, fields: Mapping[str, str]
) -> HTMLResponse:
    """What she sent, beside what she had sent or typed in another window meanwhile."""
    draft, review = desk.records.draft(item.item_id, who.reviewer.reviewer_id), desk.standing(who, item)
    is_unseen = draft is not None and draft.version != number(fields, "version")
    other = begun(item, draft if is_unseen else None, review)
    revision = review.revision if review else 0
    shown = {
        "version": draft.version if draft else 0,
        "revision": revision,
        "is_stale": revision != number(fields, "revision"),
        "action": f"/items/{item.item_id}",
        "back": _back(item, draft if is_unseen else None, review),
    }
    return _both(desk, request, who, item, mine, other, **shown)


def conflict(
    desk: Desk, request: Request, who: SignedIn, item: ReviewItem, mine: Filled, fields: Mapping[str, str]
) -> Response:
    """What was saved or sent from another window meanwhile, beside this one; what she sees of it she may replace."""
    draft, review = desk.records.draft(item.item_id, who.reviewer.reviewer_id), desk.standing(who, item)
    other, version = begun(item, draft, review), draft.version if draft else 0
    revision = review.revision if review else 0
    if not is_by_script(request):
        shown: dict[str, Any] = {"version": version, "revision": revision, "is_stale": False}
        shown |= {"action": f"/items/{item.item_id}/draft", "back": _back(item, draft, review)}
        return _both(desk, request, who, item, mine, other, **shown)
    if draft and is_same(mine, other):
        return JSONResponse({"version": version, "said": saved(desk, who, draft)})
    rows = [[row.label, row.mine, row.other] for row in differences(mine, other, item, words(who.locale))]
    return JSONResponse({"version": version, "revision": revision, "rows": rows}, 409)


def _back(item: ReviewItem, draft: Draft | None, review: Review | None) -> str:
    """Where the other window's answers are: in the form, or sent."""
    return f"/items/{item.item_id}{'?change=true' if draft and review else ''}"


def _both(
    desk: Desk, request: Request, who: SignedIn, item: ReviewItem, mine: Filled, other: Filled, **values: Any
) -> HTMLResponse:
    rows = differences(mine, other, item, words(who.locale))
    shown = card(item, mine, values.pop("version"), values.pop("revision"))
    return desk.page(request, who, "both.html.jinja", status=409, card=shown, rows=rows, **values)
