"""What is wrong, or worth a look, in the suites: everything that keeps one from loading, and what a reader would ask.

Errors are the loader's own (`evals.suitefile`). Warnings do not stop a run: a twin missing in one of the suite's
locales, two cases that ask the same, a guideline that nothing refers to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from evals.cases import Suite
from evals.shapes import SuiteShape
from evals.suitefile import Finding, read_suite, suite_folders
from matria.errors import SuiteError
from matria.yamlfile import read_yaml


def lint_suites(root: Path) -> list[Finding]:
    """All findings below `root`, errors first; empty where every suite is well."""
    folders = suite_folders(root)
    if not folders:
        return [Finding(root, "", "there is no suite: a suite is a folder with suite.yaml and cases/*.yaml")]
    findings = [finding for folder in folders for finding in lint_suite(folder)]
    return sorted(findings, key=lambda finding: finding.severity)


def lint_suite(folder: Path) -> list[Finding]:
    """The findings of one suite."""
    suite, findings = read_suite(folder)
    if suite is None:
        return findings
    file = folder / "suite.yaml"
    warnings = [*_missing_twins(suite), *_same_questions(suite), *_unused_sources(suite, file)]
    return [Finding(file, case, message, "warning") for case, message in warnings]


def _missing_twins(suite: Suite) -> Iterator[tuple[str, str]]:
    present: defaultdict[str, set[str]] = defaultdict(set)
    for case in suite.cases:
        present[case.theme].add(case.locale)
    for theme, locales in present.items():
        missing = [locale for locale in suite.locales if locale not in locales]
        if missing:
            yield theme, f"it has no twin in {', '.join(missing)}"


def _same_questions(suite: Suite) -> Iterator[tuple[str, str]]:
    texts = Counter((case.locale, *(message.content for message in case.messages)) for case in suite.cases)
    for case in suite.cases:
        if texts[(case.locale, *(message.content for message in case.messages))] > 1:
            yield case.id, "another case of the suite holds the same conversation"


def _unused_sources(suite: Suite, file: Path) -> Iterator[tuple[str, str]]:
    used = {c.source for case in suite.cases for c in case.criteria} | {case.source for case in suite.cases}
    listed = SuiteShape.model_validate(read_yaml(file, SuiteError)).sources
    names = {(source.guideline, source.year, source.section) for source in used if source}
    for key, source in listed.items():
        if (source.guideline, source.year, source.section) not in names:
            yield "", f"source '{key}' is listed and nothing refers to it"
