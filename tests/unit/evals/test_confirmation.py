"""A new never-event is asked again before it blocks; an accident is shown, and silence blocks."""

from dataclasses import replace
from datetime import date

import pytest
from comparison_rows import result, row

from evals.comparison import compare
from evals.confirmation import CONFIRMATION_EPOCH, ConfirmationRule, to_confirm, worth_asking
from evals.flips import Flip, new_never_events
from evals.gate import Verdict, decide
from evals.pairs import paired
from evals.rows import AnswerError, Row
from evals.waivers import NO_WAIVERS, NeverEventTarget, Waiver, Waivers
from matria.errors import SettingsError
from matria.policy import Policy

AGAIN = CONFIRMATION_EPOCH
FINE = [
    row(f"fine-{n}.en", [result("x", "danger_signs", 10, True)], side=s) for n in range(9) for s in ("base", "head")
]


def answers(marks: list[bool | None], first: int = 0, side: str = "head") -> list[Row]:
    """Of one case with a never-event, one an epoch; None is an answer that did not come."""
    away = AnswerError("ModelError", "Away.")
    criteria = [[] if m is None else [result("hurries", "danger_signs", 10, m, never=True)] for m in marks]
    return [
        row("bleeding.en", c, side=side, epoch=first + e, error=None if c else away) for e, c in enumerate(criteria)
    ]


def decided(policy: Policy, head: list[Row], base: list[Row] | None = None) -> Verdict:
    before = [r for r in FINE if r.key.startswith("base")] + (base or answers([True], side="base"))
    after = [r for r in FINE if r.key.startswith("head")] + head
    return decide(compare(paired(before, after), policy), policy)


def test_a_new_never_event_is_to_be_asked_again_in_epochs_of_its_own(policy: Policy) -> None:
    verdict = decided(policy, answers([False]))
    (asked,) = to_confirm(verdict.comparison.new_never_events)
    assert (asked.key, asked.criterion) == (("danger_signs", "bleeding.en", "gestante/triagem.en"), "hurries")
    assert asked.epochs == (AGAIN, AGAIN + 1, AGAIN + 2)
    assert verdict.state == "blocked", "until it was asked"
    assert to_confirm(new_never_events(paired(answers([True], side="base"), answers([False])), policy)) == [asked]


@pytest.mark.parametrize(
    ("again", "state", "confirmation"),
    [
        ([False, False, False], "blocked", "confirmed"),
        ([True, False, True], "blocked", "confirmed"),
        ([True, True, True], "not_worse", "unconfirmed"),
        ([True, True, None], "blocked", "unasked"),
        ([None, None, None], "blocked", "unasked"),
    ],
)
def test_it_blocks_where_it_fails_again_or_cannot_be_asked(
    policy: Policy, again: list[bool | None], state: str, confirmation: str
) -> None:
    verdict = decided(policy, [*answers([False]), *answers(again, AGAIN)])
    comparison = verdict.comparison
    assert to_confirm(comparison.new_never_events) == [], "each epoch is asked once"
    (flip,) = comparison.new_never_events or comparison.unconfirmed_never_events
    assert flip.confirmation == confirmation
    blocking = [reason for reason in verdict.reasons if reason.code == "never_event"]
    assert ("blocked" if blocking else "not_worse") == state
    if confirmation == "confirmed":
        failed = 1 + again.count(False)
        assert verdict.sentences()[0].endswith(f"({failed} of 4 answers).")


def test_an_accident_is_flaky_named_in_the_notes_and_no_flip(policy: Policy) -> None:
    verdict = decided(policy, [*answers([False]), *answers([True] * 3, AGAIN)])
    comparison = verdict.comparison
    assert [(line.case, line.head_failed, line.head_graded) for line in comparison.flaky] == [("bleeding.en", 1, 4)]
    assert comparison.flips == ()
    assert (comparison.axes[0].flips.to_fail, comparison.axes[0].flips.flaky) == (0, 1)
    assert "unconfirmed_never_event" in {note.code for note in verdict.notes}


def test_asking_again_moves_no_mean_and_no_count(policy: Policy) -> None:
    once = decided(policy, answers([False])).comparison
    often = decided(policy, [*answers([False]), *answers([False, None, True], AGAIN)]).comparison
    assert once.axes == often.axes
    assert (once.head, once.quality) == (often.head, often.quality)


@pytest.mark.parametrize(
    ("first", "confirmation"),
    [([False, False], "confirmed"), ([False, True, True, True], "unconfirmed"), ([False, True], "unasked")],
)
def test_further_epochs_confirm_as_repeats_do(policy: Policy, first: list[bool | None], confirmation: str) -> None:
    comparison = decided(policy, answers(first), answers([True] * len(first), side="base")).comparison
    (flip,) = comparison.new_never_events or comparison.unconfirmed_never_events
    assert flip.confirmation == confirmation
    assert bool(to_confirm(comparison.new_never_events)) == (confirmation == "unasked")


def test_what_the_base_fails_when_it_is_asked_again_is_not_new(policy: Policy) -> None:
    base = [*answers([True], side="base"), *answers([False], AGAIN, side="base")]
    comparison = decided(policy, answers([False]), base).comparison
    assert comparison.new_never_events == ()
    assert len(comparison.standing_never_events) == 1


def test_a_rule_that_could_confirm_nothing_is_refused(policy: Policy) -> None:
    def rule(failures: int) -> ConfirmationRule:
        name = "gate.never_event_failures"
        changed = {**policy.thresholds, name: replace(policy.thresholds[name], value=float(failures))}
        return ConfirmationRule.of(Policy(changed, ""))

    assert rule(policy.count("gate.never_event_repeats")).failures == 3
    with pytest.raises(SettingsError, match="no never-event could be confirmed"):
        rule(4)


def test_a_waived_never_event_neither_is_asked_nor_ends_the_asking(policy: Policy) -> None:
    def flips(first: list[bool | None]) -> list[Flip]:
        other = [replace(r, case="dose.en") for side in ("base", "head") for r in answers([side == "base"], side=side)]
        base = [*answers([True], side="base"), other[0]]
        return list(new_never_events(paired(base, [*answers(first), other[1]]), policy))

    waiver = Waiver(
        NeverEventTarget("bleeding.en", "hurries"), "@clinical", "The guideline changes.", date(2026, 12, 1)
    )
    confirmed, unasked = flips([False, False]), flips([False])
    assert [flip.confirmation for flip in confirmed] == ["confirmed", "unasked"]
    assert worth_asking(confirmed, NO_WAIVERS) == [], "one confirmed blocks alone"
    assert [one.key[1] for one in worth_asking(confirmed, Waivers((waiver,)))] == ["dose.en"]
    assert [one.key[1] for one in worth_asking(unasked, Waivers((waiver,)))] == ["dose.en"]


def test_the_gravest_is_asked_first(policy: Policy) -> None:
    def of(case: str, points: float, side: str) -> Row:
        return row(case, [result("n", "tone", points, side == "base", never=True)], side=side)

    base, head = ([of("a.en", 1, side), of("b.en", 10, side)] for side in ("base", "head"))
    found = new_never_events(paired(base, head), policy)
    assert [one.key[1] for one in worth_asking(found, NO_WAIVERS)] == ["b.en", "a.en"]
