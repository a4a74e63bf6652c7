"""A change that moves thresholds of its own gate is decided by the old ones too: none can widen its way through.

The head's policy decides first. Where a threshold below `gate` differs from the base's and the head's decision passes,
the same pairs are compared and decided by the base's thresholds as well; if those do not let it pass, theirs is the
verdict, and its first reason names what moved. Otherwise what moved is a note: a person has to agree to it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from evals.comparison import Comparison, compare
from evals.confirmation import ConfirmationRule
from evals.gate import Reason, Verdict, decide
from evals.pairs import Pair
from evals.waivers import MAX_DAYS, Waivers
from matria.errors import SettingsError
from matria.policy import Policy, Threshold

SECTION = "gate."
_NAMED = 5
"""Thresholds named one by one; the others are counted."""


@dataclass(frozen=True)
class ChangedThreshold:
    """One threshold of the gate that base and head set differently."""

    name: str
    base: float | None
    head: float | None
    """None where that side has none of this name."""

    def __str__(self) -> str:
        return f"{self.name} {_figure(self.base)} → {_figure(self.head)}"


def changed_thresholds(base: Policy, head: Policy) -> tuple[ChangedThreshold, ...]:
    """Those below `gate` whose values differ, by name."""
    before, after = _gate(base.thresholds), _gate(head.thresholds)
    found = (ChangedThreshold(name, _value(before, name), _value(after, name)) for name in sorted({*before, *after}))
    return tuple(change for change in found if change.base != change.head)


def decide_by_both(
    pairs: Callable[[], Iterable[Pair]],
    comparison: Comparison,
    policy: Policy,
    base_policy: Policy,
    waivers: Waivers,
    today: date,
) -> Verdict:
    """The verdict by `policy`, the head's, on `comparison`; by the base's where the change moved what let it pass.

    `pairs` gives the pairs that the comparison is of; it is called where a threshold moved. A waiver counts for the
    base's decision where the base's `gate.max_waiver_days` would have let it last so long.
    """
    verdict = decide(comparison, policy, waivers=waivers)
    changed = changed_thresholds(base_policy, policy)
    if not changed or verdict.exit_code:
        return with_note(verdict, changed)
    old = base_gate(base_policy, policy)
    by_base = decide(compare(pairs(), old), old, waivers=_lasting(waivers, old, today))
    if not by_base.exit_code:
        return with_note(verdict, changed)
    return replace(by_base, reasons=(Reason("own_gate", (_listed(changed),)), *by_base.reasons))


def with_note(verdict: Verdict, changed: Sequence[ChangedThreshold]) -> Verdict:
    """The verdict, with a note that names the thresholds that moved."""
    if not changed:
        return verdict
    return replace(verdict, notes=(Reason("gate_moved", (_listed(changed),)), *verdict.notes))


def base_gate(base: Policy, head: Policy) -> Policy:
    """The head's policy with every threshold of the gate that the base has; what is new is the head's.

    A base that confirmed never-events by a rule that cannot be kept (`ConfirmationRule.of`) lends its others alone.
    """
    own = _gate(base.thresholds)
    merged = Policy({**head.thresholds, **own}, head.digest)
    try:
        ConfirmationRule.of(merged)
    except SettingsError:
        kept = {name: threshold for name, threshold in own.items() if not name.startswith("gate.never_event_")}
        return Policy({**head.thresholds, **kept}, head.digest)
    return merged


def _lasting(waivers: Waivers, policy: Policy, today: date) -> Waivers:
    """Without those that last longer than the policy allows."""
    latest = today + timedelta(days=policy.count(MAX_DAYS))
    return replace(waivers, in_force=tuple(waiver for waiver in waivers.in_force if waiver.expires <= latest))


def _gate(thresholds: Mapping[str, Threshold]) -> dict[str, Threshold]:
    return {name: threshold for name, threshold in thresholds.items() if name.startswith(SECTION)}


def _value(thresholds: Mapping[str, Threshold], name: str) -> float | None:
    return thresholds[name].value if name in thresholds else None


def _listed(changed: Sequence[ChangedThreshold]) -> str:
    shown = ", ".join(map(str, changed[:_NAMED]))
    return f"{shown}, +{len(changed) - _NAMED}" if len(changed) > _NAMED else shown


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
