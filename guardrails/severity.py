"""How severe a text is in each category: each term's level where it stands, then what many terms together add.

A term weighs less where the text denies it, where somebody else's words are reported ("meu marido me chama de vaca"),
where she says it of herself, and, if it has a clinical use, where the text is about the body or care. A word of
contempt beside a group of people is hostility to it. Several terms make a text more severe than each of them, which is
how a list of words tells a scene from a word; what is stopped from a user always takes a phrase of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from guardrails.base import Category, Direction
from guardrails.clinical_terms import DISCLOSURES
from guardrails.finder import Findings, Found
from guardrails.reading import Reading
from guardrails.term_groups import CATEGORIES

CLINICAL_CONTEXT, REPORTED, OF_HERSELF = "clinical_context", "reported_speech", "said_of_herself"
PEOPLE, SLUR, HOSTILE, HARM_WISHED = "people", "slur", "hostile", "harm_wished"
CONTEXTS = (CLINICAL_CONTEXT, REPORTED, OF_HERSELF, PEOPLE, HOSTILE, HARM_WISHED)
"""Marks that have no level and change that of others."""
SAYABLE = frozenset({"profanity", "insult", "slur", "contempt", "vulgar", "wish_of_harm", "threat", "urges_self_harm"})
"""Marks of what one person says to another, and a third may report."""
CONTEMPT_OF_ONESELF = frozenset({"insult", "slur"})
NEVER_DENIED = frozenset({"profanity", "slur", "vulgar"})
"""Marks of words that are as bad in a sentence that denies something."""

MILD_LEVEL = 1
"""What is left of a level where the text denies or reports the words: the subject is still named."""
AGAINST_PEOPLE = {HOSTILE: 3, HARM_WISHED: 6}
"""Level of these marks in a sentence that names a group of people. Contempt stays below what stops an assistant's text
and adds nothing to others, since the two may not belong together."""
SEVERAL, MANY = 3, 6
"""So many different terms of a category raise its level by one, by two."""
SEVERE = 3
"""From this on terms add up in clinical context too: there, mild ones are what a question is made of."""
HIGHEST_OF_MILD, HIGHEST_RAISED = 3, 5
"""Several mild terms alone stop no answer, and several severe ones no user's text."""


@dataclass(frozen=True, slots=True)
class _Term:
    category: Category
    level: int
    words: tuple[str, ...]
    adds: bool = True
    """Whether it makes the text more severe beside others: not where it is denied, told of or guessed."""


def severities(findings: Findings, direction: Direction) -> dict[Category, int]:
    """The level 0 to 7 of every category."""
    is_clinical = _is_clinical(findings)
    terms = [*_terms(findings, direction, is_clinical), *_hostilities(findings)]
    return {category: _together([t for t in terms if t.category == category], is_clinical) for category in CATEGORIES}


def highest(several: Iterable[dict[Category, int]]) -> dict[Category, int]:
    """The highest level of each category."""
    every = list(several)
    return {category: max(levels[category] for levels in every) for category in CATEGORIES}


def _is_clinical(findings: Findings) -> bool:
    """Whether as many words speak of the body or care as there are terms that this would calm."""
    calmed = [match for match in findings.matches if match.owner.in_clinical_context < match.owner.level]
    return len(findings.marked(CLINICAL_CONTEXT)) >= max(1, len(calmed))


def _terms(findings: Findings, direction: Direction, is_clinical: bool) -> Iterator[_Term]:
    tale = _Tale.of(findings)
    for match in findings.matches:
        group = match.owner
        # What a woman discloses has a level in her text alone: an answer that takes up her words does so to help.
        if group.category is None or (direction == "assistant" and group.mark in DISCLOSURES):
            continue
        level = group.in_clinical_context if is_clinical else group.level
        is_denied = group.mark not in NEVER_DENIED and findings.is_denied(match)
        is_softened = is_denied or tale.tells(match)
        words = findings.reading.words[match.start : match.end]
        yield _Term(group.category, min(level, MILD_LEVEL) if is_softened else level, words, not is_softened)


@dataclass(frozen=True, slots=True)
class _Tale:
    """Where a text tells what was said, and what she says of herself."""

    reading: Reading
    reports: dict[int, int]
    """By sentence, the first word that reports."""
    of_herself: frozenset[int]
    """Words that stand next, or next but one, to what she says of herself, in its clause."""

    @classmethod
    def of(cls, findings: Findings) -> "_Tale":
        reading, reports = findings.reading, dict[int, int]()
        for report in findings.marked(REPORTED):
            reports.setdefault(reading.sentences[report.start], report.start)
        nearby = frozenset(
            place
            for said in findings.marked(OF_HERSELF)
            for place in range(said.end, min(said.end + 2, len(reading.words)))
            if reading.clauses[place] == reading.clauses[said.start]
        )
        return cls(reading, reports, nearby)

    def tells(self, match: Found) -> bool:
        """Whether the match is somebody's words to her, or hers of herself."""
        mark, since = match.owner.mark, self.reports.get(self.reading.sentences[match.start])
        is_reported = mark in SAYABLE and since is not None and since <= match.start
        return is_reported or (mark in CONTEMPT_OF_ONESELF and match.start in self.of_herself)


def _hostilities(findings: Findings) -> Iterator[_Term]:
    named = findings.sentences(PEOPLE) | findings.sentences(SLUR)
    against = named - findings.sentences(REPORTED)
    for match in findings.marked(*AGAINST_PEOPLE):
        if findings.reading.sentences[match.start] in against and not findings.is_denied(match):
            words = findings.reading.words[match.start : match.end]
            yield _Term("hate", AGAINST_PEOPLE[match.owner.mark], words, adds=False)


def _together(terms: Sequence[_Term], is_clinical: bool) -> int:
    top = max((term.level for term in terms), default=0)
    if top == 0 or (is_clinical and top < SEVERE):
        return top
    different = len({term.words for term in terms if term.adds and term.level > 0})
    raised = top + (different >= SEVERAL) + (different >= MANY)
    return max(top, min(raised, HIGHEST_RAISED if top >= SEVERE else HIGHEST_OF_MILD))
