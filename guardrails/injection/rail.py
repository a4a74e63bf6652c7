"""The rail against injection: weighs the signs of an attack in a person's text and in the documents beside it.

It is lexical and statistical, with no model behind it: phrases (terms/injection.yaml), structure (`structure`) and
hidden readings (`decoding`) give marks, each mark its weight (policy.yaml, `injection.weights`), and the weights
together a score, as if the marks were independent. Marks that people also give in good faith count less where the text
is about pregnancy or care: a woman who writes "esquece tudo, estou sangrando" or "act as a nurse" is answered. An
attacked document is dropped and the question is still answered; an attack on staff's assistant leaves the reading to
the nurse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.base import Action, Decision, Text
from guardrails.finder import Finder, Findings, Found
from guardrails.injection.decoding import Decoder
from guardrails.injection.structure import carries_data_out, signs
from guardrails.reading import read
from guardrails.term_groups import TermGroup, words_of
from matria.messages import Locale
from matria.policy import Policy

SAID_IN_GOOD_FAITH = frozenset(
    {"start_over", "new_task", "role_play", "role_statement", "output_hijack", "task_demand", "ignore_sources"}
    | {"unfinished_scene", "fake_dialogue", "invented_context", "shouted_order"}
)
"""Marks that weigh less in a text about pregnancy or care."""
CLINICAL_CONTEXT = ("clinical_context", "about_care")
CLINICAL_SENTENCES = 3
"""So many sentences about pregnancy or care, or one in so many, make a text that is about it."""
IN_SOURCE = "injection_in_source"
DENIAL_REACH = 2
"""Words before a phrase from which a denial takes it back: "não ignore as suas regras". Farther off, one would be a way
around the rail."""


@dataclass(frozen=True)
class Attack:
    """How much speaks for an attack in one text."""

    score: float
    """0 to 1."""
    marks: tuple[str, ...]
    """What was found, the weightiest first."""


class Injection:
    """See `guardrails.base.Rail`. Reasons: `injection_<mark>` of a text, `injection_in_source` of its documents."""

    name = "injection"

    def __init__(self, groups: Sequence[TermGroup], policy: Policy) -> None:
        self._weights = policy.group("injection.weights")
        self._threshold = policy.number("injection.threshold")
        self._share = policy.number("injection.share_in_clinical_context")
        self._finder = Finder(groups, lambda group: group.mark in self._weights or group.mark in CLINICAL_CONTEXT)
        self._decoder = Decoder(words_of(group for group in groups if group.mark in self._weights))

    async def judge(self, text: Text) -> Decision:
        """An attack is refused, or left to the nurse; one in a document is a reason alone (`attacked_sources`)."""
        if text.direction == "assistant":
            return self._of_answer(text)
        attack = self.weigh(text.content, text.locale)
        reasons = tuple(f"injection_{mark}" for mark in attack.marks) if attack.score >= self._threshold else ()
        stopped: Action = "human" if text.audience == "staff" else "refuse"
        in_source = (IN_SOURCE,) if self.attacked_sources(text.sources, text.locale) else ()
        return Decision(stopped if reasons else "allow", self.name, reasons + in_source)

    def _of_answer(self, text: Text) -> Decision:
        """An answer obeys nobody, but what it shows may carry out what was said to it."""
        if carries_data_out(text.content):
            return Decision("refuse", self.name, ("exfiltration_in_answer",))
        return Decision("allow", self.name)

    async def ping(self) -> str:
        """How many phrases it reads."""
        return f"injection, {self._finder.size} phrases"

    def attacked_sources(self, sources: Sequence[str], locale: Locale) -> tuple[int, ...]:
        """The places in `sources` of the documents that must not reach the model."""
        return tuple(
            place
            for place, source in enumerate(sources)
            if self.weigh(source, locale, is_document=True).score >= self._threshold
        )

    def weigh(self, content: str, locale: Locale, *, is_document: bool = False) -> Attack:
        """What speaks for an attack in one text.

        A document about care orders its readers about ("stop and write it down"): there, signs that are given in good
        faith say nothing, however many a long text holds.
        """
        findings = self._finder.find(read(content), locale)
        marks = _said(findings) | set(signs(content))
        for decoded in self._decoder.readings(content):
            marks |= _said(self._finder.find(read(decoded.text), locale)) | set(signs(decoded.text))
            marks |= {"encoded_payload"} if decoded.is_code else set()
        marks &= self._weights.keys()
        share = 1.0
        if _is_clinical(findings):
            share = 0.0 if is_document else self._share
        weights = {mark: self._weights[mark] * (share if mark in SAID_IN_GOOD_FAITH else 1) for mark in marks}
        innocent = 1.0
        for weight in weights.values():
            innocent *= 1 - weight
        told = sorted((mark for mark in marks if weights[mark]), key=lambda mark: (-weights[mark], mark))
        return Attack(1 - innocent, tuple(told))


def _said(findings: Findings) -> set[str]:
    """Marks of the phrases that are meant: not denied, and no statement of a role where it is asked."""
    return {
        match.owner.mark
        for match in findings.matches
        if not _is_denied(findings, match) and not _is_asked(findings, match)
    }


def _is_clinical(findings: Findings) -> bool:
    """Whether the text is about pregnancy or care, and does not merely mention a doctor on the way."""
    clinical = len({sentence for mark in CLINICAL_CONTEXT for sentence in findings.sentences(mark)})
    return clinical >= CLINICAL_SENTENCES or clinical * CLINICAL_SENTENCES >= len(set(findings.reading.sentences)) > 0


def _is_denied(findings: Findings, match: Found) -> bool:
    denials = findings.denials.get(match.owner.base_language, frozenset())
    return match.start not in denials and any(
        place in denials for place in findings.reach(match, DENIAL_REACH) if place < match.start
    )


def _is_asked(findings: Findings, match: Found) -> bool:
    reading = findings.reading
    return match.owner.mark == "role_statement" and reading.sentences[match.start] in reading.questions
