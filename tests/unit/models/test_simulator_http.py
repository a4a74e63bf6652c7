"""The simulator over real HTTP: the official client, LangChain, streaming, errors, keys and taken ports."""

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from matria.errors import BusyError
from models.simulator import create_app
from models.simulator.server import serve, serving
from tests.virtual_time import PATIENCE_S

QUESTION: list[Any] = [
    {"role": "system", "content": "Answer in English. Cite the source."},
    {"role": "user", "content": "Can I drink coffee?"},
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as url:
        yield url


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Any]:
    from openai import OpenAI

    with OpenAI(base_url=address, api_key="any", max_retries=0) as opened:
        yield opened


def test_the_official_client_gets_an_answer_with_usage(client: Any) -> None:
    completion = client.chat.completions.create(model="simulator-1", messages=QUESTION)
    assert "caffeine" in completion.choices[0].message.content
    assert completion.system_fingerprint == "simulator"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert completion.usage.prompt_tokens_details.cached_tokens == 0
    assert completion.usage.completion_tokens_details.reasoning_tokens == 0


def test_the_official_client_streams_the_same_answer(client: Any) -> None:
    whole = client.chat.completions.create(model="simulator-1", messages=QUESTION)
    chunks = list(
        client.chat.completions.create(
            model="simulator-1", messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert len(chunks) > 3
    assert text == whole.choices[0].message.content
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage == whole.usage


def test_the_official_client_lists_the_models(client: Any) -> None:
    assert [model.id for model in client.models.list()] == ["simulator-1", "simulator-1-mini"]
    assert client.models.retrieve("simulator-1").owned_by == "matria"


def test_the_official_client_knows_the_errors(client: Any) -> None:
    import openai

    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-9", messages=QUESTION)
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as bad:
        client.chat.completions.create(model="simulator-1", messages=QUESTION, temperature=9)
    assert bad.value.param == "temperature"


def test_the_official_client_parses_structured_output(client: Any) -> None:
    from pydantic import BaseModel

    class Reply(BaseModel):
        answer: str
        is_urgent: bool
        weeks: list[int]

    completion = client.chat.completions.parse(model="simulator-1", messages=QUESTION, response_format=Reply)
    parsed = completion.choices[0].message.parsed
    assert "caffeine" in parsed.answer
    assert parsed.is_urgent is False


def test_langchain_gets_an_answer_and_streams_it(address: str) -> None:
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    model = ChatOpenAI(base_url=address, api_key=SecretStr("any"), model="simulator-1", max_retries=0)
    messages = [(message["role"], message["content"]) for message in QUESTION]
    reply = model.invoke(messages)
    assert "caffeine" in str(reply.content)
    assert reply.usage_metadata is not None
    assert reply.usage_metadata["output_tokens"] > 0
    assert "".join(str(chunk.content) for chunk in model.stream(messages)) == reply.content


def test_langchain_gets_structured_output(address: str) -> None:
    from langchain_openai import ChatOpenAI
    from pydantic import BaseModel, SecretStr

    class Reply(BaseModel):
        answer: str

    model = ChatOpenAI(base_url=address, api_key=SecretStr("any"), model="simulator-1", max_retries=0)
    reply = model.with_structured_output(Reply).invoke("Can I drink coffee?")
    assert isinstance(reply, Reply)
    assert "caffeine" in reply.answer


def call(url: str, body: bytes | None = None, **headers: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, JSON and headers of one request."""
    request = urllib.request.Request(url, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            return response.status, json.load(response), dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), dict(error.headers)


def test_the_server_says_that_it_is_well(address: str) -> None:
    status, body, _ = call(address.removesuffix("/v1") + "/healthz")
    assert (status, body) == (200, {"status": "ok"})


def test_an_unknown_path_is_an_error_in_the_wires_shape(address: str) -> None:
    status, body, _ = call(address + "/embeddings", b"{}")
    assert status == 404
    assert "POST /v1/embeddings" in body["error"]["message"]


def test_a_body_that_does_not_parse_is_refused(address: str) -> None:
    assert call(address + "/chat/completions", b"{")[0] == 400


def test_a_key_is_asked_for_where_one_is_set() -> None:
    with serving(create_app(api_key="secret")) as url:
        assert call(url + "/models")[0] == 401
        assert call(url + "/models", Authorization="Bearer wrong")[0] == 401
        assert call(url + "/models", Authorization="Bearer secret")[0] == 200
        assert call(url + "/models", **{"api-key": "secret"})[0] == 200
        assert call(url.removesuffix("/v1") + "/healthz")[0] == 200


def test_faults_come_as_asked_and_then_end() -> None:
    body = json.dumps({"model": "simulator-1", "messages": QUESTION}).encode()
    with serving(create_app(faults=(429, 503), retry_after_s=2)) as url:
        status, error, headers = call(url + "/chat/completions", body)
        assert (status, error["error"]["code"], headers["retry-after"]) == (429, "rate_limit_exceeded", "2")
        assert call(url + "/chat/completions", body)[0] == 503
        assert call(url + "/chat/completions", body)[0] == 200


def test_a_taken_port_is_told_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BusyError, match="choose another port"):
        serve("127.0.0.1", taken.getsockname()[1])
