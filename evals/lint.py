"""What is wrong, or worth a look, in the suites: everything that keeps one from loading, and what a reader would ask.

Errors keep a suite from merging, warnings are for its author to weigh, infos only count. What needs more than the
suites themselves (the prompt library, the policy, the day, the judges there are) lies in `Surroundings`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from evals.cases import TWIN_MARK, Case, Suite
from evals.checks.registry import Country
from evals.duplicates import alike
from evals.guidelines import overdue, superseded
from evals.lint_rules import found
from evals.reach import contradictions, impossibilities, repetitions, unjudged
from evals.shapes import SourceShape, SuiteShape
from evals.suitefile import Finding, read_suite, suite_folders
from matria.errors import SuiteError
from matria.policy import Policy
from matria.yamlfile import read_yaml

if TYPE_CHECKING:
    from prompts.repository import PromptLibrary

_ORDER = {"error": 0, "warning": 1, "info": 2}
UNSIGNED = "pending"


@dataclass(frozen=True)
class Surroundings:
    """What the suites are held against."""

    library: "PromptLibrary"
    policy: Policy
    today: date
    country: Country = "US"
    """Whose telephone numbers English answers give."""
    judges: Collection[str] = ()
    """Names of the judges whose model can tell."""


def lint_suites(root: Path, around: Surroundings) -> list[Finding]:
    """All findings below `root`, errors first, then by file and case."""
    folders = suite_folders(root)
    if not folders:
        return [
            found("unreadable", root, "", "there is no suite: a suite is a folder with suite.yaml and cases/*.yaml")
        ]
    findings: list[Finding] = []
    suites: list[tuple[Path, Suite]] = []
    for folder in folders:
        suite, problems = read_suite(folder)
        findings += problems
        if suite is not None:
            suites.append((folder / "suite.yaml", suite))
            findings += _of_suite(folder / "suite.yaml", suite, around)
    findings += _across(suites, around)
    return sorted(findings, key=lambda one: (_ORDER[one.severity], str(one.path), one.case))


def _of_suite(file: Path, suite: Suite, around: Surroundings) -> Iterator[Finding]:
    sources = SuiteShape.model_validate(read_yaml(file, SuiteError)).sources
    for theme, message in _missing_twins(suite):
        yield found("missing-twin", file, theme, message)
    yield from (found("unused-source", file, "", message) for message in _unused_sources(suite.cases, sources))
    yield from (found("superseded-guideline", file, "", message) for message in superseded(sources))
    oldest = around.policy.number("suites.max_guideline_age")
    yield from (found("old-guideline", file, "", message) for message in overdue(sources, oldest, around.today))
    for case in suite.cases:
        yield from (found("contradiction", file, case.id, message) for message in contradictions(case))
        yield from (found("repetition", file, case.id, message) for message in repetitions(case))
        asked = impossibilities(case, around.policy, around.country)
        yield from (found("impossible", file, case.id, message) for message in asked)
        yield from (found("no-judge", file, case.id, message) for message in unjudged(case, around.judges))
    unsigned = sum(case.clinical_review == UNSIGNED for case in suite.cases)
    if unsigned:
        message = f"{unsigned} of {len(suite.cases)} cases wait for a clinician's signature"
        yield found("unsigned", file, "", message)


def _across(suites: Sequence[tuple[Path, Suite]], around: Surroundings) -> Iterator[Finding]:
    """What is seen only over all suites, or beside the prompts."""
    from evals.leaks import leaks

    files = {suite.id: file for file, suite in suites}
    cases = [case for _, suite in suites for case in suite.cases]
    for pair in alike(cases, around.policy.number("suites.near_duplicate")):
        like = "the same conversation" if pair.share == 1 else f"nearly the same conversation ({pair.share:.0%})"
        yield found(
            "duplicate", files[pair.case.suite], pair.case.id, f"{pair.other.suite}/{pair.other.id} holds {like}"
        )
    for leak in leaks(cases, around.library, around.policy.count("suites.leak_words")):
        where = "its conversation" if leak.part == "conversation" else f"criterion '{leak.criterion}'"
        rule = "leak" if leak.part == "conversation" else "criterion-leak"
        message = f'{where} and the prompts share "{leak.words}" ({leak.file})'
        yield found(rule, files[leak.case.suite], leak.case.id, message)


def _missing_twins(suite: Suite) -> Iterator[tuple[str, str]]:
    present: defaultdict[str, set[str]] = defaultdict(set)
    for case in suite.cases:
        if TWIN_MARK not in case.theme:
            present[case.theme].add(case.locale)
    for theme, locales in present.items():
        missing = [locale for locale in suite.locales if locale not in locales]
        if missing:
            yield theme, f"it has no twin in {', '.join(missing)}"


def _unused_sources(cases: Iterable[Case], listed: dict[str, SourceShape]) -> Iterator[str]:
    named = Counter(
        (source.organisation, source.guideline, source.year, source.section)
        for case in cases
        for source in (case.source, *(criterion.source for criterion in case.criteria))
        if source is not None
    )
    for key, source in listed.items():
        if not named[source.organisation, source.guideline, source.year, source.section]:
            yield f"source '{key}' is listed and nothing refers to it"
