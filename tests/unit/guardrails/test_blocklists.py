"""What the lists of the checkout stop and let pass, and which files are refused before anything is sent."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml

from guardrails.base import Action, Direction, Text
from guardrails.blocklist_rail import BlocklistRail
from guardrails.blocklists import Blocklists, load_blocklists
from guardrails.reading import read
from matria.errors import InputError


@pytest.fixture(scope="module")
def rail() -> BlocklistRail:
    return BlocklistRail(load_blocklists())


def action(rail: BlocklistRail, content: str, direction: Direction = "assistant", audience: Any = "patient") -> Action:
    return asyncio.run(rail.judge(Text(content, direction, "pt-BR", audience))).action


@pytest.mark.parametrize(
    "content",
    [
        "Na hora de fazer, não gritou!",
        "NA HORA DE FAZER NAO GRITOU",
        "Quem mandou abrir as pernas?",
        "Para abortar, tome um chá bem forte.",
        "You weren't screaming when you made it.",
    ],
)
def test_what_is_listed_is_withheld_from_a_woman_and_not_from_staff(rail: BlocklistRail, content: str) -> None:
    assert action(rail, content) == "refuse"
    assert action(rail, content, audience="staff") == "allow"


@pytest.mark.parametrize(
    "content",
    [
        "Não tome chá de arruda nem de buchinha: intoxicam. O aborto legal é um direito: procure o hospital.",
        "Na hora de fazer o exame, abra um pouco as pernas.",
        "Ninguém pode mandar você calar a boca no parto; isso é violência obstétrica.",
        "Receitas para a gestante: chá de gengibre alivia o enjoo.",
        "Para o ano. Está cá outra vez a consulta.",
    ],
)
def test_a_warning_a_right_and_an_explanation_pass(rail: BlocklistRail, content: str) -> None:
    assert action(rail, content) == "allow"


def test_what_a_woman_tells_or_asks_is_never_listed(rail: BlocklistRail) -> None:
    for content in ("A enfermeira disse: na hora de fazer não gritou", "receita de chá abortivo funciona?"):
        assert action(rail, content, "user") == "allow"


def test_the_reason_names_the_list_and_not_the_words(rail: BlocklistRail) -> None:
    decision = asyncio.run(rail.judge(Text("quem mandou abrir as pernas", "assistant", "pt-PT")))
    assert decision.reasons == ("blocklist_matria_demeaning_pt",)


def test_a_hit_is_a_whole_phrase_of_its_language(tmp_path: Path) -> None:
    found = load(tmp_path, file(language="pt-PT", items=[item("duas palavras")]))
    assert [hit.start for hit in found.hits(read("são duas palavras, duas palavrinhas"), "assistant", "pt-PT")] == [1]
    assert found.hits(read("são duas palavras"), "assistant", "pt-BR") == []
    assert found.hits(read("são duas palavras"), "user", "pt-PT") == []
    assert (found.names("assistant", "pt-PT"), found.names("assistant", "en")) == (["matria-x"], [])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "matria-" + "x" * 58}, "up to 64"),
        ({"name": "matria-with space"}, "up to 64"),
        ({"name": "other"}, "begins with 'matria-'"),
        ({"directions": ["nurse"]}, "directions are"),
        ({"directions": []}, "directions are"),
        ({"language": "pt-AO"}, "language 'pt-AO'"),
        ({"items": []}, "at least one"),
        ({"items": [{"text": "x"}]}, "exactly text and description"),
        ({"items": [{"text": 1, "description": ""}]}, "both text"),
        ({"items": [{"text": "x" * 129, "description": ""}]}, "at most 128"),
        ({"items": [{"text": " ?! ", "description": ""}]}, "needs a word"),
        ({"items": [{"text": "Não há", "description": ""}, {"text": "nao ha", "description": ""}]}, "same as item 1"),
        ({"items": [{"text": "x", "description": "x" * 1025}]}, "at most 1,024"),
        ({"description": "x" * 1025}, "at most 1,024"),
        ({"more": 1}, "needs exactly"),
    ],
)
def test_a_file_beyond_the_limits_is_refused(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(tmp_path, file(**wrong))


def test_an_item_of_128_code_points_is_taken(tmp_path: Path) -> None:
    assert load(tmp_path, file(items=[item("ã" * 128)])).size == 1


def test_lists_of_one_name_and_too_many_items_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two blocklists are called"):
        load(tmp_path, file(), file())
    half = [item(f"termo {number}") for number in range(5_001)]
    with pytest.raises(InputError, match="10,002 items"):
        load(tmp_path, file(items=half), file(name="matria-y", items=half))


def item(text: str) -> dict[str, str]:
    return {"text": text, "description": "why"}


def file(**of: Any) -> dict[str, Any]:
    sound: dict[str, Any] = {"name": "matria-x", "description": "what for", "directions": ["assistant"]}
    return sound | {"language": "pt", "clinical_review": "pending", "items": [item("x")]} | of


def load(folder: Path, *files: dict[str, Any]) -> Blocklists:
    for number, tree in enumerate(files):
        (folder / f"{number}.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    return load_blocklists(folder)
