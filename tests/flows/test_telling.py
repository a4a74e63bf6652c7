"""From an event to a person: a real Prefect server whose automation fires, a real webhook and a real mail server."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from notice_receivers import mailbox, plain_text, webhook
from real_service import ENDS_ON_ANY_MACHINE, WAIT_S, changed_deployments

from flows.automations.declared import declared
from flows.automations.server import apply, changes
from flows.cli.entry import run
from flows.events import emit
from flows.up import api_url
from flows.wiring import Platform
from matria.notify.base import Notice
from matria.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "automations.yaml"
DEPLOYMENT = "tell-people/tell-people"
pytestmark = ENDS_ON_ANY_MACHINE


@pytest.fixture
def told_here(up: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Points this process and the deployment's runs at a home and at channels of the test's own."""
    with ExitStack() as until:

        def point(**settings: str) -> None:
            given = {"MATRIA_HOME": str(tmp_path), "MATRIA_NOTIFY__KIND": "apprise", **settings}
            for name, value in given.items():
                monkeypatch.setenv(name, value)
            # Without its schedule, whose run might send before that of the automation.
            until.enter_context(changed_deployments([DEPLOYMENT], job_variables={"env": given}))

        yield point


def notice(subject: str) -> Notice:
    body = "De 0,0100 para 0,0131 USD.\n- preço: 100 %"
    return Notice(subject, body, "critical", datetime.now(UTC), "http://127.0.0.1/r")


def runs_after(started_at: datetime, how_many: int) -> list[Any]:
    """The runs of `tell-people` that began since, once as many have ended."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName

    give_up_at = time.monotonic() + WAIT_S
    with get_client(sync_client=True) as client:
        while time.monotonic() < give_up_at:
            every = client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["tell-people"])))
            ours = [one for one in every if one.created and one.created >= started_at and one.state.is_final()]
            if len(ours) >= how_many:
                return ours
            time.sleep(0.5)
    raise AssertionError(f"no {how_many} runs ended within {WAIT_S:.0f} s")


def test_an_event_reaches_a_person_once_though_the_first_attempt_failed(told_here: Any) -> None:
    with webhook() as hook, mailbox() as box:
        hook.statuses = [500]
        told_here(MATRIA_NOTIFY__URLS=f"team={hook.address} care={box.address}", MATRIA_NOTIFY__BACKOFF_S="1")
        outbox, started_at = Platform.load().outbox, datetime.now(UTC)
        outbox.put("day-1/opened", notice("Custo de uma mensagem: +31 %"))
        assert emit("opened", "day-1", "Custo de uma mensagem: +31 %")
        (ended,) = runs_after(started_at, 1)
        assert ended.created_by.type == "AUTOMATION"
        assert (ended.state_name, ended.state.message) == ("Completed", "2 delivered, nothing undelivered")
        assert [one["title"] for one in hook.taken] == ["Custo de uma mensagem: +31 %"]
        assert (hook.asked, len(box.mails)) == (2, 1)
        assert "preço: 100 %" in plain_text(box.mails[0])
        assert {(one.channel, one.state, one.attempts) for one in outbox.deliveries()} == {
            ("team", "delivered", 2),
            ("care", "delivered", 1),
        }


def test_what_nobody_took_fails_the_run_and_is_shown_until_it_is_sent_again(
    told_here: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with webhook() as hook:
        hook.statuses = [503]
        told_here(MATRIA_NOTIFY__URLS=f"team={hook.address}", MATRIA_NOTIFY__BACKOFF_S="3000")
        outbox, started_at = Platform.load().outbox, datetime.now(UTC)
        outbox.put("day-2/opened", notice("Up"))
        emit("worsened", "day-2", "Up")
        (ended,) = runs_after(started_at, 1)
        assert (ended.state_name, ended.state.type) == ("Undelivered", "FAILED")
        assert "day-2/opened on team" in ended.state.message
        assert "team answered 503" in ended.state.message
        assert run(["notices", "list"]) == 0
        assert "team answered 503" in capsys.readouterr().out
        assert run(["notices", "retry"]) == 0
        assert run(["notices", "list"]) == 0
        assert "Everything was delivered." in capsys.readouterr().out
        assert [one["title"] for one in hook.taken] == ["Up"]
        assert "s3cr3t" not in ended.state.message


def test_a_watch_that_crashes_is_told_of_once_a_day(told_here: Any) -> None:
    from prefect.client.orchestration import get_client
    from prefect.states import Crashed, Pending

    with webhook() as hook:
        told_here(MATRIA_NOTIFY__URLS=f"team={hook.address}", MATRIA_LOCALE="pt-BR")
        started_at = datetime.now(UTC)
        with get_client(sync_client=True) as client:
            watch = client.read_deployment_by_name("watch-costs/costs-hourly")
            for crashed in (1, 2):
                run_id = client.create_flow_run_from_deployment(watch.id, state=Pending()).id
                client.set_flow_run_state(run_id, Crashed(), force=True)
                runs_after(started_at, crashed)
        assert [one["title"] for one in hook.taken] == ["watch-costs não está rodando"]


def test_applying_again_changes_nothing_and_mends_what_differs(up: Settings, tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client
    from prefect.events.schemas.automations import AutomationCore, EventTrigger

    url = api_url(up)
    assert {change.what for change in changes(url, FILE)} == {"keep"}  # `matria up` has applied them

    def by_hand(name: str, **more: Any) -> AutomationCore:
        return AutomationCore(name=name, trigger=EventTrigger(expect={"x"}), actions=[{"type": "do-nothing"}], **more)

    with get_client(sync_client=True) as client:
        (ours,) = [one for one in client.read_automations() if one.name == "Tell people what a message costs"]
        client.pause_automation(ours.id)
        client.create_automation(by_hand("Ours, and left the file", tags=["matria"]))
        foreign = client.create_automation(by_hand("Somebody else's"))
        found = {(change.what, change.name, change.differs) for change in changes(url, FILE)}
        assert found == {
            ("update", "Tell people what a message costs", ("enabled",)),
            ("keep", "Tell people of a watch that failed", ()),
            ("keep", "Tell people of a watch that fell silent", ()),
            ("remove", "Ours, and left the file", ()),
        }
        apply(url, FILE)
        assert {change.what for change in apply(url, FILE)} == {"keep"}
        left = {one.name: one for one in client.read_automations()}
        assert set(left) == {*(entry["name"] for entry in declared(FILE)), "Somebody else's"}
        assert left["Tell people what a message costs"].id == ours.id
        assert left["Tell people what a message costs"].enabled
        client.delete_automation(foreign)
