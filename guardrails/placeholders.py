"""Placeholders in a text, however a model writes them, and the addresses in which none may be opened.

Shared by the vault, which puts them in and takes them out, and by the rail that refuses an answer whose link carries
one to another server.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import unquote

from matria.privacy.identifiers import LABELS, Kind

_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"


def _plain(label: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", label) if not unicodedata.combining(c)).upper()


_KINDS: dict[str, Kind] = {_plain(label): kind for labels in LABELS.values() for kind, label in labels.items()}
_FORMS = {label for labels in LABELS.values() for label in labels.values()} | set(_KINDS)
_WORDS = "|".join(sorted((form.replace("_", "[ _]") for form in _FORMS), key=len, reverse=True))
PLACEHOLDER = re.compile(
    rf"\\?\[\s{{0,9}}(?P<bracketed>{_WORDS})[\s_\\-]{{0,3}}(?P<first>\d{{1,3}})\s{{0,9}}\\?\]"
    rf"|{_BEFORE}(?P<joined>{_WORDS})\\?_(?P<second>\d{{1,3}}){_AFTER}"
    rf"|{_BEFORE}(?P<spaced>(?-i:{_WORDS})) (?P<third>\d{{1,2}}){_AFTER}(?![.,/ -]{{0,2}}\d)",
    re.IGNORECASE,
)
"""A placeholder as models write it: in any case, with brackets escaped or gone, with a blank for its dash. NHS 111 is
none."""
_ADDRESS = re.compile(
    r"(?:(?:https?|ftp|wss?):|mailto:|javascript:|(?<![:\w/])//|\bwww\.)[^\s<>\"]*"
    r"|(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/[^\s<>\"]*"
    r"|\]\(\s{0,9}[^)\n]{0,2000}"
    r"|\b(?:href|src)\s{0,9}=\s{0,9}(?:\"[^\"\n]{0,2000}|'[^'\n]{0,2000})"
    r"|^[ ]{0,3}\[[^\]\n]{1,300}\]:[^\n]{0,2000}",
    re.IGNORECASE | re.MULTILINE,
)
"""Where a link leads: an address as it stands, the target of a link in Markdown or HTML, a link's definition."""
_ENCODINGS = 2
"""How often an address is decoded: once for its own escapes, once for those of an address inside it."""


def label_of(match: re.Match[str]) -> str:
    """The word of a placeholder, as it was written."""
    return match["bracketed"] or match["joined"] or match["spaced"]


def key_of(match: re.Match[str]) -> tuple[Kind, int]:
    """Which value a placeholder stands for."""
    number = match["first"] or match["second"] or match["third"]
    return _KINDS[_plain(label_of(match)).replace(" ", "_")], int(number)


def outside_addresses(text: str) -> Iterator[re.Match[str]]:
    """The placeholders in `text`, less those in an address: opened there, they would tell another server."""
    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    return (match for match in PLACEHOLDER.finditer(text) if not _is_in(addresses, *match.span()))


def carried_in_address(text: str) -> bool:
    """Whether an address in `text` holds a placeholder, plain or percent-encoded."""
    addresses = [match.span() for match in _ADDRESS.finditer(text)]
    if not addresses:
        return False
    if any(_is_in(addresses, *match.span()) for match in PLACEHOLDER.finditer(text)):
        return True
    return any(PLACEHOLDER.search(_decoded(text[start:end])) for start, end in addresses)


def _is_in(addresses: list[tuple[int, int]], start: int, end: int) -> bool:
    place = bisect_right(addresses, (start, len(addresses) + end))
    is_before = place > 0 and addresses[place - 1][1] > start
    return is_before or (place < len(addresses) and addresses[place][0] < end)


def _decoded(address: str) -> str:
    for _ in range(_ENCODINGS):
        address = unquote(html.unescape(address).replace("+", " "))
    return address
