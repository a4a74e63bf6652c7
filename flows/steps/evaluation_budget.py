"""What an evaluation asks, each call within the run's budget and within what all evaluations of a day may cost.

The day is UTC's and its cap is `costs.max_usd_a_day` of policy.yaml; answers, judges and moderation of every process
that shares the ledger's database count to it. What a simulator or an emulator answers is billed by nobody and does not.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING

from matria.errors import InputError

if TYPE_CHECKING:
    from evals.bounds import PriceOfRecords
    from evals.budget import Account
    from evals.engine import Evaluation, Left
    from evals.estimate import Estimate
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform
    from guardrails.base import Text
    from guardrails.chain import ChainDecision, RailChain
    from matria.costs.allowance.share import Share
    from matria.settings import ChatSettings
    from models.assistant.base import ChatModel

CAP_A_DAY = "costs.max_usd_a_day"
CENT = Decimal("0.01")
RESUME_MARGIN = 2
"""What is left may cost more than estimated, and a cap must have room for the most that the last call can cost."""


@dataclass(frozen=True)
class Asked:
    """What an evaluation asks, and the account that pays for it."""

    platform: "Platform"
    account: "Account"
    chat: "ChatModel"
    judge: "ChatModel"

    def rails(self, chain: "RailChain") -> "RailChain":
        """The chain, whose paid rails are asked within the account; as it is where nothing of it is paid for."""
        from evals.bounds import most_usd_of_records, total
        from evals.budgeted import BudgetedRails

        names = paid_rails(self.platform)
        if not names:
            return chain
        price, is_billed = price_of_records(self.platform)

        def most(text: "Text") -> Decimal | None:
            return most_usd_of_records(text, names, price)

        def cost(decision: "ChainDecision") -> Decimal | None:
            return total(price(one.rail, one.text_records) for one in decision.decisions if one.text_records)

        return BudgetedRails(chain, self.account, most, cost, is_billed=is_billed)


@asynccontextmanager
async def opened(platform: "Platform", request: "EvaluationRequest") -> AsyncIterator[Asked]:
    """The models open, on an account that keeps to the caps of run and day."""
    from evals.budget import Account
    from evals.budgeted import BudgetedChat
    from flows.steps.evaluation_bill import ModelBill

    async with AsyncExitStack() as stack:
        day = await stack.enter_async_context(share_of_day(platform))
        run = share_of_run(platform, request)
        if run is not None:
            await stack.enter_async_context(run)
        account = Account(request.budget, day=day, run=run)

        def within(chat: "ChatModel", settings: "ChatSettings") -> "ChatModel":
            return BudgetedChat(chat, account, ModelBill(platform, settings, chat.provider))

        chat = platform.chat(is_cached=request.is_cached, within=within)
        stack.push_async_callback(chat.aclose)
        judge = platform.judge_chat(is_cached=request.is_cached, within=within)
        stack.push_async_callback(judge.aclose)
        yield Asked(platform, account, chat, judge)


def left_by(request: "EvaluationRequest", evaluation: "Evaluation", rest: "Estimate", account: "Account") -> "Left":
    """What a cap left of an evaluation, and the command that asks just that."""
    from evals.engine import Left
    from flows.steps.evaluation_setup import command_of

    command = command_of(request)
    if request.fresh:
        command += " --fresh"  # goes on where the run of the same day stopped
    if rest.usd is None:
        command += " --yes"  # nobody is asked twice, and no cap can be kept
    if evaluation.stopped_by == "cost" and rest.usd is not None:
        needed = rest.usd * RESUME_MARGIN + account.largest
        command += f" --max-cost {needed.quantize(CENT, ROUND_UP)}"
    elif request.max_usd is not None and rest.usd is not None:
        command += f" --max-cost {request.max_usd}"
    return Left(rows=evaluation.unasked, usd=rest.usd, command=command)


def refuse_small_cap(request: "EvaluationRequest", evaluation: "Evaluation", account: "Account") -> None:
    """Raises `InputError` where the cap has no room for one call, and so nothing was asked."""
    cap = request.max_usd
    if cap is None or evaluation.stopped_by != "cost" or evaluation.asked or account.largest <= cap:
        return
    enough = (account.largest * RESUME_MARGIN).quantize(CENT, ROUND_UP)
    raise InputError(
        f"A cap of {cap} USD has no room for one call: each reserves the most that it can cost, here up to "
        f"{account.largest:.4f} USD, and gives back the rest. Nothing was asked: give more, such as --max-cost "
        f"{enough} (in a flow: max_usd)."
    )


def share_of_day(platform: "Platform") -> "Share":
    """What this process may spend of the day."""
    from matria.costs.allowance.share import Share

    cap = Decimal(str(platform.policy.number(CAP_A_DAY)))
    return Share(platform.allowances, day_pool, cap, booked=lambda: booked_today(platform))


def share_of_run(platform: "Platform", request: "EvaluationRequest") -> "Share | None":
    """What this process may spend of a run that others take part in; None where it is alone, or has no cap."""
    from matria.costs.allowance.share import Share

    if not request.pool or request.max_usd is None:
        return None
    return Share(platform.allowances, lambda now: f"run/{request.pool}", request.max_usd)


def day_pool(now: datetime) -> str:
    """The name of a day's allowance, of a time in UTC."""
    return f"day/{now.date()}"


def booked_today(platform: "Platform") -> Decimal:
    """What the ledger has of today's evaluations, as far as it was billed by anybody and is priced."""
    from flows.steps.costs import cost_sums
    from matria.costs.sums import Window

    start = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    end = start + timedelta(days=1)
    calls = cost_sums(platform).calls(Window(start, end, timedelta(days=1), "evaluation"))
    return sum((call.usd for call in calls if not call.is_simulated), Decimal(0))


def price_of_records(platform: "Platform") -> "tuple[PriceOfRecords, bool]":
    """What text records cost today, and whether anybody bills them."""
    prices = platform.meter(platform.settings.chat).record_prices

    def price(rail: str, records: int) -> Decimal | None:
        return prices.price(rail, records, datetime.now(UTC).date()).usd

    return price, not prices.is_simulated


def paid_rails(platform: "Platform") -> tuple[str, ...]:
    """The rails that ask a paid service, by name."""
    settings = platform.settings.moderation
    if settings.kind != "azure":
        return ()
    shield = ("prompt_shield",) if settings.prompt_shield else ()
    return ("content_safety", *shield, *(("groundedness",) if settings.groundedness else ()))
