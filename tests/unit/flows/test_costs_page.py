"""The page of what a message costs, on two days that can be summed by hand."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from flows.artifacts import SHOWN_CHARACTERS
from flows.costs_page import headline, markdown, page, plain
from flows.site.costs_chart import NARROW, picture
from flows.site.costs_chart import chart as chart_of
from flows.site.costs_tables import dimensions, factors, measures
from flows.site.costs_words import EN, PORTUGAL, PT, words_of
from flows.steps.costs import report_of
from matria.costs.causes.base import Factor, Part
from matria.costs.hourly import Hour, Hourly, hourly
from matria.costs.memory import MemorySums
from matria.costs.watching.base import Reason
from matria.costs.words.texts import TEXTS
from matria.messages import LOCALES, Locale
from tests.unit.flows.cost_parts import LANDED, NOW, RATES, call, cause, rise, two_days


def drawn(sums: MemorySums | None = None) -> Hourly:
    return hourly(sums or two_days(), NOW, max_rise=0.2, landed=[LANDED])


class Text(HTMLParser):
    """What a page says, and which elements it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.words).replace("\u00a0", " ").split())


def test_the_hours_are_means_and_the_threshold_is_over_the_day_before() -> None:
    """A message cost 1 cent an hour, then 2.4; 1 cent and a fifth is 1.2."""
    chart = drawn()
    assert len(chart.hours) == 48
    assert chart.hours[0].start == NOW - timedelta(hours=48)
    assert {str(hour.mean_usd) for hour in chart.before} == {"0.01"}
    assert {str(hour.mean_usd) for hour in chart.last} == {"0.024"}
    assert chart.threshold_usd == Decimal("0.012")


def test_an_hour_without_messages_and_one_without_prices_are_not_zero() -> None:
    sums = MemorySums([call("a", "0.01", NOW - timedelta(minutes=90)), call("b", None, NOW - timedelta(minutes=5))])
    chart = hourly(sums, NOW, 0.2)
    assert [hour.mean_usd for hour in chart.hours[-3:]] == [None, chart.hours[-2].usd, None]
    assert [hour.messages for hour in chart.hours[-3:]] == [0, 1, 1]
    assert chart.threshold_usd is None
    svg = picture(chart, words_of("en"))
    assert svg.count("no message") == 46
    assert "cost unknown; messages: 1" in svg


def test_hours_of_one_assistant_leave_the_others_out() -> None:
    mine, other = NOW - timedelta(minutes=5), NOW - timedelta(minutes=6)
    sums = MemorySums([call("a", "1", mine), call("b", "9", other, prompt="puerpera/apoio")])
    assert hourly(sums, NOW, 0.2, "gestante/triagem").hours[-1].usd == 1
    assert hourly(sums, NOW, 0.2).hours[-1].usd == 10


def test_the_page_says_what_happened_and_why_in_its_first_sentence() -> None:
    figures = report_of(two_days(), 24, NOW)
    said = Text(page(figures, drawn(), [rise()], cause())).said
    # 0.024 / 0.010 - 1 = 140 %
    assert (
        "A message cost US$ 0.0240 on average over the last 24 hours, 140% more than before (US$ 0.0100). "
        "Main cause: length of the answers." in said
    )
    # 5.50 BRL x 0.024 = 0.132; 0.90 EUR x 0.024 = 0.0216; the rate is of two days before
    assert "cost of a message, R$ 0.1320 0.0550 +140%" in said
    assert "cost of a message, € 0.0216 0.0090 +140%" in said
    assert "rates of 18 Nov 2026 (BCB PTAX, ECB; age in days: 2)" in said
    # 11 of 14 thousandths are 79 %, −1 of 14 are −7 %
    assert "length of the answers (gestante/triagem) answer tokens per message +0.0110 79% 50 → 105" in said
    assert "length of the prompt prompt tokens per message −0.001000 −7.1% 900 → 850" in said
    assert "pull request #12 by <b>Author</b>" in said
    # a call of 2.0 and one of 0.4 cents are the parts of a message of 2.4
    assert "gpt-4.1-mini 24 0.0200" in said
    assert "moderation 24 0.004000" in said
    assert "Evaluations of the last 24 hours are not included. Calls: 1; cost: US$ 1.00." in said


@given(st.text(max_size=80) | st.text("<>|*_`[]()!#&;:/\\.x1-~$@", max_size=30))
def test_no_text_of_others_is_markdown(text: str) -> None:
    made = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(
        f"1. x {plain(text)} y\n\n| a |\n|---|\n| z {plain(text)} |\n"
    )
    assert set(Text(made).tags) <= {"ol", "li", "table", "thead", "tbody", "tr", "th", "td"}


def test_nothing_that_others_wrote_is_markup_and_no_script_runs() -> None:
    html = page(report_of(two_days(), 24, NOW), drawn(), [rise()], cause())
    assert "script" not in Text(html).tags
    assert "default-src 'none'; style-src" in html, "opened as a file it runs none either"
    assert not re.search(r"\son\w+=", html)
    assert not re.search(r"(?:src|href)=[\"']https?:", html)
    text = markdown(report_of(two_days(), 24, NOW), drawn(), [rise()], cause())
    assert "&#" not in text, "Prefect's UI writes character references out"
    told = Text(MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text))
    assert "script" not in told.tags
    assert "Ask <script>alert(1)</script> first" in told.said


@pytest.mark.parametrize("locale", LOCALES)
def test_page_and_text_speak_each_language(locale: Locale) -> None:
    figures = report_of(two_days(), 24, NOW)
    html = page(figures, drawn(), [rise()], cause(), locale)
    assert f'<html lang="{locale}">' in html
    first = headline(figures, [rise()], cause(), locale)
    assert first.replace("\u00a0", " ") in Text(html).said
    assert markdown(figures, drawn(), [rise()], cause(), locale).startswith("# ")


@pytest.mark.parametrize(
    ("locale", "until", "landed", "rate"),
    [
        ("en", "Figures up to 20 Nov 12:00 UTC.", "since 20 Nov 00:30 UTC", "18 Nov 2026"),
        ("pt-BR", "20/11 09:00 (horário de Brasília).", "desde 19/11 21:30 (horário de Brasília)", "18/11/2026"),
        ("pt-PT", "20/11 12:00 (hora de Lisboa).", "desde 20/11 00:30 (hora de Lisboa)", "18/11/2026"),
    ],
)
def test_times_and_dates_are_the_readers_own_as_in_the_notices(
    locale: Locale, until: str, landed: str, rate: str
) -> None:
    """Brasília is three hours behind UTC; Lisbon keeps UTC in winter."""
    said = Text(page(report_of(two_days(), 24, NOW), drawn(), [rise()], cause(), locale)).said
    for text in (until, landed, rate):
        assert text in said
    assert locale == "en" or ("UTC" not in said and "2026-11" not in said)


def test_one_call_of_thousands_is_not_none_and_no_prompt_is_no_row() -> None:
    at = NOW - timedelta(hours=1)
    entries = [call(f"m{n}", "0.01", at) for n in range(3000)]
    entries += [
        call("m0", None, at, "moderation", prompt="", version=""),
        call("old", "0.01", at - timedelta(hours=24)),
    ]
    report = report_of(MemorySums(entries), 24, NOW)
    unpriced = next(row for row in measures(report, words_of("en")) if row.name == "calls without a price")
    assert unpriced.cells[:2] == ("<0.1%", "0%")
    (prompts,) = (rows for title, _, rows in dimensions(report, words_of("en")) if title == "By prompt version")
    assert [row.name for row in prompts] == ["gestante/triagem@1.0.0"]


def test_every_text_is_there_in_each_language_with_the_same_figures() -> None:
    assert set(EN) == set(PT) >= set(PORTUGAL)
    for name, text in [*PT.items(), *PORTUGAL.items()]:
        assert set(re.findall(r"\{\d\}", text)) == set(re.findall(r"\{\d\}", EN[name])), name


@pytest.mark.parametrize("locale", LOCALES)
def test_a_cause_has_the_name_that_its_notice_gives_it(locale: Locale) -> None:
    said = Text(page(report_of(two_days(), 24, NOW), drawn(), [rise()], cause(), locale)).said
    for part in cause().parts:
        assert TEXTS[locale][f"factor_{part.factor}"] in said


def test_parts_that_a_notice_adds_up_are_one_row_of_the_page_too() -> None:
    """Of a change of 14, parts of 0.5 and 0.2 are 3.6 % and 1.4 %: one row of 5 %."""
    whole = cause()
    tenths: tuple[tuple[Factor, int], ...] = (("judges", 5), ("retries", 2))
    small = tuple(Part(name, Fraction(of, 10_000)) for name, of in tenths)
    rows = factors(replace(whole, parts=(*whole.parts, *small)), words_of("en"))
    assert [(row.name, row.share) for row in rows[len(whole.parts) :]] == [(words_of("en").say("rest"), "5.0%")]


def test_the_picture_is_well_formed_and_says_what_it_shows() -> None:
    root = ElementTree.fromstring(picture(drawn(), words_of("en")))
    space = {"s": "http://www.w3.org/2000/svg"}
    assert root.get("role") == "img"
    described = [root.find(f"s:{name}", space) for name in ("title", "desc")]
    assert root.get("aria-labelledby") == " ".join(str(part.get("id")) for part in described if part is not None)
    assert "alert begins above US$\u00a00.0120" in str(described[1] is not None and described[1].text)
    assert len(root.findall("s:rect", space)) == 48 + 2 + 1, "a bar an hour, two in the legend, and what landed"


def test_a_page_of_an_empty_ledger_says_so() -> None:
    empty = MemorySums([])
    said = Text(page(report_of(empty, 24, NOW), hourly(empty, NOW, 0.2))).said
    assert "No message came in the last 24 hours, so nobody knows what one costs." in said
    assert "US$ 0.00" not in said


def test_an_old_rate_is_marked() -> None:
    figures = report_of(two_days(), 24, NOW)
    assert "Set newer ones in prices.yaml" in Text(page(figures, drawn(), max_rate_age_days=1)).said
    assert "Set newer ones in prices.yaml" not in Text(page(figures, drawn(), max_rate_age_days=2)).said


def test_other_findings_are_told_in_their_own_words() -> None:
    figures = report_of(two_days(), 24, NOW)
    found = rise()
    unpriced = replace(found, rule="unpriced", last=replace(found.last, calls=200, unpriced_calls=5))
    assert headline(figures, [unpriced]).startswith("Calls without a price in the last 24 hours: 5 of 200 (2.5%)")
    few = Reason("too_few_last", {"messages": 4, "priced_messages": 3, "needed": 100})
    nothing = replace(found, rule="no_data", reasons=(few,))
    assert headline(figures, [nothing]) == (
        "What a message costs cannot be compared: messages with a known cost in the last 24 hours: 3 (at least 100 are "
        "needed)."
    )
    hour = replace(found, rule="hour", scope="gestante/triagem")
    assert headline(figures, [hour, nothing]).startswith("In the last hour, a message to gestante/triagem cost US$")


def test_what_is_missing_is_said_and_since_when() -> None:
    """10 of 24 hours are lost while there are messages enough; 13 hours before noon it was 23 o'clock."""
    figures, day = report_of(two_days(), 24, NOW), rise()
    gap = replace(day, state="no_data", reasons=(Reason("gap_last", {"hours": 10}),))
    fine = replace(day, rule="no_data", state="fine", ratio=None)
    lost = "What a message costs cannot be compared: 10 h of the last 24 are missing from the ledger."
    assert headline(figures, [gap, fine]) == lost
    for state in ("no_data", "alert"):
        silent = replace(fine, state=state, reasons=(Reason("silent", {"hours": 13}),))
        said = headline(figures, [replace(gap, reasons=(Reason("gap_last", {"hours": 13}),)), silent])
        assert said == "What a message costs cannot be compared: no message has come since 19 Nov 23:00 UTC."
    one = replace(silent, scope="puerpera/apoio")
    assert headline(figures, [fine, one]).startswith("What a message to puerpera/apoio costs cannot be compared: no")


def test_the_text_has_the_chart_as_a_picture_and_small_enough_for_the_ui() -> None:
    """Prefect's UI renders a picture of its own data, and longer texts slowly."""
    figures = report_of(two_days(), 24, NOW)
    text = markdown(figures, drawn(), [rise()], cause())
    assert "(data:image/svg+xml;base64," in text
    assert len(text) < SHOWN_CHARACTERS
    assert "data:" not in markdown(report_of(MemorySums([]), 24, NOW), hourly(MemorySums([]), NOW, 0.2))


def test_many_things_that_landed_share_labels_and_the_rest_is_folded() -> None:
    """Eight of twenty are drawn: three at one moment, one at its own, and four outside the two days."""
    near = [replace(LANDED, name=f"prompt-{n}") for n in range(3)]
    far = replace(LANDED, name="alone", first_seen_at=NOW - timedelta(hours=30))
    old = [replace(LANDED, name=f"old-{n}", first_seen_at=NOW - timedelta(hours=72)) for n in range(16)]
    chart = hourly(two_days(), NOW, 0.2, landed=[near[0], far, *near[1:], *old])
    svg = picture(chart, words_of("en"))
    assert re.findall(r'class="number"[^>]*>([^<]+)<', svg) == ["2", "1 3 4"]
    many = hourly(two_days(), NOW, 0.2, landed=[replace(LANDED, name=f"prompt-{n}") for n in range(8)])
    narrow = chart_of(many, words_of("en"), NARROW)
    assert re.findall(r'class="number"[^>]*>([^<]+)<', narrow) == ["1–8"], "eight numbers would not fit a phone"
    apart = [replace(LANDED, name=f"p-{n}", first_seen_at=NOW - timedelta(hours=36 - 12 * (n // 3))) for n in range(8)]
    narrow = chart_of(hourly(two_days(), NOW, 0.2, landed=apart), words_of("en"), NARROW)
    assert re.findall(r'class="number"[^>]*>([^<]+)<', narrow) == ["1–3", "4–6", "7 8"], "each above its own line"
    html = page(report_of(two_days(), 24, NOW), chart)
    assert "12 more" in Text(html).said
    assert html.count("<li>") == 20


@given(
    st.lists(st.none() | st.decimals(0, 10**6, places=12) | st.just(Decimal("1e-12")), min_size=48, max_size=48).map(
        lambda costs: [None if usd is None else (usd, 3) for usd in costs]
    )
)
@settings(max_examples=60, deadline=None)
def test_any_costs_make_a_chart_that_stays_inside(costs: list[tuple[Decimal, int] | None]) -> None:
    start = NOW - timedelta(hours=48)
    hours = tuple(
        Hour(
            start + timedelta(hours=n), cost[1] if cost else 0, cost[1] if cost else 0, cost[0] if cost else Decimal(0)
        )
        for n, cost in enumerate(costs)
    )
    root = ElementTree.fromstring(picture(Hourly("", NOW, hours, 0.2), words_of("en")))
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for bar in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, wide, high = (float(bar.get(name, 0)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + wide <= width
        assert 0 <= y <= y + high <= height


def test_reais_without_a_rate_for_all_dollars_are_a_lower_bound_and_say_so() -> None:
    """A dollar at 5.50 reais and one without a rate: 5.50 at least, 2.75 a message."""
    at = NOW - timedelta(hours=1)
    figures = report_of(MemorySums([call("a", "1", at, rates=RATES), call("b", "1", at)]), 24, NOW)
    said = Text(page(figures, hourly(two_days(), NOW, 0.2))).said
    assert "≥ 2.75" in said
    assert "≥ 5.50" in said
    assert "Some dollars have no rate" in said
    older = replace(RATES, on=NOW.date() - timedelta(days=50))
    mixed = report_of(MemorySums([call("a", "1", at, rates=RATES), call("b", "1", at, rates=older)]), 24, NOW)
    assert "rates of 1 Oct 2026 – 18 Nov 2026" in Text(page(mixed, hourly(two_days(), NOW, 0.2))).said


def test_a_page_of_simulated_messages_says_so_and_one_of_real_ones_has_none() -> None:
    at = NOW - timedelta(hours=1)
    test, real = call("s", "9", at, is_simulated=True), call("a", "0.01", at)
    alone, both = (report_of(MemorySums(entries), 24, NOW) for entries in ([test], [test, real]))
    said = [Text(page(figures, drawn())).said for figures in (alone, both)]
    assert ["Simulated messages" in text for text in said] == [True, False]
    assert "US$ 0.0100 on average" in said[1]
