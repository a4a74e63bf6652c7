"""What is left of an answer when the rails want parts of it gone: judged again, and shown only where it then passes.

A sentence with a dose goes and the rest stays, so that a danger sign said beside it is not lost; the safe text that the
caller appends says why something is missing. What cannot be mended is withheld.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from guardrails.base import Span
from guardrails.chain import ChainDecision
from guardrails.personal_data import apply_masks
from guardrails.rewriting import rewrite
from matria.messages import Locale

MOST_ROUNDS = 2
"""One to take sentences out, one to mask what is left; a text that needs more is not worth showing."""


@dataclass(frozen=True)
class Mended:
    """What became of a text."""

    text: str
    is_shown: bool


async def mend(
    text: str, told: ChainDecision, locale: Locale, judge: Callable[[str], Awaitable[ChainDecision]]
) -> Mended:
    """The text as it may be shown, or that it may not be; `judge` gives the rails' decision on a changed text."""
    content, decision = text, told
    for _ in range(MOST_ROUNDS):
        if decision.is_allowed:
            break
        changed = _changed(content, decision, locale)
        if not changed:
            return Mended(content, is_shown=False)
        content, decision = changed, await judge(changed)
    return Mended(content, decision.is_allowed)


def _changed(content: str, decision: ChainDecision, locale: Locale) -> str | None:
    """The text without the parts that are to go; None where it cannot be mended."""
    if decision.action not in ("mask", "rewrite"):
        return None
    spans = spans_of(decision, decision.action)
    if not spans:
        return None
    return apply_masks(content, spans, locale) if decision.action == "mask" else rewrite(content, spans)


def spans_of(decision: ChainDecision, action: str) -> tuple[Span, ...]:
    """The parts that the rails with this action named, in order."""
    found = (span for one in decision.decisions if one.action == action for span in one.spans)
    return tuple(sorted(found, key=lambda span: (span.start, span.end)))
