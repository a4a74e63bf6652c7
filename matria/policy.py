"""Every threshold, read from policy.yaml: value, unit and reason.

`policy.number("sla.risk_auc")` gives the value; an unknown name is an error, never a default. The file's hash goes
into each run's tags, so that a verdict can be held against the thresholds of its day.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matria.errors import SettingsError
from matria.yamlfile import parse_yaml


@dataclass(frozen=True)
class Threshold:
    """One threshold."""

    name: str
    """Dotted, such as `gate.axis_margins.tone`."""
    value: float
    unit: str
    reason: str


@dataclass(frozen=True)
class Policy:
    """All thresholds by dotted name, and the hash of the file that they came from."""

    thresholds: Mapping[str, Threshold]
    digest: str

    def number(self, name: str) -> float:
        """The value of one threshold. Raises `SettingsError` for a name that policy.yaml lacks."""
        try:
            return self.thresholds[name].value
        except KeyError:
            raise SettingsError(f"policy.yaml has no threshold '{name}': add it with value, unit and reason.") from None

    def count(self, name: str) -> int:
        """The value of a threshold that counts something."""
        value = self.number(name)
        if value != int(value):
            raise SettingsError(f"policy.yaml: '{name}' counts something, so {value} must be a whole number.")
        return int(value)

    def group(self, name: str) -> dict[str, float]:
        """The values below `name`, by their last part."""
        prefix = f"{name}."
        return {key.removeprefix(prefix): t.value for key, t in self.thresholds.items() if key.startswith(prefix)}


def load_policy(path: Path) -> Policy:
    """The thresholds of the file. Raises `SettingsError` where one lacks a value, a unit or a reason."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise SettingsError(f"{path} is missing: it holds every threshold; restore it from git.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    tree = parse_yaml(text, str(path), SettingsError)
    thresholds = {threshold.name: threshold for threshold in _walk(tree or {}, path)}
    return Policy(thresholds, hashlib.sha256(content).hexdigest())


def _walk(tree: Any, path: Path, prefix: str = "") -> Iterator[Threshold]:
    if not isinstance(tree, dict):
        raise SettingsError(f"{path}: '{prefix or 'the file'}' must be a section or {{value, unit, reason}}.")
    if "value" in tree:
        yield _threshold(tree, path, prefix)
        return
    for key, branch in tree.items():
        yield from _walk(branch, path, f"{prefix}.{key}" if prefix else str(key))


def _threshold(leaf: dict[str, Any], path: Path, name: str) -> Threshold:
    wrong = set(leaf) ^ {"value", "unit", "reason"}
    value = leaf["value"]
    if wrong or not isinstance(value, int | float) or isinstance(value, bool) or not leaf["unit"] or not leaf["reason"]:
        raise SettingsError(f"{path}: '{name}' needs exactly a numeric value, a unit and a reason.")
    return Threshold(name, float(value), str(leaf["unit"]), str(leaf["reason"]))
