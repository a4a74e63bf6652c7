"""The main job: the whole platform once, on this machine, through its own flows.

Synthetic events are ingested, held against their contracts, anonymised and published as features; the risk model is
trained, validated and registered; every prompt is evaluated, and one edited prompt is held against its base; a day's
messages are answered, moderated and priced. All of it is in MLflow and on the shelf afterwards. A second run finds
what the first one made and adds nothing twice.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.run import prepare_prefect
from flows.shelf import Report
from matria import durable
from matria.errors import InternalError

if TYPE_CHECKING:
    from flows.steps.assistant import Conversed
    from flows.steps.data import IngestOutcome, PublishOutcome
    from flows.steps.evaluation import EvaluationOutcome
    from flows.steps.risk import RetrainOutcome
    from flows.steps.watching import WatchOutcome
    from flows.wiring import Platform
    from prompts.publish import Published

Said = Callable[[str, str], None]
"""Called with a step when it starts (and an empty result) and when it is done."""

EDITED = ("gestante/triagem", "pt-BR")
DROPPED = '{% include "escalation" %}'


@dataclass(frozen=True)
class DemoSummary:
    """What one run of the main job led to."""

    ingested: "IngestOutcome"
    features: "PublishOutcome"
    risk: "RetrainOutcome"
    published: "list[Published]"
    evaluated: "EvaluationOutcome"
    compared: "EvaluationOutcome"
    conversed: "Conversed"
    watched: "WatchOutcome"
    report: Report
    seconds: float


def run_demo(platform: "Platform", patients: int, seed: int, said: Said) -> DemoSummary:
    """Everything, in order. Raises what a step raises; what earlier steps left stays whole."""
    started = time.monotonic()
    prepare_prefect(platform.settings)
    from flows.steps.assistant import converse
    from flows.steps.data import simulate_events
    from flows.steps.prompts import publish_prompts

    def step(name: str, work: Callable[[], Any], result: Callable[[Any], str]) -> Any:
        said(name, "")
        outcome = work()
        said(name, result(outcome))
        return outcome

    events = step(
        "write synthetic events",
        lambda: simulate_events(platform, patients, seed, None, False, None),
        lambda written: f"{written.events:,} events of {patients:,} women",
    )
    step("start Prefect", _load_flows, lambda _: "ephemeral, in this process")
    ingested = step(
        "ingest, check, anonymise", lambda: _flow("ingest", sources=[events.path]), lambda o: o.report.title
    )
    features = step("publish features", lambda: _flow("publish-features"), lambda o: o.title)
    risk = step("train and register the risk model", lambda: _flow("retrain", seed=seed), lambda o: o.report.title)
    published = step("publish prompts", lambda: publish_prompts(platform, ()), _published)
    evaluated = step("evaluate every prompt", lambda: _flow("evaluate-prompts"), lambda o: o.report.title)
    edited = edited_library(platform)
    compared = step(
        "compare one edited prompt",
        lambda: _flow("evaluate-prompts", prompts=[".".join(EDITED)], against=str(_library(platform)), library=edited),
        lambda o: o.report.title,
    )
    conversed = step("answer, moderate and price messages", lambda: converse(platform), lambda o: o.title)
    watched = step("watch the cost of a message", lambda: _flow("watch-costs"), lambda o: o.report.title)
    seconds = time.monotonic() - started
    report = _shelve(platform, seconds, (ingested, risk, evaluated, compared, watched), conversed)
    return DemoSummary(ingested, features, risk, published, evaluated, compared, conversed, watched, report, seconds)


def edited_library(platform: "Platform") -> Path:
    """A copy of the library in which one prompt lost its escalation partial, version raised as lint asks."""
    target = platform.settings.home / "demo" / "library"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(_library(platform), target)
    path = target / f"{'.'.join(EDITED)}.prompty"
    text = path.read_text(encoding="utf-8")
    version = platform.library.load(*EDITED).version
    if DROPPED not in text:
        raise InternalError(f"{path.name} no longer includes the escalation partial: choose another edit for the demo.")
    major = int(version.split(".")[0])
    raised = text.replace(f"version: {version}", f"version: {major + 1}.0.0", 1).replace(DROPPED, "", 1)
    durable.write_text(path, raised)
    return target


def _library(platform: "Platform") -> Path:
    return platform.settings.root / "prompts" / "library"


def _load_flows() -> None:
    """Every flow imported, and Prefect's server started by a first call."""
    import importlib

    from prefect.client.orchestration import get_client

    from flows.run import FLOWS

    for module, _, _ in FLOWS.values():
        importlib.import_module(module)
    with get_client(sync_client=True) as client:
        client.hello()


def _flow(name: str, **parameters: Any) -> Any:
    """What the flow's run led to. Raises the run's own error."""
    import importlib

    from flows.run import FLOWS

    module, function, _ = FLOWS[name]
    state = getattr(importlib.import_module(module), function)(**parameters, return_state=True)
    outcome = state.result(raise_on_failure=False)
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _published(records: "list[Published]") -> str:
    new = sum(record.is_new for record in records)
    return f"{new} new, {len(records) - new} unchanged"


def _shelve(platform: "Platform", seconds: float, outcomes: tuple[Any, ...], conversed: "Conversed") -> Report:
    now = datetime.now(UTC)
    folder = platform.shelf.new_folder("demo", now)
    reports = [outcome.report for outcome in outcomes]
    lines = [
        "# The main job",
        "",
        f"{seconds:.0f} seconds. The simulator answered: nothing here promotes anything.",
        "",
    ]
    lines += [f"- [{report.title}]({report.address})" for report in reports] + [f"- {conversed.title}"]
    durable.write_text(folder / "summary.md", "\n".join(lines) + "\n")
    title = f"The whole platform once, in {seconds:.0f} seconds"
    return platform.shelf.put(folder, title, "summary.md", now, is_simulated=True)
