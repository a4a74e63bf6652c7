"""The assistant says first that it is a machine, and whom to call without waiting for it."""

from pathlib import Path

import pytest

from matria.errors import PromptError
from matria.messages import LOCALES, Locale
from prompts.greetings import greeting


@pytest.mark.parametrize(
    ("locale", "country", "number"),
    [("pt-BR", "US", "192"), ("pt-PT", "US", "112"), ("en", "US", "911"), ("en", "GB", "999"), ("en", "PT", "112")],
)
def test_it_says_that_it_is_an_ai_and_names_the_emergency_number(locale: Locale, country: str, number: str) -> None:
    said = greeting(locale, country)
    assert "inteligência artificial" in said or "artificial intelligence" in said
    assert said.endswith(f"{number}.")


def test_a_locale_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "greetings.yaml"
    path.write_text("en: Hello\n", encoding="utf-8")
    with pytest.raises(PromptError, match="pt-BR, pt-PT, en"):
        greeting("en", "US", path)


def test_a_number_that_nobody_has_is_named(tmp_path: Path) -> None:
    path = tmp_path / "greetings.yaml"
    path.write_text("".join(f"{locale}: call {{fire_brigade}}\n" for locale in LOCALES), encoding="utf-8")
    with pytest.raises(PromptError, match="fire_brigade"):
        greeting("en", "US", path)
