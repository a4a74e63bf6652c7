"""A chat completion as it comes over the wire, read field by field: what we need, strictly, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matria.costs.base import Tier, Usage
from models.assistant.base import ChatReply
from models.assistant.failures import new_call_id

SIMULATOR_FINGERPRINT = "simulator"
"""`system_fingerprint` by which the simulator marks its replies, whatever address they come from."""
_TIERS: Mapping[str, Tier] = {
    "default": "standard",
    "auto": "standard",
    "standard": "standard",
    "batch": "batch",
    "flex": "flex",
    "priority": "priority",
}
"""Names of `service_tier` on the wire."""
FINISH_REASONS = ("stop", "length", "content_filter")
MOST_TOKENS = 2**31 - 1
"""No answer takes more, and no ledger keeps more."""


class UnreadableCompletion(Exception):
    """The body is no chat completion; the message says what is missing and quotes nothing."""


class UnexpectedEnd(Exception):
    """The model ended in a way that no request here allows, such as a call of a tool."""

    def __init__(self, model: str, finish_reason: str) -> None:
        super().__init__(finish_reason)
        self.model, self.finish_reason = model, finish_reason


def read_completion(content: bytes, latency_ms: float, *, tier: Tier | None = None) -> ChatReply:
    """The reply in a body. Raises `UnreadableCompletion` and `UnexpectedEnd`.

    `tier` is for whoever knows it: a body out of a batch's file does not say that it was one. Else it is the one that
    the body names.
    """
    body = _parsed(content)
    choice = _first_choice(body)
    message = _object(choice, "message")
    model = _name(body, "model")
    finish_reason = choice.get("finish_reason")
    if finish_reason not in FINISH_REASONS:
        raise UnexpectedEnd(model, str(finish_reason)[:40])
    text, refusal = _optional_text(message, "content"), _optional_text(message, "refusal")
    return ChatReply(
        text=text or refusal or "",
        finish_reason=finish_reason,
        model_snapshot=model,
        request_id=_optional_text(body, "id") or "",
        usage=_usage(body, tier),
        latency_ms=latency_ms,
        is_simulated=body.get("system_fingerprint") == SIMULATOR_FINGERPRINT,
        is_refusal=bool(refusal),
        call_id=new_call_id(),
    )


@dataclass(frozen=True)
class Spoilt:
    """What an answer that cannot be used still says of what it cost."""

    model: str = ""
    usage: Usage | None = None
    is_simulated: bool = False


def read_spoilt(content: bytes) -> Spoilt:
    """What can be read of it, each part for itself."""
    try:
        body = _parsed(content)
    except UnreadableCompletion:
        return Spoilt()
    try:
        model = _name(body, "model")
    except UnreadableCompletion:
        model = ""
    try:
        usage = _usage(body)
    except UnreadableCompletion:
        usage = None
    is_simulated = body.get("system_fingerprint") == SIMULATOR_FINGERPRINT
    return Spoilt(model, usage, is_simulated)


def read_model_ids(content: bytes) -> list[str]:
    """The models that an endpoint lists. Raises `UnreadableCompletion`."""
    listed = _parsed(content).get("data")
    if not isinstance(listed, list):
        raise UnreadableCompletion("no list of models")
    return [_text(model, "id") for model in listed if isinstance(model, dict)]


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError as error:
        raise UnreadableCompletion("no JSON") from error
    if not isinstance(body, dict):
        raise UnreadableCompletion("no JSON object")
    return body


def _first_choice(body: Mapping[str, Any]) -> dict[str, Any]:
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise UnreadableCompletion("no choice")
    return choices[0]


def _usage(body: Mapping[str, Any], tier: Tier | None = None) -> Usage:
    usage = _object(body, "usage")
    prompt, completion = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    total = prompt + completion if usage.get("total_tokens") is None else _count(usage, "total_tokens")
    return Usage(
        input_tokens=prompt,
        output_tokens=completion,
        cached_tokens=_detail(usage, "prompt_tokens_details", "cached_tokens"),
        reasoning_tokens=_detail(usage, "completion_tokens_details", "reasoning_tokens"),
        cache_write_tokens=_detail(usage, "prompt_tokens_details", "cache_write_tokens"),
        tier=tier or _tier(body),
        uncounted_tokens=total - prompt - completion,
    )


def _tier(body: Mapping[str, Any]) -> Tier:
    """The tier that the endpoint says it used, not the one asked for; those that say nothing have one alone."""
    named = body.get("service_tier")
    return "standard" if named is None else _TIERS.get(str(named), "other")


def _detail(usage: Mapping[str, Any], group: str, name: str) -> int:
    """A count that may be left out, which is how an endpoint says that there were none."""
    details = usage.get(group)
    if not isinstance(details, dict) or details.get(name) is None:
        return 0
    return _count(details, name)


def _object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise UnreadableCompletion(f"no {name}")
    return value


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise UnreadableCompletion(f"no {name}")
    return value


def _name(body: Mapping[str, Any], name: str) -> str:
    """A text that goes into the ledger, which keeps neither control characters nor halves of a surrogate pair."""
    value = _text(body, name)
    if any(ord(character) < ord(" ") or "\ud800" <= character <= "\udfff" for character in value):
        raise UnreadableCompletion(f"no {name}")
    return value


def _optional_text(body: Mapping[str, Any], name: str) -> str | None:
    return None if body.get(name) is None else _text(body, name)


def _count(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_TOKENS:
        raise UnreadableCompletion(f"no {name}")
    return value
