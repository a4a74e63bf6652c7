"""Where a reminder sends a nurse."""

from pathlib import Path
from typing import Any

import pytest

from flows.steps.review_due import form_address
from flows.wiring import Platform


@pytest.mark.parametrize(
    ("review", "address"),
    [
        ({}, "http://127.0.0.1:8610/"),
        ({"public_url": "https://revisao.example.org"}, "https://revisao.example.org/"),
        ({"kind": "notion"}, "https://www.notion.so/"),
        ({"kind": "notion", "public_url": "https://www.notion.so/minhas-0123"}, "https://www.notion.so/minhas-0123"),
    ],
)
def test_a_reminder_leads_to_the_form_that_is_set(tmp_path: Path, review: dict[str, Any], address: str) -> None:
    assert form_address(Platform.load(home=tmp_path, review=review)) == address
