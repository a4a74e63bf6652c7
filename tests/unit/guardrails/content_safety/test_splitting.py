"""Parts of a text: they give it back, keep to the limit, and cut neither a word nor a letter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.content_safety.splitting import split, text_records

LETTERS = ["a", "ã", "a\u0303", "é", "👩🏽\u200d🍼", "🇧🇷", "🇵🇹", "ção", " ", "\n", "\r\n", "\u00a0", "."]
texts = st.lists(st.sampled_from(LETTERS), max_size=80).map("".join) | st.text(max_size=80)
limits = st.integers(1, 30)


@given(text=texts, limit=limits)
def test_parts_joined_give_the_text_and_none_is_too_long(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(1 <= len(part) <= limit for part in parts)


@given(words=st.lists(st.text("aãéç🙂", min_size=1, max_size=10), max_size=30), limit=st.integers(10, 40))
def test_no_word_is_cut_that_fits_into_a_part(words: list[str], limit: int) -> None:
    parts = split("  ".join(words), limit)
    assert [word for part in parts for word in part.split()] == words


@given(letters=st.lists(st.sampled_from([letter for letter in LETTERS if letter.strip()]), max_size=40))
def test_a_word_that_is_too_long_is_cut_between_letters(letters: list[str]) -> None:
    parts = split("".join(letters), 8)
    assert all(re.match(r"[\u0303\u200d🏽🍼]", part) is None for part in parts)
    assert all(len(re.findall("[🇦-🇿]", part)) % 2 == 0 for part in parts)


def test_an_accent_that_follows_a_space_stays_with_it() -> None:
    assert split("ab \u0301cd", 3) == ["ab", " \u0301c", "d"]


@pytest.mark.parametrize(("length", "records"), [(0, 0), (1, 1), (1000, 1), (1001, 2), (10_000, 10)])
def test_a_record_is_counted_for_each_started_thousand(length: int, records: int) -> None:
    assert text_records("x" * length) == records
