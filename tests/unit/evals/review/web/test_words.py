"""The words of the pages: the same keys in each language, and each language its own."""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from evals.review.base import OPTIONS
from evals.review.web.when import clock, due
from evals.review.web.words.texts import words
from matria.errors import InternalError
from matria.messages import LOCALES, Locale

TEMPLATES = Path(__file__).resolve().parents[5] / "evals/review/web/templates"
NOT_IN: dict[Locale, str] = {
    "pt-BR": r"guardar|utente|ecrã|telemóvel|equipa\b|ligação|anular|terminar sessão|regist[oa]\b|facultativ|doente",
    "pt-PT": r"salv[aeo]|você|\btela\b|celular|equipe\b|conexão|desfazer|\bsair\b|cadastr|aparelho|opcional|\w+ndo\b"
    r"|arquivo|usuári",
    "en": r"\b(?:não|para|uma|você|que|com|cartão|semana)\b|[ãõçáéíóúâêô]",
}
"""Words by which each of the others is known."""
ONE_WORD_FOR_BOTH = {"pt-PT": "segundo|mundo|quando"}


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_has_the_same_keys_and_the_same_values_in_each_text(locale: Locale) -> None:
    ours, others = words(locale).texts, words("en").texts
    assert set(ours) == set(others)
    for key, text in ours.items():
        assert text.strip(), key
        assert values(text) == values(others[key]), key


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_in_another_language(locale: Locale) -> None:
    allowed = re.compile(ONE_WORD_FOR_BOTH.get(locale, r"(?!)"))
    found = {
        key: text for key, text in words(locale).texts.items() if re.search(NOT_IN[locale], allowed.sub("", text), re.I)
    }
    assert found == {}


def test_english_is_not_left_in_portuguese() -> None:
    english = words("en").texts
    for locale in ("pt-BR", "pt-PT"):
        same = {
            key
            for key, text in words(locale).texts.items()
            if text == english[key] and re.search(r"[a-z]{4}", strip(text))
        }
        assert same == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_question_and_option_has_its_words(locale: Locale) -> None:
    said = words(locale)
    for question, options in OPTIONS.items():
        assert said(f"question.{question}.title")
        assert said(f"question.{question}.help")
        shown = Counter(said.option(question, option) for option in options)
        assert max(shown.values()) == 1, question


@pytest.mark.parametrize("locale", LOCALES)
def test_degrees_of_harm_name_their_source(locale: Locale) -> None:
    assert re.search(r"(OMS|WHO).+2009", words(locale)("question.harm.help"))
    assert all(words(locale).has(f"question.harm.{one}_hint") for one in ("none", "mild", "moderate", "severe"))


def test_templates_ask_for_no_key_that_is_missing() -> None:
    asked = {
        key
        for path in TEMPLATES.glob("*.jinja")
        for key in re.findall(r'(?<!\w)words\("([a-z_.A-Z-]+)"(?! ~)', path.read_text(encoding="utf-8"))
        if not key.endswith(".")
    }
    assert len(asked) > 60
    assert {key for key in asked if not words("en").has(key)} == set()


def test_portuguese_counts_hours_before_two_as_one() -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    at = [datetime(2026, 11, 23, hour, 5, tzinfo=lisbon) for hour in (0, 1, 2)]
    shown = {locale: [clock(one, lisbon, words(locale)) for one in at] for locale in LOCALES}
    assert shown == {
        "pt-BR": ["à 0h05", "à 1h05", "às 2h05"],
        "pt-PT": ["à 0:05", "à 1:05", "às 2:05"],
        "en": ["0:05", "1:05", "2:05"],
    }
    assert due(at[1], at[0], lisbon, words("pt-PT")) == "até hoje à 1:05"


def test_a_missing_key_is_an_error_and_never_a_blank() -> None:
    with pytest.raises(InternalError):
        words("en")("no.such.key")
    with pytest.raises(InternalError):
        words("en")("card.title", n=1)


def values(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def strip(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)
