"""`matria review` as whoever runs the nurses' week uses it."""

import json
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from review_parts import read, talk

from evals.review.weeks import week_before
from flows.cli.entry import run
from flows.wiring import Platform
from matria.errors import BusyError

Shown = Callable[..., str]


@pytest.fixture(autouse=True)
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    return Platform.load()


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str]) -> Shown:
    def shown(*arguments: str, code: int = 0) -> str:
        assert run(["review", *arguments]) == code
        said = capsys.readouterr()
        return said.out + said.err

    return shown


def added(shown: Shown, name: str, *more: str) -> str:
    said = shown("people", "add", "--name", name, "--email", f"{name}@example.org", *more)
    return said.split(":")[0]


def test_people_are_added_sent_away_removed_and_restored(shown: Shown) -> None:
    assert "Nobody yet" in shown("people")
    one = added(shown, "nurse-a", "--language", "en", "--language", "pt-PT")
    assert re.fullmatch(r"nurse-[0-9a-f]{6}", one)
    assert "en, pt-PT" in shown("people", "list")
    away = shown("people", "absent", one, "--from", "2026-12-01", "--until", "2026-12-24")
    assert "from 2026-12-01 until 2026-12-24" in away
    shown("people", "remove", one)
    assert "removed" in shown("people")
    shown("people", "restore", one)
    assert "removed" not in shown("people")
    assert "removed_person" in shown("audit")


def test_a_slip_about_somebody_is_mended_under_her_id(shown: Shown, platform: Platform) -> None:
    one = added(shown, "nurse-a")
    shown("people", "absent", one, "--from", "2026-12-01", "--until", "2027-12-24")
    span = ("--from", "2026-12-15", "--until", "2027-12-31")
    assert "is away from 2026-12-01 until 2026-12-14" in shown("people", "present", "Nurse-A@example.org", *span)
    assert "She is not away" in shown("people", "present", one, *span, code=11)
    assert f"{one} is not away" in shown("people", "present", one, "--from", "2026-11-01", "--until", "2026-12-31")
    said = shown("people", "change", one, "--email", "a.new@example.org", "--role", "lead", "--language", "en")
    assert said == f"{one}: lead, reads en\n"
    (known,) = platform.reviews.reviewers()
    assert (known.reviewer_id, known.name, known.address) == (one, "nurse-a", "a.new@example.org")
    assert "Nothing would change" in shown("people", "change", one, "--role", "lead", code=11)
    assert "Nobody active has that address" in shown("link", "nurse-a@example.org", code=11)


def test_help_names_each_command_with_its_whole_sentence_in_the_order_of_a_week(shown: Shown) -> None:
    said = shown("--help")
    assert "..." not in said.partition("Options:")[2]
    parts = ("The week:", "  draw ", "What comes of it:", "  report ", "What is kept:", "  audit ")
    assert sorted(parts, key=said.index) == list(parts)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("people", "add", "--name", "x", "--email", "a@example.org, b@example.org"), "no plain address"),
        (("people", "add", "--name", "x", "--email", "a@example.org", "--role", "boss"), "is no role"),
        (("people", "add", "--name", "x", "--email", "a@example.org", "--language", "es"), "is no language"),
        (("people", "add", "--name", "nurse\na", "--email", "a@example.org"), "cannot be seen"),
        (("people", "add", "--name", "nurse-a\x1b[2J", "--email", "a@example.org"), "cannot be seen"),
        (("people", "add", "--name", "\u200b", "--email", "a@example.org"), "cannot be seen"),
        (("people", "add", "--name", " ", "--email", "a@example.org"), "A name is missing"),
        (("people", "remove", "nobody"), "Nobody has the id or address 'nobody'"),
        (("simulate", "--week", "2026-W60"), "'2026-W60' is no ISO week"),
        (("people", "absent", "x", "--from", "2026-12-02", "--until", "2026-12-01"), "swap the days"),
        (("link", "a@example.org"), "Nobody active has that address"),
        (("draw", "--week", "W46"), "write it as 2026-W47"),
        (("erase", "unknown"), "No conversation of that id is kept"),
    ],
)
def test_what_does_not_fit_says_what_does(shown: Shown, arguments: tuple[str, ...], says: str) -> None:
    assert says in shown(*arguments, code=11)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("queue",), "Missing option '--run'. See `matria review queue --help`."),
        (("serve", "--port", "99999"), "less than or equal to 65535. See `matria review serve --help`."),
        (("people", "absent", "x", "--from", "1 Dec", "--until", "2 Dec"), "'1 Dec' does not match the formats"),
    ],
)
def test_a_line_that_is_written_wrong_leads_to_the_help_of_its_command(
    shown: Shown, arguments: tuple[str, ...], says: str
) -> None:
    assert says in shown(*arguments, code=2)


def test_a_week_is_shown_dry_drawn_and_looked_after(shown: Shown, platform: Platform) -> None:
    added(shown, "nurse-a")
    added(shown, "lead-a", "--role", "lead")
    until = week_before(datetime.now(UTC), platform.review_zone).until
    talk(platform, 25, until)
    assert "nothing was kept" in shown("draw", "--dry-run")
    assert "No batch was drawn yet" in shown("status")
    drawn = shown("draw")
    assert "20 items of 25 conversations" in drawn
    assert "a lead reads it" in drawn
    assert "0 of 20 items read" in shown("status")
    assert "drawn before" in shown("draw")
    assert "0 of 20 items read" in shown("collect")


def test_what_nobody_reads_is_said_once_with_what_ends_it(shown: Shown, platform: Platform) -> None:
    added(shown, "nurse-a")
    until = week_before(datetime.now(UTC), platform.review_zone).until
    talk(platform, 3, until, locale="en")
    said = shown("draw", code=1)
    assert "3 items: Nobody who is there reads en. Add somebody, or change --language of one" in said
    assert "nobody reads 3 items" in shown("status")
    assert "3 items: Nobody reads it yet; its language is en." in shown("collect", code=1)


def test_how_two_nurses_agree_is_shown_by_their_ids_and_without_an_answer(shown: Shown, platform: Platform) -> None:
    assert "Nothing was read by two nurses yet, nor again by one: 4 of 20 items" in shown("agreement")
    one, two = added(shown, "nurse-a"), added(shown, "nurse-b")
    until = week_before(datetime.now(UTC), platform.review_zone).until
    talk(platform, 25, until)
    shown("draw")
    at = datetime.now(UTC) - timedelta(hours=1)
    for given in platform.reviews.assignments():
        read(platform, given, at, seconds=60.0, safe="no" if given.part == "second" else "yes")
    assert "time on a card: 60 s (median of 24 of 24 readings)" in shown("status")
    said = json.loads(shown("agreement", "--json"))
    (safe,) = [row for row in said if row["question"] == "safe"]
    assert (sorted(safe["reviewers"]), safe["n"], safe["same"]) == (sorted([one, two]), 4, 0.0)
    assert safe["kappa_low"] is not None or safe["reason"]
    assert not {"yes", "no"} & set(json.dumps(said).replace('"', " ").split())
    table = shown("agreement")
    assert "cannot be told: everybody always said the same" in " ".join(table.split())
    assert one in table
    assert two in table


def test_a_link_is_printed_for_whoever_is_known_and_not_where_accounts_sign_in(
    shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(shown, "nurse-a")
    said = shown("link", "nurse-a@example.org")
    assert re.match(r"http://127\.0\.0\.1:8610/\S{30,}\n", said)
    monkeypatch.setenv("MATRIA_REVIEW__SIGN_IN", "oidc")
    assert "MATRIA_REVIEW__SIGN_IN=link" in shown("link", "nurse-a@example.org", code=10)


def test_what_was_erased_is_gone_from_what_nurses_read(shown: Shown, platform: Platform) -> None:
    from models.assistant.meter import CONVERSATION_DOMAIN

    added(shown, "nurse-a")
    assert platform.transcripts is not None
    until = week_before(datetime.now(UTC), platform.review_zone).until
    talk(platform, 1, until)
    (transcript,) = platform.transcripts.between(until - timedelta(days=7), until)
    hashed = platform.hash_key.pseudonym(CONVERSATION_DOMAIN, "service-id")
    platform.transcripts.keep(replace(transcript.last, conversation_id=hashed, message_id="m-2"))
    shown("draw")
    assert len(platform.reviews.offers()) == 2
    assert "1 exchanges are gone, and the texts of 1 items" in shown("erase", "service-id")
    assert [one.item.conversation[0].text for one in platform.reviews.offers()] == ["Posso tomar chá de camomila?"]


def test_who_was_handed_a_link_stands_in_the_log(shown: Shown) -> None:
    one = added(shown, "nurse-a")
    shown("link", "Nurse-A@example.org")
    (line,) = [line for line in shown("audit").splitlines() if "made_link" in line]
    assert one in line


def test_a_port_that_is_taken_is_not_said_to_be_the_page(shown: Shown) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        said = shown("serve", "--port", str(taken.getsockname()[1]), code=BusyError.exit_code)
    assert "cannot be used" in said
    assert "The nurses' page is at" not in said
