"""The YAML front matter of a prompt file, checked key by key, and the text below it cut into sections.

Headings are recognised here, in the file, and nowhere later: a value that holds a line `system:` stays text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from matria.errors import PromptError
from matria.messages import Role
from matria.yamlfile import parse_yaml
from prompts.prompt import BUILT_IN_VARIABLES, Input, InputType, Section

FENCE = "---"
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
ROLES: tuple[Role, ...] = get_args(Role)
INPUT_TYPES: tuple[InputType, ...] = get_args(InputType)
REQUIRED = (
    "name",
    "description",
    "version",
    "authors",
    "clinical_review",
    "tags",
    "model",
    "inputs",
    "sample",
)
PYTHON_TYPES: Mapping[InputType, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}

_HEADING = re.compile(r"(?:#\s*)?(system|user|assistant)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True)
class FrontMatter:
    """What stands between the two `---` of a prompt file."""

    name: str
    description: str
    version: str
    authors: tuple[str, ...]
    clinical_review: str
    tags: tuple[str, ...]
    model_parameters: Mapping[str, Any]
    inputs: Mapping[str, Input]
    sample: Mapping[str, Any]


def heading_role(line: str) -> Role | None:
    """The role that a line of template opens, if it is a heading."""
    match = _HEADING.fullmatch(line.rstrip())
    return next(role for role in ROLES if role == match[1].lower()) if match else None


def split_file(text: str, path: str) -> tuple[FrontMatter, tuple[Section, ...]]:
    """The front matter and the sections of a prompt file. Raises `PromptError` for the first thing that is wrong."""
    lines = text.split("\n")
    if not lines or lines[0].rstrip() != FENCE:
        raise PromptError(f"{path}, line 1: a prompt file begins with '---' and its front matter; add it.")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        raise PromptError(f"{path}: the front matter has no closing '---'; add it before the 'system:' line.")
    # The empty first line keeps YAML's line numbers those of the file.
    front = _front_matter(parse_yaml("\n".join(["", *lines[1:end]]), path, PromptError), path)
    return front, _sections(lines, end + 1, path)


def version_key(version: str) -> tuple[int, ...]:
    """Sorts versions by their numbers."""
    return tuple(int(part) for part in version.split("."))


def _front_matter(tree: Any, path: str) -> FrontMatter:
    if not isinstance(tree, dict):
        raise PromptError(f"{path}: the front matter holds no 'key: value' lines; see docs/reference/prompts.md.")
    missing = [key for key in REQUIRED if tree.get(key) in (None, "", [])]
    if missing:
        raise PromptError(f"{path}: the front matter lacks '{missing[0]}'; add it (docs/reference/prompts.md).")
    unknown = [str(key) for key in tree if key not in REQUIRED]
    if unknown:
        raise PromptError(f"{path}: the front matter has an unknown key '{unknown[0]}'; remove or correct it.")
    return FrontMatter(
        name=_text(tree, "name", path),
        description=_text(tree, "description", path),
        version=_version(tree["version"], path),
        authors=_texts(tree, "authors", path),
        clinical_review=_text(tree, "clinical_review", path),
        tags=_texts(tree, "tags", path),
        model_parameters=_model_parameters(tree["model"], path),
        inputs={name: _input(name, spec, path) for name, spec in _mapping(tree, "inputs", path).items()},
        sample=_mapping(tree, "sample", path),
    )


def _version(value: Any, path: str) -> str:
    if isinstance(value, str) and SEMVER.fullmatch(value):
        return value
    raise PromptError(f"{path}: version '{value}' is not three numbers such as 1.2.0; correct it.")


def _model_parameters(model: Any, path: str) -> Mapping[str, Any]:
    if not isinstance(model, dict) or model.get("api") != "chat":
        raise PromptError(f"{path}: 'model.api' must be 'chat', the one kind of model spoken to; set it.")
    parameters = model.get("parameters", {})
    if not isinstance(parameters, dict) or set(model) - {"api", "parameters"}:
        raise PromptError(f"{path}: 'model' takes 'api: chat' and a map 'parameters', nothing else; correct it.")
    return parameters


def _input(name: Any, spec: Any, path: str) -> Input:
    if not isinstance(name, str) or not IDENTIFIER.fullmatch(name) or name in BUILT_IN_VARIABLES:
        raise PromptError(f"{path}: input '{name}' needs a name in snake_case other than 'persona' and 'locale'.")
    if not isinstance(spec, dict) or set(spec) - {"type", "description", "required", "default"}:
        raise PromptError(f"{path}: input '{name}' takes 'type', 'description', 'required' and 'default'; correct it.")
    kind = next((kind for kind in INPUT_TYPES if kind == spec.get("type")), None)
    if kind is None:
        raise PromptError(f"{path}: input '{name}' needs a type: {', '.join(INPUT_TYPES)}.")
    required = spec.get("required", "default" not in spec)
    if not isinstance(required, bool) or (required and "default" in spec):
        raise PromptError(f"{path}: input '{name}' is either required or has a default; keep one of the two.")
    default = spec.get("default")
    if default is not None and not fits(default, kind):
        raise PromptError(f"{path}: the default of input '{name}' is not of type {kind}; correct it.")
    return Input(name, kind, str(spec.get("description", "")), required, default)


def fits(value: Any, kind: InputType) -> bool:
    """Whether the value is of the type; a boolean is no number."""
    return isinstance(value, PYTHON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _sections(lines: list[str], start: int, path: str) -> tuple[Section, ...]:
    headings = [(n, role) for n, line in enumerate(lines[start:], start) if (role := heading_role(line)) is not None]
    first = headings[0][0] if headings else len(lines)
    stray = next((n for n in range(start, first) if lines[n].strip()), None)
    if stray is not None:
        raise PromptError(f"{path}, line {stray + 1}: text stands before the first heading; put 'system:' above.")
    ends = [n for n, _ in headings[1:]] + [len(lines)]
    sections = tuple(_section(role, lines, n + 1, end, path) for (n, role), end in zip(headings, ends, strict=True))
    roles = [section.role for section in sections]
    if not roles or roles[0] != "system" or roles[-1] != "user" or roles.count("system") != 1:
        raise PromptError(f"{path}: the template begins with one 'system:' section and ends with 'user:'; correct it.")
    return sections


def _section(role: Role, lines: list[str], start: int, end: int, path: str) -> Section:
    while start < end and not lines[start].strip():
        start += 1
    source = "\n".join(lines[start:end]).rstrip()
    if not source:
        raise PromptError(f"{path}: the section '{role}:' is empty; write it or remove its heading.")
    return Section(role, source, start + 1)


def _mapping(tree: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    value = tree[key]
    if not isinstance(value, dict):
        raise PromptError(f"{path}: '{key}' must be a map of 'name: value' lines; correct it.")
    return value


def _text(tree: Mapping[str, Any], key: str, path: str) -> str:
    value = tree[key]
    if not isinstance(value, str):
        raise PromptError(f"{path}: '{key}' must be a text; put it in quotation marks.")
    return value.strip()


def _texts(tree: Mapping[str, Any], key: str, path: str) -> tuple[str, ...]:
    value = tree[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise PromptError(f"{path}: '{key}' must be a list of texts, one '- ' line each; correct it.")
    return tuple(value)
