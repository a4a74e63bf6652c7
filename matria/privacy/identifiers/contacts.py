"""E-mail addresses, as written and as spelled to get past a filter, and profiles in social networks."""

import re
from collections.abc import Iterator

from matria.privacy.identifiers.identifier import SURE, Found
from matria.privacy.identifiers.view import View

_ENDS = r"(?:com|org|net|gov|edu|br|pt|uk)\b"
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]+(?:@[\w-]+(?:\.[a-z\d][\w-]*)*\.[a-z][\w-]+"
    r"|(?: ?@ ?|\s{0,4}[\[(]at[\])]\s{0,4})[\w-]+(?:\.[a-z\d][\w-]*)*"
    rf"(?: ?\. ?|\s{{0,4}}[\[(]dot[\])]\s{{0,4}}){_ENDS})",
    re.ASCII,
)
"""A blank beside the dot only before an ending that is one: the next sentence is hers, "... @example.org. Não ..."."""
_AT = r"(?:\s{0,4}[\[(]\s{0,4}(?:arroba|at)\s{0,4}[\])]\s{0,4}|\s{1,4}(?:arroba|at)\s{1,4}|\s{0,4}@\s{0,4})"
_DOT = r"(?:\s{0,4}[\[(]?\s{0,4}\b(?:ponto|dot)\b\s{0,4}[\])]?\s{0,4}|\.)"
_JOINED = r"(?:\s{1,4}(?:ponto|dot|underline|underscore|hifen|dash)\s{1,4}[\w-]+){0,6}"
_SPELLED = re.compile(
    rf"(?<![\w.+-])[\w.+-]+{_JOINED}{_AT}[\w-]+(?:{_DOT}[\w-]+){{0,3}}?{_DOT}{_ENDS}(?:{_DOT}{_ENDS})*", re.ASCII
)
_HAS_AT = re.compile(r"@|arroba|[ (\[]at[ )\]]")
_SPELLED_DOT = re.compile(r"\b(?:ponto|dot)\b|@|arroba|\.[a-z]")
_HANDLE = re.compile(r"(?<![\w@.+-])@[a-z_](?:[\w.]{1,28}[\w])(?![\w@])", re.ASCII)
_PROFILE_URL = re.compile(
    r"(?:https?://)?(?:www\.|m\.|pt-br\.)?(?:instagram|facebook|fb|twitter|x|tiktok|linkedin|wa|t|threads"
    r"|snapchat|youtube)"
    r"\.(?:com|me|net)(?:\.br)?/(?:in/|add/|profile\.php\?id=)?@?[\w.%+-]{2,}",
    re.ASCII,
)
_NAMED_HANDLE = re.compile(
    r"\b(?:instagram|insta|ig|face(?:book)?|twitter|tiktok|snap(?:chat)?|telegram|perfil|arroba)\b(?: (?:e|eh"
    r"|is|do|da|dela|dele|handle|meu|:))*"
    r"[ :]{1,2}(@?[a-z_](?=[\w.]*[\d_.])[\w.]{2,28}\w)",
    re.ASCII,
)


def contacts(view: View) -> Iterator[Found]:
    """E-mail addresses and profiles."""
    text = view.lower
    if _HAS_AT.search(text):
        for match in _EMAIL.finditer(text):
            yield Found("email", *match.span(), SURE)
        if _SPELLED_DOT.search(text):
            for match in _SPELLED.finditer(text):
                if not _is_plain_english(match.group()):
                    yield Found("email", *match.span(), SURE)
        for match in _HANDLE.finditer(text):
            yield Found("profile", *match.span(), SURE)
    if "/" in text:
        for match in _PROFILE_URL.finditer(text):
            yield Found("profile", *match.span(), SURE)
    for match in _NAMED_HANDLE.finditer(text):
        yield Found("profile", *match.span(1), SURE)


def _is_plain_english(text: str) -> bool:
    """ "at" with a dot that nobody spelled: "look at example.com"."""
    return " at " in text and " dot " not in text and " ponto " not in text
