"""How far the configured judge agrees with gradings that somebody else gave, such as those of HealthBench's answers.

The file holds JSON Lines with `conversations` (the last turn is the answer) and `rubrics` (`criteria`, `criteria_met`).
The model is that of MATRIA_JUDGE__*, the simulator unless configured; a simulated figure says nothing about a judge.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.judges.agreement import Agreement, agreement
from evals.judges.base import Judge, JudgeFailed, JudgeQuestion
from evals.judges.params import parse_judge
from flows.wiring import Platform
from flows.wiring_models import judges
from matria.messages import Message

MAX_IN_FLIGHT = 16


@dataclass(frozen=True)
class Graded:
    """One criterion of one answer, as somebody graded it."""

    question: JudgeQuestion
    met: bool


def graded(file: Path, judge: dict[str, Any], limit: int | None) -> Iterator[Graded]:
    """The gradings of the file; `{criterion}` in the judge's parameters is the criterion's text."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()[:limit]):
        entry = json.loads(line)
        turns = [Message(turn["role"], turn["content"]) for turn in entry["conversations"]]
        for rubric in entry["rubrics"]:
            criterion = str(rubric["criteria"])
            params = json.loads(json.dumps(judge).replace("{criterion}", json.dumps(criterion)[1:-1]))
            asked = JudgeQuestion(turns[:-1], turns[-1].content, criterion, "en", f"line {number + 1}", params)
            yield Graded(asked, rubric["criteria_met"] is True)


async def grade_all(judge: Judge, work: list[Graded]) -> tuple[Agreement, Counter[str]]:
    """The agreement, and the judge's failures by what it said of them."""
    failures: Counter[str] = Counter()
    places = asyncio.Semaphore(MAX_IN_FLIGHT)

    async def one(item: Graded) -> tuple[bool | None, bool]:
        async with places:
            try:
                return (await judge.grade(item.question)).met, item.met
            except JudgeFailed as failure:
                failures[str(failure)] += 1
                return None, item.met

    return agreement(await asyncio.gather(*(one(item) for item in work))), failures


async def main(file: Path, judge: dict[str, Any], limit: int | None) -> None:
    """Grades the file and prints the figures."""
    platform = Platform.load()
    spec = parse_judge(json.loads(json.dumps(judge).replace("{criterion}", "criterion")))
    params = {name: value for name, value in judge.items() if name != "name"}
    work = list(graded(file, params, limit))
    settings = platform.settings.judge
    chat = platform.judge_chat()
    try:
        judge_port = judges(platform.settings, platform.policy, chat, settings.model)[spec.name]
        started = time.perf_counter()
        found, failures = await grade_all(judge_port, work)
        seconds = time.perf_counter() - started
    finally:
        await chat.aclose()
    print(f"{file.name}: {len(work)} gradings by {judge_port.identity}, {seconds:.1f} s")
    print(f"  judged {found.judged}, grader errors {found.failed}")
    print(f"  accuracy {said(found.accuracy)}, Cohen's kappa {said(found.kappa)}, macro F1 {said(found.macro_f1)}")
    print(
        f"  met for both {found.both_met}, judge alone {found.judge_only}, others alone {found.others_only}, "
        f"neither {found.neither}"
    )
    for message, count in failures.most_common(5):
        print(f"  {count} x {message}")
    if settings.kind == "simulator":
        print("  Simulated judge: it compares words, so these figures exercise the pipeline and rate no judge.")


def said(value: float | None) -> str:
    """A figure, or that there is none."""
    return "no data" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="graded answers in HealthBench's JSON Lines")
    parser.add_argument("--judge", type=json.loads, default={"name": "rubric"}, help="the judge as JSON, as in a case")
    parser.add_argument("--limit", type=int, help="answers at most")
    given = parser.parse_args()
    asyncio.run(main(given.file, given.judge, given.limit))
