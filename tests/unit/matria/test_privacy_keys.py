"""The secret behind pseudonyms: kept, closed to others, never shown."""

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from matria.errors import SettingsError, StorageError
from matria.privacy.keys import HashKey, load_key
from matria.settings import PrivacySettings, Settings

SECRET = bytes(range(32))


def _settings(home: Path, key: str | None = None, key_id: str = "local-1") -> Settings:
    given = SecretStr(key) if key is not None else None
    return Settings(home=home, privacy=PrivacySettings(hash_key=given, hash_key_id=key_id))


def test_a_pseudonym_is_the_hmac_of_domain_and_value() -> None:
    expected = hmac.new(SECRET, b"patient_id\x1fP1", hashlib.sha256).hexdigest()
    assert HashKey("k", SECRET).pseudonym("patient_id", "P1") == expected
    assert HashKey("k", SECRET).pseudonym("visit_id", "P1") != expected
    assert HashKey("k", SECRET[::-1]).pseudonym("patient_id", "P1") != expected


def test_a_key_does_not_show_its_secret() -> None:
    assert SECRET.hex() not in repr(HashKey("k", SECRET))
    assert repr(SECRET) not in repr(HashKey("k", SECRET))


def test_a_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    key = load_key(_settings(tmp_path))
    path = tmp_path / "keys" / "local-1.key"
    assert load_key(_settings(tmp_path)) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["local-1.key"]
    assert len(key.secret) == 32


def test_another_home_and_another_id_have_other_keys(tmp_path: Path) -> None:
    keys = [
        load_key(_settings(tmp_path / "a")),
        load_key(_settings(tmp_path / "b")),
        load_key(_settings(tmp_path / "a", key_id="local-2")),
    ]
    assert len({key.secret for key in keys}) == 3
    assert keys[2].key_id == "local-2"


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from matria.settings import Settings; from matria.privacy.keys import load_key;"
        "print(load_key(Settings(home=Path(sys.argv[1]))).secret.hex())"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert len({process.communicate(timeout=60)[0] for process in started}) == 1


def test_the_key_of_settings_is_used(tmp_path: Path) -> None:
    key = load_key(_settings(tmp_path, SECRET.hex(), "prod-7"))
    assert key == HashKey("prod-7", SECRET)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("malformed", ["", "abc", "zz" * 32, "ab" * 31, "ab" * 33])
def test_a_malformed_key_is_refused_and_not_repeated(tmp_path: Path, malformed: str) -> None:
    with pytest.raises(SettingsError, match="openssl rand -hex 32") as raised:
        load_key(_settings(tmp_path, malformed))
    assert not malformed or malformed not in str(raised.value)


@pytest.mark.parametrize("key_id", ["../local", "a/b", "", ".hidden"])
def test_a_key_id_is_a_file_name_and_nothing_else(tmp_path: Path, key_id: str) -> None:
    with pytest.raises(SettingsError, match="MATRIA_PRIVACY__HASH_KEY_ID"):
        load_key(_settings(tmp_path, key_id=key_id))


def test_two_keys_of_one_id_are_refused(tmp_path: Path) -> None:
    load_key(_settings(tmp_path))
    with pytest.raises(SettingsError, match="id of its own"):
        load_key(_settings(tmp_path, SECRET.hex()))


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_key(_settings(tmp_path))
    (tmp_path / "keys" / "local-1.key").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_key(_settings(tmp_path))


def test_a_home_that_takes_no_key_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        load_key(_settings(tmp_path))
