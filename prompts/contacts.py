"""The telephone numbers that an assistant may give, by country, as variables for prompts that declare them.

The Portuguese partials carry their country's numbers in the text, where clinicians read them; a test holds those and
`library/contacts.yaml` together.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from matria.errors import PromptError
from matria.yamlfile import parse_yaml, read_yaml
from prompts.sources import Sources

CONTACTS_NAME = "contacts.yaml"
"""In the folder of a library."""
CONTACTS_FILE = Path(__file__).parent / "library" / CONTACTS_NAME
CONTACT_VARIABLES = (
    "emergency_number",
    "health_line",
    "suicide_line",
    "maternal_mental_health_line",
    "violence_line",
)


def contact_variables(country: str, path: Path = CONTACTS_FILE) -> Mapping[str, str]:
    """Each of `CONTACT_VARIABLES` for a country such as `US`; "" where the country has no such national line.

    Raises `PromptError` for a country that the file lacks.
    """
    return _of(_read(path), country, str(path))


def library_contacts(sources: Sources, country: str) -> Mapping[str, str]:
    """The same from the library's own file, or from this version's where the library has none.

    Raises `PromptError` like `contact_variables`.
    """
    content = sources.files.get(CONTACTS_NAME)
    if content is None:
        return contact_variables(country)
    return _of(_parsed(content, sources.path_of(CONTACTS_NAME)), country, sources.path_of(CONTACTS_NAME))


def _of(contacts: Mapping[str, Mapping[str, str]], country: str, path: str) -> Mapping[str, str]:
    try:
        return contacts[country]
    except KeyError:
        raise PromptError(
            f"{path} has no numbers for the country '{country}': add them, or choose one of {', '.join(contacts)}."
        ) from None


@lru_cache(maxsize=8)
def _read(path: Path) -> Mapping[str, Mapping[str, str]]:
    return _checked(read_yaml(path, PromptError), str(path))


@lru_cache(maxsize=8)
def _parsed(content: bytes, path: str) -> Mapping[str, Mapping[str, str]]:
    return _checked(parse_yaml(content.decode("utf-8-sig", "replace"), path, PromptError), path)


def _checked(tree: Any, path: str) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(tree, dict):
        raise PromptError(f"{path} must hold numbers by country.")
    for country, numbers in tree.items():
        if set(numbers) != set(CONTACT_VARIABLES) or not all(isinstance(n, str) for n in numbers.values()):
            raise PromptError(
                f"{path}: '{country}' needs exactly {', '.join(CONTACT_VARIABLES)}, each a text in quotes."
            )
    return {str(country): numbers for country, numbers in tree.items()}
