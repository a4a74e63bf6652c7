"""Where the phrases of many term groups stand in a reading, and which of them the text denies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from guardrails.phrases import Match, PhraseIndex
from guardrails.reading import Reading
from guardrails.term_groups import TermGroup
from matria.messages import Locale

Found = Match[TermGroup]

DENIAL, NOT_A_DENIAL = "denial", "not_a_denial"
DENIAL_REACH = 5
"""How many words before a match a denial still reaches: "I have never once seriously thought of ..."."""


@dataclass(frozen=True)
class Findings:
    """What was found in one text."""

    reading: Reading
    matches: Sequence[Found]
    """Every match, denied or not, less those that their group's `unless` takes back."""
    denials: Mapping[str, frozenset[int]]
    """Places of the words that deny, by base language."""

    def marked(self, *marks: str) -> list[Found]:
        """The matches whose group has one of these marks, in the order of the text."""
        if len(marks) == 1:
            return self._by_mark.get(marks[0], [])
        return [match for match in self.matches if match.owner.mark in marks]

    @cached_property
    def _by_mark(self) -> dict[str, list[Found]]:
        """Asked for once for each match by some rails, so that a long text must not be walked each time."""
        found: dict[str, list[Found]] = {}
        for match in self.matches:
            found.setdefault(match.owner.mark, []).append(match)
        return found

    def sentences(self, mark: str) -> set[int]:
        """Numbers of the sentences that hold a match with this mark."""
        return {self.reading.sentences[match.start] for match in self.marked(mark)}

    def is_denied(self, match: Found) -> bool:
        """Whether a denial reaches the match. A phrase that itself begins with one ("não quero viver") is said."""
        denials = self.denials[match.owner.base_language]
        if match.start in denials:
            return False
        return any(place in denials for place in self.reach(match, DENIAL_REACH))

    def reach(self, match: Found, words: int) -> list[int]:
        """The places from which a word bears on the match: its gaps, and `words` before it in its clause."""
        clauses = self.reading.clauses
        first = max(0, match.start - words)
        before = [place for place in range(first, match.start) if clauses[place] == clauses[match.start]]
        return before + list(match.between)


class Finder:
    """Finds the groups that `is_wanted` chooses, and denials. Made once and used for many texts."""

    def __init__(self, groups: Sequence[TermGroup], is_wanted: Callable[[TermGroup], bool]) -> None:
        kept = [group for group in groups if is_wanted(group) or group.mark in (DENIAL, NOT_A_DENIAL)]
        self.size = sum(len(group.phrases) for group in kept)
        self._index = PhraseIndex((phrase, group) for group in kept for phrase in group.phrases)
        self._unless = {
            group.id: PhraseIndex((phrase, None) for phrase in group.unless) for group in kept if group.unless
        }

    def find(self, reading: Reading, locale: Locale) -> Findings:
        """What stands in a text of `locale`."""
        excused: dict[str, set[int]] = {}
        matches = [
            match
            for match in self._index.find(reading)
            if match.owner.is_read_in(locale) and not self._is_taken_back(match, reading, excused)
        ]
        return Findings(reading, matches, {language: _denials(matches, language) for language in ("pt", "en")})

    def _is_taken_back(self, match: Found, reading: Reading, excused: dict[str, set[int]]) -> bool:
        """`excused` keeps, by group, the sentences that its `unless` was found in: each is looked for once a text."""
        unless = self._unless.get(match.owner.id)
        if unless is None:
            return False
        if match.owner.id not in excused:
            excused[match.owner.id] = {reading.sentences[taken.start] for taken in unless.find(reading)}
        return reading.sentences[match.start] in excused[match.owner.id]


def _denials(matches: Sequence[Found], language: str) -> frozenset[int]:
    places: dict[str, set[int]] = {DENIAL: set(), NOT_A_DENIAL: set()}
    for match in matches:
        if match.owner.mark in places and match.owner.base_language == language:
            places[match.owner.mark].update(range(match.start, match.end))
    return frozenset(places[DENIAL] - places[NOT_A_DENIAL])
