"""What stands beside the figures: the prompts' diff, twins that disagree, notes, and how to make it all again."""

from typing import TYPE_CHECKING

from evals.gate import Reason, Verdict
from evals.report.figures import part_names
from evals.report.inputs import ReportInputs
from evals.wording import Wording
from matria.markdown import block, clipped, code, details, inline, table

if TYPE_CHECKING:
    from evals.twins import TwinViolation

_DIFF_CHARACTERS = 20_000
"""Of the prompts' diff, so that it leaves room for what the change did."""
_OPEN_CHARACTERS = 4_000
"""A diff so short is shown unfolded."""
_TWINS = 30
_NOTES = 12
_TEXT_CHARACTERS = 200
_FACTS = 20
_COMMAND_CHARACTERS = 900


def prompt_changes(inputs: ReportInputs, place: str, words: Wording, most: int = _DIFF_CHARACTERS) -> str:
    """The diff of the prompts; where it is long, its table and as many folded prompts as fit."""
    first, *parts = inputs.changes_markdown.strip().split("\n\n<details>")
    kept, size = [first], len(first)
    for part in parts:
        size += len(part)
        if size > most:
            kept[-1] += f"\n\n_{words.say('more_of', len(parts) - len(kept) + 1, place)}_"
            break
        kept.append(part)
    if len(kept) > 1 and len(kept[1]) <= _OPEN_CHARACTERS:
        return "\n\n<details open>".join((first, "\n\n<details>".join(kept[1:])))
    return "\n\n<details>".join(kept)


def twins(inputs: ReportInputs, place: str, words: Wording) -> str:
    """Twins that disagree under the head, folded, those that a change brought first. Empty without one."""
    found = [violation for violation in inputs.twins if violation.side == "head"]
    if not found:
        return ""
    found.sort(key=lambda violation: (not violation.is_new, not violation.never))
    names = ("case", "twin", "relation", "criterion", "expected", "found", "since")
    rows = [_twin(violation, words) for violation in found[:_TWINS]]
    more = [words.say("more_of", len(found) - _TWINS, place)] if len(found) > _TWINS else []
    body = [words.say("twins_note"), table([words.say(name) for name in names], rows), *more]
    return details(words.say("twins", len(found)), "\n\n".join(body))


def _twin(violation: "TwinViolation", words: Wording) -> list[str]:
    criterion = code(clipped(violation.criterion, _TEXT_CHARACTERS))
    return [
        code(violation.case),
        code(violation.twin),
        words.texts.get(f"twin_{violation.relation}") or short(violation.relation),
        f"**{words.say('never')}** · {criterion}" if violation.never else criterion,
        words.say(f"expect_{violation.expected}"),
        f"{_met(violation.case_met, words)} / {_met(violation.twin_met, words)}",
        words.say(f"since_{violation.state}"),
    ]


def _met(is_met: bool, words: Wording) -> str:
    return words.say("met" if is_met else "not_met")


def notes(verdict: Verdict, place: str, words: Wording) -> str:
    """What decided nothing and should be known."""
    shown = [note for note in verdict.notes if not is_waiver(note)]
    lines = [f"- {note.sentence(words, lambda text: short(part_names(text, words)))}" for note in shown[:_NOTES]]
    if len(shown) > _NOTES:
        lines.append(f"- {words.say('more_of', len(shown) - _NOTES, place)}")
    return "\n".join(lines)


def is_waiver(reason: Reason) -> bool:
    """Whether it names a loss that somebody waived: that stands with the verdict, wherever the gate keeps it."""
    return "waive" in reason.code


def short(text: str) -> str:
    """Text of others on a line of ours, not too long."""
    return inline(clipped(text, _TEXT_CHARACTERS))


def reproduce(inputs: ReportInputs) -> str:
    """The command that asks for the same again, and what it was made with."""
    facts = [f"- {short(name)}: {code(clipped(value, _TEXT_CHARACTERS))}" for name, value in inputs.facts.items()]
    return "\n\n".join(part for part in (command_only(inputs), "\n".join(facts[:_FACTS])) if part)


def command_only(inputs: ReportInputs) -> str:
    """The command alone."""
    return block(inputs.command, _COMMAND_CHARACTERS)
