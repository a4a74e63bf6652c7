"""The comment on a pull request: the verdict in words, what changed, figures by axis, what to read first, how to rerun.

It is Markdown below GitHub's limit of 65,536 characters, shortened from the bottom; text of models, cases and prompts
cannot break out of it (`matria.markdown`). The same verdict makes the HTML page, JUnit XML and JSON beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from evals.comparison import Difference
from evals.flips import Flip
from evals.gate import Verdict
from evals.summary import Spend, Summary
from evals.wording import Wording, wording
from matria.markdown import block, code, details, inline, table
from matria.messages import Locale

MARKER = "<!-- matria:prompt-evaluation -->"
"""Hidden; by it the comment is found again and replaced."""
MOST_CHARACTERS = 65_536
_ANSWER_CHARACTERS = 900
"""Of each answer shown; the HTML report has it whole."""
_DIFF_CHARACTERS = 20_000
"""Of the prompts' diff, so that it leaves room for what the change did."""
_READ_FIRST = 5
_SIGNS = {"improved": "🟢", "not_worse": "⚪", "inconclusive": "🟡", "blocked": "🔴", "error": "⚫"}


@dataclass(frozen=True)
class ReportInputs:
    """What reports are made from, apart from the rows."""

    title: str
    """Heading where there is no verdict."""
    scores: Mapping[str, Summary]
    """Of the head, by prompt."""
    head: Summary
    """Of the head, over all prompts."""
    base: Summary | None = None
    verdict: Verdict | None = None
    """None where one version was scored and nothing compared."""
    changes_markdown: str = ""
    """Word diff of the prompts, already safe: `prompts.diff_markdown`."""
    command: str = "matria eval"
    """Reproduces the evaluation."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What it was made with: model, suites, git commits, policy; shown as they are."""
    report_address: str = ""
    """Where the HTML report lies; empty where nobody can open it."""


def comment(inputs: ReportInputs, locale: Locale = "en") -> str:
    """The Markdown of the comment."""
    words = wording(locale)
    head = [MARKER, *(_verdict(inputs.verdict, words) if inputs.verdict else [f"## {inline(inputs.title)}"])]
    compared = list(_compared(inputs.verdict, inputs, words)) if inputs.verdict else [_scores(inputs, words)]
    sections = [
        *compared,
        _section(words.say("cost"), _cost(inputs, words)),
        _section(words.say("moderation"), _moderation(inputs, words)),
        _section(words.say("reproduce"), _reproduce(inputs, words)),
    ]
    return _fitted(head, [section for section in sections if section], words)


def _compared(verdict: Verdict, inputs: ReportInputs, words: Wording) -> Iterator[str]:
    yield _section(words.say("what_changed"), _changes(inputs, words))
    yield _section(words.say("by_axis"), _axes(verdict, words))
    yield _section(words.say("read_first"), _regressions(verdict, words))
    yield _section(words.say("notes"), _notes(verdict, words))
    yield _improvements(verdict, words)
    yield _slices(verdict, words)


def _scores(inputs: ReportInputs, words: Wording) -> str:
    header = [words.say(name) for name in ("prompt", "cases", "quality", "interval", "never")]
    rows = [
        [
            code(name),
            str(score.cases),
            words.number(score.quality),
            "–"
            if score.quality_low is None
            else f"{words.number(score.quality_low)} … {words.number(score.quality_high)}",
            str(len(score.never_events)),
        ]
        for name, score in inputs.scores.items()
    ]
    return _section(words.say("scores"), table(header, rows, numbers=4))


def _fitted(head: Sequence[str], sections: Sequence[str], words: Wording) -> str:
    """As many sections as fit, from the top; how to rerun always."""
    kept = list(sections)
    last = kept.pop()
    text = "\n\n".join([*head, *kept, last]) + "\n"
    while len(text) > MOST_CHARACTERS and kept:
        kept.pop()
        text = "\n\n".join([*head, *kept, f"_{words.say('folded')}_", last]) + "\n"
    return text


def _verdict(verdict: Verdict, words: Wording) -> Iterator[str]:
    yield f"## {_SIGNS[verdict.state]} {verdict.title(words.locale)}"
    yield "\n".join(f"- {reason.sentence(words, inline)}" for reason in verdict.reasons)
    if verdict.is_simulated:
        yield f"> {words.say('simulated_note')}"


def _section(title: str, body: str) -> str:
    return f"### {title}\n\n{body}" if body else ""


def _changes(inputs: ReportInputs, words: Wording) -> str:
    """The diff of the prompts; where it is long, its table and as many folded prompts as fit."""
    parts = inputs.changes_markdown.strip().split("\n\n<details>")
    kept: list[str] = []
    size = 0
    for part in parts:
        size += len(part)
        if kept and size > _DIFF_CHARACTERS:
            return "\n\n<details>".join(kept) + f"\n\n_{words.say('folded')}_"
        kept.append(part)
    return "\n\n<details>".join(kept)


def _axes(verdict: Verdict, words: Wording) -> str:
    comparison = verdict.comparison
    rows = [_difference(d, d.name, words) for d in (*comparison.axes, comparison.quality) if d.cases]
    return table(_header(words, "axis"), rows) if rows else ""


def _header(words: Wording, first: str) -> list[str]:
    names = ("cases", "base", "head", "difference", "interval", "margin", "result")
    return [words.say(first), *(words.say(name) for name in names)]


def _difference(difference: Difference, name: str, words: Wording) -> list[str]:
    interval = "–"
    if difference.low is not None and difference.state != "unchanged":
        low, high = (words.number(end, signed=True) for end in (difference.low, difference.high))
        interval = f"{low} … {high}"
    is_gated = difference.name != "quality"
    return [
        words.say(name) if is_gated else f"**{words.say(name)}**",
        str(difference.cases),
        words.number(difference.base),
        words.number(difference.head),
        words.number(difference.mean, signed=True),
        interval,
        words.number(difference.margin) if is_gated else "–",
        _state(difference, words),
    ]


def _state(difference: Difference, words: Wording) -> str:
    names = {"not_worse": "axis_not_worse", "inconclusive": "axis_inconclusive", "too_few": "axis_too_few"}
    said = words.say(names.get(difference.state, difference.state))
    return f"**{said}**" if difference.state in ("worse", "better") else said


def _regressions(verdict: Verdict, words: Wording) -> str:
    regressions = verdict.comparison.regressions
    shown = [_regression(flip, words) for flip in regressions[:_READ_FIRST]]
    if len(regressions) > _READ_FIRST:
        shown.append(words.say("more_regressions", len(regressions) - _READ_FIRST))
    return "\n\n".join(shown)


def _regression(flip: Flip, words: Wording) -> str:
    never = f" · **{words.say('never')}**" if flip.never else ""
    before = (
        words.say("failed_of", flip.base_failed, flip.base_graded) if flip.base_graded else words.say("never_graded")
    )
    after = words.say("failed_of", flip.head_failed, flip.head_graded)
    body = [
        f"**{words.say('criterion')}**{never} · {words.say(flip.axis)} · {words.number(flip.points, 0, signed=True)}: "
        f"{inline(flip.text)}",
        f"**{words.say('question')}**\n\n{block(flip.question, _ANSWER_CHARACTERS)}",
        f"**{words.say('before')}** ({before})\n\n{block(flip.base_answer, _ANSWER_CHARACTERS)}",
        f"**{words.say('after')}** ({after})\n\n{block(flip.head_answer, _ANSWER_CHARACTERS)}",
        f"{words.say('look_closer')}: {code(f'matria why {flip.case}')}",
    ]
    return details(f"{code(flip.case)} · {code(flip.prompt)}", "\n\n".join(body))


def _notes(verdict: Verdict, words: Wording) -> str:
    return "\n".join(f"- {note.sentence(words, inline)}" for note in verdict.notes)


def _improvements(verdict: Verdict, words: Wording) -> str:
    fixes = verdict.comparison.fixes
    if not fixes:
        return ""
    lines = [f"- {code(flip.case)} · {words.say(flip.axis)}: {inline(flip.text)}" for flip in fixes]
    return details(words.say("improvements", len(fixes)), "\n".join(lines))


def _slices(verdict: Verdict, words: Wording) -> str:
    rows = []
    for part in verdict.comparison.slices:
        figures = _difference(part.difference, part.difference.name, words)
        rows.append([code(part.value), *figures])
    if not rows:
        return ""
    header = [words.say("slice"), *_header(words, "axis")]
    return details(words.say("slices"), table(header, rows))


def _cost(inputs: ReportInputs, words: Wording) -> str:
    head = inputs.head.spend
    base = inputs.base.spend if inputs.base else None
    if not head.answers:
        return ""
    return words.say(
        "cost_line",
        _usd(head, words),
        _usd(base, words) if base else "–",
        words.share(head.priced / head.answers),
        head.input_tokens // head.answers,
        head.output_tokens // head.answers,
    )


def _usd(spend: Spend, words: Wording) -> str:
    each: Decimal | None = spend.usd_per_answer
    return words.say("cost_unknown") if each is None else f"US$ {words.number(float(each), 6)}"


def _moderation(inputs: ReportInputs, words: Wording) -> str:
    before = inputs.base.outcomes if inputs.base else {}
    after = inputs.head.outcomes
    names = sorted({*before, *after} - {"answered"})
    if not names:
        return words.say("moderation_none")
    totals = (sum(after.values()), sum(before.values()))
    return "\n".join(
        f"- {words.say('moderation_line', code(n), after.get(n, 0), totals[0], before.get(n, 0), totals[1])}"
        for n in names
    )


def _reproduce(inputs: ReportInputs, words: Wording) -> str:
    facts = table(["", ""], [[inline(name), code(value)] for name, value in inputs.facts.items()])
    address = f"\n\n{code(inputs.report_address)}" if inputs.report_address else ""
    return f"{block(inputs.command, _ANSWER_CHARACTERS)}{address}" + (f"\n\n{facts}" if inputs.facts else "")
