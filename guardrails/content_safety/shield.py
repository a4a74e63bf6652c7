"""`/text:shieldPrompt` as a rail: attacks on the model's instructions, in what is written and in what is retrieved.

An attack of the person is refused. One in a document is no fault of hers: her question then goes the safe path, to a
human and past no model, and the reasons number the document, so that a note that reads oddly is found and mended.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.base import Action, Decision, Text
from guardrails.content_safety.answers import Shielding
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.service import ContentSafety, all_of
from guardrails.content_safety.splitting import split
from matria.policy import Policy

MAX_PROMPT = 10_000
MAX_DOCUMENTS, MAX_DOCUMENTS_TOGETHER = 5, 10_000
"""Documents of one call, and their code points together (2024-09-01)."""

ATTACK_IN_TEXT, ATTACK_IN_DOCUMENT = "attack_in_text", "attack_in_document"


@dataclass(frozen=True)
class _Document:
    """A source, or the part of one that fits into a call."""

    number: int
    """Of the source, from 1."""
    content: str


@dataclass(frozen=True)
class _Call:
    """What is sent at once; either may be empty, not both."""

    prompt: str
    documents: tuple[_Document, ...]


class AzureShield:
    """See `guardrails.base.Rail`. An answer is not asked about: what it was given was, beside the question."""

    name = "prompt_shield"

    def __init__(self, service: ContentSafety, policy: Policy) -> None:
        self._service = service
        self._max_parts = policy.count("content_safety.max_parts")

    async def judge(self, text: Text) -> Decision:
        """`refuse` for an attack in the text, `human` for one in a document. Raises `CallFailed`."""
        calls = [] if text.direction == "assistant" else _calls(text)
        if not calls:
            return Decision("allow", self.name)
        if len(calls) > self._max_parts:
            raise CallFailed("too_long")
        give_up_at = self._service.give_up_at()
        billed = await all_of(
            [self._service.shield(call.prompt, [d.content for d in call.documents], give_up_at) for call in calls]
        )
        reasons = _reasons(calls, [each.answer for each in billed])
        return Decision(_action(reasons), self.name, reasons, text_records=sum(each.text_records for each in billed))

    async def ping(self) -> str:
        """Asks about one word, which is billed as a record. Raises `CallFailed`."""
        await self._service.shield("Olá", (), self._service.give_up_at())
        return f"prompt shield at {self._service.endpoint}"


def _calls(text: Text) -> list[_Call]:
    """The text's parts and the documents in as few calls as the limits allow."""
    prompts = [part for part in split(text.content, MAX_PROMPT) if part.strip()]
    batches = _batches(text.sources)
    return [
        _Call(prompts[n] if n < len(prompts) else "", batches[n] if n < len(batches) else ())
        for n in range(max(len(prompts), len(batches)))
    ]


def _batches(sources: Sequence[str]) -> list[tuple[_Document, ...]]:
    batches: list[tuple[_Document, ...]] = []
    for number, source in enumerate(sources, 1):
        for part in split(source, MAX_DOCUMENTS_TOGETHER):
            batch = batches[-1] if batches else ()
            length = sum(len(document.content) for document in batch) + len(part)
            if not part.strip():
                continue
            if batch and len(batch) < MAX_DOCUMENTS and length <= MAX_DOCUMENTS_TOGETHER:
                batches[-1] = (*batch, _Document(number, part))
            else:
                batches.append((_Document(number, part),))
    return batches


def _reasons(calls: Sequence[_Call], answers: Sequence[Shielding]) -> tuple[str, ...]:
    attacked = {
        document.number
        for call, answer in zip(calls, answers, strict=True)
        for document, is_attack in zip(call.documents, answer.in_documents, strict=True)
        if is_attack
    }
    in_text = [ATTACK_IN_TEXT] if any(answer.in_prompt for answer in answers) else []
    in_documents = [ATTACK_IN_DOCUMENT, *(f"document_{number}" for number in sorted(attacked))] if attacked else []
    return (*in_text, *in_documents)


def _action(reasons: Sequence[str]) -> Action:
    if ATTACK_IN_TEXT in reasons:
        return "refuse"
    return "human" if ATTACK_IN_DOCUMENT in reasons else "allow"
