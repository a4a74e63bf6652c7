"""The chain fails closed whatever its rails do, and otherwise takes the strictest of their decisions."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.base import Action, Category, Decision, Direction, RailFailed, Span, Text
from guardrails.chain import SAFE_ACTION, STRICTNESS, ChainDecision, RailChain
from matria.policy import Policy, Threshold
from tests.virtual_time import LONG_S, run

BUDGET_S = 50.0


def within(budget_s: float) -> Policy:
    """Rails have so much time together."""
    name = "moderation.time_budget_ms"
    return Policy({name: Threshold(name, budget_s * 1000, "ms", "a test")}, "digest")


POLICY = within(BUDGET_S)


@dataclass
class StubRail:
    """A rail that does what a test tells it."""

    does: Callable[[Text], Any]
    name: str = "stub"

    async def judge(self, text: Text) -> Decision:
        result = self.does(text)
        return await result if asyncio.iscoroutine(result) else result

    async def ping(self) -> str:
        return self.name


def says(action: Action, **more: Any) -> StubRail:
    return StubRail(lambda _: Decision(action, "stub", **more))


def raises(error: BaseException) -> StubRail:
    def fail(_: Text) -> Decision:
        raise error

    return StubRail(fail)


def hangs() -> StubRail:
    return StubRail(lambda _: asyncio.sleep(3600))


async def stubborn() -> Decision:
    """Does not even give up when told to; fails late."""
    try:
        await asyncio.sleep(3600)
    except asyncio.CancelledError:
        await asyncio.sleep(0.05)
        raise RailFailed("too late") from None
    return Decision("allow", "stub")


def judge(*rails: StubRail, direction: Direction = "user", content: str = "oi") -> ChainDecision:
    return run(RailChain(rails, POLICY).judge(Text(content, direction, "pt-BR")))


FAILURES = {
    "raises": raises(RailFailed("down")),
    "raises the unexpected": raises(ZeroDivisionError()),
    "is cancelled from inside": raises(asyncio.CancelledError()),
    "hangs": hangs(),
    "ignores being stopped": StubRail(lambda _: stubborn()),
    "answers nothing": StubRail(lambda _: None),
    "answers text": StubRail(lambda _: "allow"),
    "answers an unknown action": StubRail(lambda _: Decision("shrug", "stub")),  # type: ignore[arg-type]
    "answers an impossible level": says("allow", levels={"hate": 8}),
    "answers a broken level": says("allow", levels={"hate": "high"}),
    "answers an unknown category": says("allow", levels={"rudeness": 1}),
    "answers levels that are none": says("allow", levels=None),
    "answers reasons that are none": says("allow", reasons=(1,)),
    "answers a part beyond the text": says("mask", spans=(Span(0, 9, "dose_in_answer"),)),
    "answers with a negative bill": says("allow", text_records=-1),
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("direction", get_args(Direction))
def test_a_failing_rail_never_lets_a_text_pass(failure: str, direction: Direction) -> None:
    decision = judge(says("allow"), FAILURES[failure], direction=direction)
    assert decision.action == SAFE_ACTION[direction] != "allow"
    assert decision.failures == 1
    assert decision.decisions[1].reasons == ("rail_failed",)


def test_waiting_is_bounded_by_the_budget() -> None:
    async def all_hang() -> tuple[ChainDecision, float]:
        decision = await RailChain([hangs() for _ in range(20)], POLICY).judge(Text("oi", "user", "pt-BR"))
        return decision, asyncio.get_running_loop().time()

    decision, took_s = run(all_hang())
    assert decision.failures == 20
    assert took_s < BUDGET_S + 1


def test_a_disclosure_is_cared_for_even_while_another_rail_is_down() -> None:
    assert judge(says("escalate"), raises(RailFailed("down")), says("refuse")).action == "escalate"


def test_a_failure_is_logged_without_the_text(caplog: pytest.LogCaptureFixture) -> None:
    judge(raises(RailFailed("meu segredo")), content="meu segredo")
    assert "RailFailed" in caplog.text
    assert "segredo" not in caplog.text


def test_a_chain_without_rails_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="everything pass"):
        RailChain([], POLICY)


def test_rails_run_at_the_same_time() -> None:
    async def both() -> bool:
        first, second = asyncio.Event(), asyncio.Event()

        async def meet(mine: asyncio.Event, other: asyncio.Event) -> Decision:
            mine.set()
            await other.wait()
            return Decision("allow", "stub")

        rails = [StubRail(lambda _: meet(first, second)), StubRail(lambda _: meet(second, first))]
        return (await RailChain(rails, within(LONG_S)).judge(Text("oi", "user", "en"))).is_allowed

    assert run(both())


@pytest.mark.parametrize(("direction", "last_word"), [("user", "escalate"), ("assistant", "refuse")])
def test_no_rail_is_asked_after_the_last_word(direction: Direction, last_word: Action) -> None:
    asked: list[str] = []

    def rail(name: str, action: Action) -> StubRail:
        return StubRail(lambda _: asked.append(name) or Decision(action, name), name)

    first = [rail("mild", "mask"), rail("strict", last_word), rail("after", "allow")]
    chain = RailChain([rail("remote", "allow")], POLICY, first=first)
    decision = asyncio.run(chain.judge(Text("oi", direction, "pt-BR")))
    assert decision.action == last_word
    assert asked == ["mild", "strict"]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_rail_of_the_first_that_fails_does_not_keep_a_disclosure_from_being_heard(failure: str) -> None:
    chain = RailChain([], POLICY, first=[FAILURES[failure], says("escalate")])
    decision = run(chain.judge(Text("oi", "user", "pt-BR")))
    if failure not in ("hangs", "ignores being stopped"):
        assert decision.action == "escalate"
    assert decision.failures >= 1


def test_a_decision_says_how_long_its_rail_took() -> None:
    assert judge(says("allow")).decisions[0].latency_ms > 0


@pytest.mark.parametrize("rails", [1, 2])
def test_a_cancelled_chain_stops_its_rails(rails: int) -> None:
    async def cancel_it() -> int:
        begun, stopped = asyncio.Event(), list[bool]()

        async def wait() -> Decision:
            begun.set()
            try:
                await asyncio.sleep(3600)
            finally:
                stopped.append(True)
            return Decision("allow", "stub")

        chain = RailChain([StubRail(lambda _: wait())] * rails, within(LONG_S))
        task = asyncio.ensure_future(chain.judge(Text("oi", "user", "en")))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        return len(stopped)

    assert run(cancel_it()) == rails


decisions = st.builds(
    Decision,
    action=st.sampled_from(get_args(Action)),
    rail=st.just("stub"),
    reasons=st.lists(st.sampled_from(["a", "b", "c"]), max_size=3).map(tuple),
    levels=st.dictionaries(st.sampled_from(get_args(Category)), st.integers(0, 7)),
)


@given(st.lists(decisions | st.none(), min_size=1, max_size=5), st.sampled_from(get_args(Direction)))
def test_the_strictest_action_wins_in_any_order(answers: list[Decision | None], direction: Direction) -> None:
    """None stands for a rail that answers nonsense."""
    rails = [StubRail(lambda _, answer=answer: answer) for answer in answers]
    forward, backward = judge(*rails, direction=direction), judge(*reversed(rails), direction=direction)
    expected = [SAFE_ACTION[direction] if answer is None else answer.action for answer in answers]
    assert forward.action == backward.action == max(expected, key=STRICTNESS.index)
    assert forward.failures == answers.count(None)
    assert forward.is_allowed == all(answer is not None and answer.action == "allow" for answer in answers)
    for category, level in forward.levels.items():
        assert level == max(a.levels.get(category, 0) for a in answers if a is not None)
    said = [reason for answer in answers if answer is not None for reason in answer.reasons]
    assert set(forward.reasons) - {"rail_failed"} == set(said)


@given(st.lists(decisions, min_size=1, max_size=4), decisions, st.sampled_from(get_args(Direction)))
def test_another_rail_never_makes_a_chain_milder(answers: list[Decision], more: Decision, direction: Direction) -> None:
    def rails(kept: list[Decision]) -> list[StubRail]:
        return [StubRail(lambda _, answer=answer: answer) for answer in kept]

    fewer, all_of_them = (
        judge(*rails(answers), direction=direction),
        judge(*rails([*answers, more]), direction=direction),
    )
    assert STRICTNESS.index(all_of_them.action) >= STRICTNESS.index(fewer.action)


def test_the_strictness_order_names_every_action() -> None:
    assert set(STRICTNESS) == set(get_args(Action))


def test_the_chain_pings_every_rail() -> None:
    assert asyncio.run(RailChain([says("allow"), says("allow")], POLICY).ping()) == "stub; stub"
