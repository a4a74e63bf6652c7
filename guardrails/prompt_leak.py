"""The rail that keeps the system prompt to itself: an answer that repeats its rules is refused.

A prompt holds two things. Its rules speak to the model ("nunca informe dose") and are nobody's business; its lists
(danger signs, numbers, sources: the lines that begin with a dash), what a rule has the model say ("diga que quem decide
é a médica") and the notes in fences are there to be told. Rules alone are looked for, as runs of words that the answer
shares with them, in the answer as it stands and as `guardrails.injection.decoding` reads it. A canary in the prompt is
a leak wherever it turns up. A rule told in other words or in another language is out of reach.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from guardrails.base import Decision, Text
from guardrails.delimiting import without_fences
from guardrails.injection.decoding import Decoder
from guardrails.reading import fold
from guardrails.term_groups import TermGroup, words_of
from matria.policy import Policy

REASON = "system_prompt_in_answer"
SHINGLE = 5
"""Words that must follow one another in both texts to count as shared."""
_WORD = re.compile(r"[^\W_]+")
_TOLD = re.compile(r"^\s*[-*•] |:\s*$")
"""Items of a list, and the line that announces them."""
_TO_BE_TOLD = re.compile(
    r"(?<!nunca )(?<!não )(?<!never )(?<!not )"
    r"\b(?:(?:dig[aá]|diz|diga-lhe|peça|peca|avise|avisar|explique|tell|tells|say|advise|ask|warn|explain)"
    r"(?: her| ela| a ela)?,? (?:que|para|como|to|that|how)\b"
    r"|(?:mandes?|manda|indique|indica|you may|você pode|pode) ).*",
    re.IGNORECASE,
)
"""What a rule has the model say, up to the end of its line: "diga que quem decide é a médica"."""
_CANARY = re.compile(r"mc-[0-9a-f]{16}")
_CACHED_PROMPTS = 16
_CACHED_LINES = 1024


@dataclass(frozen=True)
class Overlap:
    """What an answer shares with the rules of a prompt, in words."""

    longest: int
    """The longest run."""
    shared: int
    """All runs together."""


class PromptLeak:
    """See `guardrails.base.Rail`. Judges answers whose `instructions` are known; everything else passes."""

    name = "prompt_leak"

    def __init__(self, groups: Sequence[TermGroup], policy: Policy) -> None:
        """`groups` give the words by which an enciphered answer is told."""
        self._longest = policy.count("injection.leak.longest_run")
        self._shared = policy.count("injection.leak.shared_words")
        self._decoder = Decoder(words_of(groups))

    async def judge(self, text: Text) -> Decision:
        """Refuses an answer that tells the rules of its prompt, whoever reads it."""
        if text.direction == "user" or not text.instructions:
            return Decision("allow", self.name)
        readings = [text.content, *(decoded.text for decoded in self._decoder.readings(text.content))]
        leaks = any(self._tells(reading, text.instructions) for reading in readings)
        return Decision("refuse" if leaks else "allow", self.name, (REASON,) * leaks)

    async def ping(self) -> str:
        """From how many words on a run is a leak."""
        return f"prompt leak, runs of {self._longest} words"

    def _tells(self, answer: str, instructions: str) -> bool:
        if any(token in _bare(answer) for token in map(_bare, _CANARY.findall(instructions))):
            return True
        overlap = overlap_of(answer, instructions)
        return overlap.longest >= self._longest or overlap.shared >= self._shared


def canary(seed: str) -> str:
    """A token to put into a system prompt: it means nothing, so that whoever shows it shows the prompt."""
    return f"mc-{hashlib.sha256(f'canary:{seed}'.encode()).hexdigest()[:16]}"


def overlap_of(answer: str, instructions: str) -> Overlap:
    """What `answer` shares with the rules in `instructions`."""
    words, shingles = _words(answer), _shingles(instructions)
    shared = [False] * len(words)
    for start in range(len(words) - SHINGLE + 1):
        if words[start : start + SHINGLE] in shingles:
            shared[start : start + SHINGLE] = [True] * SHINGLE
    longest = run = 0
    for is_shared in shared:
        run = run + 1 if is_shared else 0
        longest = max(longest, run)
    return Overlap(longest, sum(shared))


@lru_cache(maxsize=_CACHED_PROMPTS)
def _shingles(instructions: str) -> frozenset[tuple[str, ...]]:
    """Every run of `SHINGLE` words of a rule; a run does not leave its line."""
    return frozenset().union(*map(_shingles_of, without_fences(instructions).splitlines()))


@lru_cache(maxsize=_CACHED_LINES)
def _shingles_of(line: str) -> frozenset[tuple[str, ...]]:
    """Of one line: prompts differ from woman to woman in a line or two, and their rules are the same."""
    words = () if _TOLD.search(line) else _words(_TO_BE_TOLD.sub("", line))
    return frozenset(words[start : start + SHINGLE] for start in range(len(words) - SHINGLE + 1))


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(fold(text)))


def _bare(text: str) -> str:
    """Letters and figures alone: a canary is one however it is spaced."""
    return "".join(_WORD.findall(fold(text)))
