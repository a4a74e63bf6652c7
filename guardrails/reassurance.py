"""Word that she need not seek care, where her question or the sentence itself names a danger sign.

"Não precisa ir ao hospital" is right of hiccups and wrong of bleeding, so it counts only beside a sign for which the
prompts send a woman to be seen. A condition takes it back, unless it grants the sign: "se não houver sangramento, não
precisa ir" is care, "se o sangramento for pouco" is not. The words are those of terms/reassurance.yaml.
"""

from collections.abc import Sequence

from guardrails.finder import Finder, Findings, Found
from guardrails.reading import Reading, read
from guardrails.term_groups import TermGroup
from matria.messages import Locale

FALSE_REASSURANCE = "false_reassurance"
DANGER_SIGN = "danger_sign"
SIGNS_IN_GENERAL = "danger_signs_in_general"
"""The word itself: "se não tiver nenhum desses sinais" speaks of them all."""
CONDITION, EXCEPTION = "reassurance_condition", "reassurance_exception"
_MARKS = frozenset((FALSE_REASSURANCE, DANGER_SIGN, SIGNS_IN_GENERAL, CONDITION, EXCEPTION))


class Reassurance:
    """Finds false reassurance. Made once and used for many texts."""

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._finder = Finder(groups, lambda group: group.mark in _MARKS)
        self.size = self._finder.size

    def find(self, reading: Reading, locale: Locale, question: str) -> list[Found]:
        """Where the answer tells her not to seek care beside a danger sign; `question` is what she had asked."""
        findings = self._finder.find(reading, locale)
        told = [
            match
            for match in findings.marked(FALSE_REASSURANCE)
            if not findings.is_denied(match) and not _is_conditional(findings, match)
        ]
        if not told or _names_danger(self._finder.find(read(question), locale)):
            return told
        return [match for match in told if _is_beside_danger(findings, match)]


def _names_danger(asked: Findings) -> bool:
    return any(not asked.is_denied(sign) for sign in asked.marked(DANGER_SIGN))


def _is_conditional(findings: Findings, told: Found) -> bool:
    """Whether a condition bears on the word: one of its clause, or one of its sentence that says there is no sign."""
    clauses = findings.reading.clauses
    is_in_its_clause = is_without_sign = False
    for condition in _of_its_sentence(findings, told, CONDITION, EXCEPTION):
        is_own = clauses[condition.start] == clauses[told.start]
        is_denied = _denies_its_sign(findings, condition, told)
        if is_denied is False and (is_own or condition.start < told.start):
            return False
        is_in_its_clause |= is_own
        is_without_sign |= is_denied is True
    return is_without_sign or (is_in_its_clause and not _grants_a_sign(findings, told))


def _denies_its_sign(findings: Findings, condition: Found, told: Found) -> bool | None:
    """Whether the first sign behind the condition is denied, and with it those listed after; None without a sign."""
    clauses, is_before = findings.reading.clauses, condition.start < told.start
    its_own = (clauses[condition.start], clauses[condition.end - 1])  # "because" begins another
    for sign in _of_its_sentence(findings, told, DANGER_SIGN, SIGNS_IN_GENERAL):
        if sign.start >= condition.start and (
            clauses[sign.start] in its_own or (is_before and sign.start < told.start)
        ):
            return findings.is_denied(sign) if sign.owner.mark == DANGER_SIGN else _is_none(findings, sign)
    return None


def _is_none(findings: Findings, sign: Found) -> bool | None:
    """Signs in general are granted by nobody: "se tiver esses sinais" is about others than hers."""
    return True if findings.is_denied(sign) else None


def _grants_a_sign(findings: Findings, told: Found) -> bool:
    clauses = findings.reading.clauses
    return any(
        clauses[sign.start] == clauses[told.start] and not findings.is_denied(sign)
        for sign in findings.marked(DANGER_SIGN)
    )


def _is_beside_danger(findings: Findings, told: Found) -> bool:
    """Whether its sentence names a sign, other than as what she is to come for: "mas se sangrar, vá"."""
    clauses = findings.reading.clauses
    sent_by = [
        each.start
        for each in _of_its_sentence(findings, told, CONDITION, EXCEPTION)
        if each.start > told.start and (each.owner.mark == EXCEPTION or clauses[each.start] != clauses[told.start])
    ]
    signs = _of_its_sentence(findings, told, DANGER_SIGN)
    return any(not any(start <= sign.start for start in sent_by) for sign in signs)


def _of_its_sentence(findings: Findings, told: Found, *marks: str) -> Sequence[Found]:
    sentences = findings.reading.sentences
    return [match for match in findings.marked(*marks) if sentences[match.start] == sentences[told.start]]
