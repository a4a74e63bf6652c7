"""Mail to one person, through Apprise: the address of the server with `{to}` for hers, and what a mail says.

An address is put in only where it is a plain one, percent-encoded: Apprise would read a comma, a blank or an ampersand
as further recipients or options. Neither the server's address nor hers is in any error.
"""

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

from pydantic import SecretStr

from evals.review.web.speech import said
from matria.errors import SettingsError
from matria.messages import Locale
from matria.notify.apprise import AppriseNotifier
from matria.notify.base import NotDelivered, Notice

SETTING = "MATRIA_REVIEW__MAIL"
PLACE = "{to}"
PLAIN = re.compile(
    r"(?=.{6,254}\Z)[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])\Z"
)


class AppriseMailer:
    """See `evals.review.people.Mailer`."""

    def __init__(self, url_template: SecretStr, timeout_s: float, clock: Callable[[], datetime]) -> None:
        """Raises `SettingsError` where the template has no `{to}` or Apprise does not know what to do with it."""
        self._template = url_template
        self._timeout_s = timeout_s
        self._clock = clock
        if url_template.get_secret_value().count(PLACE) != 1:
            raise SettingsError(f"{SETTING} needs {PLACE} once, in the place of the nurse's address.")
        try:
            self._to("somebody@example.org").ping()
        except SettingsError:
            raise SettingsError(
                f"{SETTING} is no address that Apprise knows: write it as mailtos://USER:PASSWORD@HOST?to={PLACE}."
            ) from None  # what Apprise's adapter says names another setting

    def __repr__(self) -> str:
        return "AppriseMailer()"

    def send(self, to: str, subject: str, body: str, link: str = "") -> None:
        """The server has taken it."""
        address = plain_address(to)
        if address is None:
            raise NotDelivered("mail: the address is no plain one, so nothing was sent")
        self._to(address).notify(Notice(subject, body, "information", self._clock(), link))

    def _to(self, address: str) -> AppriseNotifier:
        filled = self._template.get_secret_value().replace(PLACE, quote(address, safe=""))
        return AppriseNotifier("mail", SecretStr(filled), self._timeout_s)


def plain_address(text: str) -> str | None:
    """The address in lower case, without blanks around it; None for what is no plain address of one person."""
    address = text.strip().lower()
    return address if PLAIN.match(address) else None


def link_mail(locale: Locale, minutes: int) -> tuple[str, str]:
    """Subject and text of the mail that brings a link; the link follows the text."""
    words = said(locale)
    text = "\n\n".join((words("mail.greeting"), words("mail.ignore"), words("mail.text", minutes=minutes)))
    return words("mail.subject"), text
