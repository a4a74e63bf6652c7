"""Agreement is scikit-learn's; what the judge failed to judge is counted and left out of the figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from evals.judges.agreement import agreement


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_the_figures_are_those_of_scikit_learn(pairs: list[tuple[bool, bool]]) -> None:
    ours, theirs = zip(*pairs, strict=True)
    found = agreement(pairs)
    assert found.accuracy == pytest.approx(accuracy_score(theirs, ours))
    assert found.macro_f1 == pytest.approx(
        f1_score(theirs, ours, average="macro", labels=[False, True], zero_division=0.0)
    )
    if found.kappa is None:
        assert len({*ours, *theirs}) == 1
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(theirs, ours))


def test_failures_are_counted_and_left_out() -> None:
    found = agreement([(True, True), (None, True), (None, False), (False, False)])
    assert (found.judged, found.failed, found.accuracy, found.kappa) == (2, 2, 1.0, 1.0)
    nothing = agreement([(None, True)])
    assert (nothing.accuracy, nothing.kappa, nothing.macro_f1, nothing.failed) == (None, None, None, 1)
