"""Chooses where conversations are kept for the nurses' week, where it is read, and who writes to a nurse.

`flows.wiring` has all else, and the `Platform` that calls these.
"""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from matria.clock import utc_now
from matria.errors import SettingsError
from matria.settings import Settings

if TYPE_CHECKING:
    from pydantic import SecretStr

    from evals.review.base import ReviewForm
    from evals.review.people import Mailer
    from evals.review.records import ReviewRecords
    from evals.review.store.keys import SqlKeys
    from evals.review.web.options import PageOptions
    from matria.transcripts.base import Transcripts


def transcripts(settings: Settings) -> "Transcripts | None":
    """Where conversations are kept; None where they are not."""
    match settings.transcripts.kind:
        case "none":
            return None
        case "sqlite" | "postgres":
            from matria.transcripts.sql import SqlTranscripts

            of = settings.transcripts
            place = _place(settings, of.kind, of.url, "transcripts/transcripts.db", "TRANSCRIPTS__")
            return SqlTranscripts(private(place))
    assert_never(settings.transcripts.kind)


def reviews(settings: Settings) -> "ReviewRecords":
    """The nurses' week, its texts masked once more."""
    from evals.review.store.sql import SqlReviews
    from matria.privacy.identifiers import redact

    return SqlReviews(private(review_place(settings)), redact)


def review_keys(settings: Settings) -> "SqlKeys":
    """Links to sign in and sessions of the page."""
    from evals.review.store.keys import SqlKeys

    return SqlKeys(private(review_place(settings)))


def review_place(settings: Settings) -> Path | str:
    """Where the nurses' week lies."""
    return _place(settings, settings.review.store, settings.review.url, "review/review.db", "REVIEW__", "STORE")


def review_address(settings: Settings, port: int | None = None) -> str:
    """Where nurses open the page, without a slash at the end; `port` in place of the one of the settings."""
    of = settings.review
    return (of.public_url or f"http://127.0.0.1:{of.port if port is None else port}").rstrip("/")


def page_options(settings: Settings, port: int | None = None) -> "PageOptions":
    """What the page takes from the settings. Raises `SettingsError`."""
    from evals.review.web.options import PageOptions
    from matria.privacy.keys import load_key

    of = settings.review
    return PageOptions(
        public_url=review_address(settings, port),
        hash_key=load_key(settings),
        timezone=review_zone(settings).key,
        locale=of.locale,
        sign_in=of.sign_in,
        oidc_issuer=of.oidc_issuer,
        oidc_client_id=of.oidc_client_id,
        oidc_client_secret=of.oidc_client_secret,
    )


def review_form(settings: Settings, records: "ReviewRecords") -> "ReviewForm":
    """Where nurses read and answer. Raises `SettingsError`."""
    match settings.review.kind:
        case "web":
            from evals.review.web.form import WebForm

            return WebForm(records)
        case "notion":
            return _notion(settings, records)
    assert_never(settings.review.kind)


def _notion(settings: Settings, records: "ReviewRecords") -> "ReviewForm":
    from evals.review.notion.database import Place
    from evals.review.notion.form import NotionForm
    from evals.review.notion.wire import Wire
    from matria.privacy.identifiers import redact

    of = settings.review
    if of.notion_token is None:
        raise SettingsError(
            "MATRIA_REVIEW__KIND=notion needs MATRIA_REVIEW__NOTION_TOKEN, the token of an integration."
        )
    place = Place(of.notion_database or "", of.notion_parent or "", locale=of.locale)
    return NotionForm(Wire(of.notion_token, of.notion_url), place, records, redact, review_zone(settings))


def review_mailer(settings: Settings) -> "Mailer | None":
    """Who writes to one nurse; None where no mail is set."""
    if settings.review.mail is None:
        return None
    from evals.review.web.mail import AppriseMailer

    return AppriseMailer(settings.review.mail, settings.notify.timeout_s, utc_now)


def review_zone(settings: Settings) -> ZoneInfo:
    """Whose Monday the week begins on. Raises `SettingsError`."""
    try:
        return ZoneInfo(settings.review.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingsError(
            f"MATRIA_REVIEW__TIMEZONE is '{settings.review.timezone}', which is no time zone: write it as "
            "America/Sao_Paulo or Europe/Lisbon."
        ) from error


def private(place: Path | str) -> Path | str:
    """The place; a folder that is made for it is this user's alone, since health text lies there."""
    if isinstance(place, Path) and not place.parent.exists():
        with suppress(OSError):  # whoever opens it says what is wrong
            place.parent.parent.mkdir(parents=True, exist_ok=True)
            place.parent.mkdir(mode=0o700, exist_ok=True)
    return place


def _place(
    settings: Settings, kind: str, url: "SecretStr | None", file: str, prefix: str, chosen: str = "KIND"
) -> Path | str:
    if kind == "sqlite":
        return settings.home / file
    if url is None:
        raise SettingsError(
            f"MATRIA_{prefix}{chosen}=postgres needs MATRIA_{prefix}URL, such as postgresql://HOST/NAME."
        )
    return url.get_secret_value()
