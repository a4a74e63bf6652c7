"""From dearer messages to a person: the watch's deployment, its event, the automation that answers it, a webhook."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from notice_receivers import Webhook, webhook
from real_service import ENDS_ON_ANY_MACHINE, WAIT_S, changed_deployments

from flows.cli.entry import run
from flows.steps.notices import tell_people
from flows.steps.watching import watch_costs
from flows.wiring import Platform
from matria.costs.watching.watch import full_hour
from matria.settings import Settings
from tests.unit.flows.watch_parts import HOUR, Traffic, messages

DEPLOYMENTS = ("watch-costs/costs-hourly", "tell-people/tell-people")
pytestmark = ENDS_ON_ANY_MACHINE


@pytest.fixture
def hook(up: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    """A channel of the test's own; both deployments run when asked to, on a home of the test's own, in Portuguese."""
    with webhook() as hook:
        given = {
            "MATRIA_HOME": str(tmp_path),
            "MATRIA_LOCALE": "pt-BR",
            "MATRIA_NOTIFY__KIND": "apprise",
            "MATRIA_NOTIFY__URLS": f"team={hook.address}",
            "MATRIA_SERVE__PUBLIC_URL": "https://matria.example.org",
        }
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        with changed_deployments(DEPLOYMENTS, job_variables={"env": given}):
            yield hook


def newest_run(flow: str, started_at: datetime, how: str) -> Any:
    """The flow's run that began since by `how`, once it has ended."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName

    give_up_at = time.monotonic() + WAIT_S
    with get_client(sync_client=True) as client:
        while time.monotonic() < give_up_at:
            every = client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])))
            for one in every:
                is_ours = one.created >= started_at and (one.created_by is not None and one.created_by.type == how)
                if is_ours and one.state.is_final():
                    return one
            time.sleep(0.5)
    raise AssertionError(f"no run of {flow} by {how} ended within {WAIT_S:.0f} s")


def test_a_longer_prompt_reaches_a_person_once_and_can_be_explained(
    hook: Webhook, capsys: pytest.CaptureFixture[str]
) -> None:
    platform, now = Platform.load(), full_hour(datetime.now(UTC))
    rose = now - 12 * HOUR
    platform.ledger.record(messages(now - 72 * HOUR, rose))
    platform.ledger.record(messages(rose, now, Traffic(version="1.1.0", prompt_tokens=2500)))
    started_at = datetime.now(UTC) - timedelta(seconds=1)

    assert run(["run", "watch-costs"]) == 24
    assert "watch-costs: Alert." in capsys.readouterr().out
    told = newest_run("tell-people", started_at, "AUTOMATION")
    assert told.state_name == "Completed"
    (taken,) = hook.taken
    assert taken["title"].startswith("Custo por mensagem +")
    assert "1. tamanho do prompt" in taken["message"]
    assert "https://matria.example.org/reports/costs/" in taken["message"]

    assert run(["run", "watch-costs"]) == 0
    assert "AlertGoesOn" in capsys.readouterr().out
    assert run(["run", "tell-people"]) == 0
    assert len(hook.taken) == 1

    (alert,) = platform.watch_memory.alerts(10)
    assert run(["costs", "explain", alert.alert_id]) == 0
    assert "It comes out the same." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("then", "an_hour", "prompt_tokens", "change"), [(10, 40, 9000, "worsened"), (24, 100, 200, "cleared")]
)
def test_what_becomes_of_an_alert_reaches_a_person_too(
    hook: Webhook, then: int, an_hour: int, prompt_tokens: int, change: str
) -> None:
    """Told of a rise an hour ago; since then much dearer or cheaper messages of the last hours have come, late."""
    platform, now = Platform.load(), full_hour(datetime.now(UTC))
    rose = now - 12 * HOUR
    platform.ledger.record(messages(now - 72 * HOUR, rose))
    platform.ledger.record(messages(rose, now, Traffic(version="1.1.0", prompt_tokens=2500)))
    (opened,) = watch_costs(platform, now - HOUR).handed_on
    tell_people(platform, patience_s=0)
    traffic = Traffic(version="1.2.0", prompt_tokens=prompt_tokens, an_hour=an_hour)
    platform.ledger.record(messages(now - then * HOUR, now, traffic, late="late-"))
    started_at = datetime.now(UTC) - timedelta(seconds=1)

    assert run(["run", "watch-costs"]) == (24 if change == "worsened" else 0)
    assert newest_run("tell-people", started_at, "AUTOMATION").state_name == "Completed"
    assert [one["title"] == opened.notice.subject for one in hook.taken] == [True, False]
    alert_id = opened.told.step.episode.alert_id
    (told,) = [one for one in platform.outbox.deliveries() if one.key.startswith(f"costs/{alert_id}/{change}/")]
    assert (told.state, told.notice.subject) == ("delivered", hook.taken[1]["title"])
