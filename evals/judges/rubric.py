"""`rubric`: a chat model reads conversation, answer and one criterion, and says whether the criterion is met.

After HealthBench's grader (Arora et al. 2025, appendix), in Portuguese and English. The judge never sees the points. A
quote that the answer does not hold counts as a reply out of its schema. With several samples (self-consistency, Wang et
al. 2023) the majority decides; where there is none, the judge has failed.
"""

import asyncio
import html
import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, StrictBool

from evals.checks.words import strip_accents
from evals.judges.asking import Asked, JudgeModel
from evals.judges.base import JudgeFailed, Judgement, JudgeQuestion
from evals.judges.params import RubricParams
from evals.judges.texts import JudgePrompt, task_text, templates_hash, turns_text

NAME = "rubric"
_ELLIPSIS = re.compile(r"\.\.\.|…|\[…\]|\[\.\.\.\]")


class Verdict(BaseModel):
    """The judge's reply."""

    model_config = ConfigDict(extra="forbid")

    explanation: str
    quote: str
    criteria_met: StrictBool


@dataclass(frozen=True)
class RubricJudge:
    """A judge that says yes or no."""

    model: JudgeModel
    samples: int = 1
    """Where the criterion names none."""
    sampling_temperature: float = 0.7
    """Of several samples, where the criterion names none: at 0 they would all be one."""

    @property
    def identity(self) -> str:
        """Name, model, how it is asked, and hash of the templates."""
        sampling = f"{self.samples}@{self.sampling_temperature:g}"
        return f"{NAME}:{self.model.identity}:{sampling}:{templates_hash(NAME)}"

    async def grade(self, question: JudgeQuestion) -> Judgement:
        """Whether the criterion is met. Raises `JudgeFailed`."""
        try:
            asked = await self._asked(question)
            met = _majority([one.value.criteria_met for one in asked])
        except JudgeFailed as failure:
            raise JudgeFailed(str(failure), self.model.mark(NAME, ())) from failure
        same = [one for one in asked if one.value.criteria_met == met]
        agreement = len(same) / len(asked) if len(asked) > 1 else None
        first = same[0].value
        return Judgement(met, first.explanation.strip(), first.quote.strip(), self.model.mark(NAME, asked, agreement))

    async def _asked(self, question: JudgeQuestion) -> list[Asked[Verdict]]:
        params = RubricParams.model_validate(question.params)
        samples = params.samples or self.samples
        temperature = params.temperature
        if temperature is None and samples > 1:
            temperature = self.sampling_temperature
        prompt = judge_prompt(question)
        asking = [
            self.model.ask(prompt, Verdict, question, sample=sample, temperature=temperature)
            for sample in range(samples)
        ]
        replies = await asyncio.gather(*asking, return_exceptions=True)
        failed = next((reply for reply in replies if isinstance(reply, BaseException)), None)
        if failed is not None:
            raise failed
        return [reply for reply in replies if not isinstance(reply, BaseException)]


def judge_prompt(question: JudgeQuestion) -> JudgePrompt:
    """What the judge is sent."""
    sections = {
        "conversation": turns_text(question.conversation),
        "answer": question.answer,
        "criterion": question.criterion,
    }

    def check(verdict: Verdict) -> None:
        if not stands_in(verdict.quote, question.answer):
            raise ValueError("its quote is not in the answer")

    return JudgePrompt(task_text(NAME, "grade", question.locale), sections, check)


def stands_in(quote: str, answer: str) -> bool:
    """Whether every part of the quote, between ellipses, is in the answer; case, marks and spaces aside."""
    plain = _plain(answer)
    return all(_plain(part) in plain for part in _ELLIPSIS.split(quote))


def _majority(votes: list[bool]) -> bool:
    yes = votes.count(True)
    if 2 * yes == len(votes):
        raise JudgeFailed(f"the judge's {len(votes)} samples are split evenly")
    return 2 * yes > len(votes)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", strip_accents(html.unescape(text).casefold())))
