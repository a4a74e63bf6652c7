"""MLflow as the record: templates of experiments, one naming convention, and tags without which no run starts.

An experiment is `matria.<area>`, a run `<subject>.<kind>.<UTC minute>.<code hash>`; both come from the template, never
from the caller. Candidates of every kind (a risk model, a version of a prompt) share one experiment and the metrics
`quality`, `quality_low` and `quality_high`, so that they stand side by side. What people wrote (traces, parameters,
tags of the caller) is kept without personal data; a file is logged as it is, and whoever writes one masks it.
"""

import contextlib
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matria.errors import TrackingError
from matria.privacy.identifiers import redact
from matria.provenance import Provenance
from matria.trace_keys import key_attributes, key_tags

if TYPE_CHECKING:
    from mlflow import MlflowClient

log = logging.getLogger(__name__)

_METRICS_AT_ONCE = 900
"""Of the 1,000 entities that MLflow takes in one call; the parameters are the others."""
_UP_TIMEOUT_S = 5.0
_SERVER_ERROR = 500
_LINKED_AT_ONCE = 100
"""Traces that MLflow links to a run in one call."""
REQUIRED_TAGS = ("owner", "purpose", "data_version", "git_commit", "code_hash", "config_hash", "is_simulated")


@dataclass(frozen=True)
class ExperimentTemplate:
    """What every run of one kind carries."""

    kind: str
    """What the run does: `risk-training`, `prompt-evaluation`."""
    experiment: str
    """The experiment that holds such runs."""
    purpose: str
    """What the runs are for, in one sentence; the experiment's note."""
    extra_tags: tuple[str, ...] = ()
    """Tags required beyond `REQUIRED_TAGS`."""


_CANDIDATES = "matria.candidates"
_DATA = "matria.data"
_OPERATIONS = "matria.operations"
_REVIEW = "matria.review"

TEMPLATES: Mapping[str, ExperimentTemplate] = {
    template.kind: template
    for template in (
        ExperimentTemplate("ingest", _DATA, "Events landed, held against their contracts, anonymised.", ("source",)),
        ExperimentTemplate("features", _DATA, "Feature tables published offline and online.", ("tables",)),
        ExperimentTemplate("risk-training", _CANDIDATES, "A risk model trained, validated, registered.", ("model",)),
        ExperimentTemplate(
            "prompt-evaluation",
            _CANDIDATES,
            "One version of a prompt on one suite.",
            ("prompt", "suite", "side", "model"),
        ),
        ExperimentTemplate(
            "prompt-comparison",
            _CANDIDATES,
            "Two versions of prompts compared, with a verdict.",
            ("prompt", "verdict"),
        ),
        ExperimentTemplate("prompt-scores", _CANDIDATES, "Prompts scored on their suites.", ("prompt", "model")),
        ExperimentTemplate(
            "conversation", _OPERATIONS, "A conversation with the assistant, masked.", ("prompt", "model")
        ),
        ExperimentTemplate("review-batch", _REVIEW, "Conversations drawn for nurses to read, masked.", ("week",)),
        ExperimentTemplate("review-week", _REVIEW, "What nurses found in a week, and over twelve.", ("week",)),
        ExperimentTemplate("cost-watch", _OPERATIONS, "Cost of a message, a day against the day before.", ("window",)),
    )
}

NOTES: Mapping[str, str] = {
    _CANDIDATES: "Every candidate, model or prompt, side by side: compare them by quality, quality_low, quality_high.",
    _DATA: "What came in, what was quarantined and why, and which features were published.",
    _OPERATIONS: "What the service costs and how it fares.",
    _REVIEW: "What nurses read each week, what they said of it, and what it says of quality.",
}


@dataclass(frozen=True)
class TraceRecord:
    """One call as MLflow shows it under Traces."""

    name: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    attributes: Mapping[str, Any]
    tags: Mapping[str, str]
    key: str = ""
    """An id of ours of what it is of, by which `matria.trace_keys` finds it; empty where nobody looks for it."""


@dataclass(frozen=True)
class Run:
    """A run in progress."""

    run_id: str
    name: str
    _client: "MlflowClient"

    def log_batch(self, params: Mapping[str, Any], metrics: Mapping[str, float | None]) -> None:
        """Parameters and metrics in as few calls as MLflow allows, each as `log_params` and `log_metrics` keep them."""
        known = _metrics(metrics)
        self._client.log_batch(self.run_id, metrics=known[:_METRICS_AT_ONCE], params=_params(params))
        for start in range(_METRICS_AT_ONCE, len(known), _METRICS_AT_ONCE):
            self._client.log_batch(self.run_id, metrics=known[start : start + _METRICS_AT_ONCE])

    def log_dataset(self, name: str, digest: str, source: str) -> None:
        """What the run was made from: shown beside it, and searched by digest."""
        from mlflow.entities import Dataset, DatasetInput

        dataset = Dataset(name=name[:500], digest=digest[:36], source_type="local", source=source)
        self._client.log_inputs(self.run_id, datasets=[DatasetInput(dataset)])

    def link_prompt(self, uri: str) -> None:
        """The version of a prompt in the registry that the run is of, such as `prompts:/gestante.triagem.en/3`."""
        self._client.link_prompt_version_to_run(self.run_id, uri)

    def log_traces(self, traces: Sequence[TraceRecord]) -> list[str]:
        """Each as a trace of this run, and their ids; some 50 ms a trace, so give those that somebody will open."""
        import mlflow

        ids = []
        for trace in traces:
            span = mlflow.start_span_no_context(
                trace.name,
                span_type="CHAT_MODEL",
                inputs=_redacted(trace.inputs),
                attributes={**_redacted(trace.attributes), **key_attributes(trace.key)},
                tags={**_redacted(trace.tags), **key_tags(trace.key)},
                experiment_id=self._client.get_run(self.run_id).info.experiment_id,
            )
            span.set_outputs(_redacted(trace.outputs))
            span.end()
            ids.append(span.trace_id)
        if ids:
            logging.getLogger("mlflow.tracing.export.async_export_queue").setLevel(logging.WARNING)
            mlflow.flush_trace_async_logging()
            for start in range(0, len(ids), _LINKED_AT_ONCE):
                self._client.link_traces_to_run(ids[start : start + _LINKED_AT_ONCE], self.run_id)
        return ids

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Parameters, each once; values longer than MLflow keeps are cut at 500 characters."""
        self._client.log_batch(self.run_id, params=_params(params))

    def log_metrics(self, metrics: Mapping[str, float | None]) -> None:
        """Metrics in one call; None is missing and is left out, never logged as 0."""
        self._client.log_batch(self.run_id, metrics=_metrics(metrics))

    def set_tags(self, tags: Mapping[str, str]) -> None:
        """Tags beside the required ones."""
        from mlflow.entities import RunTag

        self._client.log_batch(self.run_id, tags=[RunTag(key, redact(str(value))) for key, value in tags.items()])

    def log_text(self, text: str, artifact_path: str) -> None:
        """A text as an artifact."""
        self._client.log_text(self.run_id, text, artifact_path)

    def log_dict(self, value: Mapping[str, Any], artifact_path: str) -> None:
        """JSON-like data as an artifact, JSON or YAML by the ending."""
        self._client.log_dict(self.run_id, dict(value), artifact_path)

    def log_artifact(self, path: Path, folder: str | None = None) -> None:
        """A file as an artifact."""
        self._client.log_artifact(self.run_id, str(path), folder)


class Tracking:
    """MLflow at one address, with the tags of this checkout and configuration."""

    def __init__(self, uri: str, owner: str, origin: Provenance, artifact_root: Path | None = None) -> None:
        self.uri = uri
        self._owner = owner
        self.origin = origin
        self._artifact_root = artifact_root
        self._client: MlflowClient | None = None

    @property
    def client(self) -> "MlflowClient":
        """The client, connected on first use; a SQLite store is made where there is none."""
        if self._client is None:
            self._client = self._connect()
        self._select()
        return self._client

    @contextlib.contextmanager
    def start(
        self,
        kind: str,
        *,
        subject: str,
        data_version: str,
        is_simulated: bool,
        purpose: str | None = None,
        tags: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> Iterator[Run]:
        """A run of the template `kind`, ended FINISHED, or FAILED where the block raises.

        Also made MLflow's active run inside the block, so that flavours that log by themselves land in it. Raises
        `TrackingError` before anything is written where a required tag is missing or empty.
        """
        template = _template(kind)
        given = self._tags(template, data_version, is_simulated, purpose, tags or {})
        _require(template, given)
        name = run_name(kind, subject, now or datetime.now(UTC), self.origin.code_hash)
        import mlflow

        with speaking_to(self.uri):
            experiment_id = self._experiment(template)
            with mlflow.start_run(experiment_id=experiment_id, run_name=name, tags=given, nested=True) as active:
                log.info("run %s started in %s", name, template.experiment)
                yield Run(active.info.run_id, name, self.client)

    @contextlib.contextmanager
    def speaking(self) -> "Iterator[MlflowClient]":
        """MLflow's own functions speak to this store inside the block; what goes wrong there is a `TrackingError`."""
        with speaking_to(self.uri):
            yield self.client

    def ping(self) -> str:
        """The store that answered. Raises `TrackingError`."""
        with self.speaking() as client:
            count = len(client.search_experiments(max_results=100))
        return f"MLflow at {_shown(self.uri)} ({count} experiments)"

    def require_up(self) -> None:
        """Raises `TrackingError` within seconds where a server does not answer; MLflow itself retries for minutes."""
        if not self.uri.startswith(("http://", "https://")):
            return
        import httpx

        try:
            answered = httpx.get(f"{self.uri.rstrip('/')}/health", timeout=_UP_TIMEOUT_S)
        except httpx.HTTPError as error:
            raise TrackingError(
                f"MLflow at {_shown(self.uri)} does not answer ({type(error).__name__}): is it up, and is "
                "MATRIA_TRACKING__URI right?"
            ) from error
        if answered.status_code >= _SERVER_ERROR:
            raise TrackingError(f"MLflow at {_shown(self.uri)} answers {answered.status_code}: see its log.")

    def _connect(self) -> "MlflowClient":
        import mlflow

        if self.uri.startswith("sqlite:///"):
            Path(self.uri.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        with speaking_to(self.uri):
            return mlflow.MlflowClient(tracking_uri=self.uri, registry_uri=self.uri)

    def _select(self) -> None:
        """This store is the one that MLflow's own functions speak to, whichever was opened before."""
        import mlflow

        if mlflow.get_tracking_uri() != self.uri:
            mlflow.set_tracking_uri(self.uri)
            mlflow.set_registry_uri(self.uri)

    def _experiment(self, template: ExperimentTemplate) -> str:
        found = self.client.get_experiment_by_name(template.experiment)
        if found is not None:
            return str(found.experiment_id)
        location = (self._artifact_root / template.experiment).resolve().as_uri() if self._artifact_root else None
        tags = {"mlflow.note.content": NOTES[template.experiment], "owner": self._owner}
        return str(self.client.create_experiment(template.experiment, artifact_location=location, tags=tags))

    def _tags(
        self,
        template: ExperimentTemplate,
        data_version: str,
        is_simulated: bool,
        purpose: str | None,
        extra: Mapping[str, str],
    ) -> dict[str, str]:
        return {
            "kind": template.kind,
            "owner": self._owner,
            "purpose": template.purpose if purpose is None else purpose,
            "data_version": data_version,
            "git_commit": self.origin.git_commit,
            "code_hash": self.origin.code_hash,
            "config_hash": self.origin.config_hash,
            "is_simulated": str(is_simulated).lower(),
            **_redacted(extra),
        }


def _redacted(value: Any) -> Any:
    """Plain data without personal data in any of its texts; keys stay."""
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {key: _redacted(part) for key, part in value.items()}
        case list() | tuple():
            return [_redacted(part) for part in value]
    return value


def _params(params: Mapping[str, Any]) -> list[Any]:
    from mlflow.entities import Param

    return [Param(key, redact(str(value))[:500]) for key, value in params.items()]


def _metrics(metrics: Mapping[str, float | None]) -> list[Any]:
    from mlflow.entities import Metric

    now = int(datetime.now(UTC).timestamp() * 1000)
    return [Metric(key, float(value), now, 0) for key, value in metrics.items() if value is not None]


def run_name(kind: str, subject: str, now: datetime, code_hash: str) -> str:
    """`<subject>.<kind>.<UTC minute>.<first 6 of the code hash>`, `/` of a prompt's name as `-`.

    The subject stands first, since MLflow's table cuts long names.
    """
    minute = now.astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    return ".".join((subject.replace("/", "-"), kind, minute, code_hash[:6]))


def _template(kind: str) -> ExperimentTemplate:
    try:
        return TEMPLATES[kind]
    except KeyError:
        raise TrackingError(f"No experiment template '{kind}': use one of {', '.join(TEMPLATES)}.") from None


def _require(template: ExperimentTemplate, tags: Mapping[str, str]) -> None:
    missing = [name for name in (*REQUIRED_TAGS, *template.extra_tags) if not tags.get(name)]
    if missing:
        raise TrackingError(f"A run of '{template.kind}' was not started: give it the tags {', '.join(missing)}.")


@contextlib.contextmanager
def speaking_to(uri: str) -> Iterator[None]:
    """What goes wrong in a store inside the block is a `TrackingError`."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError) as error:
        kind = type(error).__name__
        raise TrackingError(
            f"MLflow at {_shown(uri)} did not answer as expected ({kind}): is it up, and is MATRIA_TRACKING__URI right?"
        ) from error


def _shown(uri: str) -> str:
    """The address without a user's name or password."""
    return re.sub(r"//[^/@]*@", "//", uri)
