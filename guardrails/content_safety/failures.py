"""How a call to the service can fail, each as one sentence: what happened and what to do next.

The service's own words are left out, since they may quote the text that it was sent.
"""

from typing import Literal

from guardrails.base import RailFailed

Failure = Literal[
    "key_refused",
    "not_found",
    "refused",
    "too_many_requests",
    "timeout",
    "unreachable",
    "server",
    "unreadable",
    "circuit_open",
    "too_long",
]
PASSING: frozenset[Failure] = frozenset({"too_many_requests", "timeout", "unreachable", "server", "unreadable"})
"""Failures that another attempt can help."""
OUTAGE: frozenset[Failure] = PASSING | {"key_refused"}
"""Failures that say nothing of the one text and that the next call will meet as well: they open the circuit."""
MAY_BE_BILLED: frozenset[Failure] = frozenset({"timeout", "unreachable", "unreadable"})
"""Failures after which the service may have judged the text, and so billed it; the others are refusals before that."""


class CallFailed(RailFailed):
    """A call to the service failed; `failure` says how."""

    def __init__(
        self, failure: Failure, *, status: int | None = None, code: str = "", retry_after_s: float | None = None
    ) -> None:
        about = ", ".join(part for part in (str(status or ""), code) if part)
        super().__init__(f"Azure AI Content Safety {_SENTENCES[failure]}{f' ({about})' if about else ''}.")
        self.failure = failure
        self.status = status
        """Of the service's answer; None where none came."""
        self.retry_after_s = retry_after_s
        """Seconds that the service asks to be left alone; None where it does not say."""
        self.is_unsent = False
        """No connection came about, so that the text has reached nobody."""
        self.text_records = 0
        """Records of the parts of the text that were answered, and so are billed, before this one failed."""

    @property
    def is_passing(self) -> bool:
        """Whether another attempt can help."""
        return self.failure in PASSING

    @property
    def is_outage(self) -> bool:
        """Whether the next call would fail as well."""
        return self.failure in OUTAGE


_SENTENCES: dict[Failure, str] = {
    "key_refused": "refused the key or the identity: correct MATRIA_MODERATION__API_KEY, or give the identity the role "
    "Cognitive Services User",
    "not_found": "knows no such address or blocklist: correct MATRIA_MODERATION__ENDPOINT, or run "
    "`matria guardrails sync`",
    "refused": "refused the request: check its limits and the api-version",
    "too_many_requests": "asks for fewer requests: wait, or raise the tier",
    "timeout": "did not answer in time: check the endpoint, or raise MATRIA_MODERATION__TIMEOUT_S",
    "unreachable": "cannot be reached: check MATRIA_MODERATION__ENDPOINT and the network",
    "server": "failed on its side: try again later",
    "unreadable": "gave an answer that cannot be read: something between may have cut it",
    "circuit_open": "has failed again and again and is left alone for a while: try again later",
    "too_long": "is not asked for a text of this length: see content_safety.max_parts in policy.yaml",
}
