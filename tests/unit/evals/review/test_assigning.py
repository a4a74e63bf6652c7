"""Who reads what in a week."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations, product

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st
from week_parts import DAYS, MONDAY, SATURDAY, item, nurse, origin, review

from evals.review.assigning import Assigned, Terms, assign, carried_over
from evals.review.base import Assignment, Batch, Reviewer, ReviewItem
from evals.review.fairness import Seat, Task, share_out
from evals.review.repeats import Past, plan_repeat, repeats_before

TERMS = Terms(DAYS, MONDAY, SATURDAY)
TWENTY = [item(f"i{number:02}") for number in range(20)]


def made(
    items: list[ReviewItem], people: list[Reviewer], second_readers: int = 4, seed: int = 1, **more: dict[str, float]
) -> Assigned:
    return assign(items, people, TERMS, second_readers, random.Random(seed), **more)  # type: ignore[arg-type]


def load(assigned: Assigned) -> Counter[str]:
    return Counter(one.reviewer_id for one in assigned.assignments)


def parts(assigned: Assigned, part: str) -> list[Assignment]:
    return [one for one in assigned.assignments if one.part == part]


def test_each_item_has_one_first_reader_and_four_a_second_who_is_another() -> None:
    assigned = made(TWENTY, [nurse(name) for name in "abc"])
    assert sorted(one.item_id for one in parts(assigned, "first")) == [one.item_id for one in TWENTY]
    assert len(parts(assigned, "second")) == 4
    assert len({(one.item_id, one.reviewer_id) for one in assigned.assignments}) == 24
    assert load(assigned) == {"a": 8, "b": 8, "c": 8}
    assert assigned.problems == ()


def test_the_same_seed_gives_the_same_and_another_gives_another() -> None:
    people = [nurse(name) for name in "abc"]
    assert made(TWENTY, people).assignments == made(TWENTY, people).assignments
    seconds = {frozenset(one.item_id for one in parts(made(TWENTY, people, seed=s), "second")) for s in range(20)}
    assert len(seconds) > 15


@settings(max_examples=40, deadline=None)
@for_all(st.integers(0, 30), st.integers(1, 6), st.integers(0, 5), st.integers(0, 99), st.data())
def test_loads_of_nurses_who_can_read_all_differ_by_one_at_most(
    items: int, people: int, twice: int, seed: int, data: st.DataObject
) -> None:
    nurses = [nurse(f"n{number}") for number in range(people)]
    carried = {one.reviewer_id: data.draw(st.floats(-9, 9)) for one in nurses}
    assigned = made([item(f"i{n:02}") for n in range(items)], nurses, twice, seed, carried=carried)
    loads = [load(assigned)[one.reviewer_id] for one in nurses]
    assert max(loads) - min(loads) <= 1
    assert sum(loads) == items + (min(twice, items) if people > 1 else 0)


def test_the_one_who_reads_english_is_kept_free_for_english() -> None:
    items = [item(f"p{n}") for n in range(10)] + [item(f"e{n}", "en") for n in range(10)]
    people = [nurse("a"), nurse("both", languages=("pt-BR", "en"))]
    assigned = made(items, people, 0)
    assert load(assigned) == {"a": 10, "both": 10}
    assert {one.reviewer_id for one in assigned.assignments if one.item_id.startswith("e")} == {"both"}


def test_what_nobody_can_read_is_said_and_the_rest_is_assigned() -> None:
    assigned = made([item("p"), item("e", "en")], [nurse("a"), nurse("b")])
    assert assigned.unread == ("e",)
    assert any(one.item_id == "e" and "Nobody who is there reads en" in one.sentence for one in assigned.problems)
    assert {one.item_id for one in assigned.assignments} == {"p"}


def test_who_is_away_all_week_gets_nothing_and_who_is_away_for_a_part_gets_less() -> None:
    monday = DAYS.first
    people = [
        nurse("there"),
        nurse("also"),
        nurse("away", away=((monday - timedelta(days=3), DAYS.last + timedelta(days=9)),)),
        nurse("half", away=((monday, monday + timedelta(days=2)),)),
    ]
    found = load(made(TWENTY, people, 4))
    assert found["away"] == 0
    assert found["half"] == 4  # 24 readings over 1 + 1 + 2/5 nurses: 10, 10 and 4
    assert found["there"] == found["also"] == 10


def test_neither_viewers_nor_those_who_left_read() -> None:
    people = [nurse("a"), nurse("b"), nurse("viewer", "viewer"), nurse("left", is_active=False)]
    assert set(load(made(TWENTY, people))) == {"a", "b"}


def test_a_lead_reads_only_what_nurses_cannot_and_that_is_said() -> None:
    enough = made(TWENTY, [nurse("a"), nurse("b"), nurse("lead", "lead")])
    assert load(enough)["lead"] == 0
    alone = made(TWENTY, [nurse("a"), nurse("lead", "lead")])
    assert load(alone) == {"a": 20, "lead": 4}
    assert [one.code for one in alone.problems] == ["lead_reads"] * 4


def test_one_nurse_alone_reads_all_once_and_the_missing_seconds_are_said() -> None:
    alone = made(TWENTY, [nurse("a")])
    assert load(alone) == {"a": 20}
    assert [one.code for one in alone.problems] == ["fewer_seconds"]


def test_what_has_to_be_read_twice_is_whatever_its_kind() -> None:
    items = [item(f"{n}", kind="criterion") for n in range(3)]
    assigned = assign(items, [nurse("a"), nurse("b")], TERMS, 0, random.Random(1), twice={"1"})
    assert Counter(one.item_id for one in assigned.assignments) == {"0": 1, "1": 2, "2": 1}
    alone = assign(items, [nurse("a")], TERMS, 0, random.Random(1), twice={"1"})
    assert [(one.code, one.item_id) for one in alone.problems] == [("no_second", "1")]


def test_a_repeat_is_for_its_own_nurse_counts_as_hers_and_is_never_read_by_a_second() -> None:
    items = [*TWENTY[:19], item("again", kind="repeat")]
    for seed in range(10):
        assigned = assign(items, [nurse(n) for n in "abc"], TERMS, 4, random.Random(seed), own={"again": "b"})
        assert [one.reviewer_id for one in assigned.assignments if one.item_id == "again"] == ["b"]
        assert max(load(assigned).values()) - min(load(assigned).values()) <= 1


def test_who_read_more_of_late_does_not_get_the_odd_item() -> None:
    people = [nurse(name) for name in "abc"]
    for seed in range(10):
        found = load(made([item(f"i{n}") for n in range(4)], people, 0, seed, carried={"a": 1.0, "b": -1.0, "c": 0.5}))
        assert found == {"a": 1, "b": 2, "c": 1}


def test_a_week_in_which_she_read_nothing_makes_nobody_owe_anything() -> None:
    batch = Batch("2026-W47", MONDAY, SATURDAY, SATURDAY, 1, "full", ())
    items = [item(f"i{n}") for n in range(4)]
    assignments = [Assignment(f"i{n}", "abb b"[n], "first", SATURDAY, MONDAY) for n in (0, 1, 2)]
    taken = Assignment("i3", "a", "first", SATURDAY, MONDAY, "withdrawn")
    assert carried_over([batch], items, [*assignments, taken]) == {"a": -0.5, "b": 0.5}


@settings(max_examples=60, deadline=None)
@for_all(st.data())
def test_no_other_way_of_sharing_out_is_more_even(data: st.DataObject) -> None:
    """Held against every way there is: with languages in the way, the least sum of squared loads."""
    names = "abc"
    able = st.sets(st.sampled_from(names))
    tasks = [
        Task(f"i{number}", data.draw(st.integers(1, 2)), frozenset(data.draw(able)))
        for number in range(data.draw(st.integers(1, 5)))
    ]
    found = share_out(tasks, [Seat(name, 1.0) for name in names], random.Random(data.draw(st.integers(0, 9))))
    ways = [list(combinations(sorted(task.able), min(task.readers, len(task.able)))) for task in tasks]
    assert [set(found.readers[task.item_id]) <= task.able for task in tasks] == [True] * len(tasks)
    assert found.missing == {t.item_id: t.readers - len(t.able) for t in tasks if len(t.able) < t.readers}
    assert _unevenness(found.readers.values()) == min(_unevenness(way) for way in product(*ways))


def _unevenness(readers: Iterable[tuple[str, ...]]) -> int:
    return sum(count**2 for count in Counter(name for one in readers for name in one).values())


class TestTheRepeat:
    LONG_AGO = MONDAY - timedelta(weeks=5)

    def planned(self, past: Past, people: list[Reviewer], seed: int = 1) -> tuple[str, str] | None:
        before = repeats_before(MONDAY, 4)
        found = plan_repeat(past, people, DAYS, before, random.Random(seed), "2026-W47", lambda: "new-id")
        if found is None:
            return None
        assert found.item.item_id == found.origin.item_id == "new-id"
        assert found.item.kind == "repeat"
        assert found.item.batch_id == "2026-W47"
        assert found.origin.probability is None
        return found.origin.source, found.reviewer_id

    def test_is_one_that_she_read_long_ago(self) -> None:
        reviews = [review("old", "a", at=self.LONG_AGO), review("fresh", "a", at=MONDAY - timedelta(weeks=2))]
        past = Past([item("old"), item("fresh")], [origin("old"), origin("fresh")], reviews)
        assert self.planned(past, [nurse("a")]) == ("old", "a")

    def test_goes_to_nobody_who_is_away_or_has_left(self) -> None:
        past = Past([item("old")], [origin("old")], [review("old", "a", at=self.LONG_AGO)])
        assert self.planned(past, [nurse("a", is_active=False), nurse("b")]) is None
        assert self.planned(past, [nurse("a", away=((date(2026, 11, 1), date(2026, 12, 1)),))]) is None

    def test_is_never_the_same_item_again_nor_one_whose_texts_are_gone(self) -> None:
        from dataclasses import replace

        gone = replace(item("gone"), is_erased=True)
        items = [item("old"), item("again", kind="repeat"), gone]
        origins = [origin("old"), origin("again", "old"), origin("gone")]
        reviews = [review(one, "a", at=self.LONG_AGO) for one in ("old", "again", "gone")]
        assert self.planned(Past(items, origins, reviews), [nurse("a")]) is None

    def test_is_no_simulated_conversation_among_real_ones_nor_the_reverse(self) -> None:
        from dataclasses import replace

        origins = [replace(origin("trial"), is_simulated=True), origin("real")]
        reviews = [review(one, "a", at=self.LONG_AGO) for one in ("trial", "real")]
        past = Past([item("trial"), item("real")], origins, reviews)
        for seed in range(4):
            assert self.planned(past.of(is_simulated=False), [nurse("a")], seed) == ("real", "a")
            assert self.planned(past.of(is_simulated=True), [nurse("a")], seed) == ("trial", "a")

    def test_goes_to_who_has_had_fewest(self) -> None:
        items = [item("a1"), item("a2"), item("a1-again", kind="repeat"), item("b1")]
        origins = [origin("a1"), origin("a2"), origin("a1-again", "a1"), origin("b1")]
        reviews = [review(one.item_id, one.item_id[0], at=self.LONG_AGO) for one in items]
        past = Past(items, origins, reviews)
        assert {self.planned(past, [nurse("a"), nurse("b")], seed) for seed in range(8)} == {("b1", "b")}

    @pytest.mark.parametrize("part", ["adjudicator", "extra"])
    def test_is_a_reading_of_hers_and_no_decision(self, part: str) -> None:
        reviews = [review("old", "a", part, self.LONG_AGO)]  # type: ignore[arg-type]
        assert self.planned(Past([item("old")], [origin("old")], reviews), [nurse("a")]) is None
