"""`matria guardrails`, and what moderation costs, with the emulator for the service."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from flows.cli.entry import run
from flows.steps.guardrails import examine_rails
from flows.wiring import Platform
from flows.wiring_rails import record_prices
from guardrails.base import Text
from guardrails.emulator import create_app
from guardrails.emulator.server import serving
from matria.errors import SettingsError
from matria.settings import ModerationSettings


@pytest.fixture
def patient(root: Path, tmp_path: Path) -> Path:
    """The checkout, but that rails have minutes for a text: it is not asked here how fast a machine is."""
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name in ("evals", "prompts"):
        (checkout / name).symlink_to(root / name)
    limit = re.compile(r"(\n  time_budget_ms:\n    value: )2000\n")
    policy, found = limit.subn(r"\g<1>200000\n", (root / "policy.yaml").read_text(encoding="utf-8"))
    assert found == 1
    (checkout / "policy.yaml").write_text(policy, encoding="utf-8")
    return checkout


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, patient: Path) -> Iterator[str]:
    """The address of an emulator that this process is configured with."""
    with serving(create_app(apply_lag_s=0)) as endpoint:
        given = {"KIND": "azure", "ENDPOINT": endpoint, "API_KEY": "any", "TIMEOUT_S": "100"}
        for name, value in given.items():
            monkeypatch.setenv(f"MATRIA_MODERATION__{name}", value)
        monkeypatch.setenv("MATRIA_ROOT", str(patient))
        monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
        yield endpoint


def test_a_service_without_our_blocklists_is_off_until_they_are_synced(
    emulator: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["guardrails", "show"]) == 1
    assert "run `matria guardrails sync`" in capsys.readouterr().out

    assert run(["guardrails", "sync", "--dry-run"]) == 0
    assert "nothing was changed" in capsys.readouterr().out
    assert run(["guardrails", "sync"]) == 0
    assert "after about 5 minutes" in capsys.readouterr().out
    assert run(["guardrails", "sync"]) == 0
    assert "as the files have them" in capsys.readouterr().out
    assert run(["guardrails", "show"]) == 0


def test_without_a_service_there_is_nothing_to_sync(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["guardrails", "sync"]) == 10
    assert "MATRIA_MODERATION__KIND=azure" in capsys.readouterr().err
    assert all(finding.is_well for finding in examine_rails(Platform.load(home=tmp_path)))


def test_a_question_is_judged_by_both_moderators_and_goes_into_the_ledger(emulator: str) -> None:
    run(["guardrails", "sync"])
    platform = Platform.load()

    async def ask() -> None:
        decision = await platform.rails.judge(Text("Posso comer peixe?", "user", "pt-BR"))
        assert decision.is_allowed
        assert {"moderation", "content_safety"} <= {each.rail for each in decision.decisions}
        await platform.meter(platform.settings.chat).record_moderation(
            decision.decisions, purpose="assistant", conversation_id="c", message_id="m"
        )

    asyncio.run(ask())
    now = datetime.now(UTC)
    entries = platform.ledger.between(now - timedelta(hours=1), now + timedelta(hours=1))
    assert sorted((entry.model, entry.usage.text_records) for entry in entries) == [
        ("content_safety", 1),
        ("prompt_shield", 1),
    ]
    assert all(entry.cost.state == "unpriced" and entry.is_simulated for entry in entries)


def test_a_price_needs_its_source_and_no_price_is_no_zero() -> None:
    assert record_prices(ModerationSettings()).per_1000 == {}
    priced = ModerationSettings(usd_per_1000_records=Decimal("0.4"), price_source="price list, 2026-11-01")
    assert record_prices(priced).per_1000 == {"content_safety": Decimal("0.4")}
    with pytest.raises(SettingsError, match="PRICE_SOURCE"):
        record_prices(ModerationSettings(usd_per_1000_records=Decimal("0.4")))
