"""What to read: cases that got worse with their answers, then cases that got better, contradict themselves or have no
grade.

A case is shown once with all of its criteria that flipped. Cases are ordered by harm times persistence: points at stake
times how much more often the criterion now fails, summed over the case; new never-events come before everything.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evals.cases import cluster_of
from evals.comparison import Comparison, GraderErrorLine
from evals.flaky import FlakyCriterion
from evals.flips import Flip
from evals.report.explained import explained
from evals.wording import Wording
from matria.markdown import clipped, code, details, inline, quoted
from matria.messages import Locale

_LISTED = 20
"""Cases of a folded list; the rest is counted."""
_TEXT_CHARACTERS = 300
_TITLE_CHARACTERS = 90
_CRITERIA = 6
"""Criteria shown of one case."""


@dataclass(frozen=True)
class Change:
    """One case under one prompt, with its criteria that moved the same way, the gravest first."""

    flips: tuple[Flip, ...]

    @property
    def first(self) -> Flip:
        """The gravest."""
        return self.flips[0]

    @property
    def theme(self) -> str:
        """What it shares with the case in other languages, and with its twins."""
        return cluster_of(self.first.case, self.first.locale)

    @property
    def weight(self) -> tuple[bool, float]:
        """Sorts changes, the gravest last."""
        return (self.first.is_new_never_event, sum(weight(flip) for flip in self.flips))


def weight(flip: Flip) -> float:
    """Points at stake times how much more, or less, often the criterion fails."""
    before = (flip.base_failed or 0) / flip.base_graded if flip.base_graded else 0.0
    return abs(flip.points) * abs(flip.head_failed / flip.head_graded - before)


def changes_of(flips: Sequence[Flip]) -> list[Change]:
    """The flips by case and prompt, the gravest first."""
    groups: defaultdict[tuple[str, str, str], list[Flip]] = defaultdict(list)
    for flip in flips:
        groups[flip.suite, flip.case, flip.prompt].append(flip)
    changes = [
        Change(tuple(sorted(own, key=lambda flip: (flip.is_new_never_event, weight(flip)), reverse=True)))
        for own in groups.values()
    ]
    return sorted(changes, key=lambda change: change.weight, reverse=True)


def regressions(comparison: Comparison, words: Wording, count: int, characters: int, place: str) -> str:
    """The cases to read first with their answers; with `characters` 0 their criteria alone."""
    groups = _by_theme(changes_of(comparison.regressions), words.locale)
    shown = [_case(group, words, characters, is_open=n == 0) for n, group in enumerate(groups[:count])]
    if groups and not characters:
        shown.append(words.say("regressions_short", place))
    if len(groups) > count:
        shown.append(words.say("more_regressions_in", sum(map(len, groups[count:])), place))
    return "\n\n".join(shown)


def _by_theme(changes: Sequence[Change], locale: Locale) -> list[list[Change]]:
    """The same case in several languages together, so that what is read first is not one loss told three times.

    Groups stand by their gravest change; a group begins with it, among equals with the one in the reader's language.
    """
    groups: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.first.suite, change.theme), []).append(change)
    for group in groups.values():
        gravest = group[0].weight
        group.sort(key=lambda change: (change.weight != gravest, change.first.locale != locale))
    return list(groups.values())


def _case(group: Sequence[Change], words: Wording, characters: int, is_open: bool) -> str:
    change, *others = group
    flip = change.first
    sign = "🟡" if flip.informs else "🔴"
    never = f"{sign} <b>{words.say('never')}</b> · " if flip.is_new_never_event else ""
    body = [_criteria(change, words)]
    if characters:
        body += [
            f"**{words.say('question')}**\n\n{quoted(flip.question, characters)}",
            f"**{words.say('before')}**\n\n{_answer(flip.base_answer, characters, _quotes(change, 'base'), words)}",
            f"**{words.say('after')}**\n\n{_answer(flip.head_answer, characters, _quotes(change, 'head'), words)}",
        ]
    if others:
        body.append(f"{words.say('also_in')}: {', '.join(code(other.first.case) for other in others[:_CRITERIA])}")
    body.append(f"{words.say('look_closer')}: {code(look_closer(flip.case))}")
    title = f"{never}{code(flip.case)} · {inline(clipped(flip.text, _TITLE_CHARACTERS))}"
    return details(title, "\n\n".join(body), is_open and bool(characters))


def _answer(text: str, characters: int, marked: Sequence[str], words: Wording) -> str:
    return quoted(text, characters, marked) if text.strip() else f"_{words.say('no_answer')}_"


def look_closer(case: str) -> str:
    """The command that shows one case with all that is known of it."""
    return f"matria why {shlex.quote(case)}"


def _quotes(change: Change, side: str) -> list[str]:
    """Words that decided that the answer failed: of what the side failed."""
    if side == "base":
        return [flip.base_quote for flip in change.flips if flip.base_failed and flip.base_quote]
    return [flip.head_quote for flip in change.flips if flip.head_failed and flip.head_quote]


def _criteria(change: Change, words: Wording) -> str:
    lines = [_criterion(flip, words) for flip in change.flips[:_CRITERIA]]
    if len(change.flips) > _CRITERIA:
        lines.append(f"- … {len(change.flips) - _CRITERIA}")
    return f"**{words.say('criterion')}**\n\n" + "\n".join(lines)


def _criterion(flip: Flip, words: Wording) -> str:
    points = words.number(flip.points, 0, signed=True)
    why = explained(flip.explanation, words.locale)
    reason = f" – <i>{inline(clipped(why, _TEXT_CHARACTERS))}</i>" if why else ""
    reason = f" · {words.say('informs')}{reason}" if flip.informs else reason
    return (
        f"- {inline(clipped(flip.text, _TEXT_CHARACTERS))} ({words.say(flip.axis)}, {points}; {how_often(flip, words)})"
        f"{reason}"
    )


def how_often(flip: Flip, words: Wording) -> str:
    """How many answers failed it, before and now."""
    if not flip.base_graded:
        return f"{words.say('before')}: {words.say('never_graded')}; {_failed(flip, words)}"
    figures = (flip.base_failed or 0, flip.base_graded, flip.head_failed, flip.head_graded)
    return words.say("failed_before_after", *figures)


def _failed(flip: Flip, words: Wording) -> str:
    return words.say("failed_of", flip.head_failed, flip.head_graded)


def improvements(comparison: Comparison, words: Wording, place: str) -> str:
    """The cases that got better, folded; empty without one."""
    changes = changes_of(comparison.fixes)
    lines = [_improvement(change, words) for change in changes]
    return _folded(words.say("improvements", len(changes)), "", lines, words, place)


def _improvement(change: Change, words: Wording) -> str:
    texts = "; ".join(inline(clipped(flip.text, _TEXT_CHARACTERS)) for flip in change.flips[:_CRITERIA])
    return f"{code(change.first.case)}: {texts}"


def flaky(comparison: Comparison, words: Wording, place: str) -> str:
    """The criteria that contradict themselves, folded; empty without one."""
    lines = [_flaky(line, words) for line in comparison.flaky]
    return _folded(words.say("flaky", len(lines)), words.say("flaky_note"), lines, words, place)


def _flaky(line: FlakyCriterion, words: Wording) -> str:
    never = f"**{words.say('never')}** · " if line.never else ""
    figures = words.say("flaky_line", line.base_failed, line.base_graded, line.head_failed, line.head_graded)
    return f"{never}{code(line.case)}: {inline(clipped(line.text, _TEXT_CHARACTERS))} ({figures})"


def grader_failures(comparison: Comparison, words: Wording, place: str) -> str:
    """The criteria without a grade, folded; empty without one."""
    total = max(comparison.grader_error_total, len(comparison.grader_errors))
    lines = [_failure(line, words) for line in comparison.grader_errors]
    title = words.say("grader_failures", total)
    return _folded(title, words.say("grader_failures_note"), lines, words, place, total) if total else ""


def _failure(line: GraderErrorLine, words: Wording) -> str:
    message = inline(clipped(line.message, _TEXT_CHARACTERS))
    return f"{code(line.case)} · {code(line.criterion)} ({words.say(line.side)}): {message}"


def _folded(title: str, note: str, lines: Sequence[str], words: Wording, place: str, total: int | None = None) -> str:
    count = len(lines) if total is None else total
    if not count:
        return ""
    return details(title, "\n\n".join(part for part in (note, "\n".join(_listed(lines, count, words, place))) if part))


def _listed(lines: Sequence[str], total: int, words: Wording, place: str) -> Iterator[str]:
    shown = lines[:_LISTED]
    yield from (f"- {line}" for line in shown)
    if total > len(shown):
        yield f"- {words.say('more_of', total - len(shown), place)}"
