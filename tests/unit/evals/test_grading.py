"""What becomes of a criterion whose check needs more than the answer, or cannot tell."""

import asyncio

import pytest

from evals.cases import Case, Criterion, Passage
from evals.grading import Graders
from evals.rows import Meter
from matria.messages import Message
from matria.policy import Policy

CRITERIA = (
    Criterion("fast", "Comes in time.", 1, "scope", check={"kind": "latency", "max_ms": 1000}),
    Criterion("cheap", "Costs little.", 1, "scope", check={"kind": "cost", "max_usd": 0.01}),
    Criterion("cited", "Cites what was retrieved.", 1, "accuracy", check={"kind": "cites_retrieved"}),
    Criterion("short", "Is short.", 1, "language", check={"kind": "length", "max_words": 5}),
)
PASSAGE = Passage("dgs-1", "Conte os movimentos.", "Direção-Geral da Saúde, 2023")


def _case(*retrieved: Passage) -> Case:
    messages = (Message("user", "O bebé mexe menos?"),)
    return Case("c.pt-PT", "s", "pt-PT", "gestante", None, messages, CRITERIA, retrieved=retrieved)


@pytest.mark.parametrize(
    ("case", "meter", "met"),
    [
        (_case(PASSAGE), Meter("k", 900.0, "0.002", "priced"), [True, True, True, True]),
        (_case(PASSAGE), Meter("k", 1100.0, "0.02", "priced"), [False, False, True, True]),
        (_case(PASSAGE), Meter("k", 900.0, None, "unpriced"), [True, None, True, True]),
        (_case(), None, [None, None, None, True]),
    ],
    ids=["within", "past", "unpriced", "nothing known"],
)
def test_what_is_not_known_is_a_grader_error_and_never_a_grade(
    case: Case, meter: Meter | None, met: list[bool | None], policy: Policy
) -> None:
    results = asyncio.run(Graders(policy, "US").grade(case, "Conte os movimentos [dgs-1].", meter))
    assert [result.met for result in results] == met
    assert [bool(result.grader_error) for result in results] == [outcome is None for outcome in met]
