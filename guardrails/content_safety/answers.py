"""What the service answered, read strictly: whatever is missing, too much or out of range is an answer that failed.

Sources: the REST descriptions of 2023-10-01 (`text:analyze`), 2024-09-01 (`text:shieldPrompt`) and 2024-09-15-preview
(`text:detectGroundedness`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guardrails.base import Category
from guardrails.content_safety.failures import CallFailed

SERVICE_NAMES: Mapping[str, Category] = {
    "Hate": "hate",
    "SelfHarm": "self_harm",
    "Sexual": "sexual",
    "Violence": "violence",
}
HIGHEST_LEVEL = 7


@dataclass(frozen=True)
class Analysis:
    """The levels of a text, and the blocklists that hold something of it."""

    levels: Mapping[Category, int]
    """Of every category; empty where a blocklist was hit and the service looked no further."""
    hits: tuple[str, ...]
    """Names of blocklists, each once."""


@dataclass(frozen=True)
class Shielding:
    """Where an attack was seen."""

    in_prompt: bool
    in_documents: tuple[bool, ...]
    """One for each document sent, in order."""


@dataclass(frozen=True)
class Ungrounded:
    """A part of an answer that no source bears out, as the service gives it."""

    text: str
    offset: Any
    length: Any


@dataclass(frozen=True)
class Grounding:
    """How much of an answer no source bears out."""

    is_ungrounded: bool
    share: float
    """Of the text, 0 to 1."""
    details: tuple[Ungrounded, ...]


def read_analysis(answer: Any) -> Analysis:
    """Blocklist hits first: after one the service may have left the categories out, which is no clean text."""
    tree = _tree(answer)
    hits = tuple(dict.fromkeys(string(match, "blocklistName") for match in _list(tree, "blocklistsMatch", [])))
    categories = _list(tree, "categoriesAnalysis")
    return Analysis({} if hits and not categories else _levels(categories), hits)


def read_shielding(answer: Any, *, has_prompt: bool, documents: int) -> Shielding:
    """One verdict for the prompt where there is one, and one for each of `documents`."""
    tree = _tree(answer)
    in_prompt = _is(_tree(tree.get("userPromptAnalysis")), "attackDetected") if has_prompt else False
    in_documents = tuple(_is(each, "attackDetected") for each in _list(tree, "documentsAnalysis", []))
    if len(in_documents) != documents:
        raise CallFailed("unreadable")
    return Shielding(in_prompt, in_documents)


def read_grounding(answer: Any) -> Grounding:
    """The share and the parts that are not borne out."""
    tree = _tree(answer)
    share = tree.get("ungroundedPercentage")
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
        raise CallFailed("unreadable")
    details = [_tree(detail) for detail in _list(tree, "ungroundedDetails", [])]
    parts = tuple(Ungrounded(string(each, "text"), each.get("offset"), each.get("length")) for each in details)
    return Grounding(_is(tree, "ungroundedDetected"), float(share), parts)


def string(tree: Any, name: str) -> str:
    """The text of that name. Raises `CallFailed` where there is none."""
    value = _tree(tree).get(name)
    if not isinstance(value, str) or not value:
        raise CallFailed("unreadable")
    return value


def _levels(categories: list[Any]) -> dict[Category, int]:
    levels: dict[Category, int] = {}
    for each in categories:
        category = SERVICE_NAMES.get(string(each, "category"))
        level = each.get("severity")
        is_level = isinstance(level, int) and not isinstance(level, bool) and 0 <= level <= HIGHEST_LEVEL
        if category is None or category in levels or not is_level:
            raise CallFailed("unreadable")
        levels[category] = level
    if len(levels) != len(SERVICE_NAMES):
        raise CallFailed("unreadable")
    return levels


def _tree(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise CallFailed("unreadable")
    return value


def _list(tree: Mapping[str, Any], name: str, default: list[Any] | None = None) -> list[Any]:
    value = tree.get(name)
    value = default if value is None else value
    if not isinstance(value, list):
        raise CallFailed("unreadable")
    return value


def _is(tree: Any, name: str) -> bool:
    value = _tree(tree).get(name)
    if not isinstance(value, bool):
        raise CallFailed("unreadable")
    return value
