"""Summarises a conversation for a nurse: urgency first, then the danger signs in her own words, then the rest.

The conversation comes as one text with a speaker before each turn ("Usuária:", "Assistant:"), or as chat turns.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matria.messages import Locale, Message
from models.simulator.cues import positions
from models.simulator.knowledge import Topic, load_knowledge
from models.simulator.text import tokens
from models.simulator.topics import topics_in
from models.simulator.wordlists import stems

Level = Literal["now", "today", "routine"]

_TURN = re.compile(r"^\s*[-*]?\s*([A-Za-zÀ-ÿ]+)\s*:\s*(.*)$")
_SINCE = re.compile(
    r"(?:\d+\s*(?:semanas?|weeks?|dias?|days?|meses|months?))|(?:desde\s+\w+|há\s+\d+\s+\w+|since\s+\w+)", re.IGNORECASE
)
_BACKGROUND = re.compile(
    r"[^.;!?\n]*\b(?:tomo|uso|alergia|diabet\w*|hipertens\w*|pressão alta|tensão alta|takes?|taking|allerg\w*|epilep\w*"
    r"|asma|asthma|cesárea anterior|previous)\b[^.;!?\n]*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")


@dataclass(frozen=True)
class _Sign:
    topic: Topic
    quote: str


def summarise(messages: Sequence[Message], locale: Locale, system_prompt: str) -> str:
    """The summary, one line per item; without a priority where the prompt asks for none."""
    said = load_knowledge().phrases[locale]["nurse"]
    hers, ours = _by_speaker(messages)
    signs = _signs(hers)
    lines = [
        _signs_line(signs, said),
        f"{said['situation']}: {_situation(hers, said)}.",
        f"{said['background']}: {_background(hers, said)}.",
        f"{said['advised']}: {_advised(ours, said)}.",
        f"{said['missing']}: {said['questions']}.",
    ]
    if positions(tokens(system_prompt), stems("asks_priority")):
        lines.insert(0, _priority_line(signs, said))
    return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def _by_speaker(messages: Sequence[Message]) -> tuple[list[str], list[str]]:
    """What she wrote and what the assistant wrote, turn by turn."""
    hers: list[str] = []
    ours: list[str] = []
    for message in messages:
        if message.role == "system":
            continue
        turns = hers if message.role == "user" else ours
        for line in message.content.splitlines():
            speaker = _TURN.match(line)
            if speaker:
                turns = ours if positions(tokens(speaker[1]), stems("assistant_speaker")) else hers
            text = (speaker[2] if speaker else line).strip()
            if text:
                turns.append(text)
    return hers, ours


def _signs(hers: Sequence[str]) -> list[_Sign]:
    found: dict[str, _Sign] = {}
    for turn in hers:
        for sentence in _SENTENCE.findall(turn):
            for topic in topics_in(sentence, "any"):
                if topic.kind == "danger":
                    found.setdefault(topic.id, _Sign(topic, sentence.strip().rstrip(".")))
                    break
    return list(found.values())


def _level(signs: Sequence[_Sign]) -> Level:
    if not signs:
        return "routine"
    return "today" if all(sign.topic.care == "today" for sign in signs) else "now"


def _priority_line(signs: Sequence[_Sign], said: Mapping[str, Any]) -> str:
    level = _level(signs)
    urgent = [sign for sign in signs if level == "today" or sign.topic.care != "today"]
    reason = _quoted(urgent[0], said) if urgent else said["no_sign"]
    return f"{said['priority']}: {said['levels'][level]} - {reason}."


def _signs_line(signs: Sequence[_Sign], said: Mapping[str, Any]) -> str:
    return f"{said['signs']}: {'; '.join(_quoted(sign, said) for sign in signs) or said['none']}."


def _quoted(sign: _Sign, said: Mapping[str, Any]) -> str:
    return str(said["quote"]).format(text=sign.quote)


def _situation(hers: Sequence[str], said: Mapping[str, Any]) -> str:
    if not hers:
        return str(said["unknown"])
    complaint = next((turn for turn in hers if len(turn.split()) > 2), hers[0])
    since = list(dict.fromkeys(_SINCE.findall(" ".join(hers))))
    words = " ".join(complaint.split()[:25]).rstrip(".;,")
    return f"{said['quote'].format(text=words)}" + (f" ({', '.join(since)})" if since else "")


def _background(hers: Sequence[str], said: Mapping[str, Any]) -> str:
    found = [match.strip() for turn in hers for match in _BACKGROUND.findall(turn)]
    return "; ".join(said["quote"].format(text=text) for text in found) or str(said["unknown"])


def _advised(ours: Sequence[str], said: Mapping[str, Any]) -> str:
    if not ours:
        return str(said["unknown"])
    sends = positions(tokens(" ".join(ours)), stems("sends_to_care"))
    return str(said["advised_care"] if sends else said["advised_other"])
