"""Retraining the risk model from the features published, up to a challenger with its card on the shelf."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flows.shelf import Report
from matria import durable

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

    features = platform.offline_features.read("risk_features")
    now = datetime.now(UTC)
    retrained = retrain(
        features.frame,
        platform.policy,
        platform.tracking,
        platform.registry,
        now=now,
        seed=seed,
        data_version=features.data_version,
        is_simulated=features.is_synthetic,
        contact=platform.settings.tracking.owner,
        progress=progress,
    )
    return RetrainOutcome(retrained, _shelve(platform, retrained, features.is_synthetic, now))


def _shelve(platform: "Platform", retrained: "RetrainReport", is_synthetic: bool, now: datetime) -> Report:
    folder = platform.shelf.new_folder("model-card", now)
    durable.write_text(folder / "card.md", retrained.card.as_markdown())
    version = retrained.version
    state = {"pass": "every check passed", "fail": "a check FAILED", "no_data": "a check has no data"}
    title = f"{version.name} v{version.number}: AUC {retrained.validation.auc}, {state[retrained.validation.state]}"
    return platform.shelf.put(folder, title, "card.md", now, is_synthetic)


def _figure(value: float | None) -> str:
    return "no data" if value is None else f"{value:.4g}"
