"""Settings that do not fit are said before anything is asked."""

from typing import Any

import pytest
from pydantic import SecretStr

from guardrails.content_safety.opening import account, open_content_safety
from matria.errors import SettingsError
from matria.policy import Policy
from matria.settings import ModerationSettings

AZURE = "https://name.cognitiveservices.azure.com"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "ENDPOINT must be"),
        ({"endpoint": "name.cognitiveservices.azure.com"}, "ENDPOINT must be"),
        ({"endpoint": f"{AZURE}/contentsafety"}, "without a path"),
        ({"endpoint": AZURE}, "API_KEY is not set"),
        ({"endpoint": AZURE, "api_key": SecretStr("")}, "API_KEY is not set"),
        ({"endpoint": "http://127.0.0.1:8660", "auth": "entra"}, "over https alone"),
    ],
)
def test_what_lacks_or_contradicts_is_named(given: dict[str, Any], message: str, policy: Policy) -> None:
    with pytest.raises(SettingsError, match=message):
        open_content_safety(ModerationSettings(kind="azure", **given), policy)


def test_a_key_or_an_identity_is_taken_and_the_key_is_not_shown() -> None:
    keyed = account(ModerationSettings(kind="azure", endpoint=f"{AZURE}/", api_key=SecretStr("secret")))
    assert (keyed.endpoint, keyed.key) == (AZURE, "secret")
    assert "secret" not in repr(keyed)
    assert account(ModerationSettings(kind="azure", endpoint=AZURE, auth="entra")).key is None
