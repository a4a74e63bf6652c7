"""A served week for the tests that need one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.evals.review.web.card_parts import Desk, served
from tests.unit.evals.review.web.outcome_parts import Told


@pytest.fixture
def week(tmp_path: Path) -> Iterator[tuple[Desk, str]]:
    """The pages, and where they are."""
    with served(tmp_path, Told()) as made:
        yield made
        assert made[0].complaints == [], "the script failed"
