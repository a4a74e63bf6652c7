"""Settings: offline defaults, and errors that name the variable."""

from pathlib import Path

import pytest

from matria.errors import SettingsError
from matria.settings import Settings, _given_names, load_settings, setting_names


def test_every_default_is_offline() -> None:
    settings = load_settings()
    assert settings.chat.kind == "simulator"
    assert settings.tracking_uri.startswith("sqlite:///")


def test_a_nested_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIA_CHAT__KIND", "compatible")
    monkeypatch.setenv("MATRIA_CHAT__API_KEY", "hush-hush")
    settings = load_settings()
    assert settings.chat.kind == "compatible"
    assert "hush-hush" not in repr(settings)


def test_an_unknown_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATRIA_CHAT__MODLE", "x")
    with pytest.raises(SettingsError, match="MATRIA_CHAT__MODLE"):
        load_settings()


def test_a_malformed_setting_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MATRIA_CHAT__TIMEOUT_S", "soon")
    with pytest.raises(SettingsError, match="MATRIA_CHAT__TIMEOUT_S.*number"):
        load_settings(home=tmp_path)


def test_every_setting_says_what_it_is() -> None:
    assert all(text for _, text in setting_names().values())


def test_a_file_may_hold_variables_of_others_and_a_misspelt_one_of_ours_is_found(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("OPENAI_API_KEY=x\nMATRIA_CHAT__KIND=openai\n")
    assert Settings(_env_file=env_file).chat.kind == "openai"
    env_file.write_text("OPENAI_API_KEY=x\nMATRIA_CHAT__KIND=openai\nMATRIA_CHAT__MODLE=y\n")
    assert sorted(_given_names(env_file)) == ["MATRIA_CHAT__KIND", "MATRIA_CHAT__MODLE"]


def test_settings_do_not_depend_on_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("MATRIA_LOCALE=pt-PT\n")
    monkeypatch.chdir(tmp_path)
    assert load_settings().locale == "en"


def test_the_pages_are_where_people_open_them() -> None:
    assert load_settings(serve={"pages_port": 8601}).serve.pages_url == "http://127.0.0.1:8601"
    assert load_settings(serve={"public_url": "https://m.example.org/"}).serve.pages_url == "https://m.example.org"
