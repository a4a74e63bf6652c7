"""What the nurses' page takes from the settings, checked once when it is built."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from matria.errors import SettingsError
from matria.messages import Locale
from matria.privacy.keys import HashKey

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class PageOptions:
    """One page, for one address."""

    public_url: str
    """Scheme, host and port where nurses open it, no path; http for this machine alone. Raises `SettingsError`."""
    hash_key: HashKey
    """Of this installation: under it attempts to sign in are counted, so that the address itself is not kept."""
    timezone: str = "America/Sao_Paulo"
    locale: Locale = "pt-BR"
    """Of a page until somebody signs in."""
    sign_in: Literal["link", "oidc"] = "link"
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise SettingsError(
                "MATRIA_REVIEW__PUBLIC_URL must be scheme and host alone, such as https://revisao.example.org."
            )
        if parts.username or parts.password:
            raise SettingsError("MATRIA_REVIEW__PUBLIC_URL holds a user or password: give scheme and host alone.")
        if parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS:
            raise SettingsError(
                "MATRIA_REVIEW__PUBLIC_URL is http: health text and cookies need https, save on 127.0.0.1."
            )

    @property
    def is_https(self) -> bool:
        """Whether browsers reach it encrypted."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def origin(self) -> str:
        """As a browser names it in `Origin`: lower case, no default port, no slash at the end."""
        parts = urlsplit(self.public_url)
        return origin_of(parts.scheme, parts.netloc)


def origin_of(scheme: str, host: str) -> str:
    """Scheme and host as a browser's `Origin` has them; a default port goes."""
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return f"{scheme}://{host.lower().removesuffix(default)}"
