"""The simulator speaks OpenAI's chat-completions wire."""

import json
from typing import Any

import pytest

from models.simulator.wire import FINGERPRINT, complete, reply_body, reply_chunks
from models.simulator.wire_error import WireError

SYSTEM = {"role": "system", "content": "Answer in English. Never give a dose of any medicine. Be warm."}


def asked(question: str, **more: Any) -> bytes:
    messages = [SYSTEM, {"role": "user", "content": question}]
    return json.dumps({"model": "simulator-1", "messages": messages, **more}).encode()


def test_the_same_request_gets_the_same_bytes() -> None:
    body = asked("Can I drink coffee?")
    assert json.dumps(reply_body(complete(body))) == json.dumps(reply_body(complete(body)))


def test_another_request_gets_another_id() -> None:
    assert complete(asked("Can I drink coffee?")).id != complete(asked("Can I drink wine?")).id


def test_a_reply_is_marked_as_the_simulators() -> None:
    reply = reply_body(complete(asked("Can I drink coffee?")))
    assert reply["system_fingerprint"] == FINGERPRINT
    assert reply["choices"][0]["finish_reason"] == "stop"


def test_tokens_are_counted_by_the_documented_rule() -> None:
    question = "Can I drink coffee?"
    completion = complete(asked(question))
    by_hand = (4 + -(-len(SYSTEM["content"]) // 4)) + (4 + -(-len(question) // 4))
    assert completion.usage["prompt_tokens"] == by_hand
    assert completion.usage["completion_tokens"] == -(-len(completion.text) // 4)
    assert completion.usage["total_tokens"] == by_hand + completion.usage["completion_tokens"]


@pytest.mark.parametrize(
    ("characters", "cached"), [(1_000, 0), (4_076, 0), (4_077, 1024), (4_588, 1024), (4_589, 1152)]
)
def test_a_long_opening_counts_as_cached_in_steps_of_128(characters: int, cached: int) -> None:
    messages = [{"role": "system", "content": "a" * characters}, {"role": "user", "content": "hello"}]
    body = json.dumps({"model": "simulator-1", "messages": messages}).encode()
    assert complete(body).usage["prompt_tokens_details"]["cached_tokens"] == cached


def test_max_tokens_cuts_the_answer_and_says_so() -> None:
    completion = complete(asked("Can I drink coffee?", max_tokens=5))
    assert completion.finish_reason == "length"
    assert len(completion.text) == 20
    assert completion.usage["completion_tokens"] == 5


def test_chunks_put_together_are_the_reply() -> None:
    completion = complete(asked("Can I drink coffee?", stream=True, stream_options={"include_usage": True}))
    chunks = list(reply_chunks(completion))
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
    assert text == completion.text
    assert chunks[-1]["usage"] == completion.usage
    assert all(chunk["usage"] is None for chunk in chunks[:-1])


@pytest.mark.parametrize(
    ("body", "status", "names"),
    [
        (b"{", 400, "parse"),
        (b"[]", 400, "JSON object"),
        (b"{}", 400, "model"),
        (b'{"model": "gpt-9", "messages": []}', 404, "gpt-9"),
        (b'{"model": "simulator-1"}', 400, "messages"),
        (b'{"model": "simulator-1", "messages": []}', 400, "messages"),
        (b'{"model": "simulator-1", "messages": [3]}', 400, "messages[0]"),
        (b'{"model": "simulator-1", "messages": [{"role": ["user"]}]}', 400, "messages[0].role"),
        (b'{"model": "simulator-1", "messages": [{"role": "nurse", "content": ""}]}', 400, "messages[0].role"),
        (b'{"model": "simulator-1", "messages": [{"role": "user", "content": 3}]}', 400, "messages[0].content"),
        (asked("a", temperature=3), 400, "temperature"),
        (asked("a", top_p=True), 400, "top_p"),
        (asked("a", max_tokens=0), 400, "max_tokens"),
        (asked("a", max_completion_tokens="many"), 400, "max_completion_tokens"),
        (asked("a", n=0), 400, "'n'"),
        (asked("a", stream="yes"), 400, "stream"),
        (asked("a", stream_options={"include_usage": True}), 400, "stream_options"),
        (asked("a", stream=True, stream_options=[]), 400, "stream_options"),
        (asked("a", response_format={"type": "xml"}), 400, "response_format"),
        (asked("a", response_format={"type": "json_object"}), 400, "json"),
        (asked("a", response_format={"type": "json_schema"}), 400, "json_schema"),
    ],
)
def test_a_malformed_request_is_refused_as_openai_refuses_it(body: bytes, status: int, names: str) -> None:
    with pytest.raises(WireError) as caught:
        complete(body)
    assert caught.value.status == status
    assert names in str(caught.value)
    assert set(caught.value.body()["error"]) == {"message", "type", "param", "code"}


def test_text_parts_are_read_as_one_text() -> None:
    parts = [{"type": "text", "text": "Can I drink"}, {"type": "text", "text": "coffee?"}]
    body = json.dumps({"model": "simulator-1", "messages": [{"role": "user", "content": parts}]}).encode()
    assert "caffeine" in complete(body).text


def test_several_choices_are_alike_and_all_counted() -> None:
    one, three = complete(asked("Can I drink coffee?")), complete(asked("Can I drink coffee?", n=3))
    assert [choice["index"] for choice in reply_body(three)["choices"]] == [0, 1, 2]
    assert three.usage["completion_tokens"] == 3 * one.usage["completion_tokens"]
    indexes = {chunk["choices"][0]["index"] for chunk in reply_chunks(three) if chunk["choices"]}
    assert indexes == {0, 1, 2}


def test_messages_of_tools_are_left_out() -> None:
    messages = [{"role": "user", "content": "hi"}, {"role": "tool", "content": "42", "tool_call_id": "1"}]
    body = json.dumps({"model": "simulator-1", "messages": messages}).encode()
    assert complete(body).usage["prompt_tokens"] == 5
