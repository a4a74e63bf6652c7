"""Why a request goes no further, as exceptions that a guard raises and `pages of refusal` answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Reason = Literal["signed_out", "forbidden", "csrf", "unknown", "limited", "too_large", "failed", "malformed"]
STATUSES: dict[Reason, int] = {
    "signed_out": 401,
    "forbidden": 403,
    "csrf": 403,
    "unknown": 404,
    "limited": 429,
    "too_large": 413,
    "failed": 500,
    "malformed": 400,
}


@dataclass
class Refused(Exception):
    """The request is answered with a page, or with JSON where a script asked."""

    reason: Reason
    back: str = "/"
    """The page that she was on."""
    retry_after_s: int | None = None
    """Of `limited`."""
    fields: Sequence[tuple[str, str]] = field(default_factory=tuple, repr=False)
    """Of `csrf` and `signed_out`, where the form is hers: what she typed, to be sent again."""

    @property
    def status(self) -> int:
        """Of the answer."""
        return STATUSES[self.reason]
