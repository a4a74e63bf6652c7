"""What nobody could ask passes nothing; what nothing touched costs nothing."""

import pytest
from comparison_rows import side

from evals.comparison import compare
from evals.gate import Verdict, decide
from evals.pairs import paired
from evals.untested import nothing_asked, with_untested
from matria.policy import Policy


@pytest.fixture
def passed(policy: Policy) -> Verdict:
    rows = [True] * 30
    return decide(compare(paired(side("base", rows), side("head", rows)), policy), policy)


def test_nothing_touched_passes(policy: Policy) -> None:
    verdict = nothing_asked(compare([], policy), "origin/main")
    assert (verdict.state, verdict.exit_code) == ("not_worse", 0)
    assert "origin/main" in verdict.sentences()[0]


@pytest.mark.parametrize(("untested", "removed"), [(("a.en",), ()), ((), ("b.en",)), (("a.en",), ("b.en",))])
def test_what_nobody_could_ask_never_passes(
    policy: Policy, passed: Verdict, untested: tuple[str, ...], removed: tuple[str, ...]
) -> None:
    assert passed.exit_code == 0
    alone = nothing_asked(compare([], policy), "main", untested, removed)
    beside = with_untested(passed, untested, removed)
    assert alone.state == beside.state == "inconclusive"
    for name in (*untested, *removed):
        assert name in " ".join(alone.sentences())
        assert name in " ".join(beside.sentences())


def test_a_blocked_change_stays_blocked_and_names_what_was_not_asked(policy: Policy) -> None:
    worse = paired(side("base", [True] * 30), side("head", [False] * 30))
    blocked = decide(compare(worse, policy), policy)
    verdict = with_untested(blocked, ("a.en",))
    assert verdict.state == blocked.state == "blocked"
    assert verdict.reasons == blocked.reasons
    assert verdict.notes[-1].code == "untested"
