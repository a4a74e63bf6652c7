"""The rail that notices care in an answer: a model that names a helpline has heard what no phrase of ours did.

Phrases hear a disclosure in the words that they know; a model hears it in others and answers with the suicide line or
the line against violence. Such an answer passes, and the reason has a person told, since somebody who is given that
number should not be left with a number. Which numbers these are is in care/numbers.yaml.
"""

import re
from pathlib import Path

from guardrails.base import Decision, Text
from guardrails.care.texts import FOLDER
from guardrails.reading import fold
from matria.errors import InputError
from matria.yamlfile import read_yaml

REASON = "care_in_answer"
HELPLINES = ("suicide_prevention", "violence", "maternal_mental_health", "child_protection")
"""Services whose number is given to somebody in distress; an emergency number stands in most answers."""
_NUMBER = re.compile(r"\d[\d -]*\d")
_CALLED = (
    r"\b(?:lig\w*|disque|disc\w*|telefon\w*|numero|linha|central|fal\w*|cvv|apav|call\w*|text|dial|ring|line|on|at)\b"
)
"""What announces a number to call, so that 180 ml and 188 cm are none."""
_WORDS_BETWEEN = 6


class CareGiven:
    """See `guardrails.base.Rail`. Reason: `care_in_answer`; never stops a text."""

    name = "care_given"

    def __init__(self, numbers: Path = FOLDER / "numbers.yaml") -> None:
        given = "|".join(sorted((_spaced(number) for number in _helplines(numbers)), key=len, reverse=True))
        self._pattern = re.compile(rf"{_CALLED}(?:\W+\w+){{0,{_WORDS_BETWEEN}}}?\W+(?:{given})(?!\d)")

    async def judge(self, text: Text) -> Decision:
        """Lets every text pass; the reason says that an answer names a helpline."""
        is_given = text.direction == "assistant" and self._pattern.search(fold(text.content)) is not None
        return Decision("allow", self.name, (REASON,) if is_given else ())

    async def ping(self) -> str:
        """What it looks for."""
        return f"care given, numbers of {len(HELPLINES)} services"


def _helplines(path: Path) -> set[str]:
    tree = read_yaml(path, InputError)
    services = [str(of[name]) for of in tree.values() for name in HELPLINES if name in of]
    return {match for service in services for match in _NUMBER.findall(service)}


def _spaced(number: str) -> str:
    """The number however it is grouped."""
    return r"[ .\-]?".join(re.sub(r"\D", "", number))
