"""What an issuer says of itself: its endpoints and its keys, read within a deadline and kept for an hour.

Many who sign in at once wait for one reading, and none of them holds a thread, which all pages share. An issuer that
could not be read is not asked again for some seconds. It is somebody else's server: whatever it sends ends as
`NotIdentified`.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlsplit

from evals.review.web.options import LOCAL_HOSTS

if TYPE_CHECKING:
    from joserfc.jwk import KeySet, KeySetSerialization

FRESH = timedelta(hours=1)
REFETCH = timedelta(minutes=1)
"""Between two readings of the keys because a token names one that is not among them."""
AFTER_FAILURE = timedelta(seconds=5)
"""In which an issuer that could not be read is not asked again."""
DEADLINE_S = 10.0
"""For a whole exchange with the issuer, however it spreads what it sends."""
WELL_KNOWN = "/.well-known/openid-configuration"
Why = Literal["unknown", "unverified", "failed"]


class NotIdentified(Exception):
    """Nobody is signed in by what the issuer sent. `why` goes on the page, the message into the log; neither has a
    claim in it."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.why = why


@dataclass(frozen=True)
class Issuer:
    """What the issuer says of itself."""

    metadata: Mapping[str, Any]
    keys: "KeySet"
    read_at: datetime

    def endpoint(self, name: str) -> str:
        """An address of the issuer's. Raises `NotIdentified` where it is missing or not encrypted."""
        address = self.metadata.get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise NotIdentified("failed", f"the issuer's {name} is missing or not encrypted")
        return address


class Discovery:
    """Reads an issuer, once for all who ask meanwhile."""

    def __init__(self, issuer: str, clock: Callable[[], datetime], deadline_s: float = DEADLINE_S) -> None:
        self._issuer = issuer
        self._clock = clock
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        """Held for as long as it takes to look, never while the issuer is read."""
        self._known: Issuer | None = None
        self._failed: tuple[datetime, NotIdentified] | None = None
        self._reading: Future[Issuer] | None = None

    async def known(self, newer_than: datetime | None = None) -> Issuer:
        """The issuer as it was read within the hour, or after a moment. Raises `NotIdentified`."""
        with self._lock:
            known, now = self._known, self._clock()
            if known and now - known.read_at <= FRESH and (newer_than is None or known.read_at > newer_than):
                return known
            if self._failed and now - self._failed[0] < AFTER_FAILURE:
                raise NotIdentified(self._failed[1].why, f"{self._failed[1]}; not asked again so soon")
            reading, is_mine = self._reading or Future(), self._reading is None
            self._reading = reading
        if is_mine:
            await self._read(reading, now)
        return await asyncio.wrap_future(reading)

    async def _read(self, reading: "Future[Issuer]", now: datetime) -> None:
        """The result, or what failed, is in `reading`, for whoever waits for it."""
        reading.set_running_or_notify_cancel()  # from here on nobody who goes away ends it for the others
        failed = NotIdentified("failed", "the issuer was not read to its end")
        read: Issuer | None = None
        try:
            read = await self._as_it_is(now)
        except NotIdentified as error:
            failed = error
        finally:
            with self._lock:
                self._known, self._reading = read or self._known, None
                self._failed = None if read else (self._clock(), failed)
            if read:
                reading.set_result(read)
            else:
                reading.set_exception(failed)

    async def _as_it_is(self, now: datetime) -> Issuer:
        async with deadline(self._deadline_s):
            metadata = await _json(self._issuer.rstrip("/") + WELL_KNOWN)
            if metadata.get("issuer") != self._issuer:
                raise NotIdentified("failed", "the issuer calls itself by another name")
            address = metadata.get("jwks_uri")
            if not isinstance(address, str) or not is_safe(address):
                raise NotIdentified("failed", "the address of the issuer's keys is missing or not encrypted")
            return Issuer(metadata, _key_set(await _json(address)), now)


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """For all that is said to the issuer within. Raises `NotIdentified` where it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise NotIdentified("failed", f"the issuer took longer than {seconds:g} s") from None


def is_safe(address: str) -> bool:
    """Whether what goes there is encrypted, or stays on this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL_HOSTS)


async def _json(address: str) -> Mapping[str, Any]:
    import httpx2

    from evals.review.web.issuer_wire import BoundedWire

    try:
        async with httpx2.AsyncClient(transport=BoundedWire(), timeout=DEADLINE_S, trust_env=False) as client:
            answer = await client.get(address)
            answer.raise_for_status()
            content = answer.json()
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, RecursionError) as error:
        raise NotIdentified("failed", f"the issuer could not be read ({type(error).__name__})") from None
    if not isinstance(content, dict):
        raise NotIdentified("failed", "what the issuer says of itself is malformed")
    return content


def _key_set(keys: Mapping[str, Any]) -> "KeySet":
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    given = keys.get("keys")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise NotIdentified("failed", "the issuer's keys are malformed")
    try:
        return KeySet.import_key_set(cast("KeySetSerialization", keys))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotIdentified("failed", f"the issuer's keys are malformed ({type(error).__name__})") from None
