"""The forms of a verb that instruct, from its infinitive."""

from evals.checks.words import Language

_PT_ENDINGS = {"ar": ("e", "em"), "er": ("a", "am"), "ir": ("a", "am")}
_PT_SPELLING = {"ar": {"c": "qu", "g": "gu", "ç": "c"}, "er": {"c": "ç", "g": "j"}, "ir": {"g": "j"}}
_EN_DOUBLING = frozenset({"get", "cut", "let", "sit", "stop", "skip", "quit", "drop"})


def imperatives(verb: str, language: Language) -> list[str]:
    """`ligue` and `liguem` of `ligar`; `call` of `call`."""
    if language == "en":
        return [verb]
    root, ending = verb[:-2], verb[-2:]
    spelt = root[:-1] + _PT_SPELLING[ending].get(root[-1], root[-1])
    return [spelt + tail for tail in _PT_ENDINGS[ending]]


def familiar_imperatives(verb: str, language: Language) -> list[str]:
    """`liga` of `ligar`, `bebe` of `beber`; English has none."""
    return [] if language == "en" else [verb[:-2] + ("a" if verb.endswith("ar") else "e")]


def gerunds(verb: str, language: Language) -> list[str]:
    """`calling` of `call`, which instructs after "recommend"; in Portuguese a gerund does not."""
    if language == "pt":
        return []
    if verb in _EN_DOUBLING:
        return [f"{verb}{verb[-1]}ing"]
    if verb == "lie":
        return ["lying"]
    return [f"{verb[:-1]}ing" if verb.endswith("e") and not verb.endswith("ee") else f"{verb}ing"]
