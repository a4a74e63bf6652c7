"""What changed while messages became dearer, as the ledger saw it: prompt versions, models, snapshots, lists, prices.

Something has landed where more calls have it than before, and either most calls of the window before came without it,
before it was first seen, or more than half of the calls have gone over to it. The likeliest reason of the cause's
first part comes first; a coincidence in time is no proof, and people decide. Commits `flows.steps.landed` adds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from matria.costs.base import UnitPrices
from matria.costs.causes.base import Cause, Factor, Landed
from matria.costs.causes.tally import Sums
from matria.costs.sums import CallSums
from matria.costs.watching.base import TOTAL

What = Literal["prompt", "snapshot", "price_list", "model", "price", "file"]
FITS: Mapping[Factor, tuple[What, ...]] = {
    "price": ("price", "price_list", "file"),
    "prompt_tokens": ("prompt", "file"),
    "context_tokens": ("prompt", "file"),
    "output_tokens": ("prompt", "model", "snapshot", "file"),
    "caching": ("prompt", "model", "snapshot", "file"),
    "model_mix": ("model", "snapshot"),
    "retries": ("snapshot", "model", "prompt", "file"),
    "judges": ("model", "snapshot", "file"),
    "moderation": ("file", "model"),
    "traffic_mix": ("prompt",),
}
"""What can change a factor, the likeliest first."""
GRACE = timedelta(hours=1)
"""After the hour in which a rise began: what landed later did not begin it."""
_Thing = tuple[What, str, str]
"""What may change: its kind, the name that people read, and the locale of a prompt."""
_Value = tuple[str, str]
"""What it may be: as people read it, and a prompt's hash."""


@dataclass
class _Seen:
    """Calls with one value of one thing."""

    first: datetime
    before: dict[datetime, int] = field(default_factory=dict)
    """Calls of the window before, by hour."""
    calls: tuple[int, int] = (0, 0)
    """Before and after."""
    amount: int = 0
    """Tokens that the first factor counts, of those in messages with a known cost."""
    priced: int = 0


_Found = dict[_Thing, dict[_Value, _Seen]]


def landed(
    before: Sums, after: Sums, cause: Cause | None = None, scope: str = TOTAL, between: Sums | None = None
) -> tuple[Landed, ...]:
    """What landed between two windows in an assistant, or in all; the likeliest reason first.

    Both sums say when their window ended (`Sums.end`), and are by slots of an hour or so: `first_seen_at` is as fine
    as they are, and may lie in what came `between` two windows that do not touch. Raises ValueError where one does not
    say.
    """
    first = cause.parts[0] if cause and cause.parts else None
    factor, part_scope = (first.factor, first.scope) if first else (None, "")
    found = _seen(before, after, scope, factor)
    if between is not None:
        _seen_sooner(found, between, scope)
    changes = [
        _Change(thing, _most(values, 0, value), value, values)
        for thing, values in found.items()
        for value in _new(values)
    ]
    grouped = _by_locale(one for one in changes if one.was is not None or _is_new(one, found))
    grouped.sort(key=lambda one: (_fit(one[0], factor, part_scope), one[0].first_seen_at, one[0].thing, one[0].value))
    return tuple(_said(one) for one in grouped)


def is_late(one: Landed, began: datetime | None) -> bool:
    """Whether it landed when the rise had begun; the hour of that is known to an hour or so."""
    return began is not None and one.first_seen_at > began + GRACE


def with_files(found: Sequence[Landed], files: Sequence[Landed], cause: Cause | None) -> tuple[Landed, ...]:
    """What the ledger found with files that changed meanwhile in their place: after what fits the first part better."""
    fits = FITS[cause.parts[0].factor] if cause and cause.parts else ()
    better = fits[: fits.index("file")] if "file" in fits else (fits or tuple(one.what for one in found))
    place = next((n for n, one in enumerate(found) if one.what not in better), len(found))
    return (*found[:place], *files, *found[place:])


@dataclass(frozen=True)
class _Change:
    """One thing that is now something else."""

    thing: _Thing
    was: _Value | None
    value: _Value
    values: Mapping[_Value, _Seen]

    @property
    def first_seen_at(self) -> datetime:
        return self.values[self.value].first

    @property
    def gained(self) -> float:
        """Share of the thing's calls that have it now and had not."""
        return _share(self.values, self.value, 1) - _share(self.values, self.value, 0)

    @property
    def rise(self) -> float:
        """How many more tokens of the first factor a call has than with what was there; 0 where nobody knows."""
        if self.was is None:
            return 0.0
        mine, theirs = self.values[self.value], self.values[self.was]
        return mine.amount / mine.priced - theirs.amount / theirs.priced if mine.priced and theirs.priced else 0.0


def _seen(before: Sums, after: Sums, scope: str, factor: Factor | None) -> _Found:
    found: _Found = defaultdict(dict)
    for side, sums in enumerate((before, after)):
        if sums.end is None:
            raise ValueError("What landed cannot be told: the sums do not say when their window ended.")
        for row in sums.calls:
            if row.prompt_name and scope not in (TOTAL, row.prompt_name):
                continue
            at = sums.end - (row.slot + 1) * sums.slot
            for thing, value in _values(row):
                seen = found[thing].setdefault(value, _Seen(at))
                seen.first = min(seen.first, at)
                seen.calls = (seen.calls[0] + row.calls * (1 - side), seen.calls[1] + row.calls * side)
                if side == 0:
                    seen.before[at] = seen.before.get(at, 0) + row.calls
                seen.amount += _amount(row, factor)
                seen.priced += row.priced_message_calls
    return found


def _seen_sooner(found: _Found, between: Sums, scope: str) -> None:
    """What was first seen between the windows is dated there; nothing else of those hours counts."""
    if between.end is None:
        raise ValueError("What landed cannot be dated: the sums between do not say when their window ended.")
    for row in between.calls:
        if row.prompt_name and scope not in (TOTAL, row.prompt_name):
            continue
        at = between.end - (row.slot + 1) * between.slot
        for thing, value in _values(row):
            if (seen := found.get(thing, {}).get(value)) is not None:
                seen.first = min(seen.first, at)


def _values(row: CallSums) -> Iterable[tuple[_Thing, _Value]]:
    model = f"{row.provider}/{row.model_snapshot or row.model}"
    if row.prompt_name and row.purpose == "assistant":
        yield ("prompt", row.prompt_name, row.locale), (row.prompt_version, row.prompt_hash)
    if row.purpose != "moderation":
        yield ("model", "judge" if row.purpose == "judge" else "assistant", ""), (f"{row.provider}/{row.model}", "")
    if row.model_snapshot:
        yield ("snapshot", f"{row.provider}/{row.model}", ""), (row.model_snapshot, "")
    if row.unit_prices is not None:
        tier = "" if row.tier == "standard" else f" ({row.tier})"
        yield ("price", model + tier, ""), (_written(row.unit_prices), "")
        yield ("price_list", model + tier, ""), (_list_of(row.price_source), "")


def _new(values: Mapping[_Value, _Seen]) -> Sequence[_Value]:
    """Those that are seen more than before, and were not there for most of it or have been gone over to by most."""
    gained = {value: _share(values, value, 1) - _share(values, value, 0) for value in sorted(values)}
    return [value for value, more in gained.items() if more > (0 if _was_absent(values, value) else 0.5)]


def _was_absent(values: Mapping[_Value, _Seen], value: _Value) -> bool:
    """Whether most calls of the window before came before the value was first seen.

    One that came sooner is in both windows alike, and a model may miss in a quiet hour by chance.
    """
    by_hour = [item for seen in values.values() for item in seen.before.items()]
    without = sum(calls for at, calls in by_hour if at < values[value].first)
    return 2 * without >= sum(calls for _, calls in by_hour)


def _is_new(change: _Change, found: _Found) -> bool:
    """Whether something without a past is news of its own.

    The snapshot and price of a new model are told with the model; and a rare locale may be silent for a day.
    """
    what, name, _ = change.thing
    if what not in ("prompt", "model"):
        return False
    others = (values for thing, values in found.items() if thing[:2] == (what, name))
    return not any(seen.calls[0] for values in others for seen in values.values())


def _most(values: Mapping[_Value, _Seen], side: int, other_than: _Value | None = None) -> _Value | None:
    """What most calls of a window have; None where it has none."""
    rest = [value for value in sorted(values) if value != other_than and values[value].calls[side]]
    return max(rest, key=lambda value: values[value].calls[side], default=None)


def _share(values: Mapping[_Value, _Seen], value: _Value, side: int) -> float:
    total = sum(seen.calls[side] for seen in values.values())
    return values[value].calls[side] / total if total else 0.0


def _by_locale(changes: Iterable[_Change]) -> list[list[_Change]]:
    """The same version of a prompt in several locales is one thing that landed; the locale of most calls leads."""
    groups: dict[tuple[object, ...], list[_Change]] = defaultdict(list)
    for one in changes:
        groups[one.thing[:2], one.was and one.was[0], one.value[0]].append(one)
    return [sorted(group, key=lambda one: (-one.values[one.value].calls[1], one.thing)) for group in groups.values()]


def _fit(change: _Change, factor: Factor | None, scope: str) -> tuple[float, ...]:
    """Smaller is likelier: the right kind of thing; in the assistant of the part; that adds most of what is counted,
    which a prompt with many messages does; that most calls have gone over to."""
    fits = FITS[factor] if factor else ()
    what, name, _ = change.thing
    kind = fits.index(what) if what in fits else len(fits)
    elsewhere = what == "prompt" and scope not in ("", name)
    wrong_way = what == "prompt" and factor in _COUNTED and change.rise <= 0
    added = change.rise * change.values[change.value].calls[1] if what == "prompt" else 0.0
    return (elsewhere or wrong_way, kind, -round(added), -round(change.gained, 6))


def _said(changes: Sequence[_Change]) -> Landed:
    change = changes[0]
    what, name, locale = change.thing
    was, now = change.was[0] if change.was else "", change.value[0]
    if what == "model":
        name, _, model = now.partition("/")
        was, now = was.removeprefix(f"{name}/"), model
    if change.was and was == now:  # the text changed and the version did not: a partial, or a forgotten version
        was, now = f"{was} ({change.was[1][:8]})", f"{now} ({change.value[1][:8]})"
    return Landed(
        what=what,
        name=name,
        before=was,
        after=now,
        first_seen_at=min(one.first_seen_at for one in changes),
        locales=tuple(one.thing[2] for one in changes) if locale else (),
    )


_COUNTED: frozenset[Factor] = frozenset({"prompt_tokens", "context_tokens", "output_tokens"})


def _amount(row: CallSums, factor: Factor | None) -> int:
    match factor:
        case "prompt_tokens":
            return row.prompt_tokens
        case "context_tokens":
            return row.input_tokens - row.prompt_tokens
        case "output_tokens":
            return row.output_tokens
    return 0


def _written(prices: UnitPrices) -> str:
    """`input 0.4, cached 0.1, output 1.6`: US dollars a million tokens, or a thousand records."""
    named = {name: getattr(prices, name) for name in ("input", "cached", "cache_write", "output", "records")}
    return ", ".join(f"{name} {usd.normalize():f}" for name, usd in named.items() if usd is not None)


def _list_of(source: str) -> str:
    """The price list without the model that it priced: `genai-prices 0.2.3`."""
    words = source.removeprefix("as if ").split(" ")
    return " ".join(words[:2]) if words[0] == "genai-prices" else source
