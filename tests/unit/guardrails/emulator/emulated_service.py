"""Verdicts by words, a clock that stands, and a client that speaks to an emulator without a network."""

from collections.abc import Mapping
from typing import Any

import httpx

from guardrails.base import Category
from guardrails.emulator.app import Emulator


class FewWords:
    """Verdicts by one word each, so that a test says what a text is."""

    async def levels(self, text: str) -> Mapping[Category, int]:
        return {"hate": 3 if "hate" in text else 0, "violence": 7 if "violence" in text else 0}

    async def is_attack(self, prompt: str) -> bool:
        return "attack" in prompt

    async def is_poisoned(self, document: str) -> bool:
        return "poison" in document


class SetClock:
    """A clock that stands until it is set."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Wire:
    """Calls of one emulator with a key and an api-version that knows them all."""

    def __init__(self, app: Emulator) -> None:
        self._transport = httpx.ASGITransport(app)

    async def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = {"Ocp-Apim-Subscription-Key": "any", **options.pop("headers", {})}
        url = httpx.URL(path)
        params = {"api-version": "2024-09-15-preview", **url.params, **options.pop("params", {})}
        async with httpx.AsyncClient(transport=self._transport, base_url="http://emulator") as client:
            return await client.request(method, url, json=body, headers=headers, params=params, **options)
