"""Which topics a text speaks of: stems that stand close together, weighed, with negation and stage regarded.

A cue of more stems says more, so it weighs more. A danger sign that she says she does not have ("no bleeding") does not
count. What leads an answer is for `subject` to say.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from models.simulator.cues import negated
from models.simulator.knowledge import Stage, Topic, load_knowledge
from models.simulator.spelling import StemIndex
from models.simulator.text import fold, tokens
from models.simulator.wordlists import word_set

_WINDOW = 9
"""Words that the stems of one cue may stand apart."""
_THRESHOLD = 1.5
_WEIGHT_PER_STEM = 2.0
_WEIGHT_FURTHER_CUE = 0.5
_STAGE_DIFFERS = -4.0
_CARE_FIRST = 3.0
"""A word of self-harm or violence is never outweighed."""

Ranked = tuple[tuple[Topic, float], ...]
"""Topics with their weight, the heaviest first."""


def topics_in(text: str, stage: Stage) -> tuple[Topic, ...]:
    """Every topic that the text speaks of, the best first."""
    return tuple(topic for topic, _ in ranked(text, stage))


@lru_cache(maxsize=8192)
def ranked(text: str, stage: Stage) -> Ranked:
    """Topics above the threshold with their weight, the heaviest first; ties by the order of the files."""
    scored = [(topic, _weight(topic, hits, stage)) for topic, hits in _hits(text)]
    above = [(topic, weight) for topic, weight in scored if weight >= _THRESHOLD]
    return tuple(sorted(above, key=lambda pair: -pair[1]))


def _weight(topic: Topic, hits: Sequence[int], stage: Stage) -> float:
    further = min(len(hits) - 1, 3) * _WEIGHT_FURTHER_CUE
    weight = max(hits) * _WEIGHT_PER_STEM + further
    if "any" not in (topic.stage, stage) and topic.stage != stage:
        weight += _STAGE_DIFFERS
    return weight + (_CARE_FIRST if topic.care in ("suicide_prevention", "violence") else 0.0)


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
        if may_be_denied and any(_is_denied_alone(part, topic, found, reach) for part in parts[1:]):
            continue
        if not _stands(parts, found, reach if may_be_denied else None):
            continue
        if bars:
            barred.add(topic)
        else:
            hits.setdefault(topic, []).append(len(parts))
    return [(topic, hits[name]) for name, topic in topics.items() if name in hits and name not in barred]


def _is_denied_alone(part: str, topic: str, found: Mapping[str, list[int]], denied: Sequence[bool]) -> bool:
    """Whether the stem says the topic by itself and she denies it each time: "no blood, only some discharge"."""
    return part in _matcher().alone[topic] and all(denied[at] for at in found[part])


def _stands(parts: tuple[str, ...], found: Mapping[str, list[int]], denied: Sequence[bool] | None) -> bool:
    """Whether the stems stand within one window, and are not what she says she does not have."""
    places = [found[part] for part in parts]
    says_not = any(part.rstrip("=*") in word_set("negators") for part in parts)
    return any(
        (denied is None or says_not or not denied[start]) and all(_is_near(start, others) for others in places[1:])
        for start in places[0]
    )


def _is_near(start: int, places: Sequence[int]) -> bool:
    """Whether one of the places, in order, lies within the window."""
    at = bisect_left(places, start - _WINDOW)
    return at < len(places) and places[at] <= start + _WINDOW


def _without_ages(words: Sequence[str]) -> list[str]:
    """The words less figures of time, so that "38 weeks" is no temperature."""
    units = word_set("units_of_time")
    pairs = zip(words, [*words[1:], ""], strict=False)
    return ["#" if word.isdigit() and after in units else word for word, after in pairs]


class _Matcher:
    """All cues of all topics, found by their stems."""

    def __init__(self) -> None:
        knowledge = load_knowledge()
        self._same = StemIndex(knowledge.same_words, word_set("real_words"))
        self._canonical = knowledge.same_words
        self._cues: dict[str, list[tuple[tuple[str, ...], str, bool]]] = {}
        self.alone: dict[str, set[str]] = {topic: set() for topic in knowledge.topics}
        """The stems that are a cue of a topic without another."""
        every: set[str] = set()
        for topic in knowledge.topics.values():
            for cue in topic.cues:
                parts = tuple(fold(cue.lstrip("-")).split("_"))
                every.update(parts)
                if len(parts) == 1 and not cue.startswith("-"):
                    self.alone[topic.id].update(parts)
                self._cues.setdefault(parts[0], []).append((parts, topic.id, cue.startswith("-")))
        self._stems = StemIndex(every, word_set("real_words"))

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
