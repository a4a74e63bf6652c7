"""Golden cases as files of their suite: one file for each week and language, and the week added to suite.yaml.

What stands there stays as it is, with what a clinician has signed or added: new cases are written after it.
A case is held against what is there before it is written: a prompt's own text must not hold it, and no case may ask the
same already. What is refused is said, never dropped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evals.cases import Suite
from evals.duplicates import alike
from evals.leaks import leaks, nearly
from evals.review.golden import SUITE, GoldenCase, NotProposed, source_key, source_of
from evals.suitefile import load_suite
from matria.errors import SuiteError
from matria.messages import LOCALES
from matria.policy import Policy
from matria.yamlfile import read_yaml
from prompts.repository import PromptLibrary

FOLDER = Path("evals/suites") / SUITE
PROMPTS = ("gestante/triagem", "puerpera/apoio")
_HEAD: Mapping[str, Any] = {
    "id": SUITE,
    "title": "What nurses taught",
    "purpose": "Answers that nurses read in their weekly review and flagged: what was missed is not missed again.",
    "owner": "clinical-team",
    "personas": ["gestante", "puerpera"],
    "locales": list(LOCALES),
    "prompts": list(PROMPTS),
    "clinical_review": "pending",
}


@dataclass(frozen=True)
class Checked:
    """What may be written, and what may not."""

    cases: tuple[GoldenCase, ...]
    refused: tuple[NotProposed, ...]


def write_suite(root: Path, cases: Sequence[GoldenCase]) -> list[Path]:
    """The files that hold the cases below `root`, the suite's head first. Raises `SuiteError` where it does not load.

    A case that a file holds already is not touched.
    """
    folder = root / FOLDER
    (folder / "cases").mkdir(parents=True, exist_ok=True)
    written = [_write_head(folder / "suite.yaml", cases)]
    for (batch_id, locale), own in _by_file(cases).items():
        path = folder / "cases" / f"{batch_id.lower()}.{locale}.yaml"
        written.append(_append(path, [dict(one.case) for one in own]))
    load_suite(folder)
    return written


def new_ones(cases: Iterable[GoldenCase], suites: Iterable[Suite]) -> tuple[GoldenCase, ...]:
    """Those of the cases that the suites do not hold yet, under their ids."""
    known = {case.id for suite in suites if suite.id == SUITE for case in suite.cases}
    return tuple(one for one in cases if one.case["id"] not in known)


def checked(root: Path, cases: Sequence[GoldenCase], suites: Sequence[Suite], policy: Policy) -> Checked:
    """Those of the cases, written below `root`, that leak into no prompt and repeat no case of `suites`."""
    suite = load_suite(root / FOLDER)
    own = {case.id: case for case in suite.cases}
    why: dict[str, str] = {}
    library = PromptLibrary(root / "prompts" / "library")
    proposed = [own[str(one.case["id"])] for one in cases]
    for leak in leaks(proposed, library, policy.count("suites.leak_words")):
        if leak.part == "conversation":
            why[leak.case.id] = f"the prompt file {leak.file} holds its words “{leak.words}”"
    near = policy.number("suites.near_duplicate")
    for leak in nearly(proposed, library, near):
        why.setdefault(leak.case.id, f"the prompt file {leak.file} asks nearly the same: “{leak.words}”")
    known = [case for other in suites if other.id != SUITE for case in other.cases]
    earlier = [case for case in suite.cases if case.id not in {one.id for one in proposed}]
    for likeness in alike([*known, *earlier, *proposed], near):
        if likeness.case.id in {one.id for one in proposed}:
            why.setdefault(likeness.case.id, f"case {likeness.other.suite}/{likeness.other.id} asks the same")
    refused = tuple(NotProposed(one.item_id, why[str(one.case["id"])]) for one in cases if one.case["id"] in why)
    return Checked(tuple(one for one in cases if one.case["id"] not in why), refused)


def _write_head(path: Path, cases: Iterable[GoldenCase]) -> Path:
    """The suite's head with the weeks of the cases among its sources; one that is known stays as it was edited."""
    known = _read(path) if path.is_file() else dict(_HEAD)
    sources = known.get("sources") or {}
    weeks = sorted({one.batch_id for one in cases if source_key(one.batch_id) not in sources})
    if not weeks and path.is_file():
        return path
    return _write(path, {**known, "sources": {**sources, **{source_key(week): source_of(week) for week in weeks}}})


def _append(path: Path, cases: Sequence[Mapping[str, Any]]) -> Path:
    """The file with the cases after its own; what it says by now is not written again, so that comments stay."""
    if not path.is_file():
        return _write(path, {"cases": list(cases)})
    known = _read(path)
    ids = {case["id"] for case in known["cases"]}
    new = [case for case in cases if case["id"] not in ids]
    if not new:
        return path
    whole = {**known, "cases": [*known["cases"], *new]}
    text = path.read_text(encoding="utf-8")
    longer = f"{text.rstrip()}\n{_text(new)}"
    if not _says(longer, whole):
        return _write(path, whole)
    path.write_text(longer, encoding="utf-8")
    return path


def _says(text: str, value: Mapping[str, Any]) -> bool:
    """Whether a text, written on as a list without indent, is what was meant."""
    try:
        return bool(yaml.safe_load(text) == value)
    except yaml.YAMLError:
        return False


def _read(path: Path) -> dict[str, Any]:
    return dict(read_yaml(path, SuiteError))


def _by_file(cases: Iterable[GoldenCase]) -> dict[tuple[str, str], list[GoldenCase]]:
    found: dict[tuple[str, str], list[GoldenCase]] = {}
    for one in cases:
        found.setdefault((one.batch_id, one.locale), []).append(one)
    return found


def _write(path: Path, value: Mapping[str, Any]) -> Path:
    path.write_text(_text(dict(value)), encoding="utf-8")
    return path


def _text(value: object) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=116))
