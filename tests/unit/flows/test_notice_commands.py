"""`matria notices`, `matria doctor` and `matria automations` as somebody on call uses them; no server is asked."""

import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from notice_receivers import Webhook, webhook

from flows.automations.declared import declared, resolved
from flows.cli.entry import run
from flows.steps.broken_watch import NO_WEEK, NOT_CARED, WORDS, Watch, note_works, put_broken
from flows.steps.notices import outbox_state, tell_people
from flows.wiring import Platform
from matria.errors import InputError, UserError
from matria.messages import Locale
from matria.notify.base import Notice

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOTICE = Notice("Custo de uma mensagem: +31 %", "Corpo.", "critical", NOON)


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    with webhook() as made:
        monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
        monkeypatch.setenv("MATRIA_NOTIFY__KIND", "apprise")
        monkeypatch.setenv("MATRIA_NOTIFY__URLS", f"team={made.address}")
        monkeypatch.delenv("PREFECT_API_URL", raising=False)
        yield made


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert run([*arguments]) == status
    return "".join(capsys.readouterr())


def test_what_is_undelivered_is_shown_retried_and_gone(hook: Webhook, capsys: pytest.CaptureFixture[str]) -> None:
    platform = Platform.load()
    assert "No notice was ever put." in shown(capsys, "notices", "list")
    platform.outbox.put("day-1", NOTICE)
    hook.statuses = [503, 503]
    told = tell_people(platform, patience_s=0)
    assert "1 UNDELIVERED: day-1 on team" in told.title
    assert [row["why"] for row in told.table()] == ["team answered 503"]
    assert "team answered 503" in shown(capsys, "notices", "list")
    assert "1 UNDELIVERED: day-1 on team" in shown(capsys, "notices", "retry", "day-1", status=1)
    assert "1 delivered" in shown(capsys, "notices", "retry")
    assert "Everything was delivered." in shown(capsys, "notices", "list")
    assert "delivered" in shown(capsys, "notices", "list", "--all")
    assert len(hook.taken) == 1


def test_the_attempt_that_was_taken_counts(hook: Webhook) -> None:
    platform = Platform.load()
    platform.outbox.put("day-1", NOTICE)
    (row,) = tell_people(platform, patience_s=0).table()
    assert (row["state"], row["attempts"], row["why"]) == ("delivered", 1, "")


def test_a_run_waits_for_the_second_attempt_where_it_comes_soon(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIA_NOTIFY__BACKOFF_S", "0.01")
    platform, paused = Platform.load(), []
    platform.outbox.put("day-1", NOTICE)
    hook.statuses = [500, 500]

    def sleep(seconds: float) -> None:
        """Longer than the pauses that are asked of the channel, far shorter than a run's."""
        paused.append(seconds)
        time.sleep(0.1)

    told = tell_people(platform, patience_s=60, sleep=sleep)
    assert [one.key for one in told.delivered] == ["day-1"]
    assert not told.undelivered
    assert len(paused) == 2


def test_a_retry_with_other_settings_says_which_channel_is_not_told(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hook.statuses = [503]
    Platform.load().outbox.put("day-1", NOTICE)
    tell_people(Platform.load(), patience_s=0)
    monkeypatch.setenv("MATRIA_NOTIFY__KIND", "console")
    monkeypatch.delenv("MATRIA_NOTIFY__URLS")
    said = " ".join(shown(capsys, "notices", "retry").split())
    assert "channels that the settings do not have: team (1). Sent again on those there are: console." in said


def test_a_notice_can_be_let_be(hook: Webhook, capsys: pytest.CaptureFixture[str]) -> None:
    Platform.load().outbox.put("day-1", NOTICE)
    assert "not sent any more" in shown(capsys, "notices", "drop", "day-1")
    assert "No undelivered notice is called 'day-1'" in shown(capsys, "notices", "drop", "day-1", status=11)
    assert hook.asked == 0


def test_the_doctor_says_of_what_nobody_has_heard(hook: Webhook) -> None:
    platform = Platform.load()
    platform.outbox.put("day-1", NOTICE)
    assert outbox_state(platform) == "1 to be sent, 0 undelivered (outbox.db)"
    hook.statuses = [503]
    tell_people(platform, patience_s=0)
    with pytest.raises(UserError, match="day-1 on team") as met:
        outbox_state(platform)
    assert "s3cr3t" not in f"{met.value} {platform.notifier.ping()} {platform.settings!r} {platform.channels!r}"


def test_channels_that_do_not_fit_are_a_sentence_without_the_address(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MATRIA_NOTIFY__URLS", "s3cr3t")
    said = shown(capsys, "notices", "list", status=10)
    assert "Channel 1 of MATRIA_NOTIFY__URLS is no address" in said
    assert "s3cr3t" not in said


@pytest.mark.parametrize("locale", WORDS)
def test_a_broken_watch_is_put_once_a_day_in_the_language_set(locale: Locale, tmp_path: Path) -> None:
    platform = Platform.load(home=tmp_path, locale=locale)
    days = [NOON, NOON + timedelta(hours=5), NOON + timedelta(days=1)]
    assert [put_broken(platform, "watch-costs", at) for at in days] == [True, False, True]
    assert {one.notice.subject for one in platform.outbox.open()} == {WORDS[locale][0].format(flow="watch-costs")}


@pytest.mark.parametrize("locale", NO_WEEK)
@pytest.mark.parametrize(
    ("watch", "words", "runs"),
    [("review-batch", NO_WEEK, "matria review draw"), ("review-due", NOT_CARED, "matria review collect")],
)
def test_a_week_that_is_not_drawn_or_looked_after_is_told_of_without_alarm_and_says_what_to_run(
    watch: Watch, words: Mapping[Locale, tuple[str, str]], runs: str, locale: Locale, tmp_path: Path
) -> None:
    platform = Platform.load(home=tmp_path, locale=locale)
    put_broken(platform, watch, NOON)
    (notice,) = {one.notice for one in platform.outbox.open()}
    assert notice.severity == "warning"
    assert notice.subject == words[locale][0].format(flow=watch)
    assert notice.subject != WORDS[locale][0].format(flow=watch), "it ran, and failed"
    assert runs in notice.body


def test_a_watch_that_worked_and_fails_again_the_same_day_is_told_of_again(hook: Webhook) -> None:
    platform, begun = Platform.load(), NOON - timedelta(days=20)

    def failed(minutes: int) -> bool:
        return put_broken(platform, "watch-costs", begun + timedelta(minutes=minutes))

    def worked(minutes: int) -> None:
        note_works(platform, "watch-costs", begun + timedelta(minutes=minutes))

    assert (failed(0), failed(10)) == (True, False)
    worked(70)  # nobody has heard of it yet
    assert not failed(80)
    tell_people(platform, patience_s=0)
    worked(130)
    assert failed(190)
    tell_people(platform, patience_s=0)
    worked(200)  # by turns: not within the hour
    assert not failed(210)
    assert hook.asked == 2


def test_the_automations_are_listed_without_a_server_and_applied_with_none_but_a_sentence(
    hook: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Tell people what a message costs" in shown(capsys, "automations", "list")
    for command in ("apply", "diff"):
        assert "start `matria up`, or set PREFECT_API_URL" in shown(capsys, "automations", command, status=10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("automations: none", "must be a list"),
        ("automations: [{description: x}]", "have a name"),
        ("automations: [{name: a}, {name: a}]", "two automations called 'a'"),
    ],
)
def test_a_file_of_automations_that_does_not_fit_is_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "automations.yaml").write_text(text)
    with pytest.raises(InputError, match=said):
        declared(tmp_path / "automations.yaml")


def test_every_automation_fits_prefect_and_starts_a_deployment_that_there_is(root: Path) -> None:
    from prefect.events.actions import RunDeployment

    deployed = {
        f"{entry['entrypoint'].rsplit('.', 1)[1].replace('_', '-')}/{entry['name']}"
        for entry in yaml.safe_load((root / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    }
    asked: list[str] = []
    for entry in declared(root / "automations.yaml"):
        core = resolved(entry, root / "automations.yaml", lambda name: asked.append(name) or uuid.UUID(int=1))
        assert core.tags == ["matria"]
        assert all(isinstance(action, RunDeployment) for action in core.actions)
    assert asked
    assert set(asked) <= deployed


@pytest.mark.parametrize(
    ("more", "said"),
    [({"trigers": {}}, "unknown key 'trigers'"), ({"trigger": {"within": -1}}, "does not fit at trigger")],
)
def test_an_automation_that_does_not_fit_names_itself_and_the_place(more: dict[str, object], said: str) -> None:
    entry = {"name": "a", "trigger": {"type": "event"}, "actions": [{"type": "do-nothing"}], **more}
    with pytest.raises(InputError, match=f"automation 'a'.*{said}"):
        resolved(entry, Path("automations.yaml"), lambda name: uuid.UUID(int=1))
