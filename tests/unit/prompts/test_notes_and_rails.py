"""What a note says, the assistant may say: no rail withholds it as an answer or takes it for an attack as a source."""

import pytest

from flows.wiring_rails import rails_apart
from guardrails.base import Text
from matria.policy import load_policy
from matria.settings import Settings
from prompts.notes.files import load_notes

NOTES = load_notes()


@pytest.fixture(scope="module")
def local_rails(root):
    return rails_apart(Settings(), load_policy(root / "policy.yaml"))


async def stopped(rails, note, text):
    decisions = [await rail.judge(text) for rail in rails]
    return [(note.path, decision.rail, decision.reasons) for decision in decisions if decision.action != "allow"]


async def test_every_note_passes_as_an_answer(local_rails):
    told = [(note, Text(f"{note.title}. {note.text}", "assistant", note.locale)) for note in NOTES]
    assert [one for note, text in told for one in await stopped(local_rails, note, text)] == []


async def test_every_note_passes_as_a_source_of_an_answer(local_rails):
    asked = [(note, Text("?", "user", note.locale, sources=(note.text, note.citation))) for note in NOTES]
    assert [one for note, text in asked for one in await stopped(local_rails, note, text)] == []
