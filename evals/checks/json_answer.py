"""`json_schema`: an answer that is JSON, and of the shape that is asked for.

The whole answer may be JSON, or one fenced block in it. Standard JSON only: `NaN` is none. A schema is held against its
own meta-schema when the suite is read, and may not point outside itself, so that grading never asks the network.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from evals.checks.params import SchemaParams
from evals.checks.reading import Reading
from evals.checks.registry import Context, Example, Result, check_kind

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*(?:json|JSON)?[ \t]*\n(.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_SHOWN = 60
_WEEK = {"type": "object", "required": ["week"], "properties": {"week": {"type": "integer", "maximum": 42}}}


@check_kind(
    "json_schema",
    "The answer is JSON, alone or as its only fenced block, and fits the JSON Schema `schema` (draft 2020-12).",
    examples=[
        Example({"kind": "json_schema", "schema": _WEEK}, "en", '{"week": 32}', True),
        Example({"kind": "json_schema", "schema": _WEEK}, "pt-BR", 'Aqui está:\n```json\n{"week": 32}\n```', True),
        Example({"kind": "json_schema", "schema": _WEEK}, "en", '{"week": "32"}', False),
        Example({"kind": "json_schema", "schema": _WEEK}, "pt-PT", "Está na semana 32.", False),
    ],
)
def json_schema(reading: Reading, params: SchemaParams, context: Context) -> Result:
    """Whether the answer is JSON of that shape."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry

    written = _block(reading.text)
    try:
        value = json.loads(written, parse_constant=_refuse)
        errors = Draft202012Validator(params.schema_, registry=Registry()).iter_errors(value)
        worst = best_match(errors)
    except (ValueError, RecursionError):
        return Result(False, "", "Is not JSON, nor holds exactly one fenced block of it.")
    if worst is None:
        return Result(True, written[:_SHOWN], "Fits the schema.")
    return Result(False, written[:_SHOWN], f"Does not fit the schema at {worst.json_path}: '{worst.validator}'.")


def _block(text: str) -> str:
    blocks = [match.group(2) for match in _FENCE.finditer(text)]
    return (blocks[0] if len(blocks) == 1 else text).strip()


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def problem_of_schema(schema: dict[str, Any]) -> str:
    """Why it is no schema that a suite may hold; empty where it is one."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    outside = next((reference for reference in _references(schema) if not reference.startswith("#")), None)
    if outside is not None:
        return f"the reference '{outside}' points outside the schema"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return f"it is not a JSON Schema at {error.json_path}: '{error.validator}'"
    return ""


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("$ref", "$dynamicRef") and isinstance(part, str):
                yield part
            else:
                yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)
