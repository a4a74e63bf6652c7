"""The rail for what the assistant says of itself: it is an artificial intelligence and never passes for anybody.

A sentence in which it claims to be a person or a professional, or denies being a machine, is to be taken out. Whoever
talks to a machine is to know it (Regulation (EU) 2024/1689, article 50, paragraph 1), and a woman who believes that a
nurse has answered may not call one. The words are those of terms/persona.yaml.
"""

from collections.abc import Sequence

from guardrails.base import Decision, Text
from guardrails.finder import Finder, Found
from guardrails.reading import Reading, read, word_offsets
from guardrails.rewriting import whole_sentences
from guardrails.term_groups import TermGroup

MARK = "claims_to_be_human"
_SAID_NO_FIRST = frozenset({"nao", "not"})


class Persona:
    """See `guardrails.base.Rail`. Reason: `claims_to_be_human`."""

    name = "persona"

    def __init__(self, groups: Sequence[TermGroup]) -> None:
        self._finder = Finder(groups, lambda group: group.mark == MARK)

    async def judge(self, text: Text) -> Decision:
        """Has the sentences rewritten in which an answer passes for a person; lets everything else pass."""
        if text.direction == "user":
            return Decision("allow", self.name)
        reading = read(text.content)
        findings = self._finder.find(reading, text.locale)
        claims = [
            match
            for match in findings.marked(MARK)
            if not _is_quoted(reading, match) and (_holds_denial(reading, match) or not findings.is_denied(match))
        ]
        if not claims:
            return Decision("allow", self.name)
        offsets = word_offsets(text.content)
        spans = whole_sentences(text.content, ((offsets[match.start], MARK) for match in claims))
        return Decision("rewrite", self.name, (MARK,), spans=spans)

    async def ping(self) -> str:
        """How many phrases it reads."""
        return f"persona, {self._finder.size} phrases"


def _holds_denial(reading: Reading, match: Found) -> bool:
    """ "I am not a machine" holds its own "not"; it is what is claimed."""
    return any(word in _SAID_NO_FIRST for word in reading.words[match.start : match.end])


def _is_quoted(reading: Reading, match: Found) -> bool:
    return all(reading.quoted[match.start : match.end])
