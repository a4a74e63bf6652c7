"""The frame of a week: every conversation that may be drawn, with what is known of it before the draw.

The unit is the conversation, read whole, since an answer is right or wrong by what was said before it. Conversations of
staff are not in the frame, and simulated ones only where there is nothing else: a figure is of one kind or the other.
What is left out is counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evals.review.base import JudgeVerdict
from evals.review.risks import DangerSigns, Risk, risk_of
from matria.messages import Locale, Persona
from matria.transcripts.base import Exchange, Transcript
from models.assistant.turn import STAFF

RailsDecision = Literal["stopped", "changed", "none"]
"""An answer was withheld, refused or left to a human; it was shown less some of its text; neither."""
JudgesView = Literal["differ", "not_met", "failed", "met", "unread"]
"""Judges of one criterion differ; one found it not met; one gave no verdict; all found all met; none read it."""
_STOPPED = frozenset({"cared", "refused", "unchecked", "withheld"})
_STOPPING = frozenset({"escalate", "refuse", "human"})
_CHANGING = frozenset({"mask", "rewrite"})


@dataclass(frozen=True)
class Unit:
    """A conversation that may be drawn."""

    conversation_id: str
    message_ids: tuple[str, ...]
    """Oldest first."""
    risk: Risk
    rails: RailsDecision
    judges: JudgesView
    locale: Locale
    """Of its newest exchange, as persona and stage are."""
    persona: Persona
    stage: str
    """Empty where it is not known."""


@dataclass(frozen=True)
class Frame:
    """All conversations of a week that may be drawn, and how many may not."""

    units: tuple[Unit, ...]
    """By their id, so that the order in which they came says nothing."""
    is_simulated: bool = False
    staff: int = 0
    """Conversations left out because they are of staff."""
    simulated: int = 0
    """Simulated conversations left out because there are real ones."""


def frame_of(
    transcripts: Iterable[Transcript], verdicts: Mapping[str, Sequence[JudgeVerdict]], signs: DangerSigns
) -> Frame:
    """The frame; `verdicts` by conversation, of those that were judged. Raises ValueError where one comes twice."""
    units: dict[bool, dict[str, Unit]] = {False: {}, True: {}}
    staff = 0
    for transcript in transcripts:
        if any(exchange.persona in STAFF for exchange in transcript.exchanges):
            staff += 1
            continue
        kind = units[any(exchange.is_simulated for exchange in transcript.exchanges)]
        if transcript.conversation_id in kind:
            raise ValueError("a conversation comes twice in the frame")
        unit = unit_of(transcript, verdicts.get(transcript.conversation_id, ()), signs)
        kind[unit.conversation_id] = unit
    is_simulated = not units[False]
    chosen = units[is_simulated]
    left_out = 0 if is_simulated else len(units[True])
    return Frame(tuple(chosen[key] for key in sorted(chosen)), is_simulated and bool(chosen), staff, left_out)


def unit_of(transcript: Transcript, verdicts: Sequence[JudgeVerdict], signs: DangerSigns) -> Unit:
    """What is known of one conversation."""
    last = transcript.last
    return Unit(
        transcript.conversation_id,
        tuple(exchange.message_id for exchange in transcript.exchanges),
        risk_of(transcript.exchanges, signs),
        rails_of(transcript.exchanges),
        judges_of(verdicts),
        last.locale,
        last.persona,
        last.stage,
    )


def rails_of(exchanges: Sequence[Exchange]) -> RailsDecision:
    """The strictest that was done to an exchange; personal data masked in a question changes no answer."""
    marks = [mark for exchange in exchanges for mark in exchange.marks]
    if any(exchange.outcome in _STOPPED for exchange in exchanges) or any(m.action in _STOPPING for m in marks):
        return "stopped"
    is_changed = any(mark.action in _CHANGING and mark.direction == "assistant" for mark in marks)
    return "changed" if is_changed or any(e.outcome == "rewritten" for e in exchanges) else "none"


def judges_of(verdicts: Sequence[JudgeVerdict]) -> JudgesView:
    """What the judges make of it together, the most telling first."""
    if not verdicts:
        return "unread"
    said: dict[str, set[bool]] = {}
    for verdict in verdicts:
        if verdict.met is not None:
            said.setdefault(verdict.criterion, set()).add(verdict.met)
    if any(len(mets) > 1 for mets in said.values()):
        return "differ"
    if any(False in mets for mets in said.values()):
        return "not_met"
    return "failed" if any(verdict.met is None for verdict in verdicts) else "met"
