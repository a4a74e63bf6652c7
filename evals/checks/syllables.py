"""How many syllables a word has when it is spoken, in Portuguese by its rules of division and in English by habit.

Portuguese follows the division of the orthography (Cunha and Cintra, Nova Gramática do Português Contemporâneo, chapter
3): a vowel and a weak `i` or `u` after it are one syllable ("pai", "mau"), apart from before `nh` and a final or closed
`l`, `m`, `n`, `r`, `z` ("rainha", "ruim", "ainda"); an accent on the weak vowel parts them ("saúde"); two vowels at the
end after an accent are one ("água", "história"); other pairs are two ("criança", "dia"). English spelling has no such
rules: groups of vowels, a silent `e`, the usual pairs that part, and a short list of exceptions.
"""

import re
import unicodedata
from functools import lru_cache

from evals.checks.words import Language

_PT_VOWELS = frozenset("aeiouáàâãéêíóôõúüy")
_PT_WEAK = frozenset("iuy")
_PT_STRESSED_WEAK = frozenset("íú")
_PT_NASAL = frozenset({"ão", "ãe", "õe", "ãi"})
_PT_ONE_WORD = {"ao": 1, "aos": 1}
_PT_APART = re.compile(r"(?<=\bre)(?=un)|(?<=\bpro)(?=ib)|(?<=\bco)(?=i[bn])")
"""Prefixes whose vowel stays apart from the weak one after it: re-unir, pro-ibir, co-inci-dir."""
_PT_MUTE_U = re.compile(r"qu(?=[aeiouáàâãéêíóôõú])|gu(?=[aeiouáàâãéêíóôõú])")
_PT_ACCENTED = frozenset("áâéêíóôú")
_PT_RISING_END = re.compile(r"(?:[ie][aoe]|[uo][aoe])s?$")


@lru_cache(maxsize=20_000)
def syllables(word: str, language: Language) -> int:
    """Syllables of one word, at least 1; a word without vowels is spelled out, a letter a syllable."""
    plain = unicodedata.normalize("NFC", word).casefold().replace("’", "'")
    if not any(letter in _PT_VOWELS for letter in plain):
        return max(1, sum(letter.isalpha() for letter in plain))
    return _portuguese(plain) if language == "pt" else _english(plain)


def _portuguese(word: str) -> int:
    if word in _PT_ONE_WORD:
        return _PT_ONE_WORD[word]
    word = _PT_MUTE_U.sub(lambda match: match.group()[0], _PT_APART.sub("-", word))
    end = _PT_RISING_END.search(word)
    is_rising = end is not None and any(letter in _PT_ACCENTED for letter in word[: end.start()])
    count, position = 0, 0
    while position < len(word):
        if word[position] not in _PT_VOWELS:
            position += 1
            continue
        count += 1
        if is_rising and end is not None and position == end.start():
            break
        position += 2 if _is_diphthong(word, position) else 1
    return max(1, count)


def _is_diphthong(word: str, position: int) -> bool:
    """Whether the vowel there and the next letter are spoken as one."""
    pair = word[position : position + 2]
    if len(pair) < 2 or pair[1] not in _PT_VOWELS:
        return False
    if pair in _PT_NASAL:
        return True
    if pair[1] not in _PT_WEAK or pair[0] in _PT_STRESSED_WEAK or pair[0] == pair[1]:
        return False
    after = word[position + 2 : position + 4]
    if after == "nh":
        return False
    is_closed = after[:1] in tuple("lmnrz") and (len(after) == 1 or after[1] not in _PT_VOWELS | {after[0]})
    return not is_closed or pair in ("ei", "ou", "eu") or _is_plural(after, pair)


def _is_plural(after: str, pair: str) -> bool:
    return False if pair[0] in "aou" else after == "ns"


_EN_EXCEPTIONS = {
    word: count
    for count, words in {
        2: (
            "argue being business careful closely create creates different doing evening every fluid fluids going "
            "homemade hopeful lately lifetime likely movement movements naive nineteen people placement poem real "
            "safely safety science seeing several someone something sometimes somewhere statement therefore "
            "useful"
        ),
        3: (
            "anyone area carefully caregiver completely created everything idea ideal management reaction "
            "reactions recipe severely simile sincerely theater theatre"
        ),
        4: "definitely diabetes diarrhea diarrhoea pneumonia",
        5: "approximately immediately preeclampsia",
    }.items()
    for word in words.split()
}
"""Words of the field, and commonest words, that the rules below would miscount."""
_EN_PARTED = re.compile(
    r"ia(?!n\b|ns\b|l\b|lly\b|ls\b|ge)|(?<![ctsg])ia(?=n\b|ns\b|l\b|lly\b|ls\b)|(?<![ctsg])io(?!n)|(?<![ctsgxn])ion\b|iu|ui(?=ci)"
    r"|eo(?!u)|(?<![qg])ua(?!y)|(?<![qg])ue(?=n|t|l\b)|uou|iet|ie(?=nce|nt\b|r\b(?<=[^aeiou]ier))|(?<![aeiou])ying|eum"
)
_EN_WHOLE = re.compile(r"cia|tia|cie|tie|xio|sia(?=n)|geo(?=u|n)")
"""Groups that are one though they look like two: "social", "patient", "surgeon"."""
_EN_SILENT = re.compile(
    r"(?<=[qg])ues?$|(?<=[^aeiouyl])es?$|(?<=[aeiouyrw]l)es?$|(?<=[aeiou])e$|(?<=[aeiouy][^aeiouy])ed$|(?<=[^td])ed$"
)
_EN_SPOKEN = re.compile(r"(?:[sz]|[cg]|ch|sh|x)es$|[td]ed$|[^aeiouyl]le[sd]?$")


def _english(word: str) -> int:
    stripped = word.removesuffix("'s").replace("'", "")
    if stripped in _EN_EXCEPTIONS:
        return _EN_EXCEPTIONS[stripped]
    spoken = stripped if _EN_SPOKEN.search(stripped) else _EN_SILENT.sub("", stripped)
    groups = len(re.findall(r"[aeiouy]+", spoken))
    parted = len(_EN_PARTED.findall(_EN_WHOLE.sub("ca", spoken)))
    return max(1, groups + parted)
