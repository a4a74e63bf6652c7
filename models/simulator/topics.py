"""Which topics a question is about: stems that stand close together, weighed, with negation and stage regarded.

A cue of more stems says more, so it weighs more. What she says she does not have ("no bleeding") does not count. A
danger sign leads unless another topic fits far better; a medicine she asks about comes along as the second topic. A
question that fits nothing takes the topic of an earlier message, and a danger sign told earlier stays until the end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.simulator.cues import negated
from models.simulator.knowledge import Stage, Topic, load_knowledge
from models.simulator.spelling import StemIndex
from models.simulator.text import fold, tokens
from models.simulator.wordlists import word_set

_WINDOW = 9
_THRESHOLD = 1.5
_WEIGHT_PER_STEM = 2.0
_WEIGHT_FURTHER_CUE = 0.5
_STAGE_FITS, _STAGE_DIFFERS = 0.5, -1.5
_LEAD_OF_DANGER = 1.5
_LEAD_OF_CARE = 3.0
"""A word of self-harm or violence is never outweighed."""


@dataclass(frozen=True)
class Subject:
    """What an answer is about."""

    main: Topic
    also: Topic | None = None
    """A second topic of the same question, such as the medicine she wants to take for a danger sign."""


def subject_of(user_messages: Sequence[str], stage: Stage) -> Subject:
    """The topics of the last message, in the light of the earlier ones."""
    last = _ranked(user_messages[-1], stage) if user_messages else ()
    lead = _lead(last)
    if lead is not None and lead.kind == "danger":
        return Subject(lead, _second(last, lead))
    told = _told_earlier(user_messages[:-1], stage)
    if told is not None and (lead is None or lead.kind in ("info", "medicine", "other")):
        return Subject(told, lead)
    if lead is not None:
        return Subject(lead, _second(last, lead))
    for message in reversed(user_messages[:-1]):
        earlier = _lead(_ranked(message, stage))
        if earlier is not None and earlier.kind in ("info", "medicine"):
            return Subject(earlier)
    return Subject(load_knowledge().topics["other"])


def topics_in(text: str, stage: Stage) -> tuple[Topic, ...]:
    """Every topic that the text speaks of, the best first."""
    return tuple(topic for topic, _ in _ranked(text, stage))


def _told_earlier(messages: Sequence[str], stage: Stage) -> Topic | None:
    leads = (_lead(_ranked(message, stage)) for message in reversed(messages))
    return next((topic for topic in leads if topic is not None and topic.kind == "danger"), None)


def _lead(ranked: Sequence[tuple[Topic, float]]) -> Topic | None:
    if not ranked:
        return None
    best, weight = ranked[0]
    dangers = [(topic, score) for topic, score in ranked if topic.kind == "danger"]
    if dangers and dangers[0][1] > weight - _LEAD_OF_DANGER:
        return dangers[0][0]
    substantial = [topic for topic, _ in ranked if topic.kind in ("info", "medicine", "injection")]
    if best.kind in ("small_talk", "identity") and substantial:
        return substantial[0]
    return best


def _second(ranked: Sequence[tuple[Topic, float]], lead: Topic) -> Topic | None:
    others = [topic for topic, _ in ranked if topic is not lead and topic.kind == "medicine"]
    named = [topic for topic in others if topic.id != "medicine-general"]
    return next(iter(named or others), None)


@lru_cache(maxsize=8192)
def _ranked(text: str, stage: Stage) -> tuple[tuple[Topic, float], ...]:
    """Topics above the threshold with their weight, the heaviest first; ties by the order of the files."""
    scored = [(topic, _weight(topic, hits, stage)) for topic, hits in _hits(text)]
    above = [(topic, weight) for topic, weight in scored if weight >= _THRESHOLD]
    return tuple(sorted(above, key=lambda pair: -pair[1]))


def _weight(topic: Topic, hits: Sequence[int], stage: Stage) -> float:
    further = min(len(hits) - 1, 3) * _WEIGHT_FURTHER_CUE
    weight = max(hits) * _WEIGHT_PER_STEM + further
    if topic.stage != "any" and stage != "any":
        weight += _STAGE_FITS if topic.stage == stage else _STAGE_DIFFERS
    return weight + (_LEAD_OF_CARE if topic.care in ("suicide_prevention", "violence") else 0.0)


def _hits(text: str) -> list[tuple[Topic, list[int]]]:
    """Topics in the order of the files, with the number of stems of each cue found."""
    matcher = _matcher()
    words = _without_ages(tokens(text))
    reach = negated(words, is_question=True)
    found = matcher.positions(words)
    hits: dict[str, list[int]] = {}
    barred: set[str] = set()
    for stems, topic, bars in matcher.cues_for(found):
        if not _stands(stems, found, reach):
            continue
        if bars:
            barred.add(topic)
        else:
            hits.setdefault(topic, []).append(len(stems))
    topics = load_knowledge().topics.values()
    return [(topic, hits[topic.id]) for topic in topics if topic.id in hits and topic.id not in barred]


def _stands(stems: tuple[str, ...], found: Mapping[str, list[int]], reach: Sequence[bool]) -> bool:
    """Whether the stems stand within one window, and are not what she says she does not have."""
    places = [found[stem] for stem in stems]
    says_not = any(stem.rstrip("=*") in word_set("negators") for stem in stems)
    return any(
        (says_not or not reach[start])
        and all(any(abs(at - start) <= _WINDOW for at in others) for others in places[1:])
        for start in places[0]
    )


def _without_ages(words: Sequence[str]) -> list[str]:
    """The words less figures of time, so that "38 weeks" is no temperature."""
    units = word_set("units_of_time")
    pairs = zip(words, [*words[1:], ""], strict=True)
    return ["#" if word.isdigit() and after in units else word for word, after in pairs]


class _Matcher:
    """All cues of all topics, found by their stems."""

    def __init__(self) -> None:
        knowledge = load_knowledge()
        self._same = StemIndex(knowledge.same_words)
        self._canonical = knowledge.same_words
        self._cues: dict[str, list[tuple[tuple[str, ...], str, bool]]] = {}
        stems: set[str] = set()
        for topic in knowledge.topics.values():
            for cue in topic.cues:
                parts = tuple(fold(cue.lstrip("-")).split("_"))
                stems.update(parts)
                self._cues.setdefault(parts[0], []).append((parts, topic.id, cue.startswith("-")))
        self._stems = StemIndex(stems)

    def positions(self, words: Sequence[str]) -> dict[str, list[int]]:
        """Where each stem stands."""
        found: dict[str, list[int]] = {}
        for at, word in enumerate(words):
            if word[0].isalnum():
                for form in self._forms(word):
                    for stem in self._stems.of(form):
                        found.setdefault(stem, []).append(at)
        return found

    def cues_for(self, found: Mapping[str, list[int]]) -> list[tuple[tuple[str, ...], str, bool]]:
        """The cues whose every stem was found somewhere."""
        return [cue for first in found for cue in self._cues.get(first, ()) if all(stem in found for stem in cue[0])]

    def _forms(self, word: str) -> set[str]:
        return {word, *(self._canonical[stem] for stem in self._same.of(word))}


@lru_cache(maxsize=1)
def _matcher() -> _Matcher:
    return _Matcher()
