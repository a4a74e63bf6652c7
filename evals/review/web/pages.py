"""The pages of the nurses' week: her cards, what readings changed, and the figures for those who look after it.

Server-rendered, and whole without script; `card_pages` has the card itself. A viewer sees figures and no conversation.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from evals.review.base import Assignment, Batch
from evals.review.web.card_pages import card_pages
from evals.review.web.changes import NothingYet, Outcomes
from evals.review.web.context import SignedIn, WebContext
from evals.review.web.desk import Desk, see_other
from evals.review.web.paths import local_path
from evals.review.web.speech import keep_locale
from matria.messages import LOCALES


@dataclass(frozen=True)
class Load:
    """How far one person is."""

    name: str
    """Empty for those who may not know it."""
    read: int
    open: int
    late: int


@dataclass(frozen=True)
class Readers:
    """How far everybody is with a week."""

    batch: Batch | None
    loads: list[Load]
    disputes: int
    """Adjudications that wait, of any week."""


def pages(context: WebContext, outcomes: Outcomes | None = None) -> APIRouter:
    """Their routes."""
    router, desk, known = APIRouter(), Desk(context), outcomes or NothingYet()

    @router.get("/")
    def week(request: Request) -> Response:
        who = desk.guard.signed_in(request)
        if who.reviewer.role == "viewer":
            return see_other("/week")
        week = desk.week(who)
        away = datetime.combine(week.absence.last, time(12), context.zone) if week.absence else None
        return desk.page(request, who, "week.html.jinja", week=week, absent_until=away)

    @router.get("/next")
    def following(request: Request, after: str = "") -> Response:
        """Leads to the next open card."""
        week = desk.week(desk.guard.reading(request))
        line = week.after(after)
        return see_other(f"/items/{line.item_id}" if line else "/")

    @router.get("/changes")
    def changes(request: Request) -> HTMLResponse:
        who = desk.guard.signed_in(request)
        return desk.page(request, who, "changes.html.jinja", changes=known.changes())

    @router.get("/week")
    def figures(request: Request) -> HTMLResponse:
        who = desk.guard.figures(request)
        return desk.page(request, who, "figures.html.jinja", figures=known.figures(), week=_of_the_week(desk, who))

    @router.post("/language")
    def language(request: Request) -> Response:
        """Keeps the language that was chosen in this browser."""
        desk.guard.signed_in(request)
        fields = dict(request.state.fields)
        answer = see_other(local_path(fields.get("back")).split("?")[0], "language")
        if fields.get("lang") in LOCALES:
            keep_locale(answer, fields["lang"], context.is_https)
        return answer

    router.include_router(card_pages(desk))
    return router


def _of_the_week(desk: Desk, who: SignedIn) -> Readers:
    newest = desk.records.batches(newest=1)
    assignments = [one for batch in newest for one in desk.records.assignments(batch_id=batch.batch_id)]
    open_ties = [one for one in desk.records.assignments() if one.part == "adjudicator" and one.state == "open"]
    people = {person.reviewer_id: person.name for person in desk.records.reviewers()}
    names = people if who.reviewer.role == "lead" else {}
    return Readers(next(iter(newest), None), _loads(assignments, names, desk.now()), len(open_ties))


def _loads(assignments: Sequence[Assignment], names: Mapping[str, str], now: datetime) -> list[Load]:
    """Those furthest behind first; without names the order says nothing of who it is."""
    live = [one for one in assignments if one.state != "withdrawn"]
    read = Counter(one.reviewer_id for one in live if one.state == "submitted")
    left = Counter(one.reviewer_id for one in live if one.state == "open")
    late = Counter(one.reviewer_id for one in live if one.state == "open" and one.due_at < now)
    loads = [Load(names.get(one, ""), read[one], left[one], late[one]) for one in {*read, *left}]
    return sorted(loads, key=lambda load: (-load.open, load.read, load.name))
