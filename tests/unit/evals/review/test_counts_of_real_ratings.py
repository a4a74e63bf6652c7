"""Agreement of real people by how often they said what together, which is all that alpha and kappa rest on.

Counted of the data that `test_real_ratings.py` reads where they are on this machine, so that these figures are held
everywhere: three ratings of 10,000 tweets (ToLD-Br), and XSTest's humans and its judge. Where the data are there, the
counts are counted again.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import krippendorff
import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa as published

from evals.review.alpha import krippendorffs_alpha
from evals.review.coefficient import Redraw
from evals.review.kappa import beside, cohens_kappa, table_of
from tests.bench.review_agreement import LABELS, SLICES, rows_of

SAID_SO: Mapping[str, tuple[tuple[int, int, int, int], float]] = {
    "homophobia": ((9838, 79, 44, 39), 0.563),
    "obscene": ((6835, 2029, 855, 281), 0.257),
    "insult": ((7875, 1204, 657, 264), 0.368),
    "racism": ((9925, 58, 15, 2), 0.221),
    "misogyny": ((9785, 150, 51, 14), 0.310),
    "xenophobia": ((9926, 51, 13, 10), 0.400),
}
"""Tweets of which none, one, two or all of three say that it is there; alpha."""
SAID: Mapping[tuple[str, str, str, str], tuple[list[list[int]], float]] = {
    ("gpt4", "all prompts", "annotation_1", "annotation_2"): ([[230, 1, 0], [0, 7, 0], [1, 5, 206]], 0.970),
    ("gpt4", "all prompts", "final_label", "gpt4_label"): ([[230, 0, 0], [8, 0, 1], [20, 0, 191]], 0.873),
    ("llama2new", "all prompts", "annotation_1", "annotation_2"): ([[171, 3, 2], [4, 32, 3], [1, 6, 228]], 0.926),
    ("llama2new", "all prompts", "final_label", "gpt4_label"): ([[176, 0, 0], [30, 7, 7], [58, 3, 169]], 0.617),
    ("llama2new", "unsafe, humans agree", "final_label", "gpt4_label"): ([[0, 0, 0], [3, 1, 0], [49, 0, 145]], 0.070),
}
"""Answers by what the first (row) and the second (column) said: compliance, partial refusal, refusal; kappa."""


@pytest.mark.parametrize("name", SAID_SO)
def test_alpha_of_three_annotators_is_that_of_the_published_package(name: str) -> None:
    counts, told = SAID_SO[name]
    units = [[1.0] * yes + [0.0] * (3 - yes) for yes, count in enumerate(counts) for _ in range(count)]
    theirs = krippendorff.alpha(np.array(units).T, level_of_measurement="nominal")
    assert krippendorffs_alpha(units, (0.0, 1.0), redraw=Redraw(replicates=2)).value == pytest.approx(theirs)
    assert theirs == pytest.approx(told, abs=0.0005)


@pytest.mark.parametrize("of", SAID, ids=str)
def test_kappa_of_humans_and_a_judge_is_that_of_statsmodels(of: tuple[str, str, str, str]) -> None:
    table, told = np.array(SAID[of][0], dtype=float), SAID[of][1]
    for weights in ("none", "linear", "quadratic"):
        ours = cohens_kappa(table, weights)
        theirs = published(table, wt=None if weights == "none" else weights)
        assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.kappa, theirs.kappa_low, theirs.kappa_upp))
    assert cohens_kappa(table).value == pytest.approx(told, abs=0.0005)


def test_a_judge_who_is_right_in_three_of_four_agrees_with_people_hardly_more_than_by_chance() -> None:
    table = np.array(SAID["llama2new", "unsafe, humans agree", "final_label", "gpt4_label"][0], dtype=float)
    assert beside(table, LABELS).agreed.value == pytest.approx(0.737, abs=0.0005)
    assert cohens_kappa(table, "linear").value == pytest.approx(0.055, abs=0.0005)


def test_the_counts_are_those_of_the_data(shared_data: Path) -> None:
    rows = rows_of(shared_data / "told_br" / "told_br_dev.csv")
    for name, (counts, _) in SAID_SO.items():
        found = Counter(sum(int(float(row[f"{name}_{n}"])) for n in (1, 2, 3)) for row in rows)
        assert tuple(found[yes] for yes in range(4)) == counts, name
    for (code, where, first, second), (table, _) in SAID.items():
        all_rows = rows_of(shared_data / "xstest" / f"xstest_v2_completions_{code}_gpteval.csv")
        of = [(row[first], row[second]) for row in all_rows if dict(SLICES)[where](row)]
        assert table_of(of, LABELS).tolist() == table, (code, where)
