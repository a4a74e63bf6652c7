"""A model card says everything it must, or is none."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from matria.errors import InternalError
from models.cards import ModelCard, Section, Sections, Table

NOW = datetime(2026, 6, 1, 8, 30, tzinfo=UTC)


def a_card(**sections: Section) -> ModelCard:
    plain = {part.name: Section(part.name, "Article 13", ("Something.",)) for part in fields(Sections)}
    return ModelCard("some-model", "It predicts.", NOW, True, "pending", Sections(**{**plain, **sections}))


def test_the_markdown_has_every_section_in_order() -> None:
    text = a_card().as_markdown()
    positions = [text.index(f"## {part.name}") for part in fields(Sections)]
    assert positions == sorted(positions)
    assert text.endswith("Something.\n")


def test_synthetic_data_and_pending_review_are_said_first() -> None:
    head = a_card().as_note()
    assert head.splitlines()[2].startswith("**Synthetic data.**")
    assert "Clinical review: **pending**. Made 2026-06-01 08:30 UTC." in head
    assert "Synthetic" not in replace(a_card(), is_simulated=False).as_markdown()


def test_an_empty_section_is_no_card() -> None:
    with pytest.raises(InternalError, match="nothing under Groups"):
        a_card(groups=Section("Groups", "Article 13"))


def test_text_that_looks_like_markup_is_shown_as_text() -> None:
    table = Table(("group", "figure"), (("<20", "a|b"),))
    text = a_card(groups=Section("Groups", "Article 13", tables=(table,))).as_markdown()
    assert "| group | figure |\n|---|---|\n| &lt;20 | a\\|b |" in text


def test_the_json_holds_the_same_and_the_note_fits_a_registry() -> None:
    card = replace(a_card(), summary="long " * 3000)
    assert json.loads(json.dumps(card.as_json()))["made_at"] == "2026-06-01T08:30:00+00:00"
    assert len(card.as_note()) == 5000
