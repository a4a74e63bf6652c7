"""The HTML report: one file that needs nothing else, readable on a phone, both versions side by side.

Everything is put in by a template that escapes, below a content policy that allows neither scripts nor addresses. The
diff of the prompts comes as Markdown that is safe already and is rendered here.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from evals.cases import AXES, Axis
from evals.comparison import Difference
from evals.gate import Verdict
from evals.pairs import PairKey, pair_key
from evals.report import ReportInputs
from evals.rows import CriterionResult, Row
from evals.summary import Summary
from evals.wording import Wording, wording
from matria.messages import Locale

if TYPE_CHECKING:
    from jinja2 import Template

_STATE_TONES = {"better": "good", "worse": "bad", "inconclusive": "warn", "too_few": "warn"}
_STATE_NAMES = {"not_worse": "axis_not_worse", "inconclusive": "axis_inconclusive", "too_few": "axis_too_few"}


@dataclass(frozen=True)
class _Line:
    name: str
    result: str
    tone: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class _Score:
    prompt: str
    figures: tuple[str, ...]


@dataclass(frozen=True)
class _Tag:
    text: str
    tone: str


@dataclass(frozen=True)
class _Criterion:
    text: str
    result: str
    tone: str
    points: str
    grader: str
    explanation: str


@dataclass(frozen=True)
class _Side:
    name: str
    answer: Markup
    shown: str
    criteria: tuple[_Criterion, ...]


@dataclass(frozen=True)
class _Case:
    name: str
    anchor: str
    prompt: str
    question: str
    scores: str
    tags: tuple[_Tag, ...]
    is_changed: bool
    is_open: bool
    harm: tuple[int, float]
    sides: tuple[_Side, ...]


def page(inputs: ReportInputs, base: Sequence[Row], head: Sequence[Row], locale: Locale = "en") -> str:
    """The HTML of the report; without a verdict it shows scores and answers of one version."""
    words = wording(locale)
    verdict = inputs.verdict
    present = {axis.axis for summary in inputs.scores.values() for axis in summary.axes}
    shown = [axis for axis in AXES if axis in present]
    return _template().render(
        lang=locale,
        say=words.say,
        title=verdict.title(locale) if verdict else inputs.title,
        state=verdict.state if verdict else "scored",
        sentences=verdict.sentences(locale) if verdict else [],
        notes=[note.sentence(words) for note in verdict.notes] if verdict else [],
        is_simulated=inputs.head.is_simulated,
        is_comparison=verdict is not None,
        axes=list(_axes(verdict, words)) if verdict else [],
        score_axes=shown,
        scores=[_score(name, summary, shown, words) for name, summary in inputs.scores.items()],
        changes=_rendered(inputs.changes_markdown),
        cases=sorted(
            _cases(base if verdict else (), head, words),
            key=lambda case: (-case.harm[0], -case.harm[1], case.name, case.prompt),
        ),
        command=inputs.command,
        facts=inputs.facts,
    )


@lru_cache(maxsize=1)
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(Path(__file__).parent / "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("report.html.jinja")


def _rendered(markdown: str) -> Markup:
    if not markdown.strip():
        return Markup("")
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return Markup(html)


def _axes(verdict: Verdict, words: Wording) -> Iterator[_Line]:
    for difference in (*verdict.comparison.axes, verdict.comparison.quality):
        if difference.cases:
            yield _line(difference, words)


def _line(difference: Difference, words: Wording) -> _Line:
    interval = "–"
    if difference.low is not None and difference.state != "unchanged":
        interval = " … ".join(words.number(end, signed=True) for end in (difference.low, difference.high))
    return _Line(
        name=words.say(difference.name),
        result=words.say(_STATE_NAMES.get(difference.state, difference.state)),
        tone=_STATE_TONES.get(difference.state, ""),
        figures=(
            words.number(difference.mean, signed=True),
            interval,
            words.number(difference.margin) if difference.name != "quality" else "–",
            words.number(difference.base),
            words.number(difference.head),
            str(difference.cases),
        ),
    )


def _score(name: str, summary: Summary, axes: Sequence[Axis], words: Wording) -> _Score:
    interval = "–"
    if summary.quality_low is not None:
        interval = " … ".join(words.number(end) for end in (summary.quality_low, summary.quality_high))
    by_axis = {axis.axis: axis.mean for axis in summary.axes}
    each = summary.spend.usd_per_answer
    figures = (
        str(summary.cases),
        words.number(summary.quality),
        interval,
        *(words.number(by_axis.get(axis)) for axis in axes),
        str(len(summary.never_events)),
        words.number(None if each is None else float(each), 6),
    )
    return _Score(name, figures)


def _cases(base: Sequence[Row], head: Sequence[Row], words: Wording) -> Iterator[_Case]:
    before, after = _first(base), _first(head)
    for key in sorted(after):
        yield _case([before[key], after[key]] if key in before else [after[key]], key, words)


def _first(rows: Sequence[Row]) -> dict[PairKey, Row]:
    """A row for each case and prompt: the worst of its epochs, so that a failure is seen."""
    groups: defaultdict[PairKey, list[Row]] = defaultdict(list)
    for row in rows:
        groups[pair_key(row)].append(row)
    return {key: min(own, key=lambda row: (row.score is not None, row.score or 0.0)) for key, own in groups.items()}


def _case(pair: Sequence[Row], key: PairKey, words: Wording) -> _Case:
    head = pair[-1]
    failed = [c for c in head.criteria if c.is_failed]
    never = [c for c in failed if c.never]
    names = [words.say("before"), words.say("after")] if len(pair) > 1 else [words.say("answer")]
    lost = (pair[0].score or 0.0) - (head.score or 0.0) if len(pair) > 1 else 1 - (head.score or 0.0)
    is_changed = len(pair) > 1 and _grades(pair[0]) != _grades(head)
    return _Case(
        name=head.case,
        anchor=re.sub(r"[^A-Za-z0-9.-]+", "-", "-".join(key)),
        prompt=head.prompt,
        question=head.question,
        scores=" → ".join(words.number(row.score) if row.answer else words.say("no_answer") for row in pair),
        tags=tuple(_tags(head, len(failed), bool(never), is_changed, words)),
        is_changed=is_changed,
        is_open=is_changed and lost > 0,
        harm=(2 if never and is_changed else 1 if is_changed else 0, lost),
        sides=tuple(_side(name, row, words) for name, row in zip(names, pair, strict=True)),
    )


def _grades(row: Row) -> list[bool | None]:
    return [criterion.met for criterion in row.criteria]


def _tags(row: Row, failed: int, has_never: bool, is_changed: bool, words: Wording) -> Iterator[_Tag]:
    if has_never:
        yield _Tag(words.say("never"), "bad")
    if row.error:
        yield _Tag(words.say("no_answer"), "warn")
    elif failed:
        yield _Tag(words.say("failed_of", failed, len(row.criteria)), "warn")
    if is_changed:
        yield _Tag(words.say("changed"), "")


def _side(name: str, row: Row, words: Wording) -> _Side:
    if row.answer is None:
        message = f"{row.error.type}: {row.error.message}" if row.error else ""
        return _Side(name, escape(message), "", ())
    quotes = [c.quote for c in row.criteria if c.is_failed and c.quote]
    shown = row.answer.shown_text if row.answer.shown_text != row.answer.graded_text else ""
    criteria = tuple(_criterion(c, words) for c in row.criteria)
    return _Side(name, _marked(row.answer.graded_text, quotes), shown, criteria)


def _marked(text: str, quotes: Sequence[str]) -> Markup:
    """The text, with the words that failed it marked."""
    marked = escape(text)
    for quote in dict.fromkeys(quotes):
        marked = marked.replace(escape(quote), Markup("<mark>{}</mark>").format(quote), 1)
    return marked


def _criterion(result: CriterionResult, words: Wording) -> _Criterion:
    name = "grader_error" if result.met is None else "met" if result.met else "not_met"
    return _Criterion(
        text=result.text,
        result=f"{'?' if result.met is None else '✗' if result.is_failed else '✓'} {words.say(name)}",
        tone="warn" if result.met is None else "bad" if result.is_failed else "good",
        points=words.number(result.points, 0, signed=True),
        grader=result.grader,
        explanation=result.explanation or result.grader_error,
    )
