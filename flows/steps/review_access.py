"""Who may read, and how she gets in: people of the nurses' week, a link from the console, the page itself."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from matria.clock import utc_now
from matria.errors import InputError, SettingsError
from matria.messages import LOCALES

if TYPE_CHECKING:
    from evals.review.base import Reviewer, Role
    from flows.wiring import Platform
    from matria.messages import Locale


@dataclass(frozen=True)
class MadeLink:
    """A link that signs somebody in once."""

    url: str
    minutes: int


def add_person(platform: "Platform", name: str, email: str, role: str, languages: Sequence[str]) -> "Reviewer":
    """Somebody who may sign in from now on. Raises `InputError` for what does not fit, or an address that is taken."""
    from evals.review.base import Reviewer

    known_role = _role(role)
    made = Reviewer(
        f"{known_role}-{secrets.token_hex(3)}", _name(name), _address(email), known_role, _languages(languages)
    )
    platform.reviews.put_reviewer(made)
    _log(platform, "added_person", made)
    return made


def change_person(
    platform: "Platform",
    who: str,
    name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    languages: Sequence[str] = (),
) -> "Reviewer":
    """The same person, under her id, with what is given; another address ends her sessions. Raises `InputError`."""
    from evals.review.web.sessions import end_all
    from flows.wiring_review import review_keys

    known = person(platform, who)
    changed = replace(
        known,
        name=known.name if name is None else _name(name),
        address=known.address if email is None else _address(email),
        role=known.role if role is None else _role(role),
        languages=_languages(languages) if languages else known.languages,
    )
    if changed == known:
        raise InputError("Nothing would change: give another --name, --email, --role or --language.")
    platform.reviews.put_reviewer(changed)
    if changed.address != known.address:
        end_all(review_keys(platform.settings), known.reviewer_id)
    _log(platform, "changed_person", changed)
    return changed


def put_absence(platform: "Platform", who: str, first: date, last: date) -> "Reviewer":
    """She reads nothing on those days, both included. Raises `InputError`."""
    from evals.review.base import Absence

    _check_span(first, last)
    known = person(platform, who)
    absences = tuple(sorted({*known.absences, Absence(first, last)}, key=lambda one: (one.first, one.last)))
    changed = replace(known, absences=absences)
    platform.reviews.put_reviewer(changed)
    _log(platform, "put_absence", changed)
    return changed


def put_presence(platform: "Platform", who: str, first: date, last: date) -> "Reviewer":
    """She reads on those days after all, both included. Raises `InputError`, also where she was not away then."""
    from evals.review.base import Absence

    _check_span(first, last)
    known, day = person(platform, who), timedelta(days=1)
    cut = [
        part
        for one in known.absences
        for part in (
            (one,)
            if one.last < first or last < one.first
            else (Absence(one.first, first - day), Absence(last + day, one.last))
        )
    ]
    changed = replace(known, absences=tuple(one for one in cut if one.first <= one.last))
    if changed == known:
        raise InputError(f"She is not away on any day from {first} until {last}: see `matria review people list`.")
    platform.reviews.put_reviewer(changed)
    _log(platform, "put_presence", changed)
    return changed


def set_active(platform: "Platform", who: str, is_active: bool) -> "Reviewer":
    """She may sign in and is given items, or is signed out and has neither; what she has said stays.

    Raises `InputError`.
    """
    from evals.review.web.sessions import end_all
    from flows.wiring_review import review_keys

    changed = replace(person(platform, who), is_active=is_active)
    platform.reviews.put_reviewer(changed)
    if not is_active:
        end_all(review_keys(platform.settings), changed.reviewer_id)
    _log(platform, "restored_person" if is_active else "removed_person", changed)
    return changed


def person(platform: "Platform", who: str) -> "Reviewer":
    """By id or address. Raises `InputError` for one that nobody has."""
    for one in platform.reviews.reviewers():
        if who == one.reviewer_id or who.strip().lower() == one.address:
            return one
    raise InputError(f"Nobody has the id or address '{who}': see `matria review people list`.")


def link_for(platform: "Platform", email: str) -> MadeLink:
    """A link to sign in with. Raises `InputError` where nobody active has that address, `SettingsError` with OIDC."""
    from evals.review.web.links import issue_link
    from evals.review.web.mail import plain_address
    from flows.wiring_review import review_address, review_keys

    of = platform.settings.review
    if of.kind != "web" or of.sign_in != "link":
        raise SettingsError(
            "Links are for the page with MATRIA_REVIEW__SIGN_IN=link alone: sign in as the settings say."
        )
    minutes = platform.policy.count("review.link_min")
    keys = review_keys(platform.settings)
    url = issue_link(platform.reviews, keys, email, utc_now, review_address(platform.settings), minutes)
    if url is None:
        raise InputError("Nobody active has that address: see `matria review people list`.")
    hers = next(one for one in platform.reviews.reviewers() if one.address == plain_address(email))
    _log(platform, "made_link", hers)
    return MadeLink(url, minutes)


def page(platform: "Platform", port: int | None = None) -> Any:
    """The nurses' page as an application, on the port of the settings or another one. Raises `SettingsError`."""
    from evals.review.web.app import build
    from flows.wiring_review import page_options, review_keys

    settings = platform.settings
    if settings.review.kind != "web":
        raise SettingsError("MATRIA_REVIEW__KIND is notion, so nurses read there and there is no page: unset it.")
    return build(
        page_options(settings, port),
        platform.reviews,
        review_keys(settings),
        platform.policy,
        platform.review_mailer,
        utc_now,
        platform.review_outcomes,
    )


def _name(name: str) -> str:
    if not name.strip():
        raise InputError("A name is missing: give the one that colleagues know her by.")
    if not name.strip().isprintable():
        raise InputError("The name has a line break or another character that cannot be seen: write it on one line.")
    return name.strip()


def _address(email: str) -> str:
    from evals.review.web.mail import plain_address

    address = plain_address(email)
    if address is None:
        raise InputError(f"'{email}' is no plain address of one person: write it as NAME@HOST.")
    return address


def _role(role: str) -> "Role":
    from evals.review.base import ROLES

    known = next((one for one in ROLES if one == role), None)
    if known is None:
        raise InputError(f"'{role}' is no role: give one of {', '.join(ROLES)}.")
    return known


def _languages(languages: Sequence[str]) -> "tuple[Locale, ...]":
    """Each once, in the order given."""
    spoken = tuple(one for one in LOCALES if one in languages)
    if unknown := sorted(set(languages) - set(LOCALES)):
        raise InputError(f"'{', '.join(unknown)}' is no language of conversations: give some of {', '.join(LOCALES)}.")
    return tuple(sorted(spoken, key=list(languages).index))


def _check_span(first: date, last: date) -> None:
    if last < first:
        raise InputError(f"From {first} until {last} ends before it begins: swap the days.")


def _log(platform: "Platform", did: str, reviewer: "Reviewer") -> None:
    from evals.review.records import AuditLine

    platform.reviews.log(AuditLine(datetime.now(UTC), "system", did, reviewer.reviewer_id))
