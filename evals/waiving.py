"""What is left of a comparison once waived losses are taken out of it, and which waivers that took.

The gate decides on what is left; reports show the comparison whole. An axis that is waived is left out, so that it can
neither block nor pass. Its slices go with it, except those that collapsed beside it (`gate.slice_collapse`): the mean
that somebody accepted says nothing about them, so they need their own waiver.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from evals.comparison import Comparison, Difference, Flip, Slice, StoppedAnswer, UnknownNeverEvent
from evals.waivers import Waiver, Waivers
from matria.policy import Policy


@dataclass(frozen=True)
class Waived:
    """A comparison without its waived losses."""

    left: Comparison
    """What still counts."""
    used: tuple[Waiver, ...]
    """Waivers that let a loss through, each once: never-events first."""


def without_waived(comparison: Comparison, waivers: Waivers, policy: Policy) -> Waived:
    """The comparison without the losses that a waiver in force names."""
    events = dict(_never_events(comparison, waivers))
    unknown = dict(_unknown(comparison, waivers))
    stopped = dict(_stopped(comparison, waivers))
    axes = {
        axis.name: found for axis in comparison.axes if _is_lost(axis) and (found := _axis(comparison, axis, waivers))
    }
    parts = {part: found for part in comparison.slices if (found := _slice(comparison, part, waivers, policy))}
    left = replace(
        comparison,
        new_never_events=tuple(flip for flip in comparison.new_never_events if flip not in events),
        new_never_event_total=comparison.new_never_event_total - len(events),
        unknown_never_events=tuple(event for event in comparison.unknown_never_events if event not in unknown),
        unknown_never_event_total=comparison.unknown_never_event_total - len(unknown),
        newly_stopped=comparison.newly_stopped.without(stopped.keys()),
        axes=tuple(axis for axis in comparison.axes if axis.name not in axes),
        slices=tuple(part for part in comparison.slices if part not in parts),
    )
    used = [*events.values(), *unknown.values(), *stopped.values(), *_all(axes.values()), *_all(parts.values())]
    return Waived(left, tuple(dict.fromkeys(used)))


def _never_events(comparison: Comparison, waivers: Waivers) -> Iterable[tuple[Flip, Waiver]]:
    """None where there are so many that not all are kept: what is not seen is not waived."""
    if comparison.new_never_event_total > len(comparison.new_never_events):
        return
    for flip in comparison.new_never_events:
        waiver = waivers.never_event(flip.case, flip.criterion)
        if waiver is not None:
            yield flip, waiver


def _unknown(comparison: Comparison, waivers: Waivers) -> Iterable[tuple[UnknownNeverEvent, Waiver]]:
    """Those that the base passed and that somebody accepts to fail, so that not to know is no worse."""
    for event in comparison.unknown_never_events:
        waiver = waivers.never_event(event.case, event.criterion)
        if event.base_passed and waiver is not None:
            yield event, waiver


def _stopped(comparison: Comparison, waivers: Waivers) -> Iterable[tuple[StoppedAnswer, Waiver]]:
    """None where there are so many that not all are kept."""
    found = comparison.newly_stopped
    if found.total > len(found.answers):
        return
    for answer in found.answers:
        waiver = waivers.stopped(answer.case)
        if waiver is not None:
            yield answer, waiver


def _is_lost(difference: Difference) -> bool:
    """Whether the gate would hold it against the change; what may have been lost is less than what was."""
    if difference.state == "too_few":
        return (difference.mean or 0.0) < 0
    return difference.state in ("worse", "inconclusive")


def _axis(comparison: Comparison, axis: Difference, waivers: Waivers) -> tuple[Waiver, ...]:
    return waivers.axis(axis.name, comparison.prompts)


def _slice(comparison: Comparison, part: Slice, waivers: Waivers, policy: Policy) -> tuple[Waiver, ...]:
    """Its own waivers, or those of its axis where it did not fall far below the whole axis."""
    found = part.difference
    is_lost = found.state == "worse" or (found.high is not None and found.high < -found.margin)
    if not is_lost:
        return ()
    own = waivers.axis(found.name, comparison.prompts, part.value)
    if own:
        return own
    whole = next((axis.mean for axis in comparison.axes if axis.name == found.name), None) or 0.0
    is_far_below = (found.mean or 0.0) <= whole - policy.number("gate.slice_collapse")
    return () if is_far_below else waivers.axis(found.name, comparison.prompts)


def _all(found: Iterable[tuple[Waiver, ...]]) -> Iterable[Waiver]:
    return (waiver for waivers in found for waiver in waivers)
