"""A model's stream that outlives its reader: who stops reading does not leave a paid answer without its usage.

The pieces come through a queue that another task fills. Where nobody reads on, that task reads the stream to its end,
so that what the endpoint counted is known.
"""

import asyncio
from collections.abc import AsyncIterator

from models.assistant.base import ChatReply
from models.assistant.failures import ChatFailed, PaidAttempt


class Tap:
    """One stream, read in the background from the moment that it is made."""

    def __init__(self, stream: AsyncIterator[str | ChatReply]) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(stream))

    async def pieces(self) -> AsyncIterator[str]:
        """The text as it comes. Raises what the stream raises."""
        while (piece := await self._queue.get()) is not None:
            yield piece
        await asyncio.shield(self._reading)

    async def reply(self) -> ChatReply | None:
        """The reply, once the stream has ended; None where it broke off."""
        try:
            return await asyncio.shield(self._reading)
        except Exception:  # noqa: BLE001  (whoever reads the pieces has been told why)
            return None

    async def paid(self) -> tuple[PaidAttempt, ...]:
        """Attempts that came to no reply, once the stream has ended; none where it came to one."""
        try:
            await asyncio.shield(self._reading)
        except ChatFailed as error:
            return error.paid
        except Exception:  # noqa: BLE001  (whatever else ended it)
            return ()
        return ()

    async def _read(self, stream: AsyncIterator[str | ChatReply]) -> ChatReply | None:
        reply = None
        try:
            async for piece in stream:
                if isinstance(piece, ChatReply):
                    reply = piece
                else:
                    self._queue.put_nowait(piece)
        finally:
            self._queue.put_nowait(None)
        return reply
