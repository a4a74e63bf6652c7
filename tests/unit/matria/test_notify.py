"""Notices reach the log, whole and on one line."""

import logging
from datetime import UTC, datetime

import pytest

from matria.notify.base import Notice, Notifier, Severity
from matria.notify.console import ConsoleNotifier

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("severity", "level"),
    [("information", logging.INFO), ("warning", logging.WARNING), ("critical", logging.CRITICAL)],
)
def test_a_notice_is_a_log_line_at_its_level(severity: Severity, level: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    notifier: Notifier = ConsoleNotifier()
    notifier.notify(Notice("Cost of a message rose", "From 0.01\nto 0.02 USD.", severity, AT, "report.html"))
    (record,) = caplog.records
    assert record.levelno == level
    assert record.getMessage() == "Cost of a message rose: From 0.01 to 0.02 USD. (report.html)"


def test_a_notice_without_a_link_ends_with_its_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    ConsoleNotifier().notify(Notice("Costs", "Too few messages.", "information", AT))
    assert caplog.messages == ["Costs: Too few messages."]


def test_the_console_answers_a_ping_without_sending(caplog: pytest.LogCaptureFixture) -> None:
    assert "console" in ConsoleNotifier().ping()
    assert caplog.messages == []
