"""The tables of differences: by axis, and for parts of the cases."""

from evals.comparison import Comparison, Difference, Slice
from evals.report.figures import STATE_SIGNS, interval, margin, part_names, power_notes, state_name, trust, trust_notes
from evals.report.inputs import ReportInputs
from evals.report.standings import corrected_lines
from evals.wording import Wording
from matria.markdown import clipped, inline, table

_TRUST_CHARACTERS = 200
_CORRECTED = 10
"""Pass rates that are shown without the errors of their judge."""
_SLICES = 60
_ORDER = ("worse", "inconclusive", "too_few", "better", "not_worse", "unchanged")


def axes_table(comparison: Comparison, inputs: ReportInputs, words: Wording) -> str:
    """A line for each axis and one for the whole score, and what the columns mean; empty without a pair."""
    shown = [axis for axis in (*comparison.axes, comparison.quality) if axis.cases]
    if not shown:
        return ""
    rows = [[*_cells(axis, words), _trust(axis, inputs, words)] for axis in shown]
    power = [f"- {inline(note)}" for note in power_notes(comparison.axes, words)]
    meaning = [words.say("scale"), *(inline(clipped(n, _TRUST_CHARACTERS)) for n in trust_notes(inputs, words))]
    corrected = [f"- {inline(clipped(line, _TRUST_CHARACTERS))}" for line in corrected_lines(inputs, words)]
    beside = "\n".join([*power, *corrected[:_CORRECTED]])
    parts = [table([*_header(words), words.say("trust")], rows), beside, f"<sub>{' '.join(meaning)}</sub>"]
    return "\n\n".join(part for part in parts if part)


def slices_table(comparison: Comparison, words: Wording) -> str:
    """A line for each axis of each part of the cases in which something moved, the worst first; empty without one."""
    told = sorted((part for part in comparison.slices if _tells(part.difference)), key=_severity)
    rows = [[inline(part_names(part.value, words)), *_cells(part.difference, words)] for part in told[:_SLICES]]
    if not rows:
        return ""
    parts = [table([words.say("slice"), *_header(words)], rows)]
    if len(comparison.slices) > len(rows):
        parts.append(words.say("quiet_slices", len(comparison.slices) - len(rows)))
    return "\n\n".join(parts)


def _tells(difference: Difference) -> bool:
    """Whether a part of the cases is worth a line: something moved, and it is large enough or lost something."""
    if difference.state == "too_few":
        return (difference.mean or 0.0) < 0
    return difference.state != "unchanged"


def _severity(part: Slice) -> tuple[int, float]:
    return (_ORDER.index(part.difference.state), part.difference.mean or 0.0)


def _header(words: Wording) -> list[str]:
    names = ("axis", "cases", "before", "after", "difference_interval", "margin", "result")
    return [words.say(name).lower() for name in names]


def _cells(difference: Difference, words: Wording) -> list[str]:
    is_gated = difference.name != "quality"
    name = words.say(difference.name)
    return [
        name if is_gated else f"**{name}**",
        str(difference.cases),
        words.number(difference.base),
        words.number(difference.head),
        _with_interval(difference, words),
        margin(difference, words),
        _state(difference, words),
    ]


def _with_interval(difference: Difference, words: Wording) -> str:
    ends = interval(difference, words)
    mean = words.number(difference.mean, signed=True)
    return mean if ends == "–" else f"{mean}\u00a0({ends})"


def _state(difference: Difference, words: Wording) -> str:
    said = state_name(difference, words)
    said = f"**{said}**" if difference.state in ("worse", "better") else said
    sign = STATE_SIGNS.get(difference.state, "")
    return f"{sign} {said}".strip()


def _trust(difference: Difference, inputs: ReportInputs, words: Wording) -> str:
    return inline(clipped(trust(difference.name, inputs, words), _TRUST_CHARACTERS))
