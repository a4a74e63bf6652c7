"""The reference of costs says what the code does, and its example runs."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli.show_costs import CSV_COLUMNS
from matria.costs.ledger.sqlite import SqliteLedger
from tests.unit.flows.cost_parts import call

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "costs.md"


def test_every_column_of_the_csv_is_in_the_reference() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = text.split("| column |")[1].split("\n\n")[0]
    assert set(CSV_COLUMNS) <= set(re.findall(r"`(\w+)`", table))


def test_every_metric_of_cost_is_in_the_reference() -> None:
    code = (Path(__file__).resolve().parents[3] / "evals" / "record.py").read_text(encoding="utf-8")
    metrics = set(re.findall(r'"(cost_usd_\w+|unpriced_share)":', code))
    assert metrics == set(
        re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8").split("## MLflow")[1], re.MULTILINE)
    )


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = SqliteLedger(tmp_path / "var" / "costs" / "ledger.db")
    ledger.record([call("a", "0.02", datetime.now(UTC) - timedelta(hours=1))])
    ledger.close()
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    exec(compile(code, str(PAGE), "exec"), {})
    assert capsys.readouterr().out == "gestante/triagem@1.0.0 1 0.02 None\n"
