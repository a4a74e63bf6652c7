"""Doses, prescriptions and diagnoses in an answer, told from what merely speaks of them, and where they stand.

A dose is an amount in a dosing unit, a medicine's amount in grams, millilitres or spoons, a number of tablets that are
to be taken, how often a medicine is to be taken, or word to take more or less of it. Laboratory values, food and blood
loss are amounts and no doses. A prescription is word to take, change or stop a medicine. The words are those of
terms/clinical_acts.yaml.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from guardrails.finder import Finder, Findings, Found
from guardrails.reading import Reading
from guardrails.term_groups import TermGroup
from matria.messages import Locale

Act = Literal["dose", "prescription", "diagnosis"]

DOSE_MARKS = frozenset(
    {"strength", "volume", "concentration", "not_dosed", "medicine", "unnamed_medicine", "form", "frequency"}
    | {"intake", "moment", "counted_intake", "dose_change"}
)
MARKS = DOSE_MARKS | {"prescription", "diagnosis", "hedge_pt", "hedge_en"}
HEDGE_REACH = 4
"""How many words before a match a hedge still reaches: "se o exame mostrar que você tem ..."."""
MEDICINE_REACH = 6
"""How many words may lie between a medicine and how often it is taken, in one clause."""


@dataclass(frozen=True, slots=True)
class FoundAct:
    """One act and the word that gave it."""

    act: Act
    word: int
    """Its first word, as the reading counts them."""
    last: int
    """Its last word, which may stand on the next line."""


class ClinicalActs:
    """Finds clinical acts. Made once and used for many texts."""

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._finder = Finder(groups, lambda group: group.mark in MARKS)
        self.size = self._finder.size

    def find(self, reading: Reading, locale: Locale) -> list[FoundAct]:
        """The acts in a text, by kind in the order of `Act`; a word may give more than one."""
        findings = self._finder.find(reading, locale)
        given: dict[Act, list[Found]] = {
            "dose": [*_doses(findings), *_meant(findings, "dose_change")],
            "prescription": _meant(findings, "prescription"),
            "diagnosis": _meant(findings, "diagnosis"),
        }
        return [FoundAct(act, match.start, match.end - 1) for act in get_args(Act) for match in given[act]]


def _meant(findings: Findings, mark: str) -> list[Found]:
    return [
        match
        for match in findings.marked(mark)
        if findings.reading.sentences[match.start] not in findings.reading.questions
        and not findings.is_denied(match)
        and not _is_hedged(findings, match)
    ]


def _is_hedged(findings: Findings, match: Found) -> bool:
    hedges = {hedge.start for hedge in findings.marked(f"hedge_{match.owner.base_language}")}
    return any(place in hedges for place in findings.reach(match, HEDGE_REACH))


def _doses(findings: Findings) -> Iterator[Found]:
    sentences = findings.reading.sentences
    food, medicine = findings.sentences("not_dosed"), findings.sentences("medicine")
    any_medicine = medicine | findings.sentences("unnamed_medicine")
    taken = medicine.union(*map(findings.sentences, ("intake", "frequency", "moment")))
    values = {match.start for match in findings.marked("concentration")}
    amounts = [match for match in findings.marked("strength", "volume") if match.start not in values]
    yield from (m for m in amounts if m.owner.mark == "strength" and sentences[m.start] not in food - any_medicine)
    yield from (m for m in amounts if m.owner.mark == "volume" and sentences[m.start] in any_medicine - food)
    yield from (match for match in findings.marked("form") if sentences[match.start] in taken)
    yield from findings.marked("counted_intake")
    yield from (
        often
        for often in findings.marked("frequency")
        if any(_is_near(findings.reading, often, medicine) for medicine in findings.marked("medicine"))
    )


def _is_near(reading: Reading, frequency: Found, medicine: Found) -> bool:
    return (
        reading.clauses[frequency.start] == reading.clauses[medicine.start]
        and abs(frequency.start - medicine.start) <= MEDICINE_REACH
    )
