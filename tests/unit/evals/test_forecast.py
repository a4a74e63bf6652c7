"""What a change costs at real traffic, and whether it would trip the alert, on figures worked out by hand."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from comparison_rows import result, row
from report_parts import inputs, rendered

from evals.report import PromptTraffic, ReportInputs, Traffic, comment
from evals.report.forecast import forecast
from evals.summary import Spend
from matria.messages import LOCALES, Locale
from matria.policy import Policy

TRIAGEM, APOIO = "gestante/triagem.pt-BR", "puerpera/apoio.pt-BR"


def spend(usd: str | None, answers: int = 10, tokens: int = 1000) -> Spend:
    """Ten answers that cost `usd` each."""
    total = None if usd is None else Decimal(usd) * answers
    return Spend(answers, 0 if usd is None else answers, total, tokens * answers, 100 * answers, 12.0)


def traffic(**prompts: tuple[int, str]) -> Traffic:
    """Messages of seven days, and what each cost: `triagem=(7000, "0.001")`."""
    names = {"triagem": TRIAGEM, "apoio": APOIO}
    found = {names[name]: PromptTraffic(n, n, n * Decimal(usd)) for name, (n, usd) in prompts.items()}
    return Traffic(found, 7, "2026-11-13 – 2026-11-20", max_rise=0.2, min_messages=100)


def test_a_difference_is_multiplied_with_the_messages_of_its_own_prompt() -> None:
    """0.5 thousandths more x 1,000 a day x 30 = 15 US$; the other prompt's 9,000 a day do not count."""
    found = forecast(
        {TRIAGEM: spend("0.0010")},
        {TRIAGEM: spend("0.0015")},
        traffic(triagem=(7_000, "0.001"), apoio=(63_000, "0.001")),
    )
    assert found.messages_a_day == 1000
    assert found.day_usd == Decimal("0.5")
    assert found.prompts[0].month_usd == 15


def test_the_alert_is_asked_of_each_assistant_and_of_the_mix() -> None:
    """0.5 thousandths on 1 are +50 % for its assistant; of all, a tenth writes to it: 0.05 / 1 = +5 %."""
    both = traffic(triagem=(7_000, "0.001"), apoio=(63_000, "0.001"))
    whole, own = forecast({TRIAGEM: spend("0.0010")}, {TRIAGEM: spend("0.0015")}, both).alerts
    assert (whole.scope, whole.state, whole.rise) == ("", "passes", pytest.approx(0.05))
    assert (own.scope, own.state, own.rise) == ("gestante/triagem", "trips", pytest.approx(0.5))


def test_a_rise_of_exactly_what_is_allowed_passes_and_one_more_trips() -> None:
    """0.2 thousandths on 1 are 20 %."""
    for after, state in (("0.0012", "passes"), ("0.00120001", "trips")):
        found = forecast({TRIAGEM: spend("0.0010")}, {TRIAGEM: spend(after)}, traffic(triagem=(7_000, "0.001")))
        assert {alert.state for alert in found.alerts} == {state}


def test_locales_of_one_assistant_are_judged_together() -> None:
    """Half of its messages are 0.3 thousandths dearer: 0.15 / 1 = 15 %, below 20 %."""
    english = "gestante/triagem.en"
    there = traffic(triagem=(7_000, "0.001"))
    there = replace(there, prompts={**there.prompts, english: PromptTraffic(7_000, 7_000, Decimal(7))})
    found = forecast({TRIAGEM: spend("0.0010")}, {TRIAGEM: spend("0.0013")}, there)
    assert [alert.rise for alert in found.alerts] == [pytest.approx(0.15), pytest.approx(0.15)]


def test_what_is_not_known_stays_unknown() -> None:
    unpriced = forecast({TRIAGEM: spend("0.001")}, {TRIAGEM: spend(None)}, traffic(triagem=(7_000, "0.001")))
    assert (unpriced.day_usd, unpriced.alerts[0].state) == (None, "unknown")
    nobody = forecast({TRIAGEM: spend("0.001")}, {TRIAGEM: spend("0.002")}, traffic(apoio=(7_000, "0.001")))
    assert (nobody.messages_a_day, nobody.day_usd) == (0, 0)
    few = forecast({TRIAGEM: spend("0.001")}, {TRIAGEM: spend("0.002")}, traffic(triagem=(693, "0.001")))
    assert {alert.state for alert in few.alerts} == {"too_few"}, "99 messages a day are not compared"
    new = forecast({}, {TRIAGEM: spend("0.001")}, traffic(triagem=(7_000, "0.001")))
    assert new.prompts == ()


def reported(policy: Policy, before: str | None, after: str | None, of: Traffic | None) -> ReportInputs:
    """A comparison of two prompts, of which the first one's answers cost more."""
    base = [row(f"c{n}", [result("x", "tone", 5, True)], side="base") for n in range(9)]
    head = [row(f"c{n}", [result("x", "tone", 5, True)]) for n in range(9)]
    made = inputs(base, head, policy, traffic=of)
    one = next(iter(made.scores.values()))

    def scores(usd: str | None) -> Mapping[str, object]:
        return {TRIAGEM: replace(one, spend=spend(usd)), APOIO: replace(one, spend=spend("0.001"))}

    assert made.base
    return replace(
        made,
        head=replace(made.head, spend=spend(after, 20)),
        base=replace(made.base, spend=spend(before, 20)),
        scores=scores(after),
        base_scores=scores(before),
    )  # type: ignore[arg-type]


def test_the_comment_says_the_month_and_that_it_would_trip_the_alert(policy: Policy) -> None:
    text = comment(reported(policy, "0.0010", "0.0015", traffic(triagem=(70_000, "0.001"), apoio=(7_000, "0.001"))))
    # 0.5 thousandths x 10,000 a day = 5 US$, x 30 = 150; 11,000 a day write to the two
    assert "**Forecast**: +US$ 5.00 a day, +US$ 150.00 a month, at 11,000 messages a day." in text
    shown = rendered(text).text
    assert "It would trip the cost alert of" in shown
    assert "would be 50% dearer; the limit is 20% from one day to the next" in shown
    # of all: 0.5 x 10/11 / 1 = 45 %
    assert "a message would be 45% dearer" in shown
    assert (
        "| <code>gestante/triagem.pt-BR</code> | 10,000 | 1,100 → 1,100 | 0.001000 → 0.001500 | +US$ 150.00 |" in text
    )
    assert "2026" in shown


def test_without_traffic_there_is_no_sum_a_month_and_without_a_price_none_at_all(policy: Policy) -> None:
    # 0.5 thousandths x 1,000
    assert "**Forecast**: +US$ 0.5000 for every 1,000 messages." in comment(reported(policy, "0.0010", "0.0015", None))
    text = comment(reported(policy, "0.0010", None, traffic(triagem=(7_000, "0.001"))))
    assert "| cost, US$ | 0.001000 | unknown | unknown |" in text
    assert "**Forecast**: unknown" in text
    assert "Whether it would trip the cost alert is not known" in text
    assert "US$ 0" not in text.split("### Reproduce")[0]


@pytest.mark.parametrize("locale", LOCALES)
def test_the_forecast_speaks_each_language(policy: Policy, locale: Locale) -> None:
    words = {"en": "It would not trip", "pt-BR": "Tráfego: registro", "pt-PT": "Tráfego: registo"}
    made = reported(policy, "0.0010", "0.0011", traffic(triagem=(70_000, "0.001"), apoio=(7_000, "0.001")))
    text = comment(made, locale)
    assert words[locale] in text
    assert ("+10%" if locale == "en" else "+10\u00a0%" if locale == "pt-PT" else "+10%") in text
