"""The whole way with what ships: the library's prompts, the simulator, the rails and a SQLite ledger."""

import asyncio
from pathlib import Path

import pytest

from guardrails.care.texts import CareTexts
from guardrails.chain import RailChain
from guardrails.clinical_terms import ClinicalTerms
from guardrails.local import LocalModerator
from guardrails.term_groups import load_groups
from matria.costs.ledger.sqlite import SqliteLedger
from matria.costs.prices import Prices
from matria.policy import load_policy
from matria.privacy.keys import HashKey
from matria.settings import ChatSettings
from models.assistant.assistant import Assistant
from models.assistant.conversation import Answer, Question
from models.assistant.meter import Meter
from models.assistant.openai import simulated_chat
from prompts.contacts import contact_variables
from prompts.prompt import PromptRef
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[3]
LIBRARY = PromptLibrary(ROOT / "prompts" / "library")


def answers(tmp_path: Path, variables: dict[str, str], refs: list[PromptRef]) -> dict[str, Answer]:
    policy, groups = load_policy(ROOT / "policy.yaml"), load_groups()
    rails = RailChain([LocalModerator(groups, policy), ClinicalTerms(groups)], policy)

    async def ask_all() -> dict[str, Answer]:
        chat = simulated_chat(ChatSettings())
        meter = Meter(Prices(), SqliteLedger(tmp_path / "ledger.db"), HashKey("t", b"k" * 32), "gpt-4.1-mini")
        assistant = Assistant(
            chat=chat,
            model="simulator-1",
            input_chain=rails,
            output_chain=rails,
            care=CareTexts("US"),
            meter=meter,
            policy=policy,
        )
        found = {}
        for ref in refs:
            prompt = LIBRARY.load(*ref)
            filled = {**prompt.sample, **contact_variables("US"), **variables}
            found[str(ref)] = await assistant.answer(Question(prompt, filled, "c", str(ref)))
        await chat.aclose()
        return found

    return asyncio.run(ask_all())


def test_every_prompt_of_the_library_answers_its_sample_through_the_rails(tmp_path: Path) -> None:
    found = answers(tmp_path, {}, LIBRARY.refs())
    assert len(found) >= 8
    for ref, answer in found.items():
        assert answer.outcome == "answered", (ref, answer.decisions)
        assert answer.entry is not None
        assert answer.entry.is_simulated
        assert answer.entry.cost.usd is not None
        assert "as if openai/gpt-4.1-mini" in answer.entry.cost.price_source


@pytest.mark.parametrize(
    ("locale", "said"), [("pt-BR", "Quero morrer."), ("pt-PT", "O meu marido bate-me."), ("en", "I want to die.")]
)
def test_a_disclosure_reaches_care_from_every_prompt_of_a_patient(tmp_path: Path, locale: str, said: str) -> None:
    refs = [ref for ref in LIBRARY.refs() if ref.locale == locale and not ref.name.startswith("enfermeira")]
    assert refs
    for answer in answers(tmp_path, {"question": said}, refs).values():
        assert answer.outcome == "cared"
