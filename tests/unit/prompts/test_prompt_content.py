"""What the library promises clinicians, held by its text: numbers, length, variants of Portuguese, signatures."""

import re

import pytest

from matria.policy import load_policy
from prompts.contacts import contact_variables
from prompts.render import render_sample

PATIENT_PROMPTS = ["gestante/triagem", "gestante/conteudo", "puerpera/apoio"]
BRAZILIAN = ["você", "bebê", "gestante", "celular", "ônibus", "pressão arterial", "ubs", "sangramento", "usuária"]
EUROPEAN = ["bebé", "grávida", "telemóvel", "autocarro", "tensão arterial", "centro de saúde", "hemorragia", "utente"]


def text_of(library, name, locale):
    """The system message without the partial that lists words to use and to avoid."""
    text = render_sample(library.load(name, locale)).messages[0].content
    return re.sub(r"## Língua.*", "", text, flags=re.DOTALL).lower()


@pytest.mark.parametrize(("locale", "country"), [("pt-BR", "BR"), ("pt-PT", "PT"), ("en", "US")])
@pytest.mark.parametrize("name", PATIENT_PROMPTS)
def test_patient_prompts_give_the_numbers_of_their_country_and_no_others(library, name, locale, country):
    text = text_of(library, name, locale)
    for number in filter(None, contact_variables(country).values()):
        assert number in text
    foreign = {n for c in ("BR", "PT", "GB", "US") if c != country for n in contact_variables(c).values() if n}
    for number in foreign - set(contact_variables(country).values()):
        assert not re.search(rf"(?<!\d){re.escape(number)}(?!\d)", text)


@pytest.mark.parametrize("name", [*PATIENT_PROMPTS, "enfermeira/resumo"])
def test_portuguese_variants_do_not_mix(library, name):
    for locale, foreign in (("pt-BR", EUROPEAN), ("pt-PT", BRAZILIAN)):
        text = text_of(library, name, locale)
        assert [word for word in foreign if re.search(rf"\b{word}s?\b", text)] == []
    assert not re.search(r"\best(á|ão|ou) \w+ndo\b", text_of(library, name, "pt-PT"))


@pytest.mark.parametrize("name", PATIENT_PROMPTS)
def test_dropping_the_escalation_partial_leaves_no_emergency_number(library, name):
    for locale, number in (("pt-BR", "192"), ("pt-PT", "112"), ("en", "emergency_number")):
        prompt = library.load(name, locale)
        escalation = {"escalation", "danger_signs", "newborn_signs"}
        rest = [s.source for s in prompt.sections] + [p.source for p in prompt.partials if p.name not in escalation]
        assert not any(number in source for source in rest)


def test_limits_stay_within_the_policy(library, root):
    policy = load_policy(root / "policy.yaml")
    for prompt in library.load_all():
        assert prompt.model_parameters["max_tokens"] <= policy.count("assistant.max_output_tokens")
        words = re.search(r"(\d+) (?:palavras|words)", render_sample(prompt).messages[0].content)
        assert words is not None
        assert int(words[1]) <= policy.count("assistant.max_words")


def test_twins_list_the_same_number_of_danger_signs(library):
    for name in ("danger_signs", "newborn_signs"):
        counts = {loc: library.partial(name, loc).source.count("\n- ") for loc in ("pt-BR", "pt-PT", "en")}
        assert len(set(counts.values())) == 1, counts


def test_clinical_partials_name_their_sources_with_years(library):
    for name in ("danger_signs", "newborn_signs", "dose_refusal"):
        for locale in ("pt-BR", "pt-PT", "en"):
            comment = library.partial(name, locale).source.split("#}")[0]
            assert comment.startswith("{#")
            assert re.search(r"\((19|20)\d\d", comment)


def test_nothing_is_signed_before_a_clinician_signed_it(library):
    assert {prompt.clinical_review for prompt in library.load_all()} == {"pending"}
