"""With which parameters a prompt is asked: its own, within what the policy allows."""

from collections.abc import Mapping
from typing import Any

TOKEN_LIMITS = ("max_tokens", "max_completion_tokens")


def sampling_parameters(own: Mapping[str, Any], max_output_tokens: int, epoch: int = 0) -> dict[str, Any]:
    """The prompt's `own` parameters with at most so many tokens of output; each epoch above 0 shifts the seed."""
    parameters = dict(own)
    limit = next((name for name in TOKEN_LIMITS if name in parameters), TOKEN_LIMITS[0])
    parameters[limit] = min(parameters.get(limit, max_output_tokens), max_output_tokens)
    if epoch:
        parameters["seed"] = parameters.get("seed", 0) + epoch
    return parameters
