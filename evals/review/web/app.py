"""The nurses' page as an application: what every request passes, then signing in, then the pages themselves.

From the outside in: headers, host and size, the check of every POST, the session. A page that is not there, one that is
not hers and one that fails are answered in her language and without a detail.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import Depends, FastAPI
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles

from evals.review.people import Mailer
from evals.review.records import ReviewRecords
from evals.review.web.answers import Answering
from evals.review.web.changes import Outcomes
from evals.review.web.context import WebContext
from evals.review.web.entrance import Entrance
from evals.review.web.guard import PageGuard
from evals.review.web.headers import HEALTH, Gate, SecureHeaders, keep_tokens_unsaid
from evals.review.web.limits import Pace
from evals.review.web.links import Links
from evals.review.web.oidc import OpenIdConnect
from evals.review.web.options import PageOptions
from evals.review.web.pages import pages
from evals.review.web.rendering import STATIC, Pages
from evals.review.web.sessions import Sessions
from evals.review.web.sign_in import Doors
from evals.review.web.sign_in_account import AccountDoors
from matria.policy import Policy

if TYPE_CHECKING:
    from evals.review.store.keys import SqlKeys


def build(
    options: PageOptions,
    records: ReviewRecords,
    keys: "SqlKeys",
    policy: Policy,
    mailer: Mailer | None,
    clock: Callable[[], datetime],
    outcomes: Outcomes | None = None,
) -> FastAPI:
    """The application; without a mailer links come from the console. Raises `SettingsError` where the options
    contradict each other."""
    sessions = Sessions(records, keys, clock, policy.number("review.session_hours"), options.is_https)
    pace = Pace(policy.count("review.posts_per_min"))
    guard = PageGuard(records, sessions, pace, options.origin, options.locale, clock)
    render = Pages()
    entrance = Entrance(options, sessions, guard, render)
    links = Links(records, keys, clock, policy, options.origin, options.hash_key)
    context = WebContext(
        records, policy, clock, ZoneInfo(options.timezone), guard, render, guard.audit, options.is_https
    )
    answering = Answering(guard, render, options.locale)
    app = FastAPI(
        title="Mátria",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        dependencies=[Depends(guard.read), Depends(guard.check)],
    )
    answering.on(app)
    keep_tokens_unsaid()
    app.add_middleware(Gate, options=options, max_bytes=policy.count("review.body_kb") * 1000, refuse=answering.refuse)
    app.add_middleware(SecureHeaders, is_https=options.is_https)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_api_route(HEALTH, lambda: PlainTextResponse("ok"), methods=["GET"])
    app.include_router(Doors(entrance, links, mailer).router())
    if options.sign_in == "oidc":
        app.include_router(AccountDoors(entrance, OpenIdConnect(options, keys, clock), records, pace).router())
    app.include_router(pages(context, outcomes))
    return app
