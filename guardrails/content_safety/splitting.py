"""A text in parts that the service takes: no word is cut, and no letter from its accents.

A part ends after white space where there is any within reach; a longer word is cut between graphemes, so that an emoji
or a combining accent stays whole. What one part says to the next is lost to the service: the limit is its own, and few
messages reach it.
"""

import re
import unicodedata

_HALVES = re.compile("[\ud800-\udfff]")
_JOINER = "\u200d"
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
"""Two of them are one flag."""
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def split(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` code points that joined give the text; none for an empty one."""
    parts = []
    start = 0
    while len(text) - start > limit:
        end = _end(text, start, start + limit)
        parts.append(text[start:end])
        start = end
    return [*parts, text[start:]] if start < len(text) else parts


def sendable(text: str) -> str:
    """The text, as long as it was, with a replacement character for each half of a letter that UTF-8 cannot hold.

    A phone that cuts a message inside an emoji leaves such a half, and the service refuses the whole text for it.
    """
    return _HALVES.sub("\ufffd", text)


def text_records(text: str) -> int:
    """What the service counts for a text: one record for each started 1,000 code points."""
    return -(-len(text) // 1000)


def _end(text: str, start: int, most: int) -> int:
    """Where a part that begins at `start` and reaches `most` at the latest ends."""
    places = range(most, start, -1)
    between_words = (at for at in places if _is_between_words(text, at) and not _cuts_a_grapheme(text, at))
    between_letters = (at for at in places if not _cuts_a_grapheme(text, at))
    return next(between_words, None) or next(between_letters, most)


def _is_between_words(text: str, at: int) -> bool:
    return text[at - 1].isspace() or text[at].isspace()


def _cuts_a_grapheme(text: str, at: int) -> bool:
    """Whether what stands before `at` and after it is one letter to a reader (Unicode annex 29, but for Hangul)."""
    before, after = text[at - 1], text[at]
    if after.isascii():
        return before == "\r" and after == "\n"
    if unicodedata.category(after).startswith("M") or ord(after) in _SKIN_TONES or _JOINER in (before, after):
        return True
    return ord(after) in _FLAG_LETTERS and _flag_letters_before(text, at) % 2 == 1


def _flag_letters_before(text: str, at: int) -> int:
    start = at
    while start and ord(text[start - 1]) in _FLAG_LETTERS:
        start -= 1
    return at - start
