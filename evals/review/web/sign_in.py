"""The pages of signing in by a link that comes by mail, and of signing out."""

import logging
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Form, Request, Response
from fastapi.responses import RedirectResponse

from evals.review.people import Mailer
from evals.review.web.entrance import Entrance
from evals.review.web.limits import client_of
from evals.review.web.links import LINK_PATH, Issued, Links
from evals.review.web.mail import link_mail, plain_address
from evals.review.web.paths import SIGN_IN, SIGN_OUT, local_path, with_next
from evals.review.web.refusals import Refused
from matria.errors import MatriaError
from matria.notify.base import NotDelivered

SENT = "/sign-in/sent"

log = logging.getLogger(__name__)
Text = Annotated[str, Form(max_length=600)]


@dataclass(frozen=True)
class Doors:
    """The pages of signing in and out, as handlers."""

    entrance: Entrance
    links: Links
    mailer: Mailer | None

    def router(self) -> APIRouter:
        """Their routes; those of a link only where links are how one signs in."""
        router = APIRouter()
        router.add_api_route(SIGN_IN, self.ask, methods=["GET"])
        router.add_api_route(SIGN_OUT, self.leave, methods=["POST"])
        # A link that an operator handed over works with either way of signing in.
        router.add_api_route(LINK_PATH + "/{token}", self.opened, methods=["GET"])
        router.add_api_route(LINK_PATH, self.redeem, methods=["POST"])
        if self.entrance.options.sign_in == "link":
            router.add_api_route(SIGN_IN, self.send, methods=["POST"])
            router.add_api_route(SENT, self.sent, methods=["GET"])
        return router

    def ask(self, request: Request, next: str = "/", out: str = "") -> Response:  # noqa: A002 - the name in the address
        """Asks for her address; whoever is signed in goes on at once."""
        if self.entrance.guard.session(request) is not None:
            return RedirectResponse(local_path(next), 303)
        return self._asking(request, next, is_out=bool(out))

    def send(self, request: Request, tasks: BackgroundTasks, address: Text = "", next: Text = "/") -> Response:  # noqa: A002
        """A link is on its way, or is not: the answer is the same."""
        plain = plain_address(address)
        if plain is None or self.mailer is None:
            return self._asking(request, next, address=address, is_malformed=plain is None)
        client = client_of(request)
        if wait_s := self.links.wait_s(plain, client):
            self.entrance.guard.note(request, "limited", detail="links")
            raise Refused("limited", with_next(SIGN_IN, next), retry_after_s=wait_s)
        issued = self.links.issue(plain, next)
        # After the answer has gone, so that the time a mail takes tells nobody whether there was one.
        tasks.add_task(self._deliver, self.mailer, issued)
        return RedirectResponse(with_next(SENT, next), 303, background=tasks)

    def sent(self, request: Request, next: str = "/") -> Response:  # noqa: A002
        """Where to look now."""
        return self._page(request, "sign_in_sent.html.jinja", next)

    def opened(self, request: Request, token: str, next: str = "/") -> Response:  # noqa: A002
        """Asks whether to sign in; programs that open the links of a mail use nothing up."""
        holder = self.links.holder(token)
        if holder is None:
            return self._expired(request, next)
        return self._page(request, "sign_in_link.html.jinja", next, token=token, name=holder.name)

    def redeem(self, request: Request, token: Text = "", next: Text = "/") -> Response:  # noqa: A002
        """She is signed in, once."""
        reviewer = self.links.redeem(token, self.entrance.sessions.visit(request))
        if reviewer is None:
            session = self.entrance.guard.session(request)
            if session is not None:
                return RedirectResponse(local_path(next), 303)
            self.entrance.guard.note(request, "link_refused")
            return self._expired(request, next)
        return self.entrance.enter(request, reviewer, "link", next)

    def leave(self, request: Request) -> Response:
        """She is signed out."""
        return self.entrance.leave(request)

    def _asking(
        self, request: Request, wanted: str, *, address: str = "", is_out: bool = False, is_malformed: bool = False
    ) -> Response:
        return self._page(
            request,
            "sign_in.html.jinja",
            wanted,
            status=400 if is_malformed else 200,
            address=address,
            is_out=is_out,
            is_malformed=is_malformed,
            by=self.entrance.options.sign_in,
            account=with_next("/sign-in/oidc", wanted),
            sends_mail=self.mailer is not None,
        )

    def _expired(self, request: Request, wanted: str) -> Response:
        return self._page(request, "sign_in_expired.html.jinja", wanted, status=410)

    def _page(self, request: Request, template: str, wanted: str, *, status: int = 200, **values: object) -> Response:
        target = local_path(wanted)
        shown: dict[str, object] = {"next": target, "again": with_next(SIGN_IN, target), "minutes": self.links.minutes}
        return self.entrance.page(request, template, status=status, **shown, **values)

    def _deliver(self, mailer: Mailer, issued: Issued | None) -> None:
        try:
            if issued is None:
                self.entrance.guard.audit(None, "link_refused", detail="unknown_address")
                return
            reviewer = issued.reviewer
            try:
                subject, body = link_mail(reviewer.languages[0], self.links.minutes)
                mailer.send(reviewer.address, subject, body, issued.url)
            except NotDelivered as error:
                log.error("a link to sign in was not delivered: %s", error)  # noqa: TRY400 - says what a person can mend
                self.entrance.guard.audit(reviewer, "link_not_delivered")
                return
            self.entrance.guard.audit(reviewer, "link_sent")
        except MatriaError as error:
            log.error("what came of a link is not in the audit log: %s", type(error).__name__)  # noqa: TRY400
