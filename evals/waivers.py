"""Waivers: losses that a named person accepts for a while, written in `evals/waivers.yaml` of the pull request itself.

A waiver names one never-event of one case, one axis of one prompt, or one case whose answer is stopped, with its owner,
reason and last day. It lets that
loss through and nothing else, and the verdict names it. It never waives an `error`: what could not be evaluated cannot
be accepted. Who may write one is decided by `.github/CODEOWNERS`; how long it may last, by `gate.max_waiver_days`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from evals.cases import Axis
from matria.errors import InputError
from matria.messages import LOCALES
from matria.policy import Policy
from matria.yamlfile import read_yaml

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_DAYS = "gate.max_waiver_days"


@dataclass(frozen=True)
class NeverEventTarget:
    """One criterion of one case."""

    case: str
    """With its locale, or without: then in every locale."""
    criterion: str

    def __str__(self) -> str:
        return f"{self.case}/{self.criterion}"


@dataclass(frozen=True)
class AxisTarget:
    """One axis under one prompt, or within a part of the cases."""

    axis: Axis
    prompt: str
    """With its locale, or without: then in every locale."""
    part: str = ""
    """Value of a slice, such as `pt-BR`; empty means the axis as a whole and none of its slices."""

    def __str__(self) -> str:
        return f"{self.axis} of {self.prompt}" + (f" within {self.part}" if self.part else "")


@dataclass(frozen=True)
class StoppedTarget:
    """The answers of one case that the rails stop."""

    case: str
    """With its locale, or without: then in every locale."""

    def __str__(self) -> str:
        return f"{self.case}/stopped"


Target = NeverEventTarget | AxisTarget | StoppedTarget


@dataclass(frozen=True)
class Waiver:
    """One loss that is accepted until a day."""

    target: Target
    owner: str
    reason: str
    expires: date
    """The last day on which it holds, UTC."""
    issue: str = ""
    """Address where it is followed up; empty where there is none."""


@dataclass(frozen=True)
class Waivers:
    """What the file holds on a day: those in force, and those that expired, in its order."""

    in_force: tuple[Waiver, ...] = ()
    expired: tuple[Waiver, ...] = ()

    def never_event(self, case: str, criterion: str) -> Waiver | None:
        """The waiver of a criterion of a case, or None."""
        for waiver in self.in_force:
            target = waiver.target
            if isinstance(target, NeverEventTarget) and target.criterion == criterion and _names(target.case, case):
                return waiver
        return None

    def stopped(self, case: str) -> Waiver | None:
        """The waiver of a case's stopped answers, or None."""
        for waiver in self.in_force:
            if isinstance(waiver.target, StoppedTarget) and _names(waiver.target.case, case):
                return waiver
        return None

    def axis(self, axis: str, prompts: Sequence[str], part: str = "") -> tuple[Waiver, ...]:
        """The waivers of an axis that together name every prompt compared; empty where one of them is not named.

        The figures of an axis are over all prompts compared, so a waiver for one cannot let another's loss through.
        """
        found: dict[Waiver, None] = {}
        for prompt in prompts:
            waiver = self._axis(axis, prompt, part)
            if waiver is None:
                return ()
            found[waiver] = None
        return tuple(found)

    def _axis(self, axis: str, prompt: str, part: str) -> Waiver | None:
        for waiver in self.in_force:
            target = waiver.target
            if not isinstance(target, AxisTarget) or (target.axis, target.part) != (axis, part):
                continue
            if _names(target.prompt, prompt):
                return waiver
        return None


NO_WAIVERS = Waivers()


def load_waivers(path: Path, policy: Policy, today: date) -> Waivers:
    """The waivers of the file; none where there is no file.

    Raises `InputError` naming the entry that is malformed, doubled, or lasts longer than `gate.max_waiver_days`.
    """
    if not path.exists():
        return NO_WAIVERS
    waivers = [_waiver(shape) for shape in _shapes(path)]
    latest = today + timedelta(days=policy.count(MAX_DAYS))
    targets: set[Target] = set()
    for number, waiver in enumerate(waivers, 1):
        if waiver.expires > latest:
            raise InputError(
                f"{path}, entry {number}: expires on {waiver.expires}, and {latest} is the latest that {MAX_DAYS} of "
                "policy.yaml allows; write an earlier day and renew it then."
            )
        if waiver.target in targets:
            raise InputError(f"{path}, entry {number}: {waiver.target} is waived twice; keep one of them.")
        targets.add(waiver.target)
    return Waivers(
        tuple(waiver for waiver in waivers if waiver.expires >= today),
        tuple(waiver for waiver in waivers if waiver.expires < today),
    )


def _names(given: str, full: str) -> bool:
    """Whether a name, with or without its locale, is that of `full`."""
    stem, _, locale = full.rpartition(".")
    return given == full or (locale in LOCALES and given == stem)


DAY = "a day such as 2026-12-31 is expected"


def _as_day(value: Any) -> date:
    """A day, as YAML reads 2026-12-31 or as text; a moment within a day and a number are refused."""
    if isinstance(value, datetime):
        raise ValueError(f"{DAY}, without a time")  # noqa: TRY004  (pydantic turns it into its own)
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(DAY) from None


Text = Annotated[str, Field(min_length=1, max_length=500)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class _NeverEventShape(_Shape):
    case: Text
    criterion: Text


class _AxisShape(_Shape):
    name: Axis
    prompt: Text
    part: str = Field("", alias="slice", max_length=100)


class _StoppedShape(_Shape):
    case: Text


class _WaiverShape(_Shape):
    never_event: _NeverEventShape | None = None
    axis: _AxisShape | None = None
    stopped: _StoppedShape | None = None
    owner: Text
    reason: Text
    expires: Annotated[date, BeforeValidator(_as_day)]
    issue: str = Field("", pattern=r"^(https://\S+)?$", max_length=500)

    @model_validator(mode="after")
    def _one_target(self) -> "_WaiverShape":
        if sum(target is not None for target in (self.never_event, self.axis, self.stopped)) != 1:
            raise ValueError("names none of never_event, axis and stopped, or several; name one")
        return self


class _FileShape(_Shape):
    waivers: tuple[_WaiverShape, ...] | None


def _shapes(path: Path) -> Iterable[_WaiverShape]:
    content = read_yaml(path, InputError)
    try:
        return _FileShape.model_validate({"waivers": None} if content is None else content).waivers or ()
    except ValidationError as error:
        raise InputError(f"{path}: {'; '.join(_problems(error))}. See docs/reference/waivers.md.") from error


def _problems(error: ValidationError) -> Iterator[str]:
    """Each problem with the number of its entry, as people count, and the name that stands in the file."""
    for problem in error.errors():
        place = problem["loc"]
        entry = f"entry {int(place[1]) + 1}" if len(place) > 1 else "the file"
        field = ".".join(str(name) for name in (place[2:] if len(place) > 1 else place))
        yield f"{entry}{f', {field}' if field else ''}: {_sentence(problem)}"


_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is no name that belongs here",
    "string_too_short": "is empty",
    "string_type": "a text is expected",
    "string_pattern_mismatch": "an address that begins with https:// is expected, without spaces",
    "model_type": "names with their values are expected",
    "model_attributes_type": "names with their values are expected",
    "tuple_type": "a list is expected, each entry behind a dash",
}
"""What is wrong, by pydantic's name of the mistake."""


def _sentence(problem: "ErrorDetails") -> str:
    match problem["type"]:
        case "string_too_long":
            return f"is longer than {problem['ctx']['max_length']} characters"
        case "literal_error":
            return f"is none of {', '.join(get_args(Axis))}"
        case "value_error":
            return str(problem["ctx"]["error"])
        case kind:
            return _SENTENCES.get(kind, "does not fit")


def _waiver(shape: _WaiverShape) -> Waiver:
    target: Target
    if shape.never_event is not None:
        target = NeverEventTarget(shape.never_event.case, shape.never_event.criterion)
    elif shape.stopped is not None:
        target = StoppedTarget(shape.stopped.case)
    else:
        assert shape.axis is not None
        target = AxisTarget(shape.axis.name, shape.axis.prompt, shape.axis.part)
    return Waiver(target, shape.owner, shape.reason, shape.expires, shape.issue)
