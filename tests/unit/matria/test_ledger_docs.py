"""The code of the ledger's reference runs."""

import re
import sqlite3
from pathlib import Path

from test_costs_sqlite import entry

from matria.costs.ledger.sqlite import SqliteLedger


def blocks(root: Path, language: str) -> list[str]:
    page = (root / "docs" / "reference" / "ledger.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_reference_s_code_runs(root: Path) -> None:
    (code,) = blocks(root, "python")
    exec(compile(code, "docs/reference/ledger.md", "exec"), {})


def test_the_reference_s_query_finds_the_calls_of_its_day(root: Path, tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    ledger.record([entry("ab12")])
    query = blocks(root, "sql")[0]
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        rows = connection.execute(query).fetchall()
    assert rows == [("ab12", 0.001, "gestante/triagem", "simulator-1", 10)]
