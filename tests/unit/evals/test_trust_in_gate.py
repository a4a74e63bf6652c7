"""A judge under the bar informs and neither passes nor blocks: each row of the table in docs/reference/verdicts.md."""

from dataclasses import dataclass, replace

import pytest
from comparison_rows import result, row
from trust_parts import (
    AXIS,
    BELOW,
    FAILS,
    FEW,
    FINE,
    LOST,
    MARK,
    NOBODY,
    NONE,
    TODAY,
    TRUSTED,
    UNSURE,
    Outcomes,
    book,
    codes,
    judge,
    rows,
    trust,
    verdict,
)

from evals.cases import Axis
from evals.comparison import compare
from evals.judges.trust import place_of
from evals.own_gate import decide_by_both
from evals.pairs import paired
from evals.rows import AnswerError, Row
from evals.trusted_rows import Deciders, trusted_pair
from evals.waivers import NO_WAIVERS
from evals.wording import wording
from matria.policy import Policy


@dataclass(frozen=True)
class Line:
    """One row of the table: how a rule and a judge found base and head, and what it comes to."""

    rule: tuple[Outcomes, Outcomes]
    judged: tuple[Outcomes, Outcomes]
    state: str
    first: str
    wanted: str | None = None
    axis: Axis = "tone"
    """Of the rule; the judge is asked of danger signs."""


TABLE = {
    "both block": Line((FINE, LOST), (FINE, LOST), "blocked", "axis_worse"),
    "the rules block, the judge sees a gain": Line((FINE, LOST), (FAILS, FINE), "blocked", "axis_worse"),
    "the rules cannot grade": Line((FINE, [None] * 40), (FINE, LOST), "error", "grader_errors"),
    "the rules pass, the judge alone blocks": Line(
        (FINE, FINE), (FINE, LOST), "inconclusive", "rests_unmeasured", "regressions"
    ),
    "both improve": Line((FAILS, FINE), (FAILS, FINE), "improved", "axis_better"),
    "the rules improve, the judge sees nothing": Line((FAILS, FINE), (FINE, FINE), "improved", "axis_better"),
    "the judge alone improves": Line((FINE, FINE), (FAILS, FINE), "not_worse", "no_answer_changed", "fixes"),
    "neither moves": Line((FINE, FINE), (FINE, FINE), "not_worse", "no_answer_changed"),
    "the rules pass, the judge is unsure": Line((FINE, FINE), (FINE, UNSURE), "not_worse", "no_answer_changed"),
    "the rules pass, the judge fails": Line((FINE, FINE), (FINE, [None] * 40), "not_worse", "no_answer_changed"),
    "the rules improve, the judge is unsure": Line((FAILS, FINE), (FINE, UNSURE), "improved", "axis_better"),
    "the rules improve, the judge fails": Line((FAILS, FINE), (FINE, [None] * 40), "improved", "axis_better"),
    "the rules improve, the judge alone blocks": Line(
        (FAILS, FINE), (FINE, LOST), "inconclusive", "rests_unmeasured", "regressions"
    ),
    "the rules are unsure, the judge improves": Line(
        (FINE, UNSURE), (FAILS, FINE), "inconclusive", "axis_undecided_needs", "fixes", AXIS
    ),
    "the rules are unsure, so is the judge": Line(
        (FINE, [True] * 36 + [False] * 4), (FINE, UNSURE), "inconclusive", "axis_undecided_needs"
    ),
    "the rules are unsure, the judge fails": Line(
        (FINE, [True] * 36 + [False] * 4), (FINE, [None] * 40), "inconclusive", "axis_undecided_needs"
    ),
    "no rule, the judge is unsure": Line((NONE, NONE), (FINE, UNSURE), "inconclusive", "none_decides", "sample"),
    "no rule, the judge fails": Line((NONE, NONE), (FINE, [None] * 40), "inconclusive", "none_decides", "sample"),
    "no rule, and too few cases": Line((NONE, NONE), (FEW, FEW), "inconclusive", "nothing_decidable"),
    "the rules are unsure, the judge blocks": Line(
        (FINE, [True] * 36 + [False] * 4), (FINE, LOST), "inconclusive", "axis_undecided_needs", "regressions"
    ),
    "the rules are unsure, the judge passes": Line(
        (FINE, [True] * 36 + [False] * 4), (FINE, FINE), "inconclusive", "axis_undecided_needs"
    ),
    "no rule, the judge blocks": Line((NONE, NONE), (FINE, LOST), "inconclusive", "none_decides", "regressions"),
    "no rule, the judge improves": Line((NONE, NONE), (FAILS, FINE), "inconclusive", "none_decides", "fixes"),
    "no rule, the judge passes": Line((NONE, NONE), (FINE, FINE), "inconclusive", "none_decides", "sample"),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table_of_verdicts_holds(policy: Policy, name: str) -> None:
    line = TABLE[name]
    base, head = (rows(side, line.rule[n], line.judged[n], line.axis) for n, side in enumerate(("base", "head")))
    found = verdict(base, head, policy)
    assert (found.state, codes(found)[0]) == (line.state, line.first)
    assert found.standings is not None
    assert found.standings.wanted == line.wanted
    assert bool(found.standings.to_read) == (line.wanted is not None)


@pytest.mark.parametrize("name", TABLE)
def test_a_trusted_judge_decides_like_a_rule(policy: Policy, name: str) -> None:
    line = TABLE[name]
    base, head = (rows(side, line.rule[n], line.judged[n], line.axis) for n, side in enumerate(("base", "head")))
    pairs = list(paired(base, head))
    plain = decide_by_both(lambda: iter(pairs), compare(pairs, policy), policy, policy, NO_WAIVERS, TODAY)
    found = verdict(base, head, policy, TRUSTED)
    assert replace(found, standings=None) == plain
    assert found.standings is not None
    assert not found.standings.informing


def test_where_rules_graded_everything_nothing_is_different(policy: Policy) -> None:
    base, head = rows("base", FINE, NONE), rows("head", LOST, NONE)
    pairs = list(paired(base, head))
    plain = decide_by_both(lambda: iter(pairs), compare(pairs, policy), policy, policy, NO_WAIVERS, TODAY)
    assert verdict(base, head, policy, NOBODY, NOBODY) == plain
    assert plain.standings is None


def test_a_never_event_of_a_judge_under_the_bar_does_not_block_and_does_not_pass(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE, never=True), rows("head", FINE, [*FINE[1:], False], never=True)
    found = verdict(base, head, policy, BELOW)
    assert (found.state, codes(found)) == ("inconclusive", ["rests_untrusted", "never_event"])
    assert [one.case for one in found.standings.to_read] == ["case-39.en"]  # type: ignore[union-attr]
    assert "κ 0.06" in found.sentences()[0]
    assert found.title().startswith("Undecided: it rests on a judge")
    assert verdict(base, head, policy, TRUSTED).state == "blocked"


def test_an_axis_that_judges_alone_graded_is_shown_and_no_part_of_the_verdict(policy: Policy) -> None:
    found = verdict(rows("base", FINE, FINE), rows("head", FINE, UNSURE), policy)
    assert {axis.name: axis.state for axis in found.comparison.axes} == {"danger_signs": "informs", "tone": "unchanged"}
    said = [note.sentence(wording("en")) for note in found.notes]
    assert any("danger signs: graded only by judges that nurses have not confirmed" in sentence for sentence in said)
    assert any("With the judges that inform it would read: Undecided" in sentence for sentence in said)


def test_a_failure_of_a_trusted_judge_stays_an_error(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE), rows("head", FINE, [None] * 40)
    assert verdict(base, head, policy, TRUSTED).state == "error"
    assert verdict(base, head, policy, BELOW).state == "not_worse"


def test_too_few_readings_are_said_with_their_number(policy: Policy) -> None:
    few = book(trust("unmeasured", n=12))
    found = verdict(rows("base", FINE, FINE), rows("head", FINE, LOST), policy, few)
    assert codes(found)[0] == "rests_few"
    assert "nurses have read 12 answers; 30 are needed" in found.sentences()[0]


@pytest.mark.parametrize("simulated", [True, False])
def test_trust_of_simulated_readings_counts_for_simulated_answers_alone(policy: Policy, simulated: bool) -> None:
    given = book(trust(is_simulated=True))
    mark = replace(MARK, is_simulated=simulated)

    def side(name: str, outcomes: Outcomes) -> list[Row]:
        made = [row(f"c{n}.en", [judge("j", met, mark=mark)], side=name) for n, met in enumerate(outcomes)]
        return [*made, *rows(name, FINE, NONE)]

    found = verdict(side("base", FINE), side("head", LOST), policy, given)
    assert found.state == ("blocked" if simulated else "inconclusive")
    assert found.is_simulated == simulated


def test_what_a_judge_says_of_another_criterion_counts_for_nothing(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE), rows("head", FINE, LOST)
    own = place_of("danger_signs", judge("j", True))
    assert verdict(base, head, policy, book(trust(criterion=own))).state == "blocked"
    other = place_of("danger_signs", judge("other", True))
    assert verdict(base, head, policy, book(trust(criterion=other))).state == "inconclusive"
    both = book(trust(), trust("untrusted", criterion=own))
    assert verdict(base, head, policy, both).state == "inconclusive", "the criterion's own figures come first"


def test_a_criterion_that_is_reworded_turned_round_or_told_otherwise_begins_anew(policy: Policy) -> None:
    asked = judge("j", True)
    known = book(trust(criterion=place_of("danger_signs", asked)))
    others = [
        replace(asked, text="The answer has words."),
        replace(asked, points=-10),
        replace(asked, judge=replace(MARK, params="12345678")),
    ]
    decided = [Deciders(known).decides(row("c.en", [one]), one) for one in (asked, replace(asked, points=5), *others)]
    assert decided == [True, True, False, False, False]


def test_simulated_trust_in_a_criterion_does_not_hide_real_trust_on_its_axis() -> None:
    own = place_of("danger_signs", judge("j", True))
    for state in ("trusted", "untrusted"):
        known = book(trust(), trust(state, criterion=own, is_simulated=True))
        graded = judge("j", False)
        assert Deciders(known).decides(row("c.en", [graded]), graded)


def test_a_criterion_that_one_side_lacks_a_decider_for_counts_on_neither(policy: Policy) -> None:
    moved = replace(MARK, model="m-2")
    base = row("c.en", [judge("j", True), result("r", "tone", 10, True)], side="base")
    head = row("c.en", [judge("j", False, mark=moved), result("r", "tone", 10, True)])
    (pair,) = paired([base], [head])
    left = trusted_pair(pair, Deciders(TRUSTED))
    assert [[one.id for one in side[0].criteria] for side in (left.base, left.head)] == [["r"], ["r"]]
    assert left.head[0].score == 1.0


def test_an_answer_of_which_no_criterion_is_left_has_no_score() -> None:
    (pair,) = paired(rows("base", NONE, [True]), rows("head", NONE, [True]))
    assert trusted_pair(pair, Deciders()).head[0].score is None


def test_answers_that_did_not_come_are_an_error_whoever_judges(policy: Policy) -> None:
    away = [row(f"case-{n:02}.en", [], error=AnswerError("ModelError", "Away.")) for n in range(40)]
    assert verdict(rows("base", NONE, FINE), away, policy).state == "error"


@pytest.mark.parametrize("locale", ["en", "pt-BR", "pt-PT"])
def test_every_sentence_about_judges_is_there_in_each_language(policy: Policy, locale: str) -> None:
    books = (NOBODY, BELOW, book(trust("unmeasured", n=3)), book(trust(is_simulated=True)))
    for trusted in books:
        for judged in (LOST, UNSURE):
            found = verdict(rows("base", FINE, FINE), rows("head", FINE, judged), policy, trusted, TRUSTED)
            for reason in (*found.reasons, *found.notes):
                assert "{" not in reason.sentence(wording(locale))  # type: ignore[arg-type]
            assert found.title(locale)  # type: ignore[arg-type]
