"""Errors of the wire, in the service's shape and in that of the gateway before it.

The service names its codes and repeats them in `x-ms-error-code`; the gateway, which checks keys and counts requests,
writes the status as code and sends no such header.
"""

from guardrails.emulator.asgi import Reply


class WireError(Exception):
    """A call that is answered with an error."""

    def reply(self) -> Reply:
        """The error as it is answered."""
        raise NotImplementedError


class ServiceError(WireError):
    """The service refuses a call or cannot answer it. `message` never repeats a text that was sent."""

    def __init__(
        self, status: int, code: str, message: str, *, target: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.target = target
        self.retry_after_s = retry_after_s

    def reply(self) -> Reply:
        """With the code in the header too."""
        error: dict[str, object] = {"code": self.code, "message": str(self)}
        if self.target is not None:
            error |= {"target": self.target, "details": []}
        return Reply(self.status, {"error": error}, (("x-ms-error-code", self.code), *_when(self.retry_after_s)))


class GatewayError(WireError):
    """The gateway turns a call away before the service sees it."""

    def __init__(self, status: int, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after_s = retry_after_s

    def reply(self) -> Reply:
        """With the number as code."""
        error = {"code": str(self.status), "message": str(self)}
        return Reply(self.status, {"error": error}, _when(self.retry_after_s))


def invalid_body(message: str, target: str | None = None) -> ServiceError:
    """A field of the body does not fit."""
    return ServiceError(400, "InvalidRequestBody", message, target=target)


def invalid_name(message: str) -> ServiceError:
    """A name in the address does not fit."""
    return ServiceError(400, "InvalidResourceName", message)


def unknown_blocklist(name: str) -> ServiceError:
    """There is no such list."""
    return ServiceError(404, "ResourceNotFound", f"The blocklist '{name}' does not exist.")


def unknown_item(item: str) -> ServiceError:
    """There is no such term."""
    return ServiceError(404, "ResourceNotFound", f"The blocklist item '{item}' does not exist.")


def internal_error() -> ServiceError:
    """The service failed."""
    return ServiceError(500, "InternalError", "The service met an unexpected situation.")


def server_busy() -> ServiceError:
    """The service has no room for the call."""
    return ServiceError(503, "ServerBusy", "The service cannot take the request for the moment.")


def quota_exceeded(retry_after_s: float | None) -> ServiceError:
    """The service itself counts too many requests."""
    return ServiceError(
        429, "TooManyRequests", "The requests exceed the quota of your current tier.", retry_after_s=retry_after_s
    )


def wrong_key() -> GatewayError:
    """No key, or another one."""
    return GatewayError(
        401,
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an "
        "active subscription and use a correct regional API endpoint for your resource.",
    )


def too_many(retry_after_s: float | None) -> GatewayError:
    """More requests than the tier allows; `retry_after_s` goes into the header, where it is known."""
    return GatewayError(429, "Requests have exceeded the rate limit of your current tier.", retry_after_s=retry_after_s)


def no_such_address() -> GatewayError:
    """Nothing answers there."""
    return GatewayError(404, "Resource not found")


def _when(retry_after_s: float | None) -> tuple[tuple[str, str], ...]:
    return () if retry_after_s is None else (("retry-after", f"{retry_after_s:g}"),)
