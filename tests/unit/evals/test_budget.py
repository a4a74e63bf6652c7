"""Caps on cost and time: nothing more is asked, what is missing is a typed row, and the next run asks just that."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from evaluation_parts import CRITERIA, GOOD, Answerer, library, suite

from evals.budget import Account, Budget, BudgetReached
from evals.cases import Criterion
from evals.engine import Answered, Evaluation, evaluate
from evals.grading import Graders
from evals.judges.base import Judgement, JudgeQuestion
from evals.store import RowStore
from evals.trial import Trial
from evals.trials import Plan, plan_trials
from matria.policy import Policy
from tests.virtual_time import now
from tests.virtual_time import run as run_virtually

TEXTS = {"Escalate": GOOD}
ANSWER_USD = Decimal("0.001")
"""What `Answerer` says that each answer cost."""


@pytest.fixture
def graders(policy: Policy) -> Graders:
    return Graders(policy, "US")


def plan(
    tmp_path: Path, graders: Graders, count: int, criteria: tuple[Criterion, ...] = CRITERIA, base: str | None = None
) -> Plan:
    return plan_trials(
        [suite(count, criteria)],
        library(tmp_path / "head", "Escalate."),
        library(tmp_path / "base", base) if base else None,
        model="m",
        grading=graders.identity,
        country="US",
    )


class Paying:
    """An answerer whose every answer is paid for on the account, at the most that it could cost."""

    def __init__(self, answer: Answerer, account: Account, usd: Decimal | None = ANSWER_USD) -> None:
        self.answer, self.account, self.usd = answer, account, usd

    async def __call__(self, trial: Trial) -> Answered:
        async with self.account.call(self.usd) as payment:
            answered = await self.answer(trial)
            payment.paid(self.usd)
        return answered


def run(
    the_plan: Plan,
    answer: Answerer,
    graders: Graders,
    folder: Path,
    account: Account | None = None,
    usd: Decimal | None = ANSWER_USD,
) -> Evaluation:
    account = account or Account()
    with RowStore(folder, 8) as store:
        return asyncio.run(evaluate(the_plan, Paying(answer, account, usd), graders, store, account=account))


def test_a_cap_on_cost_leaves_typed_rows_that_the_next_run_asks(tmp_path: Path, graders: Graders) -> None:
    the_plan = plan(tmp_path, graders, 200)
    account = Account(Budget(max_usd=ANSWER_USD * 20))
    first = Answerer(TEXTS)
    evaluation = run(the_plan, first, graders, tmp_path / "rows", account)
    assert len(first.asked) == 20, "also though fifty may be under way at once"
    assert evaluation.stopped_by == "cost"
    assert evaluation.unasked == 200 - len(first.asked)
    assert evaluation.cost_usd == ANSWER_USD * len(first.asked)
    assert evaluation.stopped_words.startswith("stopped by the cap on cost after 0.0200 USD")
    errors = [row.error for row in evaluation.rows if row.error]
    assert {(error.type, error.message) for error in errors} == {
        ("BudgetReached", "The cap of 0.020 USD was reached: run again with a higher one to go on.")
    }
    second = Answerer(TEXTS)
    whole = run(the_plan, second, graders, tmp_path / "rows")
    assert (len(second.asked), whole.unasked, whole.stopped_by) == (evaluation.unasked, 0, None)
    run(the_plan, Answerer(TEXTS), graders, tmp_path / "at_once")
    assert (tmp_path / "rows/results.jsonl").read_bytes() == (tmp_path / "at_once/results.jsonl").read_bytes()


def test_what_a_cap_leaves_is_whole_pairs(tmp_path: Path, graders: Graders) -> None:
    the_plan = plan(tmp_path, graders, 100, base="Escalate, always.")
    account = Account(Budget(max_usd=ANSWER_USD * 30))
    evaluation = run(the_plan, Answerer(TEXTS), graders, tmp_path / "rows", account)
    pairs = list(evaluation.results.pairs())
    answered = [pair for pair in pairs if pair.base[0].answer and pair.head[0].answer]
    halves = [pair for pair in pairs if bool(pair.base[0].answer) != bool(pair.head[0].answer)]
    assert (len(answered), len(halves)) == (15, 0)


def test_a_price_that_nobody_knows_cannot_be_kept_under_a_cap(tmp_path: Path, graders: Graders) -> None:
    the_plan = plan(tmp_path, graders, 200)
    account = Account(Budget(max_usd=Decimal(100)))
    first = Answerer(TEXTS)
    evaluation = run(the_plan, first, graders, tmp_path / "rows", account, usd=None)
    assert evaluation.stopped_by == "price"
    assert (evaluation.unasked, first.asked) == (200, []), "before the first call"
    assert run(the_plan, Answerer(TEXTS), graders, tmp_path / "rows", usd=None).unasked == 0, "without a cap it goes"


def test_a_cap_on_time_interrupts_an_endpoint_that_hangs(tmp_path: Path, graders: Graders) -> None:
    class Hanging(Answerer):
        async def __call__(self, trial: Trial) -> Answered:
            if trial.case.id >= "bleeding-06":
                await asyncio.sleep(600)
            return await super().__call__(trial)

    the_plan = plan(tmp_path, graders, 80)
    account = Account(Budget(max_seconds=10), clock=now)
    with RowStore(tmp_path / "rows", 8) as store:
        subject = Paying(Hanging(TEXTS), account)
        evaluation = run_virtually(evaluate(the_plan, subject, graders, store, account=account))
    assert evaluation.stopped_by == "time"
    assert evaluation.seconds == 10
    assert len([row for row in evaluation.rows if row.answer]) == 80 - evaluation.unasked == 6
    again = Answerer(TEXTS)
    assert run(the_plan, again, graders, tmp_path / "rows").unasked == 0
    assert len(again.asked) == 74


class PayingJudge:
    """A judge whose every question costs the account something."""

    identity = "test:judge"

    def __init__(self, account: Account, usd: Decimal) -> None:
        self.account, self.usd, self.asked = account, usd, 0

    async def grade(self, question: JudgeQuestion) -> Judgement:
        self.asked += 1
        await asyncio.sleep(0)
        self.account.charge(self.usd)
        return Judgement(True, "It does.", "Call 911 now")


def test_judges_count_and_are_not_asked_past_the_cap(tmp_path: Path, policy: Policy) -> None:
    judged = (*CRITERIA, Criterion("kind", "Is kind.", 5, "tone", judge="rubric"))
    account = Account(Budget(max_usd=Decimal("0.1")))
    judge = PayingJudge(account, Decimal("0.05"))
    graders = Graders(policy, "US", {"rubric": judge})
    the_plan = plan(tmp_path, graders, 150, judged)
    first = Answerer(TEXTS)
    evaluation = run(the_plan, first, graders, tmp_path / "rows", account)
    assert evaluation.stopped_by == "cost"
    assert judge.asked == 1, "one case costs half of the cap and a little; two would pass it"
    unpaid = PayingJudge(Account(), Decimal("0.05"))
    second = Answerer(TEXTS)
    whole = run(the_plan, second, Graders(policy, "US", {"rubric": unpaid}), tmp_path / "rows")
    assert whole.unasked == 0
    assert not set(first.asked) & set(second.asked), "an answer that waited for its judge is not asked for again"
    assert judge.asked + unpaid.asked == 150


def test_time_and_money_are_reckoned_from_the_start() -> None:
    now = 100.0
    account = Account(Budget(Decimal(1), 10.0), clock=lambda: now)
    account.start()
    account.charge(Decimal("0.99"))
    now = 109.0
    account.require()
    assert (account.reached, account.seconds_left) == (None, 1.0)
    now = 111.0
    with pytest.raises(BudgetReached, match="cap of 10 s"):
        account.require()
    account.charge(Decimal("0.01"))
    assert account.reached == "cost"
