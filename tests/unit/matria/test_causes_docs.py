"""The reference of causes says what the code does, and its example runs."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from cost_rows import MINI

from matria.costs.base import Cost, LedgerEntry, Usage
from matria.costs.causes.base import FACTORS
from matria.costs.ledger.sqlite import SqliteLedger

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cost-causes.md"


def test_every_factor_is_in_the_reference() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[:10] == list(FACTORS)


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = SqliteLedger(tmp_path / "var" / "costs" / "ledger.db")
    ledger.record([answer(100, hours_ago=30), answer(200, hours_ago=3)])
    ledger.close()
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)

    exec(compile(code, str(PAGE), "exec"), {})

    # 100 tokens at 1.60 USD a million more, and nothing else.
    assert capsys.readouterr().out.splitlines()[0] == "output_tokens 0.00016 gestante/triagem 100.0 200.0"


def answer(output_tokens: int, hours_ago: int) -> LedgerEntry:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    return LedgerEntry(
        call_id=f"call-{hours_ago}",
        at=at,
        purpose="assistant",
        conversation_id="c",
        message_id=f"message-{hours_ago}",
        prompt_name="gestante/triagem",
        prompt_version="1.0.0",
        prompt_hash="a",
        persona="gestante",
        locale="pt-BR",
        provider="openai",
        model="mini",
        model_snapshot="mini-1",
        usage=Usage(1000, output_tokens),
        latency_ms=1,
        cost=Cost("priced", Decimal(400 + output_tokens * 8 // 5).scaleb(-6), "list", date(2025, 6, 2), MINI),
        is_simulated=False,
        message_at=at,
        serves="people",
        prompt_tokens=600,
    )
