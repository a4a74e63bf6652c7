"""The contract of `matria.notify.base.Notifier`, run on every adapter; webhook and mail server are real and local."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from notice_receivers import Mailbox, Webhook, mailbox, plain_text, webhook
from pydantic import SecretStr

from matria.errors import SettingsError, StorageError
from matria.notify.addresses import addresses
from matria.notify.apprise import AppriseNotifier
from matria.notify.base import NotDelivered, Notice, Notifier
from matria.notify.bodies import body_as
from matria.notify.console import ConsoleNotifier
from matria.notify.every import EveryChannel
from matria.notify.outbox import Outbox
from matria.notify.sending import Backoff, Sender

SECRET = "s3cr3t-token"
PATIENCE_S = 60.0
"""With a channel that answers."""
NOTICE = Notice(
    "Custo de uma mensagem: +31 %",
    "De 0,0100 para 0,0131 USD desde as 10 h.\n- instruções mais longas: 64 %\n- preço: 36 %",
    "critical",
    datetime(2026, 11, 22, 12, tzinfo=UTC),
    "http://127.0.0.1:8600/reports/costs?a=1&b=2",
)


@dataclass
class Place:
    """An adapter, and what arrived there."""

    notifier: Notifier
    arrived: Callable[[], list[str]]
    """Subject and text of each notice, in one."""


@pytest.fixture(params=["console", "webhook", "mail"])
def place(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[Place]:
    with ExitStack() as stack:
        if request.param == "console":
            caplog.set_level(logging.INFO, "matria.notify.console")
            yield Place(ConsoleNotifier(), lambda: list(caplog.messages))
        elif request.param == "webhook":
            hook = stack.enter_context(webhook())
            made = channel(hook.address)
            yield Place(made, lambda: [f"{one['title']} {one['message']}" for one in hook.taken])
        else:
            box = stack.enter_context(mailbox())
            yield Place(channel(box.address), lambda: [f"{one['Subject']} {plain_text(one)}" for one in box.mails])


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as made:
        yield made


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


def channel(address: str, timeout_s: float = PATIENCE_S, name: str = "on-call") -> AppriseNotifier:
    return AppriseNotifier(name, SecretStr(address), timeout_s)


def test_a_notice_arrives_whole_and_as_often_as_it_is_sent(place: Place) -> None:
    place.notifier.notify(NOTICE)
    (arrived,) = place.arrived()
    assert arrived.startswith(NOTICE.subject)
    assert arrived.endswith((NOTICE.link, f"({NOTICE.link})"))
    for line in NOTICE.body.splitlines():
        assert line in arrived
    place.notifier.notify(NOTICE)
    assert len(place.arrived()) == 2


def test_a_ping_says_what_the_channel_is_and_sends_nothing(place: Place) -> None:
    assert place.notifier.ping()
    assert SECRET not in place.notifier.ping() + repr(place.notifier)
    assert place.arrived() == []


def test_a_mail_has_its_lines_and_a_link_and_its_words_wrap(box: Mailbox) -> None:
    channel(box.address).notify(NOTICE)
    (mail,) = box.mails
    (page,) = [part.get_content() for part in mail.walk() if part.get_content_type() == "text/html"]  # type: ignore[attr-defined]
    assert "&nbsp;" not in page
    assert page.count("<br/>") == 4
    assert '<a href="http://127.0.0.1:8600/reports/costs?a=1&amp;b=2">' in page
    assert plain_text(mail).splitlines() == [*NOTICE.body.splitlines(), "", NOTICE.link]


def test_a_subject_of_several_lines_adds_no_header(box: Mailbox) -> None:
    channel(box.address).notify(replace(NOTICE, subject="Costs\r\nBcc: someone@example.org\r\n\r\nbody"))
    (mail,) = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Costs Bcc: someone@example.org body"


def test_what_a_commit_says_calls_nobody_and_links_nowhere(hook: Webhook) -> None:
    said = "Merge <!channel> <at>all</at> [read this](http://127.0.0.1/evil) \x1b[2J"
    channel(hook.address).notify(replace(NOTICE, subject=said, body=said))
    for text in (hook.taken[0]["title"], hook.taken[0]["message"], body_as(replace(NOTICE, body=said), "markdown")):
        assert not {"<", "](", "\x1b"} & {part for part in ("<", "](", "\x1b") if part in text}


def test_lines_stay_lines_in_markdown() -> None:
    shown = body_as(replace(NOTICE, body="One.\nTwo.\n- a\n- b\n\nThree."), "markdown")
    assert shown == f"One.\n\nTwo.\n- a\n- b\n\nThree.\n\n{NOTICE.link}"


@pytest.mark.parametrize(("status", "why"), [(500, "answered 500"), (403, "answered 403"), (429, "answered 429")])
def test_a_refusal_names_the_channel_and_the_status_and_no_address(
    hook: Webhook, caplog: pytest.LogCaptureFixture, status: int, why: str
) -> None:
    caplog.set_level(1)
    hook.statuses = [status]
    with pytest.raises(NotDelivered) as met:
        channel(hook.address).notify(NOTICE)
    assert str(met.value) == f"on-call {why}"
    assert hook.asked == 1  # whoever calls decides on repeats
    assert SECRET not in caplog.text


def test_a_redirect_is_not_followed(hook: Webhook) -> None:
    with webhook() as elsewhere:
        hook.statuses, hook.location = [307], f"http://127.0.0.1:{elsewhere.port}/"
        with pytest.raises(NotDelivered, match="answered 307"):
            channel(hook.address).notify(NOTICE)
        assert elsewhere.asked == 0


@pytest.mark.parametrize("slow", ["hangs", "drips"])
def test_a_channel_that_is_slow_is_given_up_in_time(hook: Webhook, slow: str) -> None:
    setattr(hook, slow, True)
    started = time.monotonic()
    with pytest.raises(NotDelivered):
        channel(hook.address, timeout_s=0.5).notify(NOTICE)
    assert time.monotonic() - started < PATIENCE_S / 2, "though no answer comes to an end while the webhook listens"


@pytest.mark.parametrize(
    "address",
    [
        f"json://127.0.0.1:1/{SECRET}",
        f"json://user:{SECRET}@127.0.0.1:1/",
        f"mailto://user:{SECRET}@127.0.0.1:1?from=a@example.org&to=b@example.org",
        f"json://no-such-host.invalid/{SECRET}",
    ],
)
def test_a_channel_that_is_not_there_is_a_sentence_without_its_secret(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(1)
    made = channel(address)
    with pytest.raises(NotDelivered, match="on-call could not be reached") as met:
        made.notify(NOTICE)
    assert SECRET not in caplog.text + repr(met.value) + repr(made)


def test_a_mail_that_is_refused_is_not_delivered(box: Mailbox) -> None:
    box.refusal = "554 no"
    with pytest.raises(NotDelivered, match="on-call did not take it"):
        channel(box.address).notify(NOTICE)


def test_an_address_cannot_call_a_refusal_a_delivery_nor_try_by_itself(hook: Webhook) -> None:
    hook.statuses = [500]
    with pytest.raises(NotDelivered, match="answered 500"):
        channel(f"{hook.address}?optional=yes&retry=3").notify(NOTICE)
    assert hook.asked == 1


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (
            "https://default0f1e2d3c4b5a.69.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/"
            "0f1e2d3c4b5a69788796a5b4c3d2e1f0/triggers/manual/paths/invoke?api-version=1&sp=%2Frun&sv=1.0&sig=AbC_0123",
            "MSTeams",
        ),
        (
            "workflows://prod-12.westus.logic.azure.com:443/0f1e2d3c4b5a69788796a5b4c3d2e1f0/AbCdEf_0123456789",
            "MSTeams",
        ),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#costs", "Slack"),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "Slack"),
        ("mailtos://me:pw@smtp.example.org:587?from=a@example.org&to=b@example.org&mode=starttls", "E-Mail"),
        ("jsons://hooks.example.org/path", "JSON"),
    ],
)
def test_the_addresses_of_the_reference_are_known(address: str, kind: str) -> None:
    assert kind in channel(address).ping()


@pytest.mark.parametrize(
    "address", [f"nope://{SECRET}", f"slack://{SECRET}/b/c", f"workflows://example.org/{SECRET}!/x", "json://"]
)
def test_an_address_that_is_unknown_is_said_without_it(address: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)
    with pytest.raises(SettingsError, match="'on-call'") as met:
        channel(address).ping()
    assert SECRET not in f"{met.value}{met.value.__cause__}{caplog.text}"


def test_channels_are_named_or_go_by_their_kind() -> None:
    found = addresses(SecretStr("team=slack://a/b/c?x=y  mailtos://me:pw@example.org\nHooks=jsons://h/p=q"))
    assert {name: url.get_secret_value() for name, url in found.items()} == {
        "team": "slack://a/b/c?x=y",
        "mailtos": "mailtos://me:pw@example.org",
        "hooks": "jsons://h/p=q",
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "names no channel"),
        (" ", "names no channel"),
        (f"json://{SECRET} json://other", "two channels called 'json'"),
        (f"json://a team={SECRET}", "Channel 2"),
        (SECRET, "Channel 1"),
    ],
)
def test_channels_that_do_not_fit_are_said_without_an_address(given: str | None, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as met:
        addresses(None if given is None else SecretStr(given))
    assert SECRET not in str(met.value)


def test_one_channel_of_several_that_fails_keeps_no_other_and_is_told_alone_later(
    hook: Webhook, box: Mailbox, tmp_path: Path
) -> None:
    hook.statuses = [500]
    channels = {"hook": channel(hook.address, name="hook"), "mail": channel(box.address)}
    outbox = Outbox(tmp_path / "outbox.db", tuple(channels))
    EveryChannel(channels, lambda key, notice, of: outbox.put(key, notice, channels=of)).notify(NOTICE)
    assert (len(hook.taken), len(box.mails)) == (0, 1)
    assert [(one.channel, one.notice) for one in outbox.open()] == [("hook", NOTICE)]
    Sender(outbox, channels, Backoff(1, 1, 1), PATIENCE_S).send_due()
    assert (len(hook.taken), len(box.mails)) == (1, 1)


def test_where_no_channel_takes_it_or_the_rest_cannot_be_kept_nobody_claims_that_it_was_told(box: Mailbox) -> None:
    gone = channel("json://127.0.0.1:1/x", name="hook")

    def full(key: str, notice: Notice, channels: Sequence[str]) -> None:
        raise StorageError("The disk is full.")

    with pytest.raises(NotDelivered, match="^hook could not be reached$"):
        EveryChannel({"hook": gone}, full).notify(NOTICE)
    with pytest.raises(NotDelivered, match="^hook could not be reached, and it could not be kept for later$"):
        EveryChannel({"hook": gone, "mail": channel(box.address)}, full).notify(NOTICE)
