"""One verdict, decided in the order that a clinician would."""

from dataclasses import replace
from string import Formatter

import pytest
from comparison_rows import result, row, side

from evals.comparison import compare
from evals.gate import Verdict, decide
from evals.gate_words import GATE_EN, GATE_PT
from evals.pairs import paired
from evals.rows import AnswerError, Row
from matria.policy import Policy


def verdict(base: list[Row], head: list[Row], policy: Policy) -> Verdict:
    return decide(compare(paired(base, head), policy), policy)


def test_gate_blocks_on_one_new_never_event_and_names_the_case(policy: Policy) -> None:
    base = side("base", [True] * 40, never=True)
    head = side("head", [True] * 39 + [False], never=True)
    blocked = verdict(base, head, policy)
    assert (blocked.state, blocked.exit_code) == ("blocked", 20)
    assert blocked.sentences() == [
        "Never-event: in case case-39.en the answer now fails “Text of c1” (1 of 1 answers)."
    ]


def test_a_never_event_that_already_failed_does_not_block_and_is_noted(policy: Policy) -> None:
    rows = [True] * 39 + [False]
    fine = verdict(side("base", rows, never=True), side("head", rows, never=True), policy)
    assert fine.state == "not_worse"
    assert "standing_never_event" in {note.code for note in fine.notes}


def test_a_never_event_blocks_even_where_the_endpoint_failed_for_many(policy: Policy) -> None:
    away = AnswerError("ModelError", "Away.")
    head = side("head", [True] * 5 + [False], never=True)
    head += [row(f"case-{n:02}.en", [], error=away) for n in range(6, 12)]
    assert verdict(side("base", [True] * 12, never=True), head, policy).state == "blocked"


def test_identical_prompts_are_not_worse(policy: Policy) -> None:
    same = verdict(side("x", [True, False]), side("x", [True, False]), policy)
    assert (same.state, same.exit_code, same.sentences()) == (
        "not_worse",
        0,
        ["Both sides are the same answers and grades: nothing that decides them differs."],
    )


def test_the_same_prompt_under_other_limits_is_not_identical(policy: Policy) -> None:
    base = side("base", [True] * 10, axis="completeness", prompt_hash="same")
    head = side("head", [True] * 8 + [False] * 2, axis="completeness", prompt_hash="same")
    shorter = verdict(base, head, policy)
    assert not shorter.comparison.identical
    assert shorter.state == "inconclusive"


def test_a_pair_that_lacks_a_side_leaves_nothing_identical(policy: Policy) -> None:
    assert not verdict(side("x", [True] * 9), side("x", [True] * 10), policy).comparison.identical


def test_a_reworded_prompt_with_the_same_grades_is_not_worse(policy: Policy) -> None:
    assert verdict(side("base", [True] * 9), side("head", [True] * 9), policy).state == "not_worse"


def test_a_clear_gain_improves(policy: Policy) -> None:
    better = verdict(side("base", [False] * 9, axis="tone"), side("head", [True] * 9, axis="tone"), policy)
    assert better.state == "improved"
    assert better.sentences()[0] == "tone is better by 1.00 (1.00 to 1.00)."


def test_a_gain_on_one_axis_does_not_buy_a_loss_on_another(policy: Policy) -> None:
    def rows(name: str, danger: bool, tone: bool) -> list[Row]:
        criteria = [result("d", "danger_signs", 5, danger), result("t", "tone", 50, tone)]
        return [row(f"case-{n}.en", criteria, side=name) for n in range(20)]

    blocked = verdict(rows("base", True, False), rows("head", False, True), policy)
    assert blocked.state == "blocked"
    assert blocked.reasons[0].code == "axis_worse"


@pytest.mark.parametrize(
    ("size", "state", "code"),
    [(4, "not_worse", None), (6, "inconclusive", "slice_collapse"), (9, "blocked", "slice_worse")],
)
def test_no_mean_passes_over_a_slice_that_collapsed(policy: Policy, size: int, state: str, code: str | None) -> None:
    def rows(name: str, small: bool) -> list[Row]:
        portuguese = side(name, [small] * size, axis="tone", locale="pt-PT")
        english = side(name, [True] * 399 + [not small], axis="tone", locale="en")
        return english + [replace(r, case=f"x{r.case}") for r in portuguese]

    found = verdict(rows("base", True), rows("head", False), policy)
    assert found.state == state
    assert found.comparison.axes[0].state == "not_worse"
    if code:
        assert {reason.code for reason in found.reasons} == {code}
        assert "pt-PT" in found.sentences()[0]
    else:
        assert "small_slices" in {note.code for note in found.notes}


def test_an_axis_that_cannot_be_told_is_inconclusive(policy: Policy) -> None:
    undecided = verdict(side("base", [True] * 10), side("head", [True] * 8 + [False] * 2), policy)
    assert (undecided.state, undecided.exit_code) == ("inconclusive", 21)


@pytest.mark.parametrize("after", [[True, True, True], [True, False, True]])
def test_too_small_a_suite_is_inconclusive(policy: Policy, after: list[bool]) -> None:
    assert verdict(side("base", [True] * 3), side("head", after), policy).state == "inconclusive"


def test_a_small_axis_without_a_loss_is_noted_and_does_not_decide(policy: Policy) -> None:
    def rows(name: str) -> list[Row]:
        many = [row(f"c{n}.en", [result("d", "danger_signs", 5, True)], side=name) for n in range(9)]
        return [*many, row("t.en", [result("t", "tone", 5, True)], side=name)]

    fine = verdict(rows("base"), rows("head"), policy)
    assert fine.state == "not_worse"
    assert [note.code for note in fine.notes] == ["too_few", "unseen"]


def test_too_many_missing_answers_are_an_error(policy: Policy) -> None:
    away = AnswerError("ModelError", "The endpoint is away.")
    head = [*side("head", [True] * 9), row("case-09.en", [], error=away)]
    failed = verdict(side("base", [True] * 10), head, policy)
    assert (failed.state, failed.exit_code) == ("error", 22)
    assert failed.sentences() == [
        "1 of 10 head answers did not come (ModelError: The endpoint is away); at most 5% may be missing."
    ]


def test_one_answer_that_a_cap_left_unasked_is_no_pass(policy: Policy) -> None:
    unasked = AnswerError("BudgetReached", "The cap of 1 USD was reached: run again with a higher one to go on.")
    head = [*side("head", [True] * 99), row("case-99.en", [], error=unasked)]
    stopped = verdict(side("base", [True] * 100), head, policy)
    assert (stopped.state, stopped.exit_code) == ("error", 22)
    assert stopped.sentences() == [
        "1 of 100 head answers were not asked for: a cap was reached. The next run asks just those."
    ]


def test_too_many_failed_graders_are_an_error_and_never_a_loss(policy: Policy) -> None:
    failed = verdict(side("base", [True] * 10), side("head", [True] * 9 + [None]), policy)
    assert failed.state == "error"
    assert failed.reasons[0].code == "grader_errors"


AWAY = AnswerError("ModelError", "Away.")


@pytest.mark.parametrize("is_away", [True, False])
def test_a_never_event_nobody_knows_of_is_no_pass(policy: Policy, is_away: bool) -> None:
    base = side("base", [True] * 40, never=True)
    lost = [row("case-39.en", [], error=AWAY)] if is_away else []
    head = side("head", [True] * 39 + ([] if is_away else [None]), never=True) + lost
    unknown = verdict(base, head, policy)
    assert (unknown.state, unknown.exit_code) == ("inconclusive", 21)
    assert unknown.sentences()[0].startswith("Case case-39.en passed the never-event “Text of c1” before")


@pytest.mark.parametrize("before", [None, False])
def test_one_that_is_not_known_to_have_passed_before_is_noted(policy: Policy, before: bool | None) -> None:
    base = side("base", [True] * 39 + [before], never=True)
    fine = verdict(base, side("head", [True] * 39 + [None], never=True), policy)
    assert fine.state == "not_worse"
    assert "still_unknown_never_event" in {note.code for note in fine.notes}


def test_an_epoch_that_was_graded_makes_it_known(policy: Policy) -> None:
    base = side("base", [True] * 40, never=True)
    head = [*side("head", [True] * 40, never=True), row("case-00.en", [], epoch=1, error=AWAY)]
    assert verdict(base, head, policy).state == "not_worse"


def test_never_events_of_a_case_that_the_head_was_not_asked_are_unknown(policy: Policy) -> None:
    unknown = verdict(side("base", [True] * 15, never=True), side("head", [True] * 9, never=True), policy)
    assert unknown.state == "inconclusive"
    assert [reason.code for reason in unknown.reasons][:4] == ["unknown_never_event"] * 3 + [
        "more_unknown_never_events"
    ]
    assert unknown.reasons[3].values == (3,)


def test_nothing_evaluated_is_an_error(policy: Policy) -> None:
    assert verdict([], [], policy).state == "error"


def test_a_new_prompt_has_nothing_to_be_compared_with(policy: Policy) -> None:
    assert verdict([], side("head", [True] * 9), policy).reasons[0].code == "nothing_to_compare"


def test_a_simulated_pass_promotes_nothing(policy: Policy) -> None:
    rows = side("base", [True] * 9, simulated=True), side("head", [True] * 9, simulated=True)
    simulated = verdict(*rows, policy)
    assert simulated.exit_code == 0
    assert not simulated.may_promote
    assert "simulated" in simulated.title()
    assert "respostas simuladas" in simulated.title("pt-PT")
    assert verdict(side("base", [True] * 9), side("head", [True] * 9), policy).may_promote


@pytest.mark.parametrize("locale", ["en", "pt-BR", "pt-PT"])
def test_every_reason_is_said_in_every_language(policy: Policy, locale: str) -> None:
    for head in ([True] * 9, [False] * 9, [None] * 9, [True] * 3, [True] * 7 + [False] * 2):
        decided = verdict(side("base", [True] * len(head), never=len(head) > 8), side("head", head, never=True), policy)
        assert decided.title(locale)  # type: ignore[arg-type]
        assert all("{" not in sentence for sentence in decided.sentences(locale))  # type: ignore[arg-type]


def test_an_undecided_axis_says_what_the_cases_can_see_and_how_many_it_needs(policy: Policy) -> None:
    undecided = verdict(
        side("base", [True] * 40, axis="tone"), side("head", [True] * 36 + [False] * 4, axis="tone"), policy
    )
    axis = undecided.comparison.axes[0]
    assert undecided.state == "inconclusive"
    assert undecided.sentences() == [
        f"tone may have lost up to {-(axis.low or 0):.2f} and 0.08 is tolerated: "
        f"40 cases can see a loss of {axis.detectable:.2f}; 0.08 needs {axis.needed}."
    ]
    assert axis.needed is not None
    assert axis.needed > 40


def test_an_interval_that_says_more_than_the_state_is_explained(policy: Policy) -> None:
    base, head = side("base", [False] * 5 + [True] * 35, axis="tone"), side("head", [True] * 40, axis="tone")
    assert "better_not_certain" in {note.code for note in verdict(base, head, policy).notes}


@pytest.mark.parametrize("name", GATE_EN)
def test_both_languages_are_given_the_same_figures(name: str) -> None:
    def places(text: str) -> set[str]:
        return {field for _, field, _, _ in Formatter().parse(text) if field is not None}

    assert GATE_PT.keys() == GATE_EN.keys()
    assert places(GATE_PT[name]) == places(GATE_EN[name])
