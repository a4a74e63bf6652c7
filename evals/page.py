"""The HTML report: one file that needs nothing else, readable on a phone, both versions side by side.

Everything is put in by a template that escapes, below a content policy that allows one script by its hash and no
address. What comment and page share is Markdown that is safe already and is rendered here. The pairs are walked once;
the worst cases are shown and the rest counted.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from evals.cases import AXES, Axis
from evals.comparison import Comparison, Difference
from evals.gate import Verdict
from evals.page_cases import STATES, Kept, keep_worst
from evals.page_views import CaseView, view
from evals.pairs import Pair
from evals.report import asides, axes, operations, reading
from evals.report.figures import interval, margin, part_names, power_notes, probability, state_name, trust, trust_notes
from evals.report.inputs import ReportInputs
from evals.report.seen import would_see
from evals.report.standings import corrected_lines, judge_lines, waiting
from evals.summary import Summary
from evals.wording import Wording, wording
from matria.markdown import visible
from matria.messages import Locale

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_CASES = 500
"""Cases on the page: some 2 to 5 MB, which a phone still opens. All rows lie beside it."""
ROWS_NAME = "results.jsonl"
_STATE_TONES = {"better": "good", "worse": "bad", "inconclusive": "warn", "too_few": "warn"}
_DIFF_CHARACTERS = 400_000
_SIGNS = re.compile("[🔴🟡🟢] ?")
"""Coloured signs that a comment needs, which has no colours of its own."""
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class _Line:
    name: str
    result: str
    tone: str
    figures: tuple[str, ...]
    trust: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    title: str
    body: Markup


def page(inputs: ReportInputs, pairs: Iterable[Pair], locale: Locale = "en", most_cases: int = MOST_CASES) -> str:
    """The HTML of the report; without a verdict it shows scores and answers of one version.

    `pairs` are walked once, and `most_cases` of them kept at the most.
    """
    return page_of(inputs, keep_worst(pairs, most_cases), locale)


def page_of(inputs: ReportInputs, kept: Kept, locale: Locale = "en") -> str:
    """The HTML of the report on cases that were kept already."""
    inputs = inputs if inputs.graders else replace(inputs, graders=kept.graders)
    words = wording(locale)
    verdict = inputs.verdict
    named = partial(part_names, words=words)
    waived = [note for note in verdict.notes if asides.is_waiver(note)] if verdict else []
    cases = [view(facts, number, verdict is not None, words) for number, facts in enumerate(kept.shown)]
    script = _read("report.js")
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            lang=locale,
            say=words.say,
            style=Markup(_read("report.css")),
            script=Markup(script),
            script_hash=base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
            title=verdict.title(locale) if verdict else inputs.title,
            state=verdict.state if verdict else "scored",
            sentences=[reason.sentence(words, named) for reason in (*verdict.reasons, *waived)] if verdict else [],
            notes=[note.sentence(words, named) for note in verdict.notes if note not in waived]
            if verdict
            else list(judge_lines(inputs, words)),
            seen=would_see(
                inputs.head.counts.shown.outcomes, inputs.base.counts.shown.outcomes if inputs.base else None, words
            ),
            waiting=waiting(verdict.standings if verdict else None, words),
            is_simulated=inputs.head.is_simulated,
            is_comparison=verdict is not None,
            axes=list(_axes(verdict.comparison, inputs, words)) if verdict else [],
            meaning=_meaning(verdict, inputs, words) if verdict else [],
            prompts=_prompts(inputs.scores, words),
            parts=list(_parts(inputs, words)),
            cases=cases,
            rest=list(_rest(kept, words)),
            choices=_choices(cases, words),
            keys=[(key, words.say(name)) for key, name in _KEYS],
            command=inputs.command,
            facts=inputs.facts,
        )
    )


_KEYS = (("j", "key_next"), ("k", "key_previous"), ("o", "key_open"), ("/", "key_search"), ("?", "key_help"))


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["seen"] = visible
    return environment


@lru_cache(maxsize=2)
def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _rendered(markdown: str) -> Markup:
    """HTML of Markdown that is safe already, without what only a comment needs."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    return Markup(_SIGNS.sub("", html.replace("\u2060", "")))


def _axes(comparison: Comparison, inputs: ReportInputs, words: Wording) -> Iterator[_Line]:
    for difference in (*comparison.axes, comparison.quality):
        if difference.cases:
            yield _line(difference, inputs, words)


def _line(difference: Difference, inputs: ReportInputs, words: Wording) -> _Line:
    counts = difference.flips
    return _Line(
        name=words.say(difference.name),
        result=state_name(difference, words),
        tone=_STATE_TONES.get(difference.state, ""),
        figures=(
            words.number(difference.mean, signed=True),
            interval(difference, words),
            margin(difference, words),
            words.number(difference.base),
            words.number(difference.head),
            str(difference.cases),
        ),
        trust=visible(trust(difference.name, inputs, words)),
        tests=(
            words.number(difference.effect_size, signed=True),
            probability(difference.p_not_worse, words),
            probability(difference.p_better, words),
            f"{counts.to_fail} / {counts.to_pass} ({probability(counts.p, words)})",
        ),
    )


def _meaning(verdict: Verdict, inputs: ReportInputs, words: Wording) -> list[str]:
    figures = [*power_notes(verdict.comparison.axes, words), *corrected_lines(inputs, words)]
    notes = [*figures, words.say("scale"), *trust_notes(inputs, words)]
    return [visible(note) for note in notes]


@dataclass(frozen=True)
class _Prompts:
    header: tuple[str, ...]
    lines: tuple[tuple[str, tuple[str, ...]], ...]


def _prompts(scores: Mapping[str, Summary], words: Wording) -> _Prompts:
    present = {axis.axis for summary in scores.values() for axis in summary.axes}
    shown = [axis for axis in AXES if axis in present]
    names = ("cases", "quality", "interval", *shown, "never")
    header = (*(words.say(name) for name in names), "US$")
    return _Prompts(header, tuple((visible(name), _score(own, shown, words)) for name, own in scores.items()))


def _score(summary: Summary, shown: Sequence[Axis], words: Wording) -> tuple[str, ...]:
    ends = "–"
    if summary.quality_low is not None:
        ends = " … ".join(words.number(end) for end in (summary.quality_low, summary.quality_high))
    by_axis = {axis.axis: axis.mean for axis in summary.axes}
    each = summary.spend.usd_per_answer
    return (
        str(summary.cases),
        words.number(summary.quality),
        ends,
        *(words.number(by_axis.get(axis)) for axis in shown),
        str(len(summary.never_events)),
        words.number(float(each), 6) if each is not None else words.say("unknown") if summary.spend.answers else "–",
    )


def _parts(inputs: ReportInputs, words: Wording) -> Iterator[_Part]:
    """The sections that the comment has too, with room for all of them."""
    place = f"<code>{ROWS_NAME}</code>"
    verdict = inputs.verdict
    bodies: list[tuple[str, str]] = []
    if verdict:
        comparison = verdict.comparison
        beside = [
            reading.flaky(comparison, words, place),
            reading.grader_failures(comparison, words, place),
            asides.twins(inputs, place, words),
        ]
        bodies = [
            ("what_changed", asides.prompt_changes(inputs, place, words, _DIFF_CHARACTERS)),
            ("slices", axes.slices_table(comparison, words)),
            ("beside", "\n\n".join(part for part in beside if part)),
        ]
    bodies += [
        ("moderation", operations.moderation(inputs, words)),
        ("cost_and_latency", operations.cost(inputs, words)),
    ]
    for name, body in bodies:
        if body:
            yield _Part(words.say(name), _rendered(body))


def _rest(kept: Kept, words: Wording) -> Iterator[str]:
    """What the page does not show, and where it is."""
    if len(kept.shown) < kept.total:
        yield words.say("rest_of_cases", len(kept.shown), kept.total, ROWS_NAME)
        yield words.say("rest_counts", *(kept.rest.get(state, 0) for state in ("worse", "better", "failed")))


def _choices(cases: Sequence[CaseView], words: Wording) -> list[dict[str, Any]]:
    """The fields that filter by one of a few values; a field with one value filters nothing and is left out."""
    present_axes = {axis for case in cases for axis in case.axes}
    present_states = {state for case in cases for state in case.states}
    fields: list[tuple[str, list[tuple[str, str]]]] = [
        ("prompt", [(name, name) for name in sorted({case.prompt for case in cases})]),
        ("axis", [(axis, words.say(axis)) for axis in AXES if axis in present_axes]),
        ("locale", [(name, name) for name in sorted({case.locale for case in cases})]),
        ("state", [(state, words.say(f"state_{state}")) for state in STATES if state in present_states]),
    ]
    return [
        {"name": name, "label": words.say("language" if name == "locale" else name), "options": options}
        for name, options in fields
        if len(options) > (name != "state")
    ]
