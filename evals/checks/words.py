"""Words in a form that can be compared: without case and accents, and without inflection.

The stemmers are small on purpose. They join what an author means by one word (`tome`, `tomar`, `tomando`; `take`,
`taking`) and keep the past apart (`tomou`, `took`): what somebody did is not what somebody is told to do.
"""

import unicodedata
from functools import lru_cache
from typing import Literal

Language = Literal["pt", "en"]

_PT_IRREGULAR = {
    form: lemma
    for lemma, forms in {
        "ir": "vá vás vai vão vamos indo ir irem",
        "ser": "é são seja sejam sendo ser serem",
        "estar": "está estão esteja estejam estando estar",
        "ter": "tem têm tenha tenham tendo ter tens",
        "haver": "há haja havendo haver",
        "fazer": "faz fazem faça façam fazendo fazer faze",
        "poder": "pode podem podes possa possam podendo poder",
        "dizer": "diz dizem diga digam dizendo dizer",
        "dar": "dá dão dê deem dando dar",
        "ver": "vê veem veja vejam vendo ver",
        "vir": "vem vêm venha venham vindo vir",
        "pedir": "pede pedem peça peçam pedindo pedir",
        "sentir": "sente sentem sinta sintam sentindo sentir sentires",
        "dormir": "dorme dormem durma durmam dormindo dormir",
        "seguir": "segue seguem siga sigam seguindo seguir",
        "perder": "perde perdem perca percam perdendo perder",
        "dirigir": "dirige dirigem dirija dirijam dirigindo dirigir",
        "mais": "mais",
        "jamais": "jamais",
        "mal": "mal males",
        "mes": "mês meses",
        "como": "como",
    }.items()
    for form in "".join(c for c in unicodedata.normalize("NFD", forms) if not unicodedata.combining(c)).split()
} | {"é": "ser", "está": "estar", "dá": "dar", "dê": "dar"}
_PT_PLURALS = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ois", "ol"), ("ns", "m"))
_PT_ENDINGS = ("ando", "endo", "indo", "ados", "adas", "idos", "idas", "ado", "ada", "ido", "ida")
_PT_VERBAL = ("arem", "erem", "irem", "ares", "eres", "ires", "amos", "emos", "imos", "ar", "er", "ir", "am", "em")
_EN_IRREGULAR = {"goes": "go", "going": "go", "does": "do", "doing": "do", "is": "be", "are": "be", "using": "use"}
_SHORTEST = 3


_KEPT = frozenset({"é", "está", "dá", "dê"})
"""Words that are another word without their accent: `e` is "and", `esta` is "this"."""


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """`text` without case and accents, apart from the few words that the accent tells apart."""
    lowered = unicodedata.normalize("NFC", text).casefold()
    return lowered if lowered in _KEPT else strip_accents(lowered)


def strip_accents(text: str) -> str:
    """`text` without accents."""
    kept = (c for c in unicodedata.normalize("NFD", text.replace("’", "'")) if not unicodedata.combining(c))
    return "".join(kept)


@lru_cache(maxsize=20_000)
def stem(folded: str, language: Language) -> str:
    """The part of a folded word that its inflections share."""
    if not folded.isalpha():
        return folded
    return _stem_pt(folded) if language == "pt" else _stem_en(folded)


def _stem_pt(word: str) -> str:
    if word in _PT_IRREGULAR:
        return _PT_IRREGULAR[word]
    if len(word) <= _SHORTEST:
        return word
    word = _singular_pt(word).removesuffix("mente")
    for ending in (*_PT_ENDINGS, *_PT_VERBAL):
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return _hardened(word.removesuffix(ending))
    if word[-1] in "aeo" and len(word) > _SHORTEST:
        return _hardened(word[:-1])
    return word


def _singular_pt(word: str) -> str:
    if word.endswith(("res", "zes")) and len(word) > _SHORTEST + 1:
        return word[:-2]
    for plural, singular in _PT_PLURALS:
        if word.endswith(plural) and len(word) > len(plural) + 2:
            return word.removesuffix(plural) + singular
    if word.endswith("s") and not word.endswith("ss") and len(word) > _SHORTEST:
        return word[:-1]
    return word


def _hardened(root: str) -> str:
    """`ligu` and `lig`, `marqu` and `marc`, `dirij` and `dirig` are one root."""
    if root.endswith("gu"):
        return root[:-1]
    if root.endswith("qu"):
        return f"{root[:-2]}c"
    return root


def _stem_en(word: str) -> str:
    if word in _EN_IRREGULAR:
        return _EN_IRREGULAR[word]
    word = _singular_en(word)
    if word.endswith("ing") and len(word) - 3 >= _SHORTEST:
        word = word[:-3]
        if word[-1] == word[-2] and word[-1] not in "ls":
            word = word[:-1]
    elif word.endswith("ly") and len(word) > _SHORTEST + 3:
        word = word[:-2]
    if word.endswith("e") and len(word) > _SHORTEST:
        word = word[:-1]
    return word


def _singular_en(word: str) -> str:
    if word.endswith("ies") and len(word) > _SHORTEST + 1:
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > _SHORTEST:
        return word[:-1]
    return word
