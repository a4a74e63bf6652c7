"""The rules of the suite linter by name: how grave each is and what it means; docs/reference/suites.md lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.suitefile import Finding


@dataclass(frozen=True)
class Rule:
    """One thing that the linter looks for."""

    severity: Literal["error", "warning", "info"]
    meaning: str


RULES: Mapping[str, Rule] = {
    "unreadable": Rule(
        "error", "A file or a case does not load: a key, a check, a source, a review or a twin is wrong."
    ),
    "duplicate": Rule("warning", "Two cases of a locale, of any suites, ask the same or nearly the same."),
    "contradiction": Rule("error", "Meeting a criterion with positive points always meets one with negative points."),
    "repetition": Rule("warning", "Two criteria of a case look for the same, so that it counts twice."),
    "impossible": Rule(
        "error", "No answer can meet a criterion with positive points, or its threshold does not exist."
    ),
    "no-judge": Rule(
        "info", "Some points can only come from a judge, and none is configured whose word means anything."
    ),
    "leak": Rule(
        "error", "A case's conversation and a prompt share many words in a row: the prompt knows the question."
    ),
    "criterion-leak": Rule("warning", "A criterion's wording and a prompt share many words in a row."),
    "superseded-guideline": Rule("error", "A source has a `superseded_by`."),
    "old-guideline": Rule("warning", "A source is too old and has no `review_by`, or that day has passed."),
    "unused-source": Rule("warning", "suite.yaml lists a source that nothing refers to."),
    "missing-twin": Rule("warning", "A case is missing in one of the suite's locales."),
    "unsigned": Rule("info", "Cases that no clinician has signed, counted."),
}


def found(rule: str, path: Path, case: str, message: str) -> Finding:
    """One finding, as grave as its rule."""
    return Finding(path, case, message, RULES[rule].severity, rule)
