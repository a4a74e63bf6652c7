"""Tokens of Entra ID for Azure OpenAI: whoever the process runs as is asked for, so that no key has to be kept."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from models.assistant.wires.base import NoToken

if TYPE_CHECKING:
    from azure.identity.aio import DefaultAzureCredential

SCOPE = "https://cognitiveservices.azure.com/.default"


class EntraToken:
    """Gives a token, kept by the identity library until shortly before it ends. Belongs to one event loop."""

    def __init__(self) -> None:
        self._credential: DefaultAzureCredential | None = None
        self._get: Callable[[], Awaitable[str]] | None = None

    async def __call__(self) -> str:
        """The token. Raises `NoToken` where no identity of this process has one."""
        from azure.core.exceptions import ClientAuthenticationError

        if self._get is None:
            from azure.identity.aio import DefaultAzureCredential, get_bearer_token_provider

            self._credential = DefaultAzureCredential()
            self._get = get_bearer_token_provider(self._credential, SCOPE)
        try:
            return await self._get()
        except ClientAuthenticationError as error:
            raise NoToken from error

    async def aclose(self) -> None:
        """Connections to the identity service are closed."""
        if self._credential is not None:
            await self._credential.close()
