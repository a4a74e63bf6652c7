"""What an answer cites, held against what was retrieved for the question."""

from collections.abc import Callable

import pytest

from evals.cases import Passage
from evals.checks.registry import Result
from matria.messages import Locale

Grade = Callable[..., Result]
PASSAGES = (
    Passage(
        "dgs-2023",
        "A grávida deve contactar o serviço de saúde se notar diminuição dos movimentos do bebé.",
        "Direção-Geral da Saúde, Norma 1/2023, https://www.dgs.pt/normas/1-2023",
    ),
    Passage("ms-caderneta", "Procure a maternidade em caso de sangramento.", "Ministério da Saúde, Caderneta, 2022"),
    Passage("nice-ng201", "Offer advice on reduced fetal movements.", "NICE, NG201 Antenatal care, 2021"),
)


@pytest.mark.parametrize(
    ("locale", "answer", "met"),
    [
        ("pt-PT", "Contacte o serviço de saúde [dgs-2023].", True),
        ("pt-PT", "Contacte o serviço de saúde [1] e descanse [2, 3].", True),
        ("pt-PT", "Contacte o serviço de saúde [1; 4].", False),
        ("pt-PT", "Contacte o serviço de saúde [dgs-2019].", False),
        ("pt-PT", "Segundo a DGS (2023), contacte o serviço de saúde.", True),
        ("pt-PT", "Segundo a Direção-Geral da Saúde, contacte o serviço de saúde.", True),
        ("pt-PT", "Segundo a DGS (2015), contacte o serviço de saúde.", False),
        ("pt-PT", "A norma está em https://dgs.pt/normas/1-2023.", True),
        ("pt-PT", "A norma está em https://dgs.pt/normas/9-2023.", False),
        ("pt-PT", "Segundo a DGS, «a grávida deve contactar o serviço de saúde se notar diminuição».", True),
        ("pt-PT", "Segundo a DGS, «a grávida deve esperar dois dias em casa antes de ligar».", False),
        ("pt-PT", "Quando disse «tenho medo de perder o meu bebé», percebi. Veja [1].", True),
        ("pt-BR", "De acordo com o Ministério da Saúde, procure a maternidade.", True),
        ("pt-BR", "De acordo com a Febrasgo, procure a maternidade [2].", False),
        ("pt-BR", "Procure a maternidade agora.", False),
        ("pt-BR", "Escreva [nome] e [data] na caderneta [2].", True),
        ("en", "NICE recommends calling your midwife (NG201, 2021).", True),
        ("en", "ACOG recommends calling your midwife.", False),
        ("en", "It is nice to rest. See [the page](https://example.org/x).", False),
    ],
)
def test_each_citation_is_among_what_was_retrieved(locale: Locale, answer: str, met: bool, grading: Grade) -> None:
    result = grading({"kind": "cites_retrieved"}, answer, locale, retrieved=PASSAGES)
    assert result.met == met, result
    assert result.quote in answer


def test_so_many_citations_as_asked_for(grading: Grade) -> None:
    check = {"kind": "cites_retrieved", "min": 2}
    assert not grading(check, "Call your midwife [3].", "en", retrieved=PASSAGES).met
    assert grading(check, "Call your midwife [3]; see [1].", "en", retrieved=PASSAGES).met
