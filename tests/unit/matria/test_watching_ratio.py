"""The interval on a ratio of means: against scipy, against a hand computation, and on few conversations."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import bootstrap

from matria.costs.watching.hours import Buckets
from matria.costs.watching.ratio import ratio, seed_of
from matria.costs.watching.values import values_of
from matria.policy import load_policy
from tests.unit.matria.hourly_sums import NOW

VALUES = values_of(load_policy(Path(__file__).resolve().parents[3] / "policy.yaml"))


def buckets(messages: list[int], usd: list[float]) -> Buckets:
    return Buckets(np.array(messages, float), np.array(usd, float))


def drawn(count: int, seed: int) -> tuple[Buckets, Buckets]:
    generator = np.random.default_rng(seed)
    last, before = generator.poisson(9, count) + 1.0, generator.poisson(9, count) + 1.0
    heavy = generator.lognormal(0, 0.7, count)
    return Buckets(last, last * heavy * 1.25), Buckets(before, before * heavy)


def test_the_ratio_is_of_means_over_all_messages() -> None:
    """Last: 3 + 6 over 2 + 1 messages, 3 each; before: 2 + 2 over 1 + 1, 2 each. 3 / 2."""
    found = ratio(buckets([2, 1], [3, 6]), buckets([1, 1], [2, 2]), VALUES, 1)
    assert found is not None
    assert found.value == 1.5


@pytest.mark.parametrize(("count", "nominal"), [(200, 0.95), (10, 0.9829)])
def test_the_interval_agrees_with_scipys_percentile_bootstrap_of_paired_clusters(count: int, nominal: float) -> None:
    """On 10 clusters at the level that Student's t asks for: t(9) at 2.5 % is -2.262, times sqrt(10 / 9) it is -2.385,
    and of a normal 0.855 % lie below that, so that 98.29 % lie between. On 200 it is 94.8 %, as good as 95.
    """
    last, before = drawn(count, 1)
    found = ratio(last, before, replace(VALUES, bootstrap_resamples=20_000), 1)

    def statistic(*sums: np.ndarray, axis: int = -1) -> np.ndarray:
        usd, messages, was_usd, was = (part.sum(axis=axis) for part in sums)
        return np.asarray((usd / messages) / (was_usd / was))

    theirs = bootstrap(
        (last.usd, last.messages, before.usd, before.messages), statistic, paired=True, method="percentile",
        n_resamples=20_000, confidence_level=nominal, rng=np.random.default_rng(2),
    ).confidence_interval  # fmt: skip
    assert found is not None
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), rel=0.01)


def test_the_interval_holds_the_truth_about_as_often_as_it_says_on_heavy_tails() -> None:
    """Forty conversations, log-normal with a shape of 1; the truth is 1. Of 300, 264 and more lie within four sigma."""
    held = 0
    for seed in range(300):
        generator = np.random.default_rng(seed)
        ones = np.ones(40)
        found = ratio(
            Buckets(ones, generator.lognormal(0, 1, 40)), Buckets(ones, generator.lognormal(0, 1, 40)),
            replace(VALUES, bootstrap_resamples=500), seed,
        )  # fmt: skip
        held += found is not None and found.low <= 1 <= found.high
    assert 264 <= held < 300


def test_one_conversation_tells_nothing_of_its_spread() -> None:
    found = ratio(buckets([5], [10]), buckets([5], [5]), VALUES, 1)
    assert found is not None
    assert (found.value, found.low, found.high) == (2.0, 0.0, float("inf"))


@pytest.mark.parametrize(
    ("last", "before"), [(([0], [0]), ([1], [1])), (([1], [1]), ([0], [0])), (([1], [1]), ([1], [0]))]
)
def test_without_a_mean_on_either_side_there_is_no_ratio(
    last: tuple[list[int], list[float]], before: tuple[list[int], list[float]]
) -> None:
    assert ratio(buckets(*last), buckets(*before), VALUES, 1) is None


def test_a_window_whose_conversations_may_all_be_missed_has_no_upper_end() -> None:
    """Two buckets, one in each window: a resample may hold neither of one, so nothing is sure."""
    found = ratio(buckets([5, 0], [10, 0]), buckets([0, 5], [0, 5]), VALUES, 1)
    assert found is not None
    assert (found.low, found.high) == (0.0, float("inf"))


def test_the_same_finding_draws_the_same_interval_and_another_does_not() -> None:
    last, before = drawn(50, 7)
    seeds = [seed_of(NOW, "", "day"), seed_of(NOW, "", "day"), seed_of(NOW, "gestante/triagem", "day")]
    first, again, other = (ratio(last, before, VALUES, seed) for seed in seeds)
    assert first == again != other
