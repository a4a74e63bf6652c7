"""`text:shieldPrompt` and `text:detectProtectedMaterial`: yes or no for each text."""

from guardrails.emulator import fields
from guardrails.emulator.asgi import Call, Reply
from guardrails.emulator.service import Service
from guardrails.emulator.wire_error import invalid_body
from guardrails.reading import fold

MAX_TEXT = 10_000
MAX_DOCUMENTS = 5
MAX_DOCUMENTS_TEXT = 10_000


async def shield_prompt(service: Service, call: Call) -> Reply:
    """Whether the prompt, and each document, is an attack; what is not given is not analysed."""
    body = fields.json_object(call.body)
    prompt = fields.optional_text(body, "userPrompt", MAX_TEXT)
    documents = _documents(body)
    if prompt is None and not documents:
        raise invalid_body("One of the fields 'userPrompt' and 'documents' is required.", "userPrompt")
    service.counts.billed(prompt or "", *documents)
    found: dict[str, object] = {}
    if prompt is not None:
        found["userPromptAnalysis"] = {"attackDetected": await service.verdicts.is_attack(prompt)}
    attacks = [await service.verdicts.is_poisoned(document) for document in documents]
    found["documentsAnalysis"] = [{"attackDetected": attack} for attack in attacks]
    return Reply(200, found)


async def detect_protected_material(service: Service, call: Call) -> Reply:
    """Whether the text holds one that is known as protected."""
    text = fields.text(fields.json_object(call.body), "text", MAX_TEXT)
    service.counts.billed(text)
    detected = any(fold(protected) in fold(text) for protected in service.protected)
    return Reply(200, {"protectedMaterialAnalysis": {"detected": detected}})


def _documents(body: fields.Body) -> tuple[str, ...]:
    documents = fields.texts(body, "documents")
    if len(documents) > MAX_DOCUMENTS:
        raise invalid_body(f"The field 'documents' holds more than {MAX_DOCUMENTS} items.", "documents")
    if sum(map(len, documents)) > MAX_DOCUMENTS_TEXT:
        raise invalid_body(f"The field 'documents' is longer than {MAX_DOCUMENTS_TEXT} characters in all.", "documents")
    return documents
