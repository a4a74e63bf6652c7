"""A change decides by no judge of its own: neither by its own trust, nor by another judge in a trusted one's place."""

from dataclasses import replace
from typing import Any

import pytest
from trust_parts import (
    AXIS,
    FAILS,
    FINE,
    MARK,
    NOBODY,
    NONE,
    RUBRIC,
    TODAY,
    TRUSTED,
    UNSURE,
    book,
    codes,
    judge,
    regraded,
    rows,
    trust,
    verdict,
)

from evals.cases import Criterion
from evals.comparison import compare
from evals.gate import Verdict
from evals.held_judges import Asked, Yardstick
from evals.judges.trust import TrustBook, place_of
from evals.pairs import paired
from evals.rows import JudgeMark
from evals.suitefile import load_suites
from evals.trusted_gate import GateRules, decide_with_trust
from evals.trusted_rows import Deciders
from evals.waivers import NO_WAIVERS
from matria import PROJECT_ROOT
from matria.policy import Policy


def test_a_change_cannot_trust_its_own_judge(policy: Policy) -> None:
    base, head = rows("base", FINE, FAILS), rows("head", FINE, FINE)
    assert verdict(base, head, policy, TRUSTED, TRUSTED).state == "improved"
    held = verdict(base, head, policy, TRUSTED, NOBODY)
    assert (held.state, held.notes[0].code) == ("not_worse", "trust_moved")
    only = verdict(rows("base", NONE, FINE), rows("head", NONE, FINE), policy, TRUSTED, NOBODY)
    assert (only.state, codes(only)[:2]) == ("inconclusive", ["own_trust", "none_decides"])
    assert only.title().startswith("Undecided: it rests on a judge")


def test_nor_rid_itself_of_one_that_would_hold_it(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE), rows("head", FINE, UNSURE)
    held = verdict(base, head, policy, NOBODY, TRUSTED)
    assert (held.state, codes(held)[0]) == ("inconclusive", "own_trust")
    assert RUBRIC in held.sentences("pt-PT")[0]


LENIENT = JudgeMark("m-1", "t-lenient", (0,))
ASKED = Asked("judge:rubric", place_of("danger_signs", judge("j", True)), AXIS)
BEFORE = Yardstick({("danger_signs", f"case-{n:02}.en", "j"): ASKED for n in range(40)})


def held(head: TrustBook, base: TrustBook, policy: Policy, mark: JudgeMark, **changes: Any) -> Verdict:
    """A bad answer that whoever grades now finds fine on both sides."""
    sides = [regraded(rows(name, FINE, FINE), mark, **changes) for name in ("base", "head")]
    pairs = list(paired(*sides))
    rules = GateRules(policy, policy, NO_WAIVERS, TODAY)
    return decide_with_trust(lambda: iter(pairs), compare(pairs, policy), rules, Deciders(head), Deciders(base), BEFORE)


@pytest.mark.parametrize(
    ("mark", "changes"),
    [
        (LENIENT, {}),
        (JudgeMark("m-2", "t-1", (0,)), {}),
        (MARK, {"grader": "judge:deepeval/g_eval"}),
        (MARK, {"axis": "tone"}),
    ],
)
def test_a_change_that_puts_another_judge_in_the_place_of_a_trusted_one_does_not_pass(
    policy: Policy, mark: JudgeMark, changes: dict[str, Any]
) -> None:
    found = held(TRUSTED, TRUSTED, policy, mark, **changes)
    assert (found.state, codes(found)[0]) == ("inconclusive", "rests_gone")
    assert found.reasons[0].values[:2] == (RUBRIC, 40)
    assert found.standings is not None
    assert (found.standings.wanted, len(found.standings.to_read)) == ("sample", 40)
    assert found.rests_on_judges


def test_nor_one_that_rewords_what_a_judge_was_trusted_with(policy: Policy) -> None:
    own = book(trust(criterion=ASKED.place))
    found = held(own, own, policy, MARK, text="The answer has words.")
    assert (found.state, codes(found)[0]) == ("inconclusive", "rests_gone")
    assert held(own, own, policy, MARK).exit_code == 0


def test_a_judge_that_the_nurses_week_went_over_to_holds_nothing_up(policy: Policy) -> None:
    week = trust("unmeasured", criterion="review/safe#1", until="2026-11-16")
    last = book(trust(), week, replace(week, judge="judge:rubric m-1 t-lenient", until="2026-11-09"))
    assert held(last, last, policy, LENIENT).state == "inconclusive", "an older judge is no successor"
    new = book(trust(), week, replace(week, judge="judge:rubric m-1 t-lenient", until="2026-11-23"))
    assert held(new, new, policy, LENIENT).exit_code == 0
    queued = book(
        trust(), replace(trust("unmeasured", criterion="danger_signs/j#1"), judge="judge:rubric m-1 t-lenient")
    )
    assert held(queued, queued, policy, LENIENT).state == "inconclusive", "a change can have its own judge read"


def test_answers_that_stayed_as_they_were_hide_nothing_from_a_judge_that_is_gone(policy: Policy) -> None:
    same = regraded(rows("base", FINE, FINE), LENIENT)
    assert verdict(same, [replace(one, key=f"h{one.key}") for one in same], policy, TRUSTED, TRUSTED).exit_code == 0


def test_what_the_base_asked_is_read_from_its_suites() -> None:
    suite = next(one for one in load_suites(PROJECT_ROOT / "evals" / "suites") if one.id == "danger_signs")
    case = replace(suite.cases[0], criteria=(Criterion("j", "Text of j.", 10, AXIS, judge="rubric"),))
    made = Yardstick.of([replace(suite, cases=[case], twins=())])
    assert made.asked == {("danger_signs", case.id, "j"): ASKED}
