"""The telephone numbers in a system prompt, by what they are for.

Known numbers are told by their digits; a number that is not known takes the service that its sentence speaks of. A
figure with a unit behind it ("180 palavras", "28 weeks") is no telephone number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from models.simulator.text import sentences, tokens
from models.simulator.wordlists import stems

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
_SERVICES: tuple[Service, ...] = (
    "suicide_prevention",
    "violence",
    "maternal_mental_health",
    "emergency",
    "health_line",
)
"""In the order in which the words of a sentence are believed."""


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
        for service, number in _named(sentence.text):
            found.setdefault(service, number)
    return Numbers(**found)


@lru_cache(maxsize=4096)
def _named(sentence: str) -> tuple[tuple[Service, str], ...]:
    """The numbers of one sentence with what each is for."""
    numbers = [match[0] for match in _NUMBER.finditer(sentence) if not _UNIT.match(sentence, match.end())]
    spoken_of = _service_of(sentence) if numbers else None
    known = ((KNOWN.get(re.sub(r"\D", "", number), spoken_of), number) for number in numbers)
    return tuple((service, number) for service, number in known if service is not None)


def _service_of(sentence: str) -> Service | None:
    words = tokens(sentence)
    return next((service for service in _SERVICES if stems(f"number_{service}").positions(words)), None)
