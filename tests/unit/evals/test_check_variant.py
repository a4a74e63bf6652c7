"""How well the two Portugueses are told apart, measured on whole answers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from evals.checks.registry import Result
from matria.errors import UserError
from matria.messages import Locale
from matria.yamlfile import read_yaml

Grade = Callable[..., Result]
TEXTS: Mapping[str, Any] = read_yaml(Path(__file__).with_name("variant_texts.yaml"), UserError)
REFUSED = {"pt-BR": 16, "pt-PT": 15}
"""Answers of 18 that are seen not to be the other Portuguese; those that fit both are taken for either."""


@pytest.mark.parametrize(("own", "other"), [("pt-BR", "pt-PT"), ("pt-PT", "pt-BR")])
def test_an_answer_is_its_own_variant_and_mostly_seen_not_to_be_the_other(
    own: Locale, other: Locale, grading: Grade
) -> None:
    texts = TEXTS[own]
    assert [text for text in texts if not grading({"kind": "language", "is": own}, text, own).met] == []
    refused = [text for text in texts if not grading({"kind": "language", "is": other}, text, own).met]
    assert len(refused) >= REFUSED[own]
    assert not any(grading({"kind": "language", "is": "en"}, text, own).met for text in texts)


@pytest.mark.parametrize("mixed", TEXTS["mixed"], ids=lambda mixed: mixed["text"][:30])
def test_a_sentence_of_the_other_variant_is_seen(mixed: Mapping[str, Any], grading: Grade) -> None:
    assert not grading({"kind": "language", "is": mixed["locale"]}, mixed["text"], mixed["locale"]).met


@pytest.mark.parametrize("locale", ["pt-BR", "pt-PT"])
def test_a_word_that_both_spell_alike_tells_neither(locale: Locale, grading: Grade) -> None:
    assert grading({"kind": "language", "is": locale}, "Se for dor de estômago, coma devagar e descanse.", locale).met
