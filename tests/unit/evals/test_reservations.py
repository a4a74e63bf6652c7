"""No spending passes a cap, whatever calls cost within their bounds and however many are under way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.bounds import most_records, most_usage, most_usd, most_usd_at, most_usd_of_records
from evals.budget import Account, Budget, BudgetReached
from evals.budgeted import BudgetedChat, BudgetedRails
from guardrails.base import Decision, Text
from guardrails.chain import ChainDecision, RailChain
from matria.costs.allowance.share import Share
from matria.costs.allowance.store import SqlAllowances
from matria.costs.base import UnitPrices, Usage
from matria.costs.prices import Prices
from matria.messages import Message
from matria.policy import Policy
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, Failure, PaidAttempt
from models.assistant.limited import Attempts, LimitedChat

REQUEST = ChatRequest((Message("user", "Is this normal?"),), "m", {"max_tokens": 100})
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Cost:
    """What a call can cost, does cost, and how long it takes."""

    most: Decimal
    usd: Decimal | None
    """None where nobody learns of it."""
    turns: int
    """Of the event loop."""


@st.composite
def costs(draw: st.DrawFn) -> Cost:
    most = Decimal(draw(st.integers(0, 1000))) / 1000
    part = draw(st.one_of(st.none(), st.integers(0, 100)))
    return Cost(most, None if part is None else most * part / 100, draw(st.integers(0, 5)))


@dataclass
class Spending:
    """Calls made, as whoever bills them sees it."""

    account: Account
    billed: Decimal = Decimal(0)
    """The calls of which nobody learns cost their most."""
    worst: Decimal = Decimal(0)
    """What the calls made so far may come to."""
    refused: list[Cost] = field(default_factory=list)

    async def work(self, queue: list[Cost], cap: Decimal) -> None:
        while queue:
            cost = queue.pop()
            try:
                async with self.account.call(cost.most) as payment:
                    self.worst += cost.most
                    assert self.worst <= cap, "not even were each call to cost its most"
                    for _ in range(cost.turns):
                        await asyncio.sleep(0)
                    self.billed += cost.most if cost.usd is None else cost.usd
                    self.worst -= cost.most - (cost.most if cost.usd is None else cost.usd)
                    payment.paid(cost.usd)
            except BudgetReached:
                self.refused.append(cost)


async def spend(account: Account, calls: list[Cost], in_flight: int, cap: Decimal) -> Spending:
    spending, queue = Spending(account), list(calls)
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(spending.work(queue, cap))
    return spending


@given(calls=st.lists(costs(), max_size=120), in_flight=st.integers(1, 50), cap=st.integers(0, 5000))
@settings(max_examples=300, deadline=None)
def test_a_runs_cap_is_never_passed_and_nothing_is_refused_without_need(
    calls: list[Cost], in_flight: int, cap: int
) -> None:
    max_usd = Decimal(cap) / 1000
    account = Account(Budget(max_usd))
    spending = asyncio.run(spend(account, calls, in_flight, max_usd))
    assert spending.billed == account.usd + account.withheld <= max_usd
    if spending.refused:
        assert spending.billed + spending.refused[0].most > max_usd or spending.billed == max_usd
    else:
        assert account.committed == spending.billed


@given(
    calls=st.lists(costs(), min_size=20, max_size=120),
    in_flight=st.integers(1, 50),
    runs=st.integers(1, 3),
    cap=st.integers(1, 3000),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_days_cap_is_never_passed_by_runs_at_the_same_time(
    calls: list[Cost], in_flight: int, runs: int, cap: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    max_usd = Decimal(cap) / 1000
    store = SqlAllowances(tmp_path_factory.mktemp("day") / "allowances.db")

    async def one_run() -> Spending:
        async with Share(store, lambda now: "day", max_usd) as share:
            return await spend(Account(day=share), calls, in_flight, max_usd)

    async def all_runs() -> list[Spending]:
        return await asyncio.gather(*(one_run() for _ in range(runs)))

    spent = asyncio.run(all_runs())
    assert sum(spending.billed for spending in spent) <= max_usd
    if runs == 1 and spent[0].refused:
        assert spent[0].billed + max(cost.most for cost in spent[0].refused) > max_usd


class Scripted:
    """A chat model that gives its replies in turn; a failure among them is raised."""

    provider = "openai"

    def __init__(self, *replies: "Usage | Failure | PaidAttempt") -> None:
        self.replies = list(replies)
        self.asked = 0

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked += 1
        reply = self.replies.pop(0)
        if isinstance(reply, PaidAttempt):
            error = ChatFailed("It failed.", reply.failure)
            error.paid = (reply,)
            raise error
        if isinstance(reply, str):
            raise ChatFailed("It failed.", reply)
        return ChatReply("Yes.", "stop", "m-1", "r", reply, 1.0, is_simulated=False)

    async def stream(self, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
        reply = await self.complete(request)
        yield reply.text
        yield reply

    async def ping(self) -> str:
        return "here"

    async def aclose(self) -> None:
        pass


@dataclass(frozen=True)
class CentAToken:
    """A cent for each token of output, and nothing else."""

    is_billed: bool = True

    def most(self, request: ChatRequest) -> Decimal | None:
        usage = most_usage(request)
        return None if usage is None else usage.output_tokens * CENT

    def cost(self, reply: ChatReply | PaidAttempt, model: str) -> Decimal | None:
        return None if reply.usage is None else reply.usage.output_tokens * CENT


def chat(account: Account, *replies: Usage | Failure | PaidAttempt) -> tuple[LimitedChat, Scripted]:
    scripted = Scripted(*replies)
    return LimitedChat(BudgetedChat(scripted, account, CentAToken()), (), Attempts(5, 60, 0.001, 0.001)), scripted


def test_each_attempt_is_a_call_of_its_own_and_one_that_may_have_been_paid_for_counts_as_its_most() -> None:
    account = Account(Budget(Decimal("3.2")))
    timeout, cut_off = PaidAttempt("timeout", "openai", "m"), PaidAttempt("unreadable", "openai", "m")
    asked, model = chat(account, timeout, "too_many_requests", "server", Usage(9, 20), cut_off, Usage(9, 10))
    asyncio.run(asked.complete(REQUEST))
    # The timeout may have cost its most, 1.00; 429 and 500 nothing; the answer 0.20.
    assert (account.usd, account.withheld, model.asked) == (Decimal("0.2"), Decimal(1), 4)
    asyncio.run(asked.complete(REQUEST))
    assert (account.usd, account.withheld, account.committed) == (Decimal("0.3"), Decimal(2), Decimal("2.3"))
    with pytest.raises(BudgetReached, match=r"cap of 3\.2 USD"):
        asyncio.run(asked.complete(REQUEST))
    assert (model.asked, account.reached) == (6, "cost"), "the call that might have crossed it was not made"


def test_where_no_further_attempt_is_affordable_the_last_ones_failure_is_told_with_what_it_may_have_cost() -> None:
    account = Account(Budget(Decimal("1.5")))
    timeout = PaidAttempt("timeout", "openai", "m")
    asked, model = chat(account, timeout, Usage(9, 10))
    with pytest.raises(ChatFailed) as met:
        asyncio.run(asked.complete(REQUEST))
    assert (met.value.paid, model.asked, account.reached) == ((timeout,), 1, "cost")


def test_an_attempt_that_the_endpoint_has_counted_costs_what_it_did() -> None:
    account = Account(Budget(Decimal(5)))
    counted = PaidAttempt("unexpected_end", "openai", "m", usage=Usage(9, 30))
    asked, _ = chat(account, counted, Usage(9, 10))
    with pytest.raises(ChatFailed):
        asyncio.run(asked.complete(REQUEST))
    assert (account.usd, account.withheld) == (Decimal("0.3"), 0)


@pytest.mark.parametrize(("has_left", "withheld"), [(True, 1), (False, 0)])
def test_a_cancelled_call_may_have_been_paid_for_where_its_request_had_left(has_left: bool, withheld: int) -> None:
    class Hanging(Scripted):
        async def complete(self, request: ChatRequest) -> ChatReply:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if has_left:
                    request.tell(PaidAttempt("cancelled", "openai", "m"))
                raise
            raise AssertionError

    account = Account(Budget(Decimal(5)))

    async def ask() -> None:
        async with asyncio.timeout(0.01):
            await BudgetedChat(Hanging(), account, CentAToken()).complete(REQUEST)

    with pytest.raises(TimeoutError):
        asyncio.run(ask())
    assert (account.withheld, account.committed) == (withheld, withheld)


def test_a_request_whose_answer_nothing_bounds_cannot_be_kept_under_a_cap() -> None:
    unbounded = ChatRequest(REQUEST.messages, "m")
    account = Account(Budget(Decimal(5)))
    asked, model = chat(account, Usage(9, 20))
    with pytest.raises(BudgetReached, match=r"prices\.yaml"):
        asyncio.run(asked.complete(unbounded))
    assert (model.asked, account.reached) == (0, "price")


def test_a_price_that_was_thought_too_low_raises_all_later_bounds() -> None:
    account = Account(Budget(Decimal(100)))

    async def pay() -> Decimal | None:
        async with account.call(Decimal(1)) as payment:
            payment.paid(Decimal("2.5"))
        return (await account.reserve(Decimal(1))).usd

    assert asyncio.run(pay()) == Decimal("2.5")


def test_what_a_simulator_answers_counts_to_the_run_and_not_to_the_day(tmp_path: Path) -> None:
    store = SqlAllowances(tmp_path / "allowances.db")

    async def work() -> Account:
        async with Share(store, lambda now: "day", Decimal(1)) as day:
            account = Account(Budget(Decimal(5)), day=day)
            for _ in range(4):
                async with account.call(Decimal(1), is_billed=False) as payment:
                    payment.paid(Decimal(1))
            return account

    account = asyncio.run(work())
    assert account.usd == 4
    assert not (tmp_path / "allowances.db").exists(), "nobody asked for a part of the day"


def test_bounds_hold_for_texts_in_other_scripts_schemas_and_several_answers() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "title": "ção" * 50}}}
    text = "Está a sangrar? " * 20 + "🤰🏽 妊娠中です " * 30
    request = ChatRequest((Message("system", text), Message("user", "…")), "m", {"max_tokens": 50, "n": 3} | {
        "response_format": schema
    })  # fmt: skip
    usage = most_usage(request)
    assert usage is not None
    assert usage.output_tokens == 150
    assert usage.input_tokens >= len(text.encode()) + len("…".encode()) + 150


def test_the_most_that_a_call_can_cost_is_with_nothing_read_from_a_cache() -> None:
    on, prices = date(2025, 6, 1), Prices()

    def price(usage: Usage) -> Decimal | None:
        return prices.price("openai", "gpt-4.1-mini", usage, on).usd

    # gpt-4.1-mini: 0.40 a million in, 1.60 out: 1,000 x 0.4e-6 + 500 x 1.6e-6 = 0.0012
    assert most_usd(Usage(1000, 500), price) == Decimal("0.0012")
    assert most_usd(Usage(1000, 500), lambda usage: None) is None
    listed = prices.price("openai", "gpt-4.1-mini", Usage(1, 1), on).unit_prices
    assert listed
    assert most_usd_at(Usage(1000, 500), listed) == Decimal("0.0012")
    assert most_usd_at(Usage(1000, 0), UnitPrices(Decimal(4), Decimal(1), Decimal(5), Decimal(9))) == Decimal("0.005")
    dearer = {0: Decimal(1), 1000: Decimal("1.25")}
    assert most_usd(Usage(1000, 500), lambda usage: dearer[usage.cache_write_tokens]) == Decimal("1.25")


def test_text_records_are_counted_as_the_rails_count_them() -> None:
    asked = Text("a" * 2_500, "user", "en", sources=("b" * 1_001,))
    assert most_records(asked) == {"content_safety": 3, "prompt_shield": 5, "groundedness": 0}
    told = Text("a" * 2_500, "assistant", "en", question="q", sources=("b" * 1_001,))
    assert most_records(told) == {"content_safety": 3, "prompt_shield": 0, "groundedness": 3 + 2 + 1}
    names = ("content_safety", "prompt_shield")
    # 3 and 5 records at 0.38 USD a thousand
    usd = most_usd_of_records(asked, names, lambda rail, records: Decimal("0.38") * records / 1000)
    assert usd == Decimal("0.00304")
    assert most_usd_of_records(asked, names, lambda rail, records: None) is None


class Records:
    """A rail that counts a text record for each text, and fails where told to."""

    name = "content_safety"

    def __init__(self) -> None:
        self.asked, self.is_failing = 0, False

    async def judge(self, text: Text) -> Decision:
        self.asked += 1
        if self.is_failing:
            raise ValueError
        return Decision("allow", self.name, text_records=1)

    async def ping(self) -> str:
        return "here"


def test_paid_rails_are_not_asked_past_the_cap(policy: Policy) -> None:
    account, rail = Account(Budget(Decimal("0.05"))), Records()

    def cost(decision: ChainDecision) -> Decimal:
        return CENT * sum(one.text_records for one in decision.decisions)

    chain = BudgetedRails(RailChain([rail], policy), account, lambda text: 2 * CENT, cost, is_billed=True)

    async def judge() -> None:
        assert (await chain.judge(Text("Hello", "user", "en"))).action == "allow"
        rail.is_failing = True
        assert (await chain.judge(Text("Hello", "user", "en"))).failures == 1
        assert (account.usd, account.withheld) == (CENT, 2 * CENT), "what a failed rail counted nobody knows"
        rail.is_failing = False
        await chain.judge(Text("Hello", "user", "en"))
        with pytest.raises(BudgetReached):
            await chain.judge(Text("Hello", "user", "en"))

    asyncio.run(judge())
    assert rail.asked == 3
