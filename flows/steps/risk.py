"""Retraining the risk model from the features published, up to a challenger with its card on the shelf."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows.shelf import Report
from flows.steps.data import holds_only_synthetic
from matria import durable
from matria.errors import InputError

if TYPE_CHECKING:
    from flows.wiring import Platform
    from models.risk.retrain import RetrainReport


@dataclass(frozen=True)
class RetrainOutcome:
    """What one retraining led to."""

    retrained: "RetrainReport"
    report: Report

    def table(self) -> list[dict[str, Any]]:
        """Each check of the policy: figure, threshold, state."""
        return [
            {"check": check.name, "figure": _figure(check.figure), "rule": check.rule, "state": check.state}
            for check in self.retrained.validation.checks
        ]


def retrain_risk(platform: "Platform", seed: int, progress: Callable[[str], None] | None = None) -> RetrainOutcome:
    """A candidate from the newest published `risk_features`. Raises `InputError` where none are published."""
    from models.risk.retrain import retrain

    versions = platform.offline_features.versions("risk_features")
    if not versions:
        raise InputError("No risk_features are published: run `matria ingest`, then `matria run publish-features`.")
    newest = versions[-1]
    is_synthetic = holds_only_synthetic(platform)
    now = datetime.now(UTC)
    retrained = retrain(
        platform.offline_features.read("risk_features", newest.data_version),
        platform.policy,
        platform.tracking,
        platform.registry,
        now=now,
        seed=seed,
        data_version=newest.data_version,
        is_simulated=is_synthetic,
        contact=platform.settings.tracking.owner,
        progress=progress,
    )
    return RetrainOutcome(retrained, _shelve(platform, retrained, is_synthetic, now))


def _shelve(platform: "Platform", retrained: "RetrainReport", is_synthetic: bool, now: datetime) -> Report:
    folder = platform.shelf.new_folder("model-card", now)
    durable.write_text(folder / "card.md", retrained.card.as_markdown())
    version = retrained.version
    state = {"pass": "every check passed", "fail": "a check FAILED", "no_data": "a check has no data"}
    title = f"{version.name} v{version.number}: AUC {retrained.validation.auc}, {state[retrained.validation.state]}"
    return platform.shelf.put(folder, title, "card.md", now, is_synthetic)


def _figure(value: float | None) -> str:
    return "no data" if value is None else f"{value:.4g}"
