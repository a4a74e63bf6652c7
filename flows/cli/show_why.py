"""What `matria why` prints: from what changed in the prompt to the command that runs just this case."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from evals.cases import is_of_rails
from flows.cli.show import line, out
from flows.cli.terminal import inert
from matria.markdown import visible

if TYPE_CHECKING:
    from evals.precedents import Precedent
    from evals.rows import CriterionResult, Row
    from evals.why import CriterionView, Explanation
    from prompts.diff import MessageDiff, Segment

_STYLES = {"same": "", "added": "green underline", "removed": "red strike"}
_MARKS = {"same": ("", ""), "added": ("{+", "+}"), "removed": ("[-", "-]")}


def explanation(found: "Sequence[Explanation]", is_whole: bool = False) -> None:
    """Each place where the case was asked; `is_whole` writes out the system message as it was sent."""
    for one in found:
        out.print(f"\n[bold]{inert(one.case)}[/] of {inert(one.suite)}, prompt {inert(one.prompt)}, ", end="")
        out.print(f"epoch {one.epoch}")
        _changed(one)
        _asked(one, is_whole)
        _answer("base", one.base)
        _answer("head", one.head)
        _criteria(one)
        _precedents(one.precedents)
        line(f"\nRun just this again:\n  {one.rerun}")


def _changed(one: "Explanation") -> None:
    """The hunks of the prompt; a sentence where there is none, or no prompt."""
    if one.base is None:
        return
    if is_of_rails(one.prompt):
        out.print("\n[bold]What changed[/]")
        line("  no prompt is asked here: terms, blocklists, texts of care or thresholds of the guardrails differ")
        return
    out.print("\n[bold]What changed in the prompt[/]")
    if not one.hunks:
        line("  nothing: both sides were sent the same messages")
    for hunk in one.hunks:
        _hunk(hunk)


def _hunk(hunk: "MessageDiff") -> None:
    from prompts.diff import excerpt

    out.print(f"[cyan]{inert(hunk.role)}[/]")
    for segments in excerpt(hunk):
        if segments is None:
            out.print("  [dim]…[/]")
        else:
            out.print(Text("  ").append_text(_marked(segments)), soft_wrap=True)


def _marked(segments: "Sequence[Segment]") -> Text:
    text = Text()
    for segment in segments:
        opening, closing = ("", "") if out.is_terminal else _MARKS[segment.change]
        text.append(f"{opening}{visible(segment.text)}{closing}", style=_STYLES[segment.change])
    return text


def _asked(one: "Explanation", is_whole: bool) -> None:
    out.print("\n[bold]What was sent[/]")
    for message in one.messages or one.base_messages:
        text = message.content
        if message.role == "system" and not is_whole:
            text = f"({len(text)} characters: --whole shows them)"
        out.print(f"[cyan]{inert(message.role)}[/] {inert(text)}", soft_wrap=True)


def _answer(side: str, row: "Row | None") -> None:
    if row is None:
        return
    if row.answer is None:
        out.print(f"\n[bold]{side}[/] [red]no answer[/]: {inert(row.error.message if row.error else '')}")
        return
    score = "no score" if row.score is None else f"score {row.score:.2f}"
    out.print(f"\n[bold]{side}[/] {inert(row.prompt_version)}, {score}, {row.answer.outcome}{inert(_stopped(row))}")
    line(row.answer.graded_text)
    if row.answer.shown_text != row.answer.graded_text:
        out.print("[dim]shown to her instead:[/]")
        line(row.answer.shown_text)


def _stopped(row: "Row") -> str:
    """By which rail and why, where nobody is shown the answer."""
    from evals.shown import STOPPED, is_for_people, stopped_by

    if row.answer is None or row.answer.outcome not in STOPPED or not is_for_people(row):
        return ""
    return f" by {stopped_by(row.answer)}"


def _criteria(one: "Explanation") -> None:
    out.print("\n[bold]What was looked for[/]")
    for view in one.criteria:
        _criterion(view)


def _criterion(view: "CriterionView") -> None:
    states = [_met(side) for side in (view.base, view.head) if side is not None]
    flip = "[bold red]changed[/] " if view.is_flip else ""
    never = " [red]never-event[/]" if view.criterion.never else ""
    out.print(f"  {flip}{' → '.join(states)} {view.criterion.points:+g} {inert(view.criterion.text)}{never}")
    shown = view.head or view.base
    if shown is None:
        return
    said = " ".join(part for part in (shown.explanation or shown.grader_error, _quoted(shown.quote)) if part)
    if said:
        out.print(f"      [dim]{inert(shown.grader)}: {inert(said)}[/]", soft_wrap=True)


def _quoted(quote: str) -> str:
    return f"“{quote}”" if quote else ""


def _met(result: "CriterionResult") -> str:
    if result.met is None:
        return "[yellow]grader error[/]"
    return f"[{'red' if result.is_failed else 'green'}]{'met' if result.met else 'not met'}[/]"


def _precedents(found: "Sequence[Precedent]") -> None:
    out.print("\n[bold]What nurses said before[/]")
    if not found:
        line("  no nurse has judged an answer to this case yet")
    for one in found:
        note = f": {one.note}" if one.note else ""
        line(f"  {one.reviewed_on} {one.criterion} {'met' if one.met else 'not met'}{note}")
