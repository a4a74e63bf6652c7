"""The mail that brings a link, as a real mail server takes it."""

from pathlib import Path

import pytest
from notice_receivers import Mailbox, mailbox, plain_text
from page_parts import NOW, URL, ask_for_link, press, site
from pydantic import SecretStr

from evals.review.web.mail import AppriseMailer, link_mail, plain_address
from matria.errors import SettingsError
from matria.messages import Locale
from matria.notify.base import NotDelivered

PATIENCE_S = 100


def mailer(box: Mailbox) -> AppriseMailer:
    template = f"mailto://127.0.0.1:{box.port}?from=matria@example.org&name=s3cr3t-token&to={{to}}"
    return AppriseMailer(SecretStr(template), PATIENCE_S, lambda: NOW)


def test_a_link_comes_to_her_alone_whole_and_can_be_opened(tmp_path: Path) -> None:
    with mailbox() as box:
        here = site(tmp_path, mailer=mailer(box))
        ask_for_link(here.browser(), "nurse-a@example.org", "/items/item-a")
        (mail,) = box.mails
    assert mail["To"] == "nurse-a@example.org"
    text = plain_text(mail)
    link = next(word for word in text.split() if word.startswith(URL))
    assert "ignore esta mensagem" in text
    assert press(here.browser(), link.removeprefix(URL)).headers["location"] == "/items/item-a"


@pytest.mark.parametrize("address", ["nurse+a@example.org", "nurse_a.b-c@sub.example.org"])
def test_an_address_arrives_as_it_is_written(address: str) -> None:
    with mailbox() as box:
        mailer(box).send(address, "Um assunto", "Um texto")
        assert [mail["To"] for mail in box.mails] == [address]


@pytest.mark.parametrize(
    "address",
    ["a@example.org,b@example.org", "a@example.org&to=b@example.org", "a@example.org%2Cb@example.org",
     "a@example.org\r\nBcc: b@example.org", "a b@example.org", "Nome <a@example.org>", "a@example", ""],
)  # fmt: skip
def test_nothing_is_sent_to_an_address_that_is_more_than_one(address: str) -> None:
    assert plain_address(address) is None
    with mailbox() as box:
        with pytest.raises(NotDelivered) as raised:
            mailer(box).send(address, "Um assunto", "Um texto")
        assert box.mails == []
    assert "example.org" not in str(raised.value)


def test_a_mail_that_is_refused_is_told_without_an_address_or_secret() -> None:
    with mailbox() as box:
        box.refusal = "554 no"
        with pytest.raises(NotDelivered) as raised:
            mailer(box).send("a@example.org", "Um assunto", "Um texto", f"{URL}/sign-in/link/t0ken")
    for secret in ("example.org", "s3cr3t", "t0ken"):
        assert secret not in str(raised.value)
        assert secret not in repr(mailer(box))


@pytest.mark.parametrize("template", ["mailto://127.0.0.1?to=a@example.org", "nothing://s3cr3t/{to}", "{to}{to}"])
def test_a_template_that_reaches_no_nurse_is_refused_at_once(template: str) -> None:
    with pytest.raises(SettingsError, match="MATRIA_REVIEW__MAIL") as raised:
        AppriseMailer(SecretStr(template), 5, lambda: NOW)
    assert "s3cr3t" not in str(raised.value)


@pytest.mark.parametrize(
    ("locale", "subject", "word"),
    [
        ("pt-BR", "Seu link para a revisão da semana", "vale por 15 minutos"),
        ("pt-PT", "O seu link para a revisão da semana", "válido durante 15 minutos"),
        ("en", "Your link to this week's review", "valid for 15 minutes"),
    ],
)
def test_the_mail_is_in_the_language_of_whoever_reads_it(locale: Locale, subject: str, word: str) -> None:
    said, text = link_mail(locale, 15)
    assert said == subject
    assert word in text
