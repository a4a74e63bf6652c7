"""Evaluations within a budget, from the request to the rows, against an endpoint that bills: a cap is never passed."""

import contextlib
import html
import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.steps.evaluation import EvaluationOutcome, evaluate_prompts
from flows.steps.evaluation_bill import ModelBill
from flows.steps.evaluation_budget import booked_today, day_pool
from flows.steps.evaluation_estimate import estimate_evaluation, left_today, require_approval
from flows.steps.evaluation_request import EvaluationRequest
from flows.wiring import Platform
from matria.asgi_server import serving
from matria.costs.base import Tier, Usage
from matria.costs.sums import Window
from matria.errors import ApprovalError, InputError
from matria.policy import Policy
from models.assistant.base import ChatReply
from models.simulator.app import create_app

MODEL = "gpt-4.1-mini"
REQUEST = EvaluationRequest(suites=("danger_signs",), limit=24, is_recorded=False)
"""24 answers of about 0.0004 USD, each of which could come to 0.004."""
COMMAND = [str(Path(sys.executable).with_name("matria")), "eval", "--suite", "danger_signs", "--limit", "2"]


@dataclass
class BillingEndpoint:
    """The simulator's answers under another model's name: they are billed."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    """What was asked, in order."""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        asked = json.loads((await receive())["body"])
        self.bodies.append(asked)
        sent: list[dict[str, Any]] = []

        async def given() -> dict[str, Any]:
            return {"type": "http.request", "body": json.dumps({**asked, "model": "simulator-1"}).encode()}

        async def kept(event: dict[str, Any]) -> None:
            sent.append(event)

        headers = [(name, value) for name, value in scope["headers"] if name != b"content-length"]
        await create_app()({**scope, "headers": headers}, given, kept)
        body = json.loads(b"".join(event.get("body", b"") for event in sent))
        content = json.dumps({**body, "model": f"{MODEL}-2025-04-14", "system_fingerprint": "fp_1"}).encode()
        length = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": sent[0]["status"], "headers": length})
        await send({"type": "http.response.body", "body": content})


@pytest.fixture
def endpoint() -> BillingEndpoint:
    return BillingEndpoint()


@pytest.fixture
def platform(endpoint: BillingEndpoint, tmp_path: Path, mlflow_in: Callable[[Path], Path]) -> Iterator[Platform]:
    mlflow_in(tmp_path / "home" / "mlflow")
    with serving(endpoint, "127.0.0.1") as address:
        chat = {"kind": "openai", "base_url": f"{address}/v1", "api_key": "none", "model": MODEL, "client": "aiohttp"}
        yield Platform.load(home=tmp_path / "home", chat=chat)


def at(platform: Platform, **values: float) -> Platform:
    """The platform under other thresholds of costs."""
    thresholds = dict(platform.policy.thresholds)
    for name, value in values.items():
        thresholds[f"costs.{name}"] = replace(thresholds[f"costs.{name}"], value=value)
    return Platform(platform.settings, Policy(thresholds, "test"))


def run(platform: Platform, request: EvaluationRequest = REQUEST) -> EvaluationOutcome:
    return evaluate_prompts(platform, request, lambda state: None)


def billed(platform: Platform) -> Decimal:
    """What the ledger has of today."""
    now = datetime.now(UTC)
    window = Window(now - timedelta(hours=1), now + timedelta(hours=1), timedelta(hours=2), "evaluation")
    return sum((call.usd for call in platform.ledger.calls(window)), Decimal(0))  # type: ignore[attr-defined]


def test_a_run_stops_before_the_call_that_could_pass_its_cap_and_goes_on_with_just_the_rest(
    platform: Platform, endpoint: BillingEndpoint
) -> None:
    capped = run(platform, replace(REQUEST, max_usd=Decimal("0.008")))
    evaluation = capped.evaluation
    assert evaluation.stopped_by == "cost"
    assert evaluation.cost_usd == billed(platform) <= Decimal("0.008")
    assert len(endpoint.bodies) == evaluation.asked == 24 - evaluation.unasked > 0
    assert capped.exit_code == 22
    assert evaluation.left
    assert evaluation.left.rows == evaluation.unasked
    each = evaluation.cost_usd / evaluation.asked
    assert evaluation.left.usd
    assert evaluation.left.usd == pytest.approx(each * evaluation.left.rows, rel=Decimal("0.25"))
    assert "matria eval --suite danger_signs --limit 24 --no-record --max-cost 0.0" in evaluation.stopped_words
    resumed = run(platform)
    assert (resumed.evaluation.reused, resumed.evaluation.unasked) == (24 - evaluation.unasked, 0)
    assert len(endpoint.bodies) == 24, "nothing is asked twice"
    assert len({json.dumps(body["messages"]) for body in endpoint.bodies}) == 24


def test_a_cap_that_has_no_room_for_one_call_is_refused_with_one_that_has(
    platform: Platform, endpoint: BillingEndpoint
) -> None:
    with pytest.raises(InputError, match=r"up to 0\.00\d\d USD.* such as --max-cost 0\.0[12] ") as met:
        run(platform, replace(REQUEST, max_usd=Decimal("0.002")))
    assert endpoint.bodies == []
    least = Decimal(str(met.value).split("--max-cost ")[1].split(" ")[0])
    assert run(platform, replace(REQUEST, max_usd=least)).evaluation.asked


def test_the_days_cap_holds_over_runs_and_the_ledger_counts_what_no_account_knows(
    platform: Platform, endpoint: BillingEndpoint
) -> None:
    while datetime.now(UTC).time() > time_of_day(23, 58):  # all of it on one day
        time.sleep(1)
    day = at(platform, max_usd_a_day=0.01)
    first = run(day, replace(REQUEST, suites=("danger_signs",)))
    assert first.evaluation.stopped_by == "day"
    assert first.evaluation.asked == len(endpoint.bodies) > 0
    assert left_today(day) == Decimal("0.01") - billed(platform)
    second = run(day, replace(REQUEST, suites=("medication_safety",)))
    assert second.evaluation.stopped_by == "day"
    asked = len(endpoint.bodies)
    assert billed(platform) == booked_today(platform) <= Decimal("0.01")
    (platform.settings.home / "costs" / "allowances.db").unlink()  # lost: what was spent is in the ledger
    run(at(platform, max_usd_a_day=float(billed(platform))), replace(REQUEST, suites=("medication_safety",)))
    assert len(endpoint.bodies) == asked
    now = datetime.now(UTC)
    assert platform.allowances.standing(day_pool(now), now).spent_usd == billed(platform)


def test_shards_and_further_attempts_of_a_run_share_its_cap(platform: Platform, endpoint: BillingEndpoint) -> None:
    request = replace(REQUEST, max_usd=Decimal("0.01"), pool="a-run")
    first = run(platform, request)
    second = run(platform, replace(request, suites=("medication_safety",)))
    assert (first.evaluation.stopped_by, second.evaluation.stopped_by) == ("cost", "cost")
    assert 0 < first.evaluation.asked <= len(endpoint.bodies)
    assert billed(platform) <= Decimal("0.01")
    other = run(platform, replace(request, suites=("medication_safety",), pool="another-run"))
    assert other.evaluation.asked > second.evaluation.asked


@pytest.mark.parametrize("model", ["gpt-4.1-mini", "gpt-5.4", "no-such-model"])
def test_the_bill_of_a_call_is_what_the_ledger_says(platform: Platform, model: str) -> None:
    bill, meter = ModelBill(platform, platform.settings.chat, "openai"), platform.meter(platform.settings.chat)
    tiers: tuple[Tier, ...] = ("standard", "batch", "priority")
    for usage in [Usage(long, 50, cached_tokens=9, tier=tier) for tier in tiers for long in (10, 300_000, 1_000_000)]:
        reply = ChatReply("", "stop", model, "r", usage, 1.0, is_simulated=False)
        entered = meter.cost(reply, "openai", model, datetime.now(UTC)).usd
        found = bill.cost(reply, model)
        assert (found is None) == (entered is None)
        assert entered is None or found == pytest.approx(entered, abs=Decimal("1e-12"))


def test_an_evaluation_that_is_to_cost_much_waits_until_somebody_agrees(
    platform: Platform, endpoint: BillingEndpoint
) -> None:
    careful = at(platform, ask_above_usd=0.001)
    outlook = estimate_evaluation(careful, REQUEST)
    assert outlook.estimate
    assert outlook.estimate.usd
    with pytest.raises(ApprovalError, match=r"about 0\.0\d USD, more than 0\.001\. Nothing was asked"):
        require_approval(outlook, REQUEST)
    assert endpoint.bodies == []
    require_approval(outlook, replace(REQUEST, max_usd=Decimal(1)))
    require_approval(outlook, replace(REQUEST, approved_usd=outlook.estimate.usd))
    with pytest.raises(ApprovalError):
        require_approval(outlook, replace(REQUEST, approved_usd=outlook.estimate.usd / 2))
    run(careful, replace(REQUEST, limit=24))
    require_approval(estimate_evaluation(careful, REQUEST), REQUEST)  # nothing is left to ask


def test_a_price_that_nobody_knows_is_asked_about_too(endpoint: BillingEndpoint, tmp_path: Path) -> None:
    chat = {"kind": "compatible", "base_url": "http://127.0.0.1:9/v1", "model": "ours"}
    platform = Platform.load(home=tmp_path, chat=chat)
    with pytest.raises(ApprovalError, match="Nobody knows"):
        require_approval(estimate_evaluation(platform, REQUEST), REQUEST)
    outlook = estimate_evaluation(platform, REQUEST)
    agreed = replace(REQUEST, approved_usd=Decimal(1))
    require_approval(outlook, agreed)
    for capped in (replace(REQUEST, max_usd=Decimal(1)), replace(agreed, max_usd=Decimal(1))):
        with pytest.raises(ApprovalError, match=r"no cap on cost can be kept\. .* MATRIA_CHAT__PRICED_AS .* without a"):
            require_approval(outlook, capped)


def test_the_rest_of_what_has_no_price_is_asked_with_a_word_and_without_a_cap(
    endpoint: BillingEndpoint, tmp_path: Path
) -> None:
    with serving(endpoint, "127.0.0.1") as address:
        chat = {"kind": "compatible", "base_url": f"{address}/v1", "api_key": "none", "model": "ours"}
        platform = Platform.load(home=tmp_path, chat=chat)
        stopped = run(platform, replace(REQUEST, no_cache=True, max_usd=Decimal(1))).evaluation
    assert (stopped.stopped_by, stopped.asked) == ("price", 0)
    assert "matria eval --suite danger_signs --limit 24 --no-cache --no-record --yes`" in stopped.stopped_words


def test_what_the_simulator_answers_needs_no_word_and_counts_to_no_day(tmp_path: Path) -> None:
    platform = at(Platform.load(home=tmp_path), ask_above_usd=0, max_usd_a_day=0)
    outlook = estimate_evaluation(platform, REQUEST)
    assert (outlook.is_billed, outlook.left_today_usd) == (False, None)
    require_approval(outlook, REQUEST)
    outcome = evaluate_prompts(platform, REQUEST, lambda state: None, outlook)
    assert (outcome.evaluation.asked, outcome.evaluation.unasked) == (24, 0)
    assert booked_today(platform) == 0


def test_the_estimate_learns_from_the_calls_of_the_ledger(platform: Platform, endpoint: BillingEndpoint) -> None:
    before = estimate_evaluation(platform, REQUEST).estimate
    run(platform, replace(REQUEST, limit=12))
    after = estimate_evaluation(platform, REQUEST).estimate
    assert before
    assert after
    assert (before.seconds, before.answers, after.answers) == (None, 24, 12)
    assert after.output_tokens / 12 < before.output_tokens / 24 == 700
    assert after.seconds is not None


def test_the_report_says_what_is_left_and_how_to_go_on(platform: Platform, tmp_path: Path) -> None:
    run(platform, replace(REQUEST, limit=6, max_usd=Decimal("0.006"), out=tmp_path / "out"))
    comment = (tmp_path / "out" / "comment.md").read_text(encoding="utf-8")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for said in map(html.unescape, (comment, page)):
        assert "left to ask" in said
        assert "matria eval --suite danger_signs --limit 6 --no-record --max-cost 0.0" in said


def test_a_command_without_a_terminal_ends_before_anything_is_asked(tmp_path: Path) -> None:
    given = {"KIND": "compatible", "BASE_URL": "http://127.0.0.1:9/v1", "MODEL": "ours"}
    settings = {f"MATRIA_CHAT__{name}": value for name, value in given.items()} | {"MATRIA_HOME": str(tmp_path)}
    environment = {**os.environ, **settings}
    ended = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert ended.returncode == 23
    assert "Nobody knows what this evaluation costs" in ended.stderr
    assert "--yes" in ended.stderr
    assert "at an unknown price" in ended.stdout
    capped = [*COMMAND, "--yes", "--max-cost", "1"]
    ended = subprocess.run(capped, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (ended.returncode, "no cap on cost can be kept" in ended.stderr) == (23, True)


@pytest.mark.parametrize(("typed", "status"), [("n\n", 23), ("y\n", 15)])
def test_a_person_at_a_terminal_is_asked(typed: str, status: int, tmp_path: Path) -> None:
    given = {"KIND": "compatible", "BASE_URL": "http://127.0.0.1:9/v1", "MODEL": "ours", "MAX_ATTEMPTS": "1"}
    settings = {f"MATRIA_CHAT__{name}": value for name, value in given.items()} | {"MATRIA_HOME": str(tmp_path)}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        COMMAND, env={**os.environ, **settings}, stdin=theirs, stderr=theirs, stdout=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        os.write(ours, typed.encode())
        shown = b""
        with contextlib.suppress(OSError):  # so a terminal ends
            while part := os.read(ours, 10_000):
                shown += part
    os.close(ours)
    assert process.returncode == status, "15: the endpoint is asked, and is away"
    assert b"[y/N]" in shown


def test_a_flow_that_is_to_cost_much_says_what_to_agree_to(
    platform: Platform, endpoint: BillingEndpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from flows.evaluate_prompts import evaluate_prompts as flow

    chat = platform.settings.chat
    for name, value in {
        "KIND": chat.kind,
        "BASE_URL": chat.base_url or "",
        "MODEL": "gpt-5.4-pro",
        "API_KEY": "k",
    }.items():
        monkeypatch.setenv(f"MATRIA_CHAT__{name}", value)
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    with pytest.raises(ApprovalError, match=r"more than 5\. .* approved_usd"):
        flow.fn(epochs=2)
    with pytest.raises(ApprovalError, match=r"more than 6\. "):
        flow.fn(epochs=2, approved_usd=Decimal(6))
    assert endpoint.bodies == []
