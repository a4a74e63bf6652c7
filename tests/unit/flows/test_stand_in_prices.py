"""Whose price stands in is a setting of the model that answered, be it the first or the fallback."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.wiring import Platform
from matria.costs.base import Cost, Usage
from models.assistant.base import ChatReply
from models.assistant.failures import PaidAttempt

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPLY = ChatReply("Pode.", "stop", "sabia-4", "r", Usage(1000, 1000), 5.0, is_simulated=False)


def platform(folder: Path, chat: dict[str, Any], **fallback: Any) -> Platform:
    second = {"is_on": True, "kind": "compatible", "base_url": "http://127.0.0.1:1/v1", "model": "sabia-4", **fallback}
    return Platform.load(home=folder, chat=chat, fallback=second)


def answered_by_the_fallback(own: Platform) -> Cost:
    return own.meter(own.settings.chat).cost(REPLY, "compatible", "sabia-4", NOON)


@pytest.mark.parametrize("chat", [{"kind": "simulator"}, {"kind": "openai", "api_key": "k", "priced_as": "gpt-4o"}])
def test_the_fallback_s_stand_in_prices_its_answers(tmp_path: Path, chat: dict[str, Any]) -> None:
    """gpt-4.1, 2 and 8: 1000 x 2 + 1000 x 8 = 10000 millionths."""
    cost = answered_by_the_fallback(platform(tmp_path, chat, priced_as="openai/gpt-4.1"))
    assert (cost.usd, cost.price_source.partition(" as if ")[2]) == (Decimal("0.01"), "openai/gpt-4.1")


@pytest.mark.parametrize("chat", [{"kind": "simulator"}, {"kind": "openai", "api_key": "k", "priced_as": "gpt-4o"}])
def test_no_other_model_s_stand_in_does(tmp_path: Path, chat: dict[str, Any]) -> None:
    assert answered_by_the_fallback(platform(tmp_path, chat)).state == "unpriced"


def test_an_attempt_of_the_fallback_is_priced_as_its_answer_is(tmp_path: Path) -> None:
    own = platform(tmp_path, {"kind": "simulator"}, priced_as="openai/gpt-4.1")
    attempt = PaidAttempt("unreadable", "compatible", "sabia-4", usage=Usage(1000, 1000))
    cost = own.meter(own.settings.chat)._attempt_cost(attempt, NOON)
    assert cost.usd == Decimal("0.01")


def test_the_first_model_keeps_its_own(tmp_path: Path) -> None:
    """gpt-4.1-mini, 0.40 and 1.60: 400 + 1600 millionths."""
    own = platform(tmp_path, {"kind": "simulator"}, priced_as="openai/gpt-4.1")
    assert own.meter(own.settings.chat).cost(REPLY, "simulator", "simulator-1", NOON).usd == Decimal("0.002")
    assert own.meter(own.settings.judge).stand_ins == {}, "a judge has no fallback"
