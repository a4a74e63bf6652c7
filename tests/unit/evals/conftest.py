"""A context of grading, with the policy of the checkout."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evals.checks.registry import Context, Result, country_of, grade
from matria.messages import Locale
from matria.policy import Policy, load_policy

Grade = Callable[..., Result]
"""Of a check, an answer and its locale; further fields of the context by name."""


@pytest.fixture(scope="session")
def policy(root: Path) -> Policy:
    return load_policy(root / "policy.yaml")


@pytest.fixture(scope="session")
def grading(policy: Policy) -> Grade:
    """Grades an answer by a check."""

    def graded(check: Mapping[str, Any], answer: str, locale: Locale, **context: Any) -> Result:
        return grade(check, answer, Context(locale, country_of(locale, "US"), policy, **context))

    return graded
