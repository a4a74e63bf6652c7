"""Token counts by a plain rule, so that costs can be followed by hand.

A text counts one token for each started four characters; a message adds four for its frame. Cached tokens are
stateless: the system messages that open a prompt count as read from the cache once they reach 1,024 tokens, in whole
steps of 128, as if the same opening had been sent a moment before.
"""

from collections.abc import Sequence

from matria.messages import Message

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
CACHE_FLOOR = 1024
CACHE_STEP = 128


def count(text: str) -> int:
    """Tokens of one text."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)


def prompt_tokens(messages: Sequence[Message]) -> int:
    """Tokens of a whole prompt."""
    return sum(_TOKENS_PER_MESSAGE + count(message.content) for message in messages)


def cached_tokens(messages: Sequence[Message]) -> int:
    """The part of the prompt read from the cache."""
    opening = 0
    for message in messages:
        if message.role != "system":
            break
        opening += _TOKENS_PER_MESSAGE + count(message.content)
    return opening // CACHE_STEP * CACHE_STEP if opening >= CACHE_FLOOR else 0


def cut(text: str, limit: int) -> str:
    """The text within so many tokens."""
    return text[: limit * _CHARACTERS_PER_TOKEN]
