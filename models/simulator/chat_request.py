"""A request for a completion, checked as OpenAI checks it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matria.messages import Message, Role
from models.simulator.reply import MODELS
from models.simulator.wire_error import WireError, unknown_model

_ROLES: Mapping[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_UNUSED_ROLES = ("tool", "function")
_FORMATS = ("text", "json_object", "json_schema")


@dataclass(frozen=True)
class CompletionRequest:
    """What is asked for."""

    model: str
    messages: tuple[Message, ...]
    """Those of tools left out."""
    response_format: Mapping[str, Any] | None
    max_tokens: int | None
    choices: int
    is_stream: bool
    includes_usage: bool
    """The usage comes as the last chunk of a stream."""


def parse_request(body: bytes) -> CompletionRequest:
    """The request. Raises `WireError` where OpenAI would answer with an error."""
    request = _parsed(body)
    model = _model(request)
    messages = _messages(request)
    _check_range(request, "temperature", 0, 2)
    _check_range(request, "top_p", 0, 1)
    return CompletionRequest(
        model=model,
        messages=messages,
        response_format=_response_format(request, messages),
        max_tokens=_positive(request, "max_completion_tokens") or _positive(request, "max_tokens"),
        choices=_positive(request, "n") or 1,
        is_stream=_is_stream(request),
        includes_usage=_includes_usage(request),
    )


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
        raise unknown_model(model)
    return model


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


def _is_stream(request: Mapping[str, Any]) -> bool:
    asked = request.get("stream")
    if asked not in (None, True, False):
        raise WireError(400, "Invalid 'stream': expected a boolean.", param="stream", code="invalid_type")
    return bool(asked)


def _includes_usage(request: Mapping[str, Any]) -> bool:
    options = request.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict) or not request.get("stream"):
        raise WireError(
            400,
            "The 'stream_options' parameter is an object and only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    return bool(options.get("include_usage"))
