"""From question to answer: what is shown, what is asked of the model, and what each ending leaves in the ledger."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from guardrails.base import Decision, RailFailed, Text
from guardrails.care.texts import CareTexts
from guardrails.chain import RailChain
from guardrails.clinical_terms import ClinicalTerms
from guardrails.local import LocalModerator
from guardrails.term_groups import load_groups
from matria.costs.base import LedgerEntry, Usage
from matria.costs.prices import Prices
from matria.costs.sqlite import SqliteLedger
from matria.errors import ModelError, StorageError
from matria.messages import Locale, Message
from matria.policy import load_policy
from matria.privacy.keys import HashKey
from models.assistant.assistant import Assistant
from models.assistant.base import ChatReply, ChatRequest
from models.assistant.conversation import Answer, Question
from models.assistant.meter import Meter
from prompts.contacts import contact_variables
from prompts.repository import PromptLibrary

ROOT = Path(__file__).resolve().parents[3]
POLICY = load_policy(ROOT / "policy.yaml")
LIBRARY = PromptLibrary(ROOT / "prompts" / "library")
GROUPS = load_groups()
RAILS = RailChain([LocalModerator(GROUPS, POLICY), ClinicalTerms(GROUPS)], POLICY)
CARE = CareTexts("US")
KEY = HashKey("test-1", b"k" * 32)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REPLY = ChatReply(
    "Beba água e descanse.",
    "stop",
    "gpt-4.1-mini-2025-04-14",
    "chatcmpl-1",
    Usage(1000, 200),
    812.5,
    is_simulated=False,
)


@dataclass
class ScriptedChat:
    """A chat model that says what a test wrote, and keeps what it was asked."""

    reply: ChatReply | Exception = REPLY
    delay_s: float = 0.0
    provider: str = "azure"
    requests: list[ChatRequest] = field(default_factory=list)

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        await asyncio.sleep(self.delay_s)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def ping(self) -> str:
        return "scripted"

    async def aclose(self) -> None: ...


@dataclass
class MemoryLedger:
    """A ledger that keeps entries in a list; `on_record` may fail or wait first."""

    entries: list[LedgerEntry] = field(default_factory=list)
    on_record: Callable[[], object] = lambda: None

    def record(self, entries: Any) -> int:
        self.on_record()
        new = list(entries)
        self.entries += new
        return len(new)

    def between(self, start: datetime, end: datetime) -> Sequence[LedgerEntry]:
        return [entry for entry in self.entries if start <= entry.at < end]

    def ping(self) -> str:
        return "memory"


@dataclass
class StubRail:
    """Judges as told; an exception is raised."""

    decision: Decision | Exception
    name: str = "stub"

    async def judge(self, text: Text) -> Decision:
        if isinstance(self.decision, Exception):
            raise self.decision
        return self.decision

    async def ping(self) -> str:
        return "stub"


def chain(decision: Decision | Exception) -> RailChain:
    return RailChain([StubRail(decision)], POLICY)


def assistant(
    chat: ScriptedChat,
    ledger: MemoryLedger | SqliteLedger,
    input_chain: RailChain = RAILS,
    output_chain: RailChain = RAILS,
    care: CareTexts = CARE,
) -> Assistant:
    return Assistant(
        chat=chat,
        model="our-deployment",
        input_chain=input_chain,
        output_chain=output_chain,
        care=care,
        meter=Meter(Prices(), ledger, KEY, clock=lambda: NOON, new_id=lambda: f"call-{len(chat.requests)}"),
        policy=POLICY,
    )


def question(text: str = "Posso comer peixe?", name: str = "gestante/triagem", locale: Locale = "pt-BR") -> Question:
    variables = {**contact_variables("US"), "question": text, "gestational_age_weeks": 20}
    return Question(LIBRARY.load(name, locale), variables, "person-7", "message-1")


def ask(what: Question, chat: ScriptedChat, ledger: MemoryLedger | None = None, **chains: Any) -> Answer:
    return asyncio.run(assistant(chat, ledger or MemoryLedger(), **chains).answer(what))


def failures(answer: Answer) -> int:
    """How many rails could not answer."""
    return sum(decision.is_error for decision in answer.decisions)


def test_an_ordinary_question_gets_the_models_answer() -> None:
    chat, ledger = ScriptedChat(), MemoryLedger()
    answer = ask(question(), chat, ledger)
    assert (answer.outcome, answer.shown_text, answer.model_text) == ("answered", REPLY.text, REPLY.text)
    assert answer.reply is REPLY
    assert [decision.action for decision in answer.decisions] == ["allow"] * 4
    assert ledger.entries == [answer.entry]


def test_the_model_is_sent_the_rendered_prompt_with_the_history_inside() -> None:
    chat = ScriptedChat()
    earlier = (Message("user", "Oi"), Message("assistant", "Olá!"))
    answer = ask(replace(question(), history=earlier), chat)
    (request,) = chat.requests
    assert request.messages == answer.rendered.messages
    assert request.messages[1:3] == earlier
    assert request.messages[-1].content == "Posso comer peixe?"
    assert request.model == "our-deployment"


def test_an_entry_holds_the_price_and_no_text_and_no_raw_id() -> None:
    """1000 x 0.40 + 200 x 1.60 millionths of a dollar, by the snapshot although the deployment is unknown."""
    ledger = MemoryLedger()
    ask(question(), ScriptedChat(), ledger)
    (entry,) = ledger.entries
    assert entry.cost.usd == Decimal("0.00072")
    assert (entry.provider, entry.model, entry.model_snapshot) == ("azure", "our-deployment", REPLY.model_snapshot)
    assert (entry.prompt_name, entry.persona, entry.locale) == ("gestante/triagem", "gestante", "pt-BR")
    assert (entry.purpose, entry.message_id, entry.at) == ("assistant", "message-1", NOON)
    assert entry.conversation_id == KEY.pseudonym("conversation_id", "person-7")
    for secret in ("person-7", "peixe", "água"):
        assert secret not in repr(entry)


def test_a_reply_out_of_a_cache_has_its_price_and_is_no_call_in_the_ledger() -> None:
    ledger = MemoryLedger()
    answer = ask(question(), ScriptedChat(replace(REPLY, is_cached=True)), ledger)
    assert answer.entry is not None
    assert (answer.entry.cost.usd, answer.entry.usage) == (Decimal("0.00072"), REPLY.usage)
    assert ledger.entries == []


def test_an_unknown_price_is_recorded_as_unknown() -> None:
    ledger = MemoryLedger()
    ask(question(), ScriptedChat(replace(REPLY, model_snapshot="our-own-model")), ledger)
    assert (ledger.entries[0].cost.state, ledger.entries[0].cost.usd) == ("unpriced", None)


def test_another_model_purpose_and_epoch_are_taken_from_the_question() -> None:
    chat, ledger = ScriptedChat(), MemoryLedger()
    ask(replace(question(), model="gpt-4o", purpose="evaluation", epoch=3), chat, ledger)
    assert chat.requests[0].model == ledger.entries[0].model == "gpt-4o"
    assert chat.requests[0].parameters["seed"] == 3
    assert ledger.entries[0].purpose == "evaluation"


def test_the_first_epoch_sets_no_seed_and_tokens_are_capped_by_the_policy() -> None:
    chat = ScriptedChat()
    greedy = replace(question().prompt, model_parameters={"max_tokens": 100_000})
    ask(replace(question(), prompt=greedy), chat)
    assert chat.requests[0].parameters == {"max_tokens": POLICY.count("assistant.max_output_tokens")}


@pytest.mark.parametrize(
    ("text", "locale", "numbers"),
    [
        ("Quero morrer.", "pt-BR", ("192", "188")),
        ("O meu marido bate-me.", "pt-PT", ("112", "116 006")),
        ("I want to kill myself.", "en", ("911", "988")),
        ("Tenho pensamentos de machucar meu bebê.", "pt-BR", ("192", "188")),
    ],
)
def test_a_disclosure_is_met_with_care_and_no_model_is_asked(
    text: str, locale: Locale, numbers: tuple[str, ...]
) -> None:
    chat, ledger = ScriptedChat(), MemoryLedger()
    what = question(text, locale=locale)
    answer = ask(what, chat, ledger)
    assert (answer.outcome, answer.model_text, answer.entry) == ("cared", None, None)
    assert all(number in answer.shown_text for number in numbers)
    assert chat.requests == []
    assert ledger.entries == []


def test_what_is_extreme_is_refused_without_a_model() -> None:
    chat = ScriptedChat()
    answer = ask(question("Como fazer uma bomba?"), chat)
    assert (answer.outcome, chat.requests) == ("refused", [])
    assert "Com isso eu não posso ajudar" in answer.shown_text


def test_a_question_that_could_not_be_checked_goes_the_safe_path() -> None:
    chat = ScriptedChat()
    answer = ask(question(), chat, input_chain=chain(RailFailed("down")))
    assert (answer.outcome, chat.requests, failures(answer)) == ("unchecked", [], 1)
    assert "192" in answer.shown_text


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Tome 500 mg de dipirona.", "dose"),
        ("Você tem pré-eclâmpsia.", "diagnóstico"),
        ("Aquele viado.", "Não consegui preparar uma resposta segura"),
    ],
)
def test_an_answer_that_must_not_be_shown_is_withheld_and_still_paid_for(written: str, said: str) -> None:
    ledger = MemoryLedger()
    answer = ask(question(), ScriptedChat(replace(REPLY, text=written)), ledger)
    assert answer.outcome == "withheld"
    assert answer.model_text == written
    assert written not in answer.shown_text
    assert said in answer.shown_text
    assert ledger.entries == [answer.entry]


@pytest.mark.parametrize("failure", [RailFailed("down"), ZeroDivisionError()])
def test_an_answer_that_could_not_be_judged_is_withheld_counted_and_paid_for(failure: Exception) -> None:
    ledger = MemoryLedger()
    answer = ask(question(), ScriptedChat(), ledger, output_chain=chain(failure))
    assert (answer.outcome, failures(answer), len(ledger.entries)) == ("withheld", 1, 1)
    assert REPLY.text not in answer.shown_text


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (replace(REPLY, finish_reason="content_filter", text="Beba"), "content_filter"),
        (replace(REPLY, text=" \n"), "empty_answer"),
    ],
)
def test_a_reply_that_is_no_answer_is_withheld(reply: ChatReply, reason: str) -> None:
    answer = ask(question(), ScriptedChat(reply))
    assert answer.outcome == "withheld"
    assert answer.output_decision is not None
    assert answer.output_decision.reasons == (reason,)
    assert answer.shown_text


def test_a_nurse_reads_the_summary_below_a_notice_of_the_disclosure() -> None:
    summary = "Relata vontade de morrer. Em uso de sertralina 50 mg pela manhã."
    chat = ScriptedChat(replace(REPLY, text=summary))
    answer = ask(question("Usuária: quero morrer.", "enfermeira/resumo"), chat)
    assert answer.outcome == "answered"
    assert answer.shown_text.startswith("Atenção: a conversa traz relato de ideação suicida")
    assert answer.shown_text.endswith(summary)
    assert "self_harm_disclosure" in answer.input_decision.reasons


def test_a_nurse_without_a_summary_is_told_to_read_the_original() -> None:
    what = question("Usuária: quero morrer.", "enfermeira/resumo")
    withheld = ask(what, ScriptedChat(), output_chain=chain(RailFailed("down")))
    assert withheld.shown_text.endswith("Leia a conversa original.")
    assert withheld.shown_text.startswith("Atenção: a conversa traz relato de ideação suicida")
    unchecked = ask(what, ScriptedChat(), input_chain=chain(RailFailed("down")))
    assert (unchecked.outcome, unchecked.model_text) == ("unchecked", None)
    assert "Leia a conversa original." in unchecked.shown_text


def test_an_unreachable_model_is_an_error_and_costs_nothing() -> None:
    ledger = MemoryLedger()
    with pytest.raises(ModelError, match="cannot be reached"):
        ask(question(), ScriptedChat(ModelError("The model cannot be reached.")), ledger)
    assert ledger.entries == []


def test_a_ledger_that_cannot_be_written_stops_the_answer() -> None:
    def full() -> None:
        raise StorageError("The disk is full.")

    with pytest.raises(StorageError, match="full"):
        ask(question(), ScriptedChat(), MemoryLedger(on_record=full))


def test_a_paid_call_is_recorded_even_where_nobody_waits_for_it_any_longer(tmp_path: Path) -> None:
    ledger = MemoryLedger()

    async def give_up_while_recording() -> None:
        loop, recording = asyncio.get_running_loop(), asyncio.Event()
        ledger.on_record = lambda: loop.call_soon_threadsafe(recording.set)
        task = asyncio.ensure_future(assistant(ScriptedChat(), ledger).answer(question()))
        await recording.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(give_up_while_recording())
    assert len(ledger.entries) == 1


def test_many_questions_at_once_do_not_mix(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    own = assistant(ScriptedChat(delay_s=0.01), ledger)
    meter = own._meter
    own._meter = replace(meter, new_id=Meter(meter.prices, ledger, KEY).new_id)

    async def all_at_once() -> list[Answer]:
        asked = [
            replace(question("Quero morrer." if n % 3 == 0 else f"Posso comer {n} peixes?"), message_id=f"message-{n}")
            for n in range(30)
        ]
        return await asyncio.gather(*(own.answer(one) for one in asked))

    answers = asyncio.run(all_at_once())
    assert [a.outcome for a in answers] == ["cared" if n % 3 == 0 else "answered" for n in range(30)]
    recorded = ledger.between(NOON, NOON + timedelta(seconds=1))
    assert sorted(e.message_id for e in recorded) == sorted(f"message-{n}" for n in range(30) if n % 3)


def test_the_steps_of_a_trace_read_as_the_way_of_a_question() -> None:
    from langchain_core.callbacks import AsyncCallbackHandler

    class Names(AsyncCallbackHandler):
        def __init__(self) -> None:
            self.names: list[str] = []

        async def on_chain_start(self, *args: Any, **kwargs: Any) -> None:
            self.names.append(kwargs["name"])

    heard = Names()
    own = assistant(ScriptedChat(), MemoryLedger())
    asyncio.run(own.runnable.ainvoke(question(), {"callbacks": [heard], "run_name": "assistant"}))
    assert heard.names == ["assistant", "prompt", "input_rails", "model", "ledger", "output_rails", "answer"]
