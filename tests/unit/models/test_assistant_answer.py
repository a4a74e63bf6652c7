"""From question to answer: what is shown, what is asked of the model, and what each ending leaves in the ledger."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from assistant_parts import (
    KEY,
    NOON,
    POLICY,
    REPLY,
    MemoryLedger,
    ScriptedChat,
    ask,
    assistant,
    chain,
    failures,
    question,
)

from guardrails.base import Decision, RailFailed
from matria.costs.ledger.sqlite import SqliteLedger
from matria.errors import ModelError, StorageError
from matria.messages import Locale, Message
from models.assistant.base import ChatReply
from models.assistant.conversation import Answer
from models.assistant.meter import Meter
from tests.virtual_time import until


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


def test_a_ledger_that_cannot_be_written_stops_an_evaluation_and_no_person(caplog: pytest.LogCaptureFixture) -> None:
    def full() -> None:
        raise StorageError("The disk is full.")

    with pytest.raises(StorageError, match="full"):
        ask(replace(question(), purpose="evaluation"), ScriptedChat(), MemoryLedger(on_record=full))
    answer = ask(question(), ScriptedChat(), MemoryLedger(on_record=full))
    assert (answer.outcome, answer.entry) == ("answered", None)
    assert "could not be recorded" in caplog.text


def test_an_entry_that_no_ledger_takes_does_not_keep_the_answer_from_her(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(question(), ScriptedChat(replace(REPLY, model_snapshot="gpt\x00")), MemoryLedger())
    assert (answer.outcome, answer.entry) == ("answered", None)
    assert "could not be recorded" in caplog.text


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
    may = asyncio.Event()
    chat = ScriptedChat(may=may)
    own = assistant(chat, ledger)
    meter = own._meter
    own._books._meter = replace(meter, new_id=Meter(meter.prices, ledger, KEY).new_id)

    async def all_at_once() -> list[Answer]:
        asked = [
            replace(question("Quero morrer." if n % 3 == 0 else f"Posso comer {n} peixes?"), message_id=f"message-{n}")
            for n in range(30)
        ]
        answers = asyncio.gather(*(own.answer(one) for one in asked))
        await until(lambda: len(chat.requests) == 20)
        may.set()
        return await answers

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
    asyncio.run(own.runnable.ainvoke(own.masked(question()), {"callbacks": [heard], "run_name": "assistant"}))
    assert heard.names == ["assistant", "input_rails", "notes", "prompt", "model", "ledger", "output_rails", "answer"]


def test_a_message_that_is_too_long_is_asked_for_in_parts_and_a_disclosure_in_it_heard() -> None:
    chat, long = ScriptedChat(), "Posso comer peixe? " * 400
    answer = ask(question(long), chat)
    assert (answer.outcome, chat.requests) == ("refused", [])
    assert "partes menores" in answer.shown_text
    assert ask(question(f"{long} Quero morrer."), chat).outcome == "cared"
    assert ask(question(long, "enfermeira/resumo"), chat).outcome == "answered"


def test_moderation_that_is_told_of_again_counts_once() -> None:
    """Each decision of a turn has its own id, and the same one whenever it is told of."""
    ledger = MemoryLedger()
    paid = Decision("allow", "content_safety", text_records=1)
    own = assistant(ScriptedChat(), ledger, chain(paid), chain(paid))
    turn = own.masked(question())
    turn.judged.extend([paid, paid])
    first = [entry.call_id for entry in asyncio.run(own._books.moderation(turn))]
    turn.billed.clear()
    turn.moderation.clear()
    again = [entry.call_id for entry in asyncio.run(own._books.moderation(turn))]
    assert first == again
    assert len(set(first)) == 2
