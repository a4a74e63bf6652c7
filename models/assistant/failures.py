"""How a call to a chat model can fail, each as one sentence: which endpoint, what happened, what to do next.

An endpoint's own words are left out, since they may quote the request.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matria.errors import ModelError

Failure = Literal[
    "unknown_model", "key_refused", "too_many_requests", "timeout", "unreachable", "server", "refused", "unreadable"
]


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
    """Status, code and parameter of the refusal; or the kind of answer that cannot be read."""


def model_error(failure: Failure, endpoint: Endpoint, detail: Detail) -> ModelError:
    """The failure as the error that a user sees."""
    return ModelError(f"{endpoint.address} {_sentence(failure, endpoint, detail)}")


def _sentence(failure: Failure, endpoint: Endpoint, detail: Detail) -> str:
    setting = endpoint.setting_prefix
    match failure:
        case "unknown_model":
            lists = f"it lists {', '.join(detail.known_models)}; " if detail.known_models else ""
            return f"knows no model {detail.model!r}: {lists}set {setting}MODEL."
        case "key_refused":
            return f"refused the key ({detail.about}): set a valid one in {setting}API_KEY."
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
                f"gave an answer that cannot be read ({detail.about}): check that it speaks OpenAI's chat "
                f"completions, and {setting}BASE_URL."
            )
