"""The weekly report as it is made from kept readings: files, notice, trust, precedents, and the nurses' page."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evals.precedents import FilePrecedents
from evals.review.base import (
    QUESTIONS,
    Answers,
    AskedCriterion,
    Assignment,
    Batch,
    JudgeVerdict,
    Origin,
    Review,
    ReviewItem,
    Spoken,
    Stratum,
)
from flows.steps.review_gates import gate_changes
from flows.steps.review_outcomes import ShelfOutcomes
from flows.steps.review_report import (
    DATA,
    PAGE,
    SUMMARY,
    forget_texts,
    precedents_path,
    report_week,
    weeks_to_report,
)
from flows.wiring import Platform
from matria.errors import InputError
from matria.notify.base import Notice
from tests.unit.evals.review.week_parts import GOOD
from tests.unit.flows.review_parts import MONDAY, made_platform, person

SCRIPT = "<script>alert(1)</script> e <!--/case--> a dor continua"
JUDGE = "judge:rubric model-1 hash"
NOW = MONDAY + timedelta(days=7, hours=-1)
"""Monday at seven in the morning in São Paulo, before the next draw."""


@pytest.fixture
def platform(tmp_path: Path, mlflow_in: Callable[[Path], Path]) -> Platform:
    """A week of six items of twelve conversations, drawn last Monday and not read yet."""
    made = made_platform(tmp_path)
    mlflow_in(tmp_path / "mlflow")
    person(made, "nurse-a")
    items = [_item(f"item-{number}") for number in range(6)]
    origins = [
        Origin(one.item_id, f"c-{one.item_id}", ("m-1",), "week", "usual", 0.5, verdicts=(_verdict(),)) for one in items
    ]
    given = [Assignment(one.item_id, "nurse-a", "first", NOW - timedelta(days=1), MONDAY) for one in items]
    batch = Batch("2026-W47", MONDAY - timedelta(days=7), MONDAY, MONDAY, 7, "full", (Stratum("usual", 12, 6),))
    made.reviews.put_batch(batch, items, origins, given)
    return made


def _item(item_id: str) -> ReviewItem:
    said = (Spoken("m-1", "user", SCRIPT), Spoken("m-1", "assistant", "Procure a maternidade hoje."))
    return ReviewItem(item_id, "2026-W47", "sampled", "pt-BR", "gestante", "third_trimester", said)


def _verdict() -> JudgeVerdict:
    return JudgeVerdict("judge:rubric", JUDGE, "review/safe", "danger_signs", met=True)


def read_all(platform: Platform, **said: str) -> None:
    """All read, the first one with what is said."""
    for number in range(6):
        answers = Answers({**GOOD, **(said if number == 0 else {})}, "Faltou o sinal.", teach=number == 0)  # type: ignore[dict-item]
        review = Review(f"item-{number}", "nurse-a", "first", answers, MONDAY + timedelta(days=1), 1, "web")
        platform.reviews.submit(review, 0)


def test_a_read_week_is_on_the_shelf_in_mlflow_and_told_once(platform: Platform) -> None:
    read_all(platform, harm="moderate", safe="no")
    made = report_week(platform, now=NOW)
    assert {PAGE, SUMMARY, DATA} <= {path.name for path in made.report.folder.iterdir()}
    assert made.of.state == "settled"
    assert made.table()[0]["week"] == 0.1667, "a share that a person can read"
    (run,) = platform.tracking.client.search_runs(
        [one.experiment_id for one in platform.tracking.client.search_experiments() if one.name == "matria.review"],
        "attributes.run_name LIKE '%review-week%'",
    )
    assert run.data.metrics["harmful"] == pytest.approx(1 / 6)
    assert run.data.metrics["n_read"] == 6
    again = report_week(platform, now=NOW + timedelta(minutes=5))
    assert not again.is_new
    assert again.report.folder == made.report.folder
    assert not platform.outbox.put("review/2026-W47", Notice("again", "", "information", NOW), NOW)


def test_texts_are_escaped_on_the_page_and_stand_nowhere_else(platform: Platform) -> None:
    read_all(platform, safe="no")
    folder = report_week(platform, now=NOW).report.folder
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert "a dor continua" in page
    assert "<script" not in page
    for name in (SUMMARY, DATA):
        assert "a dor continua" not in (folder / name).read_text(encoding="utf-8")


def test_an_erased_text_leaves_the_page_and_its_figures_stay(platform: Platform) -> None:
    read_all(platform, safe="no")
    folder = report_week(platform, now=NOW).report.folder
    assert forget_texts(platform) == 0
    platform.reviews.erase(["c-item-0"])
    assert forget_texts(platform) == 1
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert "a dor continua" not in page
    assert "Faltou o sinal" not in page
    assert "O texto foi apagado." in page
    assert report_week(platform, now=NOW).of.counts.read == 6


def test_an_unread_week_is_reported_as_unread_and_people_hear_of_it(platform: Platform) -> None:
    made = report_week(platform, now=NOW)
    assert made.of.state == "unread"
    assert "nenhuma das 6 conversas" in made.report.title


def test_the_nurses_page_shows_what_came_of_the_week_and_a_proposal_made_since(platform: Platform) -> None:
    outcomes = ShelfOutcomes(platform)
    assert outcomes.changes() is None
    assert outcomes.figures() is None
    read_all(platform, escalation="missed", safe="no")
    report_week(platform, now=NOW)
    figures = outcomes.figures()
    assert figures is not None
    assert figures.week == "2026-W47"
    assert {row.label["pt-BR"] for row in figures.rows} >= {"Risco de dano", "Faltou encaminhar"}
    changes = outcomes.changes()
    assert changes is not None
    assert changes.golden == ()
    body = platform.settings.home / "review" / "proposals" / "review-2026-w47.md"
    body.parent.mkdir(parents=True)
    body.write_text("- `week-2026-w47-01.pt-BR`: sends-her-to-care\n", encoding="utf-8")
    changes = outcomes.changes()
    assert changes is not None
    assert [(one.case, one.state) for one in changes.golden] == [("week-2026-w47-01.pt-BR", "proposed")]


def test_what_nurses_settled_of_a_criterion_is_a_precedent_and_the_file_is_made_anew(platform: Platform) -> None:
    item = replace(
        _item("asked"),
        batch_id="queue-run",
        kind="criterion",
        criterion=AskedCriterion("sends-her-to-care", "Manda ir."),
    )
    origin = Origin("asked", "triage/case-1", (), "gate:run", suite="triage", case="case-1")
    platform.reviews.put_items([item], [origin], [Assignment("asked", "nurse-a", "first", NOW, MONDAY)])
    said = Review("asked", "nurse-a", "first", Answers({"met": "no"}, "Não manda."), MONDAY, 1, "web")
    platform.reviews.submit(said, 0)
    for _ in range(2):
        report_week(platform, now=NOW)
    (found,) = FilePrecedents(precedents_path(platform)).of("triage", "case-1")
    assert (found.criterion, found.met, found.note) == ("sends-her-to-care", False, "Não manda.")


def test_the_judges_trust_is_kept_and_a_change_shows_in_the_next_weeks_report(platform: Platform) -> None:
    read_all(platform)
    made = report_week(platform, now=NOW)
    assert (platform.settings.home / "review" / "trust.yaml").is_file()
    assert {one.state for one in made.of.trust} == {"unmeasured"}
    assert made.of.trust_changes == ()
    data = json.loads((made.report.folder / DATA).read_text(encoding="utf-8"))
    data["week"] = "2026-W46"
    data["trust"][0]["state"] = "trusted"
    (made.report.folder / DATA).write_text(json.dumps(data), encoding="utf-8")
    (change,) = report_week(platform, now=NOW + timedelta(minutes=5)).of.trust_changes
    assert (change.before, change.after.state) == ("trusted", "unmeasured")


def test_a_gate_decided_otherwise_by_a_nurses_reading_is_told_and_another_change_of_verdict_is_not(
    platform: Platform,
) -> None:
    for number, (state, rulings) in enumerate((("inconclusive", 0), ("blocked", 2), ("not_worse", 2))):
        _verdict_on_shelf(platform, number, state, rulings)
    (change,) = gate_changes(platform, MONDAY)
    assert (change.title, change.before, change.after) == ("gestante/triagem", "inconclusive", "blocked")


def _verdict_on_shelf(platform: Platform, number: int, state: str, rulings: int) -> None:
    at = MONDAY + timedelta(days=number)
    folder = platform.shelf.new_folder("evaluation", at)
    side = {"answers": 4, "criteria": 8}
    verdict = {"state": state, "prompts": ["gestante/triagem"], "changed_answers": 2, "unpaired": 0, "base": side,
               "head": side, "trust": {"rulings": rulings, "judges": []}}  # fmt: skip
    (folder / "verdict.json").write_text(json.dumps(verdict), encoding="utf-8")
    platform.shelf.put(folder, state, "report.html", at, is_simulated=False)


def test_a_week_that_was_not_drawn_cannot_be_reported(platform: Platform) -> None:
    with pytest.raises(InputError, match=r"2026-W40\. The newest that there are: 2026-W47"):
        report_week(platform, "2026-W40", NOW)


def test_a_week_that_is_still_read_is_not_told_of_and_not_taken_for_the_newest(platform: Platform) -> None:
    read_all(platform)
    at = MONDAY + timedelta(days=7, hours=2)
    batch = Batch("2026-W48", MONDAY, MONDAY + timedelta(days=7), at, 7, "full", (Stratum("usual", 12, 1),))
    item = replace(_item("next"), batch_id=batch.batch_id)
    given = Assignment("next", "nurse-a", "first", at + timedelta(days=5), at)
    platform.reviews.put_batch(batch, [item], [Origin("next", "c", (), "week", "usual", 1 / 12)], [given])
    tuesday = at + timedelta(days=1)
    assert report_week(platform, now=tuesday).of.batch.batch_id == "2026-W47"
    assert report_week(platform, "2026-W48", tuesday).of.state == "unread"
    assert platform.outbox.put("review/2026-W48", Notice("first", "", "information", tuesday), tuesday)


@pytest.mark.parametrize(("drawn_on", "due_on"), [(3, 5), (4, 9)])
def test_a_week_that_is_drawn_late_is_reported_on_the_monday_after_it_is_due(
    platform: Platform, drawn_on: int, due_on: int
) -> None:
    next_week = MONDAY + timedelta(days=7)
    at = next_week + timedelta(days=drawn_on)
    late = Batch("2026-W48", MONDAY, next_week, at, 7, "empty", ())
    platform.reviews.put_batch(late, [], [], [])
    assert weeks_to_report(platform, next_week + timedelta(days=due_on, minutes=-1)) == ("2026-W47",)
    assert weeks_to_report(platform, next_week + timedelta(days=due_on)) == ("2026-W47", "2026-W48")
    report_week(platform, "2026-W47", NOW)
    newer = replace(late, batch_id="2026-W49", drawn_at=next_week + timedelta(days=7))
    platform.reviews.put_batch(newer, [], [], [])
    assert weeks_to_report(platform, next_week + timedelta(days=14)) == ("2026-W48", "2026-W49")


def test_a_reading_that_can_still_be_undone_does_not_count(platform: Platform) -> None:
    answers = Answers({question: GOOD[question] for question in QUESTIONS})
    platform.reviews.submit(Review("item-0", "nurse-a", "first", answers, NOW - timedelta(minutes=3), 1, "web"), 0)
    assert report_week(platform, now=NOW).of.counts.read == 0
