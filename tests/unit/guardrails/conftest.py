"""The rails of the checkout, made once."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from guardrails.clinical_terms import ClinicalTerms
from guardrails.local import LocalModerator
from guardrails.term_groups import TermGroup, load_groups
from matria.policy import Policy, load_policy


@pytest.fixture(scope="session")
def policy(root: Path) -> Policy:
    return load_policy(root / "policy.yaml")


@pytest.fixture(scope="session")
def groups() -> Sequence[TermGroup]:
    return load_groups()


@pytest.fixture(scope="session")
def clinical_terms(groups: Sequence[TermGroup]) -> ClinicalTerms:
    return ClinicalTerms(groups)


@pytest.fixture(scope="session")
def moderator(groups: Sequence[TermGroup], policy: Policy) -> LocalModerator:
    return LocalModerator(groups, policy)
