"""The hourly watch on a real ledger: a planted rise is told once, explained from the ledger, and cleared."""

import json
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.app import app
from flows.steps.notices import tell_people
from flows.steps.watching import HOURS, watch_costs
from flows.wiring import Platform
from matria.costs.watching.base import Episode
from matria.costs.watching.explain import explain
from matria.costs.words.notices import Reader, notice
from tests.notice_doubles import Channel
from tests.unit.flows.watch_parts import HOUR, NOON, Traffic, messages, platform_with

DAY = HOURS * HOUR
ROSE = NOON - 12 * HOUR
DEARER = Traffic(version="1.1.0", prompt_tokens=2500)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def platform(tmp_path: Path, channel: Channel) -> Platform:
    """Four days: another assistant throughout, and one whose prompt is longer since midnight."""
    made = platform_with(tmp_path, channel)
    other = Traffic("puerpera/apoio", an_hour=10)
    made.ledger.record(messages(NOON - 3 * DAY, ROSE, Traffic(), other))
    made.ledger.record(messages(ROSE, NOON, DEARER, other))
    return made


def alert(platform: Platform) -> Episode:
    (only,) = platform.watch_memory.alerts(10)
    return only


def test_a_rise_is_told_with_its_cause_and_what_to_do(platform: Platform, channel: Channel) -> None:
    outcome = watch_costs(platform, NOON + timedelta(minutes=15))
    tell_people(platform, 0)
    assert outcome.state == "alert"
    (told,) = channel.notices
    found = alert(platform)
    assert told.subject.startswith("Cost of a message +")
    assert "gestante/triagem" in told.subject
    assert len(told.subject) <= 78
    assert "\n1. length of the prompt: +US$ 0.000" in told.body
    assert "prompt tokens per message: 1,000 → 1,750" in told.body  # half of the last day's messages have 2,500
    assert "Since: 20 Nov 00:00 UTC." in told.body
    assert "(480 messages a day)" in told.body  # 20 an hour
    assert f"matria costs explain {found.alert_id}" in told.body
    assert told.link == f"http://127.0.0.1:8600{outcome.report.address}"
    assert (outcome.report.folder / "costs.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_same_hour_is_decided_and_told_once(platform: Platform, channel: Channel) -> None:
    first = watch_costs(platform, NOON)
    again = watch_costs(platform, NOON + timedelta(minutes=59))
    tell_people(platform, 0)
    assert (first.state, again.state) == ("alert", "goes_on")
    assert again.report == first.report
    assert not again.is_new
    assert platform.watch_memory.head() == 1
    assert len(channel.notices) == 1


def test_a_report_that_cannot_be_written_leaves_no_folder(platform: Platform) -> None:
    unknown = platform.settings.model_copy(update={"locale": "tlh"})
    with pytest.raises(KeyError):
        watch_costs(replace(platform, settings=unknown), NOON)
    assert not list((platform.settings.home / "reports").glob("costs/*"))


def test_a_run_that_died_before_it_told_is_made_up_for(platform: Platform, channel: Channel) -> None:
    outbox = platform.outbox
    vars(platform)["outbox"] = None  # the process ends where the first notice would be put
    with pytest.raises(AttributeError):
        watch_costs(platform, NOON)
    vars(platform)["outbox"] = outbox
    assert platform.watch_memory.waiting()
    outcome = watch_costs(platform, NOON + timedelta(minutes=1))
    tell_people(platform, 0)
    assert len(outcome.handed_on) == 1
    assert len(channel.notices) == 1


def test_a_run_that_died_after_it_told_does_not_tell_again(platform: Platform, channel: Channel) -> None:
    outbox = platform.outbox
    vars(platform)["outbox"] = None
    with pytest.raises(AttributeError):
        watch_costs(platform, NOON)
    vars(platform)["outbox"] = outbox
    (told,) = platform.watch_memory.waiting()
    outbox.put(told.key, notice(told, Reader("en")), NOON)  # and here the process ended
    watch_costs(platform, NOON)
    tell_people(platform, 0)
    assert len(channel.notices) == 1


def test_when_it_is_back_people_hear_the_all_clear(platform: Platform, channel: Channel) -> None:
    watch_costs(platform, NOON)
    platform.ledger.record(messages(NOON, NOON + 25 * HOUR, Traffic(version="1.1.1"), Traffic("puerpera/apoio")))
    states = [watch_costs(platform, NOON + hour * HOUR).state for hour in (1, 24, 25)]
    tell_people(platform, 0)
    assert states[0] == "goes_on"
    assert states[-1] == "fine"
    assert [told.severity for told in channel.notices] == ["warning", "information"]
    assert channel.notices[-1].subject.startswith("All clear: a message costs US$ 0.000")
    assert alert(platform).state == "cleared"


def test_a_decision_comes_out_the_same_whatever_came_late(platform: Platform) -> None:
    watch_costs(platform, NOON)
    cheap = Traffic(prompt_tokens=100, an_hour=200)
    platform.ledger.record(messages(NOON - DAY, NOON, cheap, late="late"))
    found = explain(platform.ledger, platform.watch_memory, alert(platform).alert_id)
    assert found is not None
    (again,) = found.decisions
    assert again.is_same
    assert again.late is not None
    assert again.is_changed_by_late
    assert again.late.state == "fine"  # with the late messages, 200 an hour, the day was cheaper than the one before


def test_an_alert_that_late_entries_reveal_is_told(tmp_path: Path, channel: Channel) -> None:
    platform = platform_with(tmp_path, channel)
    platform.ledger.record(messages(NOON - 3 * DAY, NOON - HOUR))
    for hour in (-2, -1, 0):
        assert watch_costs(platform, NOON + hour * HOUR).state == "fine"
    platform.ledger.record(messages(NOON - DAY, NOON, DEARER, late="late"))
    outcome = watch_costs(platform, NOON + HOUR)
    tell_people(platform, 0)
    assert outcome.state == "alert"
    assert len(channel.notices) == 1
    assert alert(platform).opened_at == NOON - 2 * HOUR  # the first of the judged hours that they changed


def test_a_jump_is_told_within_the_hour(tmp_path: Path, channel: Channel) -> None:
    platform = platform_with(tmp_path, channel)
    busy = Traffic(an_hour=60)
    platform.ledger.record(messages(NOON - 3 * DAY, NOON - HOUR, busy))
    platform.ledger.record(messages(NOON - HOUR, NOON, replace(busy, version="1.1.0", prompt_tokens=4000)))
    watch_costs(platform, NOON)
    tell_people(platform, 0)
    (told,) = channel.notices
    assert "within the hour" in told.subject
    assert told.severity == "critical"
    assert "Since: 20 Nov 11:00 UTC." in told.body
    assert "1.0.0 → 1.1.0, since 20 Nov 11:00" in told.body
    assert "in that hour (60 messages): at 1,440 messages a day, 30 days would cost US$ " in told.body


def test_a_jump_that_an_hour_shows_late_is_dated_by_the_hours_before_it(tmp_path: Path, channel: Channel) -> None:
    """The prompt is longer since 4:00, too little for the day's mean; the hour to 12:00 is the first with enough."""
    platform = platform_with(tmp_path, channel)
    quiet, busy = Traffic(an_hour=10), Traffic(an_hour=120)
    longer = {"version": "1.1.0", "prompt_tokens": 2500}
    platform.ledger.record(messages(NOON - 3 * DAY, NOON - DAY - HOUR, quiet))
    platform.ledger.record(messages(NOON - DAY - HOUR, NOON - 16 * HOUR, busy))
    platform.ledger.record(messages(NOON - 16 * HOUR, NOON - 8 * HOUR, quiet))
    platform.ledger.record(messages(NOON - 8 * HOUR, NOON - HOUR, replace(quiet, **longer)))
    platform.ledger.record(messages(NOON - HOUR, NOON, replace(busy, **longer)))
    watch_costs(platform, NOON)
    tell_people(platform, 0)
    (told,) = channel.notices
    assert "within the hour" in told.subject
    assert "Since: 20 Nov 04:00 UTC." in told.body
    assert "1.0.0 → 1.1.0, since 20 Nov 04:00" in told.body


def test_calls_without_a_price_are_told_and_their_end_too(tmp_path: Path, channel: Channel) -> None:
    platform = platform_with(tmp_path, channel)
    unknown = Traffic("puerpera/apoio", an_hour=2, is_priced=False)
    platform.ledger.record(messages(NOON - 2 * DAY, NOON - HOUR))
    platform.ledger.record(messages(NOON - HOUR, NOON, Traffic(an_hour=15), replace(unknown, an_hour=5)))
    watch_costs(platform, NOON)
    platform.ledger.record(messages(NOON, NOON + DAY))
    watch_costs(platform, NOON + DAY)
    tell_people(platform, 0)
    opened, cleared = channel.notices
    assert opened.subject.startswith("Calls without a price: 1% ")  # 5 of 480
    assert "Calls without a price in the last 24 hours: 5 of 480 (1%; 1% is tolerated)" in opened.body
    assert cleared.subject.startswith("All clear: the calls have prices again")


def test_silence_is_told_and_is_never_fine(tmp_path: Path, channel: Channel) -> None:
    platform = platform_with(tmp_path, channel)
    platform.ledger.record(messages(NOON - 3 * DAY, NOON))
    states = [watch_costs(platform, NOON + hour * HOUR).state for hour in (0, 11, 12)]
    tell_people(platform, 0)
    assert states == ["fine", "alert", "goes_on"]
    (told,) = channel.notices
    assert told.subject == "Cost of a message: no data (all assistants)"
    assert "no message has come for" in told.body


def test_two_watches_at_once_tell_once(platform: Platform, channel: Channel, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    platforms = [platform_with(tmp_path, channel) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda one: watch_costs(one, NOON), platforms))
    tell_people(platform, 0)
    assert platform.watch_memory.head() == 1
    assert len(channel.notices) == 1


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon for the command: no hour ends between what a test lays down and what the command reads."""

    class Noon(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Noon":
            return cls.combine(NOON.date(), NOON.timetz())

    monkeypatch.setattr("flows.steps.costs.datetime", Noon)


@pytest.fixture
def commands(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    watch_costs(platform, NOON)
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    return CliRunner()


def test_explain_says_that_it_comes_out_the_same(commands: CliRunner, platform: Platform) -> None:
    done = commands.invoke(app, ["costs", "explain", alert(platform).alert_id])
    assert done.exit_code == 0, done.output
    assert "It comes out the same." in done.output
    assert "length of the prompt" in done.output


def test_explain_gives_a_program_all_figures(commands: CliRunner, platform: Platform) -> None:
    done = commands.invoke(app, ["costs", "explain", alert(platform).alert_id, "--json"])
    found = json.loads(done.output)
    assert found["is_same"] is True
    (decision,) = found["decisions"]
    assert decision["finding"]["last"]["messages"] == 480
    assert decision["policy"]["max_rise_24h"] == 0.2
    parts = [float(part["usd"]) for part in decision["cause"]["parts"]]
    assert sum(parts) == pytest.approx(float(decision["cause"]["change_usd"]), rel=1e-12)


def test_explain_fails_where_the_record_says_otherwise(commands: CliRunner, platform: Platform) -> None:
    memory = platform.watch_memory
    newest = memory.newest()
    assert newest is not None
    (told,) = newest.told
    wrong = replace(newest.check, until=NOON + HOUR)  # findings of noon, said to be of one o'clock
    later = replace(told, check=NOON + HOUR)
    memory.decide(memory.head(), wrong, newest.episodes, [later], NOON, "0")
    done = commands.invoke(app, ["costs", "explain", alert(platform).alert_id])
    assert done.exit_code == 1
    assert "does NOT come out the same" in done.output


def test_alerts_are_listed(commands: CliRunner, platform: Platform) -> None:
    alert_id = alert(platform).alert_id
    assert alert_id in commands.invoke(app, ["costs", "alerts"]).output
    (listed,) = json.loads(commands.invoke(app, ["costs", "alerts", "--json"]).output)
    assert (listed["alert_id"], listed["state"]) == (alert_id, "open")
    assert (listed["opened_at"], listed["since"]) == ("2026-11-20T12:00:00Z", "2026-11-20T00:00:00+00:00")


def test_when_an_alert_opened_is_not_when_the_rise_began(commands: CliRunner, platform: Platform) -> None:
    listed = commands.invoke(app, ["costs", "alerts"]).output
    explained = commands.invoke(app, ["costs", "explain", alert(platform).alert_id]).output
    assert "opened (UTC)" in listed
    assert "rise since" in listed
    assert "2026-11-20 12:00" in listed
    assert "2026-11-20 00:00" in listed
    assert "the cost has risen since 2026-11-20 00:00 UTC" in explained


def test_alerts_are_accepted_by_a_person(commands: CliRunner, platform: Platform) -> None:
    alert_id = alert(platform).alert_id
    done = commands.invoke(app, ["costs", "accept", alert_id, "--by", "Ana", "--why", "longer on purpose"])
    assert done.exit_code == 0, done.output
    assert alert(platform).state == "accepted"
    platform.ledger.record(messages(NOON, NOON + HOUR, DEARER, Traffic("puerpera/apoio", an_hour=10)))
    assert watch_costs(platform, NOON + HOUR).state == "fine"
    assert "longer on purpose" in commands.invoke(app, ["costs", "explain", alert_id]).output
    twice = commands.invoke(app, ["costs", "accept", alert_id, "--by", "Ana", "--why", "again"])
    assert twice.exit_code != 0


@pytest.mark.parametrize(("by", "why"), [("", "on purpose"), ("Ana", " \t"), ("", "")])
def test_nobody_accepts_for_no_reason(commands: CliRunner, platform: Platform, by: str, why: str) -> None:
    done = commands.invoke(app, ["costs", "accept", alert(platform).alert_id, "--by", by, "--why", why])
    assert "--by NAME" in str(done.exception)
    assert alert(platform).state == "open"


def test_calls_without_a_price_are_not_accepted(commands: CliRunner, platform: Platform) -> None:
    platform.ledger.record(messages(NOON, NOON + HOUR, Traffic(an_hour=10, is_priced=False)))
    watch_costs(platform, NOON + HOUR)
    (unpriced,) = (one for one in platform.watch_memory.alerts(10) if one.rule == "unpriced")
    listed = commands.invoke(app, ["costs", "alerts"]).output
    assert "0.0% unpriced" in listed
    assert "1.4% unpriced" in listed, "10 calls of 23 x 30 + 10"
    done = commands.invoke(app, ["costs", "accept", unpriced.alert_id, "--by", "Ana", "--why", "a new model"])
    assert "prices.yaml" in str(done.exception)


@pytest.mark.usefixtures("at_noon")
def test_the_figures_begin_with_what_the_watch_is_alarmed_by(
    tmp_path: Path, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest hour's 20 messages of 480 have no price: the mean is as before, and it is a guess."""
    now = NOON
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    made = platform_with(tmp_path, channel)
    made.ledger.record(messages(now - 3 * DAY, now - HOUR))
    made.ledger.record(messages(now - HOUR, now, Traffic(is_priced=False)))
    assert watch_costs(made, now).state == "alert"
    (one,) = made.watch_memory.alerts(10)
    first, second = CliRunner().invoke(app, ["costs"]).output.splitlines()[:2]
    assert f"matria costs explain {one.alert_id}" in first
    assert second.startswith("Calls without a price in the last 24 hours: 20 of 480 (4.2%)")
    longer = CliRunner().invoke(app, ["costs", "--hours", "48"]).output
    assert "By the watch, over 24 hours: Calls without a price" in longer
    assert "A message cost US$" in longer


@pytest.mark.usefixtures("at_noon")
def test_silence_is_said_beside_the_figures(tmp_path: Path, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    now = NOON
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    platform_with(tmp_path, channel).ledger.record(messages(now - 3 * DAY, now - 9 * HOUR))
    said = CliRunner().invoke(app, ["costs"]).output.replace("\n", " ")
    since = now - 9 * HOUR
    assert f"no message has come since {since:%d %b %H:%M} UTC" in said


@pytest.mark.usefixtures("at_noon")
def test_an_alert_beside_lost_hours_says_that_they_are_missing(
    tmp_path: Path, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = NOON
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    ledger = platform_with(tmp_path, channel).ledger
    ledger.record(messages(now - 4 * DAY, now - 30 * HOUR))
    ledger.record(messages(now - 20 * HOUR, now, DEARER))
    first, second = CliRunner().invoke(app, ["costs"]).output.splitlines()[:2]
    assert "more than before" in first
    assert second == "4 h of the last 24 are missing from the ledger; 6 h of the 24 before are missing from the ledger."


def test_an_alert_that_is_not_there_is_a_sentence(commands: CliRunner) -> None:
    done = commands.invoke(app, ["costs", "explain", "day-total-20200101T0000Z"])
    assert done.exit_code != 0
    assert "matria costs alerts" in str(done.exception)
