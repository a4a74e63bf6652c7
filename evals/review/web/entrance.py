"""What all ways of signing in share: the pages before it, and the moment in which she is signed in or out."""

from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from evals.review.base import Reviewer
from evals.review.web.csrf import token_of
from evals.review.web.guard import PageGuard
from evals.review.web.options import PageOptions
from evals.review.web.paths import SIGN_IN, local_path
from evals.review.web.rendering import Pages
from evals.review.web.sessions import Sessions
from evals.review.web.speech import LOCALE_FIELD, NAMES, keep_locale, locale_of
from matria.messages import Locale

LOCAL_DATA = '"cache", "storage"'
"""Cleared by the browser when she signs out: drafts that a page kept on a device which others use as well."""


@dataclass(frozen=True)
class Entrance:
    """Lets in and out."""

    options: PageOptions
    sessions: Sessions
    guard: PageGuard
    render: Pages

    def page(self, request: Request, template: str, *, status: int = 200, **values: object) -> Response:
        """A page for somebody who is not signed in, with a token that belongs to her browser."""
        visit = self.sessions.visit(request)
        locale = self.locale(request)
        shown = {"csrf_token": token_of(visit), "names": NAMES, **values}
        answer = self.render(template, locale, status=status, **shown)
        self.sessions.keep_visit(answer, visit)
        if request.query_params.get(LOCALE_FIELD) == locale:
            keep_locale(answer, locale, self.options.is_https)
        return answer

    def locale(self, request: Request) -> Locale:
        """In which the pages of signing in are shown."""
        return locale_of(request, None, self.options.locale)

    def enter(self, request: Request, reviewer: Reviewer, by: str, wanted: str) -> Response:
        """She is signed in, and on her way to where she was going; a session of this browser is replaced."""
        answer = RedirectResponse(local_path(wanted), 303)
        self.sessions.begin(reviewer, answer, request.cookies.get(self.sessions.cookie_name, ""))
        self.guard.audit(reviewer, "signed_in", detail=by)
        return answer

    def leave(self, request: Request) -> Response:
        """She is signed out, and what this device kept of her drafts is cleared."""
        answer = RedirectResponse(f"{SIGN_IN}?out=1", 303)
        session = self.guard.session(request)
        if session is not None:
            self.sessions.end(session, answer)
            self.guard.audit(session.reviewer, "signed_out")
        answer.headers["Clear-Site-Data"] = LOCAL_DATA
        return answer
