"""What an evaluation would take, before anything is asked, and whether somebody has to agree to it first.

An evaluation that is estimated above `costs.ask_above_usd` of policy.yaml, or of which nobody knows what it costs, is
begun only where a person has agreed or a cap was given. What a simulator answers is billed by nobody: it needs neither.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from flows.steps.evaluation_budget import CAP_A_DAY, day_pool, paid_rails, price_of_records
from flows.steps.evaluation_setup import Setup, folder_of, graders_of, plan_of, set_up
from matria.costs.base import Purpose, Usage
from matria.errors import ApprovalError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from evals.estimate import CallKind, Estimate
    from evals.store import RowStore
    from evals.trial import Trial
    from evals.trials import Plan
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform
    from matria.costs.sums import CallSums
    from matria.settings import ChatSettings

EXPERIENCE_DAYS = (1, 7)
"""How far back the ledger is asked; further only where nearer it knows nothing."""


@dataclass(frozen=True)
class Outlook:
    """What a request resolves to and would take."""

    setup: Setup
    plan: "Plan | None"
    """None where there is nothing to evaluate."""
    estimate: "Estimate | None"
    """None where there is nothing to evaluate."""
    is_billed: bool
    """Whether anybody bills any of it."""
    ask_above_usd: Decimal
    left_today_usd: Decimal | None
    """Of what evaluations may cost in a day; None where it is not needed."""

    @property
    def sentence(self) -> str:
        """What it is to take, in one line; empty where nothing is left to ask."""
        found = self.estimate
        if found is None or not (found.answers or found.judge_calls):
            return ""
        judged = f" and {found.judge_calls:,} calls of judges" if found.judge_calls else ""
        seconds = "" if found.seconds is None else f", about {found.seconds:.0f} s"
        return f"to ask: {found.answers:,} answers{judged}; {self.price}{seconds}"

    @property
    def price(self) -> str:
        """What it is estimated at, and what evaluations may still cost today where anybody bills it."""
        usd = self.estimate.usd if self.estimate else None
        said = "at an unknown price" if usd is None else f"about US$ {usd:.2f}"
        if self.left_today_usd is None:
            return f"{said} by the price that stands in, and billed by nobody"
        return f"{said}, of US$ {self.left_today_usd:.2f} that evaluations may still cost today"

    def question(self, request: "EvaluationRequest") -> str:
        """What somebody has to agree to; empty where nothing needs it."""
        found = self.estimate
        if found is None or not self.is_billed or not (found.answers or found.judge_calls):
            return ""
        if self.is_cap_void(request):
            return "Nobody knows what this evaluation costs: a price is unknown, and no cap on cost can be kept."
        if found.usd is None and request.approved_usd is None:
            return "Nobody knows what this evaluation costs: a price is unknown."
        if found.usd is None or request.max_usd is not None:
            return ""
        agreed = max(self.ask_above_usd, request.approved_usd or Decimal(0))
        if found.usd <= agreed:
            return ""
        return f"This evaluation is to cost about {found.usd:.2f} USD, more than {agreed.normalize():f}."

    def is_cap_void(self, request: "EvaluationRequest") -> bool:
        """Whether a cap on cost is given that nobody could keep, since a price is unknown: nobody can agree to it."""
        found = self.estimate
        is_unpriced = found is not None and found.usd is None and bool(found.answers or found.judge_calls)
        return is_unpriced and self.is_billed and request.max_usd is not None


def estimate_evaluation(platform: "Platform", request: "EvaluationRequest") -> Outlook:
    """What the request resolves to and would take; nothing is asked and nothing is written.

    Raises `PromptError` and `SuiteError` like the evaluation itself, and `BusyError` where one is running.
    """
    setup = set_up(platform, request)
    plan, found = (None, None) if setup.asks_nothing else asyncio.run(_estimate(platform, request, setup))
    kinds = {platform.settings.chat.kind, *([platform.settings.judge.kind] if found and found.judge_calls else [])}
    is_moderated = bool(paid_rails(platform)) and price_of_records(platform)[1]
    is_billed = kinds != {"simulator"} or is_moderated
    return Outlook(
        setup,
        plan,
        found,
        is_billed,
        Decimal(str(platform.policy.number("costs.ask_above_usd"))),
        left_today(platform) if is_billed and found else None,
    )


def require_approval(outlook: Outlook, request: "EvaluationRequest") -> None:
    """Raises `ApprovalError` where somebody has to agree first and nobody has."""
    question = outlook.question(request)
    if question and outlook.estimate and outlook.estimate.usd is None:
        raise ApprovalError(
            f"{question} Nothing was asked: give the price in prices.yaml, or set MATRIA_CHAT__PRICED_AS (of a judge "
            "MATRIA_JUDGE__PRICED_AS) to a model of that price; or agree with --yes (in a flow: approved_usd) and "
            "without a cap on cost."
        )
    if question:
        raise ApprovalError(
            f"{question} Nothing was asked: agree with --yes (in a flow: approved_usd), or give a cap with --max-cost "
            "(max_usd)."
        )


def left_today(platform: "Platform") -> Decimal:
    """What evaluations may still cost today."""
    now = datetime.now(UTC)
    standing = platform.allowances.standing(day_pool(now), now)
    cap = Decimal(str(platform.policy.number(CAP_A_DAY)))
    return max(Decimal(0), cap - standing.spent_usd - standing.held_usd)


def rest_of(
    platform: "Platform", request: "EvaluationRequest", plan: "Plan", store: "RowStore", providers: tuple[str, str]
) -> "Estimate":
    """What is left to ask of a plan; `providers` are those of the model that answers and of the one that judges."""
    from evals.estimate import estimate

    settings, policy, now = platform.settings, platform.policy, datetime.now(UTC)
    answers, judges = settings.chat, settings.judge
    past = _experience(platform, now, ((answers, request.model), (judges, request.judge)))
    return estimate(
        plan.rows,
        plan.open_trials(store.is_final),
        _kind(platform, answers, providers[0], request.model, "evaluation", past),
        _kind(platform, judges, providers[1], request.judge, "judge", past),
        policy.count("assistant.max_output_tokens"),
        now.date(),
        is_answered=lambda key: store.answer(key) is not None,
        moderation=lambda trial, characters: _moderation(platform, trial, characters),
    )


async def _estimate(platform: "Platform", request: "EvaluationRequest", setup: Setup) -> "tuple[Plan, Estimate]":
    from dataclasses import replace

    from evals.store import RowStore

    chat, judge = platform.chat(), platform.judge_chat()
    try:
        plan = plan_of(platform, request, setup, graders_of(platform, request, judge))
        with RowStore(folder_of(platform, request, setup), platform.policy.count("engine.rows_per_sync")) as store:
            found = rest_of(platform, request, plan, store, (chat.provider, judge.provider))
        if platform.settings.chat.kind == "simulator" and found.answers:
            found = replace(found, basis=f"{found.basis}; the simulator answers, so nothing is billed")
        return plan, found
    finally:
        await chat.aclose()
        await judge.aclose()


def _experience(
    platform: "Platform", now: datetime, wanted: "Sequence[tuple[ChatSettings, str | None]]"
) -> "Sequence[CallSums]":
    """Sums of the nearest past in which each model was called."""
    from flows.steps.costs import cost_sums
    from matria.costs.sums import Window

    models = {named or settings.model for settings, named in wanted}
    found: Sequence[CallSums] = ()
    for days in EXPERIENCE_DAYS:
        past = timedelta(days=days)
        found = cost_sums(platform).calls(Window(now - past, now, past, "evaluation"))
        if models <= {sums.model for sums in found}:
            break
    return found


def _kind(
    platform: "Platform",
    chat: "ChatSettings",
    provider: str,
    named: str | None,
    purpose: Purpose,
    past: "Sequence[CallSums]",
) -> "CallKind":
    from evals.estimate import CallKind, experience

    model = named or chat.model
    stand_in = platform.stand_in_price(chat)

    def price(usage: Usage, on: "date") -> Decimal | None:
        return platform.prices.price(provider, model, usage, on, stand_in).usd

    return CallKind(experience(past, purpose, model), price, platform.policy.count("engine.max_in_flight"))


def _moderation(platform: "Platform", trial: "Trial", characters: float) -> Decimal | None:
    """What paid rails take for the question, and for an answer of so many characters."""
    rails = paid_rails(platform)
    if not rails:
        return Decimal(0)
    from evals.bounds import most_usd_of_records, total
    from guardrails.base import Text

    price, _ = price_of_records(platform)
    asked = Text(trial.case.question, "user", trial.case.locale)
    told = Text("x" * round(characters), "assistant", trial.case.locale)
    return total(most_usd_of_records(text, rails, price) for text in (asked, told))
