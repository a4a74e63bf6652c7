"""What nobody could ask passes nothing; what nothing touched costs nothing."""

import pytest
from comparison_rows import side

from evals.comparison import compare
from evals.gate import Verdict, decide
from evals.pairs import paired
from evals.untested import Gaps, nothing_asked, with_gaps
from matria.policy import Policy


@pytest.fixture
def passed(policy: Policy) -> Verdict:
    rows = [True] * 30
    return decide(compare(paired(side("base", rows), side("head", rows)), policy), policy)


def test_nothing_touched_passes(policy: Policy) -> None:
    verdict = nothing_asked(compare([], policy), "origin/main")
    assert (verdict.state, verdict.exit_code) == ("not_worse", 0)
    assert "origin/main" in verdict.sentences()[0]


@pytest.mark.parametrize(
    "gaps",
    [
        Gaps(untested=("name.en",)),
        Gaps(new=("name.en",)),
        Gaps(removed=("name.en",)),
        Gaps(lost_suites=("name.en",)),
        Gaps(lost_never_events=("name.en",)),
        Gaps(unreadable="name.en"),
        Gaps(snapshots=("old", "name.en")),
    ],
    ids=str,
)
@pytest.mark.parametrize("locale", ["en", "pt-BR", "pt-PT"])
def test_what_nobody_could_ask_never_passes(policy: Policy, passed: Verdict, gaps: Gaps, locale: str) -> None:
    assert passed.exit_code == 0
    alone, beside = nothing_asked(compare([], policy), "main", gaps), with_gaps(passed, gaps)
    for verdict in (alone, beside):
        assert verdict.state == "inconclusive"
        assert "name.en" in verdict.sentences(locale)[0]  # type: ignore[arg-type]


def test_what_was_left_out_is_told_and_is_not_called_untouched(policy: Policy, passed: Verdict) -> None:
    gaps = Gaps(left_out=("name.en",), lost_cases=("suite/case",))
    assert nothing_asked(compare([], policy), "main", gaps).state == "inconclusive"
    beside = with_gaps(passed, gaps)
    assert beside.state == passed.state
    assert [note.code for note in beside.notes[-2:]] == ["gap_lost_cases", "gap_left_out"]


def test_a_blocked_change_stays_blocked_and_names_what_was_not_asked(policy: Policy) -> None:
    worse = paired(side("base", [True] * 30), side("head", [False] * 30))
    blocked = decide(compare(worse, policy), policy)
    verdict = with_gaps(blocked, Gaps(untested=[f"p{n}" for n in range(8)]))
    assert verdict.state == blocked.state == "blocked"
    assert verdict.reasons == blocked.reasons
    assert verdict.notes[-1].values == ("p0, p1, p2, p3, p4, +3",)
