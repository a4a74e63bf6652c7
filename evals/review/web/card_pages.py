"""The card: read, left half-filled, submitted, taken back.

Nothing that was typed is lost on the way: a refused card comes back filled in, two windows are shown side by side, and
what was taken from her meanwhile is kept as extra. An adjudicator sees the two readings only when hers is in and can be
undone no more.
"""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from evals.review.base import Assignment, Review, ReviewItem
from evals.review.records import AuditLine, Draft
from evals.review.web.answers import is_by_script
from evals.review.web.card import card
from evals.review.web.context import SignedIn
from evals.review.web.desk import Desk, see_other
from evals.review.web.drafts import Filled, as_fields, from_answers, read_form
from evals.review.web.windows import begun, conflict, keep, number, replaced_by, saved, stale
from evals.review.web.words.texts import words


def card_pages(desk: Desk) -> APIRouter:
    """Its routes."""
    router = APIRouter()

    @router.get("/items/{item_id}")
    def read(request: Request, item_id: str, change: bool = False) -> Response:
        who, assignment, item = _opened(desk, request, item_id)
        review = desk.standing(who, item)
        if item.is_erased:
            return _closed(desk, request, who, "erased")
        if assignment.state == "withdrawn" and review is None:
            return _closed(desk, request, who, "withdrawn")
        desk.opened(who, item_id)
        if review and assignment.state != "open" and not change:
            return _read_page(desk, request, who, assignment, item, review)
        draft = desk.records.draft(item_id, who.reviewer.reviewer_id)
        versions = draft.version if draft else 0, review.revision if review else 0
        return _form(desk, request, who, assignment, item, begun(item, draft, review), *versions)

    @router.post("/items/{item_id}")
    def submit(request: Request, item_id: str) -> Response:
        who, assignment, item = _opened(desk, request, item_id)
        filled, fields = read_form(request.state.fields, item), dict(request.state.fields)
        if item.is_erased:
            return _closed(desk, request, who, "erased")
        expected = number(fields, "revision")
        missing = filled.missing(item)
        if missing or filled.is_too_long:
            version = number(fields, "version")
            return _form(desk, request, who, assignment, item, filled, version, expected, missing=missing, status=422)
        has_seen = _may_see_both(desk, assignment, desk.standing(who, item))
        review = _review(assignment, filled, desk.now(), expected + 1)
        line = AuditLine(desk.now(), review.reviewer_id, "submitted", item_id, "after_both" if has_seen else "")
        came = desk.records.submit(review, expected, replaced_by(desk, who, item, filled, fields), line)
        if came.state == "stale":
            return stale(desk, request, who, item, filled, fields)
        following = desk.week(who).after(item_id)
        return see_other(f"/items/{following.item_id}" if following else "/", came.state)

    @router.post("/items/{item_id}/draft")
    def save(request: Request, item_id: str) -> Response:
        who, _, item = _opened(desk, request, item_id)
        filled, fields = read_form(request.state.fields, item), dict(request.state.fields)
        if item.is_erased:
            return _closed(desk, request, who, "erased")
        expected = number(fields, "version")
        draft = Draft(item_id, who.reviewer.reviewer_id, as_fields(filled), desk.now(), expected + 1)
        kept = keep(desk, request, draft, expected, number(fields, "revision"))
        if kept is None:
            return conflict(desk, request, who, item, filled, fields)
        if is_by_script(request):
            return JSONResponse({"version": kept.version, "said": saved(desk, who, kept)})
        return see_other(f"/items/{item_id}", "draft")

    @router.post("/items/{item_id}/undo")
    def undo(request: Request, item_id: str) -> Response:
        who, _, item = _opened(desk, request, item_id)
        hers, revision = who.reviewer.reviewer_id, number(dict(request.state.fields), "revision")
        line = AuditLine(desk.now(), hers, "undid", item_id)
        is_undone = desk.records.undo(item_id, hers, desk.now(), desk.undoable_since(), revision, line)
        review = desk.standing(who, item)
        if not is_undone and review and review.revision >= revision:
            return see_other(f"/items/{item_id}", "too_late")
        return see_other(f"/items/{item_id}{'?change=true' if review else ''}", "undone")

    return router


def _opened(desk: Desk, request: Request, item_id: str) -> tuple[SignedIn, Assignment, ReviewItem]:
    who = desk.guard.reading(request)
    assignment = desk.guard.assigned(request, item_id)
    return who, assignment, desk.item(item_id)


def _review(assignment: Assignment, filled: Filled, at: datetime, revision: int) -> Review:
    item_id, hers, part = assignment.item_id, assignment.reviewer_id, assignment.part
    return Review(item_id, hers, part, filled.answers, at, revision, "web", filled.seconds)


def _closed(desk: Desk, request: Request, who: SignedIn, why: Literal["erased", "withdrawn"]) -> Response:
    """That there is nothing to read any more; to a script 410, so that it stops saving."""
    if is_by_script(request):
        return JSONResponse({"error": why, "said": words(who.locale)(f"card.{why}.title")}, 410)
    return desk.page(request, who, "closed.html.jinja", why=why)


def _form(
    desk: Desk,
    request: Request,
    who: SignedIn,
    assignment: Assignment,
    item: ReviewItem,
    filled: Filled,
    version: int,
    revision: int,
    **values: Any,
) -> HTMLResponse:
    """The card to be filled in, with the draft and the revision that it started from."""
    missing, status = values.pop("missing", ()), values.pop("status", 200)
    shown = card(item, filled, version, revision, missing=missing, disputed=assignment.disputed)
    week = desk.week(who)
    shown_values = {"card": shown, "week": week, "assignment": assignment, "line": week.line(item.item_id), **values}
    return desk.page(request, who, "card.html.jinja", status=status, **shown_values)


def _may_see_both(desk: Desk, assignment: Assignment, review: Review | None) -> bool:
    """Whether an adjudicator may see the two readings: hers is in and cannot be undone any more."""
    return assignment.part == "adjudicator" and review is not None and review.submitted_at < desk.undoable_since()


def _read_page(
    desk: Desk, request: Request, who: SignedIn, assignment: Assignment, item: ReviewItem, review: Review
) -> HTMLResponse:
    may_see = _may_see_both(desk, assignment, review)
    both = [
        one
        for one in (desk.records.settled(desk.now(), item.batch_id) if may_see else ())
        if one.item_id == item.item_id and one.part in ("first", "second")
    ]
    week = desk.week(who)
    filled = from_answers(review.answers, review.seconds)
    return desk.page(
        request,
        who,
        "read.html.jinja",
        card=card(item, filled, 0, review.revision, disputed=assignment.disputed),
        week=week,
        line=week.line(item.item_id),
        review=review,
        both={one.part: one for one in both},
        both_wait=assignment.part == "adjudicator" and not may_see,
    )
