"""Rows as Parquet: a line an answer and a line a criterion, nothing lost, what is not known null."""

import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
from comparison_rows import result, row

from evals.parquet import ANSWERS, CRITERIA, ROW_GROUP, schemas, write_parquet
from evals.rows import AnswerError, Entry, Meter


def entry(n: int, **changes: object) -> Entry:
    graded = [result("c1", "tone", 5, bool(n % 2)), result("c2", "scope", -3, None)]
    one = row(f"case-{n}.en", graded, text=f"Answer {n} \ud800 ❤️", simulated=True)
    return Entry(replace(one, **changes), Meter(one.key, 12.5, "0.000123", "priced"), ("base", "head"))  # type: ignore[arg-type]


def test_answers_and_criteria_come_back_as_they_were(tmp_path: Path) -> None:
    lost = entry(2, answer=None, criteria=(), error=AnswerError("ModelError", "away"), score=None)
    unpriced = replace(entry(1), meter=Meter("k", None, None, "unpriced"), sides=("head",))
    entries = [entry(0), unpriced, lost]
    files = write_parquet(tmp_path, lambda: entries)
    assert [file.name for file in files] == [ANSWERS, CRITERIA]
    answers = pq.read_table(files[0]).to_pylist()
    assert [line["case"] for line in answers] == ["case-0.en", "case-1.en", "case-2.en"]
    assert [line["cost_usd"] for line in answers] == [Decimal("0.000123000000"), None, Decimal("0.000123000000")]
    assert [line["latency_ms"] for line in answers] == [12.5, None, 12.5]
    assert [(line["is_base"], line["is_head"]) for line in answers] == [(True, True), (False, True), (True, True)]
    assert answers[0]["graded_text"] == "Answer 0 \\ud800 ❤️", "what UTF-8 cannot hold is an escape"
    assert (answers[2]["graded_text"], answers[2]["error_type"], answers[2]["score"]) == (None, "ModelError", None)
    criteria = pq.read_table(files[1]).to_pylist()
    assert [(line["case"], line["criterion"], line["met"], line["is_failed"]) for line in criteria] == [
        ("case-0.en", "c1", False, True),
        ("case-0.en", "c2", None, None),
        ("case-1.en", "c1", True, False),
        ("case-1.en", "c2", None, None),
    ]


def test_lines_are_written_in_groups_and_not_held(tmp_path: Path) -> None:
    count = 3 * ROW_GROUP + 7
    blank = entry(1)

    def entries() -> Iterator[Entry]:
        return (replace(blank, row=replace(blank.row, key=str(n))) for n in range(count))

    tracemalloc.start()
    answers, criteria = write_parquet(tmp_path, entries)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (pq.ParquetFile(answers).metadata.num_rows, pq.ParquetFile(answers).num_row_groups) == (count, 4)
    assert (pq.ParquetFile(criteria).metadata.num_rows, pq.ParquetFile(criteria).num_row_groups) == (2 * count, 7)
    assert peak < 40_000_000


def test_the_same_entries_make_the_same_bytes(tmp_path: Path) -> None:
    first, again = (write_parquet(tmp_path / name, lambda: [entry(n) for n in range(9)]) for name in ("a", "b"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]


def test_every_column_is_in_the_reference(root: Path) -> None:
    text = (root / "docs" / "reference" / "reports.md").read_text(encoding="utf-8")
    for title, schema in zip(("answers.parquet", "criteria.parquet"), schemas(), strict=True):
        part = text.split(f"### `{title}`")[1].split("\n#")[0]
        listed = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", part, re.MULTILINE)))
        common = re.findall(
            r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", text.split("### Both")[1].split("\n#")[0], re.M))
        )
        assert [*common, *listed] == schema.names
