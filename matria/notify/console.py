"""Notices as log lines: the embedded default, which a person or a log collector reads."""

import logging

from matria.notify.base import Notice, Severity

LEVELS: dict[Severity, int] = {
    "information": logging.INFO,
    "warning": logging.WARNING,
    "critical": logging.CRITICAL,
}

logger = logging.getLogger(__name__)


class ConsoleNotifier:
    """See `matria.notify.base.Notifier`. One log line per notice, at the level of its severity."""

    def notify(self, notice: Notice) -> None:
        """The notice is in the log, on one line whatever its body holds."""
        body = " ".join(notice.body.split())
        link = f" ({notice.link})" if notice.link else ""
        logger.log(LEVELS[notice.severity], "%s: %s%s", notice.subject, body, link)

    def ping(self) -> str:
        """Log lines always answer."""
        return "console: notices are log lines"
