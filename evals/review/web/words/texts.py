"""The words of the nurses' pages: one file for each language, with the same keys in each.

`words("pt-BR")("week.progress", read=7, total=20)` is the sentence. A key that is missing is an error of ours, never an
empty place on a page. A list is one text with `|` between its parts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matria.errors import InternalError, SettingsError
from matria.messages import Locale
from matria.yamlfile import read_yaml

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Words:
    """All texts of one language, by dotted key."""

    locale: Locale
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text with its values put in. Raises `InternalError` for a key that no file has."""
        try:
            return self.texts[key].format(**values)
        except KeyError as error:
            raise InternalError(f"the words in {self.locale} lack {error} for '{key}'") from error

    def count(self, key: str, n: int, **values: object) -> str:
        """The text for one, or for another number."""
        return self(f"{key}.one" if n == 1 else f"{key}.other", n=n, **values)

    def parts(self, key: str) -> list[str]:
        """The parts of a list."""
        return self(key).split("|")

    def has(self, key: str) -> bool:
        """Whether there is such a text; some options have a hint and others have none."""
        return key in self.texts

    def option(self, question: str, option: str) -> str:
        """An answer as it stands on the page."""
        shared = f"question.{option}"
        return self(shared if self.has(shared) else f"question.{question}.{option}")


@cache
def words(locale: Locale) -> Words:
    """The texts of one language."""
    tree = read_yaml(FOLDER / f"texts.{locale}.yaml", SettingsError)
    return Words(locale, dict(flat(tree)))


def flat(tree: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Texts by dotted key."""
    found: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        found += flat(value, f"{name}.") if isinstance(value, dict) else [(name, str(value))]
    return found
