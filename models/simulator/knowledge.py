"""What the simulator knows: topics with their texts in each locale, phrases of every answer, and the sources.

The files lie in knowledge/: one of topics per theme, and beside it its texts per locale. Not a medical source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from matria.errors import InputError
from matria.messages import LOCALES, Locale
from matria.yamlfile import read_yaml

KNOWLEDGE_ROOT = Path(__file__).parent / "knowledge"
THEMES = ("danger", "newborn", "conditions", "medicines", "pregnancy", "postpartum", "conversation")

Kind = Literal["danger", "medicine", "info", "off_topic", "small_talk", "identity", "injection", "other"]
Stage = Literal["pregnancy", "postpartum", "any"]
Care = Literal["maternity", "emergency", "newborn", "newborn_emergency", "suicide_prevention", "violence", "today"]


@dataclass(frozen=True)
class TopicText:
    """What is said on a topic in one locale."""

    fact: str
    watch: str = ""
    """The signs that should make her seek help, as the end of a sentence."""
    dose: str = ""
    """What a model that was not told to name no dose gives away; never advice."""
    guess: str = ""
    """The diagnosis that a model which was not told to name none blurts out."""


@dataclass(frozen=True)
class Topic:
    """One thing that people ask about."""

    id: str
    kind: Kind
    stage: Stage
    subject: str
    """Which of a prompt's listed sources fits: a key of `subjects` in the phrases."""
    care: Care | None
    """Where a woman with this sign is sent; None where the topic is no danger sign."""
    cues: tuple[str, ...]
    sources: Mapping[Locale, str]
    texts: Mapping[Locale, TopicText]
    is_broad: bool
    """Gives way to any narrower topic, as food does to cheese."""


@dataclass(frozen=True)
class Knowledge:
    """All of it."""

    topics: Mapping[str, Topic]
    phrases: Mapping[Locale, Mapping[str, Any]]
    same_words: Mapping[str, str]
    """A stem that a question may use -> the word that cues are written with."""


@lru_cache(maxsize=1)
def load_knowledge() -> Knowledge:
    """The knowledge base of this package."""
    sources = {key: _named(entry) for key, entry in _read("sources").items()}
    topics = [topic for theme in THEMES for topic in _topics(theme, sources)]
    same = {
        stem: word for pairs in _read("same_words").values() for word, stems in pairs.items() for stem in stems.split()
    }
    phrases = {locale: _read(f"phrases.{locale}") for locale in LOCALES}
    return Knowledge({topic.id: topic for topic in topics}, phrases, same)


def _topics(theme: str, sources: Mapping[str, str]) -> list[Topic]:
    texts = {locale: _read(f"{theme}.{locale}") for locale in LOCALES}
    return [
        Topic(
            id=entry["id"],
            kind=entry["kind"],
            stage=entry["stage"],
            subject=entry.get("subject", "pregnancy"),
            care=entry.get("care"),
            cues=tuple(cue for language in entry["cues"].values() for cue in language.split()),
            sources=_by_locale(entry.get("source"), sources),
            texts={locale: TopicText(**texts[locale].get(entry["id"], {"fact": ""})) for locale in LOCALES},
            is_broad=entry.get("broad", False),
        )
        for entry in _read(theme)
    ]


def _by_locale(source: str | Mapping[Locale, str] | None, sources: Mapping[str, str]) -> dict[Locale, str]:
    if source is None:
        return {}
    if isinstance(source, str):
        return dict.fromkeys(LOCALES, sources[source])
    return {locale: sources[key] for locale, key in source.items()}


def _named(entry: Mapping[str, Any]) -> str:
    year = f" ({entry['year']})" if "year" in entry else ""
    return f"{entry['organisation']}, {entry['title']}{year}"


def _read(name: str) -> Any:
    return read_yaml(KNOWLEDGE_ROOT / f"{name}.yaml", InputError)
