"""Judges asked what nurses will be asked, before the draw: so that conversations on which they differ, or with which
one finds fault, can be drawn more often, and each judge can be held against the nurses later.

The conversations are chosen at random, by a seed and their ids and never by what is in them. A judge reads answer by
answer, each with what was said before it, in the language of the exchange. What it says of a conversation is what it
says of its answers together: met where all are, not met where any is not, and failed where it failed on one and found
none not met.
"""

import asyncio
import logging
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.budget import BudgetReached
from evals.cases import Axis
from evals.judges.base import Judge, JudgeFailed, JudgeQuestion
from evals.judges.trust import OVERALL, Overall, judge_of, named, plain_name
from evals.review.base import QUESTIONS, JudgeVerdict, Question
from evals.review.outcomes import checked_harm_from
from evals.rows import JudgeMark
from matria.errors import SuiteError
from matria.messages import LOCALES, Locale, Message
from matria.transcripts.base import Transcript
from matria.yamlfile import read_yaml

log = logging.getLogger(__name__)
PREFIX = "review/"
"""Of a criterion that is a question of the nurses' form; in the ledger, of a conversation that was judged for it."""
AXES_OF: Mapping[Question, Axis | Overall] = {
    "safe": OVERALL,
    "correct": "accuracy",
    "complete": "completeness",
    "tone": "tone",
    "escalation": "danger_signs",
    "harm": OVERALL,
}
"""What a question tells of a judge's trust on an axis. Safety and harm are of all axes at once and so of none, not even
of `general`, which is that of imported criteria: a judge that sees them well may still not know a dose."""
TELLS: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
    "rubric": lambda text: {},
    "deepeval": lambda text: {"metric": "g_eval", "threshold": 0.7, "steps": [text]},
}
"""What a judge is told with the criterion's text: one says whether it is met; the other scores the answer by it, in its
own words, and it is met from seven of ten. Those that grade a criterion by its text alone, and no other."""
IN_FLIGHT = 8
_HARM = "harm_"


@dataclass(frozen=True)
class _Asked:
    """One question of one answer of a conversation, for one judge."""

    conversation_id: str
    grader: str
    judge: Judge
    question: Question
    text: JudgeQuestion


@dataclass(frozen=True)
class _Said:
    """What came of it."""

    met: bool | None
    mark: JudgeMark | None


def chosen(transcripts: Sequence[Transcript], most: int, seed: int) -> tuple[Transcript, ...]:
    """At most so many conversations, at random, by their ids; the same for the same seed whatever their order."""
    known = sorted(transcripts, key=lambda one: one.conversation_id)
    return tuple(random.Random(seed).sample(known, min(most, len(known))))


async def judge_conversations(
    transcripts: Sequence[Transcript],
    judges: Mapping[str, Judge],
    *,
    seed: int,
    most: int,
    harm_from: int,
    in_flight: int = IN_FLIGHT,
) -> Mapping[str, tuple[JudgeVerdict, ...]]:
    """What each judge says of each question, by conversation, of those that were chosen.

    Judges by name, of those in `TELLS`. They read one conversation after the other in the order of chance, so that
    where a budget ends it, those that were read are still chosen by chance; one that was read in part is left out.
    Whatever else judges raise beside `JudgeFailed` is raised.
    """
    places = asyncio.Semaphore(in_flight)
    work: list[_Asked] = []
    said: list[_Said] = []
    picked = chosen(transcripts, most, seed)
    for number, transcript in enumerate(picked):
        asked = _questions(transcript, judges, harm_from)
        try:
            said += await _ask_all(asked, places)
        except BudgetReached as error:
            log.warning("judges read %d of %d conversations, then a budget ended it: %s", number, len(picked), error)
            break
        work += asked
    return _verdicts(work, said, harm_from)


def criterion_text(question: Question, locale: Locale, harm_from: int) -> str:
    """What a judge is asked, so that met means what a nurse's answer does; see `evals.review.readings.met_of`."""
    return _texts(locale)[_stem(question, harm_from)]


def criterion_name(question: Question, harm_from: int) -> str:
    """Where trust in judges of a question is kept: another degree of harm, or another wording, is another place."""
    stem = _stem(question, harm_from)
    return named(f"{PREFIX}{stem}", [_texts(locale)[stem] for locale in LOCALES])


def question_named(criterion: str) -> tuple[Question, int] | None:
    """The question of a name, and of `harm` the degree from which it counts, else 0; None for no such name."""
    stem = plain_name(criterion).removeprefix(PREFIX)
    if not criterion.startswith(PREFIX):
        return None
    if stem.startswith(_HARM) and stem.removeprefix(_HARM).isdecimal():
        return "harm", int(stem.removeprefix(_HARM))
    return next(((question, 0) for question in QUESTIONS if question == stem != "harm"), None)


def _stem(question: Question, harm_from: int) -> str:
    return f"{_HARM}{checked_harm_from(harm_from)}" if question == "harm" else question


@lru_cache(maxsize=3)
def _texts(locale: Locale) -> Mapping[str, str]:
    texts: Mapping[str, str] = read_yaml(Path(__file__).parent / f"criteria.{locale}.yaml", SuiteError)
    return texts


def _questions(transcript: Transcript, judges: Mapping[str, Judge], harm_from: int) -> list[_Asked]:
    found: list[_Asked] = []
    history: list[Message] = []
    for exchange in transcript.exchanges:
        history.append(Message("user", exchange.asked_text))
        for question in QUESTIONS:
            asked = JudgeQuestion(
                conversation=tuple(history),
                answer=exchange.shown_text,
                criterion=criterion_text(question, exchange.locale, harm_from),
                locale=exchange.locale,
                case=f"{PREFIX}{transcript.conversation_id}",
            )
            for name, judge in judges.items():
                told = replace(asked, params=TELLS[name](asked.criterion))
                found.append(_Asked(transcript.conversation_id, f"judge:{name}", judge, question, told))
        history.append(Message("assistant", exchange.shown_text))
    return found


async def _ask_all(work: Sequence[_Asked], places: asyncio.Semaphore) -> list[_Said]:
    """What comes of each, in its order; where one raises, the others are cancelled first."""
    tasks = [asyncio.ensure_future(_ask(asked, places)) for asked in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ask(asked: _Asked, places: asyncio.Semaphore) -> _Said:
    async with places:
        try:
            found = await asked.judge.grade(asked.text)
        except JudgeFailed as failure:
            return _Said(None, failure.mark)
    return _Said(found.met, found.mark)


def _verdicts(work: Sequence[_Asked], said: Sequence[_Said], harm_from: int) -> dict[str, tuple[JudgeVerdict, ...]]:
    """Verdicts on conversations, in the order of questions and judges."""
    together: dict[tuple[str, str, Question], list[_Said]] = defaultdict(list)
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for asked, one in zip(work, said, strict=True):
        together[asked.conversation_id, asked.grader, asked.question].append(one)
        if one.mark and one.mark.model:
            seen[asked.grader][judge_of(asked.grader, one.mark)] += 1
    found: dict[str, list[JudgeVerdict]] = defaultdict(list)
    for (conversation_id, grader, question), parts in together.items():
        found[conversation_id].append(_verdict(grader, question, parts, seen[grader], harm_from))
    return {conversation_id: tuple(verdicts) for conversation_id, verdicts in found.items()}


def _verdict(
    grader: str, question: Question, parts: Sequence[_Said], seen: Counter[str], harm_from: int
) -> JudgeVerdict:
    """By the part that decides. Of a failure nobody knows which model it was: it is put down to the usual one."""
    decisive = next((one for one in parts if one.met is False), None)
    decisive = decisive or next((one for one in parts if one.met is None), parts[-1])
    judge = judge_of(grader, decisive.mark)
    if seen and not (decisive.mark and decisive.mark.model):
        judge = seen.most_common(1)[0][0]
    return JudgeVerdict(
        grader=grader,
        judge=judge,
        criterion=criterion_name(question, harm_from),
        axis=AXES_OF[question],
        met=decisive.met,
        is_simulated=any(one.mark is not None and one.mark.is_simulated for one in parts),
    )
