"""What nurses have said of answers to a case before: read beside a new answer, never in its place.

A precedent is one nurse's judgement of one criterion of one answer. They lie as JSON Lines, one each, appended by the
review and read here.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from matria.errors import InputError


@dataclass(frozen=True)
class Precedent:
    """One criterion of one answer, as a nurse judged it."""

    suite: str
    case: str
    criterion: str
    met: bool
    reviewed_on: date
    note: str = ""
    answer: str = ""
    """The answer that was judged, or its beginning."""


class Precedents(Protocol):
    """Judgements of nurses, by case."""

    def of(self, suite: str, case: str) -> list[Precedent]:
        """The judgements on answers to one case, the newest first; empty where nobody has judged one."""


@dataclass(frozen=True)
class FilePrecedents:
    """Precedents in a file of JSON Lines; a file that is not there is a review that has not begun."""

    path: Path

    def of(self, suite: str, case: str) -> list[Precedent]:
        """The judgements on answers to one case, the newest first. Raises `InputError` naming a line at fault."""
        found = [p for p in self._all() if (p.suite, p.case) == (suite, case)]
        return sorted(found, key=lambda p: p.reviewed_on, reverse=True)

    def _all(self) -> Iterator[Precedent]:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield self._parsed(line, number)

    def _parsed(self, line: str, number: int) -> Precedent:
        try:
            data: dict[str, Any] = json.loads(line)
            precedent = Precedent(**{**data, "reviewed_on": date.fromisoformat(data["reviewed_on"])})
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self.path}, line {number} is not a nurse's judgement: correct or remove it.") from error
        if not isinstance(precedent.met, bool):
            raise InputError(f"{self.path}, line {number}: 'met' must be true or false.")
        return precedent
