"""`latency` and `cost`: what an answer took, which is not in its text.

Both fail as graders where the figure is not known (a rail answered, the price is unknown): nothing is not fast, and
unknown is not cheap. The figure itself stays out of the result, since a row holds nothing that differs between two runs
on the same inputs; it is in the row's meter. So two runs differ only where an answer crossed the limit.
"""

from evals.checks.params import CostParams, LatencyParams
from evals.checks.reading import Reading
from evals.checks.registry import Context, Example, Result, check_kind


@check_kind(
    "latency",
    "The endpoint answered within `max_ms` milliseconds, or within the threshold of policy.yaml that `policy` names. "
    "Where the time is not known the grader fails.",
    examples=[
        Example({"kind": "latency", "max_ms": 3000}, "en", "Call us now.", True, {"latency_ms": 812.5}),
        Example({"kind": "latency", "max_ms": 500}, "pt-BR", "Ligue agora.", False, {"latency_ms": 812.5}),
    ],
    needs=["latency_ms"],
)
def latency(reading: Reading, params: LatencyParams, context: Context) -> Result:
    """Whether the answer came in time."""
    most = params.max_ms or context.policy.number(params.policy or "")
    is_met = context.latency_ms is not None and context.latency_ms <= most
    return Result(is_met, "", f"Came {'within' if is_met else 'after'} {most:g} ms.")


@check_kind(
    "cost",
    "The answer cost at most `max_usd` US dollars, or the threshold of policy.yaml that `policy` names. Where the "
    "price is not known the grader fails.",
    examples=[
        Example({"kind": "cost", "max_usd": 0.002}, "en", "Call us now.", True, {"cost_usd": 0.0011}),
        Example({"kind": "cost", "max_usd": 0.001}, "pt-PT", "Ligue já.", False, {"cost_usd": 0.0011}),
    ],
    needs=["cost_usd"],
)
def cost(reading: Reading, params: CostParams, context: Context) -> Result:
    """Whether the answer was cheap enough."""
    most = context.policy.number(params.policy or "") if params.max_usd is None else params.max_usd
    is_met = context.cost_usd is not None and context.cost_usd <= most
    return Result(is_met, "", f"Cost {'at most' if is_met else 'more than'} {most:g} USD.")
