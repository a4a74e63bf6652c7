"""Suites as files: `suites/<suite>/suite.yaml` and `cases/*.yaml`, read whole and refused whole.

`load_suite` gives a suite that may be run, or raises one `SuiteError` naming file and case. `read_suite` gives every
problem at once, which is what the linter shows. The keys of the files are in `evals.shapes`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from evals.cases import CLINICAL_AXES, RAILS, Case, Criterion, Passage, Source, Suite, digest
from evals.checks.params import problem_of
from evals.checks.registry import prepare
from evals.judges.params import parse_judge
from evals.shapes import CaseShape, CriterionShape, RefShape, SuiteShape
from evals.twin_files import derived_kinds, join_twins, twin_problems, written_twin
from evals.twin_texts import derive
from matria.errors import SuiteError
from matria.messages import Message
from matria.yamlfile import read_yaml

ShapeT = TypeVar("ShapeT", bound=BaseModel)
CITED = {"guideline", "year", "section", "organisation"}
"""What of a source in suite.yaml goes with each criterion; the rest is for the linter."""


@dataclass(frozen=True)
class Finding:
    """One thing wrong, or worth a look, in a suite."""

    path: Path
    case: str
    """Id of the case, or empty for the file as a whole."""
    message: str
    severity: Literal["error", "warning", "info"] = "error"
    """An error keeps a suite from merging, a warning is for the author to weigh, an info only counts."""
    rule: str = "unreadable"
    """Which rule of `evals.lint.RULES` found it."""

    def __str__(self) -> str:
        return f"{self.path}{f', case {self.case}' if self.case else ''}: {self.message}"


def load_suites(root: Path) -> list[Suite]:
    """Every suite below `root`, by name. Raises `SuiteError` where one does not fit or there is none."""
    folders = suite_folders(root)
    if not folders:
        raise SuiteError(f"{root} holds no suite: a suite is a folder with suite.yaml and cases/*.yaml.")
    return [load_suite(folder) for folder in folders]


def load_suite(path: Path) -> Suite:
    """The suite in the folder `path`. Raises `SuiteError` naming the file and case of the first problem."""
    suite, findings = read_suite(path)
    if suite is None:
        more = f" ({len(findings) - 1} more in this suite.)" if len(findings) > 1 else ""
        raise SuiteError(f"{findings[0]}.{more}")
    return suite


def suite_folders(root: Path) -> list[Path]:
    """The folders of suites below `root`, by name."""
    return sorted(file.parent for file in root.glob("*/suite.yaml"))


def read_suite(path: Path) -> tuple[Suite | None, list[Finding]]:
    """The suite in the folder `path`; or None, with every problem found."""
    findings: list[Finding] = []
    head = _read_file(path / "suite.yaml", SuiteShape, findings)
    if head is None:
        return None, findings
    found = _as_finding(path / "suite.yaml", "", head_problems(head, path.name, "folder"))
    cases: dict[str, Case] = {}
    for entry in _entries(path, findings):
        case = read_case(entry, head, findings)
        if case is not None and case.id in cases:
            findings.append(Finding(entry.path, case.id, "its id is taken by another case of the suite"))
        elif case is not None:
            cases[case.id] = case
    cases, misfits = join_twins(cases)
    findings = [*found, *findings, *(Finding(path, name, problem) for name, problem in misfits.items())]
    if not cases and not findings:
        findings.append(Finding(path, "", "there is no case: write one in cases/<theme>.<locale>.yaml"))
    return (None, findings) if findings else (_suite(head, cases), [])


@dataclass(frozen=True)
class RawCase:
    """A case as its file gave it, and the file."""

    path: Path
    raw: Any


def _read_file(path: Path, shape: type[ShapeT], findings: list[Finding]) -> ShapeT | None:
    try:
        return shape.model_validate(read_yaml(path, SuiteError))
    except SuiteError as error:
        findings.append(_parse_finding(path, error))
    except ValidationError as error:
        findings.append(Finding(path, "", problem_of(error)))
    return None


def _parse_finding(path: Path, error: SuiteError) -> Finding:
    text = str(error).removeprefix(str(path)).lstrip(":, ").removesuffix(".")
    return Finding(path, "", text)


def _as_finding(path: Path, case: str, problems: Iterator[str]) -> list[Finding]:
    return [Finding(path, case, problem) for problem in problems]


def head_problems(head: SuiteShape, name: str, what: str) -> Iterator[str]:
    """What is wrong with what a suite says of itself; `name` is that of its `what`, a folder or a file."""
    if head.id != name:
        yield f"its id is '{head.id}' and its {what} '{name}': make them the same"
    if bool(head.prompts) == (head.subject == "rails"):
        needs = "takes no prompts: its subject is the rails" if head.prompts else "needs at least one prompt"
        yield f"it {needs}"
    for name in head.prompts:
        if name.split("/")[0] not in head.personas or name.count("/") != 1:
            yield f"prompt '{name}' is not of the form <persona>/<name> with a persona of the suite"


def _entries(path: Path, findings: list[Finding]) -> Iterator[RawCase]:
    for file in sorted((path / "cases").glob("*.y*ml")):
        try:
            raw = read_yaml(file, SuiteError)
        except SuiteError as error:
            findings.append(_parse_finding(file, error))
            continue
        if not isinstance(raw, dict) or set(raw) != {"cases"} or not isinstance(raw["cases"], list):
            findings.append(Finding(file, "", "the file must hold exactly one key, 'cases', with a list"))
            continue
        yield from (RawCase(file, entry) for entry in raw["cases"])


def read_case(
    entry: RawCase, head: SuiteShape, findings: list[Finding], criteria: tuple[Criterion, ...] | None = None
) -> Case | None:
    """The case; or None, with its problems added to `findings`. `criteria` are its own where they are known already."""
    name = str(entry.raw.get("id", "without id")) if isinstance(entry.raw, dict) else "without id"
    try:
        shape = CaseShape.model_validate(entry.raw)
    except ValidationError as error:
        findings.append(Finding(entry.path, name, problem_of(error)))
        return None
    problems = _as_finding(entry.path, shape.id, _case_problems(shape, head))
    findings.extend(problems)
    return None if problems else case_of(shape, head, criteria)


def _case_problems(case: CaseShape, head: SuiteShape) -> Iterator[str]:
    if not case.id.endswith(f".{case.locale}"):
        yield f"its id must end in its locale, '.{case.locale}'"
    if case.locale not in head.locales:
        yield f"locale '{case.locale}' is not one of the suite's ({', '.join(head.locales)})"
    if case.persona not in head.personas:
        yield f"persona '{case.persona}' is not one of the suite's ({', '.join(head.personas)})"
    elif head.subject == "assistant" and not any(name.startswith(f"{case.persona}/") for name in head.prompts):
        yield f"no prompt of the suite is for persona '{case.persona}'"
    yield from _subject_problems(case, head)
    if case.messages[-1].role != "user":
        yield "the last message must be the user's"
    yield from _source_problems(case.source, head, "the case")
    if len({passage.id for passage in case.retrieved}) < len(case.retrieved):
        yield "two of its retrieved passages have the same id"
    yield from twin_problems(case)
    seen: set[str] = set()
    for criterion in case.criteria:
        if criterion.id in seen:
            yield f"criterion '{criterion.id}' stands there twice"
        seen.add(criterion.id)
        yield from _criterion_problems(criterion, head)
        yield from _judge_problems(criterion, case)
    if not any(criterion.points > 0 for criterion in case.criteria):
        yield "it needs a criterion with positive points, or it has no score"


def _subject_problems(case: CaseShape, head: SuiteShape) -> Iterator[str]:
    """What only a suite of the rails may hold, and what it may not."""
    if head.subject == "rails":
        if case.instructions and not case.answer:
            yield "it has 'instructions' and no 'answer' that could tell them"
        if any(criterion.judge is not None for criterion in case.criteria):
            yield "a suite of the rails asks no model: use checks, and no judge"
        return
    for key in ("answer", "instructions"):
        if getattr(case, key):
            yield f"'{key}' is for a suite whose subject is the rails"


def _criterion_problems(criterion: CriterionShape, head: SuiteShape) -> Iterator[str]:
    name = f"criterion '{criterion.id}'"
    if criterion.points == 0:
        yield f"{name} has 0 points: give it signed points"
    if criterion.axis == "general":
        yield f"{name}: axis 'general' is for imported suites; name what it is about"
    if (criterion.check is None) == (criterion.judge is None):
        yield f"{name} needs exactly one of 'check' and 'judge'"
    if criterion.axis in CLINICAL_AXES and criterion.source is None:
        yield f"{name} is clinical ({criterion.axis}) and needs a source: {{ref: <key of suite.yaml>}}"
    yield from _source_problems(criterion.source, head, name)
    if criterion.check is not None:
        try:
            prepare(criterion.check)
        except ValueError as error:
            yield f"{name}: {error}"


def _judge_problems(criterion: CriterionShape, case: CaseShape) -> Iterator[str]:
    if criterion.judge is None:
        return
    try:
        spec = parse_judge(criterion.judge)
    except ValueError as error:
        yield f"criterion '{criterion.id}': {error}"
        return
    missing = [need for need in spec.params.needs if not getattr(case, need)]
    if missing:
        metric = spec.given.get("metric")
        yield f"criterion '{criterion.id}': {spec.name}/{metric} needs the case's {' and '.join(map(repr, missing))}"


def _source_problems(source: RefShape | None, head: SuiteShape, name: str) -> Iterator[str]:
    if source is not None and source.ref not in head.sources:
        yield f"{name}: source '{source.ref}' is not listed in suite.yaml"


def _suite(head: SuiteShape, cases: Mapping[str, Case]) -> Suite:
    ordered = tuple(cases[name] for name in sorted(cases))
    twins = tuple(twin for case in ordered for twin in derive(case))
    return Suite(
        id=head.id,
        title=head.title,
        purpose=head.purpose,
        owner=head.owner,
        personas=head.personas,
        locales=head.locales,
        prompts=prompts_of(head),
        cases=ordered,
        digest=digest([case.digest for case in (*ordered, *twins)]),
        twins=twins,
        subject=head.subject,
    )


def prompts_of(head: SuiteShape) -> tuple[str, ...]:
    """What the suite's cases are put to, by name."""
    return head.prompts if head.subject == "assistant" else (RAILS,)


def case_of(case: CaseShape, head: SuiteShape, criteria: tuple[Criterion, ...] | None = None) -> Case:
    """The case that a shape without problems describes; `criteria` are its own where they are known already."""
    criteria = tuple(_criterion(c, head) for c in case.criteria) if criteria is None else criteria
    return Case(
        id=case.id,
        suite=head.id,
        locale=case.locale,
        persona=case.persona,
        stage=case.stage,
        messages=tuple(Message(m.role, m.content) for m in case.messages),
        criteria=criteria,
        vars=case.vars,
        retrieved=tuple(Passage(p.id, p.text, p.source) for p in case.retrieved),
        reference=case.reference,
        source=_source(case.source, head),
        clinical_review=case.clinical_review,
        answer=case.answer,
        instructions=case.instructions,
        twin=written_twin(case, criteria),
        derives=derived_kinds(case, head, criteria),
    )


def _criterion(criterion: CriterionShape, head: SuiteShape) -> Criterion:
    judge = parse_judge(criterion.judge) if criterion.judge else None
    return Criterion(
        id=criterion.id,
        text=criterion.text,
        points=criterion.points,
        axis=criterion.axis,
        check=criterion.check,
        judge=judge.name if judge else None,
        judge_params=judge.given if judge else {},
        source=_source(criterion.source, head),
        never=criterion.never,
    )


def _source(reference: RefShape | None, head: SuiteShape) -> Source | None:
    return Source(**head.sources[reference.ref].model_dump(include=CITED)) if reference else None
