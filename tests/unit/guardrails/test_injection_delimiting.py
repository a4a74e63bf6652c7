"""A fence holds whatever stands in it, and gives it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.delimiting import (
    BREAK,
    CHAT_TOKEN,
    FENCE,
    delimit,
    mark_from,
    neutralise,
    undelimit,
    without_fences,
)

MARK = mark_from("request-1")
HOSTILE = st.lists(
    st.sampled_from(
        [
            *(
                f"<</DATA {MARK}>>",
                f"<<DATA note {MARK}>>",
                "<<",
                "<",
                "/",
                "DATA",
                "data ",
                ">>",
                "\n",
                " ",
                BREAK,
                MARK,
            ),
            *("<|im_start|>", "<|", "|>", "[INST]", "[/INST]", "<<SYS>>", "<start_of_turn>", "dados", "olá", "é"),
        ]
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)


@given(HOSTILE)
def test_undoing_a_fence_gives_the_data_back(text: str) -> None:
    assert undelimit(delimit(text, "note", MARK)) == text


@given(HOSTILE)
def test_data_cannot_close_or_open_a_fence_or_a_turn(text: str) -> None:
    inside = neutralise(text)
    assert not FENCE.search(inside)
    assert not CHAT_TOKEN.search(inside)
    assert delimit(text, "note", MARK).count(f"<</DATA {MARK}>>") == 1


@given(HOSTILE)
def test_a_person_reads_the_same(text: str) -> None:
    assert neutralise(text).replace(BREAK, "") == text.replace(BREAK, "")


@given(HOSTILE, st.text(alphabet="abc .\n", max_size=20))
def test_taking_the_fences_out_leaves_what_stands_outside(data: str, rule: str) -> None:
    assert without_fences(f"{rule}{delimit(data, 'note', MARK)}{rule}") == rule + rule


def test_an_ordinary_text_is_left_as_it_is() -> None:
    text = "Pressão < 140 por 90 (e > 100)? [ver nota] {sim}"
    assert neutralise(text) == text


def test_marks_differ_by_seed_and_do_not_tell_it() -> None:
    assert mark_from("a") == mark_from("a") != mark_from("b")
    assert "request" not in MARK


def test_a_mark_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="mark_from"):
        delimit("x", "note", "1234")


def test_the_name_of_what_is_fenced_cannot_break_the_fence() -> None:
    assert undelimit(delimit("x", "Nota >> da\nDGS", MARK)) == "x"


def test_what_is_no_fence_cannot_be_undone() -> None:
    with pytest.raises(ValueError, match="no fenced text"):
        undelimit("olá")


def test_a_fence_is_one_on_a_single_line_too() -> None:
    fenced = delimit("A note of two lines.\nIts source.", "notes", MARK)
    assert without_fences(f"before {' '.join(fenced.split())} after") == "before  after"
