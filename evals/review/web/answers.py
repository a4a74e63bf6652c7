"""What is answered where a request goes no further: a page in her language, or JSON where a script asked.

No detail of a failure is in it. The way back is; and where a form of this site came too late, or the store could not
take it, what she typed as well.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from evals.review.web.context import SignedIn
from evals.review.web.csrf import HEADER, token_of
from evals.review.web.drafts import ANSWER
from evals.review.web.guard import PageGuard, back_of, typed_by
from evals.review.web.paths import SIGN_IN, with_next
from evals.review.web.refusals import Reason, Refused
from evals.review.web.rendering import Pages
from evals.review.web.speech import locale_of, said
from evals.review.web.words.texts import Words, words
from matria.messages import Locale

COMMENT, TEACH = "conflict.comment", "conflict.teach"
"""Keys of what the card calls her free text, and her wish that the case be taught."""
REASONS: dict[int, Reason] = {401: "signed_out", 403: "forbidden", 404: "unknown", 413: "too_large", 429: "limited"}


class Answering:
    """Answers refusals."""

    def __init__(self, guard: PageGuard, render: Pages, locale: Locale) -> None:
        self._guard = guard
        self._render = render
        self._locale = locale

    def on(self, app: FastAPI) -> None:
        """The application answers its refusals so."""
        app.add_exception_handler(Refused, self._refused)
        app.add_exception_handler(HTTPException, self._http)
        app.add_exception_handler(RequestValidationError, self._malformed)

    async def refuse(self, scope: Scope, receive: Receive, send: Send, reason: Reason) -> None:
        """For what is refused before a session is looked up, or after it could not be; what she typed comes back."""
        request = Request(scope)
        fields = typed_by(request, getattr(request.state, "session", None))
        refused = Refused(reason, back_of(request), fields=fields) if fields else Refused(reason)
        await self._answer(request, refused)(scope, receive, send)

    def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return self._answer(request, error)

    def _http(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = self._answer(request, Refused(REASONS.get(error.status_code, "malformed")))
        answer.status_code = error.status_code
        return answer

    def _malformed(self, request: Request, _: Exception) -> Response:
        return self._answer(request, Refused("malformed"))

    def _answer(self, request: Request, refused: Refused) -> Response:
        headers = {} if refused.retry_after_s is None else {"Retry-After": str(refused.retry_after_s)}
        sign_in = with_next(SIGN_IN, refused.back)
        if is_by_script(request):
            body: dict[str, Any] = {"error": refused.reason}
            body |= {"sign_in": sign_in} if refused.reason == "signed_out" else {}
            body |= {"is_hers": bool(refused.fields)} if refused.reason == "csrf" else {}
            return JSONResponse(body, refused.status, headers)
        if refused.reason == "signed_out" and not refused.fields:
            return RedirectResponse(sign_in, 303)
        answer = self._page(request, refused)
        answer.headers.update(headers)
        return answer

    def _page(self, request: Request, refused: Refused) -> Response:
        session = getattr(request.state, "session", None)
        reviewer = session.reviewer if session else None
        locale = locale_of(request, reviewer, self._locale)
        token = token_of(session.cookie) if session else getattr(request.state, "csrf", "")
        return self._render(
            "error.html.jinja",
            locale,
            status=refused.status,
            reason=refused.reason,
            back=refused.back,
            action=request.url.path,
            sign_in=with_next(SIGN_IN, refused.back),
            wait=span(locale, refused.retry_after_s or 0),
            fields=refused.fields,
            typed=typed(words(locale), refused.fields),
            csrf_token=token,
            signed_in=SignedIn(reviewer, token, locale) if reviewer else None,
        )


def typed(say: Words, fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What she answered and wrote, as the card says it; what a form carries besides is left out."""
    shown = []
    for field, text in fields:
        name = field.removeprefix(ANSWER)
        if text and say.has(f"question.{name}.short"):
            is_option = say.has(f"question.{text}") or say.has(f"question.{name}.{text}")
            shown.append((say(f"question.{name}.short"), say.option(name, text) if is_option else text))
        elif text and name == "comment":
            shown.append((say(COMMENT), text))
        elif name == "teach":
            shown.append((say(TEACH), say("conflict.yes")))
    return shown


def is_by_script(request: Request) -> bool:
    """Whether a script of the page asked, and not the browser for a page to show."""
    return HEADER in request.headers or request.headers.get("sec-fetch-dest") == "empty"


def span(locale: Locale, seconds: int) -> str:
    """A wait in words; whole minutes from one minute on, rounded up."""
    words = said(locale)
    return words("error.minutes", n=-(-seconds // 60)) if seconds >= 60 else words("error.seconds", n=max(1, seconds))
