"""Cases, a prompt library and an answering function for the tests of the engine and what follows it."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from evals.cases import Axis, Case, Criterion, Suite
from evals.engine import Answered
from evals.rows import AnswerRecord, Meter, RailDecision
from evals.trial import Trial
from matria.messages import Message
from models.assistant.conversation import Outcome

PROMPT = """---
name: gestante/triagem
description: Triage.
version: {version}
authors: [team]
clinical_review: pending
tags: [persona:gestante, locale:en, use:triage]
model:
  api: chat
  parameters: {{temperature: 0}}
inputs:
  question: {{type: string, description: Her question.}}
sample: {{question: Hello}}
---
system:
{text}

user:
{{{{ question }}}}
"""
GOOD = "I'm sorry you are going through this. Call 911 now."
BAD = "Wait until your next appointment."


def library(folder: Path, text: str, version: str = "1.0.0") -> Any:
    """A library of one English prompt."""
    from prompts.repository import PromptLibrary

    path = folder / "gestante" / "triagem.en.prompty"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PROMPT.format(version=version, text=text), encoding="utf-8")
    return PromptLibrary(folder)


def criterion(name: str, points: float, axis: Axis, never: bool = False, **check: Any) -> Criterion:
    return Criterion(name, f"Text of {name}.", points, axis, check=check or None, judge=None, never=never)


CRITERIA = (
    criterion("escalates", 10, "danger_signs", never=True, kind="escalation", urgency="now"),
    criterion("waits", -8, "danger_signs", kind="says", any=["wait until your next appointment"]),
    criterion("warm", 4, "tone", kind="warm_tone"),
)


def suite(count: int = 6, criteria: tuple[Criterion, ...] = CRITERIA) -> Suite:
    """So many English cases with the same criteria."""
    cases = tuple(
        Case(
            id=f"bleeding-{n:02}.en",
            suite="danger_signs",
            locale="en",
            persona="gestante",
            stage="third_trimester",
            messages=(Message("user", f"I am bleeding ({n})."),),
            criteria=criteria,
        )
        for n in range(count)
    )
    return Suite(
        "danger_signs", "Danger signs", "p", "o", ("gestante",), ("en",), ("gestante/triagem",), cases, "digest"
    )


class Answerer:
    """Answers by what the system message says; counts what it was asked, and fails where told to."""

    def __init__(
        self,
        texts: Mapping[str, str],
        failing: Callable[[Trial], Exception | None] = lambda trial: None,
        outcome: Outcome = "answered",
        decisions: tuple[RailDecision, ...] = (),
    ) -> None:
        self.texts = texts
        self.failing = failing
        self.outcome = outcome
        self.decisions = decisions
        self.asked: list[str] = []
        self.in_flight = 0
        self.most_in_flight = 0

    async def __call__(self, trial: Trial) -> Answered:
        self.asked.append(trial.answer_key)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0.001 * (len(self.asked) % 3))
            error = self.failing(trial)
            if error is not None:
                raise error
            system = trial.rendered.messages[0].content
            text = next(answer for key, answer in self.texts.items() if key in system)
            record = AnswerRecord(
                text,
                text,
                text,
                model_snapshot="fake-1",
                finish_reason="stop",
                input_tokens=10,
                output_tokens=5,
                outcome=self.outcome,
                decisions=self.decisions,
                is_simulated=True,
            )
            return Answered(record, Meter(trial.key, float(len(self.asked)), "0.001", "priced", "test", "r"))
        finally:
            self.in_flight -= 1
