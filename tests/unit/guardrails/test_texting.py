"""Chat spellings are written out for those who listen, and nothing else of a text is changed."""

import pytest

from guardrails.reading import read
from guardrails.texting import written_out


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("n aguento + isso", "nao aguento mais isso"),
        ("qro mto o meu bb", "quero muito o meu bebe"),
        ("ñ sei oq fazer", "nao sei o que fazer"),
        ("c/ medo d tudo", "com medo de tudo"),
        ("u dont know cuz im ok", "you dont know because im ok"),
        ("so queria\nsumir", "so queria sumir"),
    ],
)
def test_what_is_typed_short_is_written_out(typed: str, plain: str) -> None:
    reading = read(typed)
    assert written_out(reading.folded, reading.words) == plain


@pytest.mark.parametrize(
    "text", ["to com 12+3 semanas", "uma linha\n\noutra linha", "- um\n- dois", "1. um\n2. dois", "nada a mudar"]
)
def test_what_is_no_chat_spelling_stays(text: str) -> None:
    reading = read(text)
    assert written_out(reading.folded, reading.words) is None
