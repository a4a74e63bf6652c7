"""Flow `watch_costs`: cost of a message, hourly. Too little data ends as Completed
under the name NoData, exit status 0: the watch worked, and its notice says that nothing could be compared.

Who must know is told by the automation that answers the events; where no Prefect server lives, by this run itself.
"""

from prefect import flow, get_run_logger, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.artifacts import show_report
from flows.events import emit, has_server
from flows.retries import RETRIES, RETRY_DELAYS_S, may_pass_next_time
from flows.steps.broken_watch import note_works
from flows.steps.notices import tell_people
from flows.steps.watching import HandedOn, WatchOutcome, track
from flows.steps.watching import watch_costs as watch
from flows.wiring import Platform
from matria.errors import MatriaError

SENDING_S = 10.0
"""How long a run without a server tries a channel that refuses; `matria notices retry` goes on."""


@task(retries=RETRIES, retry_delay_seconds=RETRY_DELAYS_S, retry_condition_fn=may_pass_next_time, persist_result=False)
def judge_and_hand_on(platform: Platform) -> WatchOutcome:
    """The hours up to now, judged; notices of what changed are in the outbox."""
    return watch(platform)


@flow(name="watch-costs", flow_run_name="last 24 hours against the 24 before")
def watch_costs() -> State[WatchOutcome]:
    """Cost of a message over the last 24 hours against the 24 before, held against the policy."""
    platform = Platform.load()
    outcome = judge_and_hand_on(platform)
    note_works(platform, "watch-costs")
    get_run_logger().info(outcome.report.title)
    _announce(outcome)
    undelivered = _tell(platform)
    show_report(platform.settings, outcome.report, outcome.table())
    try:
        track(platform, outcome)
    except MatriaError as error:  # the alert is out: a record that cannot be written must not turn it into a failure
        get_run_logger().warning("The figures are not in MLflow: %s", error)
    if outcome.state == "alert":
        return Failed(name="Alert", message=outcome.report.title, data=outcome)
    if undelivered:
        return Failed(name="Undelivered", message=undelivered, data=outcome)
    name = {"goes_on": "AlertGoesOn", "no_data": "NoData"}.get(outcome.state, "Completed")
    return Completed(name=name, message=outcome.report.title, data=outcome)


def _announce(outcome: WatchOutcome) -> None:
    """One event for each step that people are told of, and one for the check."""
    for one in outcome.handed_on:
        step = one.told.step
        emit(step.change, f"{step.episode.alert_id}/{one.told.check:%Y%m%dT%H%M}", one.notice.subject, _payload(one))
    until = outcome.plan.newest.until
    emit("checked", f"check/{until:%Y%m%dT%H%M}", outcome.report.title, {"state": outcome.state})


def _payload(one: HandedOn) -> dict[str, str]:
    episode = one.told.step.episode
    return {
        "alert_id": episode.alert_id,
        "rule": episode.rule,
        "scope": episode.scope,
        "severity": one.notice.severity,
        "report": one.notice.link,
    }


def _tell(platform: Platform) -> str:
    """What is undelivered, in a line; empty where nothing is, or where a server's automation sends."""
    if has_server():
        return ""
    told = tell_people(platform, SENDING_S)
    return told.title if told.undelivered else ""
