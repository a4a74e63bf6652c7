"""A change that moves thresholds of its own gate is held to the old ones too."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from comparison_rows import result, row, side

from evals.comparison import compare
from evals.confirmation import CONFIRMATION_EPOCH
from evals.gate import Verdict
from evals.own_gate import base_gate, changed_thresholds, decide_by_both
from evals.pairs import Pair, paired
from evals.rows import Row
from evals.waivers import NO_WAIVERS, NeverEventTarget, Waiver, Waivers
from evals.wording import wording
from matria.policy import Policy

TODAY = date(2026, 11, 20)
MARGIN = "gate.axis_margins.completeness"
LOSS = (
    side("base", [True] * 40, axis="completeness"),
    side("head", [True] * 32 + [False] * 8, axis="completeness"),
)
SAME = (side("base", [True] * 40), side("head", [True] * 40))


def moved(policy: Policy, **values: float) -> Policy:
    """The policy with thresholds of the gate set anew; `__` for a dot."""
    named = {f"gate.{name.replace('__', '.')}": value for name, value in values.items()}
    changed = {name: replace(policy.thresholds[name], value=value) for name, value in named.items()}
    return Policy({**policy.thresholds, **changed}, "moved")


def verdict(rows: tuple[list[Row], list[Row]], base: Policy, head: Policy, waivers: Waivers = NO_WAIVERS) -> Verdict:
    def pairs() -> Iterator[Pair]:
        return paired(*rows)

    return decide_by_both(pairs, compare(pairs(), head), head, base, waivers, TODAY)


def test_a_change_cannot_widen_a_margin_for_itself(policy: Policy) -> None:
    wide = moved(policy, axis_margins__completeness=0.5)
    assert verdict(LOSS, wide, wide).state == "not_worse", "a wide margin that both sides have lets it pass"
    held = verdict(LOSS, policy, wide)
    assert held.state == verdict(LOSS, policy, policy).state == "blocked"
    assert held.comparison.axes[0].margin == policy.number(MARGIN)
    assert held.reasons[0].code == "own_gate"
    assert f"{MARGIN} 0.08 → 0.5" in held.sentences()[0]
    assert "0.08 → 0.5" in held.sentences("pt-PT")[0]


def test_nor_confirm_never_events_less_often(policy: Policy) -> None:
    def hurries(name: str, met: bool, epoch: int) -> Row:
        return row("bleeding.en", [result("hurries", "tone", 1, met, never=True)], side=name, epoch=epoch)

    again = [hurries("head", n > 0, CONFIRMATION_EPOCH + n) for n in range(3)]
    fine = [[row(f"c{n}.en", [result("x", "tone", 9, True)], side=s) for n in range(99)] for s in ("base", "head")]
    rows = ([*fine[0], hurries("base", True, 0)], [*fine[1], hurries("head", False, 0), *again])
    lax = moved(policy, never_event_failures=2)
    assert verdict(rows, lax, lax).state == "not_worse"
    assert verdict(rows, policy, lax).state == "blocked"


def test_what_passes_by_both_is_noted(policy: Policy) -> None:
    fine = verdict(SAME, policy, moved(policy, axis_margins__tone=0.5))
    assert fine.state == "not_worse"
    assert fine.notes[0].code == "gate_moved"
    assert "gate.axis_margins.tone 0.08 → 0.5" in fine.notes[0].sentence(wording("en"))


def test_what_does_not_pass_by_the_new_thresholds_stays_theirs(policy: Policy) -> None:
    strict = verdict(LOSS, moved(policy, axis_margins__completeness=0.5), policy)
    assert (strict.state, strict.reasons[0].code) == ("blocked", "axis_worse")
    assert strict.notes[0].code == "gate_moved"


def test_nothing_is_said_where_no_threshold_of_the_gate_moved(policy: Policy) -> None:
    other = {**policy.thresholds}
    name = next(name for name in other if not name.startswith("gate."))
    other[name] = replace(other[name], value=other[name].value + 1)
    assert changed_thresholds(policy, Policy(other, "")) == ()
    assert "gate_moved" not in {note.code for note in verdict(SAME, policy, Policy(other, "")).notes}


@pytest.mark.parametrize(("days", "state"), [(30, "not_worse"), (31, "blocked")])
def test_a_waiver_lasts_no_longer_than_the_base_allows(policy: Policy, days: int, state: str) -> None:
    rows = (
        side("base", [True] * 400, axis="tone", never=True),
        side("head", [True] * 399 + [False], axis="tone", never=True),
    )
    target = NeverEventTarget("case-399.en", "c1")
    waiver = Waiver(target, "@clinical", "The guideline changes.", TODAY + timedelta(days=days))
    found = verdict(rows, policy, moved(policy, max_waiver_days=365), Waivers((waiver,)))
    assert found.state == state


def test_a_threshold_that_the_base_lacks_is_named_and_the_heads(policy: Policy) -> None:
    base = Policy({name: t for name, t in policy.thresholds.items() if name != MARGIN}, "")
    (change,) = changed_thresholds(base, policy)
    assert str(change) == f"{MARGIN} – → 0.08"
    assert base_gate(base, policy).number(MARGIN) == 0.08


def test_a_base_whose_confirmation_cannot_be_kept_lends_the_rest(policy: Policy) -> None:
    broken = moved(policy, never_event_failures=9, axis_margins__tone=0.5)
    merged = base_gate(broken, policy)
    assert merged.count("gate.never_event_failures") == 1
    assert merged.number("gate.axis_margins.tone") == 0.5
