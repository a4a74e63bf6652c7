"""Dollars, shares, counts and times as each locale writes them.

English gives UTC; Brazil and Portugal their own time, with the city that keeps it. Dollars of one message are small, so
they are given by significant digits; from one dollar on in cents, and sums of a hundred or more in whole dollars.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import ROUND_HALF_EVEN, Context, Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from matria.messages import Locale

DIGITS = 3
"""Significant digits of a sum below 100: enough to see a rise of 1 %."""
CENTS = Decimal("0.01")
WHOLE_FROM = 100
ZONES: Mapping[Locale, tuple[str, str]] = {
    "pt-BR": ("America/Sao_Paulo", "horário de Brasília"),
    "pt-PT": ("Europe/Lisbon", "hora de Lisboa"),
}
SIGNS: Mapping[str, str] = {"USD": "US$", "BRL": "R$", "EUR": "€"}
SIGNS_PT: Mapping[str, str] = {"USD": "USD", "BRL": "BRL", "EUR": "€"}
"""Portugal writes the currency after the sum."""
MINUS = "−"
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(amount: Decimal, currency: str, locale: Locale) -> str:
    """`US$ 0.00421`, `R$ 64,80`, `0,00421 USD`; a rise or a saving has its sign before the number."""
    cents = amount.quantize(CENTS) if 1 <= abs(amount) < WHOLE_FROM else amount
    written = f"{cents:f}" if 1 <= abs(cents) < WHOLE_FROM else number(amount, "en")
    return _with_sign(_marks(written, locale), currency, locale)


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
    """`38%`, or `+38%`, in Portugal `38 %`; below 10 % with one decimal."""
    percent = 100 * of
    places = 1 if abs(percent) < 10 and abs(percent - round(percent)) >= 0.05 else 0
    sign = "+" if signed and percent > 0 else MINUS if percent < 0 else ""
    space = "\u00a0" if locale == "pt-PT" else ""
    return f"{sign}{_marks(f'{abs(percent):,.{places}f}', locale)}{space}%"


def moment(at: datetime, locale: Locale) -> str:
    """Day and time with the zone that is meant."""
    name = zone_name(locale)
    return f"{moment_bare(at, locale)} {name if locale == 'en' else f'({name})'}"


def moment_bare(at: datetime, locale: Locale) -> str:
    """Day and time, where the zone is said beside them."""
    there = local(at, locale)
    if locale == "en":
        return f"{there.day} {_MONTHS_EN[there.month - 1]} {there:%H:%M}"
    minutes = f"{there.minute:02}" if there.minute or locale == "pt-PT" else ""
    return f"{there:%d/%m} {'à' if there.hour < 2 else 'às'} {there.hour}h{minutes}"


def local(at: datetime, locale: Locale) -> datetime:
    """The same moment by the clocks of the locale."""
    return at.astimezone(_zone(locale)[0])


def zone_name(locale: Locale) -> str:
    """Whose time it is."""
    return _zone(locale)[1]


def full_date(on: date, locale: Locale) -> str:
    """`19 Nov 2026`, `19/11/2026`."""
    return f"{on:%d/%m/%Y}" if locale != "en" else f"{on.day} {_MONTHS_EN[on.month - 1]} {on.year}"


def _with_sign(written: str, currency: str, locale: Locale) -> str:
    return f"{written} {SIGNS_PT[currency]}" if locale == "pt-PT" else f"{SIGNS[currency]} {written}"


def _zone(locale: Locale) -> tuple[tzinfo, str]:
    zone, name = ZONES.get(locale, ("UTC", "UTC"))
    try:
        return ZoneInfo(zone), name
    except ZoneInfoNotFoundError:  # a machine without the time zones of the world
        return UTC, "UTC"


def _marks(written: str, locale: Locale) -> str:
    if locale == "en":
        return written
    thousands = "." if locale == "pt-BR" else "\u00a0"
    return written.replace(",", "|").replace(".", ",").replace("|", thousands)
