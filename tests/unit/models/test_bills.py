"""Bills computed by hand for answers as they come over the wire, of OpenAI and of Azure OpenAI.

Each price is in US dollars a million tokens: input, cached input, cache write, output. `prompt_tokens` holds what was
read from a cache and what was written to it, `completion_tokens` the reasoning; each token is charged once. A bill in
millionths of a dollar is the sum of tokens times price. A line of a batch's output file names no tier: who reads the
file knows it.
"""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from matria import PROJECT_ROOT
from matria.costs.base import Cost, Tier
from matria.costs.pricefile import FILE_NAME, load_price_file
from matria.costs.prices import Prices
from models.assistant.base import ChatReply
from models.assistant.completion import UnreadableCompletion, read_completion, read_spoilt
from models.assistant.streaming import GrowingCompletion, events

PRICES = Prices(load_price_file(PROJECT_ROOT / FILE_NAME))
TODAY = date(2026, 11, 20)


def openai(model: str, usage: dict[str, Any], **more: Any) -> bytes:
    """As OpenAI answers `/v1/chat/completions`."""
    message = {"role": "assistant", "content": "Beba água.", "refusal": None, "annotations": []}
    return json.dumps(
        {
            "id": "chatcmpl-BkRqo0PzGf5pXhIRt7Jc5iZ1xk2aQ",
            "object": "chat.completion",
            "created": 1750338123,
            "model": model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": usage,
            "service_tier": "default",
            "system_fingerprint": "fp_6f2eabb9a5",
            **more,
        }
    ).encode()


def azure(model: str, usage: dict[str, Any], **more: Any) -> bytes:
    """As a deployment of Azure OpenAI answers: with its filter's results, and the model behind the name asked for."""
    safe = {"hate": {"filtered": False, "severity": "safe"}, "self_harm": {"filtered": False, "severity": "safe"}}
    body = json.loads(openai(model, usage))
    body["choices"][0]["content_filter_results"] = safe
    body["prompt_filter_results"] = [{"prompt_index": 0, "content_filter_results": safe}]
    del body["service_tier"]
    return json.dumps({**body, **more}).encode()


def batch_line(model: str, usage: dict[str, Any], **more: Any) -> bytes:
    """A line of an output file, as OpenAI and Azure OpenAI write it: the body has no `service_tier`."""
    body = json.loads(openai(model, usage))
    del body["service_tier"]
    response = {"status_code": 200, "request_id": "af0bac0d82530234", "body": {**body, **more}}
    return json.dumps({"id": "batch_req_1", "custom_id": "case-1", "response": response, "error": None}).encode()


def body_of(line: bytes) -> bytes:
    return json.dumps(json.loads(line)["response"]["body"]).encode()


def counted(prompt: int, completion: int, cached: int = 0, reasoning: int = 0, **written: int) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0, **written},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def bill(provider: str, asked: str, content: bytes, on: date = TODAY, tier: Tier | None = None) -> Cost:
    reply = read_completion(content, 0.0, tier=tier)
    return PRICES.price(provider, asked, reply.usage, on, snapshot=reply.model_snapshot)


BARE = {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500}


@pytest.mark.parametrize(
    ("asked", "content", "on", "usd"),
    [
        # gpt-3.5-turbo, 0.50 and 1.50; an old answer has no details: 1200 x 0.5 + 300 x 1.5 = 600 + 450
        ("gpt-3.5-turbo", openai("gpt-3.5-turbo-0125", BARE), TODAY, "0.00105"),
        # gpt-4.1-mini, 0.40, 0.10, -, 1.60: (1806 - 1536) x 0.4 + 1536 x 0.1 + 241 x 1.6 = 108 + 153.6 + 385.6
        ("gpt-4.1-mini", openai("gpt-4.1-mini-2025-04-14", counted(1806, 241, 1536)), TODAY, "0.0006472"),
        # gpt-5-mini, 0.25, 0.025, -, 2: 976 x 0.25 + 1024 x 0.025 + 700 x 2 = 244 + 25.6 + 1400; 512 of the 700 reason
        ("gpt-5-mini", openai("gpt-5-mini-2025-08-07", counted(2000, 700, 1024, 512)), TODAY, "0.0016696"),
        # o4-mini, 1.10, 0.275, -, 4.40, in flex, half: (500 x 1.1 + 1500 x 4.4) / 2 = (550 + 6600) / 2; 1300 reason
        ("o4-mini", openai("o4-mini-2025-04-16", counted(500, 1500, 0, 1300), service_tier="flex"), TODAY, "0.003575"),
        # o3 cost 10 and 40 on 9 June 2025: 1000 x 10 + 1000 x 40 = 50000
        ("o3", openai("o3-2025-04-16", counted(1000, 1000, 0, 640)), date(2025, 6, 9), "0.05"),
        # and 2 and 8 from the 10th: 2000 + 8000
        ("o3", openai("o3-2025-04-16", counted(1000, 1000, 0, 640)), date(2025, 6, 10), "0.01"),
        # gpt-5.6-luna, 1, 0.10, 1.25, 6 on 29 July 2026, cache writes billed apart:
        # (3000 - 1000 - 1500) x 1 + 1000 x 0.1 + 1500 x 1.25 + 200 x 6 = 500 + 100 + 1875 + 1200
        (
            "gpt-5.6-luna",
            openai("gpt-5.6-luna", counted(3000, 200, 1000, cache_write_tokens=1500)),
            date(2026, 7, 29),
            "0.003675",
        ),
        # and 0.20, 0.02, 0.25, 1.20 from the 30th: a fifth of it
        (
            "gpt-5.6-luna",
            openai("gpt-5.6-luna", counted(3000, 200, 1000, cache_write_tokens=1500)),
            date(2026, 7, 30),
            "0.000735",
        ),
        # gpt-5.6-sol past 272,000 tokens, 10 and 45 instead of 5 and 30: 300000 x 10 + 1000 x 45 = 3045000
        ("gpt-5.6-sol", openai("gpt-5.6-sol", counted(300_000, 1000)), date(2026, 8, 20), "3.045"),
    ],
)
def test_an_openai_answer_costs_what_a_hand_computes(asked: str, content: bytes, on: date, usd: str) -> None:
    cost = bill("openai", asked, content, on)
    assert (cost.state, cost.usd) == ("priced", Decimal(usd))


@pytest.mark.parametrize(
    ("content", "usd"),
    [
        # gpt-4o-mini, 0.15, 0.075, -, 0.60: 976 x 0.15 + 1024 x 0.075 + 150 x 0.6 = 146.4 + 76.8 + 90
        (azure("gpt-4o-mini-2024-07-18", counted(2000, 150, 1024)), "0.0003132"),
        # gpt-4o, 2.50, 1.25, -, 10: 880 x 2.5 + 1920 x 1.25 + 400 x 10 = 2200 + 2400 + 4000
        (azure("gpt-4o-2024-11-20", counted(2800, 400, 1920)), "0.0086"),
        # o3-mini, 1.10, 0.55, -, 4.40: 1000 x 1.1 + 1000 x 0.55 + 900 x 4.4 = 1100 + 550 + 3960; 832 of the 900 reason
        (azure("o3-mini-2025-01-31", counted(2000, 900, 1000, 832)), "0.00561"),
        # gpt-5-mini in flex, half of 0.25, 0.025 and 2: (1000 x 0.25 + 100 x 2) / 2
        (azure("gpt-5-mini-2025-08-07", counted(1000, 100), service_tier="flex"), "0.000225"),
    ],
)
def test_an_azure_answer_is_billed_as_the_model_behind_the_deployment(content: bytes, usd: str) -> None:
    cost = bill("azure", "assistant-prod", content)
    assert (cost.state, cost.usd) == ("priced", Decimal(usd))


@pytest.mark.parametrize(
    "content",
    [
        azure("gpt-4.1-2025-04-14", counted(100, 10), service_tier="priority"),
        azure("gpt-4.1-2025-04-14", counted(100, 10), service_tier="scale"),
        azure("gpt-4.1-of-tomorrow", counted(100, 10)),
        azure("gpt-4.1-2025-04-14", counted(100, 10, cached=101)),
        azure("gpt-4.1-2025-04-14", counted(100, 10, cached=60, cache_write_tokens=60)),
        azure("gpt-4.1-2025-04-14", counted(100, 10, reasoning=11)),
    ],
)
def test_what_nobody_knows_the_price_of_is_unpriced(content: bytes) -> None:
    cost = bill("azure", "assistant-prod", content)
    assert (cost.state, cost.usd, cost.unit_prices) == ("unpriced", None, None)


@pytest.mark.parametrize(
    ("provider", "asked", "line", "usd"),
    [
        # gpt-3.5-turbo, 0.50 and 1.50, half in a batch; no details: (22 x 0.5 + 2 x 1.5) / 2 = (11 + 3) / 2 = 7
        (
            "openai",
            "gpt-3.5-turbo",
            batch_line("gpt-3.5-turbo-0125", {"prompt_tokens": 22, "completion_tokens": 2, "total_tokens": 24}),
            "0.000007",
        ),
        # gpt-4.1, 2, 0.50, -, 8, half: (10000 x 2 + 1000 x 8) / 2 = 28000 / 2
        ("openai", "gpt-4.1", batch_line("gpt-4.1-2025-04-14", counted(10_000, 1000)), "0.014"),
        # the same where the body names the tier of the request inside
        ("openai", "gpt-4.1", batch_line("gpt-4.1-2025-04-14", counted(10_000, 1000), service_tier="default"), "0.014"),
        # the same model in Azure's global batch: (4000 x 2 + 500 x 8) / 2
        ("azure", "batch-prod", batch_line("gpt-4.1-2025-04-14", counted(4000, 500)), "0.006"),
    ],
)
def test_a_line_of_a_batch_is_billed_as_one_by_who_reads_it(provider: str, asked: str, line: bytes, usd: str) -> None:
    cost = bill(provider, asked, body_of(line), tier="batch")
    assert (cost.state, cost.usd) == ("priced", Decimal(usd))
    assert cost.price_source.endswith(", batch")
    unsaid = bill(provider, asked, body_of(line))
    assert unsaid.usd == 2 * Decimal(usd), "the body alone does not say it"


def test_tokens_that_only_the_total_has_make_a_call_unpriced() -> None:
    """As an endpoint writes that leaves the reasoning out of the answer's tokens: 100 + 300, and 300 more."""
    usage = {**counted(100, 300, reasoning=300), "total_tokens": 700}
    cost = bill("openai", "gpt-5-mini", openai("gpt-5-mini-2025-08-07", usage))
    assert (cost.state, cost.usd) == ("unpriced", None)
    assert cost.price_source == "the total reported is not the tokens of prompt and answer together"
    without = {name: count for name, count in counted(100, 300).items() if name != "total_tokens"}
    assert bill("openai", "gpt-5-mini", openai("gpt-5-mini-2025-08-07", without)).state == "priced"


@pytest.mark.parametrize("model", ["gpt\x00", "\ud800", "gpt\n4"])
def test_a_name_that_no_ledger_keeps_makes_an_answer_unreadable(model: str) -> None:
    content = openai(model, counted(10, 10))
    with pytest.raises(UnreadableCompletion, match="no model"):
        read_completion(content, 0.0)
    spoilt = read_spoilt(content)
    assert spoilt.model == ""
    assert spoilt.usage is not None, "what it cost can be read all the same"


@pytest.mark.parametrize("usage", [counted(2**31, 1), counted(1, 2**31), counted(1, 1, 2**40)])
def test_a_count_that_no_answer_takes_makes_it_unreadable(usage: dict[str, Any]) -> None:
    with pytest.raises(UnreadableCompletion):
        read_completion(openai("gpt-4.1", usage), 0.0)
    assert read_spoilt(openai("gpt-4.1", usage)).usage is None


async def test_a_streamed_answer_is_billed_by_the_usage_of_its_last_chunk() -> None:
    """gpt-4o-mini in flex, half of 0.15, 0.075 and 0.60: (1000 x 0.15 + 1000 x 0.075 + 50 x 0.6) / 2 = 127.5"""
    head = {
        "id": "chatcmpl-9",
        "object": "chat.completion.chunk",
        "created": 1750338123,
        "model": "gpt-4o-mini-2024-07-18",
        "service_tier": "flex",
        "system_fingerprint": "fp_6f2eabb9a5",
    }
    chunks = [
        {**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}], "usage": None},
        {**head, "choices": [{"index": 0, "delta": {"content": "Beba água."}}], "usage": None},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": None},
        {**head, "choices": [], "usage": counted(2000, 50, 1000)},
    ]
    growing = GrowingCompletion()

    async def wire() -> Any:
        for chunk in chunks:
            yield b"data: " + json.dumps(chunk).encode() + b"\n\n"
        yield b"data: [DONE]\n\n"

    async for chunk in events(wire()):
        growing.add(chunk)
    assert bill("openai", "gpt-4o-mini", growing.whole()).usd == Decimal("0.0001275")


def test_a_cost_is_its_usage_times_its_unit_prices() -> None:
    """So that a change of the bill can be laid to a change of price or of tokens."""
    reply: ChatReply = read_completion(openai("gpt-5-mini", counted(2000, 700, 1024), service_tier="flex"), 0.0)
    cost = PRICES.price("openai", "gpt-5-mini", reply.usage, TODAY)
    prices = cost.unit_prices
    assert prices is not None
    assert (prices.input, prices.cached, prices.output) == (Decimal("0.125"), Decimal("0.0125"), Decimal(1))
    assert cost.usd == (976 * Decimal("0.125") + 1024 * Decimal("0.0125") + 700) / 10**6


def test_a_long_input_s_unit_prices_are_those_of_a_long_input() -> None:
    """gpt-5.6-sol from 21 August 2026: 4 and 20 up to 272,000 tokens of input, 8 and 30 past that."""
    short, long = (
        bill("openai", "gpt-5.6-sol", openai("gpt-5.6-sol", counted(tokens, 1000))) for tokens in (272_000, 272_001)
    )
    assert short.unit_prices is not None
    assert long.unit_prices is not None
    assert (short.unit_prices.input, short.unit_prices.output) == (4, 20)
    assert (long.unit_prices.input, long.unit_prices.output) == (8, 30)
    assert (short.usd, long.usd) == (Decimal("1.108"), Decimal("2.206008"))
