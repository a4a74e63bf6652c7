"""What moderation counted goes into the cost of the message that it served."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from guardrails.base import Decision
from matria.costs.base import Purpose, Usage
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.costs.records import RecordPrices
from matria.messages import Message
from matria.privacy.keys import HashKey
from models.assistant.base import ChatReply
from models.assistant.meter import Meter
from prompts.render import RenderedPrompt

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPLY = ChatReply("Pode.", "stop", "gpt-4.1-mini", "r", Usage(1000, 200), 5.0, is_simulated=False)
RAILS = (
    Decision("allow", "clinical_terms"),
    Decision("allow", "moderation", text_records=2, latency_ms=31.0),
    Decision("allow", "prompt_shield", text_records=1),
)


def meter(folder: Path, **per_1000: str) -> Meter:
    prices = RecordPrices({rail: Decimal(usd) for rail, usd in per_1000.items()}, "price page, 2026-11-01")
    ledger = SqliteLedger(folder / "ledger.db")
    return Meter(Prices(), ledger, HashKey("t", b"k" * 32), "gpt-4.1-mini", prices, clock=lambda: NOON)


async def record(own: Meter, decisions: tuple[Decision, ...] = RAILS, purpose: Purpose = "assistant") -> None:
    await own.record_moderation(decisions, purpose=purpose, conversation_id="c", message_id="m")


async def test_each_paid_rail_has_an_entry_and_a_free_one_has_none(tmp_path: Path) -> None:
    own = meter(tmp_path, moderation="0.4", prompt_shield="0.4")
    await record(own)
    entries = sorted(own.ledger.between(NOON, NOON + timedelta(1)), key=lambda entry: entry.model)
    assert [(e.purpose, e.model, e.usage.text_records, e.cost.usd) for e in entries] == [
        ("moderation", "moderation", 2, Decimal("0.0008")),
        ("moderation", "prompt_shield", 1, Decimal("0.0004")),
    ]
    assert entries[0].latency_ms == 31.0
    assert all(entry.conversation_id != "c" for entry in entries)


async def test_a_message_costs_its_answer_and_its_moderation_together(tmp_path: Path) -> None:
    own = meter(tmp_path, moderation="0.4", prompt_shield="0.4")
    answered = await own.record(
        REPLY, provider="openai", model="gpt-4.1-mini", purpose="assistant", conversation_id="c", message_id="m"
    )
    await record(own)
    entries = own.ledger.between(NOON, NOON + timedelta(1))
    assert answered.cost.usd is not None
    assert {entry.message_id for entry in entries} == {"m"}
    assert sum(entry.cost.usd or Decimal(0) for entry in entries) == answered.cost.usd + Decimal("0.0012")


async def test_without_a_price_the_message_is_unpriced_and_not_free(tmp_path: Path) -> None:
    own = meter(tmp_path, moderation="0.4")
    await record(own)
    entries = own.ledger.between(NOON, NOON + timedelta(1))
    assert [entry.cost.usd for entry in entries if entry.cost.state == "unpriced"] == [None]


async def test_moderation_is_moderation_whomever_the_message_is_for(tmp_path: Path) -> None:
    own = meter(tmp_path)
    await record(own, purpose="assistant")
    await record(own, purpose="evaluation")
    entries = own.ledger.between(NOON, NOON + timedelta(1))
    assert sorted((entry.serves, entry.purpose, entry.model) for entry in entries) == [
        ("evaluation", "moderation", "moderation"),
        ("evaluation", "moderation", "prompt_shield"),
        ("people", "moderation", "moderation"),
        ("people", "moderation", "prompt_shield"),
    ]


async def test_all_calls_of_a_message_belong_to_the_moment_at_which_it_came(tmp_path: Path) -> None:
    own = meter(tmp_path)
    came_at = NOON - timedelta(seconds=40)
    of_message: dict[str, Any] = {"conversation_id": "c", "message_id": "m", "message_at": came_at}
    await own.record(REPLY, provider="openai", model="gpt-4.1-mini", purpose="assistant", **of_message)
    await own.record_moderation(RAILS, purpose="assistant", **of_message)
    entries = own.ledger.between(NOON, NOON + timedelta(1))
    assert [(entry.at, entry.message_at) for entry in entries] == [(NOON, came_at)] * 3


async def test_the_prompt_s_own_part_of_the_input_goes_by_its_share_of_the_characters(tmp_path: Path) -> None:
    """30 of 40 characters are the prompt's: of 1,000 input tokens 750 are."""
    rendered = RenderedPrompt(
        (Message("system", "s" * 32), Message("user", "u" * 8)), "p", "1.0.0", "h", "gestante", "pt-BR", {}, 30
    )
    entry = await meter(tmp_path).record(
        REPLY,
        provider="openai",
        model="gpt-4.1-mini",
        purpose="assistant",
        conversation_id="c",
        message_id="m",
        rendered=rendered,
    )
    assert (entry.usage.input_tokens, entry.prompt_tokens) == (1000, 750)


async def test_local_moderation_costs_nothing_and_writes_nothing(tmp_path: Path) -> None:
    own = meter(tmp_path)
    await record(own, (Decision("allow", "moderation"),))
    assert own.ledger.between(NOON, NOON + timedelta(1)) == []


async def test_a_call_dearer_than_any_is_unpriced_and_says_why(tmp_path: Path) -> None:
    """Two thousand million tokens of gpt-4.1-mini would be 800 dollars in and 3,200 out; nobody answered with them."""
    own = meter(tmp_path, moderation="0.4")
    much = replace(REPLY, usage=Usage(2 * 10**9, 2 * 10**9))
    entry = await own.record(
        much, provider="openai", model="gpt-4.1-mini", purpose="assistant", conversation_id="c", message_id="m"
    )
    assert (entry.cost.state, entry.cost.usd) == ("unpriced", None)
    assert entry.cost.price_source == "no call costs more than 1000 USD: the usage reported cannot be right"
    (judged,) = await own.record_moderation(
        [Decision("allow", "moderation", text_records=2**31 - 1)],
        purpose="assistant",
        conversation_id="c",
        message_id="m",
    )
    assert judged.cost.state == "unpriced", "2,147,483 thousands at 0.4 are 858,993"
