"""The rail for sensitive clinical terms: a disclosure is met with care, a clinical act in an answer is caught.

A user's text: a disclosure of self-harm, of thoughts of harming the baby, of abuse, or of someone close who is in
danger escalates and is never refused; everything else passes, since bleeding, sex, loss and fear are what this service
is asked about. An assistant's text: a dose, a prescription, a diagnosis, or word that she need not seek care beside a
danger sign, makes it a text to rewrite, less the sentences that hold it. To staff nothing is withheld: a nurse's
summary must hold what the woman said and took, so findings are reasons and the text passes.
"""

from collections.abc import Sequence

from guardrails.base import Decision, Text
from guardrails.clinical_acts import ClinicalActs
from guardrails.disclosures import DISCLOSURES as DISCLOSURES
from guardrails.disclosures import PAST, Disclosures
from guardrails.reading import Reading, read, word_offsets
from guardrails.reassurance import FALSE_REASSURANCE, Reassurance
from guardrails.rewriting import whole_sentences
from guardrails.term_groups import TermGroup


class ClinicalTerms:
    """See `guardrails.base.Rail`. Reasons: the disclosures, or `dose_in_answer` and the like."""

    name = "clinical_terms"

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._disclosures = Disclosures(groups)
        self._acts = ClinicalActs(groups)
        self._reassurance = Reassurance(groups)

    async def judge(self, text: Text) -> Decision:
        """Escalates a disclosure, has a clinical act rewritten, lets the rest pass."""
        reading = read(text.content)
        if text.direction == "assistant":
            return self._judge_answer(text, reading)
        reasons = self._disclosures.find(reading, text.locale)
        is_met = _is_acted_on(text, reasons) and reasons != (PAST,)
        return Decision("escalate" if is_met else "allow", self.name, reasons)

    async def ping(self) -> str:
        """How many phrases it reads."""
        return f"clinical terms, {self._disclosures.size + self._acts.size + self._reassurance.size} phrases"

    def _judge_answer(self, text: Text, reading: Reading) -> Decision:
        eased = self._reassurance.find(reading, text.locale, text.question)
        found: list[tuple[int, int, str]] = [
            *((each.word, each.last, each.act) for each in self._acts.find(reading, text.locale)),
            *((each.start, each.end - 1, FALSE_REASSURANCE) for each in eased),
        ]
        reasons = tuple(dict.fromkeys(f"{act}_in_answer" for _, _, act in found))
        if not _is_acted_on(text, reasons):
            return Decision("allow", self.name, reasons)
        offsets = word_offsets(text.content)
        places = ((offsets[at], f"{act}_in_answer") for first, last, act in found for at in (first, last))
        spans = whole_sentences(text.content, places)
        return Decision("rewrite", self.name, reasons, spans=spans)


def _is_acted_on(text: Text, reasons: Sequence[str]) -> bool:
    return bool(reasons) and text.audience == "patient"
