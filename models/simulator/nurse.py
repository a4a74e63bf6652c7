"""Summarises a conversation for a nurse: urgency first, then the danger signs in her own words, then the rest.

The conversation comes as one text with a speaker before each turn ("Usuária:", "Assistant:"), or as chat turns.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from matria.messages import Locale, Message
from models.simulator.knowledge import Topic, load_knowledge
from models.simulator.matching import topics_in
from models.simulator.text import tokens
from models.simulator.wordlists import stems

Level = Literal["now", "today", "routine"]

_SPEAKER = re.compile(r"^\s*[-*]?\s*([A-Za-zÀ-ÿ]+)\s*:\s*(.*)$")
_TIME = re.compile(
    r"\d+\s*(?:semanas?|weeks?|wks?|dias?|days?|meses|months?)\b|\b(?:desde|since)\s+\w+|\bhá\s+\d+\s+\w+",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"^\D{0,12}?\b(\d{1,2})\b(?!\s*[,.]\d)")
_WEEKS = re.compile(r"\b(semanas|weeks|dias|days)\b", re.IGNORECASE)
_BACKGROUND = re.compile(
    r"\b(?:tomo|uso|alergia|diabet\w*|hipertens\w*|pressão alta|tensão alta|i take|im taking|i am taking|on meds"
    r"|allerg\w*|epilep\w*|asma|asthma|cesárea anterior|cesariana anterior|previous)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.;!?]")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_COMPLAINT_WORDS = 25


@dataclass(frozen=True)
class _Turn:
    is_hers: bool
    text: str


@dataclass(frozen=True)
class _Sign:
    topic: Topic
    quote: str


def summarise(messages: Sequence[Message], locale: Locale, system_prompt: str) -> str:
    """The summary, one line per item; without a priority where the prompt asks for none."""
    said = load_knowledge().phrases[locale]["nurse"]
    turns = list(_turns(messages))
    hers = [turn.text for turn in turns if turn.is_hers]
    signs = _signs(hers)
    lines = [
        f"{said['signs']}: {'; '.join(_quoted(sign.quote, said) for sign in signs) or said['none']}.",
        f"{said['situation']}: {_situation(turns, said)}.",
        f"{said['background']}: {_background(hers, said)}.",
        f"{said['advised']}: {_advised(turns, said)}.",
        f"{said['missing']}: {said['questions']}.",
    ]
    if stems("asks_priority").positions(tokens(system_prompt)):
        lines.insert(0, _priority(signs, said))
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _turns(messages: Sequence[Message]) -> Iterator[_Turn]:
    """Who wrote what, line by line."""
    for message in messages:
        if message.role == "system":
            continue
        is_hers = message.role == "user"
        for line in message.content.splitlines():
            speaker = _SPEAKER.match(line)
            if speaker:
                is_hers = not stems("assistant_speaker").positions(tokens(speaker[1]))
            text = (speaker[2] if speaker else line).strip()
            if text:
                yield _Turn(is_hers, text)


def _signs(hers: Sequence[str]) -> list[_Sign]:
    found: dict[str, _Sign] = {}
    for turn in hers:
        for sentence in _SENTENCE.findall(turn):
            danger = next((topic for topic in topics_in(sentence, "any") if topic.kind == "danger"), None)
            if danger is not None:
                found.setdefault(danger.id, _Sign(danger, sentence.strip().rstrip(".")))
    return list(found.values())


def _priority(signs: Sequence[_Sign], said: Mapping[str, Any]) -> str:
    """The level, with the sign that makes it so."""
    urgent = [sign for sign in signs if sign.topic.care != "today"]
    level: Level = "now" if urgent else "today" if signs else "routine"
    reason = _quoted((urgent or list(signs))[0].quote, said) if signs else said["no_sign"]
    return f"{said['priority']}: {said['levels'][level]} - {reason}."


def _situation(turns: Sequence[_Turn], said: Mapping[str, Any]) -> str:
    hers = [turn.text for turn in turns if turn.is_hers]
    if not hers:
        return str(said["unknown"])
    complaint = next((text for text in hers if len(text.split()) > 2), hers[0])
    times = dict.fromkeys([*_answered_times(turns), *_TIME.findall(" ".join(hers))])
    words = _quoted(" ".join(complaint.split()[:_COMPLAINT_WORDS]).rstrip(".;,"), said)
    return f"{words} ({', '.join(times)})" if times else words


def _answered_times(turns: Sequence[_Turn]) -> Iterator[str]:
    """The weeks or days that a bare number means, where it answers "how many weeks are you?"."""
    for asked, answered in pairwise(turns):
        unit = None if asked.is_hers or not answered.is_hers else _WEEKS.search(asked.text)
        number = _BARE_NUMBER.match(answered.text)
        if unit and number:
            yield f"{number[1]} {unit[1].lower()}"


def _background(hers: Sequence[str], said: Mapping[str, Any]) -> str:
    clauses = [clause.strip() for turn in hers for clause in _CLAUSE_END.split(turn)]
    found = [_quoted(clause, said) for clause in clauses if _BACKGROUND.search(clause)]
    return "; ".join(found) or str(said["unknown"])


def _advised(turns: Sequence[_Turn], said: Mapping[str, Any]) -> str:
    ours = [turn.text for turn in turns if not turn.is_hers]
    if not ours:
        return str(said["unknown"])
    sends = stems("sends_to_care").positions(tokens(" ".join(ours)))
    return str(said["advised_care"] if sends else said["advised_other"])


def _quoted(text: str, said: Mapping[str, Any]) -> str:
    return str(said["quote"]).format(text=text)
