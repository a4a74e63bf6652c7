"""The database's properties as they are now, against those that a review needs.

A property or an option is found by its remembered id, else by its name: people rename columns. What is missing can be
made. What still has a name that we gave it earlier gets that of today, since the page speaks of it. A property of
another type cannot be mended without losing what is in it, so that is said in a sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evals.review.notion.memory import Memory
from evals.review.notion.words import FIELD, FIELDS, Code, Field
from matria.messages import Locale

Properties = Mapping[str, Mapping[str, Any]]
"""Of a data source or a page, by the name of today."""


@dataclass(frozen=True)
class Columns:
    """Where each property is."""

    names: Mapping[Code, str]
    """As the property is called now; requests name it so."""
    ids: Mapping[Code, str]
    """Answers are read by it."""
    options: Mapping[Code, Mapping[str, str]]
    """Of a select of ours: option id by what it means."""
    labels: Mapping[Code, Mapping[str, str]]
    """Of a select of ours: the option's name of today by what it means."""

    def meaning(self, code: Code, option: Mapping[str, Any]) -> str | None:
        """What a chosen option means; None for one that is not of the form's."""
        return next((means for means, known in self.options[code].items() if known == option.get("id")), None)


@dataclass(frozen=True)
class Look:
    """What was found, and what is the matter."""

    columns: Columns
    missing: tuple[Field, ...] = ()
    lacking: Mapping[Code, tuple[str, ...]] = field(default_factory=dict)
    """Options that a select has no more, by what they mean."""
    wrong: tuple[str, ...] = ()
    """Sentences on what only a person can mend."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that keeps reviews from being read, in sentences."""
        gone = [
            f"The Notion database has no property “{one.name}”: the next offer makes it again." for one in self.missing
        ]
        return (*self.wrong, *gone)


def wanted(locale: Locale) -> dict[str, Any]:
    """All properties, for a database that is made."""
    return {one.called(locale): _made(one, locale) for one in FIELDS}


def look(properties: Properties, memory: Memory) -> Look:
    """The properties against what is needed."""
    by_id = {str(one["id"]): name for name, one in properties.items()}
    names: dict[Code, str] = {}
    missing, wrong = [], []
    for one in FIELDS:
        name = _name(one, properties, by_id, memory)
        if name is None:
            missing.append(one)
        elif properties[name]["type"] != one.type:
            wrong.append(_mistyped(one, name, str(properties[name]["type"])))
        else:
            names[one.code] = name
    columns = _columns(names, properties, memory)
    return Look(columns, tuple(missing), _lacking(columns), tuple(wrong))


def mending(found: Look, properties: Properties, locale: Locale) -> dict[str, Any]:
    """The update that adds what is missing and names anew what has a name of ours from before; empty where nothing is.

    Nothing else that exists is changed or removed.
    """
    update: dict[str, Any] = {one.called(locale): _made(one, locale) for one in found.missing}
    for code, name in found.columns.names.items():
        if name in FIELD[code].former and FIELD[code].called(locale) not in properties:
            update[name] = {"name": FIELD[code].called(locale)}
    for code, means in found.lacking.items():
        name = found.columns.names[code]
        kept = [{"id": one["id"], "name": one["name"]} for one in properties[name]["select"]["options"]]
        texts = FIELD[code].choices(locale)
        options = [*kept, *({"name": texts[one]} for one in means)]
        update[name] = {**update.get(name, {}), "select": {"options": options}}
    return update


def remembered(found: Look, database_id: str, source_id: str, parent_id: str) -> Memory:
    """What to recall next time."""
    return Memory(
        database_id, source_id, parent_id, dict(found.columns.ids.items()), dict(found.columns.options.items())
    )


def _name(one: Field, properties: Properties, by_id: Mapping[str, str], memory: Memory) -> str | None:
    if one.type == "title":
        return next((name for name, other in properties.items() if other["type"] == "title"), None)
    remembered_id = memory.fields.get(one.code, "")
    return by_id.get(remembered_id) or next((name for name in one.names if name in properties), None)


def _columns(names: Mapping[Code, str], properties: Properties, memory: Memory) -> Columns:
    ids = {code: str(properties[name]["id"]) for code, name in names.items()}
    options = {
        one.code: _options(one, properties[names[one.code]], memory)
        for one in FIELDS
        if one.options and one.code in names
    }
    return Columns(
        names, ids, options, {code: _labels(properties[names[code]], ours) for code, ours in options.items()}
    )


def _options(one: Field, there: Mapping[str, Any], memory: Memory) -> dict[str, str]:
    by_id = {str(option["id"]) for option in there["select"]["options"]}
    by_name = {str(option["name"]): str(option["id"]) for option in there["select"]["options"]}
    known = memory.options.get(one.code, {})
    found: dict[str, str] = {}
    for means, name in one.options.items():
        by_names = (by_name.get(called, "") for called in (name, one.options_pt.get(means, "")))
        if option_id := next((one for one in (known.get(means, ""), *by_names) if one in by_id), None):
            found[means] = option_id
    return found


def _labels(there: Mapping[str, Any], ours: Mapping[str, str]) -> dict[str, str]:
    by_id = {str(option["id"]): str(option["name"]) for option in there["select"]["options"]}
    return {means: by_id[option_id] for means, option_id in ours.items()}


def _lacking(columns: Columns) -> dict[Code, tuple[str, ...]]:
    lacking = {
        code: tuple(means for means in FIELD[code].options if means not in options)
        for code, options in columns.options.items()
    }
    return {code: means for code, means in lacking.items() if means}


def _made(one: Field, locale: Locale) -> dict[str, Any]:
    options = [{"name": name} for name in one.choices(locale).values()]
    return {one.type: {"options": options} if options else {}}


def _mistyped(one: Field, name: str, there: str) -> str:
    return (
        f"The property “{name}” of the Notion database is of type {there}, not {one.type}: set its type back, or "
        f"delete it, and “{one.name}” is made again without what was in it."
    )
