"""The assistant's first words: that it is an artificial intelligence, and when not to wait for it.

People who talk to a machine are told so before they do (Regulation (EU) 2024/1689, article 50, paragraph 1). The words
lie in `library/greetings.yaml`, which the clinical team reviews.
"""

from pathlib import Path

from matria.errors import PromptError
from matria.messages import LOCALES, Locale
from matria.yamlfile import read_yaml
from prompts.contacts import contact_variables

GREETINGS_FILE = Path(__file__).parent / "library" / "greetings.yaml"
COUNTRY_OF = {"pt-BR": "BR", "pt-PT": "PT"}
"""Locales that fix their country."""


def greeting(locale: Locale, country: str, path: Path = GREETINGS_FILE) -> str:
    """The first words in a locale, with the emergency number of its country; English takes `country`'s.

    Raises `PromptError` where the file lacks the locale or names a number that there is none of.
    """
    texts = read_yaml(path, PromptError)
    if not isinstance(texts, dict) or set(texts) != set(LOCALES) or not all(isinstance(t, str) for t in texts.values()):
        raise PromptError(f"{path} must hold one text for each of {', '.join(LOCALES)}, and nothing else.")
    numbers = contact_variables(COUNTRY_OF.get(locale, country))
    try:
        return str(texts[locale]).format_map(numbers)
    except (KeyError, ValueError, IndexError) as error:
        raise PromptError(f"{path}, {locale}: {error} is no number of contacts.yaml; correct the text.") from error
