"""The reference of the checks, written from their registry; a test runs every example that it prints."""

from collections.abc import Iterator

from evals.checks.params import Params
from evals.checks.registry import CheckKind, Example, check_kinds

_INTRODUCTION = """# Checks

A check grades a criterion by code: the same answer always gets the same grade, at no cost. It says whether the
answer *does what the criterion describes*, and shows the words that decided. The sign of the points says if that is
good.

All checks read the answer in the language that it is written in, without regard to case. Accents and inflections do not
matter ("tomar", "tome", "tomando"), with one exception: the past. What she did ("tomou") is not what she is told to do.
Negation is heard: it reaches to the end of its clause, a chain turns it round ("não deixe de ir" is "ir"), and so do
"evite", "em vez de", "instead of". Words lie in `evals/checks/lexicons/`, where a linguist can change them.

A check is as good as its words. Where a sentence is misread, add it to `tests/unit/evals/test_checks.py` and mend the
lexicon; where meaning beyond words decides, let the judge `rubric` grade the criterion."""


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
    names = {"array": "list of texts", "string": "text", "integer": "whole number", "boolean": "true or false"}
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
    return f"| {answer} ({example.locale}) | `{_yaml(example)}` | {'yes' if example.met else 'no'} |"


def _yaml(example: Example) -> str:
    """The check as a case would have it."""
    parts = []
    for name, value in example.check.items():
        shown = f"[{', '.join(str(item) for item in value)}]" if isinstance(value, list) else str(value)
        parts.append(f"{name}: {shown.lower() if isinstance(value, bool) else shown}")
    return f"{{{', '.join(parts)}}}".replace("|", "\\|")
