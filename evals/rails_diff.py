"""What a change did to the guardrails: term groups, blocklists, texts of care and thresholds, as a reviewer reads them.

Files are compared group by group and phrase by phrase, so that a group that moved within its file is no change. As
Markdown nothing of a file can be more than text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matria.errors import InputError
from matria.markdown import clipped, code
from matria.yamlfile import read_yaml

_NAMED = 6
"""Entries of one group that are written out; more are counted."""
_LINES = 40
"""Changes that are written out."""
_CHARACTERS = 160


@dataclass(frozen=True)
class RailsChange:
    """One thing that differs."""

    place: str
    """File, or `policy.yaml`."""
    name: str
    """Id of the group, or name of the threshold; empty where it is the file as a whole."""
    state: str
    """`added`, `removed` or `changed`."""
    gone: tuple[str, ...] = ()
    """What it had, such as phrases."""
    new: tuple[str, ...] = ()
    """What it has now."""


def rails_diff(base: Path, head: Path, folders: tuple[Path, ...]) -> tuple[RailsChange, ...]:
    """What differs in the YAML files below the folders of two checkouts, by file and group."""
    return tuple(
        change
        for folder in folders
        for name in sorted(_files(base / folder) | _files(head / folder))
        for change in _file_changes(base / folder / name, head / folder / name, (folder / name).as_posix())
    )


def threshold_diff(base: Mapping[str, float], head: Mapping[str, float]) -> tuple[RailsChange, ...]:
    """The thresholds that moved, by name."""
    return tuple(
        RailsChange("policy.yaml", name, "changed", (f"{base[name]:g}",), (f"{head[name]:g}",))
        for name in sorted(base.keys() & head.keys())
        if base[name] != head[name]
    )


def rails_diff_as_markdown(changes: tuple[RailsChange, ...], words: Mapping[str, str]) -> str:
    """A line for each change; empty where there is none. `words` has `change_added` and the like."""
    lines = [_line(change, words) for change in changes[:_LINES]]
    more = [f"- … {len(changes) - _LINES}"] if len(changes) > _LINES else []
    return "\n".join([*lines, *more, ""]) if lines else ""


def _line(change: RailsChange, words: Mapping[str, str]) -> str:
    where = f"{code(change.place)} {code(change.name)}" if change.name else code(change.place)
    signed = (("−", change.gone), ("+", change.new))
    parts = [f"{sign} {code(clipped(text, _CHARACTERS))}" for sign, texts in signed for text in _few(texts)]
    return f"- {where}: {words[f'change_{change.state}']}{'; ' if parts else ''}{', '.join(parts)}"


def _few(texts: tuple[str, ...]) -> tuple[str, ...]:
    return texts if len(texts) <= _NAMED else (*texts[:_NAMED], f"… {len(texts) - _NAMED}")


def _files(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*.yaml")}


def _file_changes(base: Path, head: Path, place: str) -> Iterator[RailsChange]:
    if not (base.is_file() and head.is_file()):
        yield RailsChange(place, "", "added" if head.is_file() else "removed")
        return
    if base.read_bytes() == head.read_bytes():
        return
    before, after = _groups(base), _groups(head)
    found = [change for name in {**before, **after} for change in _group_changes(place, name, before, after)]
    yield from found or [RailsChange(place, "", "changed")]


def _group_changes(place: str, name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[RailsChange]:
    if name not in before or name not in after:
        yield RailsChange(place, name, "added" if name in after else "removed")
    elif before[name] != after[name]:
        old, new = _entries(before[name]), _entries(after[name])
        gone, come = tuple(e for e in old if e not in new), tuple(e for e in new if e not in old)
        yield RailsChange(place, name, "changed", gone, come)


def _groups(path: Path) -> dict[str, Any]:
    """What a file holds by name: its groups by id, its sets, its texts; nothing where it does not parse."""
    try:
        tree = read_yaml(path, InputError)
    except InputError:
        return {}
    if not isinstance(tree, dict):
        return {}
    groups = tree.pop("groups", None)
    named = {str(g.get("id")): g for g in groups if isinstance(g, dict)} if isinstance(groups, list) else {}
    return {**{str(key): value for key, value in tree.items()}, **named}


def _entries(value: Any) -> list[str]:
    """What a group, a set or a text consists of, each in one line."""
    if isinstance(value, dict):
        return [
            entry
            for key, part in value.items()
            for entry in (_entries(part) if isinstance(part, dict | list) else [f"{key}: {part}"])
        ]
    return [str(part) for part in value] if isinstance(value, list) else [str(value)]
