"""A case of the HTML report as it is written: both answers, and what each criterion found of them.

Of the epochs of a side the worst answer is shown, and beside each criterion how many of them failed it. Every text is
plain and goes through a template that escapes; characters that hide or reorder text are shown by their code points.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from evals.page_cases import STATES, Facts, State, mean_score
from evals.report.explained import explained
from evals.report.reading import look_closer
from evals.rows import CriterionResult, Row
from evals.shown import STOPPED, is_for_people, stopped_by
from evals.wording import Wording
from matria.markdown import visible

_TAG_TONES: Mapping[State, str] = {
    "never": "bad",
    "stopped": "bad",
    "worse": "bad",
    "better": "good",
    "flaky": "warn",
    "error": "warn",
}


@dataclass(frozen=True)
class Tag:
    """A word beside a case's name."""

    text: str
    tone: str


@dataclass(frozen=True)
class Turn:
    """Something said before the question."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Mark:
    """The outcome of a criterion on one side."""

    text: str
    tone: str


@dataclass(frozen=True)
class CriterionView:
    """One criterion of a case."""

    text: str
    axis: str
    grader: str
    points: str
    never: bool
    marks: tuple[Mark, ...]
    """One a side."""
    reasons: tuple[str, ...]
    """Why, in the grader's words; one, or one a side where they differ."""


@dataclass(frozen=True)
class SideView:
    """One answer."""

    name: str
    note: str
    """Which of several answers it is, and what stopped it."""
    answer: Markup
    shown: str
    """What she was shown in its place; empty where it is the answer."""


@dataclass(frozen=True)
class CaseView:
    """One case under one prompt, ready to be written."""

    name: str
    anchor: str
    prompt: str
    locale: str
    about: str
    question: str
    turns: tuple[Turn, ...]
    scores: str
    tags: tuple[Tag, ...]
    states: tuple[State, ...]
    axes: tuple[str, ...]
    is_open: bool
    sides: tuple[SideView, ...]
    criteria: tuple[CriterionView, ...]
    command: str


def view(facts: Facts, number: int, is_comparison: bool, words: Wording) -> CaseView:
    """The case as the page shows it; `number` keeps anchors apart."""
    pair, row = facts.pair, facts.row
    sides = [("before", pair.base), ("after", pair.head)] if is_comparison else [("answer", pair.head)]
    shown = [(words.say(name), rows, _worst(rows)) for name, rows in sides]
    about = (row.locale, words.say(row.persona), words.say(row.stage) if row.stage else "")
    return CaseView(
        name=visible(row.case),
        anchor=f"{re.sub(r'[^A-Za-z0-9.-]+', '-', row.case)}-{number}",
        prompt=visible(row.prompt),
        locale=row.locale,
        about=" · ".join(part for part in about if part),
        question=visible(row.question),
        turns=tuple(_turns(row, words)),
        scores=" → ".join(_score(rows, words) for _, rows, _ in shown),
        tags=tuple(_tags(facts, words)),
        states=tuple(state for state in STATES if state in facts.states),
        axes=tuple(dict.fromkeys(result.axis for one in (*pair.head, *pair.base) for result in one.criteria)),
        is_open=number == 0 and ("worse" in facts.states or not is_comparison),
        sides=tuple(_side(name, rows, worst, words) for name, rows, worst in shown),
        criteria=tuple(_criteria([worst for _, _, worst in shown], facts, words)),
        command=visible(look_closer(row.case)),
    )


def _worst(rows: Sequence[Row]) -> Row | None:
    """The answer with the lowest score, so that a failure is seen; an answer that did not come where there is none."""
    return min(rows, key=lambda row: (row.score is None, row.score or 0.0), default=None)


def _turns(row: Row, words: Wording) -> Iterator[Turn]:
    """What was said before the question; the whole where an answer that the rails judged comes last."""
    said = [message for message in row.messages if message.role != "system"]
    for message in said if said and said[-1].role == "assistant" else said[:-1]:
        yield Turn(words.say("her" if message.role == "user" else "it"), visible(message.content))


def _score(rows: Sequence[Row], words: Wording) -> str:
    if rows and all(row.answer is None for row in rows):
        return words.say("no_answer")
    return words.number(mean_score(rows))


def _tags(facts: Facts, words: Wording) -> Iterator[Tag]:
    for state in ("never", "stopped", "worse", "better", "flaky", "error"):
        if state in facts.states:
            yield Tag(words.say(f"tag_{state}"), _TAG_TONES[state])
    if "changed" in facts.states and not facts.gain:
        yield Tag(words.say("changed"), "")


def _side(name: str, rows: Sequence[Row], row: Row | None, words: Wording) -> SideView:
    if row is None:
        return SideView(name, "", escape(words.say("not_asked")), "")
    which = words.say("of_tries", rows.index(row) + 1, len(rows)) if len(rows) > 1 else ""
    note = "; ".join(part for part in (which, _stopped(row, words)) if part)
    if row.answer is None:
        message = f"{row.error.type}: {row.error.message}" if row.error else ""
        return SideView(name, note, escape(visible(f"{words.say('no_answer')}. {message}")), "")
    quotes = [result.quote for result in row.criteria if result.is_failed and result.quote]
    shown = row.answer.shown_text if row.answer.shown_text != row.answer.graded_text else ""
    return SideView(name, note, _marked(row.answer.graded_text, quotes), visible(shown))


def _stopped(row: Row, words: Wording) -> str:
    """What became of an answer that nobody is shown, and by which rail."""
    if row.answer is None or row.answer.outcome not in STOPPED or not is_for_people(row):
        return ""
    return visible(f"{words.say(f'outcome_{row.answer.outcome}')}: {stopped_by(row.answer)}")


def _marked(text: str, quotes: Sequence[str]) -> Markup:
    """The text, with the words that failed it marked."""
    marked = escape(visible(text))
    for quote in dict.fromkeys(visible(quote) for quote in quotes):
        marked = marked.replace(escape(quote), Markup("<mark>{}</mark>").format(quote), 1)
    return marked


def _criteria(rows: Sequence[Row | None], facts: Facts, words: Wording) -> Iterator[CriterionView]:
    """Those that differ first, then those that failed, by points."""
    by_side = [{result.id: result for result in row.criteria} if row else {} for row in rows]
    names = list(dict.fromkeys(name for side in reversed(by_side) for name in side))
    for name in sorted(names, key=lambda name: _urgency([side.get(name) for side in by_side])):
        yield _criterion([side.get(name) for side in by_side], facts.failures.get(name, ((0, 0), (0, 0))), words)


def _urgency(results: Sequence[CriterionResult | None]) -> tuple[bool, bool, float]:
    known = [result for result in results if result]
    return (
        len({result.met for result in known}) < 2,
        not known[-1].is_failed,
        -abs(known[-1].points),
    )


def _criterion(
    results: Sequence[CriterionResult | None],
    counts: tuple[tuple[int, int], tuple[int, int]],
    words: Wording,
) -> CriterionView:
    known = [result for result in results if result]
    newest = known[-1]
    own = counts[-len(results) :]
    return CriterionView(
        text=visible(newest.text),
        axis=words.say(newest.axis),
        grader=visible(newest.grader),
        points=words.number(newest.points, 0, signed=True),
        never=newest.never,
        marks=tuple(_mark(result, count, words) for result, count in zip(results, own, strict=True)),
        reasons=tuple(_reasons(results, words)),
    )


def _reasons(results: Sequence[CriterionResult | None], words: Wording) -> Iterator[str]:
    """Why, in the grader's words: once where both sides have the same, else with the side."""
    said = [_reason(result, words) for result in results]
    if len(set(said)) == 1:
        yield from filter(None, said[:1])
        return
    for name, reason in zip(("before", "after"), said, strict=True):
        if reason:
            yield f"{words.say(name)}: {reason}"


def _reason(result: CriterionResult | None, words: Wording) -> str:
    return visible(result.grader_error or explained(result.explanation, words.locale)) if result else ""


def _mark(result: CriterionResult | None, counts: tuple[int, int], words: Wording) -> Mark:
    """In words: a criterion to meet is met or not, one to avoid is avoided or happened."""
    if result is None:
        return Mark("–", "")
    if result.met is None:
        return Mark(f"? {words.say('grader_error')}", "warn")
    names = ("happened", "avoided") if result.points < 0 else ("met", "not_met")
    said = words.say(names[0] if result.met else names[1])
    failed, graded = counts
    often = f" ({words.say('failed_some', failed, graded)})" if graded > 1 else ""
    return Mark(f"{'✗' if result.is_failed else '✓'} {said}{often}", "bad" if result.is_failed else "good")
