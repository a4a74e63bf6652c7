"""Why a message costs more: hand-made windows of which the cause is plain."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from cost_rows import LARGE, MINI, RECORD, messages, row
from hypothesis import given, settings
from hypothesis import strategies as st

from matria.costs.base import UnitPrices
from matria.costs.causes.base import FACTORS, Cause, Factor
from matria.costs.causes.baskets import baskets
from matria.costs.causes.decompose import decompose, is_close
from matria.costs.causes.shapley import shapley
from matria.costs.causes.tally import Sums, tally
from matria.costs.causes.worths import worths
from matria.costs.sums import CallSums, MessageSums, Window

ANSWERS = row(input_tokens=30_000, prompt_tokens=20_000, cached_tokens=15_000, output_tokens=2_000)
MODERATED = row(20, purpose="moderation", provider="azure", model="shield", unit_prices=RECORD, text_records=25)
RETRIED = replace(ANSWERS, purpose="retry")
JUDGED = row(
    2,
    purpose="judge",
    prompt_name="",
    prompt_version="",
    model_snapshot="large-1",
    unit_prices=LARGE,
    input_tokens=5_000,
    output_tokens=300,
)


def sums(*calls: CallSums, of: Sequence[MessageSums] = (messages(),)) -> Sums:
    return Sums(calls, of)


def cause_of(before: Sums, after: Sums, scope: str = "") -> Cause:
    cause = decompose(before, after, scope)
    assert cause is not None
    assert sum(part.usd for part in cause.parts) == cause.change_usd
    assert sorted(part.factor for part in cause.parts) == sorted(FACTORS)
    return cause


def parts(cause: Cause) -> dict[Factor, Fraction]:
    return {part.factor: part.usd for part in cause.parts if part.usd}


def tokens(of: CallSums, **changed: object) -> CallSums:
    return row(of.calls, of, **changed)


ONE_CHANGE = {
    "price": tokens(ANSWERS, unit_prices=UnitPrices(Decimal("0.8"), Decimal("0.2"), None, Decimal("3.2"))),
    "output_tokens": tokens(ANSWERS, output_tokens=4_000),
    "caching": tokens(ANSWERS, cached_tokens=0),
    "model_mix": tokens(ANSWERS, model_snapshot="large-1", unit_prices=LARGE),
    "retries": RETRIED,
    "judges": JUDGED,
    "moderation": tokens(MODERATED, text_records=50),
}


@pytest.mark.parametrize("factor", ONE_CHANGE)
def test_one_change_has_the_whole_rise(factor: Factor) -> None:
    kept = [one for one in (ANSWERS, MODERATED) if one.purpose != ONE_CHANGE[factor].purpose]

    cause = cause_of(sums(ANSWERS, MODERATED), sums(*kept, ONE_CHANGE[factor]))

    assert cause.change_usd > 0
    assert parts(cause) == {factor: cause.change_usd}
    assert cause.parts[0].scope == "gestante/triagem"


def test_longer_prompt_and_dearer_token_are_as_computed_by_hand() -> None:
    # A call: 1,000 tokens of prompt and 500 of context at 0.40 USD a million are 600 millionths of a dollar; then
    # 2,000 of prompt at 0.60: (2,000 + 500) x 0.60 = 1,500. The change of 900 is split over the two orders:
    # price first 1,500 x 0.20 = 300, then the prompt 1,000 x 0.60 = 600; the prompt first 400, then price 500.
    before = sums(row(1, input_tokens=1_500, prompt_tokens=1_000), of=[messages(1)])
    dearer = UnitPrices(input=Decimal("0.6"))
    after = sums(row(1, input_tokens=2_500, prompt_tokens=2_000, unit_prices=dearer), of=[messages(1)])

    cause = cause_of(before, after)

    assert float(cause.before_usd) == 0.0006
    assert {factor: round(float(usd), 15) for factor, usd in parts(cause).items()} == {
        "prompt_tokens": 0.0005,
        "price": 0.0004,
    }
    assert (cause.parts[0].before, cause.parts[0].after) == (1_000, 2_000)


def test_every_factor_at_once_is_as_the_formula_says() -> None:
    # The formula of the module `worths`, written again in Fractions for one cell and one model a kind of call.
    n = {"answer": 10, "judge": (2, 5), "retry": (1, 4)}
    low, high = MINI, UnitPrices(Decimal("0.5"), Decimal("0.2"), None, Decimal(2))

    def side(at: int) -> Sums:
        price, size = (low, high)[at], (1, 2)[at]
        answer = {"input_tokens": 2000 + 1000 * size, "prompt_tokens": 1000 * size, "output_tokens": 300 * size}
        return sums(
            row(n["answer"], **_times(answer, 10), cached_tokens=5000, unit_prices=price),
            row(n["retry"][at], purpose="retry", **_times(answer, n["retry"][at]), unit_prices=price),
            row(n["judge"][at], purpose="judge", input_tokens=900 * n["judge"][at], unit_prices=price),
            row(10, purpose="moderation", model_snapshot="shield", text_records=(10, 17)[at], unit_prices=RECORD),
        )

    def worth(coalition: int) -> Fraction:
        at = {factor: coalition >> n & 1 for n, factor in enumerate(FACTORS)}
        fresh, cached, out = (
            Fraction(usd) / 1_000_000
            for usd in ((low.input, low.cached, low.output), (high.input, high.cached, high.output))[at["price"]]
        )
        asked = 1000 * (1 + at["prompt_tokens"]) + 2000
        hit = Fraction(1, 10) * (Fraction(5000, 3000), Fraction(5000, 4000))[at["caching"]]
        answered = 300 * (1 + at["output_tokens"]) * out
        a_judge = 900 * fresh * n["judge"][at["judges"]]
        records = (10, 17)[at["moderation"]] * Fraction("0.00038")
        an_answer = asked * ((1 - hit) * fresh + hit * cached) + answered
        again = (asked * fresh + answered) * n["retry"][at["retries"]]
        return (10 * an_answer + again + a_judge + records) / 10

    cause = cause_of(side(0), side(1))

    expected = dict(zip(FACTORS, shapley([worth(coalition) for coalition in range(1024)]), strict=True))
    for part in cause.parts:
        assert float(part.usd) == pytest.approx(float(expected[part.factor]), rel=1e-12, abs=1e-18), part.factor


def _times(amounts: dict[str, int], calls: int) -> dict[str, int]:
    return {name: amount * calls for name, amount in amounts.items()}


def test_new_assistant_is_traffic_and_nothing_else() -> None:
    nurse = {"prompt_name": "enfermeira/resumo", "persona": "enfermeira"}
    dear = row(5, input_tokens=50_000, prompt_tokens=10_000, output_tokens=9_000, **nurse)

    cause = cause_of(sums(ANSWERS), sums(ANSWERS, dear, of=[messages(), messages(5, **nurse)]))

    assert parts(cause) == {"traffic_mix": cause.change_usd}
    assert cause.parts[0].name == cause.parts[0].scope == "enfermeira/resumo"
    assert (cause.parts[0].before, cause.parts[0].after) == (0, pytest.approx(1 / 3))


def test_change_lies_in_the_assistant_that_changed() -> None:
    other = {"prompt_name": "puerpera/apoio", "persona": "puerpera"}
    both = [messages(), messages(10, **other)]
    longer = tokens(ANSWERS, output_tokens=3_000, **other)

    cause = cause_of(sums(ANSWERS, replace(ANSWERS, **other), of=both), sums(ANSWERS, longer, of=both))  # type: ignore[arg-type]

    assert cause.parts[0].factor == "output_tokens"
    assert cause.parts[0].scope == "puerpera/apoio"


def test_one_assistant_is_split_alone() -> None:
    other = {"prompt_name": "puerpera/apoio", "persona": "puerpera"}
    both = [messages(), messages(10, **other)]
    before = sums(ANSWERS, replace(ANSWERS, **other), of=both)  # type: ignore[arg-type]
    after = sums(ANSWERS, tokens(ANSWERS, output_tokens=3_000, **other), of=both)

    assert parts(cause_of(before, after, "gestante/triagem")) == {}
    assert list(parts(cause_of(before, after, "puerpera/apoio"))) == ["output_tokens"]
    assert decompose(before, after, "enfermeira/resumo") is None


def test_judges_that_name_no_assistant_are_spread_by_messages() -> None:
    english = {"locale": "en"}
    both = [messages(10), messages(30, **english)]
    judge = replace(JUDGED, persona="", locale="")
    answers = (ANSWERS, replace(ANSWERS, calls=30, priced_message_calls=30, **english))  # type: ignore[arg-type]

    cause = cause_of(sums(*answers, of=both), sums(*answers, judge, of=both))

    assert parts(cause) == {"judges": Fraction(judge.usd) / 40}


def test_judges_that_name_no_assistant_go_where_messages_cost_more_than_their_own_calls() -> None:
    # Two assistants speak to the same women; all of the judges' cost is in the messages of the one.
    other = {"prompt_name": "gestante/conteudo"}
    answers = (ANSWERS, replace(ANSWERS, **other))  # type: ignore[arg-type]
    plain = [messages(usd=ANSWERS.usd), messages(usd=ANSWERS.usd, **other)]
    judged = [messages(usd=ANSWERS.usd), messages(usd=ANSWERS.usd + JUDGED.usd, **other)]
    before, after = sums(*answers, of=plain), sums(*answers, JUDGED, of=judged)

    assert parts(cause_of(before, after, "gestante/triagem")) == {}
    assert parts(cause_of(before, after, "gestante/conteudo")) == {"judges": Fraction(JUDGED.usd) / 10}


def test_messages_with_an_unknown_price_take_no_part() -> None:
    unknown = replace(ANSWERS, unit_prices=None, unpriced_calls=10, priced_message_calls=0, usd=Decimal(0))
    half = messages(20, priced_messages=10)

    cause = cause_of(sums(ANSWERS), sums(ANSWERS, unknown, of=[half]))

    assert cause.change_usd == 0
    assert decompose(sums(ANSWERS), sums(unknown, of=[messages(priced_messages=0)])) is None


def test_usage_that_does_not_add_up_still_leaves_no_rest(caplog: pytest.LogCaptureFixture) -> None:
    impossible = replace(row(input_tokens=0, output_tokens=2_000), cached_tokens=9_000)

    assert cause_of(sums(ANSWERS), sums(impossible)).change_usd < 0
    assert "The factors give a mean of" in caplog.text


def test_cheaper_messages_are_ranked_by_what_made_them_cheaper() -> None:
    cause = cause_of(sums(ONE_CHANGE["output_tokens"], JUDGED), sums(ANSWERS, JUDGED, RETRIED, RETRIED))
    back = cause_of(sums(ONE_CHANGE["output_tokens"], RETRIED), sums(ANSWERS))

    assert cause.change_usd > 0 > back.change_usd
    assert cause.parts[0].factor == "retries"
    assert {part.factor for part in back.parts[:2]} == {"retries", "output_tokens"}


counts = st.integers(1, 50)
sizes = st.integers(0, 5_000)


@st.composite
def windows(draw: st.DrawFn) -> Sums:
    """Any assistants, models and kinds of calls; some rows without flat prices, some dollars rounded."""
    cells = [
        {"prompt_name": name, "persona": persona, "locale": locale}
        for name, persona in (("a", "x"), ("b", "y"))
        for locale in ("en", "pt-BR")
    ]
    some = draw(st.lists(st.sampled_from(cells), min_size=1, max_size=4, unique_by=str))
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        where = draw(st.sampled_from([*cells, {"prompt_name": "", "persona": "", "locale": ""}]))
        prompt, context, cached, out = draw(sizes), draw(sizes), draw(st.floats(0, 1)), draw(sizes)
        made = row(
            draw(counts),
            **where,
            purpose=draw(st.sampled_from(["assistant", "retry", "judge", "moderation"])),
            model_snapshot=draw(st.sampled_from(["m", "n"])),
            unit_prices=draw(st.sampled_from([MINI, LARGE, RECORD])),
            prompt_tokens=prompt,
            input_tokens=prompt + context,
            cached_tokens=int(cached * (prompt + context)),
            output_tokens=out,
            text_records=draw(st.integers(0, 9)),
        )
        rest = Decimal(draw(st.integers(0, 3))).scaleb(-12)
        is_flat = draw(st.booleans())
        rows.append(replace(made, usd=made.usd + rest, unit_prices=made.unit_prices if is_flat else None))
    return Sums(rows, [messages(draw(counts), **cell) for cell in some])


@settings(max_examples=80)
@given(windows(), windows())
def test_parts_sum_to_the_change_whatever_the_windows_hold(before: Sums, after: Sums) -> None:
    cause = cause_of(before, after)
    formula = worths(baskets(tally(before), tally(after))).mean

    for at, side, mean in ((0, before, cause.before_usd), (1, after, cause.after_usd)):
        assert is_close(float(formula[(at,) * 10]), mean * 10**12)
        count = sum(one.priced_messages for one in side.messages)
        assert mean == sum(Fraction(one.usd) for one in side.calls) / count


@pytest.mark.parametrize("factor", ["prompt_tokens", "model_mix", "traffic_mix"])
def test_change_planted_in_real_traffic_is_named_first(factor: Factor, shared_data: Path) -> None:
    from tests.bench.cost_replay import Plant, replay
    from tests.bench.cost_traffic import Traffic

    assert shared_data
    traffic = Traffic(seed=3, hours=48)
    at = traffic.start + timedelta(hours=24)
    played = replay(traffic, [Plant(factor, at, 0.4)])
    window = Window(traffic.start, traffic.end, timedelta(hours=24))
    whole = Sums(played.calls(window), played.messages(window))

    cause = cause_of(whole.where(lambda slot: slot == 1), whole.where(lambda slot: slot == 0))

    assert cause.parts[0].factor == factor


def test_measures_are_what_people_would_count() -> None:
    # 20,000 + 10,000 + 2,000 tokens of 10 answers cost 15,000 x 0.40 + 15,000 x 0.10 + 2,000 x 1.60 USD a million =
    # 0.0107 USD, which is 0.334375 a million; twice that at twice the prices.
    calls = (ONE_CHANGE["price"], RETRIED, JUDGED, MODERATED)
    cause = cause_of(sums(ANSWERS), sums(*calls))
    measured = {part.factor: (part.before, part.after) for part in cause.parts}

    assert measured["price"] == (pytest.approx(0.334375), pytest.approx(0.66875))
    assert measured["prompt_tokens"] == (2_000, 2_000)
    assert measured["context_tokens"] == (1_000, 1_000)
    assert measured["output_tokens"] == (200, 200)
    assert measured["caching"] == (0.5, 0.5)
    assert measured["retries"] == (0, 1)
    assert measured["judges"] == (0, 0.2)
    assert measured["moderation"] == (0, 2.5)
    assert measured["model_mix"] == measured["traffic_mix"] == (None, None)


def test_a_part_is_measured_in_the_assistant_in_which_it_lies() -> None:
    """Context grows from 1,000 to 1,200 tokens in one; of all messages it falls from 3,000 to 1,833, as the other,
    with its 5,000, has 10 messages and then 2."""
    other = {"prompt_name": "puerpera/apoio", "persona": "puerpera"}
    long = tokens(ANSWERS, input_tokens=70_000, **other)
    few = row(2, long, input_tokens=14_000, prompt_tokens=4_000, cached_tokens=3_000, output_tokens=400)
    longer = tokens(ANSWERS, input_tokens=32_000)

    cause = cause_of(
        sums(ANSWERS, long, of=[messages(), messages(10, **other)]),
        sums(longer, few, of=[messages(), messages(2, **other)]),
    )

    (context,) = (part for part in cause.parts if part.factor == "context_tokens")
    assert (context.usd > 0, context.scope) == (True, "gestante/triagem")
    assert (context.before, context.after) == (1_000, 1_200)


def test_a_measure_that_goes_the_other_way_is_left_out() -> None:
    """As above, but two assistants share the growth: no number of all messages shows it."""
    third = {"prompt_name": "enfermeira/resumo", "persona": "enfermeira"}
    other = {"prompt_name": "puerpera/apoio", "persona": "puerpera"}
    long = tokens(ANSWERS, input_tokens=70_000, **other)
    few = row(2, long, input_tokens=14_000, prompt_tokens=4_000, cached_tokens=3_000, output_tokens=400)
    longer = tokens(ANSWERS, input_tokens=32_000)

    cause = cause_of(
        sums(ANSWERS, tokens(ANSWERS, **third), long, of=[messages(), messages(10, **third), messages(10, **other)]),
        sums(longer, tokens(longer, **third), few, of=[messages(), messages(10, **third), messages(2, **other)]),
    )

    (context,) = (part for part in cause.parts if part.factor == "context_tokens")
    assert (context.usd > 0, context.scope) == (True, "")
    assert (context.before, context.after) == (None, None)
