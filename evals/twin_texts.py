"""Cases derived from cases: the same woman with another way of typing.

Each way is a function of the text alone, with dice that are thrown from the case's id, so that the same case always
has the same twin. Only her own messages are changed. Numbers and words that negate stay: a twin asks the same.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count

from evals.cases import TWIN_MARK, Case, Twin, TwinKind
from matria.messages import Locale, Message

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORTEST = 5
"""Letters that a word needs to be mistyped: shorter ones turn into other words."""
_WORDS_PER_SLIP = 6
_NEVER_MISTYPED = """
    nunca jamais nenhum nenhuma ninguem ninguém tampouco deixar deixe deixa deixou evitar evite exceto apenas
    somente menos metade dobro primeiro primeira segundo segunda terceiro terceira quatro cinco treze catorze
    quatorze quinze dezesseis dezasseis dezessete dezassete dezoito dezenove dezanove vinte trinta quarenta
    cinquenta sessenta setenta oitenta noventa cento never nothing nobody without neither cannot hardly barely
    unless except avoid doesnt didnt isnt arent wasnt werent havent hasnt hadnt wouldnt couldnt shouldnt three seven
    eight eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty
    sixty seventy eighty ninety hundred first second third fourth fifth quarter double
"""
_KEPT = frozenset(_NEVER_MISTYPED.split())
"""Words of five letters and more that negate or count, and are never mistyped."""
_SHORT: Mapping[Locale, Mapping[str, str]] = {
    "pt-BR": {
        "você": "vc", "vocês": "vcs", "que": "q", "também": "tbm", "porque": "pq", "por que": "pq", "quando": "qd",
        "hoje": "hj", "muito": "mt", "muita": "mta", "mesmo": "msm", "comigo": "cmg", "depois": "dps", "agora": "agr",
        "obrigada": "obg", "tudo": "td", "qualquer": "qq", "beleza": "blz", "mensagem": "msg", "fim de semana": "fds",
        "quanto": "qto", "cadê": "kd", "estou": "to", "está": "ta",
    },
    "pt-PT": {
        "que": "q", "também": "tb", "porque": "pq", "por que": "pq", "quando": "qd", "muito": "mt", "muita": "mta",
        "mesmo": "msm", "comigo": "cmg", "contigo": "ctg", "depois": "dps", "obrigada": "obg", "tudo": "td",
        "qualquer": "qq", "mensagem": "msg", "fim de semana": "fds", "quanto": "qt", "hoje": "hj", "estou": "tou",
        "está": "ta",
    },
    "en": {
        "you": "u", "your": "ur", "are": "r", "because": "bc", "please": "pls", "thanks": "thx", "people": "ppl",
        "really": "rly", "something": "smth", "about": "abt", "weeks": "wks", "probably": "prob", "though": "tho",
        "tomorrow": "tmrw", "message": "msg", "right now": "rn", "oh my god": "omg",
    },
}  # fmt: skip
"""How each locale shortens words on a phone; none of them counts or negates."""


class Dice:
    """Numbers that depend on a text alone, the same on every machine."""

    def __init__(self, seed: str) -> None:
        self._numbers = (int.from_bytes(hashlib.sha256(f"{seed}#{n}".encode()).digest()[:8], "big") for n in count())

    def below(self, limit: int) -> int:
        """0 to `limit` - 1."""
        return next(self._numbers) % limit


Way = Callable[[str, Locale, Dice], str]


def without_accents(text: str, locale: Locale, dice: Dice) -> str:
    """`text` as on a keyboard without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def in_lowercase(text: str, locale: Locale, dice: Dice) -> str:
    """`text` without a capital."""
    return text.lower()


def in_uppercase(text: str, locale: Locale, dice: Dice) -> str:
    """`text` with the caps lock on."""
    return text.upper()


def abbreviated(text: str, locale: Locale, dice: Dice) -> str:
    """`text` with the short forms of a chat in that locale."""
    table = _SHORT[locale]
    longest_first = sorted(table, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)
    return pattern.sub(lambda match: table[match.group().lower()], text)


def mistyped(text: str, locale: Locale, dice: Dice) -> str:
    """`text` with the slips of a thumb: a neighbouring key, two letters swapped, one left out or typed twice.

    About one in six of the words that may slip does, and at least one where there is any. The first letter stays, which
    is what people get right, and a slip never makes a word that negates or counts.
    """
    words = [match for match in _WORD.finditer(text) if _may_slip(match.group())]
    if not words:
        return text
    chosen = {dice.below(len(words))} | {n for n in range(len(words)) if dice.below(_WORDS_PER_SLIP) == 0}
    for n in sorted(chosen, reverse=True):
        match = words[n]
        text = text[: match.start()] + _slip(match.group(), dice) + text[match.end() :]
    return text


def _may_slip(word: str) -> bool:
    return len(word) >= _SHORTEST and word.isalpha() and word.lower() not in _KEPT


def _slip(word: str, dice: Dice) -> str:
    """The word with one slip."""
    while True:
        position = 1 + dice.below(len(word) - 2)
        slipped = _SLIPS[dice.below(len(_SLIPS))](word, position, dice)
        if slipped != word and slipped.lower() not in _KEPT:
            return slipped


def _neighbour(word: str, position: int, dice: Dice) -> str:
    keys = _beside(word[position].lower())
    return word[:position] + keys[dice.below(len(keys))] + word[position + 1 :] if keys else word


def _swapped(word: str, position: int, dice: Dice) -> str:
    return word[:position] + word[position + 1] + word[position] + word[position + 2 :]


def _left_out(word: str, position: int, dice: Dice) -> str:
    return word[:position] + word[position + 1 :]


def _doubled(word: str, position: int, dice: Dice) -> str:
    return word[: position + 1] + word[position:]


_SLIPS: Sequence[Callable[[str, int, Dice], str]] = (_neighbour, _neighbour, _swapped, _left_out, _doubled)


def _beside(key: str) -> str:
    """The keys beside one, left and right; empty for an accented letter, which is typed otherwise."""
    for row in _ROWS:
        place = row.find(key)
        if place >= 0:
            return row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    return ""


WAYS: Mapping[TwinKind, Way] = {
    "typos": mistyped,
    "no_accents": without_accents,
    "lowercase": in_lowercase,
    "uppercase": in_uppercase,
    "abbreviations": abbreviated,
}
"""The kinds of twin that are derived; the others are written."""


def derive(case: Case) -> Iterator[Case]:
    """The twins that the case asks for. None of a kind where nothing has to stay, or the text would be the same."""
    for kind, stays in case.derives.items():
        dice = Dice(f"{case.suite}/{case.id}/{kind}")
        messages = tuple(_retyped(message, case.locale, kind, dice) for message in case.messages)
        if stays and messages != case.messages:
            name = f"{case.theme}{TWIN_MARK}{kind}.{case.locale}"
            yield replace(case, id=name, messages=messages, twin=Twin(kind, case.id, stays), derives={})


def _retyped(message: Message, locale: Locale, kind: TwinKind, dice: Dice) -> Message:
    if message.role != "user":
        return message
    return Message(message.role, WAYS[kind](message.content, locale, dice))
