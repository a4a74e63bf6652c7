"""Where trained models are kept by version: MLflow's registry, filled with candidates and asked for champions.

A candidate is known by the digest of its files: the same model registered again is the same version, with newer
evidence. This module moves the alias `challenger` and no other; `champion` is set when a person approves. What it
fetches is held against the digest on the version, so that changed files are never loaded.
"""

import contextlib
import hashlib
import logging
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from matria.errors import InternalError, ModelError, StorageError, TrackingError
from matria.tracking import Tracking
from models.cards import ModelCard

if TYPE_CHECKING:
    import pandas as pd
    from mlflow import MlflowClient

log = logging.getLogger(__name__)

CHAMPION = "champion"
CHALLENGER = "challenger"
DIGEST_TAG = "model_digest"
ColumnKind = Literal["double", "long", "string"]
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")


@dataclass(frozen=True)
class Version:
    """One version of a registered model."""

    name: str
    number: str
    run_id: str
    """The run that trained it."""
    digest: str
    """SHA-256 over its files."""
    tags: Mapping[str, str]
    aliases: tuple[str, ...]

    @property
    def uri(self) -> str:
        """MLflow's address of it."""
        return f"models:/{self.name}/{self.number}"


@dataclass(frozen=True)
class Candidate:
    """A trained model on its way into the registry."""

    name: str
    folder: Path
    """Its files: data that its loader reads, no code and no pickle."""
    loader_module: str
    """Module of ours with `_load_pyfunc(path)`."""
    inputs: Mapping[str, ColumnKind]
    outputs: Mapping[str, ColumnKind]
    pip_requirements: tuple[str, ...]
    """What the loader needs beside this project, pinned."""
    origin: Mapping[str, str]
    """Tags that say where it came from; never changed later."""
    evidence: Mapping[str, str]
    """Tags that say what it is worth; newer ones replace them until it is champion."""
    card: ModelCard


@dataclass(frozen=True)
class Registration:
    """What registering a candidate led to."""

    version: Version
    is_new: bool
    """False where the same model was registered before."""


class ModelRegistry:
    """The registry at the address of `tracking`."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    def at_alias(self, name: str, alias: str) -> Version | None:
        """The version of `name` that bears `alias`, or None."""
        try:
            with self._asking() as client:
                return _version(client.get_model_version_by_alias(name, alias))
        except TrackingError as error:
            if _is_absence(error):
                return None
            raise

    def find(self, name: str, digest: str) -> Version | None:
        """The oldest version of `name` whose files have `digest`, or None."""
        with self._asking() as client:
            found = client.search_model_versions(f"name='{name}' and tags.{DIGEST_TAG}='{digest}'")
            oldest = min(found, key=lambda version: int(version.version), default=None)
            # Asked again by number: a search does not say which aliases a version bears.
            return None if oldest is None else _version(client.get_model_version(name, oldest.version))

    def register(self, candidate: Candidate) -> Registration:
        """The candidate as a version, inside the active run that trained it.

        The same files again are the same version: its evidence and note are renewed, unless it is the champion, whose
        evidence is what a person approved. No alias is moved.
        """
        digest = folder_digest(candidate.folder)
        known = self.find(candidate.name, digest)
        if known is None:
            number = self._create(candidate, digest)
        else:
            number = known.number
            if CHAMPION not in known.aliases:
                self._renew(candidate, number)
        version = self.find(candidate.name, digest)
        if version is None:
            raise InternalError(f"{candidate.name} version {number} was registered, and cannot be found.")
        log.info("%s %s", _label(version), "registered" if known is None else "found again")
        return Registration(version, known is None)

    def nominate(self, version: Version) -> None:
        """The alias `challenger` points to `version`, and to no other."""
        with self._asking() as client:
            client.set_registered_model_alias(version.name, CHALLENGER, version.number)

    def fetch(self, version: Version, folder: Path) -> Path:
        """The files of `version`, copied below `folder`. Raises `ModelError` where they are not those registered."""
        import mlflow

        uri = self._tracking.uri
        try:
            with self._asking():
                local = mlflow.artifacts.download_artifacts(
                    version.uri, dst_path=str(folder), tracking_uri=uri, registry_uri=uri
                )
                described = mlflow.models.Model.load(local).flavors["python_function"]
        except (FileNotFoundError, KeyError, TrackingError) as error:
            if isinstance(error, TrackingError) and not _is_absence(error):
                raise
            raise ModelError(f"The files of {_label(version)} are gone from the store: retrain.") from error
        files = Path(local) / str(described["data"])
        if folder_digest(files) != version.digest:
            raise ModelError(f"The files of {_label(version)} are not those registered: do not use it, and retrain.")
        return files

    def _create(self, candidate: Candidate, digest: str) -> str:
        import mlflow

        with self._asking() as client, _quiet():
            logged = mlflow.pyfunc.log_model(
                name=candidate.name,
                loader_module=candidate.loader_module,
                data_path=str(candidate.folder),
                signature=_signature(candidate),
                pip_requirements=list(candidate.pip_requirements),
                tags=dict(candidate.origin),
                metadata={DIGEST_TAG: digest, "git_commit": candidate.origin.get("git_commit", "none")},
            )
            _ensure_model(client, candidate.name)
            created = client.create_model_version(
                candidate.name,
                logged.model_uri,
                run_id=logged.run_id,
                model_id=logged.model_id,
                tags={**candidate.origin, **candidate.evidence, DIGEST_TAG: digest},
                description=candidate.card.as_note(),
            )
            return str(created.version)

    def _renew(self, candidate: Candidate, number: str) -> None:
        with self._asking() as client:
            for key, value in candidate.evidence.items():
                client.set_model_version_tag(candidate.name, number, key, value)
            client.update_model_version(candidate.name, number, description=candidate.card.as_note())

    @contextlib.contextmanager
    def _asking(self) -> "Iterator[MlflowClient]":
        from mlflow.exceptions import MlflowException

        try:
            yield self._tracking.client
        except MlflowException as error:
            detail = str(error).splitlines()[0][:200]
            raise TrackingError(
                f"MLflow's registry at {self._tracking.uri} did not answer as expected ({detail}): "
                "is the address right?"
            ) from error
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StorageError(
                f"The model's files were not written ({error.strerror or 'the disk did not take them all'}): free some "
                "space under MATRIA_HOME and the system's temporary folder, then run the same command again."
            ) from error


def folder_digest(folder: Path) -> str:
    """SHA-256 over the files below `folder`, by relative path and content, in hexadecimal."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def frame_digest(frame: "pd.DataFrame") -> str:
    """SHA-256 over the values of `frame` by row and column, whatever its index, first 32 hexadecimal digits."""
    import pandas as pd

    rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256("\0".join(frame.columns).encode() + rows.tobytes()).hexdigest()[:32]


def log_dataset(frame: "pd.DataFrame", name: str, digest: str, context: Literal["training", "test"]) -> None:
    """`frame` as an input of the active run: its schema, its size and `digest`, none of its values."""
    import mlflow
    from mlflow.data.code_dataset_source import CodeDatasetSource

    source = CodeDatasetSource(tags={"table": name, "digest": digest})
    with _quiet():
        dataset = mlflow.data.from_pandas(frame, source=source, name=name, digest=digest[:36])
        mlflow.log_input(dataset, context=context)


def _ensure_model(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _signature(candidate: Candidate) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    inputs, outputs = (
        Schema([ColSpec(kind, column) for column, kind in columns.items()])
        for columns in (candidate.inputs, candidate.outputs)
    )
    return ModelSignature(inputs, outputs)


def _is_absence(error: TrackingError) -> bool:
    """Whether MLflow answered, and what it was asked for is not there."""
    return getattr(error.__cause__, "error_code", "") in _ABSENT


def _label(version: Version) -> str:
    return f"{version.name} version {version.number}"


def _version(found: Any) -> Version:
    tags = dict(found.tags)
    return Version(
        name=found.name,
        number=str(found.version),
        run_id=found.run_id or "",
        digest=tags.get(DIGEST_TAG, ""),
        tags=tags,
        aliases=tuple(sorted(found.aliases)),
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """MLflow warns of its own type hints on import, and of a missing input example, which would cost an inference."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
