"""`text:detectGroundedness`: which sentences of an answer its sources do not hold."""

from typing import Any

from guardrails.emulator import fields
from guardrails.emulator.asgi import Call, Reply
from guardrails.emulator.groundedness import ungrounded
from guardrails.emulator.service import Service
from guardrails.emulator.wire_error import invalid_body

DOMAINS = ("Generic", "Medical")
TASKS = ("Summarization", "QnA")
MAX_TEXT = 7_500
MAX_QUERY = 7_500
MAX_SOURCES = 55_000


async def detect_groundedness(service: Service, call: Call) -> Reply:
    """The share of the text that no source holds, and its sentences with place and length in three counts."""
    body = fields.json_object(call.body)
    for name, known in (("domain", DOMAINS), ("task", TASKS)):
        fields.choice(body, name, known)
    text = fields.text(body, "text", MAX_TEXT)
    sources = _sources(body)
    query = _query(body)
    _check_reasoning(body)
    service.counts.billed(text, query, *sources)
    parts = ungrounded(text, sources)
    share = sum(end - start for start, end in parts) / len(text) if text else 0.0
    details = [_detail(text, start, end) for start, end in parts]
    found = {"ungroundedDetected": bool(parts), "ungroundedPercentage": round(share, 4), "ungroundedDetails": details}
    return Reply(200, found)


def _sources(body: fields.Body) -> tuple[str, ...]:
    sources = fields.texts(body, "groundingSources")
    if not sources:
        raise invalid_body("The field 'groundingSources' is required.", "groundingSources")
    if sum(map(len, sources)) > MAX_SOURCES:
        raise invalid_body(f"The field 'groundingSources' is longer than {MAX_SOURCES} characters.", "groundingSources")
    return sources


def _query(body: fields.Body) -> str:
    question = body.get("qna")
    if question is None:
        return ""
    if not isinstance(question, dict):
        raise invalid_body("The field 'qna' must be an object.", "qna")
    return fields.text(question, "query", MAX_QUERY)


def _check_reasoning(body: fields.Body) -> None:
    if fields.flag(body, "reasoning") or fields.flag(body, "mitigating"):
        raise invalid_body("Reasons and corrections need a language model: 'llmResource' is required.", "llmResource")


def _detail(text: str, start: int, end: int) -> dict[str, Any]:
    return {"text": text[start:end], "offset": _counts(text[:start]), "length": _counts(text[start:end])}


def _counts(text: str) -> dict[str, int]:
    utf8, utf16 = (len(text.encode(name, "surrogatepass")) for name in ("utf-8", "utf-16-le"))
    return {"utf8": utf8, "utf16": utf16 // 2, "codePoint": len(text)}
