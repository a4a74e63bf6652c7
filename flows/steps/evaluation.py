"""Evaluating prompts (provisional)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.shelf import Report

if TYPE_CHECKING:
    from flows.wiring import Platform


@dataclass(frozen=True)
class EvaluationRequest:
    suites: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    against: str | None = None
    model: str | None = None
    epochs: int = 1
    limit: int | None = None
    out: Path | None = None


@dataclass(frozen=True)
class EvaluationOutcome:
    state: str
    exit_code: int
    report: Report
    files: tuple[Path, ...]

    def table(self) -> list[dict[str, Any]]:
        return []


def evaluate_prompts(
    platform: "Platform", request: EvaluationRequest, progress: Callable[[int, int], None]
) -> EvaluationOutcome:
    raise NotImplementedError
