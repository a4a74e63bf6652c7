"""`evals/trust.yaml`: how far each judge is trusted, in the checkout, where a pull request's gate can read it.

Counts and figures alone: no nurse, no item, no text. What a file says of a judge's state is not taken on trust itself:
read with a policy, the state is made anew from the figures, so that a raised bar holds at once and an edited state does
nothing. Who may change the figures is for `.github/CODEOWNERS`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evals.judges.trust import Interval, Trust, TrustBook, TrustState
from evals.judges.trusting import Bar
from matria.durable import write_text
from matria.errors import InputError
from matria.policy import Policy
from matria.yamlfile import read_yaml, refuse_twice

TRUST_FILE = Path("evals") / "trust.yaml"
"""Below the checkout."""
_HEAD = """\
# How far each judge is trusted, by what nurses read blind: docs/reference/judge-trust.md. Written by the nurses' week.
# A judge below the bar of policy.yaml, section trust, informs; it neither passes nor blocks a gate.
"""
_FIGURES = ("kappa", "sensitivity", "specificity")
_WIDTH = 116
_ROUNDED = 0.001
"""Counts of equal weight are kept to four decimals."""

Count = Annotated[int, Field(ge=0)]
Effective = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Figure = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _IntervalShape(_Shape):
    value: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "_IntervalShape":
        ends = [end for end in (self.low, self.value, self.high) if end is not None]
        if len(ends) not in (0, 3):
            raise ValueError("a value and both its ends go together")
        if ends != sorted(ends):
            raise ValueError("its value does not lie between its ends")
        return self


class _TrustShape(_Shape):
    judge: Text
    criterion: Text
    state: TrustState
    n: Count
    failed: Count
    cannot_tell: Count
    met: Count
    not_met: Count
    effective_met: Effective
    effective_not_met: Effective
    is_weighted: bool
    nurses: Count
    kappa: _IntervalShape
    sensitivity: _IntervalShape
    specificity: _IntervalShape
    until: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    is_simulated: bool

    @model_validator(mode="after")
    def _is_measured(self) -> "_TrustShape":
        date.fromisoformat(self.until)
        if self.state == "trusted" and None in [getattr(self, name).value for name in _FIGURES]:
            raise ValueError("is trusted without figures")
        return self

    @model_validator(mode="after")
    def _agrees(self) -> "_TrustShape":
        """Its counts with each other: its state is made from them, so a typing error must not make a judge trusted."""
        if not max(self.met, self.not_met) <= self.n <= self.met + self.not_met:
            raise ValueError(f"n is {self.n}, which met ({self.met}) and not_met ({self.not_met}) do not come to")
        sides = ("met", self.sensitivity, "sensitivity"), ("not_met", self.specificity, "specificity")
        for name, figure, called in sides:
            count, effective = getattr(self, name), getattr(self, f"effective_{name}")
            if effective > count + _ROUNDED:
                raise ValueError(f"effective_{name} is {effective:g}, more than {name}, which is {count}")
            if (figure.value is None) != (count == 0):
                raise ValueError(f"{called} is {'missing' if count else 'there'}, though {name} is {count}")
        return self


class _FileShape(_Shape):
    week: Annotated[str, Field(pattern=r"^(\d{4}-W\d{2})?$")]
    policy: Annotated[str, Field(pattern=r"^[0-9a-f]*$")]
    judges: list[_TrustShape] | None


def write_trust(path: Path, book: TrustBook, *, week: str, policy: Policy) -> Path:
    """The file, whole or as it was; the same book gives the same bytes. Raises `StorageError`."""
    import yaml

    judges = [_as_dict(book.known[key]) for key in sorted(book.known)]
    data = {"week": week, "policy": policy.digest, "judges": judges}
    return write_text(path, _HEAD + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=_WIDTH))


def read_trust(path: Path, policy: Policy | None = None, today: date | None = None) -> TrustBook:
    """The book in the file; an empty one where there is no file. Raises `InputError`.

    With a policy states are what its bar makes of the figures; with a day too, figures that are too old are unmeasured,
    and such as are of a day to come are refused.
    """
    if not path.exists():
        return TrustBook()
    known: dict[tuple[str, str], Trust] = {}
    for number, shape in enumerate(_shapes(path), 1):
        found = _trust(shape)
        if (found.judge, found.criterion) in known:
            raise InputError(
                f"{path}, entry {number}: '{found.judge}' stands twice for {found.criterion}; leave one of them."
            )
        if today is not None and date.fromisoformat(found.until) > today:
            raise InputError(
                f"{path}, entry {number}, until: {found.until} is still to come; nobody can have read then."
            )
        if policy is not None:
            found = replace(found, state=Bar.of(policy).state(found, today))
        known[found.judge, found.criterion] = found
    return TrustBook(known)


def _as_dict(trust: Trust) -> dict[str, Any]:
    figures = {name: vars(getattr(trust, name)) for name in _FIGURES}
    return {name: {**vars(trust), **figures}[name] for name in _TrustShape.model_fields}


def _trust(shape: _TrustShape) -> Trust:
    figures = {name: Interval(**dict(getattr(shape, name))) for name in _FIGURES}
    return Trust(**{**dict(shape), **figures})


def _shapes(path: Path) -> list[_TrustShape]:
    content = read_yaml(path, InputError)
    refuse_twice(path.read_text(encoding="utf-8-sig"), str(path), InputError)
    try:
        return _FileShape.model_validate(content).judges or []
    except ValidationError as error:
        raise InputError(f"{path}: {'; '.join(_problems(error))}. See docs/reference/judge-trust.md.") from error


def _problems(error: ValidationError) -> Iterator[str]:
    """Each problem with the number of its entry, as people count."""
    for problem in error.errors():
        place: tuple[int | str, ...] = problem["loc"]
        is_entry = len(place) > 1 and isinstance(place[1], int)
        entry = f"entry {int(place[1]) + 1}" if is_entry else "the file"
        field = ".".join(str(part) for part in (place[2:] if is_entry else place))
        yield f"{entry}{f', {field}' if field else ''}: {_sentence(problem['type'], problem.get('ctx', {}))}"


_SENTENCES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is no name that belongs here",
    "model_type": "names with their values are expected",
    "list_type": "a list is expected, each entry behind a dash",
    "literal_error": "is none of trusted, untrusted, unmeasured",
}


def _sentence(kind: str, context: Mapping[str, Any]) -> str:
    return str(context["error"]) if kind == "value_error" else _SENTENCES.get(kind, "does not fit")
