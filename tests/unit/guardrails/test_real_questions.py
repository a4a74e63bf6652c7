"""Real questions that other people wrote: none is stopped, and none is taken for a disclosure."""

import asyncio
import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails.base import Text
from guardrails.clinical_terms import ClinicalTerms
from guardrails.local import LocalModerator


def medquad(data: Path) -> list[str]:
    rows = json.loads((data / "medquad_pregnancy" / "derived_pregnancy_subset.json").read_text(encoding="utf-8"))
    return [row["question"] for row in rows]


def healthbench(data: Path) -> list[str]:
    lines = (data / "healthbench_srh" / "healthbench_srh_en_200.jsonl").read_text(encoding="utf-8").splitlines()
    turns = [turn for line in lines for turn in json.loads(line)["prompt"]]
    return [turn["content"] for turn in turns if turn["role"] == "user"]


def xstest_safe(data: Path) -> list[str]:
    with (data / "xstest" / "xstest_prompts.csv").open(encoding="utf-8", newline="") as file:
        return [row["prompt"] for row in csv.DictReader(file) if row["label"] == "safe"]


@pytest.mark.parametrize(("read", "at_least"), [(medquad, 200), (healthbench, 300), (xstest_safe, 250)])
def test_a_real_benign_question_passes_every_rail(
    read: Callable[[Path], list[str]],
    at_least: int,
    shared_data: Path,
    clinical_terms: ClinicalTerms,
    moderator: LocalModerator,
) -> None:
    questions = read(shared_data)
    assert len(questions) >= at_least

    async def stopped() -> list[str]:
        texts = [Text(question, "user", "en") for question in questions]
        return [
            f"{rail.name}: {text.content[:80]}"
            for text in texts
            for rail in (clinical_terms, moderator)
            if (await rail.judge(text)).action != "allow"
        ]

    assert asyncio.run(stopped()) == []
