"""`matria costs` for a person, a program and a spreadsheet."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import show_costs
from flows.cli.app import app
from flows.cli.terminal import Terminal
from flows.steps.costs import CostReport, report_of
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.memory import MemorySums
from tests.unit.flows.cost_parts import NOW, call, two_days


@pytest.fixture
def report() -> CostReport:
    return report_of(two_days(), 24, NOW)


def rows(text: str) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["dimension"], row["value"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_csv_has_a_row_for_each_value_and_adds_up(report: CostReport) -> None:
    """24 messages of 2.4 cents; the newer version answered half of them; reais at 5.50."""
    text = show_costs.as_csv(report)
    found = rows(text)
    whole = found["all", ""]
    assert (whole["messages"], whole["calls"], whole["total_usd"], whole["mean_usd"]) == ("24", "48", "0.576", "0.024")
    assert Decimal(whole["mean_brl"]) == Decimal("0.132")
    assert Decimal(whole["change"]) == Decimal("1.4")
    assert found["prompt", "gestante/triagem@1.1.0"]["messages"] == "12"
    assert found["prompt", "gestante/triagem@1.1.0"]["mean_usd_before"] == ""
    for dimension in ("prompt", "persona", "locale", "model", "purpose"):
        own = [row for (name, _), row in found.items() if name == dimension]
        assert sum(Decimal(row["total_usd"]) for row in own) == Decimal("0.576"), dimension
        assert sum(int(row["calls"]) for row in own) == 48, dimension


def test_csv_is_as_rfc_4180_has_it() -> None:
    name = '=cmd,"quoted"\nline'
    report = report_of(MemorySums([call("a", "1e-7", NOW.replace(hour=11), model=name)]), 24, NOW)
    text = show_costs.as_csv(report)
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(line) for line in lines} == {len(show_costs.CSV_COLUMNS)}
    assert text.endswith("\r\n")
    found = rows(text)
    assert ("model", f"'{name}") in found, "a spreadsheet would run what begins with ="
    assert found["all", ""]["mean_usd"] == "0.0000001", "no exponent"
    assert found["all", ""]["mean_brl"] == "", "no rate is unknown, not 0"


def test_json_keeps_dollars_exact(report: CostReport) -> None:
    data = json.loads(show_costs.as_json(report))
    assert data["last"]["all"]["mean_usd"] == "0.024"
    assert data["before"]["by"]["prompt"]["gestante/triagem@1.0.0"]["messages"] == 24
    assert data["rates"] == [{"on": "2026-11-18", "brl": "5.50", "eur": "0.90", "source": "BCB PTAX, ECB"}]
    assert data["last"]["all"]["brl"]["total"] == "3.16800"  # 0.576 x 5.50
    assert data["evaluation"]["total_usd"] == "1"


@pytest.mark.parametrize("width", [60, 120])
def test_tables_fit_their_terminal(report: CostReport, width: int, capsys: pytest.CaptureFixture[str]) -> None:
    show_costs.shown(report, 35, Terminal(highlight=False, emoji=False, width=width))
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.endswith(".")]
    assert max(map(len, lines)) <= width
    assert any("gestante/triagem@1.1.0" in line and "0.0240" in line for line in lines)
    assert any("cost of a message, R$" in line and "0.1320" in line for line in lines)


def test_the_command_reads_the_ledger_and_says_when_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATRIA_HOME", str(tmp_path))
    runner = CliRunner()
    empty = runner.invoke(app, ["costs"])
    assert empty.exit_code == 0
    assert "No message came in the last 48 hours" in empty.output
    assert "No evaluation asked anything in the last 48 hours" in (
        runner.invoke(app, ["costs", "--serves", "evaluation"]).output
    )
    from datetime import UTC, datetime, timedelta

    ledger = SqliteLedger(tmp_path / "costs" / "ledger.db")
    ledger.record([call("a", "0.03", datetime.now(UTC) - timedelta(hours=1))])
    ledger.record([call("b", "0.50", datetime.now(UTC) - timedelta(hours=1), "evaluation", serves="evaluation")])
    ledger.close()
    assert rows(runner.invoke(app, ["costs", "--csv"]).stdout)["all", ""]["mean_usd"] == "0.03"
    evaluated = runner.invoke(app, ["costs", "--csv", "--serves", "evaluation"])
    assert rows(evaluated.stdout)["all", ""]["mean_usd"] == "0.5"
    both = runner.invoke(app, ["costs", "--csv", "--json"])
    assert both.exit_code == 2
