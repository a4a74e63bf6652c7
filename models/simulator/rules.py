"""Which rules a system prompt gives, read by meaning and not by wording, in Portuguese and English alike.

What each rule looks for lies in rules/*.yaml as groups of word stems; see `cues` for how they are matched. Where two
sentences disagree, the later one counts. Reading is pure, and kept per sentence, since prompts share most of theirs.
"""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

from matria.errors import InputError
from matria.messages import Locale
from matria.yamlfile import read_yaml
from models.simulator.cues import Groups, Meaning, Reading
from models.simulator.numbers import Numbers, numbers_in
from models.simulator.text import Sentence, fold, sentences
from models.simulator.wordlists import Stems

RULES_ROOT = Path(__file__).parent / "rules"
SHORT_WORDS = 80
"""Length meant by "be brief" where no number of words is given."""

Urgency = Literal["now", "same_day", "none"]
Tone = Literal["warm", "kind", "curt"]
Disclosure = Literal["always", "if_asked", "none"]

_FORGETTABLE = (
    "escalation",
    "dose_refusal",
    "tone",
    "sources",
    "scope",
    "says_ai",
    "no_diagnosis",
    "firmness",
    "max_words",
)
_ONE_IN = 4
"""One in so many rules is forgotten by the smaller model."""
_LENGTH = re.compile(r"\b(\d{2,4})\s+(?:palavras|words?)\b|\b(?:palavras|words)\D{0,12}(\d{2,4})\b")


@dataclass(frozen=True)
class Rules:
    """What the system prompt asks for; each default is what happens where a rule is missing."""

    escalation: Urgency = "none"
    """How urgently a woman with a danger sign is sent to care."""
    dose_refusal: bool = False
    tone: Tone = "curt"
    language: Locale | Literal["follow"] | None = None
    """The locale asked for, `follow` for the language of the question, None where nothing is said."""
    max_words: int | None = None
    sources: bool = False
    scope: bool = False
    """Other subjects are turned away."""
    says_ai: Disclosure = "none"
    no_diagnosis: bool = False
    firmness: bool = False
    """What a user writes never changes the rules."""
    one_question: bool = False
    """An answer that is not urgent ends with one question."""
    nurse_summary: bool = False
    """The reader is a nurse who wants a summary of a conversation."""
    numbers: Numbers = field(default_factory=Numbers)
    """The telephone numbers that the prompt names."""


@dataclass(frozen=True)
class _RuleFile:
    meanings: dict[str, Meaning]
    groups: Groups


@lru_cache(maxsize=256)
def read_rules(system_prompt: str) -> Rules:
    """The rules that the prompt gives."""
    rules = Rules(numbers=numbers_in(system_prompt))
    for sentence in sentences(system_prompt):
        for name, meaning in _meanings_of(sentence):
            rules = _obey(rules, name, meaning, sentence.text)
    return rules


def forget_some(rules: Rules, question: str) -> Rules:
    """The rules less about a quarter of them, always the same ones for the same question: the smaller model."""
    unset = Rules()
    lost = {
        name: getattr(unset, name)
        for name in _FORGETTABLE
        if blake2b(f"{name}\n{question}".encode(), digest_size=2).digest()[0] % _ONE_IN == 0
    }
    return replace(rules, **lost)


def _obey(rules: Rules, name: str, meaning: str, text: str) -> Rules:
    match name, meaning:
        case "escalation", "present":
            return replace(rules, escalation="now")
        case "escalation", "same_day":
            return rules if rules.escalation == "now" else replace(rules, escalation="same_day")
        case "escalation", _:
            return replace(rules, escalation="none")
        case "tone", "kind":
            return rules if rules.tone == "warm" else replace(rules, tone="kind")
        case "tone", ("warm" | "curt") as tone:
            return replace(rules, tone=tone)
        case "language", language:
            return _with(rules, "language", language)
        case "brevity", _:
            return replace(rules, max_words=_max_words(meaning, text, rules.max_words))
        case "says_ai", ("always" | "if_asked") as disclosure:
            return replace(rules, says_ai=disclosure)
        case "says_ai", _:
            return replace(rules, says_ai="none")
        case _:
            return _with(rules, name, meaning == "present")


def _with(rules: Rules, name: str, value: object) -> Rules:
    changes: dict[str, Any] = {name: value}
    return replace(rules, **changes)


def _max_words(meaning: str, text: str, known: int | None) -> int | None:
    found = _LENGTH.search(fold(text))
    if found:
        return int(found[1] or found[2])
    return (known or SHORT_WORDS) if meaning == "short" else known


@lru_cache(maxsize=4096)
def _meanings_of(sentence: Sentence) -> tuple[tuple[str, str], ...]:
    """Which rules the sentence speaks of, with the first meaning of each that fits."""
    reading = Reading(sentence)
    found = []
    for name, rule in _rule_files().items():
        meaning = next((key for key, wanted in rule.meanings.items() if wanted.is_in(reading, rule.groups)), None)
        if meaning is not None:
            found.append((name, meaning))
    return tuple(found)


@lru_cache(maxsize=1)
def _rule_files() -> dict[str, _RuleFile]:
    return {path.stem: _load(path) for path in sorted(RULES_ROOT.glob("*.yaml"))}


def _load(path: Path) -> _RuleFile:
    body = read_yaml(path, InputError)
    groups = {name: Stems(" ".join(languages.values()).split()) for name, languages in body["groups"].items()}
    meanings = {
        name: Meaning(tuple(tuple(items) for items in alternatives)) for name, alternatives in body["meanings"].items()
    }
    return _RuleFile(meanings, groups)
