"""Attempts, pauses and limits around a chat model, in virtual time: no test waits."""

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from matria.costs.base import Usage
from matria.messages import Message
from models.assistant.base import ChatReply, ChatRequest, RateLimit
from models.assistant.failures import ChatFailed
from models.assistant.gates.adaptive import AdaptiveGate, GateLimits
from models.assistant.gates.base import CallEnd, GateClosed
from models.assistant.limited import Attempts, LimitedChat, estimated_tokens
from tests.virtual_time import run

REQUEST = ChatRequest((Message("user", "x" * 400),), "m", {"max_tokens": 100})
"""Estimated at 400 / 4 + 4 + 100 = 204 tokens."""
WIDE = GateLimits(50, 50)


def limited(retry_after_s: float | None = None) -> ChatFailed:
    return ChatFailed("too many", "too_many_requests", status=429, retry_after_s=retry_after_s)


def reply(tokens: int = 204, limits: tuple[RateLimit, ...] = ()) -> ChatReply:
    return ChatReply("yes", "stop", "m-1", "id", Usage(tokens, 0), 1.0, is_simulated=False, limits=limits)


Script = Callable[[int, float], ChatReply | ChatFailed]
"""What the n-th call, counted from 0, meets when it arrives at that time."""


@dataclass
class Endpoint:
    """A chat model that answers after a while as it is told, and notes when each call came."""

    script: Script = lambda n, at: reply()
    latency_s: float = 0.05
    provider: str = "openai"
    came_at: list[float] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    closed: bool = False

    async def complete(self, request: ChatRequest) -> ChatReply:
        clock = asyncio.get_running_loop().time
        number = len(self.came_at)
        self.came_at.append(clock())
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            said = self.script(number, clock())
            await asyncio.sleep(self.latency_s)
        finally:
            self.in_flight -= 1
        if isinstance(said, ChatFailed):
            raise said
        return said

    async def ping(self) -> str:
        return "pong"

    async def aclose(self) -> None:
        self.closed = True


def around(
    endpoint: Endpoint, limits: GateLimits = WIDE, most: int = 5, total_s: float = 180.0, chance: float = 1.0
) -> LimitedChat:
    attempts = Attempts(most, total_s, backoff_s=0.5, max_backoff_s=20.0)
    return LimitedChat(endpoint, (AdaptiveGate(limits),), attempts, chance=lambda: chance)


def ask(chat: LimitedChat, calls: int = 1, workers: int = 50) -> tuple[list[ChatReply | ChatFailed], float]:
    """What came of so many calls by so many workers, and the seconds that all took."""

    async def all_of_them() -> tuple[list[ChatReply | ChatFailed], float]:
        results: list[ChatReply | ChatFailed] = []
        queue: Iterator[int] = iter(range(calls))

        async def work() -> None:
            for _ in queue:
                try:
                    results.append(await chat.complete(REQUEST))
                except ChatFailed as error:
                    results.append(error)

        await asyncio.gather(*(work() for _ in range(min(workers, calls))))
        return results, asyncio.get_running_loop().time()

    return run(all_of_them())


@pytest.mark.parametrize("kind", ["too_many_requests", "server", "timeout", "unreachable", "unreadable"])
def test_a_passing_failure_is_tried_again_after_a_wait_that_doubles(kind: str) -> None:
    """With chance 1 the waits are 0.5, 1 and 2 s; the calls come at 0, 0.55, 1.6 and 3.65 s."""
    endpoint = Endpoint(lambda n, at: ChatFailed("no", kind) if n < 3 else reply())  # type: ignore[arg-type]
    results, _ = ask(around(endpoint))
    assert isinstance(results[0], ChatReply)
    assert endpoint.came_at == pytest.approx([0, 0.55, 1.6, 3.65])


@pytest.mark.parametrize("kind", ["unknown_model", "key_refused", "no_quota", "refused", "unexpected_end"])
def test_what_no_attempt_helps_is_asked_once(kind: str) -> None:
    endpoint = Endpoint(lambda n, at: ChatFailed("no", kind))  # type: ignore[arg-type]
    ((failed,), _) = ask(around(endpoint))
    assert isinstance(failed, ChatFailed)
    assert failed.failure == kind
    assert len(endpoint.came_at) == 1


def test_when_attempts_run_out_the_last_failure_is_raised() -> None:
    endpoint = Endpoint(lambda n, at: ChatFailed(f"failure {n}", "server", status=500))
    ((failed,), _) = ask(around(endpoint, most=3))
    assert str(failed) == "failure 2"


def test_waits_are_random_below_their_bound() -> None:
    endpoint = Endpoint(lambda n, at: ChatFailed("no", "server") if n < 1 else reply())
    ask(around(endpoint, chance=0.25))
    assert endpoint.came_at == pytest.approx([0, 0.05 + 0.125])


def test_retry_after_pauses_the_whole_endpoint() -> None:
    """Ten calls at once; the first is told to come back in 7 s, and nobody else calls meanwhile."""
    endpoint = Endpoint(lambda n, at: limited(7.0) if n == 0 else reply())
    results, _ = ask(around(endpoint, GateLimits(2, 2)), calls=10)
    assert all(isinstance(result, ChatReply) for result in results)
    assert endpoint.came_at[:2] == [0, 0]
    assert min(endpoint.came_at[2:]) == pytest.approx(7.05)


def test_a_second_attempt_goes_before_first_ones() -> None:
    seen: list[str] = []

    @dataclass
    class Naming(Endpoint):
        async def complete(self, request: ChatRequest) -> ChatReply:
            seen.append(request.messages[0].content)
            return await super().complete(request)

    endpoint = Naming(lambda n, at: limited(1.0) if n == 0 else reply())
    chat = around(endpoint, GateLimits(1, 1))

    async def three() -> None:
        asked = [chat.complete(ChatRequest((Message("user", name),), "m")) for name in ("a", "b", "c")]
        await asyncio.gather(*asked)

    run(three())
    assert seen == ["a", "a", "b", "c"]


def test_a_pause_longer_than_an_answer_may_take_is_an_error_at_once() -> None:
    endpoint = Endpoint(lambda n, at: limited(3600.0))
    results, took = ask(around(endpoint, GateLimits(1, 1), total_s=60), calls=5)
    assert [result.failure for result in results if isinstance(result, ChatFailed)] == ["too_many_requests"] * 5
    assert took < 1
    assert len(endpoint.came_at) == 1


def test_the_time_for_one_answer_bounds_all_attempts() -> None:
    endpoint = Endpoint(lambda n, at: ChatFailed("slow", "timeout"), latency_s=40)
    ((failed,), took) = ask(around(endpoint, most=20, total_s=100))
    assert isinstance(failed, ChatFailed)
    assert took <= 100
    assert endpoint.in_flight == 0


def test_a_round_of_429s_halves_the_window_once_and_5xx_never() -> None:
    gate = AdaptiveGate(GateLimits(16, 16))

    async def round_of(kind: str, calls: int) -> int:
        tickets = [await gate.enter(1) for _ in range(calls)]
        for ticket in tickets:
            await gate.leave(ticket, CallEnd(kind))  # type: ignore[arg-type]
        return gate.window

    async def windows() -> list[int]:
        return [await round_of(kind, gate.window) for kind in ("failed", "limited", "failed", "limited", "dropped")]

    assert run(windows()) == [16, 8, 8, 4, 4]


def test_the_window_never_closes() -> None:
    endpoint = Endpoint(lambda n, at: limited() if n < 40 else reply())
    results, _ = ask(around(endpoint, GateLimits(4, 50), most=60, total_s=1e6), calls=20)
    assert all(isinstance(result, ChatReply) for result in results)


def test_the_start_is_slow_and_doubles_each_round() -> None:
    """Answers take 1 ms, so that silence widens nothing: 4, 8, 16, 32, then the ceiling."""
    endpoint = Endpoint(latency_s=0.001)
    ask(around(endpoint, GateLimits(4, 50)), calls=200)
    rounds = [sum(math.isclose(at, 0.001 * n, abs_tol=1e-9) for at in endpoint.came_at) for n in range(5)]
    assert rounds == [4, 8, 16, 32, 50]
    assert endpoint.most_in_flight == 50


def test_silence_widens_the_window_and_a_refusal_ends_that() -> None:
    """Answers take a second: a call more every 5 ms. A refusal after 20 ms halves what there is, and it stays so."""
    slow = Endpoint(latency_s=1.0)
    ask(around(slow, GateLimits(4, 10)), calls=10)
    assert slow.came_at == pytest.approx([0, 0, 0, 0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03])

    gate = AdaptiveGate(GateLimits(4, 50))

    async def refused() -> int:
        tickets = [await gate.enter(1) for _ in range(8)]
        await gate.leave(tickets.pop(), CallEnd("limited"))
        waiting = asyncio.ensure_future(gate.enter(1))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        waiting.cancel()
        return gate.window

    assert run(refused()) == 4


@pytest.mark.parametrize(("latency_s", "within"), [(0.05, 1.06), (0.5, 1.02)])
def test_a_slow_start_costs_little_of_a_run(latency_s: float, within: float) -> None:
    """1,000 calls, 50 at a time, take at least 20 rounds; begun with 16."""
    _, took = ask(around(Endpoint(latency_s=latency_s), GateLimits(16, 50)), calls=1000)
    assert took <= within * math.ceil(1000 / 50) * latency_s


def test_requests_a_minute_are_kept() -> None:
    """60 a minute: one at once and one a second from there, so that the 31st call comes after 30 s."""
    endpoint = Endpoint()
    ask(around(endpoint, GateLimits(50, 50, requests_per_minute=60)), calls=31)
    assert endpoint.came_at == pytest.approx(list(range(31)), abs=1e-6)


def test_tokens_a_minute_are_kept_by_what_the_endpoint_counted() -> None:
    """6,000 tokens a minute are 100 a second. A call is let in at 204 and counted at 50: one every half second."""
    endpoint = Endpoint(lambda n, at: reply(tokens=50), latency_s=0)
    _, took = ask(around(endpoint, GateLimits(1, 1, tokens_per_minute=6000)), calls=101)
    assert took == pytest.approx(101 * 0.5, rel=0.05)


def test_the_endpoints_own_limit_is_kept_where_none_is_configured() -> None:
    """It takes 10 at once, 10 a minute after, and says so in whole numbers: 40 calls take 30 x 6 s and a refusal."""
    level, before = 10.0, 0.0

    def script(n: int, at: float) -> ChatReply | ChatFailed:
        nonlocal level, before
        level, before = min(10.0, level + (at - before) / 6), at
        if level < 1 - 1e-6:
            return limited()
        level -= 1
        return reply(limits=(RateLimit("requests", 10, math.floor(level + 1e-6), (10 - level) * 6),))

    endpoint = Endpoint(script)
    results, took = ask(around(endpoint, GateLimits(1, 4)), calls=40)
    assert all(isinstance(result, ChatReply) for result in results)
    assert len(endpoint.came_at) <= 41
    assert 180 <= took < 200


def test_a_cancelled_caller_holds_nothing() -> None:
    gate = AdaptiveGate(GateLimits(1, 1, requests_per_minute=60))

    async def work() -> tuple[int, float]:
        held = await gate.enter(1)
        waiting = [asyncio.ensure_future(gate.enter(1)) for _ in range(3)]
        await asyncio.sleep(0)
        for task in waiting[:2]:
            task.cancel()
        await gate.leave(held, CallEnd("answered"))
        await gate.leave(await waiting[2], CallEnd("answered"))
        return gate.in_flight, asyncio.get_running_loop().time()

    assert run(work()) == (0, pytest.approx(1.0))


def test_a_right_that_its_caller_no_longer_wants_goes_to_the_next() -> None:
    gate = AdaptiveGate(GateLimits(1, 1))

    async def work() -> int:
        held = await gate.enter(1)
        first, second = (asyncio.ensure_future(gate.enter(1)) for _ in range(2))
        await asyncio.sleep(0)
        await gate.leave(held, CallEnd("answered"))  # the right is the first one's now
        first.cancel()
        await gate.leave(await second, CallEnd("answered"))
        return gate.in_flight

    assert run(work()) == 0


def test_a_gate_that_stays_shut_says_so_at_once() -> None:
    gate = AdaptiveGate(WIDE)

    async def work() -> None:
        await gate.leave(await gate.enter(1), CallEnd("limited", pause_s=90.0))
        with pytest.raises(GateClosed, match="90 s"):
            await gate.enter(1, patience_s=60)

    run(work())


def faults(every: Sequence[ChatFailed | None]) -> Script:
    return lambda n, at: every[n % len(every)] or reply()


def test_every_call_ends_in_a_reply_or_a_typed_failure_whatever_the_endpoint_does() -> None:
    """A third of the attempts meet a fault of some kind, so that about one call in a hundred fails for good."""
    mixed = faults(
        [limited(), None, None, ChatFailed("", "server"), None, ChatFailed("", "unreadable"), None, None, None]
    )
    endpoint = Endpoint(mixed)
    results, _ = ask(around(endpoint, GateLimits(24, 50)), calls=1000)
    assert len(results) == 1000
    assert sum(isinstance(result, ChatFailed) for result in results) < 50
    assert endpoint.in_flight == 0


def test_an_estimate_counts_the_text_and_the_longest_answer_allowed() -> None:
    assert estimated_tokens(REQUEST) == 204


def test_a_ping_and_the_end_reach_the_endpoint() -> None:
    endpoint = Endpoint()
    chat = around(endpoint)

    async def work() -> str:
        said = await chat.ping()
        await chat.aclose()
        return said

    assert run(work()) == "pong"
    assert endpoint.closed
