"""What people read of the cost of a message: figures by hand, every template in every locale, no text that steers."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import get_args

import pytest

from matria.costs.base import Rates
from matria.costs.causes.base import FACTORS, Cause, Landed, Part
from matria.costs.watching.base import Change, Episode, Finding, Ratio, Reason, Rule, Side, Step
from matria.costs.watching.decisions import Circumstances, Told
from matria.costs.words.figures import count, moment, money, number, share
from matria.costs.words.notices import Reader, notice, severity
from matria.costs.words.texts import TEXTS
from matria.messages import LOCALES, Locale
from matria.notify.base import Severity

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
DAY = timedelta(hours=24)
RATES = Rates(date(2026, 11, 18), Decimal("5.5"), Decimal("0.9"), "BCB PTAX, ECB")
ROSE = NOW - 9 * DAY / 24
FITS = {"scope": "gestante/triagem", "rise": "+38%"}


def side(end: datetime, messages: int, mean: str, unpriced: int = 0) -> Side:
    return Side(end - DAY, end, messages, messages, Decimal(mean) * messages, 2 * messages, unpriced)


BEFORE, LAST = side(NOW - DAY, 1000, "0.003"), side(NOW, 1200, "0.00405", unpriced=60)
RISE = Finding(
    "day", "gestante/triagem", "alert", LAST, BEFORE, Ratio(1.35, 1.29, 1.41), (Reason("rise", {"recent": 0.6}),)
)
LONGER = Landed(
    "prompt", "gestante/triagem", "1.3.0", "1.4.0", NOW - 9 * DAY / 24, "abc1234", "Ana", "Say more", 12, ("pt-BR",)
)
CAUSE = Cause(
    Fraction("0.003"),
    Fraction("0.00405"),
    (
        Part("prompt_tokens", Fraction("0.00084"), "gestante/triagem", 610.4, 1350.0),
        Part("output_tokens", Fraction("0.0003"), "", 180.0, 197.0),
        Part("caching", Fraction("-0.00009"), "", 0.41, 0.5),
    ),
    (LONGER,),
)


def told(
    change: Change = "opened", rule: Rule = "day", cause: Cause | None = CAUSE, scope: str = FITS["scope"]
) -> Told:
    reasons = {
        "unpriced": (Reason("unpriced", {"tolerated": 0.01}),),
        "no_data": (Reason("silent", {"hours": 7.0}), Reason("too_few_last", {"priced_messages": 3, "needed": 100})),
    }.get(rule, RISE.reasons)
    found = replace(
        RISE, rule=rule, scope=scope, reasons=reasons, ratio=RISE.ratio if rule in ("day", "hour") else None
    )
    episode = Episode("day-x-1", rule, scope, "open", NOW - 2 * DAY, NOW, BEFORE, found, found, found, 0.0048)
    known = Circumstances(
        NOW - 9 * DAY / 24, cause, RATES, Decimal(1200), Decimal("0.0036"), 0.95, "/reports/costs/x/costs.html"
    )
    return Told(Step(change, episode), known, NOW)


@pytest.mark.parametrize(
    ("amount", "english", "portuguese"),
    [
        ("0", "0", "0"),
        ("0.004214", "0.00421", "0,00421"),
        ("0.0099999", "0.0100", "0,0100"),
        ("12.345", "12.3", "12,3"),
        ("99.96", "100", "100"),
        ("1234.5", "1,234", "1.234"),  # half to even
        ("-0.5", "-0.500", "-0,500"),
    ],
)
def test_dollars_have_three_significant_digits_below_a_hundred(amount: str, english: str, portuguese: str) -> None:
    assert number(Decimal(amount), "en") == english
    assert number(Decimal(amount), "pt-BR") == portuguese


def test_each_locale_writes_its_money_shares_counts_and_hours() -> None:
    evening = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert [money(Decimal("1560"), "USD", locale) for locale in LOCALES] == ["US$ 1.560", "1\u00a0560 USD", "US$ 1,560"]
    assert [money(Decimal("64.8"), "EUR", locale) for locale in LOCALES] == ["€ 64,80", "64,80 €", "€ 64.80"]
    assert [money(Decimal("99.996"), "USD", "en"), money(Decimal("0.9999"), "USD", "en")] == ["US$ 100", "US$ 1.00"]
    assert [share(0.0345, locale, signed=True) for locale in LOCALES] == ["+3,5%", "+3,5\u00a0%", "+3.5%"]
    assert share(-0.25, "en") == "−25%"
    assert [count(1350.4, locale) for locale in LOCALES] == ["1.350", "1\u00a0350", "1,350"]
    assert [moment(evening, locale) for locale in LOCALES] == [
        "19/11 às 22h30 (horário de Brasília)",  # three hours behind UTC
        "20/11 à 1h30 (hora de Lisboa)",  # UTC in winter
        "20 Nov 01:30 UTC",
    ]
    assert moment(datetime(2026, 11, 20, 0, 30, tzinfo=UTC), "pt-PT") == "20/11 à 0h30 (hora de Lisboa)"


def test_a_rise_is_told_from_what_to_what_since_when_why_who_and_how_much_a_month() -> None:
    """30 days of 1,200 messages are 36,000: at 0.0048 USD, where the newest hours stand, 172.80 in place of 108."""
    found = notice(told(), Reader("en", "https://matria.example.org/"))
    assert found.subject == "Cost of a message +35%: gestante/triagem, US$ 0.00405"
    assert found.link == "https://matria.example.org/reports/costs/x/costs.html"
    assert found.body.split("\n\n") == [
        "A message to gestante/triagem cost US$ 0.00405 (R$ 0.0223, € 0.00364) on average over the last 24 hours; "
        "before that, US$ 0.00300 (R$ 0.0165, € 0.00270). That is +35% (95% interval: +29% to +41%). The last 6 "
        "hours alone: +60% against the same hours of the day before. Messages: 1,200 now, 1,000 before.",
        "Since: 20 Nov 05:00 UTC.",
        "Where the +US$ 0.00105 per message comes from:\n"
        "1. length of the prompt: +US$ 0.000840 (80%), in gestante/triagem; prompt tokens per message: 610 → 1,350\n"
        "2. length of the answers: +US$ 0.000300 (29%); answer tokens per message: 180 → 197\n"
        "3. caching by the provider: −US$ 0.0000900 (−8.6%); share of input tokens from the cache: 41% → 50%",
        "What changed meanwhile (UTC):\n"
        "- prompt gestante/triagem (pt-BR) 1.3.0 → 1.4.0, since 20 Nov 05:00; commit abc1234 by Ana, pull request #12: "
        "“Say more”",
        "At this rate (1,200 messages a day), 30 days cost US$ 64.80 (R$ 356, € 58.32) more: US$ 173 (R$ 950, € 156) "
        "instead of US$ 108 (R$ 594, € 97.20).",
        "What to do: read what the prompt gained (matria prompt diff gestante/triagem.pt-BR --against abc1234~1) and "
        'cut it, or accept the rise.\nIf it is intended: matria costs accept day-x-1 --by NAME --why "REASON"\n'
        "How it was decided: matria costs explain day-x-1",
        "US$ 1 = R$ 5.5000, € 0.9000 (BCB PTAX, ECB, 18 Nov 2026).",
    ]


def test_a_worsening_says_what_was_told_before() -> None:
    """Told was 0.0036 over 0.003: +20 %."""
    body = notice(told("worsened"), Reader("en")).body
    assert "That is +35%. The last notice said +20%. The last 6 hours alone: +60%" in body


def test_what_cost_nothing_before_has_no_percentage() -> None:
    step = told()
    free = replace(step.step.episode, baseline=side(NOW - DAY, 1000, "0"))
    found = notice(replace(step, step=Step("opened", free)), Reader("en"))
    assert found.subject == "Cost of a message up from 0: gestante/triagem, US$ 0.00405"
    assert "before that, US$ 0 (R$ 0, € 0). Before, it cost nothing." in found.body


def test_brazil_reads_reais_and_portugal_euros() -> None:
    brazil, portugal = (notice(told(), Reader(locale)) for locale in ("pt-BR", "pt-PT"))
    assert brazil.subject == "Custo por mensagem +35%: gestante/triagem, US$ 0,00405"
    assert "R$ 0,0223" in brazil.body
    assert "€" not in brazil.body
    assert portugal.subject == "Custo por mensagem +35\u00a0%: gestante/triagem, 0,00405 USD"
    assert "0,00364 €" in portugal.body
    assert "R$" not in portugal.body


@pytest.mark.parametrize(("locale", "said"), [("en", "1 hour."), ("pt-BR", "1 hora."), ("pt-PT", "1 hora.")])
def test_one_hour_is_not_said_as_many(locale: Locale, said: str) -> None:
    step = told("cleared")
    brief = replace(step.step.episode, opened_at=NOW - DAY / 24)
    assert said in notice(replace(step, step=Step("cleared", brief)), Reader(locale)).body


def test_what_was_in_use_before_the_costs_show_it_is_said() -> None:
    early = replace(LONGER, first_seen_at=ROSE - 3 * DAY / 24)
    body = notice(told(cause=replace(CAUSE, landed=(early,))), Reader("en")).body
    assert (
        "Since: 20 Nov 05:00 UTC, as the costs show it; but gestante/triagem 1.4.0 has been in use since 20 Nov 02:00, "
        "so it may have begun sooner." in body
    )
    file = replace(early, what="file")
    assert "Since: 20 Nov 05:00 UTC.\n" in notice(told(cause=replace(CAUSE, landed=(file,))), Reader("en")).body


def test_what_landed_after_the_rise_had_begun_is_marked() -> None:
    late = replace(LONGER, first_seen_at=ROSE + 2 * DAY / 24, is_late=True)
    body = notice(told(cause=replace(CAUSE, landed=(LONGER, late))), Reader("en")).body
    assert "since 20 Nov 05:00; commit" in body
    assert "since 20 Nov 07:00 (after the rise had begun); commit" in body


def test_a_jump_is_no_months_bill() -> None:
    """1,200 messages a day at 0.003 are 108 USD in 30 days; 29 % and 41 % of that are 31.32 and 44.28."""
    body = notice(told("opened", "hour"), Reader("en")).body
    assert (
        "If it stayed as in that hour (1,200 messages): at 1,200 messages a day, 30 days would cost US$ 31.32 (R$ 172, "
        "€ 28.19) to US$ 44.28 (R$ 244, € 39.85) more (95% interval)." in body
    )
    assert "instead of" not in body


def test_a_jump_without_an_upper_end_has_no_sum_for_a_month() -> None:
    step = told("opened", "hour")
    endless = replace(step.step.episode.newest, ratio=Ratio(1.35, 1.29, float("inf")))
    body = notice(replace(step, step=Step("opened", replace(step.step.episode, newest=endless))), Reader("en")).body
    assert "30 days" not in body


def test_a_prompt_without_a_commit_is_named_by_its_versions_and_another_assistants_is_not_named() -> None:
    bare, other = replace(LONGER, commit=""), replace(LONGER, name="enfermeira/resumo")
    bodies = [notice(told(cause=replace(CAUSE, landed=(one,))), Reader("en")).body for one in (bare, other)]
    assert "What to do: read what prompt gestante/triagem gained from version 1.3.0 to 1.4.0 and cut it" in bodies[0]
    assert "What to do: run matria costs to see which prompt version came" in bodies[1]
    assert all("matria prompt diff" not in body for body in bodies)


def test_an_old_rate_is_marked_as_such() -> None:
    assert "only a rough guide" in notice(told(), Reader("en", max_rate_age_days=1)).body
    assert "only a rough guide" not in notice(told(), Reader("en", max_rate_age_days=2)).body


CASES = sorted(product(get_args(Rule), get_args(Change), LOCALES))


@pytest.mark.parametrize(("rule", "change", "locale"), CASES)
def test_every_step_has_its_words_in_every_locale(rule: Rule, change: Change, locale: Locale) -> None:
    for cause, scope in ((CAUSE, ""), (None, "enfermeira/resumo")):
        found = notice(told(change, rule, cause, scope), Reader(locale))
        assert 0 < len(found.subject) <= 78
        assert found.body
        assert "{" not in found.subject + found.body
        assert "None" not in found.body


@pytest.mark.parametrize(("factor", "locale"), product(FACTORS, LOCALES))
def test_every_factor_has_a_name_a_measure_and_advice(factor: str, locale: Locale) -> None:
    part = Part(factor, Fraction(1, 1000), "", 1.5, 2.5, "openai/gpt-4.1")  # type: ignore[arg-type]
    body = notice(told(cause=replace(CAUSE, parts=(part,))), Reader(locale)).body
    assert TEXTS[locale][f"factor_{factor}"] in body
    advice = TEXTS[locale][f"do_{factor}"].split("{")[0]
    assert advice in body


def test_the_locales_have_the_same_texts_with_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    english = TEXTS["en"]
    for locale in LOCALES:
        assert set(TEXTS[locale]) == set(english)
        for name, text in TEXTS[locale].items():
            assert places(text) <= places(english[name]) | {"scope"}, (locale, name)


@pytest.mark.parametrize(
    ("change", "rule", "mean", "expected"),
    [
        ("opened", "day", "0.0044", "warning"),  # +47 %
        ("opened", "day", "0.0045", "critical"),  # +50 %
        ("worsened", "day", "0.0045", "critical"),
        ("opened", "hour", "0.0040", "critical"),
        ("cleared", "hour", "0.0030", "information"),
        ("new_level", "day", "0.0060", "information"),
        ("opened", "unpriced", "0.0090", "warning"),
        ("opened", "no_data", "0.0090", "warning"),
    ],
)
def test_how_grave_it_is(change: Change, rule: Rule, mean: str, expected: Severity) -> None:
    step = told(change, rule)
    newest = replace(step.step.episode.newest, last=side(NOW, 1000, mean))
    found = replace(step, step=Step(change, replace(step.step.episode, newest=newest)))
    assert severity(found, urgent_rise=0.5) == expected


def test_what_a_commit_says_stays_on_its_line_and_is_cut() -> None:
    hostile = replace(LONGER, subject="Fix\n\n1. ignore this\x1b[2J" + "x" * 200, author="A\nB")
    body = notice(told(cause=replace(CAUSE, landed=(hostile,))), Reader("en")).body
    (line,) = [line for line in body.splitlines() if line.startswith("- prompt")]
    assert "Fix 1. ignore this [2Jxxx" in line
    assert "A B" in line
    assert len(line) < 260
    assert "\x1b" not in body


@pytest.mark.parametrize(
    ("locale", "mark"), [("en", "[simulated] "), ("pt-BR", "[simulação] "), ("pt-PT", "[simulação] ")]
)
def test_a_notice_of_simulated_messages_says_so_and_wakes_nobody(locale: Locale, mark: str) -> None:
    real = told()
    last = replace(real.step.episode.newest, last=replace(LAST, is_simulated=True))
    episode = replace(real.step.episode, first=last, told=last, newest=last)
    made, plain = (
        notice(one, Reader(locale)) for one in (replace(real, step=replace(real.step, episode=episode)), real)
    )
    assert made.subject == mark + plain.subject
    assert made.body.endswith(plain.body)
    assert made.body != plain.body
    assert (made.severity, plain.severity) == ("information", "warning")
