"""What nurses said of a trace stands in MLflow once, masked, and the last word stands over the one before."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from matria.assessments import Assessment, Assessments
from matria.errors import TrackingError
from matria.provenance import Provenance
from matria.tracking import TraceRecord, Tracking

ORIGIN = Provenance("c0ffee", "0123456789abcdef", "fedcba9876543210")


@pytest.fixture
def tracking(tmp_path: Path, mlflow_in: Callable[[Path], Path]) -> Tracking:
    return Tracking(f"sqlite:///{mlflow_in(tmp_path)}", "team", ORIGIN, tmp_path / "artifacts")


def test_an_assessment_is_masked_stands_once_and_gives_way_to_a_later_one(tracking: Tracking, tmp_path: Path) -> None:
    with tracking.start(
        "review-batch", subject="2026-W46", data_version="2026-W46", is_simulated=True, tags={"week": "2026-W46"}
    ) as run:
        (trace_id,) = run.log_traces([TraceRecord("review.item", {"m": "?"}, {"o": "!"}, {}, {})])
    given = Assessment(trace_id, "safe", "yes", "r-1", "Falei com Ana Souza.")
    assessments = Assessments(tracking)
    assert (assessments.log([given, replace(given, source_id="r-2")]), assessments.log([given])) == (2, 0)
    assert assessments.log([replace(given, value="no")]) == 1
    standing = {one.source_id: one for one in assessments.of(trace_id)}
    assert (standing["r-1"].value, standing["r-2"].value) == ("no", "yes")
    assert "Ana Souza" not in standing["r-1"].rationale
    found = tracking.client.get_trace(trace_id).info.assessments
    assert {one.source.source_type for one in found} == {"HUMAN"}, "and no judge's, whatever she changed"
    with tracking.start(
        "review-batch", subject="2026-W47", data_version="2026-W47", is_simulated=True, tags={"week": "2026-W47"}
    ) as run:
        (other,) = run.log_traces([TraceRecord("review.item", {"m": "?"}, {"o": "!"}, {}, {})])
    assert assessments.forget("matria.review", [trace_id]) == 1
    assert assessments.log([given, replace(given, trace_id=other)]) == 1, "one that is gone keeps no other out"
    with pytest.raises(TrackingError, match="no trace"):
        assessments.of(trace_id)


def test_a_trace_that_is_forgotten_leaves_no_file_of_what_was_said(tracking: Tracking, tmp_path: Path) -> None:
    import mlflow

    with tracking.start(
        "review-batch", subject="2026-W46", data_version="2026-W46", is_simulated=True, tags={"week": "2026-W46"}
    ) as run:
        gone, other = run.log_traces([TraceRecord("review.item", {"m": "?"}, {"o": "!"}, {}, {}) for _ in range(2)])
    with tracking.speaking():
        locations = [mlflow.get_trace(one).info.tags["mlflow.artifactLocation"] for one in (gone, other)]
    files = [Path(unquote(urlsplit(one).path)) / "traces.json" for one in locations]
    for file in files:  # as MLflow writes it where a trace comes before its spans
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("O que ela perguntou")
    assert Assessments(tracking).forget("matria.review", [gone]) == 1
    assert [file.exists() for file in files] == [False, True]


def test_a_process_that_has_opened_no_store_yet_finds_the_traces_of_another(
    tracking: Tracking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    with tracking.start(
        "review-batch", subject="2026-W46", data_version="2026-W46", is_simulated=True, tags={"week": "2026-W46"}
    ) as run:
        (trace_id,) = run.log_traces([TraceRecord("review.item", {"m": "?"}, {"o": "!"}, {}, {})])
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'another.db'}")
    given = Assessment(trace_id, "safe", "yes", "r-1")
    assert Assessments(Tracking(tracking.uri, "team", ORIGIN)).log([given]) == 1
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'another.db'}")
    assert [one.value for one in Assessments(Tracking(tracking.uri, "team", ORIGIN)).of(trace_id)] == ["yes"]
