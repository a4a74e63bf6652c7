"""What landed while messages became dearer, from hand-made hours of a ledger."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cost_rows import LARGE, MINI, messages, row

from matria.costs.causes.base import Cause, Landed
from matria.costs.causes.decompose import decompose
from matria.costs.causes.landed import landed
from matria.costs.causes.tally import Sums
from matria.costs.sums import CallSums

NOON = datetime(2025, 6, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
OLD = row(100, slot=23, input_tokens=200_000, prompt_tokens=100_000, output_tokens=20_000)


def two_days(before: list[CallSums], after: list[CallSums]) -> tuple[Sums, Sums]:
    return (
        Sums(before, [messages(sum(one.calls for one in before))], NOON - DAY),
        Sums(after, [messages(sum(one.calls for one in after))], NOON),
    )


def told(before: list[CallSums], after: list[CallSums], scope: str = "") -> list[Landed]:
    sides = two_days(before, after)
    cause = decompose(*sides)
    assert isinstance(cause, Cause)
    return list(landed(*sides, cause, scope))


def newer(like: CallSums = OLD, slot: int = 9, **changed: object) -> CallSums:
    return row(like.calls, like, slot=slot, **changed)


def test_nothing_landed_where_nothing_changed() -> None:
    assert told([OLD], [OLD, newer()]) == []


def test_new_version_is_told_with_its_hour_and_locales() -> None:
    other = replace(OLD, locale="pt-PT", calls=50, priced_message_calls=50)
    new = {"prompt_version": "1.1.0", "prompt_hash": "b", "input_tokens": 300_000, "prompt_tokens": 200_000}

    (found,) = told([OLD, other], [OLD, newer(**new), newer(other, 4, prompt_version="1.1.0", prompt_hash="c")])

    assert (found.what, found.name, found.before, found.after) == ("prompt", "gestante/triagem", "1.0.0", "1.1.0")
    assert found.first_seen_at == NOON - timedelta(hours=10)
    assert found.locales == ("pt-BR", "pt-PT")


def test_text_that_changed_without_a_version_is_told_by_its_hash() -> None:
    (found,) = told([OLD], [newer(prompt_hash="0123456789")])

    assert (found.before, found.after) == ("1.0.0 (a)", "1.0.0 (01234567)")


def test_price_leads_where_prices_rose_and_the_list_follows() -> None:
    double = replace(MINI, output=MINI.output and MINI.output * 2)

    found = told(
        [OLD],
        [
            newer(unit_prices=double, price_source="genai-prices 0.3 openai/mini"),
            newer(slot=8, prompt_version="2.0.0", unit_prices=double, price_source="genai-prices 0.3 openai/mini"),
        ],
    )

    assert [one.what for one in found] == ["price", "price_list", "prompt"]
    assert found[0].name == "openai/mini-1"
    assert (found[0].before, found[0].after) == (
        "input 0.4, cached 0.1, output 1.6",
        "input 0.4, cached 0.1, output 3.2",
    )
    assert found[1].after == "genai-prices 0.3"


def test_new_model_leads_where_the_mix_changed() -> None:
    found = told([OLD], [newer(model="large", model_snapshot="large-1", unit_prices=LARGE, prompt_version="1.0.1")])

    assert (found[0].what, found[0].name, found[0].before, found[0].after) == ("model", "openai", "mini", "large")


def test_new_assistant_is_told_once_and_a_silent_locale_is_none() -> None:
    english = newer(locale="en", prompt_version="1.0.1")
    nurse = newer(prompt_name="enfermeira/resumo", model_snapshot="new-1", model="new")

    found = told([OLD], [OLD, english, nurse])

    assert [(one.what, one.name, one.before, one.after) for one in found if one.what != "model"] == [
        ("prompt", "enfermeira/resumo", "", "1.0.0")
    ]


def test_version_that_made_prompts_longer_leads_one_that_did_not() -> None:
    puerpera = replace(OLD, prompt_name="puerpera/apoio")
    longer = newer(prompt_version="1.1.0", prompt_hash="b", input_tokens=400_000, prompt_tokens=300_000)
    same = newer(puerpera, 20, prompt_version="5.0.0", prompt_hash="c")

    found = told([OLD, puerpera], [longer, same])

    assert [one.name for one in found] == ["gestante/triagem", "puerpera/apoio"]
    assert [one.name for one in told([OLD, puerpera], [longer, same], "puerpera/apoio")] == ["puerpera/apoio"]


def test_version_of_a_few_that_becomes_everyones_has_landed() -> None:
    few = newer(replace(OLD, calls=5), 23, prompt_version="1.1.0")

    (found,) = told([OLD, few], [newer(prompt_version="1.1.0")])

    assert (found.before, found.after) == ("1.0.0", "1.1.0")


def test_sums_without_their_end_are_refused() -> None:
    before, after = two_days([OLD], [OLD])

    with pytest.raises(ValueError, match="ended"):
        landed(replace(before, end=None), after)


def test_model_that_misses_in_a_quiet_hour_by_chance_is_not_new() -> None:
    quiet, dear = newer(replace(OLD, calls=3)), newer(slot=22, model="large", model_snapshot="large-1")

    found = told([replace(quiet, slot=23), replace(OLD, slot=22), dear], [OLD, dear, dear])

    assert found == []


def test_version_that_came_late_in_the_day_before_has_landed() -> None:
    new = newer(replace(OLD, calls=10), 2, prompt_version="1.1.0")

    (found,) = told([OLD, new], [newer(prompt_version="1.1.0")])

    assert (found.before, found.after) == ("1.0.0", "1.1.0")
    assert found.first_seen_at == NOON - DAY - timedelta(hours=3)


def test_version_is_dated_by_the_hours_between_two_windows() -> None:
    """A jump is judged by an hour against the same hours of the day before; the version came 8 hours sooner."""
    new = newer(prompt_version="1.1.0", input_tokens=300_000, prompt_tokens=200_000)
    before, after = two_days([OLD], [replace(new, slot=0)])
    between = Sums([replace(new, slot=7), replace(OLD, slot=8)], [messages(200)], NOON - timedelta(hours=1))

    (found,) = landed(before, after, decompose(before, after), between=between)

    assert (found.after, found.first_seen_at) == ("1.1.0", NOON - timedelta(hours=9))


def test_version_that_adds_most_tokens_leads_one_that_all_calls_of_a_small_assistant_went_over_to() -> None:
    """Twice as long in both; half of the large assistant's 100 calls have it, and all 10 of the small one's."""
    small = row(10, replace(OLD, prompt_name="enfermeira/resumo"), input_tokens=20_000, prompt_tokens=10_000)
    new = {"prompt_version": "1.1.0", "prompt_hash": "b"}
    large_new = newer(**new, input_tokens=300_000, prompt_tokens=200_000)
    small_new = newer(small, **new, input_tokens=30_000, prompt_tokens=20_000)

    found = told([OLD, small], [OLD, large_new, small_new])

    assert [one.name for one in found] == ["gestante/triagem", "enfermeira/resumo"]
