"""What is drawn for a week, and with which chance."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.review.allocation import allocated, floors, merged
from evals.review.base import Stratum
from evals.review.intervals import Sampled, most_unseen
from evals.review.sampling import Draw, draw, generator_of, pivotal
from evals.review.strata import READ_BEFORE, STRATA, parts_of
from tests.unit.evals.review.week_units import mixed, unit

WEEK = "2026-W47"


def drawn_of(units: list, seed: int = 7, **changed: object) -> Draw:
    """A draw by the values of policy.yaml, but for what is changed."""
    return draw(units, WEEK, seed, **({"items": 20, "core_items": 8} | changed))  # type: ignore[arg-type]


def test_inclusion_probabilities_are_those_of_a_thousand_draws() -> None:
    units, draws = mixed(90), 3000
    stored = {each.unit.conversation_id: each.probability for seed in range(60) for each in drawn_of(units, seed).drawn}
    seen = Counter(each.unit.conversation_id for seed in range(draws) for each in drawn_of(units, seed).drawn)
    assert set(stored) == {each.conversation_id for each in units}
    for key, probability in stored.items():
        sigma = (probability * (1 - probability) / draws) ** 0.5
        assert abs(seen[key] / draws - probability) <= 4 * sigma + 1e-12, key


def test_horvitz_thompson_of_the_draws_is_the_total_on_average() -> None:
    units = mixed(90)
    value = {each.conversation_id: float(each.risk == "high") + 0.1 * at for at, each in enumerate(units)}
    totals = [sum(value[d.unit.conversation_id] / d.probability for d in drawn_of(units, s).drawn) for s in range(2000)]
    error = float(np.mean(totals)) - sum(value.values())
    assert abs(error) <= 4 * float(np.std(totals)) / len(totals) ** 0.5


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(0, 120),
    items=st.integers(2, 30),
    core=st.integers(0, 30),
    seed=st.integers(0, 2**40),
    with_repeat=st.booleans(),
    shuffle=st.randoms(use_true_random=False),
)
def test_a_draw_is_what_a_design_promises(
    count: int, items: int, core: int, seed: int, with_repeat: bool, shuffle: object
) -> None:
    units = mixed(count)
    found = drawn_of(units, seed, items=items, core_items=min(core, items), with_repeat=with_repeat)
    wanted = items - with_repeat
    keys = [each.unit.conversation_id for each in found.drawn]
    assert len(keys) == len(set(keys)) == min(wanted, count)
    assert sum(stratum.size for stratum in found.strata) == count
    assert found.state == ("empty" if not count else "full" if count >= wanted else "short")
    core_chance = min(core, wanted) / count if count else 0
    assert all(min(1, core_chance) - 1e-12 <= each.probability <= 1 and each.probability > 0 for each in found.drawn)
    assert Counter(each.stratum for each in found.drawn) == {s.name: s.drawn for s in found.strata}
    mixed_up = list(units)
    shuffle.shuffle(mixed_up)  # type: ignore[attr-defined]
    assert drawn_of(mixed_up, seed, items=items, core_items=min(core, items), with_repeat=with_repeat) == found


def test_another_seed_and_another_week_draw_others() -> None:
    units = mixed(300)
    first = drawn_of(units).drawn
    assert drawn_of(units, 8).drawn != first
    assert draw(units, "2026-W48", 7, items=20, core_items=8).drawn != first


def test_a_seed_draws_the_same_on_every_machine_and_in_every_year() -> None:
    """As drawn with numpy 2.4: where an update draws others, the draws of weeks that are kept cannot be made again."""
    assert pivotal(40, 8, generator_of(7, WEEK)) == (1, 8, 11, 16, 20, 26, 34, 36)
    first = [each.unit.conversation_id for each in drawn_of(mixed(90)).drawn[:8]]
    assert first == ["c0007", "c0082", "c0036", "c0015", "c0084", "c0083", "c0066", "c0043"]


def test_every_stratum_gives_two_where_it_has_two() -> None:
    found = drawn_of(mixed(400), with_repeat=True)
    assert [stratum.name for stratum in found.strata] == list(STRATA)
    assert all(stratum.drawn >= min(2, stratum.size) for stratum in found.strata)
    assert len(found.drawn) == 19


def test_what_is_noticed_is_drawn_more_often_than_in_proportion() -> None:
    of = {stratum.name: stratum.drawn / stratum.size for stratum in drawn_of(mixed(400)).strata}
    assert all(of["usual"] < share for name, share in of.items() if name != "usual")
    assert of["usual"] >= 8 / 400


def test_fewer_conversations_than_items_are_all_read() -> None:
    found = drawn_of(mixed(12))
    assert found.state == "short"
    assert [each.probability for each in found.drawn] == [1.0] * 12


def test_a_week_without_conversations_is_empty() -> None:
    found = drawn_of([])
    assert (found.state, found.strata, found.drawn) == ("empty", (), ())


def test_conversations_read_not_long_ago_are_counted_and_not_drawn() -> None:
    units = mixed(60)
    recent = {each.conversation_id for each in units[:25]}
    found = drawn_of(units, recent=recent)
    assert recent.isdisjoint(each.unit.conversation_id for each in found.drawn)
    assert found.strata[-1] == Stratum(READ_BEFORE, 25, 0)
    assert sum(stratum.size for stratum in found.strata) == 60


def test_a_week_of_conversations_all_read_before_is_covered_and_not_empty() -> None:
    units = mixed(5)
    found = drawn_of(units, recent={each.conversation_id for each in units})
    assert (found.state, found.strata) == ("covered", (Stratum(READ_BEFORE, 5, 0),))


def test_each_conversation_falls_in_the_first_stratum_that_fits() -> None:
    usual = [unit(f"u{at:03d}") for at in range(100)]
    others = [
        unit("a", risk="high", rails="stopped", judges="differ"),
        unit("b", rails="changed", judges="differ", risk="medium"),
        unit("c", judges="not_met", risk="medium"),
        unit("d", judges="failed"),
        unit("e", risk="medium", locale="en"),
        unit("f", locale="en"),
        unit("g", stage=""),
        unit("h", judges="met"),
    ]
    found = {each.conversation_id: part.name for part in parts_of([*usual, *others], 20) for each in part.units}
    names = ["high_risk", "rails", "judges", "judges", "medium_risk", "rare", "rare", "usual"]
    assert [found[key] for key in "abcdefgh"] == names


def test_locales_of_a_stratum_are_drawn_in_proportion() -> None:
    """Spread over the order of locale: of 6 in 60 of which a third writes from Portugal, 2."""
    units = [unit(f"c{at:02d}", locale="pt-PT" if at < 20 else "pt-BR") for at in range(60)]
    for seed in range(20):
        found = drawn_of(units, seed, items=6, core_items=6)
        assert Counter(each.unit.locale for each in found.drawn) == {"pt-PT": 2, "pt-BR": 4}


class _Scripted:
    """Chance that takes the picks it is told, then the first of each; it keeps of how many each was."""

    def __init__(self, picks: Sequence[int]) -> None:
        self.picks, self.of = picks, list[int]()

    def integers(self, of: int) -> int:
        self.of.append(of)
        return self.picks[len(self.of) - 1] if len(self.of) <= len(self.picks) else 0


def every_draw(size: int, count: int) -> Counter[tuple[int, ...]]:
    """Each draw there can be with its probability, exactly."""
    found: Counter[tuple[int, ...]] = Counter()
    waiting: list[tuple[tuple[int, ...], Fraction]] = [((), Fraction(1))]
    while waiting:
        picks, chance = waiting.pop()
        scripted = _Scripted(picks)
        drawn = pivotal(size, count, scripted)  # type: ignore[arg-type]
        if len(scripted.of) == len(picks):
            found[drawn] += chance  # type: ignore[assignment]
        else:
            of = scripted.of[len(picks)]
            waiting += [((*picks, pick), chance / of) for pick in range(of)]
    return found


@pytest.mark.parametrize(("size", "count"), [(s, c) for s in range(1, 7) for c in range(s + 1)])
def test_each_place_has_the_same_chance_and_no_events_hide_together_by_where_they_stand(size: int, count: int) -> None:
    """Every second of four from a start of chance draws 0 and 2 together or neither: two events there are unseen in
    half of the draws; here in a quarter at most."""
    draws = every_draw(size, count)
    assert {len(set(places)) for places in draws} == {count}
    for place in range(size):
        assert sum(chance for places, chance in draws.items() if place in places) == Fraction(count, size)
    for tail in (0.05, 0.2, 0.5):
        most = most_unseen([Sampled(size, count)], tail)
        hidden = (set(events) for k in range(most + 1, size + 1) for events in combinations(range(size), k))
        assert all(sum(draws[p] for p in draws if events.isdisjoint(p)) <= tail + 1e-12 for events in hidden)


@given(size=st.integers(1, 60), seed=st.integers(0, 99), data=st.data())
def test_places_are_spread_over_the_order(size: int, seed: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, size))
    places = pivotal(size, count, generator_of(seed, WEEK))
    assert len(set(places)) == count
    for end in range(size):
        assert abs(sum(place < end for place in places) - end * count / size) < 1


@given(sizes=st.lists(st.integers(1, 500), min_size=1, max_size=8), core=st.integers(0, 20), items=st.integers(1, 40))
def test_allocations_sum_and_stay_within_sizes(sizes: list[int], core: int, items: int) -> None:
    names = {f"s{at}": size for at, size in enumerate(sizes)}
    core = min(core, items)
    groups = merged(names, core, items)
    joined = [sum(names[name] for name in group) for group in groups]
    counts = allocated(joined, core, items)
    assert sum(counts) == min(items, sum(sizes))
    assert all(1 <= count <= size for count, size in zip(counts, joined, strict=True))
    if len(joined) > 1:
        assert all(count >= least for count, least in zip(counts, floors(joined, core), strict=True))


def test_too_few_items_join_strata_from_the_end() -> None:
    assert merged({"a": 10, "b": 10, "c": 10, "d": 10}, 4, 6) == (("a",), ("b",), ("c", "d"))


def test_a_draw_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="an item at least"):
        drawn_of(mixed(5), items=1, core_items=1, with_repeat=True)
