"""A judge is trusted where nurses' readings bear it out, of both answers, and nothing else makes it so."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.cases import Axis
from evals.judges.trust import Trust, TrustBook
from evals.judges.trust_lines import as_data, trust_lines
from evals.judges.trustfile import read_trust, write_trust
from evals.judges.trusting import Bar, Reading, trust_book
from evals.judges.weighing import Weighed, effective_n, found_alike
from evals.review.coefficient import wilson
from matria.errors import InputError
from matria.policy import Policy

TODAY = date(2026, 11, 23)
JUDGE = "judge:rubric model-1 abc"
NURSES = frozenset({"nurse-a", "nurse-b"})


def readings(
    both: int, judge_only: int, nurse_only: int, neither: int, criterion: str = "s/c", axis: Axis = "tone"
) -> list[Reading]:
    """As many of each kind, each of its own item, read today."""
    said = [(True, True)] * both + [(True, False)] * judge_only + [(False, True)] * nurse_only
    said += [(False, False)] * neither
    return [
        Reading(JUDGE, "judge:rubric", criterion, axis, judge, nurse, f"{criterion}-{number}", TODAY, nurses=NURSES)
        for number, (judge, nurse) in enumerate(said)
    ]


def of(found: list[Reading], policy: Policy, criterion: str = "s/c") -> Trust:
    return trust_book(found, policy, TODAY).known[JUDGE, criterion]


def test_a_judge_that_agrees_on_both_answers_is_trusted(policy: Policy) -> None:
    found = of(readings(38, 2, 3, 17), policy)
    assert found.state == "trusted"
    assert (found.n, found.met, found.not_met) == (60, 41, 19)
    assert found.sensitivity.value == pytest.approx(38 / 41, abs=1e-4)
    assert found.specificity.value == pytest.approx(17 / 19, abs=1e-4)
    expected = wilson(17, 19, 0.95)
    assert (found.specificity.low, found.specificity.high) == pytest.approx((expected.low, expected.high), abs=1e-4)


def test_a_judge_that_always_says_met_is_not_trusted_for_it_on_good_answers(policy: Policy) -> None:
    found = of(readings(200, 0, 0, 0), policy)
    assert (found.state, found.specificity.value, found.kappa.value) == ("unmeasured", None, None)
    assert Bar.of(policy).shortfalls(found) == ("few_not_met", "no_kappa")
    once = of(readings(199, 1, 0, 0), policy)
    assert once.state == "unmeasured"
    often = of(readings(180, 20, 0, 0), policy)
    assert (often.state, often.sensitivity.value, often.specificity.value) == ("untrusted", 1.0, 0.0)


def test_too_few_readings_measure_nothing_however_good(policy: Policy) -> None:
    assert of(readings(15, 0, 0, 14), policy).state == "unmeasured"
    assert of(readings(15, 0, 0, 15), policy).state == "trusted"


def test_figures_over_the_bar_are_not_enough_where_their_lower_ends_are_luck(policy: Policy) -> None:
    found = of(readings(21, 2, 2, 8), policy)
    assert found.kappa.value is not None
    assert found.kappa.value >= 0.6
    assert found.specificity.value == 0.8
    assert found.state == "untrusted"
    assert Bar.of(policy).shortfalls(found) == ("kappa_low", "specificity_low")


def test_failures_and_doubts_are_counted_and_judge_nothing(policy: Policy) -> None:
    good = readings(20, 0, 0, 20)
    more = [replace(good[0], item="f", judge_met=None), replace(good[0], item="d", nurse_met=None)]
    found = of(good + more, policy)
    assert (found.n, found.failed, found.cannot_tell, found.state) == (40, 1, 1, "trusted")


def test_old_readings_fall_out_and_the_newest_of_an_item_counts(policy: Policy) -> None:
    good = readings(20, 0, 0, 20)
    old = [replace(one, reviewed_on=TODAY - timedelta(weeks=26, days=1)) for one in good]
    assert trust_book(old, policy, TODAY).known == {}
    assert trust_book([replace(one, reviewed_on=TODAY + timedelta(days=1)) for one in good], policy, TODAY).known == {}
    changed = [*[replace(one, nurse_met=False, reviewed_on=TODAY - timedelta(days=7)) for one in good], *good]
    assert of(changed, policy) == of(good, policy) == of(changed[::-1], policy)


def test_an_axis_takes_its_criteria_together_and_one_item_counts_once(policy: Policy) -> None:
    book = trust_book(readings(12, 0, 0, 8, "s/a") + readings(8, 0, 0, 12, "s/b"), policy, TODAY)
    assert book.of(JUDGE, "s/a", "tone").criterion == "axis:tone"
    assert book.of(JUDGE, "s/a", "tone").is_trusted
    assert book.of(JUDGE, "s/a", "accuracy").state == "unmeasured"
    twice = [replace(one, criterion=name) for one in readings(10, 0, 0, 10) for name in ("s/a", "s/b", "s/c")]
    pooled = trust_book(twice, policy, TODAY).known[JUDGE, "axis:tone"]
    assert (pooled.n, pooled.effective_met, pooled.state) == (20, 10, "unmeasured")


def test_simulated_readings_count_only_where_there_are_no_others_and_are_marked(policy: Policy) -> None:
    simulated = [replace(one, is_simulated=True, item=f"x{one.item}") for one in readings(30, 0, 0, 30)]
    alone = of(simulated, policy)
    assert (alone.state, alone.is_simulated) == ("trusted", True)
    beside = of([*simulated, *readings(3, 0, 0, 2)], policy)
    assert (beside.n, beside.state, beside.is_simulated) == (5, "unmeasured", False)


def test_what_is_drawn_more_often_counts_less() -> None:
    """A population of 1000: 900 that nurses find met (judge 855), 100 not met (judge 80 not met).

    The judge's 125 "not met" are read at 0.4, the 875 others at 0.04: 18 met and 32 not met of the first, 34.2 and 0.8
    of the others. Unweighted sensitivity is 34 / 52; the population's 0.95.
    """
    read = [(True, True, 34, 25.0), (True, False, 1, 25.0), (False, True, 18, 2.5), (False, False, 32, 2.5)]
    sample = [
        Weighed(f"{judge}{nurse}{number}", judge, nurse, weight)
        for judge, nurse, count, weight in read
        for number in range(count)
    ]
    found = found_alike(sample, True, 0.95)
    assert found.value == pytest.approx(34 * 25 / (34 * 25 + 18 * 2.5))
    naive = found_alike([replace(one, weight=1.0) for one in sample], True, 0.95)
    assert naive.value == pytest.approx(34 / 52)
    assert naive.high is not None
    assert naive.high < 0.95


def test_misses_that_hide_where_few_were_read_are_not_ruled_out() -> None:
    """32 caught at 2.5 each and no miss among 34 read of 875: Wilson alone would give 0.89 at least.

    3 of 34 may be missed unseen, about 77 of 875 beside the 80 that were caught: half.
    """
    sample = [Weighed(f"a{number}", True, True, 25.0) for number in range(34)]
    sample += [Weighed(f"b{number}", False, True, 2.5) for number in range(18)]
    sample += [Weighed(f"c{number}", False, False, 2.5) for number in range(32)]
    found = found_alike(sample, False, 0.95)
    assert found.value == 1.0
    assert found.low is not None
    assert 0.35 < found.low < 0.55


def test_a_judge_that_misses_half_is_not_trusted_for_what_gates_queued_of_its_finds(policy: Policy) -> None:
    """Of 1000 answers 100 are bad; the judge finds 50 of them and 5 others bad. Gates queued 44 of its 55, 44 of 945.

    Counted as one each its specificity would be 40 of 42, though it misses half.
    """
    read = [
        replace(one, frame="gate", probability=44 / 945 if one.judge_met else 44 / 55) for one in readings(42, 2, 4, 40)
    ]
    found = of(read, policy)
    assert found.state == "untrusted"
    assert found.specificity.value == pytest.approx(40 * 55 / (40 * 55 + 2 * 945), abs=1e-4)
    naive = of([replace(one, probability=None) for one in read], policy)
    assert (naive.state, naive.specificity.value) == ("trusted", pytest.approx(40 / 42, abs=1e-4))


def test_what_gates_queued_and_what_weeks_drew_weigh_alike_whatever_they_were_of(policy: Policy) -> None:
    week = [replace(one, probability=0.1) for one in readings(20, 0, 0, 20)]
    gate = [replace(one, item=f"g{n}", frame="gate", probability=0.001) for n, one in enumerate(readings(0, 20, 20, 0))]
    found = of([*week, *gate], policy)
    assert (found.sensitivity.value, found.specificity.value) == (0.5, 0.5)


def signed(points: int, name: str, said: list[tuple[bool, bool]]) -> list[Reading]:
    """Readings of a criterion by whether judge and nurse found the answer good."""
    return [
        Reading(
            JUDGE,
            "judge:rubric",
            name,
            "medication_safety",
            judge == (points > 0),
            nurse == (points > 0),
            f"{name}{n}",
            TODAY,
            good_when_met=points > 0,
            nurses=NURSES,
        )
        for n, (judge, nurse) in enumerate(said)
    ]


def test_a_judge_that_never_finds_anything_bad_is_not_trusted_whatever_the_signs(policy: Policy) -> None:
    said = [(True, n % 7 != 0) for n in range(60)]
    book = trust_book([*signed(5, "s/says-dose", said), *signed(-8, "s/wrong-dose", said)], policy, TODAY)
    axis = book.known[JUDGE, "axis:medication_safety"]
    assert (axis.specificity.value, axis.sensitivity.value, axis.not_met) == (0.0, 1.0, 18)
    assert {trust.state for trust in book.known.values()} == {"untrusted"}


def test_a_criterion_on_which_a_judge_is_shown_to_be_poor_does_not_go_by_its_axis(policy: Policy) -> None:
    fine = [(True, True)] * 60 + [(False, False)] * 40
    rare = [(True, True)] * 32 + [(True, False)] * 4
    book = trust_book([*signed(5, "s/others", fine), *signed(-8, "s/rare", rare)], policy, TODAY)
    assert book.known[JUDGE, "axis:medication_safety"].is_trusted
    own = book.of(JUDGE, "s/rare", "medication_safety")
    assert (own.criterion, own.state) == ("s/rare", "untrusted")
    chance = trust_book([*signed(5, "s/others", fine), *signed(-8, "s/rare", rare[:-3])], policy, TODAY)
    assert chance.of(JUDGE, "s/rare", "medication_safety").criterion == "axis:medication_safety"


def test_one_answer_counts_once_on_an_axis_however_many_items_it_makes(policy: Policy) -> None:
    each = [
        replace(one, criterion=name, item=f"{name}{one.item}", answer=one.item)
        for one in readings(10, 0, 0, 10)
        for name in ("s/a", "s/b", "s/c")
    ]
    pooled = trust_book(each, policy, TODAY).known[JUDGE, "axis:tone"]
    assert (pooled.n, pooled.met, pooled.not_met, pooled.effective_met) == (20, 10, 10, 10)
    assert pooled.state == "unmeasured"


def test_what_one_nurse_alone_said_makes_no_judge_trusted(policy: Policy) -> None:
    alone = [replace(one, nurses=frozenset({"nurse-a"})) for one in readings(30, 0, 0, 30)]
    found = of(alone, policy)
    assert (found.state, found.nurses) == ("unmeasured", 1)
    assert Bar.of(policy).shortfalls(found) == ("few_nurses",)
    other = [replace(alone[0], nurses=frozenset({"nurse-b"})), *alone[1:]]
    assert (of(other, policy).state, of(other, policy).nurses) == ("trusted", 2)


def test_neither_a_doubt_nor_a_failure_keeps_old_figures_alive(policy: Policy) -> None:
    then = TODAY - timedelta(weeks=20)
    old = [replace(one, reviewed_on=then) for one in readings(20, 0, 0, 20)]
    late = [replace(old[0], item="d", nurse_met=None, reviewed_on=TODAY)]
    late += [replace(old[0], item="f", judge_met=None, reviewed_on=TODAY)]
    found = of(old + late, policy)
    assert (found.until, found.cannot_tell, found.failed) == (then.isoformat(), 1, 1)
    assert Bar.of(policy).state(found, TODAY + timedelta(weeks=7)) == "unmeasured"
    assert of(late, policy).until == TODAY.isoformat(), "there is nothing else to say of it"


def test_a_judge_that_said_both_of_one_answer_has_both_counted(policy: Policy) -> None:
    good = readings(20, 0, 0, 20)
    both = [*good, replace(good[0], judge_met=False)]
    for order in (both, both[::-1]):
        found = of(order, policy)
        assert found.n == 40
        assert found.sensitivity.value == pytest.approx(20 / 21, abs=1e-4)


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40), st.floats(0.01, 100))
def test_equal_weights_change_nothing(said: list[tuple[bool, bool]], weight: float) -> None:
    plain = [Weighed(f"{number}", *pair) for number, pair in enumerate(said)]
    scaled = [replace(one, weight=weight) for one in plain]
    assert effective_n(scaled) == pytest.approx(len(said))
    for nurse in (True, False):
        one, two = (found_alike(sample, nurse, 0.95) for sample in (plain, scaled))
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high))


def test_the_file_gives_the_book_again_and_the_same_bytes(policy: Policy, tmp_path: Path) -> None:
    mixed = [replace(one, probability=0.3 if one.judge_met else 0.9) for one in readings(38, 2, 3, 17)]
    book = trust_book(mixed + readings(5, 0, 0, 0, "s/d", "scope"), policy, TODAY)
    path = write_trust(tmp_path / "trust.yaml", book, week="2026-W47", policy=policy)
    written = path.read_bytes()
    assert read_trust(path) == read_trust(path, policy, TODAY) == book
    assert write_trust(path, read_trust(path), week="2026-W47", policy=policy).read_bytes() == written
    assert b"s/c-0" not in written  # no item, so nothing that leads to a conversation
    assert read_trust(tmp_path / "none.yaml") == TrustBook()


def test_an_edited_state_a_raised_bar_and_age_make_no_judge_trusted(policy: Policy, tmp_path: Path) -> None:
    path = tmp_path / "trust.yaml"
    write_trust(path, trust_book(readings(21, 2, 2, 8), policy, TODAY), week="2026-W47", policy=policy)
    path.write_text(path.read_text(encoding="utf-8").replace("state: untrusted", "state: trusted"), encoding="utf-8")
    assert read_trust(path).known[JUDGE, "s/c"].is_trusted
    assert not read_trust(path, policy).known[JUDGE, "s/c"].is_trusted
    write_trust(path, trust_book(readings(30, 0, 0, 30), policy, TODAY), week="2026-W47", policy=policy)
    assert read_trust(path, policy, TODAY).known[JUDGE, "s/c"].is_trusted
    assert read_trust(path, policy, TODAY + timedelta(weeks=27)).known[JUDGE, "s/c"].state == "unmeasured"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("state: trusted", "state: fine", "entry 1, state: is none of trusted, untrusted, unmeasured"),
        ("n: 60\n", "n: many\n", "entry 1, n: does not fit"),
        ("  failed: 0\n", "", "entry 1, failed: is missing"),
        ("  failed: 0\n", "  failed: 0\n  nurse: x\n", "entry 1, nurse: is no name that belongs here"),
        ("n: 60\n", "n: 4000\n", r"entry 1: n is 4000, which met \(41\) and not_met \(19\) do not come to"),
        ("n: 60\n", "n: 40\n", "entry 1: n is 40"),
        ("effective_met: 41.0", "effective_met: 410.0", "entry 1: effective_met is 410, more than met, which is 41"),
        ("  met: 41\n", "  met: 0\n", "entry 1: n is 60"),
        ("week:", "weak:", "the file, week: is missing"),
        ("    low: 0.8057\n", "    low: null\n", "entry 1, sensitivity: a value and both its ends go together"),
        ("  is_simulated: false\n", "  is_simulated: false\n  n: 2\n", "stands there a second time"),
    ],
)
def test_a_malformed_file_is_refused_in_a_sentence(
    policy: Policy, tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "trust.yaml"
    write_trust(path, trust_book(readings(38, 2, 3, 17), policy, TODAY), week="2026-W47", policy=policy)
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_trust(path)


def test_figures_of_a_side_that_nobody_counted_are_refused(policy: Policy, tmp_path: Path) -> None:
    path = write_trust(tmp_path / "t.yaml", trust_book(readings(60, 0, 0, 0), policy, TODAY), week="", policy=policy)
    text = path.read_text(encoding="utf-8")
    start = text.index("specificity:")
    figures = text[start:]
    for end, value in (("value", 0.9), ("low", 0.8), ("high", 1.0)):
        figures = figures.replace(f"{end}: null", f"{end}: {value}", 1)
    path.write_text(text[:start] + figures, encoding="utf-8")
    with pytest.raises(InputError, match="specificity is there, though not_met is 0"):
        read_trust(path)


def test_readings_of_a_day_to_come_are_refused_in_a_sentence(policy: Policy, tmp_path: Path) -> None:
    book = trust_book(readings(38, 2, 3, 17), policy, TODAY)
    path = write_trust(tmp_path / "trust.yaml", book, week="2026-W47", policy=policy)
    path.write_text(path.read_text(encoding="utf-8").replace(f"{TODAY}", "2099-01-01"), encoding="utf-8")
    with pytest.raises(InputError, match="entry 1, until: 2099-01-01 is still to come"):
        read_trust(path, policy, TODAY)


def test_each_line_says_what_a_judge_lacks_and_how_much_it_takes(policy: Policy) -> None:
    book = trust_book(readings(15, 0, 0, 15) + readings(5, 0, 0, 0, "s/few", "scope"), policy, TODAY)
    lines = trust_lines(book, policy, TODAY)
    assert [line.trust.criterion for line in lines] == ["axis:scope", "axis:tone", "s/c", "s/few"]
    assert (lines[1].lacks, lines[3].lacks) == ((), ("few_items", "few_met", "few_not_met", "no_kappa"))
    assert lines[3].needed == {"few_items": 30, "few_met": 10, "few_not_met": 10}
    assert json.loads(json.dumps(as_data(lines[1])))["kappa"]["value"] == 1.0
