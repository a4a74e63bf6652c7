"""The chat-completions wire: a request's body checked as OpenAI checks it, a reply in OpenAI's shape, its errors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from matria.messages import Message, Role
from models.simulator import tokens
from models.simulator.reply import MODELS, reply_to

FINGERPRINT = "simulator"
"""`system_fingerprint` of every reply: how a client tells the simulator from a real endpoint."""
EPOCH = 1_700_000_000
_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_UNUSED_ROLES = ("tool", "function")
_FORMATS = ("text", "json_object", "json_schema")
_WORDS_PER_CHUNK = 4


class WireError(Exception):
    """A request that is answered with an error in OpenAI's shape."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.param = param
        self.code = code
        self.retry_after_s = retry_after_s

    def body(self) -> dict[str, Any]:
        """The error as JSON."""
        return {"error": {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}}


@dataclass(frozen=True)
class Completion:
    """A checked request with its answer."""

    id: str
    created: int
    model: str
    text: str
    finish_reason: str
    usage: Mapping[str, Any]
    choices: int
    is_stream: bool
    includes_usage: bool


def complete(body: bytes) -> Completion:
    """The answer to a request's body. Raises `WireError` where OpenAI would answer with an error."""
    request = _parsed(body)
    model = _model(request)
    messages = _messages(request)
    response_format = _response_format(request, messages)
    limit = _positive(request, "max_completion_tokens") or _positive(request, "max_tokens")
    choices = _positive(request, "n") or 1
    _check_range(request, "temperature", 0, 2)
    _check_range(request, "top_p", 0, 1)
    text = reply_to(messages, model, response_format)
    shown = text if limit is None else tokens.cut(text, limit)
    digest = blake2b(body, digest_size=12).hexdigest()
    return Completion(
        id=f"chatcmpl-{digest}",
        created=EPOCH + int(digest[:6], 16),
        model=model,
        text=shown,
        finish_reason="stop" if shown == text else "length",
        usage=_usage(messages, shown, choices),
        choices=choices,
        is_stream=request.get("stream") is True,
        includes_usage=bool((request.get("stream_options") or {}).get("include_usage")),
    )


def reply_body(completion: Completion) -> dict[str, Any]:
    """The reply in one piece."""
    message: dict[str, Any] = {"role": "assistant", "content": completion.text, "refusal": None, "annotations": []}
    return {
        "id": completion.id,
        "object": "chat.completion",
        "created": completion.created,
        "model": completion.model,
        "choices": [
            {"index": index, "message": message, "logprobs": None, "finish_reason": completion.finish_reason}
            for index in range(completion.choices)
        ],
        "usage": completion.usage,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
    }


def reply_chunks(completion: Completion) -> Iterator[dict[str, Any]]:
    """The reply in pieces: the role, a few words at a time, the reason of its end, and the usage where asked."""
    for index in range(completion.choices):
        yield _chunk(completion, index, {"role": "assistant", "content": "", "refusal": None})
        for piece in _pieces(completion.text):
            yield _chunk(completion, index, {"content": piece})
        yield _chunk(completion, index, {}, completion.finish_reason)
    if completion.includes_usage:
        yield {**_chunk(completion, 0, {}), "choices": [], "usage": completion.usage}


def models_body() -> dict[str, Any]:
    """The models there are."""
    return {"object": "list", "data": [model_body(model) for model in MODELS]}


def model_body(model: str) -> dict[str, Any]:
    """One model. Raises `WireError` where it is unknown."""
    if model not in MODELS:
        raise _unknown(model)
    return {"id": model, "object": "model", "created": EPOCH, "owned_by": "matria"}


def _chunk(completion: Completion, index: int, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    chunk = {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": completion.model,
        "service_tier": "default",
        "system_fingerprint": FINGERPRINT,
        "choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return {**chunk, "usage": None} if completion.includes_usage else chunk


def _pieces(text: str) -> Iterator[str]:
    words = text.split(" ")
    for start in range(0, len(words), _WORDS_PER_CHUNK):
        piece = " ".join(words[start : start + _WORDS_PER_CHUNK])
        yield piece if start + _WORDS_PER_CHUNK >= len(words) else piece + " "


def _usage(messages: Sequence[Message], text: str, choices: int) -> dict[str, Any]:
    asked, answered = tokens.prompt_tokens(messages), tokens.count(text) * choices
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


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body)
    except ValueError as error:
        raise WireError(400, "We could not parse the JSON body of your request.") from error
    if not isinstance(request, dict):
        raise WireError(400, "The body of your request must be a JSON object.")
    return request


def _model(request: Mapping[str, Any]) -> str:
    model = request.get("model")
    if not isinstance(model, str) or not model:
        raise WireError(400, "you must provide a model parameter", param="model")
    if model not in MODELS:
        raise _unknown(model)
    return model


def _unknown(model: str) -> WireError:
    return WireError(
        404,
        f"The model `{model}` does not exist or you do not have access to it.",
        param="model",
        code="model_not_found",
    )


def _messages(request: Mapping[str, Any]) -> tuple[Message, ...]:
    given = request.get("messages")
    if not isinstance(given, list):
        raise WireError(
            400, "Missing required parameter: 'messages'.", param="messages", code="missing_required_parameter"
        )
    if not given:
        raise WireError(400, "Invalid 'messages': empty array.", param="messages", code="empty_array")
    return tuple(message for at, item in enumerate(given) if (message := _message(item, f"messages[{at}]")) is not None)


def _message(item: Any, param: str) -> Message | None:
    role = item.get("role") if isinstance(item, dict) else None
    if role in _UNUSED_ROLES:
        return None
    if not isinstance(role, str) or role not in _ROLES:
        raise WireError(
            400,
            f"Invalid value for '{param}.role'. Supported values are: 'system', 'developer', 'user', 'assistant', "
            "'tool' and 'function'.",
            param=f"{param}.role",
            code="invalid_value",
        )
    return Message(_ROLES[role], _content(item.get("content"), param, role))


def _content(content: Any, param: str, role: str) -> str:
    if isinstance(content, str):
        return content
    if content is None and role == "assistant":
        return ""
    if isinstance(content, list) and all(
        isinstance(part, dict) and isinstance(part.get("text"), str) for part in content
    ):
        return "\n".join(part["text"] for part in content)
    raise WireError(
        400,
        f"Invalid type for '{param}.content': expected a string or an array of text parts.",
        param=f"{param}.content",
        code="invalid_type",
    )


def _response_format(request: Mapping[str, Any], messages: Sequence[Message]) -> Mapping[str, Any] | None:
    asked = request.get("response_format")
    if asked is None:
        return None
    if not isinstance(asked, dict) or asked.get("type") not in _FORMATS:
        raise WireError(
            400, f"Invalid 'response_format': expected one of {', '.join(_FORMATS)}.", param="response_format"
        )
    if asked["type"] == "json_object" and not any("json" in message.content.lower() for message in messages):
        raise WireError(
            400,
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            param="messages",
        )
    if asked["type"] == "json_schema" and not isinstance(asked.get("json_schema"), dict):
        raise WireError(
            400,
            "Missing required parameter: 'response_format.json_schema'.",
            param="response_format.json_schema",
            code="missing_required_parameter",
        )
    return asked


def _positive(request: Mapping[str, Any], name: str) -> int | None:
    value = request.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise WireError(
            400,
            f"Invalid '{name}': expected an integer of at least 1.",
            param=name,
            code="integer_below_min_value",
        )
    return value


def _check_range(request: Mapping[str, Any], name: str, low: float, high: float) -> None:
    value = request.get(name)
    if value is None:
        return
    if not isinstance(value, int | float) or isinstance(value, bool) or not low <= value <= high:
        raise WireError(
            400, f"Invalid '{name}': expected a number from {low} to {high}.", param=name, code="invalid_value"
        )
