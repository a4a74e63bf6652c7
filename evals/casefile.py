"""A suite as one JSON Lines file, for more cases than one wants in memory: read line by line, each time it is walked.

The first line is `{"suite": {...}}` with the keys of suite.yaml, and its id is the file's name without `.jsonl`; every
other line is a case with the keys of a case in YAML. Loading looks at every line once and remembers where each begins,
8 bytes a case. Twins are for suites in YAML: they are joined with cases that may lie anywhere in the suite.
"""

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, overload

import orjson
from pydantic import ValidationError

from evals.cases import Case, Criterion, Suite
from evals.checks.params import problem_of
from evals.shapes import CaseShape, CriterionShape, SuiteShape
from evals.suitefile import Finding, RawCase, case_of, head_problems, prompts_of, read_case
from matria.errors import SuiteError

SUFFIX = ".jsonl"
KEPT_CRITERIA = 1_000
"""Different lists of criteria that are shared by the cases that have them."""
KEPT_CASES = 2_000
"""So few cases stay in memory; more are read from the file on each walk."""


class _Criteria(NamedTuple):
    """Criteria that several cases have: as the file gives them, and as a case has them."""

    shapes: tuple[CriterionShape, ...]
    built: tuple[Criterion, ...]


class CaseFile(Sequence[Case]):
    """The cases of a file, in its order. An access raises `SuiteError` where the file changed meanwhile."""

    def __init__(self, path: Path, head: SuiteShape) -> None:
        self._path = path
        self._head = head
        self._places = array("Q")
        self._criteria: dict[bytes, _Criteria] = {}
        self._kept: list[Case] | None = []

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Case: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Case]: ...

    def __getitem__(self, index: int | slice) -> Case | Sequence[Case]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self))))
        with self._path.open("rb") as file:
            file.seek(self._places[index])
            return self._case(file.readline())

    def __iter__(self) -> Iterator[Case]:
        if self._kept is not None:
            yield from self._kept
            return
        with self._path.open("rb") as file:
            file.readline()
            for line in file:
                if line.strip():
                    yield self._case(line)

    def read_through(self) -> str:
        """Looks at every line; the digest over the cases, as if they had come from YAML. Raises `SuiteError`."""
        total, hashes = hashlib.sha256(b"["), array("Q")
        with self._path.open("rb") as file:
            place = len(file.readline())
            for number, line in enumerate(file, 2):
                if line.strip():
                    case = self._checked(line, number)
                    total.update(b'%b"%b"' % (b"," if self._places else b"", case.digest.encode()))
                    self._places.append(place)
                    hashes.append(int.from_bytes(hashlib.blake2b(case.id.encode(), digest_size=8).digest()))
                    self._keep(case)
                place += len(line)
        self._refuse_twice(hashes)
        if not self._places:
            raise SuiteError(f"{self._path} holds no case: write one on each line after the first.")
        total.update(b"]")
        return total.hexdigest()

    def _keep(self, case: Case) -> None:
        """A file of few cases stays in memory."""
        if self._kept is not None:
            self._kept.append(case)
            if len(self._kept) > KEPT_CASES:
                self._kept = None

    def _checked(self, line: bytes, number: int) -> Case:
        """A case seen for the first time; criteria seen before are not parsed again."""
        raw = _parsed(line, self._path, number)
        key = orjson.dumps(raw["criteria"]) if isinstance(raw, dict) and "criteria" in raw else b""
        known = self._criteria.get(key)
        findings: list[Finding] = []
        given = raw if known is None else {**raw, "criteria": known.shapes}
        case = read_case(RawCase(self._path, given), self._head, findings, known.built if known else None)
        if case is None:
            raise SuiteError(f"{findings[0]} (line {number}).")
        if case.twin or case.derives:
            raise SuiteError(
                f"{self._path}, line {number}: a file of cases has no twins; keep cases with twins in YAML."
            )
        if known is None and len(self._criteria) < KEPT_CRITERIA:
            self._criteria[key] = _Criteria(CaseShape.model_validate(raw).criteria, case.criteria)
        return case

    def _case(self, line: bytes) -> Case:
        """A case that has been looked at before."""
        try:
            raw = orjson.loads(line)
            known = self._criteria.get(orjson.dumps(raw["criteria"]))
            shape = CaseShape.model_validate({**raw, "criteria": known.shapes} if known else raw)
        except (ValueError, TypeError, KeyError) as error:
            raise SuiteError(f"{self._path} has changed since it was read: run the command again.") from error
        return case_of(shape, self._head, known.built if known else None)

    def _refuse_twice(self, hashes: "array[int]") -> None:
        """Ids are compared by 64 bits of a hash, and two that agree in those as they stand."""
        ordered = sorted(range(len(hashes)), key=hashes.__getitem__)
        for first, second in pairwise(ordered):
            if hashes[first] == hashes[second] and self[first].id == self[second].id:
                raise SuiteError(f"{self._path}, case {self[second].id}: its id is taken by another case of the file.")


def load_case_file(path: Path) -> Suite:
    """The file as a suite, whose cases are read as they are walked. Raises `SuiteError` naming the line at fault."""
    try:
        with path.open("rb") as file:
            first = _parsed(file.readline(), path, 1)
    except FileNotFoundError:
        raise SuiteError(f"{path} is missing: check the path.") from None
    except OSError as error:
        raise SuiteError(f"{path} cannot be read ({error.strerror}): name a file of cases.") from error
    head = _head(first, path)
    cases = CaseFile(path, head)
    return Suite(
        id=head.id,
        title=head.title,
        purpose=head.purpose,
        owner=head.owner,
        personas=head.personas,
        locales=head.locales,
        prompts=prompts_of(head),
        digest=cases.read_through(),
        cases=cases,
        subject=head.subject,
    )


def _head(first: Any, path: Path) -> SuiteShape:
    if not isinstance(first, dict) or set(first) != {"suite"}:
        raise SuiteError(f'{path}, line 1: the first line must be {{"suite": {{...}}}} with the keys of suite.yaml.')
    try:
        head = SuiteShape.model_validate(first["suite"])
    except ValidationError as error:
        raise SuiteError(f"{path}, line 1: {problem_of(error)}.") from None
    for problem in head_problems(head, path.name.removesuffix(SUFFIX), "file"):
        raise SuiteError(f"{path}, line 1: {problem}.")
    return head


def _parsed(line: bytes, path: Path, number: int) -> Any:
    try:
        return orjson.loads(line)
    except ValueError:
        raise SuiteError(f"{path}, line {number}: it is not JSON; correct or remove that line.") from None
