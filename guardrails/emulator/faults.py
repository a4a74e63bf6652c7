"""Faults on demand: what the service, its gateway or the network may do wrong, drawn by a seeded generator.

| kind | what the caller meets |
|---|---|
| `latency` | the answer comes `ms` late; other faults may follow it |
| `429` | the gateway turns the call away; with `retry_after` seconds in the header, or without it |
| `too_many` | the service does so itself: 429 and `TooManyRequests`, likewise |
| `500`, `503` | `InternalError`, `ServerBusy` |
| `malformed` | status 200 and a body that is no JSON |
| `wrong_shape` | status 200 and JSON of another shape, as another version of the wire might answer |
| `half` | half of the answer, then the connection is cut |
| `hang` | no answer, for as long as the caller waits |
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from math import inf
from random import Random
from typing import Any, Literal, get_args

from matria.errors import SettingsError

Kind = Literal["latency", "429", "too_many", "500", "503", "malformed", "wrong_shape", "half", "hang"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong."""

    kind: Kind
    share: float = 1.0
    """Of the calls that it may meet, from 0 to 1."""
    times: int | None = None
    """How often at most; None means without end."""
    only: str = ""
    """Only calls whose path holds this, such as `text:analyze`."""
    ms: float = 1000.0
    """Of `latency`: how late."""
    retry_after: float | None = None
    """Of `429` and `too_many`: seconds in the header; None leaves it out."""


class Faults:
    """Which fault meets which call: the same for the same seed and order of calls. The first that is drawn counts."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self.faults = tuple(faults)
        self.seed = seed
        self.met: Counter[str] = Counter()
        """How often each kind was met."""
        self._random = Random(seed)
        self._left = [fault.times for fault in self.faults]

    def draw(self, path: str) -> tuple[Fault, ...]:
        """What goes wrong with one call: latencies, then at most one other fault."""
        drawn: list[Fault] = []
        for place, fault in enumerate(self.faults):
            if fault.only not in path or self._left[place] == 0 or (drawn and drawn[-1].kind != "latency"):
                continue
            if self._random.random() < fault.share:
                drawn.append(fault)
                self._spend(place)
        return tuple(drawn)

    def as_json(self) -> dict[str, Any]:
        """What is set, as the control endpoint takes it."""
        return {"seed": self.seed, "faults": [asdict(fault) for fault in self.faults]}

    def _spend(self, place: int) -> None:
        self.met[self.faults[place].kind] += 1
        left = self._left[place]
        self._left[place] = None if left is None else left - 1


def fault_of(given: Mapping[str, Any]) -> Fault:
    """The fault of a record. Raises `SettingsError` where a name or a value does not fit."""
    unknown = sorted(set(given) - {field.name for field in fields(Fault)})
    if unknown:
        raise SettingsError(f"A fault has no '{unknown[0]}': it takes {', '.join(f.name for f in fields(Fault))}.")
    kind = str(given.get("kind", ""))
    if kind not in KINDS:
        raise SettingsError(f"'{kind}' is no fault: choose one of {', '.join(KINDS)}.")
    try:
        times, retry_after = given.get("times"), given.get("retry_after")
        return _checked(
            Fault(
                kind=kind,
                share=float(given.get("share", 1.0)),
                times=None if times is None else int(times),
                only=str(given.get("only", "")),
                ms=float(given.get("ms", 1000.0)),
                retry_after=None if retry_after is None else float(retry_after),
            )
        )
    except (TypeError, ValueError) as error:
        raise SettingsError(f"The fault '{kind}' has a value that is no number.") from error


def parse_fault(text: str) -> Fault:
    """The fault of `KIND:name=value,…`, such as `429:share=0.5,retry_after=1`. Raises `SettingsError`."""
    kind, _, rest = text.partition(":")
    pairs = [part.partition("=") for part in rest.split(",") if part]
    return fault_of({"kind": kind, **{name: value for name, _, value in pairs}})


def _checked(fault: Fault) -> Fault:
    if not 0 <= fault.share <= 1:
        raise SettingsError(f"The share of the fault '{fault.kind}' must lie from 0 to 1.")
    if not all(0 <= value < inf for value in (fault.ms, fault.times or 0, fault.retry_after or 0)):
        raise SettingsError(f"The fault '{fault.kind}' has a value below 0 or without end.")
    return fault
