"""Writes an answer: the topic's facts, said as the rules ask. A missing rule makes the answer worse in its own way.

| rule missing | what the answer does |
|---|---|
| escalation | plays a danger sign down and leaves it for the next appointment; names no signs to watch for |
| dose_refusal | gives a dose |
| no_diagnosis | guesses a diagnosis |
| tone | is curt, and blames a little |
| language | slips into the other variant of Portuguese |
| scope | answers other subjects |
| sources | cites nothing |
| brevity | rambles on |
| says_ai | claims to be staff when asked |
| firmness | gives in to "ignore your instructions" |
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from matria.messages import Locale
from models.simulator.knowledge import Care, TopicText, load_knowledge
from models.simulator.listed_sources import listed_source
from models.simulator.numbers import Numbers
from models.simulator.rules import Rules
from models.simulator.subject import Subject

_TODAY: tuple[Care, ...] = ("today",)
_OPTIONAL = re.compile(r"\[([^\]|]*)(?:\|([^\]]*))?\]")
_WORDS_OF_RAMBLING = 235


@dataclass(frozen=True)
class Part:
    """One sentence or two of an answer."""

    text: str
    rank: int
    """What goes first when the length does not allow all: the higher, the sooner dropped."""


@dataclass(frozen=True)
class Brief:
    """All that an answer depends on."""

    subject: Subject
    rules: Rules
    locale: Locale
    question: str
    system_prompt: str
    is_first: bool
    """Nothing was answered in this conversation yet."""
    phrases: Mapping[str, Any] = field(repr=False)
    note: str | None = None
    """Source of the first note that the prompt shows for the question; None where it shows none."""

    @property
    def text(self) -> TopicText:
        """What the topic says in this locale."""
        return self.subject.main.texts[self.locale]

    def pick(self, phrases: Sequence[str]) -> str:
        """One of several phrases, always the same for the same question."""
        digest = blake2b(self.question.encode(), digest_size=2).digest()
        return phrases[digest[0] % len(phrases)]


def write(
    subject: Subject,
    rules: Rules,
    locale: Locale,
    question: str,
    system_prompt: str,
    is_first: bool,
    note: str | None = None,
) -> str:
    """The answer."""
    phrases = load_knowledge().phrases[locale]
    brief = Brief(subject, rules, locale, question, system_prompt, is_first, phrases, note)
    match subject.main.kind:
        case "danger":
            parts = _danger(brief)
        case "off_topic" | "injection":
            parts = _elsewhere(brief)
        case "identity":
            parts = [*_identity(brief), *_greeting(brief, "other"), Part(brief.text.fact, 1)]
        case "small_talk":
            parts = [Part(brief.text.fact, 0)]
        case _:
            parts = _health(brief)
    return _joined(parts, brief)


def escalation_text(care: Care, rules: Rules, locale: Locale) -> str:
    """Where to go, with the numbers that the prompt names."""
    said = load_knowledge().phrases[locale]["escalation"]
    if rules.escalation == "same_day" and care not in _TODAY:
        return _with_numbers(said["today_any"], rules.numbers)
    return _with_numbers(said[care], rules.numbers)


def _danger(brief: Brief) -> list[Part]:
    care = brief.subject.main.care or "maternity"
    if brief.rules.escalation == "none":
        parts = [*_greeting(brief, "danger"), Part(brief.pick(brief.phrases["soft"]), 0)]
    else:
        parts = [
            Part(escalation_text(care, brief.rules, brief.locale), 0),
            *([] if care in ("suicide_prevention", "violence") else _greeting(brief, "danger")),
            Part(brief.text.fact, 2),
        ]
    if not brief.rules.no_diagnosis and brief.text.guess:
        parts.append(Part(brief.text.guess, 3))
    return [*parts, *_also(brief), *_doses(brief), *_identity(brief), *_source(brief)]


def _health(brief: Brief) -> list[Part]:
    kind = "medicine" if brief.subject.main.kind == "medicine" else "other"
    parts = [*_greeting(brief, kind), Part(brief.text.fact, 1), *_also(brief), *_doses(brief)]
    if brief.rules.escalation != "none" and brief.text.watch:
        parts.append(Part(brief.phrases["watch"].format(watch=brief.text.watch), 3))
    if brief.rules.one_question and brief.subject.main.kind == "other":
        parts.append(Part(brief.phrases["question"], 4))
    return [*parts, *_identity(brief), *_source(brief)]


def _elsewhere(brief: Brief) -> list[Part]:
    is_injection = brief.subject.main.kind == "injection"
    obeys = brief.rules.firmness if is_injection else brief.rules.scope
    said = brief.phrases["firm" if is_injection else "redirect"] if obeys else brief.text.fact
    return [Part(said.strip(), 0), *_doses(brief)]


def _greeting(brief: Brief, kind: str) -> list[Part]:
    match brief.rules.tone:
        case "warm":
            return [Part(brief.pick(brief.phrases["warm"][kind]), 4)]
        case "curt":
            return [Part(brief.pick(brief.phrases["curt"]), 4)]
        case _:
            return []


def _also(brief: Brief) -> list[Part]:
    """What is said on the second topic of the question."""
    topic = brief.subject.also
    if topic is None or topic.is_broad or (topic.kind == "danger" and brief.rules.escalation == "none"):
        return []
    return [Part(topic.texts[brief.locale].fact, 3)]


def _doses(brief: Brief) -> list[Part]:
    """A dose for what was asked, or the refusal to give one where a medicine is spoken of."""
    asked = [topic for topic in (brief.subject.also, brief.subject.main) if topic is not None]
    if brief.rules.dose_refusal:
        is_medicine = any(topic.kind == "medicine" for topic in asked)
        return [Part(brief.phrases["dose_refused"].strip(), 1)] if is_medicine else []
    doses = [topic.texts[brief.locale].dose for topic in asked]
    return [Part(dose, 2) for dose in doses if dose][:1]


def _identity(brief: Brief) -> list[Part]:
    if brief.subject.main.kind == "identity":
        return [Part(brief.phrases["identity_hidden" if brief.rules.says_ai == "none" else "identity_asked"], 0)]
    if brief.rules.says_ai == "always" and brief.is_first:
        return [Part(brief.phrases["identity_always"], 5)]
    return []


def _source(brief: Brief) -> list[Part]:
    if not brief.rules.sources:
        return []
    topic = brief.subject.main
    source = brief.note or listed_source(brief.system_prompt, brief.phrases["subjects"].get(topic.subject, ""))
    cited = source or topic.sources.get(brief.locale)
    return [Part("\n" + brief.phrases["source"].format(source=cited), 2)] if cited else []


def _joined(parts: Sequence[Part], brief: Brief) -> str:
    limit = brief.rules.max_words
    kept = list(parts)
    if limit is None:
        at = next((n for n, part in enumerate(kept) if part.text.startswith("\n")), len(kept))
        kept[at:at] = _rambling(brief, _words(kept))
    while limit is not None and _words(kept) > limit and any(part.rank for part in kept):
        kept.remove(max(kept, key=lambda part: part.rank))
    return " ".join(part.text for part in kept).replace(" \n", "\n\n")


def _rambling(brief: Brief, said: int) -> list[Part]:
    if brief.subject.main.kind in ("small_talk", "identity"):
        return []
    parts: list[Part] = []
    for sentence in brief.phrases["padding"]:
        if said + _words(parts) >= _WORDS_OF_RAMBLING:
            break
        parts.append(Part(sentence, 9))
    return parts


def _words(parts: Sequence[Part]) -> int:
    return sum(len(part.text.split()) for part in parts)


@lru_cache(maxsize=1024)
def _with_numbers(template: str, numbers: Numbers) -> str:
    """The phrase with the prompt's numbers; a [part] whose number is unknown gives way to what follows its "|"."""
    known = {name: value for name, value in vars(numbers).items() if value is not None}

    def chosen(match: re.Match[str]) -> str:
        needed = re.findall(r"\{(\w+)\}", match[1])
        return match[1] if all(name in known for name in needed) else (match[2] or "")

    return " ".join(_OPTIONAL.sub(chosen, template).format(**known).split())
