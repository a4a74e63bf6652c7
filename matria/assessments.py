"""What people said of a trace, in MLflow: an assessment for each question, from a human source, masked.

MLflow keeps every assessment; one that changes its mind stands over the one before, which stays readable below it.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matria.errors import TrackingError
from matria.privacy.identifiers import redact
from matria.tracking import Tracking

if TYPE_CHECKING:
    from mlflow.entities import Assessment as MlflowAssessment


LOCATION = "mlflow.artifactLocation"
"""MLflow's tag that says where a trace's files are."""

log = logging.getLogger(__name__)


class TraceGone(TrackingError):
    """The store answers, and has no such trace."""


@dataclass(frozen=True)
class Assessment:
    """One answer to one question about a trace."""

    trace_id: str
    name: str
    """The question, such as `safe`."""
    value: str
    source_id: str
    """Who said it: an id of ours that names no person."""
    rationale: str = ""
    """Free text; masked on its way."""


class Assessments:
    """Writes assessments to a tracking store."""

    def __init__(self, tracking: Tracking) -> None:
        self._tracking = tracking

    def log(self, given: Iterable[Assessment]) -> int:
        """How many are new or changed; the same ones again change nothing. Raises `TrackingError`.

        Those of a trace that MLflow does not have any more are left out, and logged: it was erased, or grew old there.
        """
        changed, gone = 0, set()
        with self._tracking.speaking():
            for one in given:
                if one.trace_id in gone:
                    continue
                try:
                    changed += self._log(one)
                except TraceGone:
                    gone.add(one.trace_id)
        if gone:
            log.warning("%d traces are not in MLflow any more, and what was said of them is not either", len(gone))
        return changed

    def of(self, trace_id: str) -> list[Assessment]:
        """Those that stand on a trace. Raises `TrackingError`."""
        with self._tracking.speaking():
            return [_assessment(trace_id, found) for found in self._standing(trace_id)]

    def forget(self, experiment: str, trace_ids: Sequence[str]) -> int:
        """How many traces are gone, with all that was said of them. Raises `TrackingError`.

        Their files go first, so that a call that fails can be made again: MLflow writes what was said into one besides
        its database whenever it hears of a trace before its spans, and deletes the rows alone.
        """
        with self._tracking.speaking() as client:
            found = client.get_experiment_by_name(experiment)
            if found is None or not trace_ids:
                return 0
            for trace_id in trace_ids:
                _delete_files(trace_id)
            return int(client.delete_traces(found.experiment_id, trace_ids=list(trace_ids)))

    def _log(self, one: Assessment) -> bool:
        import mlflow
        from mlflow.entities import AssessmentSource, AssessmentSourceType

        source = AssessmentSource(source_type=AssessmentSourceType.HUMAN, source_id=one.source_id)
        rationale = redact(one.rationale) or None
        mine = [
            known
            for known in self._standing(one.trace_id)
            if known.name == one.name and known.source is not None and known.source.source_id == one.source_id
        ]
        if not mine:
            mlflow.log_feedback(
                trace_id=one.trace_id, name=one.name, value=one.value, source=source, rationale=rationale
            )
            return True
        last = mine[-1]
        if getattr(last, "value", None) == one.value and (last.rationale or None) == rationale:
            return False
        mlflow.override_feedback(
            trace_id=one.trace_id,
            assessment_id=str(last.assessment_id),
            value=one.value,
            rationale=rationale,
            source=source,
        )
        return True

    def _standing(self, trace_id: str) -> "list[MlflowAssessment]":
        """Those that no later one stands over, oldest first."""
        import mlflow

        trace = mlflow.get_trace(trace_id, silent=True)
        if trace is None:
            raise TraceGone(f"MLflow has no trace {trace_id}: it was deleted, or lies in another store.")
        found = [one for one in trace.info.assessments if one.valid is not False]
        return sorted(found, key=lambda one: one.create_time_ms or 0)


def _delete_files(trace_id: str) -> None:
    import mlflow
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    trace = mlflow.get_trace(trace_id, silent=True)
    location = trace.info.tags.get(LOCATION, "") if trace is not None else ""
    if trace_id not in location:
        return
    try:
        get_artifact_repository(location).delete_artifacts()
    except Exception as error:
        raise TrackingError(
            f"MLflow's files of the trace {trace_id} could not be deleted ({type(error).__name__}): see that they can "
            "be, and call again."
        ) from error


def _assessment(trace_id: str, found: "MlflowAssessment") -> Assessment:
    source = found.source.source_id if found.source is not None else ""
    return Assessment(trace_id, found.name, str(getattr(found, "value", "")), str(source), found.rationale or "")
