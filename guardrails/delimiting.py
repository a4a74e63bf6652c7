"""Fences around text that is data: what a document or a person says cannot close its fence or pose as another turn.

Each fence carries a mark that whoever wrote the text cannot know. The mark comes from a seed, so that an evaluation
renders the same prompt twice; a service seeds it with something new for each request. Look-alike fences and the tokens
of chat templates inside the data are broken by an invisible character, which a person does not see and `undelimit`
takes out again. What a fence means the prompt says (prompts/library/partials/notes).
"""

import hashlib
import re

MARK_LENGTH = 12
BREAK = "\u2060"
"""WORD JOINER: no width, no line break, and it ends a match."""
FENCE = re.compile(r"<<\s{0,20}/?\s{0,20}(?:data|dados)\b", re.IGNORECASE)
"""What opens or closes a fence, whoever's mark follows."""
CHAT_TOKEN = re.compile(
    r"<\|[^|\n]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<\uff5c[^\n]{1,40}\uff5c>", re.IGNORECASE
)
"""Tokens by which templates of known models tell turns apart."""
_NAME = re.compile(r"[^a-z0-9_]+")
_BROKEN = re.compile(f"([<\\[])({BREAK}+)")
_FENCED = re.compile(
    r"\A<<DATA (?P<what>[a-z0-9_]+) (?P<mark>[0-9a-f]+)>>\n(?P<data>.*)\n<</DATA (?P=mark)>>\Z", re.DOTALL
)
_INSIDE = re.compile(r"<<DATA [a-z0-9_]+ (?P<mark>[0-9a-f]+)>>\s.*?\s<</DATA (?P=mark)>>", re.DOTALL)
"""However it is broken into lines: a prompt brings what it shows to one line, lest it pass for a paragraph."""


def mark_from(seed: str) -> str:
    """The mark of one request: 12 hexadecimal digits that do not tell the seed."""
    return hashlib.sha256(f"fence:{seed}".encode()).hexdigest()[:MARK_LENGTH]


def delimit(text: str, what: str, mark: str) -> str:
    """`text` in a fence that names `what` it is ("note", "question") and that the text cannot close.

    Raises ValueError where the mark is not one of `mark_from`: a guessable mark is no fence.
    """
    if not re.fullmatch(f"[0-9a-f]{{{MARK_LENGTH}}}", mark):
        raise ValueError("the mark of a fence comes from mark_from")
    return f"<<DATA {_NAME.sub('_', what.lower()).strip('_') or 'text'} {mark}>>\n{neutralise(text)}\n<</DATA {mark}>>"


def neutralise(text: str) -> str:
    """`text` that reads the same and holds no fence and no token of a chat template."""
    kept = _BROKEN.sub(rf"\1{BREAK}\2", text)
    for pattern in (FENCE, CHAT_TOKEN):
        place = 0
        # From inside each match on, since a token may hold another.
        while match := pattern.search(kept, place):
            place = match.start() + 1
            kept = f"{kept[:place]}{BREAK}{kept[place:]}"
    return kept


def undelimit(fenced: str) -> str:
    """What `delimit` was given. Raises ValueError where `fenced` is no fence."""
    match = _FENCED.match(fenced)
    if match is None:
        raise ValueError("this is no fenced text")
    return _BROKEN.sub(lambda found: found[1] + found[2][1:], match["data"])


def without_fences(text: str) -> str:
    """`text` without what stands in fences, whatever their marks."""
    return _INSIDE.sub("", text)
