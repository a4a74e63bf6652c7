"""The texts shown in place of an answer, in the words of a locale and with the numbers of a country.

Care follows a disclosure; a safe text follows a refusal or a withheld answer; a notice precedes what a nurse reads. The
words are in the YAML files of this folder, which the clinical team reviews. pt-BR and pt-PT fix their country; English
takes the one configured.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, Literal, get_args

from guardrails.disclosures import DISCLOSURES
from matria.errors import InputError
from matria.messages import LOCALES, Locale
from matria.yamlfile import read_yaml

Country = Literal["BR", "PT", "GB", "US"]
Service = Literal[
    "emergency", "police", "health_line", "suicide_prevention", "violence", "child_protection", "maternal_mental_health"
]
SafeText = Literal["refused", "too_long", "unchecked", "withheld", "medicine", "diagnosis"]

FOLDER = Path(__file__).parent
COUNTRY_OF: Mapping[Locale, Country] = {"pt-BR": "BR", "pt-PT": "PT"}
SAFE_TEXT_FOR: Mapping[str, SafeText] = {
    "dose_in_answer": "medicine",
    "prescription_in_answer": "medicine",
    "diagnosis_in_answer": "diagnosis",
}
"""Which safe text explains a withheld answer, by reason; `withheld` where the reason has none of its own."""

_NEEDED: Mapping[str, Sequence[str]] = {
    "care": DISCLOSURES,
    "safe": get_args(SafeText),
    "staff": (*DISCLOSURES, "unchecked", "withheld"),
}


class CareTexts:
    """All texts, read and checked once. Raises `InputError` naming the file where a text or a number is missing."""

    def __init__(self, country: Country, folder: Path = FOLDER) -> None:
        numbers = _numbers(folder / "numbers.yaml")
        self._texts = {
            locale: _texts(folder / f"{locale}.yaml", numbers[COUNTRY_OF.get(locale, country)]) for locale in LOCALES
        }

    def care(self, reasons: Sequence[str], locale: Locale) -> str:
        """The answer to the most urgent disclosure among `reasons`; that for self-harm where none is named."""
        return self._texts[locale]["care"][most_urgent(reasons) or "self_harm_disclosure"]

    def safe(self, reasons: Sequence[str], locale: Locale, kind: SafeText = "withheld") -> str:
        """What is shown in place of an answer: the text for the first reason that has one, else that of `kind`."""
        named = next((SAFE_TEXT_FOR[reason] for reason in reasons if reason in SAFE_TEXT_FOR), kind)
        return self._texts[locale]["safe"][named]

    def notice(self, reason: str, locale: Locale) -> str:
        """What a nurse reads before a summary, or in its place: a disclosure's mark, `unchecked` or `withheld`."""
        return self._texts[locale]["staff"][reason]


def most_urgent(reasons: Sequence[str]) -> str | None:
    """The most urgent disclosure among `reasons`; None where there is none."""
    return next((mark for mark in DISCLOSURES if mark in reasons), None)


def _numbers(path: Path) -> dict[Country, dict[str, str]]:
    tree = _mapping(read_yaml(path, InputError), path, "the file")
    numbers = {}
    for country in get_args(Country):
        services = _mapping(tree.get(country), path, country)
        if "emergency" not in services or (unknown := set(services) - set(get_args(Service))):
            problem = "needs an emergency number" if "emergency" not in services else f"has unknown {unknown}"
            raise InputError(f"{path}: {country} {problem}; the services are {', '.join(get_args(Service))}.")
        numbers[country] = {service: str(number) for service, number in services.items()}
    return numbers


def _texts(path: Path, numbers: Mapping[str, str]) -> dict[str, dict[str, str]]:
    tree = _mapping(read_yaml(path, InputError), path, "the file")
    texts: dict[str, dict[str, str]] = {}
    for section, names in _NEEDED.items():
        lines = _mapping(tree.get(section), path, section)
        if missing := set(names) - set(lines):
            raise InputError(f"{path}: {section} lacks {', '.join(sorted(missing))}.")
        texts[section] = {name: _text(lines[name], numbers, f"{path}, {section}, {name}") for name in names}
    return texts


def _text(lines: Any, numbers: Mapping[str, str], name: str) -> str:
    """The lines joined as paragraphs, less those that need a number which the country lacks."""
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise InputError(f"{name} must be a list of lines.")
    kept = []
    for line in lines:
        services = {field for _, field, _, _ in Formatter().parse(line) if field is not None}
        if unknown := services - set(get_args(Service)):
            raise InputError(f"{name}: no service is called {', '.join(sorted(unknown))}.")
        if services <= set(numbers):
            kept.append(line.format_map(numbers))
    return "\n\n".join(kept)


def _mapping(raw: Any, path: Path, name: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise InputError(f"{path}: {name} must hold names with values.")
    return raw
