"""The nouns of a prompt: the prompt itself, its inputs, its sections and the files it is made of."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from matria.messages import Locale, Persona, Role

Use = Literal["triage", "content", "support", "summary"]
"""What a prompt is for; tag `use:`."""
InputType = Literal["string", "integer", "number", "boolean"]
BUILT_IN_VARIABLES = ("persona", "locale")
"""Known to every prompt and partial without being declared."""


class PromptRef(NamedTuple):
    """Which prompt file: its name without the locale, and its locale."""

    name: str
    locale: str

    def __str__(self) -> str:
        return f"{self.name}.{self.locale}"


@dataclass(frozen=True)
class Input:
    """One variable that a prompt takes."""

    name: str
    type: InputType
    description: str
    required: bool
    default: Any = None
    """Value where none is given; `None` where the front matter has no default."""


@dataclass(frozen=True)
class Section:
    """One message of the template: what follows a heading such as `system:`."""

    role: Role
    source: str
    line: int
    """Line of the file at which `source` begins, from 1."""


@dataclass(frozen=True)
class Partial:
    """One shared text that the prompt includes, directly or through another."""

    name: str
    path: str
    source: str


@dataclass(frozen=True)
class Prompt:
    """One prompt file with the partials that it includes, as they were when it was loaded."""

    name: str
    """Folder and stem without the locale: `gestante/triagem`."""
    locale: Locale
    persona: Persona
    use: Use
    version: str
    """`MAJOR.MINOR.PATCH`."""
    description: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    clinical_review: str
    """`pending`, or which team signed and when."""
    model_parameters: Mapping[str, Any]
    """Sampling parameters by their names on the wire."""
    inputs: Mapping[str, Input]
    sample: Mapping[str, Any]
    path: str
    """The file, as errors and findings call it."""
    sections: tuple[Section, ...] = field(repr=False)
    partials: tuple[Partial, ...] = field(repr=False)
    """By name."""
    closure_hash: str = ""
    """SHA-256 of all that decides what a model sees; see `closure_hash_of`."""

    @property
    def ref(self) -> PromptRef:
        """Name and locale."""
        return PromptRef(self.name, self.locale)

    @property
    def partial_names(self) -> tuple[str, ...]:
        """The partials included, directly or through another."""
        return tuple(partial.name for partial in self.partials)


def closure_hash_of(
    sections: tuple[Section, ...],
    partials: tuple[Partial, ...],
    inputs: Mapping[str, Input],
    model_parameters: Mapping[str, Any],
) -> str:
    """SHA-256, in hexadecimal, of the template, its partials, its inputs and its model parameters.

    Version, description, authors, tags, samples and the clinical signature stay outside: they change nothing that a
    model sees, and signing a version must not make it another one.
    """
    content = {
        "sections": [(section.role, section.source) for section in sections],
        "partials": sorted((partial.name, partial.source) for partial in partials),
        "inputs": sorted((i.name, i.type, i.required, i.default) for i in inputs.values()),
        "model_parameters": dict(model_parameters),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
