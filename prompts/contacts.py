"""The telephone numbers that an assistant may give, by country, as variables for prompts that declare them.

The Portuguese partials carry their country's numbers in the text, where clinicians read them; a test holds those and
`library/contacts.yaml` together.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from matria.errors import PromptError
from matria.yamlfile import read_yaml

CONTACTS_FILE = Path(__file__).parent / "library" / "contacts.yaml"
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
    contacts = _read(path)
    try:
        return contacts[country]
    except KeyError:
        raise PromptError(
            f"{path} has no numbers for the country '{country}': add them, or choose one of {', '.join(contacts)}."
        ) from None


@lru_cache(maxsize=8)
def _read(path: Path) -> Mapping[str, Mapping[str, str]]:
    tree = read_yaml(path, PromptError)
    for country, numbers in tree.items():
        if set(numbers) != set(CONTACT_VARIABLES) or not all(isinstance(n, str) for n in numbers.values()):
            raise PromptError(
                f"{path}: '{country}' needs exactly {', '.join(CONTACT_VARIABLES)}, each a text in quotes."
            )
    return {str(country): numbers for country, numbers in tree.items()}
