"""The rail for personal data: an answer names nobody whom the conversation does not know.

What the person wrote was masked before any rail reads it (`guardrails.vault`), so that an identifier in an answer was
invented or belongs to somebody else: it is to be masked. Numbers that a service answers pass, and so does what stands
in the question, the sources or the instructions. A question with an identifier in it is let through and counted: her
words are never held against her, and the count says that something upstream did not mask.
"""

import re
from collections.abc import Collection, Sequence
from typing import get_args

from guardrails.base import Decision, Span, Text
from guardrails.care.texts import FOLDER
from matria.errors import InputError
from matria.messages import Locale
from matria.privacy.identifiers import LABELS, Identifier, Kind, find
from matria.yamlfile import read_yaml

_REASON = re.compile(r"(?P<kind>\w+)_in_(?:answer|question)")
_DIGITS = re.compile(r"\d[\d -]*\d")


class PersonalData:
    """See `guardrails.base.Rail`. Reasons: `cpf_in_answer`, `name_in_question` and the like."""

    name = "personal_data"

    def __init__(self, services: Collection[str] = ()) -> None:
        """`services` are telephone numbers that an answer may give, digits alone."""
        self._services = frozenset(services)

    async def judge(self, text: Text) -> Decision:
        """Masks what an answer should not know; lets a question through."""
        place = "answer" if text.direction == "assistant" else "question"
        given = (text.question, text.instructions, *text.sources) if text.direction == "assistant" else ()
        spans = tuple(
            Span(found.start, found.end, f"{found.kind}_in_{place}")
            for found in find(text.content, text.locale, keep=self._services)
            if not _is_given(found, given)
        )
        reasons = tuple(dict.fromkeys(span.reason for span in spans))
        if text.direction == "user":
            return Decision("allow", self.name, reasons)
        return Decision("mask" if spans else "allow", self.name, reasons, spans=spans)

    async def ping(self) -> str:
        """How many kinds it knows."""
        return f"personal data, {len(get_args(Kind))} kinds"


def apply_masks(text: str, spans: Sequence[Span], locale: Locale = "pt-BR") -> str:
    """`text` with the kind in brackets where a span lies; what is no kind of personal data becomes an ellipsis."""
    parts, done = [], 0
    for span in sorted(spans, key=lambda one: (one.start, -one.end)):
        if span.start >= done:
            parts += [text[done : span.start], _shown(span.reason, locale)]
            done = span.end
    return "".join([*parts, text[done:]])


def service_numbers() -> frozenset[str]:
    """The telephone numbers of `guardrails/care/numbers.yaml`, digits alone. Raises `InputError`."""
    tree = read_yaml(FOLDER / "numbers.yaml", InputError)
    services = [str(number) for country in tree.values() for number in country.values()]
    numbers = {re.sub(r"\D", "", match) for service in services for match in _DIGITS.findall(service)}
    return frozenset(numbers | {number.removeprefix("1") for number in numbers if len(number) == 11})


def _is_given(found: Identifier, given: Sequence[str]) -> bool:
    return any(found.value in text for text in given)


def _shown(reason: str, locale: Locale) -> str:
    match = _REASON.fullmatch(reason)
    label = next((word for kind, word in LABELS[locale].items() if match and kind == match["kind"]), "…")
    return f"[{label}]"
