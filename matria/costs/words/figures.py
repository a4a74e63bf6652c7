"""Dollars, shares, counts and times as each locale writes them.

English gives UTC; Brazil and Portugal their own time, with the city that keeps it. Dollars of one message are small, so
they are given by significant digits; sums of a month in whole dollars.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from matria.messages import Locale

DIGITS = 3
"""Significant digits of a sum below 100: enough to see a rise of 1 %."""
WHOLE_FROM = 100
ZONES: Mapping[Locale, tuple[str, str]] = {
    "pt-BR": ("America/Sao_Paulo", "horário de Brasília"),
    "pt-PT": ("Europe/Lisbon", "hora de Lisboa"),
}
SIGNS: Mapping[str, str] = {"USD": "US$", "BRL": "R$", "EUR": "€"}
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(amount: Decimal, currency: str, locale: Locale) -> str:
    """`US$ 0.00421`, `R$ 0,0216`, `0,00421 USD`; a rise or a saving has its sign before the number."""
    return _with_sign(number(amount, locale), currency, locale)


def rate_of(rate: Decimal, currency: str, locale: Locale) -> str:
    """What a dollar is worth, to four places as rates are published."""
    return _with_sign(_marks(f"{round(rate, 4):f}", locale), currency, locale)


def number(amount: Decimal, locale: Locale) -> str:
    """Three significant digits below 100, whole from there on, with the locale's marks."""
    if abs(amount) >= WHOLE_FROM:
        return _marks(f"{amount:,.0f}", locale)
    if not amount:
        return "0"
    rounded = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN).plus(amount)
    return _marks(f"{rounded:,.{max(0, DIGITS - 1 - rounded.adjusted())}f}", locale)


def count(of: int | float | Decimal, locale: Locale) -> str:
    """A count or a mean of counts: whole from 100 on, else at most three significant digits without idle noughts."""
    written = number(Decimal(str(of)), "en")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return _marks(written, locale)


def share(of: float, locale: Locale, *, signed: bool = False) -> str:
    """`38%`, or `+38%`; below 10 % with one decimal."""
    percent = 100 * of
    places = 1 if abs(percent) < 10 and abs(percent - round(percent)) >= 0.05 else 0
    sign = "+" if signed and percent > 0 else "-" if percent < 0 else ""
    return f"{sign}{_marks(f'{abs(percent):,.{places}f}', locale)}%"


def moment(at: datetime, locale: Locale) -> str:
    """Day and time with the zone that is meant."""
    zone, name = _zone(locale)
    local = at.astimezone(zone)
    return (
        f"{_day(local.date(), locale)}{_comma(locale)}{_time(local, locale)} ({name})"
        if name
        else (f"{_day(local.date(), locale)} {local:%H:%M} UTC")
    )


def full_date(on: date, locale: Locale) -> str:
    """`19 Nov 2026`, `19/11/2026`."""
    return f"{on:%d/%m/%Y}" if locale != "en" else f"{on.day} {_MONTHS_EN[on.month - 1]} {on.year}"


def _with_sign(written: str, currency: str, locale: Locale) -> str:
    return f"{written} {currency}" if locale == "pt-PT" else f"{SIGNS[currency]} {written}"


def _day(on: date, locale: Locale) -> str:
    return f"{on:%d/%m}" if locale != "en" else f"{on.day} {_MONTHS_EN[on.month - 1]}"


def _comma(locale: Locale) -> str:
    return ", " if locale == "pt-PT" else " às "


def _time(at: datetime, locale: Locale) -> str:
    if locale == "pt-BR":
        return f"{at.hour}h{at.minute:02}" if at.minute else f"{at.hour}h"
    return f"{at.hour}h{at.minute:02}"


def _zone(locale: Locale) -> tuple[tzinfo, str]:
    zone, name = ZONES.get(locale, ("UTC", ""))
    try:
        return ZoneInfo(zone), name
    except ZoneInfoNotFoundError:  # a machine without the time zones of the world
        return UTC, ""


def _marks(written: str, locale: Locale) -> str:
    if locale == "en":
        return written
    thousands = "." if locale == "pt-BR" else " "
    return written.replace(",", "|").replace(".", ",").replace("|", thousands)
