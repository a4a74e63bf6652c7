"""Which of her earlier messages belong to the last one: people type a sentence in three.

A message is unfinished where it has few words, no mark at its end and asks nothing. Those that stand right before the
last are heard together with it; one that is complete is not, since joined sentences say what nobody said.
"""

import re
from collections.abc import Sequence

MOST_WORDS = 4
_ENDS = re.compile(r"[.!?…]\s*$")
_ASKS = re.compile(
    r"^\s*(?:qua(?:l|is|nto|nta|ntos|ntas|ndo)|como|onde|por ?qu[eê]|posso|pode|ser[aá]|[eé]"
    r"|what|which|when|how|where|why|can|is|are|do|does|should)\b",
    re.IGNORECASE,
)


def unfinished(said_before: Sequence[str]) -> tuple[str, ...]:
    """The messages right before the last that it may complete, oldest first."""
    kept: list[str] = []
    for said in reversed(said_before):
        if len(said.split()) > MOST_WORDS or _ENDS.search(said) or _ASKS.match(said):
            break
        kept.insert(0, said)
    return tuple(kept)
