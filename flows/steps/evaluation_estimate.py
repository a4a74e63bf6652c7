"""`matria eval --dry-run`: what the request would take, with nothing asked and nothing written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from flows.steps.evaluation_setup import Setup, folder_of, graders_of, plan_of, set_up
from matria.costs.base import Purpose, Usage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from evals.estimate import CallKind, Estimate
    from flows.steps.evaluation import EvaluationRequest
    from flows.wiring import Platform
    from matria.costs.base import LedgerEntry
    from matria.settings import ChatSettings

EXPERIENCE_DAYS = 30
"""How far back the ledger is read."""


def estimate_evaluation(platform: "Platform", request: "EvaluationRequest") -> "tuple[Setup, Estimate | None]":
    """What the request resolves to and would take; None where it leaves nothing to evaluate.

    Raises `PromptError` and `SuiteError` like the evaluation itself, and `BusyError` where one is running.
    """
    import asyncio

    setup = set_up(platform, request)
    return setup, None if setup.asks_nothing else asyncio.run(_estimate(platform, request, setup))


async def _estimate(platform: "Platform", request: "EvaluationRequest", setup: Setup) -> "Estimate":
    from evals.estimate import estimate
    from evals.store import RowStore

    settings, policy, now = platform.settings, platform.policy, datetime.now(UTC)
    chat, judge = platform.chat(), platform.judge_chat()
    try:
        plan = plan_of(platform, request, setup, graders_of(platform, request, judge))
        past = platform.ledger.between(now - timedelta(days=EXPERIENCE_DAYS), now)
        answers = _kind(platform, settings.chat, chat.provider, request.model, "evaluation", past)
        judges = _kind(platform, settings.judge, judge.provider, request.judge, "judge", past)
        with RowStore(folder_of(platform, request, setup), policy.count("engine.rows_per_sync")) as store:
            most = policy.count("assistant.max_output_tokens")
            found = estimate(plan.trials, lambda trial: store.is_final(trial.key), answers, judges, most, now.date())
        if settings.chat.kind == "simulator" and found.answers:
            return replace(found, basis=f"{found.basis}; the simulator answers, so nothing is billed")
        return found
    finally:
        await chat.aclose()
        await judge.aclose()


def _kind(
    platform: "Platform",
    chat: "ChatSettings",
    provider: str,
    named: str | None,
    purpose: Purpose,
    past: "Sequence[LedgerEntry]",
) -> "CallKind":
    from evals.estimate import CallKind, experience

    model = named or chat.model
    stand_in = platform.stand_in_price(chat)

    def price(usage: Usage, on: "date") -> Decimal | None:
        return platform.prices.price(provider, model, usage, on, stand_in).usd

    return CallKind(experience(past, purpose, model), price, platform.policy.count("engine.max_in_flight"))
