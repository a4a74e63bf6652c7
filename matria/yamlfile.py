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
