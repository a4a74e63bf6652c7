"""Care texts: the right numbers for the country, in the locale's own words, short enough to be read in distress."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from guardrails.care.texts import FOLDER, SAFE_TEXT_FOR, CareTexts, Country, SafeText, most_urgent
from guardrails.disclosures import DISCLOSURES
from matria.errors import InputError
from matria.messages import LOCALES, Locale
from matria.policy import Policy

NUMBER = re.compile(r"\d[\d -]*\d")
NUMBERS: dict[tuple[Locale, Country], set[str]] = {
    ("pt-BR", "US"): {"192", "188", "180", "190", "100"},
    ("pt-PT", "US"): {"112", "1411", "808 24 24 24", "116 006"},
    ("en", "GB"): {"999", "111", "116 123", "0808 2000 247"},
    ("en", "US"): {"911", "988", "1-833-852-6262", "1-800-799-7233"},
}
NOTICES = (*DISCLOSURES, "unchecked", "withheld")
ORDINARY = {"18", "24", "72"}
"""Hours of a day and of three, the 24 of SNS 24, and an age."""
CARE_ALONE = {("BR", "police"), ("BR", "child_protection"), ("GB", "violence")}
"""Services that the prompts do not name: for the moment of danger, for a child, and England's line for violence."""
NEEDED: dict[tuple[str, Locale, Country], set[str]] = {
    ("self_harm_disclosure", "pt-BR", "BR"): {"192", "188"},
    ("self_harm_disclosure", "pt-PT", "PT"): {"112", "1411"},
    ("self_harm_disclosure", "en", "GB"): {"999", "116 123"},
    ("self_harm_disclosure", "en", "US"): {"911", "988", "1-833-852-6262"},
    ("overdose_disclosure", "pt-BR", "BR"): {"192", "188"},
    ("overdose_disclosure", "pt-PT", "PT"): {"112", "1411"},
    ("overdose_disclosure", "en", "GB"): {"999", "116 123"},
    ("abuse_disclosure", "pt-BR", "BR"): {"190", "192", "180"},
    ("abuse_disclosure", "pt-PT", "PT"): {"112", "116 006"},
    ("abuse_disclosure", "en", "GB"): {"999", "0808 2000 247"},
    ("abuse_disclosure", "en", "US"): {"911", "1-800-799-7233"},
    ("harm_to_baby_disclosure", "en", "US"): {"911", "988", "1-833-852-6262"},
    ("someone_close_disclosure", "pt-BR", "BR"): {"192", "188"},
    ("abuse_of_someone_close_disclosure", "pt-BR", "BR"): {"190", "192", "180"},
    ("abuse_of_someone_close_disclosure", "pt-PT", "PT"): {"112", "116 006"},
    ("child_at_risk_disclosure", "pt-BR", "BR"): {"190", "192", "100"},
    ("child_at_risk_disclosure", "pt-PT", "PT"): {"112", "116 006"},
    ("child_at_risk_disclosure", "en", "US"): {"911"},
    ("minor_at_risk_disclosure", "pt-BR", "BR"): {"190", "192", "100"},
    ("minor_at_risk_disclosure", "pt-PT", "PT"): {"112", "116 006"},
    ("intrusive_images_disclosure", "pt-PT", "PT"): {"112", "808 24 24 24", "1411"},
}


@pytest.mark.parametrize(("locale", "country"), NUMBERS)
def test_only_the_numbers_of_the_country_are_given(locale: Locale, country: Country) -> None:
    texts = CareTexts(country)
    for text in [texts.care([mark], locale) for mark in DISCLOSURES]:
        assert set(NUMBER.findall(text)) <= NUMBERS[locale, country] | ORDINARY


def test_the_numbers_are_those_of_the_prompts(root: Path) -> None:
    """Two packages that may not import each other, one set of numbers."""
    of_prompts = yaml.safe_load((root / "prompts" / "library" / "contacts.yaml").read_text(encoding="utf-8"))
    of_care = yaml.safe_load((FOLDER / "numbers.yaml").read_text(encoding="utf-8"))
    for country in get_args(Country):
        prompted = sorted(number for number in of_prompts[country].values() if number)
        cared = sorted(line for service, line in of_care[country].items() if (country, service) not in CARE_ALONE)
        assert len(prompted) == len(cared)
        assert all(any(number in line for line in cared) for number in prompted), country


@pytest.mark.parametrize(("mark", "locale", "country"), NEEDED)
def test_a_disclosure_gets_the_numbers_it_needs(mark: str, locale: Locale, country: Country) -> None:
    text = CareTexts(country).care([mark], locale)
    for number in NEEDED[mark, locale, country]:
        assert number in text


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("country", get_args(Country))
def test_care_is_short_enough_to_be_read(locale: Locale, country: Country, policy: Policy) -> None:
    texts = CareTexts(country)
    for mark in DISCLOSURES:
        assert len(texts.care([mark], locale).split()) <= policy.count("assistant.max_words")


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_keeps_a_placeholder(locale: Locale) -> None:
    texts = CareTexts("GB")
    everything = [
        *(texts.care([mark], locale) for mark in DISCLOSURES),
        *(texts.safe((), locale, kind) for kind in get_args(SafeText)),
        *(texts.notice(mark, locale) for mark in NOTICES),
    ]
    for text in everything:
        assert text
        assert "{" not in text


@pytest.mark.parametrize("locale", LOCALES)
def test_a_safe_text_in_place_of_an_answer_still_tells_the_danger_signs(locale: Locale) -> None:
    texts = CareTexts("US")
    number = {"pt-BR": "192", "pt-PT": "112", "en": "911"}[locale]
    for reason in (*SAFE_TEXT_FOR, "hate_level_4"):
        assert number in texts.safe([reason], locale)


OPENS_WITH_ALARM = re.compile(r"192|112|999|911|emergência|emergency", re.IGNORECASE)


@pytest.mark.parametrize("locale", LOCALES)
def test_images_that_horrify_her_are_met_without_alarm_and_an_overdose_with_it(locale: Locale) -> None:
    """The calm text says first that it is common and can be treated; the number stands in its last lines."""
    texts = CareTexts("US")
    calm = texts.care(["intrusive_images_disclosure"], locale).split("\n\n")
    assert not any(OPENS_WITH_ALARM.search(line) for line in calm[:4])
    assert any(word in " ".join(calm[:3]) for word in ("tratamento", "treated"))
    assert OPENS_WITH_ALARM.search(texts.care(["overdose_disclosure"], locale).split("\n\n")[0])


@pytest.mark.parametrize("locale", LOCALES)
def test_each_disclosure_has_a_text_of_its_own(locale: Locale) -> None:
    texts = CareTexts("GB")
    assert len({texts.care([mark], locale) for mark in DISCLOSURES}) == len(DISCLOSURES)
    assert len({texts.notice(mark, locale) for mark in DISCLOSURES}) == len(DISCLOSURES)


def test_each_clinical_act_has_its_own_words() -> None:
    texts = CareTexts("BR")
    assert "dose" in texts.safe(["dose_in_answer"], "pt-BR")
    assert "diagnóstico" in texts.safe(["diagnosis_in_answer"], "pt-BR")
    assert texts.safe(["sexual_level_5"], "pt-BR") == texts.safe((), "pt-BR", "withheld")


def test_european_portuguese_is_not_brazilian() -> None:
    european = (FOLDER / "pt-PT.yaml").read_text(encoding="utf-8")
    brazilian = (FOLDER / "pt-BR.yaml").read_text(encoding="utf-8")
    for word in ("você", "celular", "bebê", "pronto-socorro", "UBS", "remédio", "equipe"):
        assert word in brazilian
        assert word not in european
    for word in ("telemóvel", "bebé", "centro de saúde", "equipa"):
        assert word in european
        assert word not in brazilian
    assert not re.search(r"\b(está|estou|estão) \w+ndo\b", european)


def test_the_most_urgent_disclosure_chooses_the_text() -> None:
    assert most_urgent(["abuse_disclosure", "self_harm_disclosure"]) == "self_harm_disclosure"
    assert most_urgent(["dose_in_answer"]) is None
    texts = CareTexts("BR")
    assert texts.care(["self_harm_level_6"], "pt-BR") == texts.care(["self_harm_disclosure"], "pt-BR")


def copy_with(tmp_path: Path, name: str, change: dict[str, object]) -> Path:
    for path in FOLDER.glob("*.yaml"):
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        if path.name == name:
            tree |= change
        (tmp_path / path.name).write_text(yaml.safe_dump(tree), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("pt-BR.yaml", {"care": {"self_harm_disclosure": ["a"]}}, "care lacks"),
        ("pt-BR.yaml", {"safe": None}, "safe must hold"),
        ("numbers.yaml", {"BR": {"violence": "180"}}, "needs an emergency number"),
        ("numbers.yaml", {"BR": {"emergency": "192", "pizza": "1"}}, "unknown"),
        ("numbers.yaml", {"PT": None}, "PT must hold"),
        ("en.yaml", {"staff": {name: ["{pizza}"] for name in NOTICES}}, "no service"),
        ("en.yaml", {"staff": dict.fromkeys(NOTICES, "text")}, "list of lines"),
    ],
)
def test_a_missing_text_or_number_is_found_before_anyone_needs_it(
    tmp_path: Path, name: str, change: dict[str, object], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        CareTexts("US", copy_with(tmp_path, name, change))
