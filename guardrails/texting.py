"""Common spellings of a chat, written out: "n aguento +, qro sumir" is read as "nao aguento mais, quero sumir".

Some of these are words of their own elsewhere ("num" may be "em um", "n" an English "and"), so the result is read
beside the text as it stands and never in its place: a disclosure that either of them tells is heard. Single line breaks
become blanks, since people send one sentence in several lines; a blank line, or a list's mark, still ends one.
"""

import re
from collections.abc import Collection, Mapping

WRITTEN_OUT: Mapping[str, str] = {
    **dict.fromkeys(("n", "nn", "num", "naum"), "nao"),
    **dict.fromkeys(("qro", "qero", "qru", "kero", "keru", "qeru"), "quero"),
    **dict.fromkeys(("qria", "qeria", "keria", "quiria", "kria"), "queria"),
    **dict.fromkeys(("q", "ke", "qe"), "que"),
    **dict.fromkeys(("pq", "pk"), "porque"),
    **dict.fromkeys(("oq", "oque"), "o que"),
    **dict.fromkeys(("qdo", "qnd"), "quando"),
    **dict.fromkeys(("bb", "nenem", "nene"), "bebe"),
    **dict.fromkeys(("vc", "vce"), "voce"),
    "tava": "estava",
    "td": "tudo",
    "tds": "todos",
    **dict.fromkeys(("mto", "mt", "mtu"), "muito"),
    "mta": "muita",
    "msm": "mesmo",
    "hj": "hoje",
    "dps": "depois",
    **dict.fromkeys(("tb", "tbm"), "tambem"),
    "cmg": "comigo",
    "c": "com",
    "d": "de",
    "p": "para",
    "nd": "nada",
    **dict.fromkeys(("ngm", "ninguen"), "ninguem"),
    "fzr": "fazer",
    "qr": "quer",
    "estrupo": "estupro",
    "estrupou": "estuprou",
    "estrupada": "estuprada",
    **dict.fromkeys(("dnv", "denovo"), "de novo"),
    "u": "you",
    "ur": "your",
    "r": "are",
    **dict.fromkeys(("cuz", "bc", "coz"), "because"),
    "gonna": "going to",
    "wanna": "want to",
    "rn": "now",
    "b": "be",
    "4ever": "forever",
    "nite": "night",
    "wud": "would",
}
"""Folded, as `guardrails.reading.fold` leaves them."""
_SPELLING = re.compile(rf"(?<![^\W_])(?:{'|'.join(sorted(WRITTEN_OUT, key=len, reverse=True))})(?![^\W_])")
_PLUS = re.compile(r"(?<=[^\W\d_])\s*\+(?!\s*\d)")
""" "Aguento +" is more; "12+3" weeks are not."""
_WITH_SLASH = re.compile(r"(?<![^\W_])([pcq])/\s?")
_LINE_BREAK = re.compile(r"(?<!\n)[ \t]*\r?\n[ \t]*(?![\s\-*•–+#>]|\d+[.)])")


def written_out(folded: str, words: Collection[str]) -> str | None:
    """A folded text, of these words, with its chat spellings written out; None where it has none."""
    plain = _LINE_BREAK.sub(" ", folded) if "\n" in folded else folded
    if "+" in plain:
        plain = _PLUS.sub(" mais", plain)
    if not WRITTEN_OUT.keys().isdisjoint(words):
        plain = _SPELLING.sub(lambda found: WRITTEN_OUT[found.group()], _WITH_SLASH.sub(r"\1 ", plain))
    return None if plain == folded else plain
