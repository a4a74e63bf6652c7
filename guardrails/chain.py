"""All rails at once: the strictest action wins, and a rail that fails counts as the safe action of its direction.

Rails run concurrently within one time budget (policy.yaml, `moderation.time_budget_ms`). One that raises, hangs or
answers nonsense withholds an assistant's text; a user's text then goes the safe path, which is a human and no model.
Failures are marked in the decisions, so that whoever keeps the record counts them.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from guardrails.base import Action, Category, Decision, Direction, Rail, RailFailed, Text
from matria.policy import Policy

STRICTNESS: tuple[Action, ...] = ("allow", "mask", "rewrite", "human", "refuse", "escalate")
"""Mildest first. Escalation beats refusal: a woman who is in danger is cared for, whatever else her text holds."""
SAFE_ACTION: Mapping[Direction, Action] = {"user": "human", "assistant": "refuse"}
HIGHEST_LEVEL = 7

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChainDecision:
    """What all rails together decided on one text."""

    action: Action
    decisions: tuple[Decision, ...]
    """One per rail, in the order of the chain."""

    @property
    def is_allowed(self) -> bool:
        """Whether the text may be used as it is."""
        return self.action == "allow"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Codes of all rails, each once, in the order of the chain."""
        return tuple(dict.fromkeys(reason for decision in self.decisions for reason in decision.reasons))

    @property
    def failures(self) -> int:
        """How many rails could not answer."""
        return sum(decision.is_error for decision in self.decisions)

    @property
    def levels(self) -> dict[Category, int]:
        """The highest raw level of each category that a rail gave."""
        highest: dict[Category, int] = {}
        for decision in self.decisions:
            for category, level in decision.levels.items():
                highest[category] = max(level, highest.get(category, 0))
        return highest


class RailChain:
    """Judges a text with every rail. Holds no state between texts."""

    def __init__(self, rails: Sequence[Rail], policy: Policy) -> None:
        if not rails:
            raise ValueError("a chain without rails would let everything pass")
        self._rails = tuple(rails)
        self._budget_s = policy.number("moderation.time_budget_ms") / 1000

    async def judge(self, text: Text) -> ChainDecision:
        """The strictest action, within the time budget; never raises for what a rail does."""
        tasks = [asyncio.ensure_future(_ask(rail, text)) for rail in self._rails]
        try:
            await asyncio.wait(tasks, timeout=self._budget_s)
        finally:
            for task in tasks:
                task.cancel()
                task.add_done_callback(_hear_out)
        decisions = tuple(_outcome(rail, task, text.direction) for rail, task in zip(self._rails, tasks, strict=True))
        return ChainDecision(max((d.action for d in decisions), key=STRICTNESS.index), decisions)

    async def ping(self) -> str:
        """What each rail says of itself. Raises `RailFailed` where one does not answer."""
        return "; ".join([await rail.ping() for rail in self._rails])


async def _ask(rail: Rail, text: Text) -> Decision:
    decision = await rail.judge(text)
    if not _is_sound(decision):
        raise RailFailed("the rail's answer is no decision")
    return decision


def _outcome(rail: Rail, task: "asyncio.Future[Decision]", direction: Direction) -> Decision:
    if not task.done():
        return _failed(rail, direction, "timed_out")
    if task.cancelled():
        return _failed(rail, direction, "cancelled")
    if (error := task.exception()) is not None:
        # The type alone: an adapter's message may quote the text that it was given.
        return _failed(rail, direction, type(error).__name__)
    return task.result()


def _hear_out(task: "asyncio.Future[Decision]") -> None:
    """A rail that fails after its time is up has been counted; asyncio is not to report it once more."""
    if not task.cancelled():
        task.exception()


def _failed(rail: Rail, direction: Direction, cause: str) -> Decision:
    logger.warning("rail %s failed on a text of the %s: %s", rail.name, direction, cause)
    return Decision(SAFE_ACTION[direction], rail.name, ("rail_failed",), is_error=True)


def _is_sound(decision: object) -> bool:
    return (
        isinstance(decision, Decision)
        and decision.action in STRICTNESS
        and all(isinstance(reason, str) for reason in decision.reasons)
        and all(
            category in get_args(Category) and isinstance(level, int) and 0 <= level <= HIGHEST_LEVEL
            for category, level in decision.levels.items()
        )
    )
