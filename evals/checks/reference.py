"""The reference of the checks, written from their registry; a test runs every example that it prints."""

from collections.abc import Iterator, Mapping
from typing import Any

from evals.checks.params import Params
from evals.checks.registry import CheckKind, Example, check_kinds
from evals.rows import RailDecision

_INTRODUCTION = """# Checks

A check grades a criterion by code: the same answer always gets the same grade, at no cost. It says whether the
answer *does what the criterion describes*, and shows the words that decided. The sign of the points says if that is
good.

Checks of language read the answer in the language that it is written in, without regard to case. Accents and
inflections do not matter ("tomar", "tome", "tomando"), with one exception: the past. What she did ("tomou") is not what
she is told to do. Negation is heard: it reaches to the end of its clause, a chain turns it round ("não deixe de ir" is
"ir"), and so do "evite", "em vez de", "instead of". Words between quotation marks are somebody else's. Words lie in
`evals/checks/lexicons/`, where a linguist can change them. Checks of form (`contains`, `matches`, `json_schema`,
`length`, `reading_ease`, `masked`, `keeps`) look at the text alone, and checks of the rails (`rail_action`,
`rail_reason`, `rail_level`) at what the guardrails decided.

A check that lacks what it needs (`latency`, `cost`, `cites_retrieved`, `rail_action`) or breaks is a grader error: no
grade, never a good or a bad one. A threshold of policy.yaml that a check names is one of `assistant.*`.

A check is as good as its words. Where a sentence is misread, add it to `tests/unit/evals/test_checks.py` and mend the
lexicon; what no check hears may be [a check of your own](../how-to/write-a-check.md); where meaning beyond words
decides, let the judge `rubric` grade the criterion."""


def checks_page() -> str:
    """The page, in Markdown."""
    sections = [section for kind in check_kinds().values() for section in _section(kind)]
    return "\n".join([_INTRODUCTION, "", *_index(), "", *sections]).rstrip() + "\n"


def _index() -> Iterator[str]:
    yield "| kind | parameters | locales |"
    yield "|---|---|---|"
    for kind in check_kinds().values():
        names = ", ".join(f"`{name}`" for name in _parameters(kind.params)) or "none"
        yield f"| [`{kind.name}`](#{kind.name}) | {names} | {', '.join(kind.locales)} |"


def _parameters(params: type[Params]) -> dict[str, str]:
    """Each parameter by the name that it has in YAML, with what it may hold."""
    schema = params.model_json_schema(by_alias=True)
    required = set(schema.get("required", ()))
    return {
        name: f"{_type(spec)}{'' if name in required else f'; default {_default(spec)}'}"
        for name, spec in schema.get("properties", {}).items()
    }


def _type(spec: dict[str, object]) -> str:
    options = spec.get("anyOf")
    if isinstance(options, list):
        return _type(next(option for option in options if option.get("type") != "null"))
    if "enum" in spec:
        values = spec["enum"]
        assert isinstance(values, list)
        return "one of " + ", ".join(f"`{value}`" for value in values)
    names = {
        "array": "list of texts",
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "object": "mapping",
    }
    return names[str(spec["type"])]


def _default(spec: dict[str, object]) -> str:
    default = spec.get("default")
    return "none" if default is None else str(default).lower()


def _section(kind: CheckKind) -> Iterator[str]:
    yield f"## {kind.name}"
    yield ""
    yield kind.summary
    yield ""
    parameters = _parameters(kind.params)
    if parameters:
        yield from (f"- `{name}`: {text}" for name, text in parameters.items())
        yield ""
    yield "| answer | check | met |"
    yield "|---|---|---|"
    yield from (_example(example) for example in kind.examples)
    yield ""


def _example(example: Example) -> str:
    answer = example.answer.replace("|", "\\|").replace("\n", " ⏎ ")
    given = "".join(f"; {_given(name, value)}" for name, value in example.context.items())
    return f"| {answer} ({example.locale}{given}) | `{_yaml(example)}` | {'yes' if example.met else 'no'} |"


def _given(name: str, value: Any) -> str:
    """What else the check is given, in words."""
    if name == "retrieved":
        return f"retrieved {', '.join(f'{passage.id}: {passage.source}' for passage in value)}"
    if name == "decisions":
        return "; ".join(f"rails: {', '.join([d.action, *d.reasons, *_levels(d)])}" for d in value)
    return f"{name} {value:g}"


def _levels(decision: RailDecision) -> Iterator[str]:
    return (f"{category} {level}" for category, level in decision.levels.items())


def _yaml(example: Example) -> str:
    """The check as a case would have it."""
    return _flow(example.check).replace("|", "\\|")


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {_flow(part)}' for name, part in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_flow(part) for part in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
