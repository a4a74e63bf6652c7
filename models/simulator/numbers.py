"""The telephone numbers in a system prompt, by what they are for.

Known numbers are told by their digits; a number that is not known takes the service that its sentence speaks of. A
figure with a unit behind it ("180 palavras", "28 weeks") is no telephone number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from models.simulator.cues import positions
from models.simulator.text import sentences, tokens
from models.simulator.wordlists import stems_of

Service = Literal["emergency", "health_line", "suicide_prevention", "violence", "maternal_mental_health"]

KNOWN: Mapping[str, Service] = {
    "192": "emergency",
    "112": "emergency",
    "911": "emergency",
    "999": "emergency",
    "136": "health_line",
    "808242424": "health_line",
    "111": "health_line",
    "188": "suicide_prevention",
    "1411": "suicide_prevention",
    "988": "suicide_prevention",
    "116123": "suicide_prevention",
    "180": "violence",
    "116006": "violence",
    "18007997233": "violence",
    "18338526262": "maternal_mental_health",
}
"""Brazil, Portugal, United Kingdom, United States."""

_NUMBER = re.compile(r"(?<![\w.,/])(?!(?:19|20)\d\d\b)\+?\d(?:[ -]?\d){2,13}(?![\w/]|[.,]\d)")
"""Three digits or more; a year is none."""
_UNIT = re.compile(
    r"\s*(?:palavras?|words?|caracteres|characters|tokens?|semanas?|weeks?|dias?|days?|horas?|hours?|anos?|years?"
    r"|mg|ml|kg|g\b|mmhg|%|°|graus|degrees|minut|bpm)",
    re.IGNORECASE,
)
_CONTEXT: tuple[tuple[Service, str], ...] = (
    ("suicide_prevention", "suicid autoles self-harm cvv crisis"),
    ("violence", "violenc violent abus"),
    ("maternal_mental_health", "maternal mental"),
    ("emergency", "emergenc samu ambulanc ambulance urgenc"),
    ("health_line", "linha sns saude helpline nurse-line"),
)


@dataclass(frozen=True)
class Numbers:
    """Each as the prompt writes it; None where it names none."""

    emergency: str | None = None
    health_line: str | None = None
    suicide_prevention: str | None = None
    violence: str | None = None
    maternal_mental_health: str | None = None


def numbers_in(system_prompt: str) -> Numbers:
    """The first number that the prompt names for each service."""
    found: dict[str, str] = {}
    for sentence in sentences(system_prompt):
        for match in _NUMBER.finditer(sentence.text):
            if _UNIT.match(sentence.text, match.end()):
                continue
            service = KNOWN.get(re.sub(r"\D", "", match[0])) or _service_of(sentence.text)
            if service is not None:
                found.setdefault(service, match[0])
    return Numbers(**found)


def _service_of(text: str) -> Service | None:
    words = tokens(text)
    for service, stems in _CONTEXT:
        if positions(words, stems_of(stems)):
            return service
    return None
