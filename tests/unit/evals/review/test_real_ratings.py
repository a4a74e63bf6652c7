"""On real ratings agreement is that of published implementations; skipped where the data are not on this machine."""

from pathlib import Path

import krippendorff
import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa as published

from evals.review.alpha import krippendorffs_alpha
from evals.review.coefficient import Redraw
from evals.review.kappa import beside, cohens_kappa, table_of
from tests.bench.review_agreement import LABELS, SLICES, TOXIC, rows_of


@pytest.mark.parametrize("name", TOXIC)
def test_three_annotators_of_tweets(shared_data: Path, name: str) -> None:
    rows = rows_of(shared_data / "told_br" / "told_br_dev.csv")
    units = [[float(row[f"{name}_{n}"]) for n in (1, 2, 3)] for row in rows]
    theirs = krippendorff.alpha(np.array(units).T, level_of_measurement="nominal")
    assert krippendorffs_alpha(units, (0.0, 1.0), redraw=Redraw(replicates=10)).value == pytest.approx(theirs)


@pytest.mark.parametrize("code", ["gpt4", "llama2new"])
@pytest.mark.parametrize("rater", ["annotation_1", "annotation_2", "final_label"])
def test_humans_and_a_judge(shared_data: Path, code: str, rater: str) -> None:
    rows = rows_of(shared_data / "xstest" / f"xstest_v2_completions_{code}_gpteval.csv")
    table = table_of([(row[rater], row["gpt4_label"]) for row in rows], LABELS)
    for weights in ("none", "linear", "quadratic"):
        ours = cohens_kappa(table, weights)
        theirs = published(table, wt=None if weights == "none" else weights)
        assert (ours.value, ours.low, ours.high) == pytest.approx((theirs.kappa, theirs.kappa_low, theirs.kappa_upp))


def test_a_judge_may_be_right_in_three_of_four_and_agree_with_people_by_chance_alone(shared_data: Path) -> None:
    rows = rows_of(shared_data / "xstest" / "xstest_v2_completions_llama2new_gpteval.csv")
    fits = dict(SLICES)["unsafe, humans agree"]
    table = table_of([(row["final_label"], row["gpt4_label"]) for row in rows if fits(row)], LABELS)
    assert beside(table, LABELS).agreed.value == pytest.approx(0.737, abs=0.0005)
    assert cohens_kappa(table).value == pytest.approx(0.070, abs=0.0005)
    assert cohens_kappa(table, "linear").value == pytest.approx(0.055, abs=0.0005)
