"""How often the service is asked, how long it is waited for, and when it is left alone."""

import asyncio
import logging

import pytest

from guardrails.content_safety.attempts import Patience
from guardrails.content_safety.breaker import BreakerLimits
from guardrails.content_safety.client import Account, SafetyClient
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.service import ContentSafety
from tests.unit.guardrails.content_safety.double import (
    ATTEMPT_S,
    KEY,
    LIMITS,
    OPEN_S,
    PATIENCE,
    Say,
    asking,
    half,
    hang,
    hang_up,
    late,
    levels,
    raw,
    refusing,
)
from tests.virtual_time import ends, until


async def analyze(service: ContentSafety) -> object:
    return (await service.analyze("olá", [], service.give_up_at())).answer


async def failure_of(service: ContentSafety) -> str:
    with pytest.raises(CallFailed) as caught:
        await analyze(service)
    return caught.value.failure


@pytest.mark.parametrize(
    "passing",
    [refusing(429), refusing(429, Retry_After="0"), refusing(500), refusing(503), hang_up, half, raw("{")],
    ids=["429", "429 with a pause", "500", "503", "cut", "half", "malformed"],
)
async def test_what_passes_is_asked_again(passing: Say) -> None:
    async with asking(passing, passing, levels(Hate=3)) as (double, service):
        assert "hate" in str(await analyze(service))
        assert len(double.asked) == 3


async def test_attempts_are_bounded() -> None:
    async with asking(refusing(503)) as (double, service):
        assert await failure_of(service) == "server"
        assert len(double.asked) == PATIENCE.most


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_what_no_attempt_can_help_is_asked_once(status: int) -> None:
    async with asking(refusing(status)) as (double, service):
        await failure_of(service)
        assert len(double.asked) == 1


async def test_a_pause_is_waited_for_where_there_is_time() -> None:
    async with asking(refusing(429, Retry_After="1"), levels()) as (double, service):
        loop = asyncio.get_running_loop()
        started = loop.time()
        await analyze(service)
        assert loop.time() - started >= 1.0
        assert len(double.asked) == 2


async def test_a_pause_longer_than_the_budget_fails_at_once_and_holds_for_the_next_text() -> None:
    async with asking(refusing(429, Retry_After=f"{PATIENCE.total_s + 1:.0f}"), levels()) as (double, service):
        assert await ends(failure_of(service)) == "too_many_requests"
        assert await failure_of(service) == "circuit_open"
        assert len(double.asked) == 1


@pytest.mark.parametrize(
    ("attempt_s", "total_s", "attempts"), [(ATTEMPT_S, 2.5 * ATTEMPT_S, 3), (10 * ATTEMPT_S, ATTEMPT_S, 1)]
)
async def test_a_service_that_hangs_is_waited_for_as_long_as_the_budget_says(
    attempt_s: float, total_s: float, attempts: int
) -> None:
    """Of 500 s attempts of 200 s begin at 0, 200 and 400 s; of 200 s a longer one is the only one."""
    patience = Patience(most=9, attempt_s=attempt_s, total_s=total_s, backoff_s=0.001, max_backoff_s=0.001)
    async with asking(late, patience=patience) as (double, service):
        assert await ends(failure_of(service)) == "timeout"
        assert len(double.asked) == attempts


async def test_an_outage_is_left_alone_and_another_operation_is_not() -> None:
    async with asking(refusing(500), limits=BreakerLimits(2, OPEN_S, OPEN_S)) as (double, service):
        assert [await failure_of(service) for _ in range(3)] == ["server", "server", "circuit_open"]
        assert len(double.asked) == 2 * PATIENCE.most
        with pytest.raises(CallFailed, match="failed on its side"):
            await service.shield("olá", [], service.give_up_at())


async def test_the_log_names_the_operation_and_the_failure_and_never_the_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    said = "o que ela disse"
    says = (*[refusing(500)] * PATIENCE.most, refusing(400))
    async with asking(*says, limits=BreakerLimits(1, OPEN_S, OPEN_S)) as (_, service):
        with pytest.raises(CallFailed):
            await service.analyze(said, [], service.give_up_at())
        with pytest.raises(CallFailed):
            await service.shield(said, [], service.give_up_at())
    assert "analyze is left alone for a while: server" in caplog.text
    assert "shield failed at attempt 1: refused" in caplog.text
    assert said not in caplog.text


async def test_a_service_that_answers_every_second_attempt_is_of_use() -> None:
    half = [say for _ in range(20) for say in (refusing(429), levels())]
    async with asking(*half, limits=BreakerLimits(2, OPEN_S, OPEN_S)) as (double, service):
        for _ in range(20):
            await analyze(service)
        assert len(double.asked) == 40


async def test_one_refused_text_is_no_outage() -> None:
    async with asking(refusing(400), limits=BreakerLimits(2, OPEN_S, OPEN_S)) as (_, service):
        assert [await failure_of(service) for _ in range(4)] == ["refused"] * 4


async def test_a_caller_who_gives_up_opens_nothing() -> None:
    async with asking(hang, levels(), limits=BreakerLimits(1, OPEN_S, OPEN_S)) as (double, service):
        task = asyncio.create_task(analyze(service))
        await until(lambda: double.asked)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await analyze(service)


def test_each_event_loop_has_a_client_of_its_own_and_closes_it() -> None:
    service = ContentSafety(Account("http://127.0.0.1:9", KEY), PATIENCE, LIMITS)

    async def clients() -> tuple[SafetyClient, SafetyClient]:
        return await service.client(), await service.client()

    first, again = asyncio.run(clients())
    other, _ = asyncio.run(clients())
    assert first is again
    assert first is not other
    assert not service._clients
