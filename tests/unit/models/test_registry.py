"""The registry: one version per model, evidence renewed, aliases left to people, changed files refused."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from test_cards import a_card

from matria.errors import ModelError, StorageError, TrackingError
from matria.provenance import Provenance
from matria.tracking import Tracking
from models.registry import (
    CHALLENGER,
    CHAMPION,
    Candidate,
    ModelRegistry,
    folder_digest,
    frame_digest,
    log_dataset,
)


@pytest.fixture
def registry(tracking: Tracking) -> ModelRegistry:
    return ModelRegistry(tracking)


@contextmanager
def a_run(tracking: Tracking) -> Iterator[str]:
    with tracking.start(
        "risk-training", subject="some-model", data_version="d1", is_simulated=True, tags={"model": "some-model"}
    ) as run:
        yield run.run_id


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The kernel refuses to write past `size`, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def a_candidate(folder: Path, content: int, name: str = "some-model", **evidence: str) -> Candidate:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.json").write_text(json.dumps(content))
    return Candidate(
        name=name,
        folder=folder,
        loader_module="models.risk.predict",
        inputs={"age_years": "double"},
        outputs={"risk": "double"},
        pip_requirements=("lightgbm==4.7.0",),
        origin={"data_version": "d1", "git_commit": "abc"},
        evidence={"validation": "pass", **evidence},
        card=a_card(),
    )


def test_an_unknown_model_has_no_version_and_that_is_a_state(registry: ModelRegistry) -> None:
    assert registry.at_alias("never-registered", CHAMPION) is None
    assert registry.find("never-registered", "0" * 64) is None


def test_a_candidate_becomes_a_version_with_its_origin_evidence_and_card(
    tracking: Tracking, registry: ModelRegistry, tmp_path: Path
) -> None:
    candidate = a_candidate(tmp_path / "m", 1, "described")
    with a_run(tracking) as run_id:
        done = registry.register(candidate)
    assert (done.is_new, done.version.number, done.version.run_id) == (True, "1", run_id)
    assert done.version.tags.items() >= {"data_version": "d1", "git_commit": "abc", "validation": "pass"}.items()
    assert done.version.aliases == ()
    stored = tracking.client.get_model_version("described", "1")
    assert stored.description == candidate.card.as_note()
    files = registry.fetch(done.version, tmp_path / "copy")
    assert json.loads((files / "model.json").read_text()) == 1


def test_the_same_model_again_is_the_same_version_with_newer_evidence(
    tracking: Tracking, registry: ModelRegistry, tmp_path: Path
) -> None:
    with a_run(tracking) as first_run:
        first = registry.register(a_candidate(tmp_path / "a", 1, "again"))
        registry.nominate(first.version)
    with a_run(tracking):
        second = registry.register(a_candidate(tmp_path / "b", 1, "again", comparison="better"))
        other = registry.register(a_candidate(tmp_path / "c", 2, "again"))
    assert (second.is_new, second.version.number, second.version.run_id) == (False, "1", first_run)
    assert second.version.tags["comparison"] == "better"
    assert second.version.aliases == (CHALLENGER,)
    assert (other.is_new, other.version.number) == (True, "2")


def test_the_challenger_alias_moves_and_registering_alone_moves_none(
    tracking: Tracking, registry: ModelRegistry, tmp_path: Path
) -> None:
    with a_run(tracking):
        versions = [registry.register(a_candidate(tmp_path / str(n), n, "moving")).version for n in (1, 2)]
    assert registry.at_alias("moving", CHALLENGER) is None
    for version in versions:
        registry.nominate(version)
        found = registry.at_alias("moving", CHALLENGER)
        assert found is not None
        assert (found.number, found.aliases) == (version.number, (CHALLENGER,))
    assert registry.at_alias("moving", CHAMPION) is None


def test_what_a_person_approved_keeps_its_evidence(tracking: Tracking, registry: ModelRegistry, tmp_path: Path) -> None:
    with a_run(tracking):
        registry.register(a_candidate(tmp_path / "a", 1, "approved"))
    tracking.client.set_registered_model_alias("approved", CHAMPION, "1")
    with a_run(tracking):
        again = registry.register(a_candidate(tmp_path / "b", 1, "approved", validation="fail"))
    assert again.version.tags["validation"] == "pass"
    assert again.version.aliases == (CHAMPION,)


def test_files_changed_or_gone_after_registration_are_refused(
    tracking: Tracking, registry: ModelRegistry, tmp_path: Path
) -> None:
    with a_run(tracking):
        version = registry.register(a_candidate(tmp_path / "m", 1, "tampered")).version
    stored = Path(registry.fetch(version, tmp_path / "before")).name
    logged = tracking.client.get_model_version("tampered", "1").source.removeprefix("models:/")
    artifacts = Path(tracking.client.get_logged_model(logged).artifact_location.removeprefix("file://"))
    (artifacts / "data" / stored / "model.json").write_text("2")
    with pytest.raises(ModelError, match="not those registered"):
        registry.fetch(version, tmp_path / "after")
    (artifacts / "MLmodel").unlink()
    with pytest.raises(ModelError, match="gone from the store"):
        registry.fetch(version, tmp_path / "later")


def test_a_store_that_takes_no_more_is_one_sentence_and_registers_nothing(
    tracking: Tracking, registry: ModelRegistry, tmp_path: Path
) -> None:
    candidate = a_candidate(tmp_path / "m", 1, "full")
    (candidate.folder / "trees.txt").write_text("x" * 8_000_000)
    with a_run(tracking), files_of_at_most(6_000_000), pytest.raises(StorageError, match="were not written"):
        registry.register(candidate)
    assert registry.find("full", folder_digest(candidate.folder)) is None
    with a_run(tracking):
        assert registry.register(candidate).is_new


def test_the_stored_flavor_names_our_loader_and_holds_no_pickle_and_no_code(
    tracking: Tracking, registry: ModelRegistry, tmp_path: Path
) -> None:
    with a_run(tracking):
        version = registry.register(a_candidate(tmp_path / "m", 1, "plain")).version
    files = registry.fetch(version, tmp_path / "copy")
    whole = files.parents[1]
    names = {path.name for path in whole.rglob("*") if path.is_file()}
    assert not {name for name in names if Path(name).suffix in (".pkl", ".py", ".pickle", ".joblib")}
    described = (whole / "MLmodel").read_text()
    assert "loader_module: models.risk.predict" in described
    assert "lightgbm==4.7.0" in (whole / "requirements.txt").read_text()


def test_a_dataset_is_an_input_of_the_run_by_its_digest(tracking: Tracking) -> None:
    frame = pd.DataFrame({"age_years": [30.0, 31.0]})
    with a_run(tracking) as run_id:
        log_dataset(frame, "risk_features", frame_digest(frame), "training")
    (logged,) = tracking.client.get_run(run_id).inputs.dataset_inputs
    assert (logged.dataset.name, logged.dataset.digest) == ("risk_features", frame_digest(frame))


def test_a_digest_is_of_the_values_in_their_order() -> None:
    frame = pd.DataFrame({"a": [1.0, None], "b": ["x", "y"]})
    assert frame_digest(frame) == frame_digest(frame.set_axis([7, 8]))
    assert len({frame_digest(each) for each in (frame, frame.iloc[::-1], frame.rename(columns={"a": "c"}))}) == 3
    assert frame_digest(frame.iloc[:0])


def test_a_registry_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a database")
    lost = ModelRegistry(Tracking(f"sqlite:///{blocked}", "team", Provenance("a", "b", "c")))
    with pytest.raises(TrackingError, match="MLflow at sqlite"):
        lost.at_alias("some-model", CHAMPION)
