"""The comment on a pull request: the verdict in words, what changed, figures by axis, what to read first, how to rerun.

It is Markdown that fits where it goes (`evals.report.sections`), folded from the bottom; text of models, cases and
prompts cannot break out of it (`matria.markdown`). The same inputs make the job's summary, which has more room, and the
HTML page beside it.
"""

from collections.abc import Iterator, Mapping
from functools import partial

from evals.gate import Verdict
from evals.report import asides, axes, operations, reading
from evals.report.figures import part_names
from evals.report.inputs import ReportInputs
from evals.report.sections import GITHUB_COMMENT, Room, Section, fitted, section
from evals.report.seen import would_see
from evals.report.standings import judge_lines, waiting_markdown
from evals.summary import Summary
from evals.wording import Wording, wording
from matria.markdown import clipped, code, details, inline, table
from matria.messages import Locale

MARKER = "<!-- matria:prompt-evaluation -->"
"""Hidden; by it the comment is found again and replaced."""
MOST_CHARACTERS = GITHUB_COMMENT.most
_SIGNS = {"improved": "🟢", "not_worse": "⚪", "inconclusive": "🟡", "blocked": "🔴", "error": "⚫"}
_REASONS = (12, 3)
"""Reasons shown, and shown where room is short."""
_JUDGES, _JUDGE_CHARACTERS = 20, 200
"""Judges, and pass rates of theirs, of one version that was scored alone."""
_REASON_CHARACTERS = (300, 80)
"""Of each text in them that is not ours."""


def comment(inputs: ReportInputs, locale: Locale = "en", room: Room = GITHUB_COMMENT) -> str:
    """The Markdown of the comment, no longer than `room` allows."""
    words = wording(locale)
    place = rest_place(inputs, words)
    return fitted(
        list(_sections(inputs, room, place, words)), room, lambda titles: words.say("left_out", titles, place)
    )


def running(done: int, total: int, words: Wording) -> str:
    """What stands in the comment's place while answers are still coming."""
    return f"{MARKER}\n\n## ⏳ {words.say('running_title', done, total)}\n\n{words.say('running_note')}\n"


def rest_place(inputs: ReportInputs, words: Wording) -> str:
    """Where the whole report lies: a link where there is one, else its name among the files of the run."""
    name = f"<code>{words.say('report_file')}</code>"
    return f"[{words.say('full_report')}]({inputs.link})" if inputs.link else words.say("in_artifacts", name)


def _sections(inputs: ReportInputs, room: Room, place: str, words: Wording) -> Iterator[Section]:
    verdict = inputs.verdict
    yield _opening(inputs, place, words)
    if verdict is None:
        judges = [f"- {inline(clipped(line, _JUDGE_CHARACTERS))}" for line in judge_lines(inputs, words)]
        body = [_scores(inputs.scores, words), "\n".join(judges[:_JUDGES])]
        yield section(words.say("scores"), "\n\n".join(part for part in body if part))
    else:
        yield from _compared(verdict, inputs, room, place, words)
    yield section(words.say("moderation"), operations.moderation(inputs, words))
    yield section(words.say("cost_and_latency"), operations.cost(inputs, words))
    title = words.say("reproduce")
    forms = section(title, asides.reproduce(inputs), asides.command_only(inputs)).forms
    yield Section(title, forms, is_pinned=True)


def _compared(verdict: Verdict, inputs: ReportInputs, room: Room, place: str, words: Wording) -> Iterator[Section]:
    comparison = verdict.comparison
    yield section(words.say("what_changed"), asides.prompt_changes(inputs, place, words))
    yield section(words.say("by_axis"), axes.axes_table(comparison, inputs, words))
    read = partial(reading.regressions, comparison, words, room.regressions, place=place)
    yield section(words.say("read_first"), read(room.answers), read(room.answers // 3), read(0))
    yield section(words.say("notes"), asides.notes(verdict, place, words))
    for name, body in (
        ("improvements", reading.improvements(comparison, words, place)),
        ("flaky", reading.flaky(comparison, words, place)),
        ("grader_failures", reading.grader_failures(comparison, words, place)),
        ("slices", folded_slices(verdict, words)),
        ("twins", asides.twins(inputs, place, words)),
    ):
        yield Section(_bare(words.say(name, "…")), (body,) if body else ())


def folded_slices(verdict: Verdict, words: Wording) -> str:
    """The table of parts of the cases, folded; empty where there is one part only."""
    body = axes.slices_table(verdict.comparison, words)
    return details(words.say("slices"), body) if body else ""


def _bare(title: str) -> str:
    """A title without its count."""
    return title.removesuffix(" (…)")


def _opening(inputs: ReportInputs, place: str, words: Wording) -> Section:
    """The marker, the verdict in a line, and its reasons."""
    title = words.say("scores")
    if inputs.verdict is None:
        heading = f"{MARKER}\n\n## {inline(clipped(inputs.title, 300))}"
        return Section(title, ("\n\n".join(part for part in (heading, _seen(inputs, words)) if part),), is_pinned=True)
    forms = [
        "\n\n".join(_verdict(inputs.verdict, inputs, count, characters, place, words))
        for count, characters in zip(_REASONS, _REASON_CHARACTERS, strict=True)
    ]
    return Section(title, tuple(forms), is_pinned=True)


def _verdict(
    verdict: Verdict, inputs: ReportInputs, count: int, characters: int, place: str, words: Wording
) -> Iterator[str]:
    yield f"{MARKER}\n\n## {_SIGNS[verdict.state]} {verdict.title(words.locale)}"
    reasons = (*verdict.reasons, *filter(asides.is_waiver, verdict.notes))
    shown = [
        reason.sentence(words, lambda text: inline(clipped(part_names(text, words), characters))) for reason in reasons
    ]
    lines = [f"- {sentence}" for sentence in shown[:count]]
    if len(shown) > count:
        lines.append(f"- {words.say('more_reasons', len(shown) - count, place)}")
    yield "\n".join(lines)
    if seen := _seen(inputs, words):
        yield seen
    if waits := waiting_markdown(verdict.standings, words):
        yield waits
    if verdict.is_simulated:
        yield f"> {words.say('simulated_note')}"
    if inputs.link:
        yield place


def _seen(inputs: ReportInputs, words: Wording) -> str:
    """What people would see of the answers of both sides."""
    return would_see(
        inputs.head.counts.shown.outcomes, inputs.base.counts.shown.outcomes if inputs.base else None, words
    )


def _scores(scores: Mapping[str, Summary], words: Wording) -> str:
    header = [words.say(name) for name in ("prompt", "cases", "quality", "interval", "never")]
    rows = [
        [code(name), str(score.cases), words.number(score.quality), _ends(score, words), str(len(score.never_events))]
        for name, score in scores.items()
    ]
    return table(header, rows, numbers=4)


def _ends(score: Summary, words: Wording) -> str:
    if score.quality_low is None:
        return "–"
    return f"{words.number(score.quality_low)} … {words.number(score.quality_high)}"
