"""`text:analyze`: blocklist hits, and a severity for each category that is asked for."""

from typing import Any

from guardrails.base import Category
from guardrails.emulator import fields
from guardrails.emulator.asgi import Call, Reply
from guardrails.emulator.blocklists import Hit
from guardrails.emulator.service import Service
from guardrails.emulator.wire_error import invalid_body, unknown_blocklist

CATEGORIES: dict[str, Category] = {
    "Hate": "hate",
    "SelfHarm": "self_harm",
    "Sexual": "sexual",
    "Violence": "violence",
}
OUTPUTS = ("FourSeverityLevels", "EightSeverityLevels")
"""The default first."""
MAX_TEXT = 10_000


async def analyze(service: Service, call: Call) -> Reply:
    """The analysis; after a hit with `haltOnBlocklistHit` no category is analysed."""
    body = fields.json_object(call.body)
    text = fields.text(body, "text", MAX_TEXT)
    categories = _categories(body)
    output = fields.choice(body, "outputType", OUTPUTS)
    hits = service.blocklists.hits(_blocklists(service, body), text)
    service.counts.billed(text)
    halts = fields.flag(body, "haltOnBlocklistHit") and bool(hits)
    levels = {} if halts else await service.verdicts.levels(text)
    analysis = [
        {"category": name, "severity": _severity(levels.get(CATEGORIES[name], 0), output)} for name in categories
    ]
    return Reply(
        200, {"blocklistsMatch": [_match(hit) for hit in hits], "categoriesAnalysis": [] if halts else analysis}
    )


def _categories(body: fields.Body) -> tuple[str, ...]:
    asked = fields.texts(body, "categories")
    if unknown := [name for name in asked if name not in CATEGORIES]:
        raise invalid_body(
            f"The field 'categories' knows {', '.join(CATEGORIES)}; {len(unknown)} are others.", "categories"
        )
    return tuple(name for name in CATEGORIES if not asked or name in asked)


def _blocklists(service: Service, body: fields.Body) -> tuple[str, ...]:
    names = fields.texts(body, "blocklistNames")
    for name in names:
        if service.blocklists.find(name) is None:
            raise unknown_blocklist(name)
    return names


def _severity(level: int, output: str) -> int:
    """[0, 1] is 0, [2, 3] is 2, [4, 5] is 4, [6, 7] is 6 of four levels."""
    return level if output == "EightSeverityLevels" else level - level % 2


def _match(hit: Hit) -> dict[str, Any]:
    return {"blocklistName": hit.blocklist, "blocklistItemId": hit.item, "blocklistItemText": hit.text}
