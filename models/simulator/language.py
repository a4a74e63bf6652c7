"""Which language a text is in: Portuguese of Brazil, Portuguese of Portugal or English, by the words that differ."""

import re
from functools import lru_cache

from matria.messages import Locale
from models.simulator.rules import Rules
from models.simulator.text import words
from models.simulator.wordlists import word_set

_BRAZIL = re.compile(
    r"\b(?:você|vocês|bebê|bebês|gestante|celular|ônibus|pressão|ubs|samu|cvv|sus|equipe|remédio|banheiro|pré-natal"
    r"|brasil|brasileiro|coceira|absorvente|est(?:ou|á|ão) \w+ndo|caderneta|posto|contato|usuária|tô|tá|pra)\b",
    re.IGNORECASE,
)
_PORTUGAL = re.compile(
    r"\b(?:bebé|bebés|telemóvel|autocarro|tensão|utente|sns|centro de saúde|equipa|casa de banho|portugal"
    r"|europeu|penso|comichão|contacte|contacto|utilizadora|est(?:ou|á|ão) a \w+r|vigilância)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def locale_of(text: str, default: Locale = "en") -> Locale:
    """The locale that the text is most likely in; `default` where it says too little."""
    found = words(text)
    portuguese = sum(word in word_set("portuguese") for word in found)
    english = sum(word in word_set("english") for word in found)
    if portuguese == english:
        return default
    if english > portuguese:
        return "en"
    brazil, portugal = len(_BRAZIL.findall(text)), len(_PORTUGAL.findall(text))
    if brazil == portugal:
        return "pt-BR" if default == "en" else default
    return "pt-BR" if brazil > portugal else "pt-PT"


def locale_to_answer_in(rules: Rules, system_prompt: str, question: str) -> Locale:
    """The locale asked for. A prompt that asks for none gets the language of the question, in the other variant of
    Portuguese than the prompt is written in: the drift that such prompts show."""
    if rules.language is not None and rules.language != "follow":
        return rules.language
    own = locale_of(system_prompt) if system_prompt else None
    asked = locale_of(question, own or "en")
    if own is None or asked == "en" or rules.language == "follow":
        return asked
    return "pt-PT" if own == "pt-BR" else "pt-BR"
