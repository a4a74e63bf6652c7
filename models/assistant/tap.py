"""A model's stream that outlives its reader: who stops reading does not leave a paid answer without its usage.

The pieces come through a queue that another task fills. Where nobody reads on, that task reads the stream to its end,
so that what the endpoint counted is known.
"""

import asyncio
from collections.abc import AsyncIterator

from models.assistant.base import ChatModel, ChatReply, ChatRequest
from models.assistant.failures import ChatFailed, PaidAttempt


class Tap:
    """One stream, read in the background from the moment that it is made."""

    def __init__(self, stream: AsyncIterator[str | ChatReply]) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(stream))
        self._reading.add_done_callback(_hear_out)

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

    async def whole(self) -> ChatReply:
        """The reply, once the stream has ended. Raises what the stream raises."""
        reply = await asyncio.shield(self._reading)
        assert reply is not None, "a stream ends in its reply, or raises"
        return reply

    async def given_up(self) -> ChatReply | None:
        """The stream is read no further, and has told of what it cost; the reply where it had come meanwhile."""
        self._reading.cancel()
        await asyncio.wait([self._reading])
        return None if self._reading.cancelled() or self._reading.exception() else self._reading.result()

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


def _hear_out(reading: "asyncio.Task[ChatReply | None]") -> None:
    """A stream that fails after its reader has left has told what it cost; asyncio is not to report it once more."""
    if not reading.cancelled():
        reading.exception()


async def in_one_piece(chat: ChatModel, request: ChatRequest) -> AsyncIterator[str | ChatReply]:
    """A reply that nobody watches while it is written, as a stream of itself."""
    yield await chat.complete(request)
