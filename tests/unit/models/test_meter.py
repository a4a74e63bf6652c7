"""What moderation counted goes into the cost of the message that it served."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from guardrails.base import Decision
from matria.costs.base import Purpose, Usage
from matria.costs.prices import Prices
from matria.costs.records import RecordPrices
from matria.costs.sqlite import SqliteLedger
from matria.costs.summary import PRODUCTION, figures, summarise
from matria.privacy.keys import HashKey
from models.assistant.base import ChatReply
from models.assistant.meter import Meter

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
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
    reply = ChatReply("Pode.", "stop", "gpt-4.1-mini", "r", Usage(1000, 200), 5.0, is_simulated=False)
    answered = await own.record(
        reply, provider="openai", model="gpt-4.1-mini", purpose="assistant", conversation_id="c", message_id="m"
    )
    await record(own)
    all_of_it = summarise(own.ledger.between(NOON, NOON + timedelta(1))).all
    assert answered.cost.usd is not None
    assert (all_of_it.messages, all_of_it.calls) == (1, 3)
    assert all_of_it.mean_usd == answered.cost.usd + Decimal("0.0012")


async def test_without_a_price_the_message_is_unpriced_and_not_free(tmp_path: Path) -> None:
    own = meter(tmp_path, moderation="0.4")
    await record(own)
    found = figures(own.ledger.between(NOON, NOON + timedelta(1)))
    assert (found.unpriced_calls, found.unpriced_messages, found.mean_usd) == (1, 1, None)


async def test_moderation_of_an_evaluation_is_no_cost_of_the_service(tmp_path: Path) -> None:
    own = meter(tmp_path)
    await record(own, purpose="evaluation")
    assert all(entry.purpose not in PRODUCTION for entry in own.ledger.between(NOON, NOON + timedelta(1)))


async def test_local_moderation_costs_nothing_and_writes_nothing(tmp_path: Path) -> None:
    own = meter(tmp_path)
    await record(own, (Decision("allow", "moderation"),))
    assert own.ledger.between(NOON, NOON + timedelta(1)) == []
