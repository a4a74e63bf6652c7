"""A token that takes longer than an attempt still comes, once for all who ask."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from guardrails.content_safety.identity import PatientIdentity

SCOPE = "https://cognitiveservices.azure.com/.default"


@dataclass(frozen=True)
class Token:
    token: str
    expires_on: int


@dataclass
class SlowCredential:
    """Gives a token when it is let, and fails where it is told to."""

    lasts_s: float = 3600.0
    fails: bool = False
    asked: int = 0
    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def get_token(self, *scopes: str, **options: Any) -> Token:
        self.asked += 1
        await self.may.wait()
        if self.fails:
            raise ValueError("no identity")
        return Token(f"token {self.asked}", int(time.time() + self.lasts_s))

    async def close(self) -> None:
        self.may.set()


async def test_a_fetch_outlives_the_attempt_that_gave_it_up() -> None:
    slow = SlowCredential()
    identity = PatientIdentity(slow)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await identity.get_token(SCOPE)
    slow.may.set()
    assert (await identity.get_token(SCOPE)).token == "token 1"
    assert slow.asked == 1


async def test_all_who_ask_meanwhile_share_one_token_while_it_holds() -> None:
    slow = SlowCredential()
    identity = PatientIdentity(slow)
    asking = asyncio.gather(*(identity.get_token(SCOPE) for _ in range(5)))
    slow.may.set()
    assert {each.token for each in await asking} == {"token 1"}
    assert (await identity.get_token(SCOPE)).token == "token 1"


async def test_a_token_about_to_end_and_a_failed_fetch_are_asked_for_anew() -> None:
    ending = SlowCredential(lasts_s=60.0)
    ending.may.set()
    identity = PatientIdentity(ending)
    assert [(await identity.get_token(SCOPE)).token for _ in range(2)] == ["token 1", "token 2"]

    failing = SlowCredential(fails=True)
    failing.may.set()
    identity = PatientIdentity(failing)
    with pytest.raises(ValueError):
        await identity.get_token(SCOPE)
    failing.fails = False
    assert (await identity.get_token(SCOPE)).token == "token 2"


async def test_closing_ends_a_fetch() -> None:
    slow = SlowCredential()
    identity = PatientIdentity(slow)
    waiting = asyncio.ensure_future(identity.get_token(SCOPE))
    await asyncio.sleep(0)
    await identity.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
