"""A reply as it lies in a cache: JSON that says its version, so that a later Mátria knows what it cannot read."""

import json
from dataclasses import replace

from matria.costs.base import Usage
from models.assistant.base import ChatReply

VERSION = 1


def dump(reply: ChatReply) -> str:
    """The reply as JSON; what holds only beside the answer itself (limits, whether it is cached) is left out."""
    usage = reply.usage
    return json.dumps(
        {
            "v": VERSION,
            "text": reply.text,
            "finish": reply.finish_reason,
            "snapshot": reply.model_snapshot,
            "id": reply.request_id,
            "usage": [usage.input_tokens, usage.output_tokens, usage.cached_tokens, usage.reasoning_tokens],
            "written": usage.cache_write_tokens,
            "tier": usage.tier,
            "uncounted": usage.uncounted_tokens,
            "ms": reply.latency_ms,
            "simulated": reply.is_simulated,
        },
        separators=(",", ":"),
    )


def load(text: str) -> ChatReply | None:
    """The reply, or None where another version wrote it."""
    kept = json.loads(text)
    if kept["v"] != VERSION:
        return None
    return ChatReply(
        text=kept["text"],
        finish_reason=kept["finish"],
        model_snapshot=kept["snapshot"],
        request_id=kept["id"],
        usage=replace(
            Usage(*kept["usage"]),
            cache_write_tokens=kept.get("written", 0),
            tier=kept.get("tier", "standard"),
            uncounted_tokens=kept.get("uncounted", 0),
        ),  # replies kept before these were read have none of them
        latency_ms=kept["ms"],
        is_simulated=kept["simulated"],
    )
