"""Every explanation that a check gives has its Portuguese, and a judge's own words stay as they are."""

import pytest

from evals.checks.registry import Context, check_kinds, country_of, grade
from evals.report.explained import explained
from matria.policy import Policy

OURS = sorted(name for name, kind in check_kinds().items() if kind.run.__module__.startswith("evals."))


@pytest.mark.parametrize("name", OURS)
def test_each_check_explains_itself_in_portuguese(name: str, policy: Policy) -> None:
    for example in check_kinds()[name].examples:
        context = Context(example.locale, country_of(example.locale, "US"), policy, **example.context)
        english = grade(example.check, example.answer, context).explanation
        assert explained(english, "pt-BR") != english, english
        assert explained(english, "en") == english


def test_what_fills_a_sentence_is_kept(policy: Policy) -> None:
    assert explained("Sends her today; asked was now.", "pt-PT") == "Encaminha hoje; pede-se já."
    assert explained("Found: vá já, {x}.", "pt-BR") == "Encontrado: vá já, {x}."
    assert explained("The answer names no ward.", "pt-BR") == "The answer names no ward."
