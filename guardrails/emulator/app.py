"""The emulator as an ASGI app, without a framework: the gateway's checks, faults that were asked for, then the service.

Served over HTTP by `guardrails.emulator.server`, or reached in process through an ASGI transport. What it was asked and
what went wrong is counted and shown by its own endpoint (`guardrails.emulator.control`); no text is kept or logged.
"""

import hmac
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from guardrails.emulator import routes
from guardrails.emulator.asgi import Call, Receive, Reply, Scope, Send, read_call, send_reply
from guardrails.emulator.blocklists import APPLY_LAG_S, Blocklists
from guardrails.emulator.breakage import send_broken, wait
from guardrails.emulator.control import ROOT as CONTROL
from guardrails.emulator.control import control
from guardrails.emulator.faults import Fault, Faults
from guardrails.emulator.service import Clock, Service
from guardrails.emulator.throttle import Limit, Throttle
from guardrails.emulator.verdicts import Verdicts, local_verdicts
from guardrails.emulator.wire_error import WireError, internal_error, quota_exceeded, server_busy, too_many, wrong_key

logger = logging.getLogger(__name__)


def create_app(
    verdicts: Verdicts | None = None,
    *,
    api_key: str | None = None,
    apply_lag_s: float = APPLY_LAG_S,
    limit: Limit | None = None,
    faults: Sequence[Fault] = (),
    seed: int = 0,
    state: Path | None = None,
    protected: Sequence[str] = (),
    clock: Callable[[], float] = time.time,
) -> "Emulator":
    """The app. Verdicts are those of the local rails by default; with `api_key` calls need it, else any key will do.
    `state` is the file that keeps blocklists; `clock` tells seconds since 1970. Raises `StorageError` for that file."""
    own_clock = Clock(clock)
    blocklists = Blocklists(own_clock, state, apply_lag_s)
    service = Service(verdicts or local_verdicts(), blocklists, tuple(protected))
    throttle = None if limit is None else Throttle(limit, own_clock)
    return Emulator(service, own_clock, api_key=api_key, throttle=throttle, faults=Faults(faults, seed))


class Emulator:
    """An ASGI app. `faults` may be exchanged while it serves."""

    def __init__(
        self, service: Service, clock: Clock, *, api_key: str | None, throttle: Throttle | None, faults: Faults
    ) -> None:
        self.service = service
        self.clock = clock
        self.faults = faults
        self.is_stopping: Callable[[], bool] = lambda: False
        """Whether the server wants to stop, so that a call that hangs does not hold it up."""
        self._api_key = api_key
        self._throttle = throttle

    def forget(self) -> None:
        """Forgets blocklists, counts and faults."""
        self.service.blocklists.clear()
        self.service.counts.clear()
        self.faults = Faults()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        call = await read_call(scope, receive)
        if call.path.startswith(CONTROL):
            await send_reply(send, control(self, call))
            return
        try:
            self._check_key(call)
            drawn = self.faults.draw(call.path)
            for fault in drawn:
                if fault.kind == "latency" and not await wait(receive, fault.ms / 1000, self.is_stopping):
                    return
            await self._answer(call, drawn[-1] if drawn else None, receive, send)
        except WireError as error:
            await self._send(send, error.reply())

    async def _answer(self, call: Call, fault: Fault | None, receive: Receive, send: Send) -> None:
        match fault:
            case Fault(kind="hang"):
                await wait(receive, None, self.is_stopping)
            case Fault(kind="malformed" | "wrong_shape" | "half" as kind):
                await send_broken(send, kind, await self._reply(call))
            case Fault():
                self._refuse(fault)
                await self._send(send, await self._reply(call))
            case None:
                await self._send(send, await self._reply(call))

    def _refuse(self, fault: Fault) -> None:
        match fault.kind:
            case "429":
                raise too_many(fault.retry_after)
            case "too_many":
                raise quota_exceeded(fault.retry_after)
            case "500":
                raise internal_error()
            case "503":
                raise server_busy()

    async def _reply(self, call: Call) -> Reply:
        if self._throttle is not None and (wait_s := self._throttle.take()) is not None:
            raise too_many(self._throttle.retry_after_s(wait_s))
        route, named = routes.find(call)
        self.service.counts.calls[route.name] += 1
        routes.check_version(route, named)
        try:
            return await route.answer(self.service, named)
        except WireError:
            raise
        except Exception as error:
            # The type alone: what went wrong may quote the text that was sent.
            logger.error("%s could not be answered: %s", route.name, type(error).__name__)  # noqa: TRY400
            raise internal_error() from error

    async def _send(self, send: Send, reply: Reply) -> None:
        self.service.counts.statuses[str(reply.status)] += 1
        await send_reply(send, reply)

    def _check_key(self, call: Call) -> None:
        given = call.headers.get("ocp-apim-subscription-key") or call.headers.get("authorization", "")
        key = given.removeprefix("Bearer ").strip()
        if not key or (self._api_key is not None and not hmac.compare_digest(key.encode(), self._api_key.encode())):
            raise wrong_key()
