"""What a person tells of herself or of someone close, as marks; the words are those of terms/disclosures_*.yaml.

A match counts unless it is denied, cited as a title, said of somebody else, or told of an earlier time by one who is
well now. Frightening images of the baby are told from an urge: where the writer is horrified by them they are met as
what they most often are, intrusive thoughts (NICE CG192, 2014); where she is not, or speaks of wanting, of voices or of
losing control, as a danger.
"""

from collections.abc import Sequence

from guardrails.finder import Finder, Findings, Found
from guardrails.reading import Reading, read_folded
from guardrails.spelling import Speller
from guardrails.term_groups import TermGroup
from guardrails.texting import written_out
from matria.messages import Locale

DISCLOSURES = (
    "overdose_disclosure",
    "self_harm_disclosure",
    "harm_to_baby_disclosure",
    "child_at_risk_disclosure",
    "minor_at_risk_disclosure",
    "abuse_disclosure",
    "someone_close_disclosure",
    "abuse_of_someone_close_disclosure",
    "intrusive_images_disclosure",
)
"""Marks of disclosures, most urgent first: the first one found names the care text."""
PAST = "past_self_harm_told"
"""A reason that is recorded and stops nothing: an earlier time, and she says that she is well now."""

SELF_HARM = ("overdose_disclosure", "self_harm_disclosure")
OF_OTHERS = tuple(mark for mark in DISCLOSURES if mark not in SELF_HARM)
IMAGES_OF_HARM, IMAGES_OF_ACCIDENT, HORROR = "images_of_harm", "images_of_accident", "horror"
FIRST_PERSON, EARLIER, WELL_NOW, TITLE_OR_PHRASE = "first_person", "earlier", "well_now", "title_or_phrase"
_BESIDE = (IMAGES_OF_HARM, IMAGES_OF_ACCIDENT, HORROR, FIRST_PERSON, EARLIER, WELL_NOW, TITLE_OR_PHRASE)
MARKS = frozenset((*DISCLOSURES, *_BESIDE))


class Disclosures:
    """Finds disclosures. Made once and used for many texts."""

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        slots = [slot for group in groups if group.mark in MARKS for phrase in group.phrases for slot in phrase]
        self._finder = Finder(groups, lambda group: group.mark in MARKS)
        self._speller = Speller(
            words=(word for slot in slots for word in slot.words),
            stems=(stem for slot in slots for stem in slot.stems),
            alone=(),
        )
        self.size = self._finder.size

    def find(self, reading: Reading, locale: Locale) -> tuple[str, ...]:
        """The disclosures in a text, most urgent first; `PAST` alone where that is all it tells.

        A text with chat spellings or lines that break a sentence is read written out as well. Where nothing is found,
        letters that are disguised, stretched or spaced ("m0rrer", "morrerrrr") are undone first.
        """
        plain = written_out(reading.folded, reading.words)
        readings = [reading] if plain is None else [reading, read_folded(plain)]
        told = _most_urgent([self._told(each, locale) for each in readings])
        if told or (undone := self._speller.undone(readings[-1].folded)) is None:
            return told
        return self._told(read_folded(undone), locale)

    def _told(self, reading: Reading, locale: Locale) -> tuple[str, ...]:
        findings = self._finder.find(reading, locale)
        others = _said(findings, *OF_OTHERS)
        own = [match for match in _said(findings, *SELF_HARM) if not _is_of_another(findings, match, others)]
        present = [match for match in own if not _is_past(findings, match)]
        marks = {match.owner.mark for match in (*present, *others)} | _met_as(findings)
        told = tuple(mark for mark in DISCLOSURES if mark in marks)
        return told or ((PAST,) if own else ())


def _most_urgent(several: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What several readings of one text tell together."""
    if len(several) == 1:
        return several[0]
    marks = {mark for told in several for mark in told}
    return tuple(mark for mark in DISCLOSURES if mark in marks) or ((PAST,) if PAST in marks else ())


def _said(findings: Findings, *marks: str) -> list[Found]:
    titled = findings.sentences(TITLE_OR_PHRASE)
    return [
        match
        for match in findings.marked(*marks)
        if not findings.is_denied(match) and not _is_cited(findings.reading, match, titled)
    ]


def _is_cited(reading: Reading, match: Found, titled: set[int]) -> bool:
    """In quotation marks, in a sentence about a song, a film or a meaning."""
    return reading.sentences[match.start] in titled and all(reading.quoted[match.start : match.end])


def _is_of_another(findings: Findings, match: Found, others: Sequence[Found]) -> bool:
    """Whether someone close says it: "minha esposa disse que quer morrer", and no "eu" between her and the words."""
    sentences = findings.reading.sentences
    first_persons = [found.start for found in findings.marked(FIRST_PERSON)]
    return any(
        other.owner.mark == "someone_close_disclosure"
        and other.start <= match.start
        and sentences[other.start] == sentences[match.start]
        and not any(other.start < place < match.end for place in first_persons)
        for other in others
    )


def _is_past(findings: Findings, match: Found) -> bool:
    """Whether the sentence puts it in an earlier time and the text says that she is well now."""
    is_earlier = findings.reading.sentences[match.start] in findings.sentences(EARLIER)
    return is_earlier and any(not findings.is_denied(well) for well in findings.marked(WELL_NOW))


def _met_as(findings: Findings) -> set[str]:
    """How images of the baby coming to harm are met; horror counts in their sentence or a neighbouring one."""
    horrified = {near for at in findings.sentences(HORROR) for near in (at - 1, at, at + 1)}
    harm, accident = _said(findings, IMAGES_OF_HARM), _said(findings, IMAGES_OF_ACCIDENT)
    if any(findings.reading.sentences[image.start] in horrified for image in (*harm, *accident)):
        return {"intrusive_images_disclosure"}
    return {"harm_to_baby_disclosure"} if harm else set()
