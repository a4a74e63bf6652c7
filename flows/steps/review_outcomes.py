"""What the nurses' page shows of a week's outcomes, read from the last report on the shelf.

A page asks each time it is opened, so what was read is kept until the report or the proposals change.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from evals.review.report import CaseState
    from evals.review.web.changes import Changes, Figure, WeekFigures
    from flows.wiring import Platform


def case_states(root: Path, home: Path, names: Iterable[str]) -> "dict[str, CaseState]":
    """How far each case has come: in the suites of the checkout, on a branch, or neither."""
    from evals.review.golden import SUITE

    accepted = _texts(root / "evals" / "suites" / SUITE / "cases", "*.yaml")
    proposed = _texts(home / "review" / "proposals", "*.md")
    return {
        name: "accepted" if f"id: {name}\n" in accepted else "proposed" if f"`{name}`" in proposed else "flagged"
        for name in names
    }


class ShelfOutcomes:
    """Outcomes by the newest report; implements `evals.review.web.changes.Outcomes`."""

    def __init__(self, platform: "Platform") -> None:
        self._platform = platform
        self._read: tuple[tuple[str, ...], dict[str, Any] | None] = ((), None)

    def changes(self) -> "Changes | None":
        """Of the last week that has a report."""
        from evals.review.report_data import gate_change_of, trust_change_of
        from evals.review.web.changes import Changes, ProposedCase

        data = self._data()
        if data is None:
            return None
        suites = {one["case"]: one["suite"] for one in data["golden"]}
        states = case_states(self._platform.settings.root, self._platform.settings.home, suites)
        return Changes(
            week=data["week"],
            golden=tuple(
                ProposedCase(name, suites[name], state) for name, state in states.items() if state != "flagged"
            ),
            judges=tuple(trust_change_of(one) for one in data["trust_changes"]),
            gates=tuple(gate_change_of(one) for one in data["gates"]),
            figures=_figures(data)[:SHOWN],
        )

    def figures(self) -> "WeekFigures | None":
        """Of the last week that has a report; None where nothing was to be estimated."""
        from evals.review.web.changes import WeekFigures

        data = self._data()
        if data is None or not data["figures"]:
            return None
        return WeekFigures(data["week"], _figures(data), data["is_simulated"])

    def _data(self) -> dict[str, Any] | None:
        """The report of the newest week; of several the newest."""
        paths = sorted((self._platform.settings.home / "reports" / "review").glob("*/report.json"))
        key = tuple(f"{path}:{path.stat().st_mtime_ns}" for path in paths)
        if key != self._read[0]:
            self._read = key, _newest(path.parent / "review.json" for path in paths)
        return self._read[1]


SHOWN = 2
"""Figures on the page of what changed: harm and safety; those who look after the week see all."""


def _newest(paths: Iterable[Path]) -> dict[str, Any] | None:
    found: dict[str, Any] | None = None
    for path in paths:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if found is None or data["week"] >= found["week"]:
            found = data
    return found


def _figures(data: Mapping[str, Any]) -> "tuple[Figure, ...]":
    from evals.review.web.changes import Figure

    return tuple(Figure(**one) for one in data["figures"])


def _texts(folder: Path, pattern: str) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob(pattern))) + "\n"
