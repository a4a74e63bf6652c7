"""What is left of an answer when the sentences with a clinical act are taken out, and when nothing is left to show."""

import asyncio

import pytest

from guardrails.base import Span, Text
from guardrails.clinical_terms import ClinicalTerms
from guardrails.reading import read, word_offsets
from guardrails.rewriting import rewrite, whole_sentences
from guardrails.sentences import sentences
from matria.messages import Locale

WARNING = (
    "Se a febre passar de 38 °C, se houver sangramento ou se o bebê mexer menos, vá à maternidade ou ligue para o 192."
)
REST = "Descanse, beba água aos poucos e tome um banho morno enquanto espera a orientação da equipe do pré-natal."


def taken_out(text: str, terms: ClinicalTerms, locale: Locale = "pt-BR") -> str | None:
    decision = asyncio.run(terms.judge(Text(text, "assistant", locale)))
    assert decision.action == "rewrite"
    assert all(span.reason in decision.reasons for span in decision.spans)
    return rewrite(text, decision.spans)


def span_of(text: str, part: str) -> Span:
    return Span(text.index(part), text.index(part) + len(part), "dose_in_answer")


def test_a_dose_goes_and_the_danger_signs_stay(clinical_terms: ClinicalTerms) -> None:
    answer = f"{REST} Tome 500 mg de paracetamol de 6 em 6 horas. {WARNING}"
    assert taken_out(answer, clinical_terms) == f"{REST} {WARNING}"


def test_a_list_loses_its_item_and_stays_a_list(clinical_terms: ClinicalTerms) -> None:
    answer = f"Para aliviar:\n\n- {REST}\n- Dipirona 500mg 6/6h.\n- Durma de lado.\n\n{WARNING}"
    assert taken_out(answer, clinical_terms) == f"Para aliviar:\n\n- {REST}\n- Durma de lado.\n\n{WARNING}"


def test_an_item_keeps_its_mark_and_what_else_it_says(clinical_terms: ClinicalTerms) -> None:
    answer = f"- {REST}\n- **Febre.** Tome 1 g de paracetamol. {WARNING}"
    assert taken_out(answer, clinical_terms) == f"- {REST}\n- **Febre.** {WARNING}"


def test_a_heading_goes_with_all_that_stood_under_it(clinical_terms: ClinicalTerms) -> None:
    answer = f"{REST}\n\n**Remédios:**\n- Dipirona 500 mg.\n- Tylenol 750.\n\n**Sinais de alerta**\n{WARNING}"
    assert taken_out(answer, clinical_terms) == f"{REST}\n\n**Sinais de alerta**\n{WARNING}"


@pytest.mark.parametrize(
    "answer",
    [
        "Tome 500 mg de paracetamol. Boa sorte!",
        f"{REST} Tome 500 mg de paracetamol. Repita se a dor voltar. {WARNING}",
        f"{REST} Tome 500 mg de paracetamol. {WARNING} Não passe dessa dose.",
        f"{REST} Pode tomar 1 g de paracetamol. Isso alivia a dor em meia hora. {WARNING}",
        f"1. {REST}\n2. Tome 2 comprimidos.\n3. {WARNING}",
        f"{REST}\n\nTome 1 g de paracetamol nestes casos:\n- febre alta\n- dor de cabeça\n\n{WARNING}",
        f"{REST} **Tome 1 g de paracetamol. {WARNING}**",
    ],
)
def test_where_sense_would_be_lost_nothing_is_rewritten(answer: str, clinical_terms: ClinicalTerms) -> None:
    assert taken_out(answer, clinical_terms) is None


@pytest.mark.parametrize(
    ("locale", "answer"),
    [
        (
            "en",
            "Rest and drink water while you wait for your midwife's call today. Take two tablets. This dose is safe.",
        ),
        (
            "en",
            "Rest and drink water while you wait for your midwife's call today. Take 400 mg of ibuprofen. It helps.",
        ),
        (
            "pt-PT",
            "Descanse e beba água enquanto espera pela parteira do centro de saúde. Tome 1 g. Esta dose é segura.",
        ),
    ],
)
def test_what_points_back_is_heard_in_each_language(locale: Locale, answer: str, clinical_terms: ClinicalTerms) -> None:
    assert taken_out(answer, clinical_terms, locale) is None


def test_a_span_of_another_rail_takes_its_whole_sentence() -> None:
    answer = f"{REST} Uma frase que não deve ficar aqui. {WARNING}"
    assert rewrite(answer, [span_of(answer, "não deve")]) == f"{REST} {WARNING}"


def test_without_spans_a_text_stays_as_it_is() -> None:
    assert rewrite(f"{REST}\n\n\n{WARNING}", []) == f"{REST}\n\n\n{WARNING}"


def test_spans_are_in_order_and_apart() -> None:
    spans = whole_sentences("Um. Dois. Três.", [(11, "b"), (0, "a"), (13, "c")])
    assert spans == (Span(0, 3, "a"), Span(10, 15, "b"))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("A Dra. Ana disse 1.5 vez. E agora?", ["A Dra. Ana disse 1.5 vez.", "E agora?"]),
        ("- Um.\n2) Dois! Três\n\n# Fim", ["Um.", "Dois!", "Três", "Fim"]),
        ("Por ex. hoje. **Sim.** Não", ["Por ex. hoje.", "**Sim.**", "Não"]),
        ("A Sra. Enf. Rita viu. Sim", ["A Sra. Enf. Rita viu.", "Sim"]),
        ("See Mrs. Hall, e.g. Monday. Yes.", ["See Mrs. Hall, e.g. Monday.", "Yes."]),
        ("", []),
    ],
)
def test_sentences_are_cut_as_a_reader_would(text: str, parts: list[str]) -> None:
    assert [text[sentence.start : sentence.end] for sentence in sentences(text)] == parts


@pytest.mark.parametrize(
    "text", ["Não dê 500\u00a0µg d'água", "e\u0301 só ½ dose\u200b hoje", "ﬁm: “𝐝𝐨𝐬𝐞” №5", WARNING]
)
def test_each_word_of_a_reading_has_its_place(text: str) -> None:
    offsets = word_offsets(text)
    assert len(offsets) == len(read(text).words)
    assert list(offsets) == sorted(offsets)
    assert all(0 <= place < len(text) for place in offsets)
