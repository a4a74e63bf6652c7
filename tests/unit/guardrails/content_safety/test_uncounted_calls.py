"""Calls of the service that left and that nobody counted: each is marked, whoever ends them; a refusal is billed by
nobody."""

import asyncio
import socket
from dataclasses import replace

import pytest

from guardrails.base import Decision, Text
from guardrails.chain import RailChain
from guardrails.content_safety.client import Account
from guardrails.content_safety.moderator import AzureModerator
from guardrails.content_safety.service import ContentSafety
from matria import PROJECT_ROOT
from matria.policy import Policy, load_policy
from tests.unit.guardrails.content_safety.double import (  # fmt: skip
    ATTEMPT_S,
    KEY,
    LIMITS,
    PATIENCE,
    Say,
    hang_up,
    late,
    levels,
    raw,
    refusing,
    serving,
    with_budget,
)
from tests.virtual_time import LONG_S, ends

POLICY = with_budget(load_policy(PROJECT_ROOT / "policy.yaml"), LONG_S)
SOON = with_budget(POLICY, 0.05)
QUESTION = Text("Posso comer peixe?", "user", "pt-BR")


async def judged(*says: Say, attempt_s: float = ATTEMPT_S, rails: int = 1, policy: Policy = POLICY) -> list[Decision]:
    async with serving(*says) as double:
        service = ContentSafety(Account(double.url, KEY), replace(PATIENCE, attempt_s=attempt_s), LIMITS)
        try:
            chain = RailChain([AzureModerator(service, [], policy)] * rails, policy)
            return list((await ends(chain.judge(QUESTION))).decisions)
        finally:
            await service.aclose()


@pytest.mark.parametrize("failing", [hang_up, raw("{")], ids=["cut", "malformed"])
async def test_an_attempt_that_may_be_billed_is_marked_beside_the_one_that_was_counted(failing: Say) -> None:
    (decision,) = await judged(failing, failing, levels())
    assert (decision.is_error, decision.text_records, decision.uncounted_calls) == (False, 1, 2)


async def test_an_attempt_that_hangs_is_marked() -> None:
    (decision,) = await judged(late, levels())
    assert (decision.is_error, decision.text_records, decision.uncounted_calls) == (False, 1, 1)


async def test_a_refusal_is_billed_by_nobody() -> None:
    (decision,) = await judged(refusing(429), refusing(503), levels())
    assert (decision.text_records, decision.uncounted_calls) == (1, 0)


@pytest.mark.parametrize("rails", [1, 2])
async def test_a_rail_that_the_chain_cuts_off_has_its_call_marked(rails: int) -> None:
    decisions = await judged(late, attempt_s=LONG_S, rails=rails, policy=with_budget(POLICY, ATTEMPT_S))
    assert [(d.is_error, d.text_records, d.uncounted_calls) for d in decisions] == [(True, 0, 1)] * rails


async def test_where_nobody_can_be_reached_nothing_is_marked() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # and never listens
        service = ContentSafety(Account(f"http://127.0.0.1:{deaf.getsockname()[1]}", KEY), PATIENCE, LIMITS)
        (decision,) = (await RailChain([AzureModerator(service, [], POLICY)], POLICY).judge(QUESTION)).decisions
        await service.aclose()
    assert (decision.is_error, decision.uncounted_calls) == (True, 0)


async def test_a_rail_of_this_process_has_no_calls() -> None:
    class Slow:
        name = "slow"

        async def judge(self, text: Text) -> Decision:
            await asyncio.Event().wait()
            raise AssertionError

        async def ping(self) -> str:
            return ""

    (decision,) = (await ends(RailChain([Slow()], SOON).judge(QUESTION))).decisions
    assert (decision.is_error, decision.uncounted_calls) == (True, 0)
