"""The blocklists of a resource, read and written for `guardrails.content_safety.syncing`.

Unlike behind a rail, a person waits here and wants a sentence: what fails is a `ModelError`. Each call may be made
again, since all of them say what shall be, and not what to add to it.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from guardrails.content_safety.answers import string
from guardrails.content_safety.client import SafetyClient
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.service import ContentSafety
from matria.errors import ModelError

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class KeptItem:
    """An item as the service has it."""

    id: str
    text: str
    description: str


class BlocklistKeeper:
    """Reads and writes the blocklists of one resource. Raises `ModelError`."""

    def __init__(self, service: ContentSafety) -> None:
        self._service = service

    async def blocklists(self) -> dict[str, str]:
        """Description of each list, by name."""
        return await self._ask(_all_blocklists)

    async def items(self, name: str) -> list[KeptItem]:
        """Every item of a list, all pages."""
        return await self._ask(lambda client: _all_items(client, name))

    async def put_blocklist(self, name: str, description: str) -> None:
        """The list is there, with that description."""
        await self._ask(lambda client: client.put_blocklist(name, description))

    async def delete_blocklist(self, name: str) -> None:
        """The list and its items are gone."""
        await self._ask(lambda client: client.delete_blocklist(name))

    async def put_items(self, name: str, descriptions: Mapping[str, str]) -> None:
        """Items by text are in the list, with those descriptions; at most 100."""
        items = [{"text": text, "description": said} for text, said in descriptions.items()]
        await self._ask(lambda client: client.put_items(name, items))

    async def remove_items(self, name: str, ids: Sequence[str]) -> None:
        """The items are gone from the list; at most 100."""
        await self._ask(lambda client: client.remove_items(name, ids))

    async def _ask(self, call: Callable[[SafetyClient], Awaitable[Answer]]) -> Answer:
        try:
            return await self._service.keep(call)
        except CallFailed as failure:
            raise ModelError(
                f"{failure} What was done before stands, and the same command goes on from there."
            ) from None


async def _all_blocklists(client: SafetyClient) -> dict[str, str]:
    return {string(each, "blocklistName"): str(each.get("description") or "") for each in await client.blocklists()}


async def _all_items(client: SafetyClient, name: str) -> list[KeptItem]:
    return [
        KeptItem(string(item, "blocklistItemId"), string(item, "text"), str(item.get("description") or ""))
        async for item in client.items(name)
    ]
