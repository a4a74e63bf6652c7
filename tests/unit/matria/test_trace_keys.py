"""A trace is found by what it is of: all that carry the key and no other, whichever half of one MLflow got."""

from collections.abc import Callable
from pathlib import Path

import pytest

from matria import trace_keys
from matria.assessments import Assessments
from matria.provenance import Provenance
from matria.trace_keys import traces_of
from matria.tracking import TraceRecord, Tracking

ORIGIN = Provenance("c0ffee", "0123456789abcdef", "fedcba9876543210")
REVIEW = "matria.review"


@pytest.fixture
def tracking(tmp_path: Path, mlflow_in: Callable[[Path], Path]) -> Tracking:
    return Tracking(f"sqlite:///{mlflow_in(tmp_path)}", "team", ORIGIN, tmp_path / "artifacts")


def written(tracking: Tracking, *keys: str) -> list[str]:
    records = [TraceRecord("review.item", {"m": "?"}, {"o": "!"}, {"stratum": "usual"}, {}, key) for key in keys]
    week = {"week": "2026-W46"}
    with tracking.start(
        "review-batch", subject="2026-W46", data_version="2026-W46", is_simulated=True, tags=week
    ) as run:
        return run.log_traces(records)


def test_every_trace_of_a_key_is_found_however_many_answers_that_takes(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_keys, "_AT_ONCE", 2)
    *hers, other, _ = written(tracking, *["item-a"] * 5, "item-b", "")
    found = traces_of(tracking, REVIEW, ["item-a", "item-b", "item-c", "", "item"])
    assert {key: sorted(ids) for key, ids in found.items()} == {"item-a": sorted(hers), "item-b": [other]}
    assert traces_of(tracking, "matria.data", ["item-a"]) == {}


def test_a_key_is_found_whatever_is_in_it_and_stands_in_mlflow_nowhere(tracking: Tracking, tmp_path: Path) -> None:
    keys = ["529.982.247-25", "it's \"a\" key` = '", "item-a"]
    ids = written(tracking, *keys)
    assert traces_of(tracking, REVIEW, keys) == {key: [one] for key, one in zip(keys, ids, strict=True)}
    assert b"item-a" not in (tmp_path / "mlflow.db").read_bytes()


@pytest.mark.parametrize("lost", ["_log_trace", "_log_spans"])
def test_a_trace_of_which_mlflow_got_one_half_alone_is_found_and_forgotten(
    tracking: Tracking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    from mlflow.tracing.export.mlflow_v3 import MlflowV3SpanExporter

    monkeypatch.setattr(MlflowV3SpanExporter, lost, lambda *_, **__: None)
    (trace_id,) = written(tracking, "item-a")
    assert traces_of(tracking, REVIEW, ["item-a"]) == {"item-a": [trace_id]}
    assert Assessments(tracking).forget(REVIEW, [trace_id]) == 1
    assert traces_of(tracking, REVIEW, ["item-a"]) == {}
    assert not [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]


def test_a_store_that_nobody_opened_is_not_made_for_a_question(tmp_path: Path) -> None:
    unmade = tmp_path / "mlflow" / "mlflow.db"
    assert traces_of(Tracking(f"sqlite:///{unmade}", "team", ORIGIN), REVIEW, ["item-a"]) == {}
    assert not unmade.parent.exists()
