"""An answer shown while it is being written: held back in parts, each judged before anybody sees it.

A part ends with a sentence and has a length worth a judgement (policy.yaml, `assistant.stream_part_characters`). It is
judged together with the end of what was shown before it, since a dose may lie across two sentences. After the first
part that does not pass nothing more is released: the whole answer decides what else is shown.
"""

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from guardrails.chain import ChainDecision
from matria.policy import Policy

_BOUNDARY = re.compile(r"[.!?…][\"”»)\]*_]*\s+|\n+")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[Dd]r|[Dd]ra|[Ss]r|[Ss]ra|[Ee]nf|[Pp]rof|Mr|Mrs|Ms|St|[Ee]x|etc|[Nn]º|aprox|approx)\.\s+$"
)
"""What ends with a point and no sentence."""
_HEADING = re.compile(r"(?:^|\n)(?:[^\n]*:[*_ ]*|#[^\n]*|\*\*[^\n*]*\*\*)\s*$")
"""A line that announces what follows: without that it may have to go too."""

Judge = Callable[[str], Awaitable[ChainDecision]]


class Release:
    """Holds an answer back and lets its parts go."""

    def __init__(self, judge: Judge, policy: Policy) -> None:
        self._judge = judge
        self._least = policy.count("assistant.stream_part_characters")
        self._context = policy.count("assistant.stream_context_characters")
        self._held = ""
        self._is_stopped = False
        self.shown = ""
        """What has been let go, masked."""
        self.rails_ms = 0.0
        """Time spent in judging parts, which is what streaming adds to the model's own."""

    async def add(self, piece: str) -> AsyncIterator[str]:
        """The parts that the piece completes and that pass."""
        self._held += piece
        while not self._is_stopped and (end := self._end_of_part()):
            part, self._held = self._held[:end], self._held[end:]
            if await self._passes(part):
                self.shown += part
                yield part

    def _end_of_part(self) -> int:
        """Where the first part that is long enough ends; 0 where there is none yet."""
        ends = (match.end() for match in _BOUNDARY.finditer(self._held))
        return next((end for end in ends if end >= self._least and not _is_open(self._held[:end])), 0)

    async def _passes(self, part: str) -> bool:
        started = time.perf_counter()
        decision = await self._judge(self._before() + part)
        self.rails_ms += (time.perf_counter() - started) * 1000
        self._is_stopped = not decision.is_allowed
        return decision.is_allowed

    def _before(self) -> str:
        """The end of what was shown, from the beginning of a sentence on where there is one."""
        context = self.shown[-self._context :]
        begins = _BOUNDARY.search(context) if len(context) < len(self.shown) else None
        return context[begins.end() :] if begins else context


def _is_open(part: str) -> bool:
    """Whether the part ends inside a placeholder or an address, after an abbreviation, or with a heading."""
    return (
        part.rfind("[") > part.rfind("]")
        or part.rfind("](") > part.rfind(")")
        or part.rfind("<") > part.rfind(">")
        or _ABBREVIATED.search(part) is not None
        or _HEADING.search(part) is not None
    )
