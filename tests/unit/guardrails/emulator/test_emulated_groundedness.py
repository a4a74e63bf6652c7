"""The lexical method behind groundedness: what it holds for grounded, and what it is known to miss."""

import pytest

from guardrails.emulator.groundedness import ungrounded

SOURCE = (
    "O ácido fólico é tomado desde antes da gravidez até 12 semanas. Não se usa ibuprofeno depois de 20 semanas. "
    "Folic acid lowers the risk of neural tube defects."
)


def parts(text: str, *sources: str) -> list[str]:
    return [text[start:end] for start, end in ungrounded(text, sources or (SOURCE,))]


@pytest.mark.parametrize(
    "text",
    [
        "O ácido fólico se toma antes da gravidez e até 12 semanas.",
        "Grávidas tomam ácido fólico.",
        "Folic acid lowers the risk of defects of the neural tube!",
        "Depois de 20 semanas não se usa ibuprofeno.",
        "Olá! 😊",
        "",
    ],
)
def test_what_a_source_says_is_held(text: str) -> None:
    assert parts(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "O ácido fólico é tomado até 16 semanas.",
        "O chá de canela ajuda a dormir.",
        "Depois de 20 semanas se usa ibuprofeno.",
        "Tome 5 mg.",
    ],
)
def test_another_number_subject_or_denial_is_not_held(text: str) -> None:
    assert parts(text) == [text]


def test_each_sentence_is_judged_for_itself() -> None:
    assert parts("Tome 1.5 mg.\nGrávidas tomam ácido fólico. Evite gatos e coelhos!") == [
        "Tome 1.5 mg.",
        "Evite gatos e coelhos!",
    ]


def test_one_source_must_hold_it_and_not_two_together() -> None:
    assert parts("Canela e hortelã acalmam.", "Canela é doce.", "Hortelã é verde.") == ["Canela e hortelã acalmam."]


def test_a_source_without_words_holds_nothing() -> None:
    assert parts("Beba água.", "...", "") == ["Beba água."]


def test_shuffled_words_of_the_source_pass_which_is_known() -> None:
    assert parts("Sun rises in the west.", "The Sun rises in the east, since the Earth turns from west to east.") == []
