"""A context of grading, with the policy of the checkout."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evals.checks.registry import Context, Result, country_of, grade
from matria.messages import Locale
from matria.policy import Policy, load_policy

Grade = Callable[[Mapping[str, Any], str, Locale], Result]


@pytest.fixture(scope="session")
def policy(root: Path) -> Policy:
    return load_policy(root / "policy.yaml")


@pytest.fixture(scope="session")
def grading(policy: Policy) -> Grade:
    """Grades an answer by a check."""
    return lambda check, answer, locale: grade(check, answer, Context(locale, country_of(locale, "US"), policy))
