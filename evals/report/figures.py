"""How a difference is written: figures, interval, what they come to, who graded it and what the cases can show."""

from collections.abc import Iterator, Sequence
from typing import get_args

from evals.cases import Stage
from evals.comparison import Difference
from evals.report.inputs import ReportInputs
from evals.report.standings import standing_lines
from evals.standing import Standings, grader_of
from evals.wording import Wording
from matria.messages import LOCALES, PERSONAS

STATE_NAMES = {"not_worse": "axis_not_worse", "inconclusive": "axis_inconclusive", "too_few": "axis_too_few"}
STATE_SIGNS = {"better": "🟢", "worse": "🔴", "inconclusive": "🟡", "too_few": "🟡"}
_JUDGE = "judge:"
_PARTS = frozenset((*PERSONAS, *get_args(Stage)))
_SMALLEST_P = 0.001


def part_names(text: str, words: Wording) -> str:
    """A list of parts of the cases (`pt-BR × first_trimester, …`) with the words that we have for them.

    Any other text is left as it is.
    """
    names = [name for part in text.split(", ") for name in part.split(" × ")]
    if not all(name in _PARTS or name in LOCALES or name == "…" for name in names):
        return text
    return ", ".join(" × ".join(words.texts.get(name, name) for name in part.split(" × ")) for part in text.split(", "))


def state_name(difference: Difference, words: Wording) -> str:
    """What the difference comes to, in a word or two."""
    return words.say(STATE_NAMES.get(difference.state, difference.state))


def interval(difference: Difference, words: Wording) -> str:
    """Its ends with signs; a dash where there is none, or nothing differs."""
    if difference.low is None or difference.state == "unchanged":
        return "–"
    return "\u00a0…\u00a0".join(words.number(end, signed=True) for end in (difference.low, difference.high))


def probability(value: float | None, words: Wording) -> str:
    """A p-value; below a thousandth it says so rather than 0."""
    if value is None:
        return "–"
    return f"< {words.number(_SMALLEST_P, 3)}" if value < _SMALLEST_P else words.number(value, 3)


def margin(difference: Difference, words: Wording) -> str:
    """The loss tolerated; the whole score has none of its own."""
    return words.number(difference.margin) if difference.name != "quality" else "–"


def trust(axis: str, inputs: ReportInputs, words: Wording) -> str:
    """How far who graded the axis can be trusted: rules, and each judge with its name."""
    graders = inputs.graders.get(axis, ())
    said = [words.say("by_code")] if any(not grader.startswith(_JUDGE) for grader in graders) else []
    for judge in judges(graders):
        known = standing_lines(axis, f"{_JUDGE}{judge}", inputs.judges, words) if inputs.judges else []
        said += known or [f"{judge}: {inputs.trust.get(judge) or words.say('not_measured')}"]
    return "; ".join(said) or "–"


def judges(graders: Sequence[str]) -> list[str]:
    """The judges among graders, by name."""
    return sorted(grader.removeprefix(_JUDGE) for grader in graders if grader.startswith(_JUDGE))


def trust_notes(inputs: ReportInputs, words: Wording) -> Iterator[str]:
    """What the column of trust means, a sentence for each judge whose trust was not measured."""
    graders = {grader for own in inputs.graders.values() for grader in own}
    if any(not grader.startswith(_JUDGE) for grader in graders):
        yield words.say("trust_code")
    if inputs.judges and inputs.judges.informing:
        yield words.say("trust_informs")
    for judge in judges(sorted(graders)):
        if not inputs.trust.get(judge) and not _is_measured(judge, inputs.judges):
            yield words.say("trust_unmeasured", judge)


def _is_measured(judge: str, standings: Standings | None) -> bool:
    """Whether nurses have been held against a judge of the name at all."""
    own = standings.judges if standings else ()
    return any(grader_of(one.trust.judge) == f"{_JUDGE}{judge}" and one.trust.n for one in own)


def power_notes(axes: Sequence[Difference], words: Wording) -> Iterator[str]:
    """For each axis that cannot be told: what its cases can show, and how many would show the margin."""
    for axis in axes:
        if axis.state not in ("inconclusive", "too_few") or axis.detectable is None:
            continue
        figures = (words.say(axis.name), axis.cases, words.number(axis.detectable), words.number(axis.margin))
        yield words.say("power", *figures, axis.needed) if axis.needed else words.say("power_wide", *figures)
