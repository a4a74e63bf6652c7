"""An evaluation whose judge nurses have not confirmed: undecided, queued, read, and decided by what the nurses said."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from evals.review.base import Answers, Assignment, Batch, Review, Reviewer
from evals.standing import Standings
from flows.steps.evaluation import EvaluationOutcome, evaluate_prompts
from flows.steps.evaluation_request import EvaluationRequest
from flows.steps.evaluation_trust import has_queue, queue_for, queue_run
from flows.wiring import Platform
from matria.errors import InputError, StorageError
from matria.policy import Policy

SUITE = {
    "suite": {
        "id": "kindness",
        "title": "Kindness",
        "purpose": "Answers are kind.",
        "owner": "clinical-team",
        "personas": ["gestante"],
        "locales": ["en"],
        "prompts": ["gestante/triagem"],
        "clinical_review": "pending",
    }
}
QUESTIONS = ("I feel sick", "My back hurts", "I cannot sleep", "I am tired", "I am hungry", "My feet are swollen")
NURSE = Reviewer("nurse-a", "A", "a@example.org", languages=("en",))


def case(number: int, question: str) -> dict[str, object]:
    return {
        "id": f"kind-{number}.en",
        "locale": "en",
        "persona": "gestante",
        "stage": "second_trimester",
        "clinical_review": "pending",
        "messages": [{"role": "user", "content": f"{question}. What can I do?"}],
        "criteria": [{"id": "kind", "text": "The answer is kind.", "points": 5, "axis": "tone", "judge": "rubric"}],
    }


@pytest.fixture
def platform(tmp_path: Path, mlflow_in: Callable[[Path], Path]) -> Platform:
    mlflow_in(tmp_path / "home" / "mlflow")
    return Platform.load(home=tmp_path / "home")


@pytest.fixture
def request_of(platform: Platform, tmp_path: Path) -> EvaluationRequest:
    """Questions that a judge alone grades, under a prompt that differs from its base in a word."""
    suite = tmp_path / "kindness.jsonl"
    lines = [SUITE, *(case(n, question) for n, question in enumerate(QUESTIONS))]
    suite.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    shutil.copytree(platform.settings.root / "prompts" / "library", tmp_path / "base")
    for file in (tmp_path / "base" / "gestante").glob("triagem.en.prompty"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("You are the assistant", "You are an assistant"), encoding="utf-8")
    return EvaluationRequest(
        suites=(str(suite),), against=str(tmp_path / "base"), out=tmp_path / "out", is_recorded=False
    )


def evaluated(platform: Platform, request: EvaluationRequest) -> EvaluationOutcome:
    return evaluate_prompts(platform, request, lambda state: None)


def test_what_rests_on_a_judge_is_undecided_until_nurses_read_it(
    platform: Platform, request_of: EvaluationRequest, tmp_path: Path
) -> None:
    first = evaluated(platform, request_of)
    assert first.verdict is not None
    assert (first.state, first.exit_code) == ("inconclusive", 21)
    assert first.verdict.reasons[0].code == "none_decides"
    assert "matria review queue --run" in first.waiting, "nobody has set up the review here"
    out = tmp_path / "out"
    comment = (out / "comment.md").read_text(encoding="utf-8")
    assert "Undecided: it rests on a judge that nurses have not confirmed" in comment
    assert "matria review queue --run FOLDER" in comment
    assert "informs only" in comment
    assert "matria review queue --run FOLDER" in (out / "report.html").read_text(encoding="utf-8")
    trust = json.loads((out / "verdict.json").read_text(encoding="utf-8"))["trust"]
    assert (trust["rests_on_judges"], trust["is_queued"], trust["wanted"]) == (True, False, "sample")
    assert trust["judges"][0]["state"] == "unmeasured"
    assert not has_queue(platform)

    queued = queue_run(platform, out)
    assert queued.waiting == queued.new == trust["waiting"] > 0
    assert queue_run(platform, out).new == 0
    assert has_queue(platform)

    again = evaluated(platform, request_of)
    assert "read them blind" in again.waiting or "read it blind" in again.waiting
    assert json.loads((out / "verdict.json").read_text(encoding="utf-8"))["trust"]["is_queued"] is True

    platform.reviews.put_reviewer(NURSE)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for item in platform.reviews.items():
        platform.reviews.assign([Assignment(item.item_id, "nurse-a", "first", hour_ago, hour_ago)])
        review = Review(item.item_id, "nurse-a", "first", Answers({"met": "yes"}), hour_ago, 1, "web")
        platform.reviews.submit(review, 0)
    read = evaluated(platform, request_of)
    assert read.verdict is not None
    assert read.verdict.standings is not None
    assert read.verdict.standings.rulings > 0
    assert "stands in the judge's place" in read.waiting


def test_the_command_queues_a_finished_run_and_says_so(
    request_of: EvaluationRequest, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import typer

    from flows.cli.review_queue import queue

    evaluated(platform, request_of)
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path / "home"))
    app = typer.Typer()
    app.command()(queue)
    said = CliRunner().invoke(app, ["--run", str(tmp_path / "out")])
    assert said.exit_code == 0, said.output
    assert "Answers that wait for nurses" in said.output
    assert "Nobody is there to read them" in said.output
    assert "MATRIA_REVIEW__STORE" in said.output, "this may be a machine that nurses never read from"
    platform.reviews.put_reviewer(NURSE)
    assert "Nobody" not in CliRunner().invoke(app, ["--run", str(tmp_path / "out")]).output


def test_a_full_queue_takes_no_more_and_says_so(
    platform: Platform, request_of: EvaluationRequest, tmp_path: Path
) -> None:
    platform.reviews.put_reviewer(NURSE)
    evaluated(platform, replace(request_of, is_queued=False))
    full = replace(platform.policy.thresholds["review.queue_open_most"], value=2.0)
    vars(platform)["policy"] = Policy({**platform.policy.thresholds, full.name: full}, platform.policy.digest)
    first = queue_run(platform, tmp_path / "out")
    assert (first.waiting, first.new) == (2, 2)
    assert queue_run(platform, tmp_path / "out").new == 0, "these two lie there, and there is no room for others"
    vars(platform)["policy"] = Policy({**platform.policy.thresholds, full.name: replace(full, value=0.0)}, "")
    for one in platform.reviews.items():
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        platform.reviews.assign([Assignment(one.item_id, "nurse-a", "first", hour_ago, hour_ago)])
        platform.reviews.submit(Review(one.item_id, "nurse-a", "first", Answers({"met": "yes"}), hour_ago, 1, "web"), 0)
    again = evaluated(platform, request_of)
    assert "whose queue is full" in again.waiting
    assert len(platform.reviews.items()) == 2


def test_what_was_read_and_what_nobody_can_read_takes_no_room(
    platform: Platform, request_of: EvaluationRequest, tmp_path: Path
) -> None:
    platform.reviews.put_reviewer(NURSE)
    evaluated(platform, replace(request_of, is_queued=False))
    full = replace(platform.policy.thresholds["review.queue_open_most"], value=2.0)
    vars(platform)["policy"] = Policy({**platform.policy.thresholds, full.name: full}, platform.policy.digest)
    assert queue_run(platform, tmp_path / "out").new == 2
    first = platform.reviews.items()[0].item_id
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    platform.reviews.assign([Assignment(first, "nurse-a", "first", hour_ago, hour_ago)])
    platform.reviews.submit(Review(first, "nurse-a", "first", Answers({"met": "yes"}), hour_ago, 1, "web"), 0)
    assert queue_run(platform, tmp_path / "out").new == 1, "one was read"
    platform.reviews.put_reviewer(replace(NURSE, languages=("pt-BR",)))
    assert queue_run(platform, tmp_path / "out").new == 2, "nobody reads English any more"


@pytest.mark.parametrize(("key", "is_told"), [(None, True), (SecretStr("0" * 64), False)])
def test_a_shared_queue_without_a_shared_key_is_told_of(
    platform: Platform, caplog: pytest.LogCaptureFixture, key: SecretStr | None, is_told: bool
) -> None:
    nowhere = {"store": "postgres", "url": SecretStr("postgresql://127.0.0.1:1/none")}
    review = platform.settings.review.model_copy(update=nowhere)
    privacy = platform.settings.privacy.model_copy(update={"hash_key": key})
    settings = platform.settings.model_copy(update={"review": review, "privacy": privacy})
    with pytest.raises(StorageError):
        queue_for(Platform(settings, platform.policy), [], Standings(), "run")
    assert ("MATRIA_PRIVACY__HASH_KEY" in caplog.text) == is_told


@pytest.mark.parametrize("text", ["[]", "{", '{"trust": {"to_read": [{"suite": 1}]}}', '{"trust": {"wanted": "all"}}'])
def test_a_folder_that_holds_no_verdict_is_refused(platform: Platform, tmp_path: Path, text: str) -> None:
    (tmp_path / "verdict.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"verdict\.json is no verdict"):
        queue_run(platform, tmp_path)


def test_an_evaluation_may_be_told_to_queue_nothing(platform: Platform, request_of: EvaluationRequest) -> None:
    platform.reviews.put_reviewer(NURSE)
    outcome = evaluated(platform, replace(request_of, is_queued=False))
    assert outcome.verdict is not None
    assert outcome.verdict.standings is not None
    assert outcome.verdict.standings.waiting is not None
    assert not outcome.verdict.standings.waiting.is_queued
    assert not platform.reviews.items()


def drawn(platform: Platform, week: str, is_simulated: bool) -> None:
    at = datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert platform.reviews.put_batch(Batch(week, at, at, at, 1, "empty", (), is_simulated), (), (), ())


def test_answers_of_the_simulator_wait_for_nurses_in_a_trial_alone(
    platform: Platform, request_of: EvaluationRequest, tmp_path: Path
) -> None:
    platform.reviews.put_reviewer(NURSE)
    drawn(platform, "2026-W46", is_simulated=True)
    drawn(platform, "2026-W47", is_simulated=False)
    outcome = evaluated(platform, request_of)
    assert outcome.verdict is not None
    assert outcome.verdict.standings is not None
    waiting = outcome.verdict.standings.waiting
    assert waiting is not None
    assert (waiting.is_simulated, waiting.is_queued) == (True, False)
    assert "the simulator's" in outcome.waiting
    assert f"matria review queue --run {tmp_path / 'out'}" in outcome.waiting
    assert not platform.reviews.items()

    drawn(platform, "2026-W48", is_simulated=True)
    trial = evaluated(platform, request_of)
    assert "read them blind" in trial.waiting
    assert {one.item_id for one in platform.reviews.items()} == set(waiting.item_ids)
