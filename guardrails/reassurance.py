"""Word that she need not seek care, where her question or the sentence itself names a danger sign.

"Não precisa ir ao hospital" is right of hiccups and wrong of bleeding, so it counts only beside a sign for which the
prompts send a woman to be seen. Conditions ("se não passar, vá"), denials and what a professional told her are no such
word. The words are those of terms/reassurance.yaml.
"""

from collections.abc import Sequence

from guardrails.finder import Finder, Findings, Found
from guardrails.reading import Reading, read
from guardrails.term_groups import TermGroup
from matria.messages import Locale

FALSE_REASSURANCE = "false_reassurance"
DANGER_SIGN = "danger_sign"


class Reassurance:
    """Finds false reassurance. Made once and used for many texts."""

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._finder = Finder(groups, lambda group: group.mark in (FALSE_REASSURANCE, DANGER_SIGN))
        self.size = self._finder.size

    def find(self, reading: Reading, locale: Locale, question: str) -> list[Found]:
        """Where the answer tells her not to seek care beside a danger sign; `question` is what she had asked."""
        findings = self._finder.find(reading, locale)
        told = [match for match in findings.marked(FALSE_REASSURANCE) if not findings.is_denied(match)]
        if not told or _names_danger(self._finder.find(read(question), locale)):
            return told
        dangerous = findings.sentences(DANGER_SIGN)
        return [match for match in told if reading.sentences[match.start] in dangerous]


def _names_danger(asked: Findings) -> bool:
    return any(not asked.is_denied(sign) for sign in asked.marked(DANGER_SIGN))
