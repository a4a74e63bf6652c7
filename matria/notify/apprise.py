"""One channel through Apprise: Teams, Slack, e-mail, a webhook and a hundred more, by the scheme of its address.

Apprise says why it failed in log lines alone, and some of its lines hold tokens. So none of them reaches a handler, and
of what it says only a status code or the kind of failure goes on. Apprise itself is imported with the first notice.
"""

import logging
import re
import threading
from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr

from matria.errors import SettingsError
from matria.notify.base import NotDelivered, Notice, Severity
from matria.notify.bodies import body_as, inert

if TYPE_CHECKING:
    from apprise import Apprise

SENDER = "Mátria"
KINDS: dict[Severity, Literal["info", "warning", "failure"]] = {
    "information": "info",
    "warning": "warning",
    "critical": "failure",
}
STATUS = re.compile(r"\berror[ =]*(\d{3})\b")
LEAKY = ("apprise", "urllib3.connectionpool", "urllib3.util.retry")
"""Loggers that write tokens or the path of an address, which is the secret of a webhook."""
UNREACHABLE = re.compile(r"connection error|socket exception|could not connect|unreachable", re.IGNORECASE)


class AppriseNotifier:
    """See `matria.notify.base.Notifier`."""

    def __init__(self, name: str, address: SecretStr, timeout_s: float) -> None:
        """Raises `SettingsError` where Apprise does not know what to do with the address."""
        self.name = name
        self._address = address
        self._timeout_s = timeout_s
        self._opened: Apprise | None = None

    def __repr__(self) -> str:
        return f"AppriseNotifier({self.name})"

    def notify(self, notice: Notice) -> None:
        """The channel has taken the notice, or `NotDelivered` is raised within `timeout_s`."""
        channel = self._channel()
        form = channel[0].notify_format.value
        heard = Heard()
        outcome: list[bool] = []

        def send() -> None:
            with heard:
                took = channel.notify(
                    title=inert(" ".join(notice.subject.split())),
                    body=body_as(notice, form),
                    notify_type=KINDS[notice.severity],
                    body_format=form,
                )
                outcome.append(bool(took))

        # A thread of its own: Apprise bounds each read and not the whole, so that a server that drips would hold it.
        thread = threading.Thread(target=send, name=f"notice-{self.name}", daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        if thread.is_alive():
            raise NotDelivered(f"{self.name} did not answer within {self._timeout_s:g} s")
        if outcome != [True]:
            raise NotDelivered(f"{self.name} {heard.why}")

    def ping(self) -> str:
        """What kind of channel it is; Apprise can ask none for a sign of life."""
        return f"{self.name}: {self._channel()[0].service_name}"

    def _channel(self) -> "Apprise":
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> "Apprise":
        from apprise import Apprise, AppriseAsset

        asset = AppriseAsset(
            app_id=SENDER,
            app_desc=SENDER,
            app_url="",
            image_url_mask="",  # no picture that a reader's program would fetch from elsewhere
            image_url_logo="",
            async_mode=False,
            http_redirects=False,  # an address is a secret, and a redirect would carry the notice elsewhere
            pgp_autogen=False,
            pem_autogen=False,
        )
        channel = Apprise(asset=asset)
        with Heard():
            is_known = channel.add(self._address.get_secret_value())
        if not is_known or len(channel) != 1:
            raise SettingsError(
                f"The address of channel '{self.name}' in MATRIA_NOTIFY__URLS is none that Apprise knows: see "
                "docs/reference/notifications.md for the forms."
            )
        server = channel[0]
        server.socket_connect_timeout = server.socket_read_timeout = self._timeout_s
        server.retry = 0  # the outbox tries again
        server.optional = False  # with which an address could call a refusal a delivery
        return channel


class Heard(logging.Filter):
    """What Apprise says in this thread while the block lasts, reduced to what holds no address; no handler gets it."""

    def __init__(self) -> None:
        super().__init__()
        self._said: list[str] = []
        self._thread: int | None = None

    def __enter__(self) -> "Heard":
        self._thread = threading.get_ident()
        for name in LEAKY:
            logging.getLogger(name).addFilter(self)
        return self

    def __exit__(self, *_: object) -> None:
        for name in LEAKY:
            logging.getLogger(name).removeFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it goes on: what is said in other threads does."""
        if record.thread != self._thread:
            return True
        if record.levelno >= logging.WARNING:
            self._said.append(record.getMessage())
        return False

    @property
    def why(self) -> str:
        """The failure in a few words."""
        said = " ".join(self._said)
        if status := STATUS.search(said):
            return f"answered {status[1]}"
        if "submitting email" in said:
            return "could not be reached, or did not accept login or sender"
        return "could not be reached" if UNREACHABLE.search(said) else "did not take it"
