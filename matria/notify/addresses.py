"""The channels that `MATRIA_NOTIFY__URLS` names: `team=slack://… care=mailto://…`.

Every address holds a secret, so no sentence here repeats one; a channel is known by its name, which is that of its
kind where none is given.
"""

import re
from collections.abc import Mapping

from pydantic import SecretStr

from matria.errors import SettingsError

NAMED = re.compile(r"(?P<name>[a-z][a-z0-9_-]{0,40})=(?P<address>[a-z][a-z0-9+.-]*://.+)", re.IGNORECASE | re.DOTALL)
BARE = re.compile(r"(?P<kind>[a-z][a-z0-9]*)[a-z0-9+.-]*://.+", re.IGNORECASE | re.DOTALL)
SETTING = "MATRIA_NOTIFY__URLS"


def addresses(urls: SecretStr | None) -> Mapping[str, SecretStr]:
    """Each channel's address by its name, in the order given. Raises `SettingsError`, naming places and no address."""
    given = urls.get_secret_value().split() if urls else []
    if not given:
        raise SettingsError(
            f"{SETTING} names no channel: set it, such as team=slack://…, or MATRIA_NOTIFY__KIND=console."
        )
    found: dict[str, SecretStr] = {}
    for number, text in enumerate(given, start=1):
        name, address = _parsed(text, number)
        if name in found:
            raise SettingsError(f"{SETTING} has two channels called '{name}': give each a name, as in NAME=ADDRESS.")
        found[name] = SecretStr(address)
    return found


def _parsed(text: str, number: int) -> tuple[str, str]:
    if named := NAMED.fullmatch(text):
        return named["name"].lower(), named["address"]
    if bare := BARE.fullmatch(text):
        return bare["kind"].lower(), text
    raise SettingsError(
        f"Channel {number} of {SETTING} is no address: write NAME=ADDRESS, such as care=mailto://…, with blanks as %20."
    )
