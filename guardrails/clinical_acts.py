"""Doses, prescriptions and diagnoses in an answer, told from what merely speaks of them.

A dose is an amount in a dosing unit, a medicine's amount in grams or millilitres, a number of tablets that are to be
taken, or how often a medicine is to be taken. Laboratory values, food and blood loss are amounts and no doses. The
words are those of terms/clinical_acts.yaml.
"""

from collections.abc import Sequence
from typing import Literal, get_args

from guardrails.finder import Finder, Findings, Found
from guardrails.reading import Reading
from guardrails.term_groups import TermGroup
from matria.messages import Locale

Act = Literal["dose", "prescription", "diagnosis"]

DOSE_MARKS = frozenset({"strength", "volume", "concentration", "not_dosed", "medicine", "form", "frequency", "intake"})
MARKS = DOSE_MARKS | {"prescription", "diagnosis", "hedge_pt", "hedge_en"}
HEDGE_REACH = 4
"""How many words before a match a hedge still reaches: "se o exame mostrar que você tem ..."."""
MEDICINE_REACH = 6
"""How many words may lie between a medicine and how often it is taken, in one clause."""


class ClinicalActs:
    """Finds clinical acts. Made once and used for many texts."""

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._finder = Finder(groups, lambda group: group.mark in MARKS)
        self.size = self._finder.size

    def found_in(self, reading: Reading, locale: Locale) -> tuple[Act, ...]:
        """The kinds of acts in a text, each once, in the order of `Act`."""
        findings = self._finder.find(reading, locale)
        given: dict[Act, bool] = {
            "dose": _gives_dose(findings),
            "prescription": _is_meant(findings, "prescription"),
            "diagnosis": _is_meant(findings, "diagnosis"),
        }
        return tuple(act for act in get_args(Act) if given[act])


def _is_meant(findings: Findings, act: Act) -> bool:
    return any(
        findings.reading.sentences[match.start] not in findings.reading.questions
        and not findings.is_denied(match)
        and not _is_hedged(findings, match)
        for match in findings.marked(act)
    )


def _is_hedged(findings: Findings, match: Found) -> bool:
    hedges = {hedge.start for hedge in findings.marked(f"hedge_{match.owner.base_language}")}
    return any(place in hedges for place in findings.reach(match, HEDGE_REACH))


def _gives_dose(findings: Findings) -> bool:
    sentences = findings.reading.sentences
    food, medicine = findings.sentences("not_dosed"), findings.sentences("medicine")
    taken = findings.sentences("intake") | findings.sentences("frequency")
    values = {match.start for match in findings.marked("concentration")}
    amounts = [match for match in findings.marked("strength", "volume") if match.start not in values]
    return (
        any(sentences[m.start] not in food - medicine for m in amounts if m.owner.mark == "strength")
        or any(sentences[m.start] in medicine - food for m in amounts if m.owner.mark == "volume")
        or any(sentences[m.start] in taken for m in findings.marked("form"))
        or any(
            _is_near(findings.reading, often, medicine)
            for often in findings.marked("frequency")
            for medicine in findings.marked("medicine")
        )
    )


def _is_near(reading: Reading, frequency: Found, medicine: Found) -> bool:
    return (
        reading.clauses[frequency.start] == reading.clauses[medicine.start]
        and abs(frequency.start - medicine.start) <= MEDICINE_REACH
    )
