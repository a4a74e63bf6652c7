"""The pages of signing in with the account of an institution."""

import logging
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from evals.review.base import Reviewer
from evals.review.records import ReviewRecords
from evals.review.web.discovery import NotIdentified, Why
from evals.review.web.entrance import Entrance
from evals.review.web.limits import Pace, client_of
from evals.review.web.oidc import CALLBACK, Identified, OpenIdConnect
from evals.review.web.paths import SIGN_IN, local_path, with_next
from evals.review.web.refusals import Refused

START = "/sign-in/oidc"
STATUSES: dict[Why, int] = {"unknown": 403, "unverified": 403, "failed": 400}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AccountDoors:
    """The pages as handlers. They wait for somebody else's server, so they hold no thread meanwhile: all pages share
    those."""

    entrance: Entrance
    connect: OpenIdConnect
    records: ReviewRecords
    pace: Pace

    def router(self) -> APIRouter:
        """Their routes."""
        router = APIRouter()
        router.add_api_route(START, self.start, methods=["GET"])
        router.add_api_route(CALLBACK, self.returned, methods=["GET"])
        return router

    async def start(self, request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
        """Sends her to the issuer. By a link and not a form, whose target may be this site alone."""
        self._paced(request, next)
        visit = self.entrance.sessions.visit(request)
        try:
            answer = RedirectResponse(await self.connect.begin(visit, local_path(next)), 303)
        except NotIdentified as error:
            return await run_in_threadpool(self._refused, request, error)
        self.entrance.sessions.keep_visit(answer, visit)
        return answer

    async def returned(self, request: Request) -> Response:
        """She is signed in where the issuer vouches for an address that is a reviewer's."""
        self._paced(request, "/")
        try:
            who = await self.connect.finish(self.entrance.sessions.visit(request), dict(request.query_params))
            return await run_in_threadpool(self._entered, request, who)
        except NotIdentified as error:
            return await run_in_threadpool(self._refused, request, error)

    def _entered(self, request: Request, who: Identified) -> Response:
        return self.entrance.enter(request, self._reviewer(who.address), "oidc", who.wanted)

    def _paced(self, request: Request, wanted: str) -> None:
        if wait_s := self.pace.wait_s(client_of(request), self.entrance.guard.now()):
            raise Refused("limited", with_next(SIGN_IN, wanted), retry_after_s=wait_s)

    def _reviewer(self, address: str) -> Reviewer:
        for reviewer in self.records.reviewers():
            if reviewer.is_active and reviewer.address == address:
                return reviewer
        raise NotIdentified("unknown", "the address is no reviewer's")

    def _refused(self, request: Request, error: NotIdentified) -> Response:
        log.warning("nobody was signed in by the issuer: %s", error)
        self.entrance.guard.note(request, "account_refused", detail=error.why)
        return self.entrance.page(
            request, "sign_in_account.html.jinja", status=STATUSES[error.why], why=error.why, again=SIGN_IN
        )
