"""The record: names, required tags, and what a failed run leaves."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from matria.errors import TrackingError
from matria.provenance import Provenance
from matria.tracking import TEMPLATES, TraceRecord, Tracking, run_name

ORIGIN = Provenance("c0ffee", "0123456789abcdef", "fedcba9876543210")


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory, empty_mlflow: Path) -> Tracking:
    home = tmp_path_factory.mktemp("mlflow")
    return Tracking(f"sqlite:///{shutil.copy(empty_mlflow, home)}", "team", ORIGIN, home / "artifacts")


def test_a_run_carries_every_required_tag(tracking: Tracking) -> None:
    with tracking.start(
        "ingest", subject="file", data_version="d1", is_simulated=True, tags={"source": "a.csv"}
    ) as run:
        run.log_params({"long": "x" * 900})
        run.log_metrics({"rows": 3.0, "missing": None})
    stored = tracking.client.get_run(run.run_id)
    assert stored.info.status == "FINISHED"
    assert stored.data.tags["git_commit"] == "c0ffee"
    assert stored.data.tags["is_simulated"] == "true"
    assert stored.data.metrics == {"rows": 3.0}


def test_what_people_wrote_is_kept_without_personal_data(tracking: Tracking) -> None:
    said = {"messages": [{"role": "user", "content": "cpf 529.982.247-25"}]}
    with tracking.start(
        "ingest", subject="masked", data_version="d1", is_simulated=True, tags={"source": "maria@example.org"}
    ) as run:
        run.log_params({"asked": "me liga no (11) 98765-4321"})
        run.log_traces([TraceRecord("case", said, {"answer": "Olá, Ana Souza."}, {"quotes": ("Ana Souza",)}, {})])
    stored = tracking.client.get_run(run.run_id)
    assert stored.data.tags["source"] == "[EMAIL]"
    assert stored.data.params == {"asked": "me liga no [TELEFONE]"}
    trace = tracking.client.search_traces([stored.info.experiment_id])[0].data.spans[0]
    assert trace.inputs == {"messages": [{"role": "user", "content": "cpf [CPF]"}]}
    assert trace.outputs == {"answer": "Olá, [NOME]."}


@pytest.mark.parametrize(("data_version", "tags"), [("", {"source": "a"}), ("d1", {}), ("d1", {"source": ""})])
def test_a_run_without_a_required_tag_does_not_start(
    tracking: Tracking, data_version: str, tags: dict[str, str]
) -> None:
    with (
        pytest.raises(TrackingError, match="data_version" if not data_version else "source"),
        tracking.start("ingest", subject="never", data_version=data_version, is_simulated=False, tags=tags),
    ):
        pytest.fail("the run started")
    assert not tracking.client.search_runs(
        [e.experiment_id for e in tracking.client.search_experiments()], "attributes.run_name LIKE '%never%'"
    )


def test_a_run_whose_work_fails_is_marked_failed(tracking: Tracking) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        tracking.start("ingest", subject="f", data_version="d", is_simulated=False, tags={"source": "s"}) as run,
    ):
        raise ZeroDivisionError
    assert tracking.client.get_run(run.run_id).info.status == "FAILED"


def test_an_unknown_kind_of_run_names_the_known_ones(tracking: Tracking) -> None:
    with (
        pytest.raises(TrackingError, match="risk-training"),
        tracking.start("guess", subject="x", data_version="d", is_simulated=False),
    ):
        pytest.fail("the run started")


def test_run_names_follow_one_convention() -> None:
    now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert run_name("prompt-evaluation", "gestante/triagem.en", now, "0123456789") == (
        "gestante-triagem.en.prompt-evaluation.20260301T0930Z.012345"
    )


def test_candidates_of_every_kind_share_one_experiment() -> None:
    assert TEMPLATES["risk-training"].experiment == TEMPLATES["prompt-evaluation"].experiment


def test_an_unreachable_store_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    broken = Tracking(f"sqlite:///{tmp_path / 'empty.db'}", "team", ORIGIN)
    (tmp_path / "empty.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(TrackingError, match="MLflow at sqlite"):
        broken.ping()


def test_a_server_that_is_not_there_is_told_within_seconds() -> None:
    with pytest.raises(TrackingError, match="does not answer"):
        Tracking("http://127.0.0.1:9", "team", ORIGIN).require_up()
