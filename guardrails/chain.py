"""All rails on one text: the strictest action wins, and a rail that fails counts as the safe action of its direction.

Rails that answer from memory go first, one after another: they take less than a task would, and where one has already
decided on the strictest action no other is asked, let alone paid. Those behind a network follow, all at once. One time
budget holds for all of them (policy.yaml, `moderation.time_budget_ms`). A rail that raises, hangs or answers nonsense
withholds an assistant's text; a user's text then goes the safe path, which is a human and no model. Failures are marked
in the decisions, so that whoever keeps the record counts them; so are calls that a paid service may bill though nobody
heard its count.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from guardrails.base import Action, Category, Decision, Direction, Rail, RailFailed, Text
from guardrails.paid_calls import PaidCalls, followed
from matria.policy import Policy

STRICTNESS: tuple[Action, ...] = ("allow", "mask", "rewrite", "human", "refuse", "escalate")
"""Mildest first. Escalation beats refusal: a woman who is in danger is cared for, whatever else her text holds."""
SAFE_ACTION: Mapping[Direction, Action] = {"user": "human", "assistant": "refuse"}
LAST_WORD: Mapping[Direction, Action] = {"user": "escalate", "assistant": "refuse"}
"""After this no other rail can make the chain stricter: what an assistant writes is not escalated."""
HIGHEST_LEVEL = 7

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChainDecision:
    """What all rails together decided on one text."""

    action: Action
    decisions: tuple[Decision, ...]
    """One per rail that was asked, in the order of the chain."""

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

    def __init__(self, rails: Sequence[Rail], policy: Policy, *, first: Sequence[Rail] = ()) -> None:
        """`first` are asked in turn, before `rails`, which are asked at once. Raises ValueError where there is none."""
        if not (rails or first):
            raise ValueError("a chain without rails would let everything pass")
        self._stages: tuple[tuple[Rail, ...], ...] = (*((rail,) for rail in first), *([tuple(rails)] if rails else []))
        self._budget_s = policy.number("moderation.time_budget_ms") / 1000

    async def judge(self, text: Text) -> ChainDecision:
        """The strictest action, within the time budget; never raises for what a rail does."""
        give_up_at = time.monotonic() + self._budget_s
        decisions: list[Decision] = []
        for rails in self._stages:
            decisions += await _ask_all(rails, text, max(0.0, give_up_at - time.monotonic()))
            if any(decision.action == LAST_WORD[text.direction] for decision in decisions):
                break
        return ChainDecision(max((d.action for d in decisions), key=STRICTNESS.index), tuple(decisions))

    async def ping(self) -> str:
        """What each rail says of itself. Raises `RailFailed` where one does not answer."""
        return "; ".join([await rail.ping() for rails in self._stages for rail in rails])


async def _ask_all(rails: Sequence[Rail], text: Text, budget_s: float) -> list[Decision]:
    if len(rails) == 1:
        return [await _ask_one(rails[0], text, budget_s)]
    calls = [PaidCalls() for _ in rails]
    tasks = [asyncio.ensure_future(_ask(rail, text, paid)) for rail, paid in zip(rails, calls, strict=True)]
    try:
        await asyncio.wait(tasks, timeout=budget_s)
    finally:
        for task in tasks:
            task.cancel()
            task.add_done_callback(_hear_out)
    asked = zip(rails, tasks, calls, strict=True)
    return [_outcome(rail, task, text.direction, paid) for rail, task, paid in asked]


async def _ask_one(rail: Rail, text: Text, budget_s: float) -> Decision:
    """Without a task of its own, which takes as long as a rail that answers from memory."""
    paid = PaidCalls()
    try:
        async with asyncio.timeout(budget_s):
            return await _ask(rail, text, paid)
    except TimeoutError:
        return _failed(rail, text.direction, "timed_out", paid)
    except asyncio.CancelledError:
        if (task := asyncio.current_task()) is None or task.cancelling():
            raise
        return _failed(rail, text.direction, "cancelled", paid)
    except Exception as error:  # noqa: BLE001  (whatever a rail does, its text is not let through)
        return _failed(rail, text.direction, type(error).__name__, paid, error)


async def _ask(rail: Rail, text: Text, paid: PaidCalls) -> Decision:
    started = time.perf_counter()
    with followed(paid):
        decision = await rail.judge(text)
    if not _is_sound(decision, text):
        raise RailFailed("the rail's answer is no decision")
    return replace(decision, uncounted_calls=paid.uncounted, latency_ms=(time.perf_counter() - started) * 1000)


def _outcome(rail: Rail, task: "asyncio.Future[Decision]", direction: Direction, paid: PaidCalls) -> Decision:
    if not task.done():
        return _failed(rail, direction, "timed_out", paid)
    if task.cancelled():
        return _failed(rail, direction, "cancelled", paid)
    if (error := task.exception()) is not None:
        # The type alone: an adapter's message may quote the text that it was given.
        return _failed(rail, direction, type(error).__name__, paid, error)
    return task.result()


def _hear_out(task: "asyncio.Future[Decision]") -> None:
    """A rail that fails after its time is up has been counted; asyncio is not to report it once more."""
    if not task.cancelled():
        task.exception()


def _failed(
    rail: Rail, direction: Direction, cause: str, paid: PaidCalls, error: BaseException | None = None
) -> Decision:
    """The safe action, with what a paid service had counted before: some parts of a long text may have been judged."""
    logger.warning("rail %s failed on a text of the %s: %s", rail.name, direction, cause)
    told = error.text_records if isinstance(error, RailFailed) else 0
    return Decision(
        SAFE_ACTION[direction],
        rail.name,
        ("rail_failed",),
        is_error=True,
        text_records=max(told, paid.text_records),
        uncounted_calls=paid.uncounted,
    )


def _is_sound(decision: object, text: Text) -> bool:
    return (
        isinstance(decision, Decision)
        and decision.action in STRICTNESS
        and all(isinstance(reason, str) for reason in decision.reasons)
        and all(
            category in get_args(Category) and isinstance(level, int) and 0 <= level <= HIGHEST_LEVEL
            for category, level in decision.levels.items()
        )
        and all(0 <= span.start < span.end <= len(text.content) for span in decision.spans)
        and decision.text_records >= 0
    )
