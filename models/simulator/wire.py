"""The chat-completions wire: a request answered, and the reply in OpenAI's shape, whole or in chunks."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from models.simulator import tokens
from models.simulator.chat_request import CompletionRequest, parse_request
from models.simulator.reply import MODELS, reply_to
from models.simulator.wire_error import unknown_model

FINGERPRINT = "simulator"
"""`system_fingerprint` of every reply: how a client tells the simulator from a real endpoint."""
EPOCH = 1_700_000_000
_WORDS_PER_CHUNK = 4


@dataclass(frozen=True)
class Completion:
    """A request with its answer."""

    id: str
    created: int
    """Seconds since 1970, made of the request, as the id is."""
    request: CompletionRequest
    text: str
    finish_reason: str

    @property
    def usage(self) -> dict[str, Any]:
        """Tokens asked and answered."""
        messages = self.request.messages
        asked, answered = tokens.prompt_tokens(messages), tokens.count(self.text) * self.request.choices
        return {
            "prompt_tokens": asked,
            "completion_tokens": answered,
            "total_tokens": asked + answered,
            "prompt_tokens_details": {"cached_tokens": tokens.cached_tokens(messages), "audio_tokens": 0},
            "completion_tokens_details": {
                "reasoning_tokens": 0,
                "audio_tokens": 0,
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
            },
        }


def complete(body: bytes) -> Completion:
    """The answer to a request's body. Raises `WireError` where OpenAI would answer with an error."""
    request = parse_request(body)
    text = reply_to(request.messages, request.model, request.response_format)
    shown = text if request.max_tokens is None else tokens.cut(text, request.max_tokens)
    digest = blake2b(body, digest_size=12).hexdigest()
    return Completion(
        id=f"chatcmpl-{digest}",
        created=EPOCH + int(digest[:6], 16),
        request=request,
        text=shown,
        finish_reason="stop" if shown == text else "length",
    )


def reply_body(completion: Completion) -> dict[str, Any]:
    """The reply in one piece."""
    message: dict[str, Any] = {"role": "assistant", "content": completion.text, "refusal": None, "annotations": []}
    return {
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.request.model,
        "choices": [
            {"index": index, "message": message, "logprobs": None, "finish_reason": completion.finish_reason}
            for index in range(completion.request.choices)
        ],
        "usage": completion.usage,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }


def reply_chunks(completion: Completion) -> Iterator[dict[str, Any]]:
    """The reply in pieces: the role, a few words at a time, the reason of its end, and the usage where asked."""
    for index in range(completion.request.choices):
        yield _chunk(completion, index, {"role": "assistant", "content": "", "refusal": None})
        for piece in _pieces(completion.text):
            yield _chunk(completion, index, {"content": piece})
        yield _chunk(completion, index, {}, completion.finish_reason)
    if completion.request.includes_usage:
        yield {**_chunk(completion, 0, {}), "choices": [], "usage": completion.usage}


def models_body() -> dict[str, Any]:
    """The models there are."""
    return {"object": "list", "data": [model_body(model) for model in MODELS]}


def model_body(model: str) -> dict[str, Any]:
    """One model. Raises `WireError` where it is unknown."""
    if model not in MODELS:
        raise unknown_model(model)
    return {"id": model, "object": "model", "created": EPOCH, "owned_by": "matria"}


def _chunk(completion: Completion, index: int, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    chunk = {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": completion.request.model,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
        "choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return {**chunk, "usage": None} if completion.request.includes_usage else chunk


def _pieces(text: str) -> Iterator[str]:
    words = text.split(" ")
    for start in range(0, len(words), _WORDS_PER_CHUNK):
        piece = " ".join(words[start : start + _WORDS_PER_CHUNK])
        yield piece if start + _WORDS_PER_CHUNK >= len(words) else piece + " "
