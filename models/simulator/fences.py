"""What a prompt fences off as data: read as reading matter, never as rules.

The fence is that of `guardrails.delimiting`, which a model is expected to respect; the simulator knows its form and not
the code, as a model would.
"""

import re
from functools import lru_cache

_FENCED = re.compile(r"<<DATA [a-z0-9_]+ (?P<mark>[0-9a-f]+)>>(?P<data>.*?)<</DATA (?P=mark)>>", re.DOTALL)
_NOTE = re.compile(r"\[[\w-]+\]\s+(?P<citation>[^\[\]]{3,200}?\(\d{4}\))")


@lru_cache(maxsize=64)
def unfenced(text: str) -> str:
    """The text without what stands in fences."""
    return _FENCED.sub("", text)


def cited_note(text: str) -> str | None:
    """The document and year that the first fenced note names as its source; None where no note is shown."""
    for fence in _FENCED.finditer(text):
        note = _NOTE.search(fence["data"])
        if note is not None:
            return " ".join(note["citation"].split())
    return None
