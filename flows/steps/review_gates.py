"""Gates that nurses decided otherwise: the same comparison evaluated again, with their readings or the trust they gave.

Two evaluations on the shelf are of the same comparison where prompts, base and numbers of answers, changed ones too,
are the same. A verdict that differs counts here where the later one rests on more readings of nurses, or on other
judges that may decide.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evals.review.web.changes import GateChange
    from flows.shelf import Report
    from flows.wiring import Platform


@dataclass(frozen=True)
class _Decided:
    at: datetime
    title: str
    state: Any
    same: tuple[Any, ...]
    rulings: int
    deciding: frozenset[tuple[str, str]]


def gate_changes(platform: "Platform", since: datetime) -> "tuple[GateChange, ...]":
    """Verdicts given since then that differ from the one before because of nurses; oldest first."""
    from evals.review.web.changes import GateChange

    found: list[GateChange] = []
    last: dict[tuple[Any, ...], _Decided] = {}
    for one in sorted(_decided(platform), key=lambda one: one.at):
        before = last.get(one.same)
        if before is not None and one.at >= since and before.state != one.state and _rests_on_nurses(before, one):
            found.append(GateChange(one.title, before.state, one.state))
        last[one.same] = one
    return tuple(found)


def _rests_on_nurses(before: _Decided, after: _Decided) -> bool:
    return after.rulings > before.rulings or after.deciding != before.deciding


def _decided(platform: "Platform") -> "Iterator[_Decided]":
    """Verdicts on the shelf to which judges had something to say; one that cannot be read is left out."""
    for report in platform.shelf.of("evaluation"):
        try:
            verdict = json.loads((report.folder / "verdict.json").read_text(encoding="utf-8"))
            if "trust" in verdict:
                yield _of(report, verdict)
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _of(report: "Report", verdict: Mapping[str, Any]) -> _Decided:
    from flows.steps.evaluation_reports import base_of

    trust = verdict["trust"]
    counts = [verdict[side][name] for side in ("base", "head") for name in ("answers", "criteria")]
    return _Decided(
        at=datetime.fromisoformat(report.at),
        title=", ".join(verdict["prompts"]),
        state=verdict["state"],
        same=(*verdict["prompts"], base_of(report.folder), verdict["changed_answers"], verdict["unpaired"], *counts),
        rulings=trust["rulings"],
        deciding=frozenset((one["judge"], one["criterion"]) for one in trust["judges"] if one["decides"]),
    )
