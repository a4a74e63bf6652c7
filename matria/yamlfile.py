"""A YAML file as plain data, with errors that a person can act on (line, and tabs named as tabs)."""

from pathlib import Path
from typing import Any

import yaml

from matria.errors import UserError

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # a PyYAML built without libyaml
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


def read_yaml(path: Path, raises: type[UserError]) -> Any:
    """What the file holds. Raises `raises` where it is missing, is not UTF-8 or does not parse."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8-sig"), str(path), raises)
    except FileNotFoundError:
        raise raises(f"{path} is missing: check the path.") from None
    except IsADirectoryError:
        raise raises(f"{path} is a folder: name a file in it.") from None
    except UnicodeDecodeError as error:
        raise raises(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error


def refuse_twice(text: str, name: str, raises: type[UserError]) -> None:
    """Raises `raises` where a key stands twice in one mapping: YAML's readers take the last and say nothing."""
    pending, walked = [yaml.compose(text, Loader=_Loader)], set()
    while pending:
        node = pending.pop()
        if id(node) in walked:  # an anchor, which may hold itself
            continue
        walked.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            pending.extend(value for _, value in node.value)
            _refuse_twice(node, name, raises)


def _refuse_twice(node: yaml.MappingNode, name: str, raises: type[UserError]) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                line = key.start_mark.line + 1
                raise raises(f"{name}, line {line}: '{key.value}' stands there a second time; leave one.")
            seen.add(key.value)


def parse_yaml(text: str, name: str, raises: type[UserError]) -> Any:
    """What `text` holds; `name` is how the error calls it."""
    try:
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}" if mark else "the text"
        tab = next(
            (n for n, row in enumerate(text.splitlines(), 1) if row[: len(row) - len(row.lstrip())].count("\t")),
            0,
        )
        if tab:
            raise raises(
                f"{name}, line {tab}: YAML is indented with spaces, and a tab stands there; replace it."
            ) from error
        problem = getattr(error, "problem", None) or "it does not parse"
        raise raises(f"{name}, {line}: {problem}; correct that line.") from error
