"""The cases of another harness's benchmark through our own path: suite, prompt, plan, engine, limiter, checks, rows.

    python -m tests.bench.peer_driver prepare CASES SPEC N FOLDER   writes a suite and a prompt below FOLDER
    python -m tests.bench.peer_driver run FOLDER                    evaluates them against OPENAI_BASE_URL

CASES is JSON Lines with `id` and `note`; SPEC is JSON with `system`, `prompt` (`{{note}}` stands for the note in it)
and three assertions: `contains`, `not_contains`, `regex`. `run` writes FOLDER/summary.json: how many cases there were,
how many met all three, how many failed one, and how many have no answer. Nothing is cached between runs but the rows.
Settings are read from `MATRIA_*` as everywhere; `MATRIA_CHAT__CLIENT=aiohttp` leaves the official client out.
"""

import json
import os
import sys
from itertools import islice
from pathlib import Path
from typing import Any

SUITE, HOME, LIBRARY, SUMMARY = "peers.jsonl", "home", "library", "summary.json"
MODEL = "gpt-4o-mini"
PROMPT = """---
name: gestante/bench
description: The prompt that the other harnesses are given.
version: 1.0.0
authors: [bench]
clinical_review: pending
tags: [persona:gestante, locale:en, use:triage]
model:
  api: chat
  parameters: {{temperature: 0}}
inputs:
  question: {{type: string, description: The note.}}
sample: {{question: A note.}}
---
system:
{system}

user:
{user}
"""


def prepare(cases: Path, spec: Path, count: int, folder: Path) -> None:
    """The suite and the library of one prompt."""
    wanted = json.loads(spec.read_text())
    prompt = folder / LIBRARY / "gestante" / "bench.en.prompty"
    prompt.parent.mkdir(parents=True, exist_ok=True)
    prompt.write_text(
        PROMPT.format(system=wanted["system"], user=wanted["prompt"].replace("{{note}}", "{{ question }}"))
    )
    with cases.open() as lines, (folder / SUITE).open("w") as suite:
        suite.write(json.dumps({"suite": _head()}) + "\n")
        for line in islice(lines, count):
            suite.write(json.dumps(_case(json.loads(line), wanted)) + "\n")


def run(folder: Path) -> None:
    """The evaluation and its summary."""
    import asyncio

    evaluation = asyncio.run(_evaluate(folder))
    counts = {"n": 0, "passed": 0, "failed": 0, "errors": 0}
    for row in evaluation.rows:
        counts["n"] += 1
        is_failed = any(criterion.is_failed for criterion in row.criteria)
        counts["errors" if row.score is None else "failed" if is_failed else "passed"] += 1
    said = {"asked": evaluation.asked, "reused": evaluation.reused, "cost_usd": str(evaluation.cost_usd)}
    (folder / SUMMARY).write_text(json.dumps({**counts, **said}))


async def _evaluate(folder: Path) -> Any:
    from evals.casefile import load_case_file
    from evals.chat_subject import ChatSubject
    from evals.engine import evaluate
    from evals.grading import Graders
    from evals.pilot import Pilot
    from evals.store import RowStore
    from evals.trials import plan_trials
    from flows.steps.evaluation_budget import opened
    from flows.steps.evaluation_request import EvaluationRequest
    from flows.wiring import Platform
    from prompts.repository import PromptLibrary

    for name, value in (("KIND", "openai"), ("MODEL", MODEL), ("API_KEY", "none"), ("BASE_URL", _endpoint())):
        os.environ.setdefault(f"MATRIA_CHAT__{name}", value)
    platform = Platform.load(home=folder / HOME)
    policy = platform.policy
    graders = Graders(policy, platform.settings.country)
    plan = plan_trials(
        [load_case_file(folder / SUITE)],
        PromptLibrary(folder / LIBRARY),
        model=MODEL,
        grading=graders.identity,
        country=platform.settings.country,
    )
    async with opened(platform, EvaluationRequest(no_cache=True)) as asked:
        meter, longest = platform.meter(platform.settings.chat), policy.count("assistant.max_output_tokens")
        subject = Pilot(ChatSubject(asked.chat, meter, longest))
        with RowStore(folder / HOME / "rows", policy.count("engine.rows_per_sync")) as store:
            return await evaluate(plan, subject, graders, store, account=asked.account)


def _endpoint() -> str:
    return os.environ.get("OPENAI_BASE_URL") or sys.exit("Name the endpoint to ask with OPENAI_BASE_URL.")


def _head() -> dict[str, Any]:
    return {
        "id": SUITE.removesuffix(".jsonl"),
        "title": "Peers",
        "purpose": "The same work as other harnesses.",
        "owner": "bench",
        "personas": ["gestante"],
        "locales": ["en"],
        "prompts": ["gestante/bench"],
        "clinical_review": "pending",
    }


def _case(case: dict[str, str], wanted: dict[str, str]) -> dict[str, Any]:
    def criterion(name: str, points: int, **check: Any) -> dict[str, Any]:
        return {"id": name, "text": name, "points": points, "axis": "language", "check": check}

    return {
        "id": f"{case['id']}.en",
        "locale": "en",
        "persona": "gestante",
        "stage": "third_trimester",
        "messages": [{"role": "user", "content": case["note"]}],
        "criteria": [
            criterion("contains", 1, kind="contains", all=[wanted["contains"]], case=True),
            criterion("not_contains", -1, kind="contains", all=[wanted["not_contains"]], case=True),
            criterion("regex", 1, kind="matches", regex=wanted["regex"]),
        ],
        "clinical_review": "pending",
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare", cases, spec, count, folder]:
            prepare(Path(cases), Path(spec), int(count), Path(folder))
        case ["run", folder]:
            run(Path(folder))
        case _:
            sys.exit(__doc__)
