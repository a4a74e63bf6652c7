"""What the checks know of a language: words that negate, open a clause, make a condition, instruct or permit.

The words lie in `lexicons/pt.yaml` and `lexicons/en.yaml`, where a linguist or a nurse can read and change them. Both
variants of Portuguese share one file: which is which is `evals.checks.variant`'s to tell.
"""

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from evals.checks.conjugation import familiar_imperatives, gerunds, imperatives
from evals.checks.patterns import Patterns
from evals.checks.words import Language, fold
from matria.errors import SuiteError
from matria.yamlfile import read_yaml


@dataclass(frozen=True)
class Lexicon:
    """The closed word classes of one language."""

    language: Language
    negators: Patterns
    """Turn what follows them round: "não", "evite", "em vez de", and "deixe de" (so that "não deixe de ir" is "ir")."""
    short_negators: Patterns
    """Turn round only the next words when a noun follows: "sem", "without", "no"."""
    plain_negators: frozenset[str]
    """The negators that are one plain word, such as "não": a second negative word beside them does not turn back."""
    concord: frozenset[str]
    """Negative words that only agree with a negator before them: "não tome nunca", "do not take or"."""
    not_negations: Patterns
    """Look like negation and are none: "não só", "sem demora", "no doubt"."""
    interjections: frozenset[str]
    """Negators that stand alone before a comma: "Não, vá agora"."""
    openers: Patterns
    """Open a clause that the negation before does not reach: "mas", "because"."""
    conditionals: Patterns
    """Open a condition: "se", "caso", "if", "unless"."""
    courtesies: Patterns
    """Look like a condition and only ask politely: "se puder", "if you can"."""
    determiners: frozenset[str]
    """Directly before "caso" make it a noun: "nesse caso", "no seu caso"."""
    concessives: frozenset[str]
    """Directly before a condition make that it holds either way: "even if", "mesmo se"."""
    intensified: frozenset[str]
    """Words that such a one belongs to when it follows them: "agora mesmo"."""
    fallbacks: Patterns
    """Words of a condition that only says when the alternative is needed: "fechada", "nobody answers"."""
    consequences: frozenset[str]
    """Close a condition: "então", "then"."""
    reflexives: frozenset[str]
    """Conditionals that are also a pronoun: "se"."""
    before_reflexives: frozenset[str]
    """Words after which such a one is the pronoun: "está se sentindo", "para se deitar"."""
    adverbs: frozenset[str]
    """Words that may stand before an instruction: "por favor", "immediately"."""
    coordinators: frozenset[str]
    """Join what may be a new instruction: "e", "and"."""
    alternatives: frozenset[str]
    """Join what stays under the same negation: "ou", "nem", "or"."""
    auxiliaries: frozenset[str]
    """Words of a verb that may stand before its negator or its participle: "do not", "pode ser usado"."""
    subjects: frozenset[str]
    """Pronouns that begin a clause."""
    finite: frozenset[str]
    """Verb forms that show that a segment is a clause and not an item of a list."""
    imperatives: frozenset[str]
    """Forms that instruct by themselves, wherever they stand (Portuguese) or at the start of a clause (English)."""
    familiar_imperatives: frozenset[str]
    """Forms that instruct at the start of a clause only: "liga", "vai"."""
    nouns: frozenset[str]
    """Such forms that are a noun after an adverb: "por conta própria", "hoje consulta"."""
    infinitives: frozenset[str]
    """Forms that instruct after a modal."""
    gerunds: frozenset[str]
    """Forms that instruct after "recommend" and the like."""
    orders: Patterns
    """Modals that order: "deve", "é importante", "you need to"."""
    permissions: Patterns
    """Modals that permit: "pode", "é seguro", "it is fine to"."""
    addressed: frozenset[str]
    """Whom a permission must be said to, to be one: "você", "you"."""
    subordinators: frozenset[str]
    """Words directly before a verb that take its force away: "que tome", "to take"."""
    light: frozenset[str]
    """Articles, prepositions and possessives, which a phrase may leave out or have differently."""
    safe_words: Patterns
    """Predicates that allow: "seguro", "pode ser usado", "recommended"."""
    unsafe_words: Patterns
    """Predicates that forbid: "contraindicado", "faz mal", "unsafe"."""
    limiters: frozenset[str]
    """Turn a predicate that allows into one that restricts: "só é usado", "is only given"."""

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Every form that may instruct."""
        return self.infinitives | self.gerunds | self.imperatives

    @cached_property
    def joining(self) -> frozenset[str]:
        """Words after which a clause may begin with its verb."""
        return self.coordinators | self.alternatives | self.adverbs | self.consequences | self.plain_negators


@dataclass(frozen=True)
class CareWords:
    """What a sentence that sends her to care is made of."""

    seek: Patterns
    """Verbs that send: "vá", "ligue", "be seen"."""
    carry: Patterns
    """Verbs with whom they bring, before "to" and a place: "take him", which is not "take paracetamol"."""
    causatives: Patterns
    """Say that somebody is to bring her, before "to" and a place: "have someone drive you"."""
    needs: Patterns
    """Verbs that say what she needs, before a word of `need_words`: "precisa de"."""
    need_words: Patterns
    """Kinds of care: "avaliação", "medical attention"."""
    emergency: Patterns
    """Places and services that mean now by themselves: "pronto-socorro", "911"."""
    hospital: Patterns
    """Places that mean today where nothing else is said: "maternidade"."""
    clinic: Patterns
    """Places and people without any hurry of their own: "UBS", "midwife"."""
    now: Patterns
    same_day: Patterns
    later: Patterns
    """Dates that put care off past today."""
    no_delay: Patterns
    """What beside an instruction makes it one for now: "não espere"."""
    refers_back: Patterns
    """At the start of a sentence make it depend on the condition before: "in that case"."""
    not_now: Patterns
    """Idioms with such words that say nothing of hurry: "for now"."""


@lru_cache(maxsize=2)
def lexicon(language: Language) -> Lexicon:
    """The grammar of a language."""
    entries = word_lists(language)
    grammar, verbs = entries["grammar"], entries["verbs"]
    regular = verbs["regular"]
    conjugated = {
        "imperatives": [form for verb in regular for form in imperatives(verb, language)],
        "familiar_imperatives": [form for verb in regular for form in familiar_imperatives(verb, language)],
        "gerunds": [form for verb in regular for form in gerunds(verb, language)],
        "infinitives": regular,
    }
    conjugated["familiar_imperatives"] = [
        form for form in conjugated["familiar_imperatives"] if form not in verbs["homographs"]
    ]
    forms: dict[str, Any] = {
        name: frozenset(fold(word) for word in [*words, *verbs.get(name, [])]) for name, words in conjugated.items()
    }
    return Lexicon(language=language, **forms, **_typed(Lexicon, grammar))


@lru_cache(maxsize=2)
def care_words(language: Language) -> CareWords:
    """The words for seeking care in a language."""
    return CareWords(**_typed(CareWords, word_lists(language)["care"]))


@lru_cache(maxsize=256)
def word_patterns(language: Language, section: str, name: str) -> Patterns:
    """One list of a language's file, ready to be looked for."""
    return Patterns(word_lists(language)[section][name])


@lru_cache(maxsize=2)
def word_lists(language: Language) -> dict[str, dict[str, list[str]]]:
    """The sections of a language's file, each list split into its entries."""
    tree = read_yaml(Path(__file__).parent / "lexicons" / f"{language}.yaml", SuiteError)
    return {
        section: {
            name: [entry.strip(" '") for entry in text.split(",") if entry.strip()] for name, text in lists.items()
        }
        for section, lists in tree.items()
    }


def _typed(shape: type, lists: dict[str, list[str]]) -> dict[str, Any]:
    """The lists as the fields of `shape` hold them: patterns or plain words."""
    kinds = {field.name: field.type for field in fields(shape)}
    return {name: Patterns(words) if kinds[name] is Patterns else frozenset(words) for name, words in lists.items()}
