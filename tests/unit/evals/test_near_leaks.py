"""A prompt that asks nearly what a case does has been shown its question, in other words."""

from pathlib import Path

import pytest

from evals.cases import Case
from evals.leaks import nearly
from matria.messages import Message
from prompts.repository import PromptLibrary


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("May I eat goat cheese here?", ["May I eat goat cheese today?"]),
        ("So, may I eat the cheese of goats here?", []),
        ("May I eat?", []),
        ("", []),
    ],
)
def test_a_sentence_that_shares_two_of_five_word_pairs_is_one_unless_it_is_of_three_words(
    tmp_path: Path, asked: str, words: list[str]
) -> None:
    """Goat: of 6 pairs 4 are in both. Goats: of 11, 2. May I eat: of 5, 2, and said in any conversation."""
    (tmp_path / "gestante").mkdir()
    text = "Example: “May I eat goat cheese today?” No. {# May I eat? #}\n"
    (tmp_path / "gestante" / "triagem.en.prompty").write_text(text, encoding="utf-8")
    case = Case("a.en", "s", "en", "gestante", "second_trimester", (Message("user", asked),), ())
    assert [leak.words for leak in nearly([case], PromptLibrary(tmp_path), 0.4)] == words
