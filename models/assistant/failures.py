"""How a call to a chat model can fail, each as one sentence: which endpoint, what happened, what to do next.

An endpoint's own words are left out, since they may quote the request.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from matria.costs.base import Usage
from matria.errors import ModelError

Failure = Literal[
    "unknown_model",
    "key_refused",
    "no_token",
    "no_quota",
    "too_many_requests",
    "timeout",
    "unreachable",
    "server",
    "refused",
    "unreadable",
    "unexpected_end",
]
Unused = Failure | Literal["cancelled"]
"""Why an attempt was not used: it failed, or whoever asked gave it up."""
PASSING: frozenset[Failure] = frozenset({"too_many_requests", "timeout", "unreachable", "server", "unreadable"})
"""Failures that another attempt can help."""


def new_call_id() -> str:
    """An id that no other call has."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class PaidAttempt:
    """An attempt at an answer that was not used, and that was paid for or may have been."""

    failure: Unused
    provider: str
    model: str
    """The model asked for."""
    model_snapshot: str = ""
    """The model that the endpoint says answered; empty where it did not come to that."""
    usage: Usage | None = None
    """None where the endpoint had not counted it yet."""
    latency_ms: float = 0.0
    is_simulated: bool = False
    call_id: str = field(default_factory=new_call_id)
    """The same however often the attempt is told of."""


class ChatFailed(ModelError):
    """A call to a chat model failed; `failure` says how."""

    def __init__(
        self, message: str, failure: Failure, *, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.status = status
        """Of the endpoint's answer; None where none came."""
        self.retry_after_s = retry_after_s
        """Seconds that the endpoint asks to be left alone; None where it does not say."""
        self.paid: tuple[PaidAttempt, ...] = ()
        """Attempts for this answer that were paid for, or may have been, oldest first."""

    @property
    def is_passing(self) -> bool:
        """Whether another attempt can help."""
        return self.failure in PASSING


def given_up(paid: Sequence[PaidAttempt]) -> ChatFailed:
    """A call that whoever asked gave up, as a failure that tells what it may have cost."""
    failure = ChatFailed("The call was given up before an answer came.", "timeout")
    failure.paid = tuple(paid)
    return failure


@dataclass(frozen=True)
class Endpoint:
    """What was called, as an error names it."""

    address: str
    timeout_s: float
    setting_prefix: str
    """How the variables that configure it begin, such as `MATRIA_CHAT__`."""


@dataclass(frozen=True)
class Detail:
    """What is known of one failure."""

    model: str = ""
    known_models: Sequence[str] = ()
    about: str = ""
    """Status, code and parameter of the refusal; or what of the answer cannot be read."""
    status: int | None = None
    retry_after_s: float | None = None


def chat_failed(failure: Failure, endpoint: Endpoint, detail: Detail) -> ChatFailed:
    """The failure as the error that a user sees."""
    subject = detail.model if failure == "unexpected_end" else endpoint.address
    message = f"{subject} {_sentence(failure, endpoint, detail)}"
    return ChatFailed(message, failure, status=detail.status, retry_after_s=detail.retry_after_s)


def _sentence(failure: Failure, endpoint: Endpoint, detail: Detail) -> str:
    setting = endpoint.setting_prefix
    match failure:
        case "unknown_model":
            lists = f"it lists {', '.join(detail.known_models)}; " if detail.known_models else ""
            return f"knows no model {detail.model!r}: {lists}set {setting}MODEL."
        case "key_refused":
            return f"refused the key ({detail.about}): set a valid one in {setting}API_KEY."
        case "no_token":
            return (
                "needs a token, and Entra ID has none for this process: sign in, or give the machine an identity with "
                "the role Cognitive Services OpenAI User."
            )
        case "no_quota":
            return f"has no quota left for this key ({detail.about}): raise it with the provider, or use another key."
        case "too_many_requests":
            return (
                "still answered 429, too many requests, at the last attempt: wait, or raise the quota or "
                f"{setting}MAX_ATTEMPTS."
            )
        case "timeout":
            return f"did not answer within {endpoint.timeout_s:g} s: check the endpoint, or raise {setting}TIMEOUT_S."
        case "unreachable":
            return f"cannot be reached: start it, or correct {setting}BASE_URL."
        case "server":
            return f"failed on its side at each attempt ({detail.about}): try again later."
        case "refused":
            return f"refused the request ({detail.about}): check the model parameters and {setting}BASE_URL."
        case "unreadable":
            return (
                f"gave an answer that cannot be read ({detail.about}): it does not speak OpenAI's chat completions, or "
                f"something between cut the answer; check {setting}BASE_URL."
            )
        case "unexpected_end":
            return f"ended with {detail.about!r}, which no request here allows: check the prompt's model parameters."
