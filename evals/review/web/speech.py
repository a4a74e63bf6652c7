"""The words of signing in and of errors, and in which language somebody reads."""

from functools import cache

from fastapi import Request, Response

from evals.review.base import Reviewer
from evals.review.web.words.texts import FOLDER, Words
from matria.errors import SettingsError
from matria.messages import LOCALES, Locale
from matria.yamlfile import read_yaml

LOCALE_COOKIE = "matria-locale"
"""Holds the language that was chosen; no secret."""
LOCALE_FIELD = "lang"
YEAR_S = 365 * 24 * 3600
NAMES: dict[Locale, str] = {"pt-BR": "Português (Brasil)", "pt-PT": "Português (Portugal)", "en": "English"}
"""Each language as it calls itself."""


@cache
def said(locale: Locale) -> Words:
    """The texts of signing in, of errors and of the mail, in one language."""
    sections = read_yaml(FOLDER / f"sign_in.{locale}.yaml", SettingsError)
    texts = {f"{section}.{key}": text for section, keys in sections.items() for key, text in keys.items()}
    return Words(locale, texts)


def keep_locale(response: Response, locale: Locale, is_https: bool) -> None:
    """The browser remembers the language that was chosen."""
    response.set_cookie(LOCALE_COOKIE, locale, YEAR_S, path="/", secure=is_https, httponly=True, samesite="lax")


def locale_of(request: Request, reviewer: Reviewer | None, otherwise: Locale) -> Locale:
    """What was chosen in this browser, else the first of her languages, else that of the page."""
    chosen = request.query_params.get(LOCALE_FIELD) or request.cookies.get(LOCALE_COOKIE)
    for locale in LOCALES:
        if locale == chosen:
            return locale
    return reviewer.languages[0] if reviewer and reviewer.languages else otherwise
