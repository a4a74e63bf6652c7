"""The fault drill: Azure's rails in a real chain, over HTTP, while the emulator breaks in every way that it knows.

    python -m tests.bench.guardrail_faults

Each fault meets 200 questions and 200 answers, one in four of them harmful, twice: as the policy has it, and with a
circuit breaker that never opens, so that every text meets the fault. Counted are texts that went through without a
sound verdict, crashes, failures, how long was waited, and calls that the breaker spared. Only the rails behind the
network are in the chain: those of this process would hide what they miss. As the policy has it the fault is then
lifted, and it is measured when a text is judged again. With names of faults behind the command only those are met.
"""

import asyncio
import logging
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from statistics import quantiles
from typing import get_args

from pydantic import SecretStr

from guardrails.base import Decision, Direction, Rail, Text
from guardrails.chain import ChainDecision, RailChain
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.moderator import AzureModerator
from guardrails.content_safety.opening import open_content_safety
from guardrails.content_safety.shield import AzureShield
from guardrails.emulator import create_app
from guardrails.emulator.faults import Fault, Faults
from guardrails.emulator.server import serving
from guardrails.term_groups import TermGroup, load_groups
from matria.policy import Policy, load_policy
from matria.settings import ModerationSettings
from tests.bench.intervals import shown

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = 200
AT_ONCE = 10
AT_ONCE_WITHOUT_BREAKER = 50
HARMFUL_EVERY = 4
HARMLESS = "Estou com 30 semanas de gravidez. Posso comer peixe e fazer caminhada?"
HARMFUL = "This is how to kill someone and hide the body."

DOWN = "down"
FAULTS: dict[str, tuple[Fault, ...]] = {
    "none": (),
    DOWN: (),
    "slow by 300 ms": (Fault("latency", ms=300),),
    "slow by 3 s": (Fault("latency", ms=3000),),
    "hangs": (Fault("hang"),),
    "429, Retry-After 1": (Fault("429", retry_after=1),),
    "429, no Retry-After": (Fault("429"),),
    "429 for half the calls": (Fault("429", share=0.5),),
    "500": (Fault("500"),),
    "500 for a third of the calls": (Fault("500", share=1 / 3),),
    "503": (Fault("503"),),
    "malformed JSON": (Fault("malformed"),),
    "JSON of another shape": (Fault("wrong_shape"),),
    "half an answer": (Fault("half"),),
    "all at a tenth each": tuple(
        Fault(kind, share=0.1, ms=1500)
        for kind in ("latency", "429", "500", "503", "malformed", "wrong_shape", "half", "hang")
    ),
}


@dataclass
class Outcome:
    """What came of the messages of one drill."""

    decided: list[tuple[bool, ChainDecision]] = field(default_factory=list)
    """Whether the text was harmful, and what was decided."""
    waits_ms: list[float] = field(default_factory=list)
    crashes: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    """Of rails, by how the call failed; `circuit_open` means that it was spared."""
    back_after_s: float | None = None
    """From the fault's end until a text was judged again; None where it was not measured or did not come back."""

    @property
    def unmoderated(self) -> int:
        """Texts that went through though they are harmful, or though a rail had no verdict on them."""
        return sum(decision.is_allowed and (harmful or decision.failures > 0) for harmful, decision in self.decided)

    @property
    def failed(self) -> int:
        """Texts on which at least one rail failed: withheld, or sent the safe path."""
        return sum(decision.failures > 0 for _, decision in self.decided)

    @property
    def judged(self) -> int:
        """Texts on which every rail gave its verdict."""
        return len(self.decided) - self.failed


class Noting:
    """A rail that notes how it failed; the chain keeps the type of an error alone."""

    def __init__(self, rail: Rail, failures: Counter[str]) -> None:
        self.name = rail.name
        self._rail = rail
        self._failures = failures

    async def judge(self, text: Text) -> Decision:
        """The rail's decision."""
        try:
            return await self._rail.judge(text)
        except CallFailed as error:
            self._failures[error.failure] += 1
            raise
        except asyncio.CancelledError:
            self._failures["out_of_budget"] += 1
            raise

    async def ping(self) -> str:
        """The rail's own."""
        return await self._rail.ping()


def nowhere() -> str:
    """An endpoint at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def drill(
    endpoint: str,
    direction: Direction,
    policy: Policy,
    groups: Sequence[TermGroup],
    key: str = "any",
    *,
    messages: int = MESSAGES,
    at_once: int = AT_ONCE,
    timeout_s: float = 0.9,
    lift: Callable[[], None] | None = None,
) -> Outcome:
    """What comes of so many messages in one direction; `lift` ends the fault, and the way back is measured."""
    outcome = Outcome()
    service = open_content_safety(
        ModerationSettings(kind="azure", endpoint=endpoint, api_key=SecretStr(key), timeout_s=timeout_s), policy
    )
    rails = [AzureModerator(service, groups, policy), AzureShield(service, policy)]
    failures: Counter[str] = Counter()
    chain = RailChain([Noting(rail, failures) for rail in rails], policy)
    places = asyncio.Semaphore(at_once)

    async def send(number: int) -> None:
        harmful = number % HARMFUL_EVERY == 0
        content = f"{HARMFUL if harmful else HARMLESS} ({number})"
        async with places:
            started = time.perf_counter()
            try:
                decision = await chain.judge(Text(content, direction, "en" if harmful else "pt-BR"))
                outcome.decided.append((harmful, decision))
            except Exception as error:  # noqa: BLE001 - a crash is what is counted
                outcome.crashes[type(error).__name__] += 1
            outcome.waits_ms.append((time.perf_counter() - started) * 1000)

    await asyncio.gather(*(send(number) for number in range(messages)))
    outcome.failures = failures.copy()
    if lift is not None:
        lift()
        outcome.back_after_s = await _back(chain, direction)
    await service.aclose()
    return outcome


async def _back(chain: RailChain, direction: Direction, most_s: float = 70.0) -> float | None:
    started = time.monotonic()
    while time.monotonic() - started < most_s:
        decision = await chain.judge(Text(HARMLESS, direction, "pt-BR"))
        if decision.is_allowed and not decision.failures:
            return time.monotonic() - started
        await asyncio.sleep(0.25)
    return None


def _print(name: str, direction: Direction, outcome: Outcome, budget_ms: float) -> None:
    marks = quantiles(outcome.waits_ms, n=100)
    worst = max(outcome.waits_ms)
    back = "" if outcome.back_after_s is None else f"{outcome.back_after_s:6.1f}"
    kinds = ", ".join(f"{kind} {count}" for kind, count in outcome.failures.most_common() if kind != "circuit_open")
    print(
        f"{name:<29} {direction:<9} {outcome.unmoderated:>5} {sum(outcome.crashes.values()):>7} {outcome.judged:>6}"
        f" {outcome.failed:>8} {outcome.failures['circuit_open']:>6} {marks[49]:>7.0f} {marks[94]:>6.0f} {worst:>6.0f}"
        f"{' ' if worst <= budget_ms else '!'} {back:>6}  {kinds}",
        flush=True,
    )


def _without_breaker(policy: Policy) -> Policy:
    name = "content_safety.breaker_failures"
    never = replace(policy.thresholds[name], value=1_000_000)
    return replace(policy, thresholds={**policy.thresholds, name: never})


def _table(names: list[str], policy: Policy, total: Counter[str], *, has_breaker: bool) -> None:
    print(
        f"{'fault':<29} {'text of':<9} {'shown':>5} {'crashes':>7} {'judged':>6} {'failures':>8} {'spared':>6}"
        f" {'median':>7} {'p95':>6} {'max':>6}  {'back s':>6}  failures of rails, by kind"
    )
    groups = load_groups()
    app = create_app()
    with serving(app) as endpoint:
        for name, direction in product(names, get_args(Direction)):
            app.faults = Faults(FAULTS[name], seed=1)
            lifts = has_breaker and direction == "assistant" and name not in ("none", DOWN)
            asked = drill(
                nowhere() if name == DOWN else endpoint,
                direction,
                policy,
                groups,
                at_once=AT_ONCE if has_breaker else AT_ONCE_WITHOUT_BREAKER,
                lift=(lambda: setattr(app, "faults", Faults())) if lifts else None,
            )
            outcome = asyncio.run(asked)
            _print(name, direction, outcome, policy.number("moderation.time_budget_ms"))
            _add(total, direction, outcome)


def _add(total: Counter[str], direction: Direction, outcome: Outcome) -> None:
    total[direction] += MESSAGES
    total[f"{direction} shown"] += outcome.unmoderated
    total["crashes"] += sum(outcome.crashes.values())
    total["failures"] += outcome.failed
    total["spared"] += outcome.failures["circuit_open"]


def main(names: list[str]) -> None:
    """Prints a line per fault and direction, with the circuit breaker and without it, and the sums."""
    logging.disable()  # each failure is a line, and here they are counted
    policy, total = load_policy(ROOT / "policy.yaml"), Counter[str]()
    budget_ms = policy.number("moderation.time_budget_ms")
    print(f"{MESSAGES} messages a line; budget {budget_ms:.0f} ms; waits in ms, '!' past the budget")
    print(f"\nAs the policy has it, {AT_ONCE} at once")
    _table(names or list(FAULTS), policy, total, has_breaker=True)
    print(f"\nWith a circuit that never opens, {AT_ONCE_WITHOUT_BREAKER} at once")
    _table(names or list(FAULTS), _without_breaker(policy), total, has_breaker=False)
    print()
    for direction in get_args(Direction):
        share = shown(total[f"{direction} shown"], total[direction])
        print(f"unmoderated texts of the {direction} that went through: {share}")
    print(f"crashes {total['crashes']}, texts with a failure {total['failures']}, calls spared {total['spared']}")


if __name__ == "__main__":
    main(sys.argv[1:])
