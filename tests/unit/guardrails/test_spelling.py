"""Tricks are undone into terms, and clinical writing is left as it is."""

import pytest

from guardrails.local import speller
from guardrails.reading import fold, read, word_offsets
from guardrails.spelling import Speller
from guardrails.term_groups import TermGroup


@pytest.fixture(scope="module")
def plain() -> Speller:
    words = ["puta", "que", "pariu", "porra", "viado", "merda", "caralho", "fuck", "bitch", "kill", "yourself", "shoot"]
    return Speller(words, ["suicid"], [word for word in words if word != "que"])


@pytest.mark.parametrize(
    "written",
    [
        "рutа",
        "ｐｕｔａ",
        "pu\u200bta",
        "p\u00adu\u2060t\u200da",
        "𝓹𝓾𝓽𝓪",
        "ᴘᴜᴛᴀ",
        "🅿🆄🆃🅰",
        "ⓟⓤⓣⓐ",
        "p\u0336u\u0336t\u0336a",
        "PÚTÃ",
        "pυτα",
    ],
)
def test_a_word_that_only_looks_different_folds_to_itself(written: str) -> None:
    assert fold(written) == "puta"


@pytest.mark.parametrize(
    ("written", "undone"),
    [
        ("v14d0", "viado"),
        ("p0rr4", "porra"),
        ("m3rd@", "merda"),
        ("$uic1d10", "suicidio"),
        ("b1tch", "bitch"),
        ("k1ll y0ur$elf", "kill yourself"),
        ("p.u.t.a", "puta"),
        ("p-u-t-a", "puta"),
        ("p u t a", "puta"),
        ("p * u * t * a", "puta"),
        ("p u t a q u e p a r i u", "puta que pariu"),
        ("poooorra", "porra"),
        ("porrrra", "porra"),
        ("pooorrrraaa!!!", "porra!!!"),
        ("p*ta", "puta"),
        ("queeee", "que"),
        ("f**k", "fuck"),
        ("c#ralho", "caralho"),
        ("m3rd*", "m3rd*"),
        ("🇵🇺🇹🇦", "puta"),
    ],
)
def test_a_tricked_word_is_read_as_the_term_that_it_is(plain: Speller, written: str, undone: str) -> None:
    assert (plain.undone(fold(written)) or fold(written)) == undone


@pytest.mark.parametrize(
    "written",
    [
        *(
            "38s",
            "38s3d",
            "B12",
            "T3",
            "T4 livre",
            "G2P1A0",
            "10mg",
            "12x8",
            "3,5 kg",
            "D+2",
            "a b o",
            "A1C",
            "HbA1c",
            "H1N1",
        ),
        *(
            "HPV16",
            "CA125",
            "IG 39s5d",
            "1º",
            "2ª",
            "8/8h",
            "5 + 5 = 10",
            "γGT",
            "β-hCG",
            "αFP",
            "500 µg",
            "O2",
            "CO2",
            "pH 7,2",
        ),
        *(
            "p.s.",
            "e.g.",
            "a.m.",
            "S O S",
            "U T I",
            "d. p. p.",
            "x x x",
            "1-2-3",
            "**dor**",
            "5*3",
            "amig@s",
            "tod*s",
            "sssim",
        ),
        *(
            "mata-me",
            "www.exemplo.pt",
            "fim.Puta",
            "a 2a dose",
            "Covid19",
            "aaaai",
            "🇧🇷 🇵🇹",
            "38,5°C",
            "14/09",
        ),
    ],
)
def test_clinical_and_ordinary_writing_is_left_alone(groups: list[TermGroup], written: str) -> None:
    of_the_checkout = speller([group for group in groups if group.category])
    assert of_the_checkout.undone(fold(f"O resultado foi {written} ontem")) is None


def test_greek_letters_that_clinicians_mean_stay_greek() -> None:
    assert fold("γGT e β-hCG") == "γgt e β-hcg"


def test_a_word_wholly_in_another_script_that_looks_like_no_latin_one_stays() -> None:
    assert fold("Привет") == "привет"


def test_places_of_words_are_those_of_the_text_as_it_was_written() -> None:
    text = "é a pu\u200bta da dor"
    assert [text[place] for place in word_offsets(text)] == ["é", "a", "p", "d", "d"]


def test_a_text_is_read_once_by_rails_in_turn() -> None:
    text = "Tenho dor de cabeça."
    assert read(text) is read(text)


def test_a_long_row_of_spaced_letters_is_parted_as_a_short_one(plain: Speller) -> None:
    letters = "p u t a q u e p a r i u x y z "
    assert plain.undone(letters * 50) == " ".join(["puta que pariu x y z"] * 50) + " "


def test_a_heap_of_accents_is_read_as_the_letter_under_it() -> None:
    assert fold("p" + "\u0301\u0327" * 5000 + "uta") == "puta"


def test_a_word_of_another_script_beside_a_long_one_folds() -> None:
    assert fold(f"{'k' * 5000} рutа").endswith(" puta")
