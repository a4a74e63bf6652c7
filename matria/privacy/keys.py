"""The secret behind pseudonyms: from settings, or made once under home/keys, readable by its owner alone.

Whoever holds the key can link a pseudonym to a person, so it is neither logged nor shown, and never lies in the
repository. Another key gives other pseudonyms; its id stands beside each of them, so that the two never mix.
"""

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from matria import durable
from matria.errors import SettingsError
from matria.settings import Settings

_SECRET_BYTES = 32


@dataclass(frozen=True)
class HashKey:
    """A named secret."""

    key_id: str
    secret: bytes = field(repr=False)

    def pseudonym(self, domain: str, value: str) -> str:
        """HMAC-SHA256 of `value`, hexadecimal; values of two domains (`patient_id`, `visit_id`) never coincide."""
        return hmac.digest(self.secret, f"{domain}\x1f{value}".encode(), hashlib.sha256).hex()


def load_key(settings: Settings) -> HashKey:
    """The key of this installation. Raises `SettingsError` where it is malformed, open to others or ambiguous."""
    key_id, given = settings.privacy.hash_key_id, settings.privacy.hash_key
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", key_id):
        raise SettingsError("MATRIA_PRIVACY__HASH_KEY_ID names a file: use letters, digits, '.', '_' and '-' only.")
    path = settings.home / "keys" / f"{key_id}.key"
    if given is None:
        return HashKey(key_id, _kept(path) if path.exists() else _made(path))
    secret = _parsed(given.get_secret_value(), "MATRIA_PRIVACY__HASH_KEY")
    if path.exists() and _kept(path) != secret:
        raise SettingsError(
            f"MATRIA_PRIVACY__HASH_KEY is not the key of that id in {path}: give the new key an id of its own "
            "with MATRIA_PRIVACY__HASH_KEY_ID."
        )
    return HashKey(key_id, secret)


def _made(path: Path) -> bytes:
    """A new secret, durably at `path`; the one there if another process was faster."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}{durable.PARTIAL_SUFFIX}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(secret.hex() + "\n")
                file.flush()
                os.fsync(descriptor)
            os.link(partial, path)  # fails where the file is there; a rename would replace it
        except FileExistsError:
            return _kept(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise durable.storage_error(error, path) from error
    return secret


def _kept(path: Path) -> bytes:
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path} can be read by others: run `chmod 600 {path}`.")
        return _parsed(path.read_text(encoding="ascii", errors="replace"), str(path))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): give its owner the right to.") from error


def _parsed(text: str, name: str) -> bytes:
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError:
        secret = b""
    if len(secret) != _SECRET_BYTES:
        raise SettingsError(
            f"{name} must be {_SECRET_BYTES} bytes in hexadecimal, {2 * _SECRET_BYTES} digits: "
            "make one with `openssl rand -hex 32`."
        )
    return secret
