"""Which topics a question is about: stems that stand close together, weighed, with negation and stage regarded.

A cue of more stems says more, so it weighs more. A danger sign that she says she does not have ("no bleeding") does not
count. A danger sign leads unless another topic fits far better; then comes a medicine that she names. A question that
fits nothing takes the topic of an earlier message, and a danger sign told earlier stays until the end.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.simulator.cues import negated
from models.simulator.knowledge import Stage, Topic, load_knowledge
from models.simulator.spelling import StemIndex
from models.simulator.text import fold, tokens
from models.simulator.wordlists import stems, word_set

_WINDOW = 9
_THRESHOLD = 1.5
_WEIGHT_PER_STEM = 2.0
_WEIGHT_FURTHER_CUE = 0.5
_STAGE_DIFFERS = -4.0
_LEAD_OF_DANGER = 2.0
_LEAD_OF_URGENT = 3.5
"""A danger sign that cannot wait leads one that can wait for today unless it weighs less by this."""
_SECOND_WITHIN = 3.0
_LEAD_OF_CARE = 3.0
"""A word of self-harm or violence is never outweighed."""
_CHAT = ("small_talk", "identity")

Ranked = tuple[tuple[Topic, float], ...]


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
    danger = _most_urgent([_lead(_ranked(message, stage)) for message in reversed(user_messages)])
    if danger is not None and (lead is None or lead.kind not in (*_CHAT, "off_topic", "injection")):
        return Subject(danger, _medicine(last) or _second(last, danger))
    if lead is None or (lead.is_broad and lead.kind == "medicine"):
        lead = next(_earlier(user_messages[:-1], stage), lead) or _unknown(user_messages)
    return Subject(lead, None if lead.kind == "medicine" else _named_medicine(last) or _second(last, lead))


def topics_in(text: str, stage: Stage) -> tuple[Topic, ...]:
    """Every topic that the text speaks of, the best first."""
    return tuple(topic for topic, _ in _ranked(text, stage))


def _earlier(messages: Sequence[str], stage: Stage) -> Iterator[Topic]:
    """What earlier messages were about, the newest first."""
    leads = (_lead(_ranked(message, stage)) for message in reversed(messages))
    return (topic for topic in leads if topic is not None and topic.kind in ("info", "medicine"))


def _unknown(user_messages: Sequence[str]) -> Topic:
    """The topic of a message that fits none: another subject, unless a word in it has to do with health or a baby."""
    said = tokens(" ".join(user_messages))
    is_ours = not said or bool(stems("health_words").positions(said))
    return load_knowledge().topics["other" if is_ours else "elsewhere"]


def _most_urgent(leads: Sequence[Topic | None]) -> Topic | None:
    """The danger sign that cannot wait, else the newest; None without any."""
    dangers = [topic for topic in leads if topic is not None and topic.kind == "danger"]
    return next((topic for topic in dangers if topic.care != "today"), None) or next(iter(dangers), None)


def _lead(ranked: Ranked) -> Topic | None:
    ranked = tuple(pair for pair in ranked if pair[0].kind not in _CHAT) or ranked
    dangers = [pair for pair in ranked if pair[0].kind == "danger"]
    if dangers and dangers[0][1] > ranked[0][1] - _LEAD_OF_DANGER:
        near = [topic for topic, weight in dangers if weight > dangers[0][1] - _LEAD_OF_URGENT]
        return next((topic for topic in near if topic.care != "today"), near[0])
    others = [topic for topic, _ in ranked if topic.kind != "danger"]
    if others and others[0].kind in ("off_topic", "injection"):
        return others[0]
    narrow = [topic for topic in others if not topic.is_broad]
    medicine = [topic for topic in others if topic.kind == "medicine"]
    return _named_medicine(ranked) or next(iter([*narrow, *medicine, *others]), None)


def _medicine(ranked: Ranked) -> Topic | None:
    """The medicine that is spoken of, a named one first."""
    return _named_medicine(ranked) or next((topic for topic, _ in ranked if topic.kind == "medicine"), None)


def _named_medicine(ranked: Ranked) -> Topic | None:
    return next((topic for topic, _ in ranked if topic.kind == "medicine" and not topic.is_broad), None)


def _second(ranked: Ranked, lead: Topic) -> Topic | None:
    """Another sign told, or another thing asked, in the same message, where it weighs nearly as much."""
    if lead.kind not in ("danger", "info"):
        return None
    floor = max((weight for topic, weight in ranked if topic is lead), default=_THRESHOLD) - _SECOND_WITHIN
    alike = [topic for topic, weight in ranked if topic.kind == lead.kind and weight >= floor]
    return next((topic for topic in alike if topic is not lead and not topic.is_broad), None)


@lru_cache(maxsize=8192)
def _ranked(text: str, stage: Stage) -> Ranked:
    """Topics above the threshold with their weight, the heaviest first; ties by the order of the files."""
    scored = [(topic, _weight(topic, hits, stage)) for topic, hits in _hits(text)]
    above = [(topic, weight) for topic, weight in scored if weight >= _THRESHOLD]
    return tuple(sorted(above, key=lambda pair: -pair[1]))


def _weight(topic: Topic, hits: Sequence[int], stage: Stage) -> float:
    further = min(len(hits) - 1, 3) * _WEIGHT_FURTHER_CUE
    weight = max(hits) * _WEIGHT_PER_STEM + further
    if "any" not in (topic.stage, stage) and topic.stage != stage:
        weight += _STAGE_DIFFERS
    return weight + (_LEAD_OF_CARE if topic.care in ("suicide_prevention", "violence") else 0.0)


def _hits(text: str) -> list[tuple[Topic, list[int]]]:
    """Topics in the order of the files, with the number of stems of each cue found."""
    matcher = _matcher()
    words = _without_ages(tokens(text))
    reach = negated(words, is_question=True)
    found = matcher.positions(words)
    topics = load_knowledge().topics
    hits: dict[str, list[int]] = {}
    barred: set[str] = set()
    for parts, topic, bars in matcher.cues_for(found):
        may_be_denied = topics[topic].kind == "danger" and not bars
        if not _stands(parts, found, reach if may_be_denied else None):
            continue
        if bars:
            barred.add(topic)
        else:
            hits.setdefault(topic, []).append(len(parts))
    return [(topic, hits[name]) for name, topic in topics.items() if name in hits and name not in barred]


def _stands(parts: tuple[str, ...], found: Mapping[str, list[int]], denied: Sequence[bool] | None) -> bool:
    """Whether the stems stand within one window, and are not what she says she does not have."""
    places = [found[part] for part in parts]
    says_not = any(part.rstrip("=*") in word_set("negators") for part in parts)
    return any(
        (denied is None or says_not or not denied[start])
        and all(any(abs(at - start) <= _WINDOW for at in others) for others in places[1:])
        for start in places[0]
    )


def _without_ages(words: Sequence[str]) -> list[str]:
    """The words less figures of time, so that "38 weeks" is no temperature."""
    units = word_set("units_of_time")
    pairs = zip(words, [*words[1:], ""], strict=False)
    return ["#" if word.isdigit() and after in units else word for word, after in pairs]


class _Matcher:
    """All cues of all topics, found by their stems."""

    def __init__(self) -> None:
        knowledge = load_knowledge()
        self._same = StemIndex(knowledge.same_words, forgives=False)
        self._canonical = knowledge.same_words
        self._cues: dict[str, list[tuple[tuple[str, ...], str, bool]]] = {}
        every: set[str] = set()
        for topic in knowledge.topics.values():
            for cue in topic.cues:
                parts = tuple(fold(cue.lstrip("-")).split("_"))
                every.update(parts)
                self._cues.setdefault(parts[0], []).append((parts, topic.id, cue.startswith("-")))
        self._stems = StemIndex(every)

    def positions(self, words: Sequence[str]) -> dict[str, list[int]]:
        """Where each stem stands."""
        found: dict[str, list[int]] = {}
        for at, word in enumerate(words):
            if word[0].isalnum():
                for form in self._forms(word):
                    for stem in self._stems.of(form):
                        found.setdefault(stem, []).append(at)
        return found

    def cues_for(self, found: Mapping[str, list[int]]) -> Iterator[tuple[tuple[str, ...], str, bool]]:
        """The cues whose every stem was found somewhere."""
        for first in found:
            for cue in self._cues.get(first, ()):
                if all(part in found for part in cue[0]):
                    yield cue

    def _forms(self, word: str) -> list[str]:
        return [word, *(self._canonical[stem] for stem in self._same.of(word))]


@lru_cache(maxsize=1)
def _matcher() -> _Matcher:
    return _Matcher()
