"""An answer that is shown while it is written: nothing that no rail has judged is seen, whatever the model does."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from assistant_parts import CARE, POLICY, REPLY, MemoryLedger, ScriptedChat, assistant, chain, question

from guardrails.base import Decision, RailFailed, Span, Text
from guardrails.care_given import CareGiven
from guardrails.chain import RailChain
from matria.errors import ModelError
from matria.handover.base import Handover
from models.assistant.conversation import Answer, Question
from models.assistant.failures import ChatFailed
from tests.virtual_time import until

SENTENCE = "Beba água aos poucos durante o dia e descanse com as pernas para cima sempre que puder. "
LONG = (SENTENCE * 6).strip()
DOSE = "Tome 500 mg de paracetamol de 8 em 8 horas. "


@dataclass
class Noting:
    """Allows everything but texts that hold a word, and notes what it was asked."""

    stops_at: str = ""
    name: str = "noting"
    texts: list[str] = field(default_factory=list)

    async def judge(self, text: Text) -> Decision:
        self.texts.append(text.content)
        if self.stops_at and self.stops_at in text.content:
            return Decision("refuse", self.name, ("stopped",))
        return Decision("allow", self.name)

    async def ping(self) -> str:
        return "noting"


def stream(
    what: Question, chat: ScriptedChat, ledger: MemoryLedger | None = None, **chains: Any
) -> tuple[list[str], Answer]:
    async def run() -> tuple[list[str], Answer]:
        *parts, answer = [part async for part in assistant(chat, ledger or MemoryLedger(), **chains).stream(what)]
        assert isinstance(answer, Answer)
        return parts, answer

    return asyncio.run(run())


def saying(text: str, **more: Any) -> ScriptedChat:
    return ScriptedChat(replace(REPLY, text=text), **more)


def test_an_answer_comes_in_parts_that_make_the_whole() -> None:
    ledger = MemoryLedger()
    parts, answer = stream(question(), saying(LONG), ledger)
    assert len(parts) > 1
    assert "".join(parts) == answer.shown_text
    assert answer.shown_text.strip() == LONG
    assert (answer.outcome, len(ledger.entries)) == ("answered", 1)
    assert answer.timing.first_shown_ms is not None


def test_every_part_was_judged_before_it_was_shown() -> None:
    rail = Noting()
    parts, _ = stream(question(), saying(LONG), output_chain=RailChain([rail], POLICY))
    for part in parts:
        assert any(part.strip() in text for text in rail.texts)


def test_nothing_is_shown_after_a_part_that_does_not_pass_but_the_safe_text() -> None:
    text = SENTENCE * 3 + "Isto é proibido. " + SENTENCE * 3
    parts, answer = stream(question(), saying(text), output_chain=RailChain([Noting("proibido")], POLICY))
    shown = "".join(parts)
    assert answer.outcome == "withheld"
    assert "proibido" not in shown
    assert shown.startswith(SENTENCE)
    assert shown.endswith(CARE.safe((), "pt-BR"))
    assert shown == answer.shown_text


def test_a_part_is_judged_together_with_what_stands_before_it() -> None:
    rail = Noting()
    stream(question(), saying(LONG), output_chain=RailChain([rail], POLICY))
    second = rail.texts[1]
    assert second.count(SENTENCE.strip()) >= 3


def test_a_sentence_with_a_dose_is_left_out_and_the_rest_shown() -> None:
    text = SENTENCE * 2 + DOSE + SENTENCE + "Se houver sangramento, vá à maternidade agora."
    parts, answer = stream(question("Tenho dor de cabeça, o que faço?"), saying(text))
    shown = "".join(parts)
    assert answer.outcome == "rewritten"
    assert "500 mg" not in shown
    assert "maternidade" in shown
    assert shown == answer.shown_text


def test_a_disclosure_is_answered_with_care_and_no_model_asked() -> None:
    chat = saying(LONG)
    parts, answer = stream(question("Quero morrer."), chat)
    assert (answer.outcome, chat.requests) == ("cared", [])
    assert "".join(parts) == answer.shown_text == CARE.care(("self_harm_disclosure",), "pt-BR")


@pytest.mark.parametrize("failure", [RailFailed("down"), ZeroDivisionError()])
def test_where_the_rails_fail_no_word_of_the_model_is_seen(failure: Exception) -> None:
    parts, answer = stream(question(), saying(LONG), output_chain=chain(failure))
    assert answer.outcome == "withheld"
    assert SENTENCE.strip() not in "".join(parts)


def test_an_answer_that_breaks_off_after_something_was_shown_ends_safely() -> None:
    seen: list[str] = []

    async def run() -> None:
        own = assistant(saying(LONG, breaks_off=True), MemoryLedger())
        async for part in own.stream(question()):
            assert isinstance(part, str)
            seen.append(part)

    with pytest.raises(ModelError):
        asyncio.run(run())
    assert seen[0].startswith("Beba")
    assert seen[-1].strip() == CARE.safe((), "pt-BR")


def test_a_rewriting_rail_that_names_no_part_withholds() -> None:
    _, answer = stream(question(), saying(LONG), output_chain=chain(Decision("rewrite", "stub", ("dose_in_answer",))))
    assert answer.outcome == "withheld"


def test_a_text_that_is_still_refused_after_rewriting_is_withheld() -> None:
    decision = Decision("rewrite", "stub", ("dose_in_answer",), spans=(Span(0, 10, "dose_in_answer"),))
    _, answer = stream(question(), saying(LONG), output_chain=chain(decision))
    assert answer.outcome == "withheld"


def test_who_stops_reading_leaves_the_answer_paid_and_recorded() -> None:
    ledger = MemoryLedger()

    async def run() -> None:
        own = assistant(saying(LONG), ledger)
        stream = own.stream(question())
        await anext(stream)
        await stream.aclose()
        await own.settled()

    asyncio.run(run())
    assert len(ledger.entries) == 1


def test_a_reader_that_is_cancelled_leaves_the_answer_paid_and_recorded() -> None:
    ledger = MemoryLedger()

    async def run() -> None:
        may = asyncio.Event()
        chat = saying(LONG, may=may)
        own = assistant(chat, ledger)

        async def read() -> None:
            async for _ in own.stream(question()):
                pass

        task = asyncio.create_task(read())
        await until(lambda: chat.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        may.set()
        await own.settled()

    asyncio.run(run())
    assert len(ledger.entries) == 1


def test_a_model_that_does_not_answer_leaves_her_the_numbers_to_call() -> None:
    seen: list[str] = []

    async def run() -> None:
        own = assistant(ScriptedChat(ChatFailed("The model cannot be reached.", "unreachable")), MemoryLedger())
        async for part in own.stream(question("to sangrando muito, socorro")):
            seen.append(part)  # noqa: PERF401  (what came before the error counts)

    with pytest.raises(ModelError):
        asyncio.run(run())
    assert seen == [CARE.safe((), "pt-BR", "unchecked")]


@pytest.mark.parametrize("blank", ["  \n", " \n\n", "\t\n"])
def test_a_mended_answer_is_not_shown_twice(blank: str) -> None:
    text = SENTENCE.strip() + blank + SENTENCE * 2 + DOSE + SENTENCE + "Se houver sangramento, vá à maternidade agora."
    parts, answer = stream(question("Tenho dor de cabeça, o que faço?"), saying(text))
    assert answer.outcome == "rewritten"
    assert "".join(parts).count("vá à maternidade agora") == 1
    assert "".join(parts).count(SENTENCE.strip()) == text.count(SENTENCE.strip())


def test_a_placeholder_is_never_cut_in_two() -> None:
    asked = question()
    asked = replace(asked, variables={**asked.variables, "first_name": "Joana"})
    parts, answer = stream(asked, saying(SENTENCE * 2 + "[NOME\n_1], beba água. " + SENTENCE))
    assert not [part for part in parts if part.rstrip().endswith("[NOME")]
    assert "".join(parts) == answer.shown_text


def named(text: str) -> tuple[list[str], Answer]:
    asked = question()
    return stream(replace(asked, variables={**asked.variables, "first_name": "Joana"}), saying(text))


@pytest.mark.parametrize(
    "opening", ["[x](http://evil.example/?a=", "<a href='http://evil.example/?a=", "[x](<http://e.org/"]
)
def test_no_name_is_put_into_an_address_that_comes_in_parts(opening: str) -> None:
    parts, answer = named(f"{SENTENCE}{opening}{SENTENCE * 6}[NOME_1]) '>Fim. {SENTENCE}")
    assert "Joana" not in "".join(parts)
    assert "".join(parts) == answer.shown_text


def test_what_was_streamed_is_what_the_answer_says_was_shown() -> None:
    parts, answer = named(f"[NOME_1], {SENTENCE * 3}Um abraço, [NOME_1]! {SENTENCE}")
    assert "".join(parts) == answer.shown_text
    assert answer.shown_text.count("Joana") == 2
    assert "Joana" not in answer.masked_text


def test_a_list_that_goes_takes_its_heading_along_and_nothing_is_said_twice() -> None:
    text = (
        f"{SENTENCE * 2}\n\n**Remédios que você pode usar em casa:**\n\n- Paracetamol 500 mg de 6 em 6 horas.\n"
        f"- Dipirona 1 g de 8 em 8 horas.\n\n{SENTENCE * 2}Se houver sangramento, vá à maternidade agora."
    )
    parts, answer = stream(question("Tenho dor de cabeça, o que faço?"), saying(text))
    shown = "".join(parts)
    assert answer.outcome == "rewritten"
    assert "em casa" not in shown
    assert shown.count(SENTENCE.strip()) == 4
    assert shown == answer.shown_text


class Unheard(Exception):
    """No failure of a chat model that anybody foresaw."""


def test_a_failure_of_any_kind_leaves_her_the_numbers_to_call() -> None:
    seen: list[str] = []

    async def run() -> None:
        async for part in assistant(ScriptedChat(Unheard()), MemoryLedger()).stream(question()):
            seen.append(part)  # noqa: PERF401  (what came before the error counts)

    with pytest.raises(Unheard):
        asyncio.run(run())
    assert seen == [CARE.safe((), "pt-BR", "unchecked")]


@pytest.mark.parametrize("way", ["breaks off", "is left"])
def test_a_helpline_that_she_has_read_has_a_person_told_however_the_stream_ends(way: str) -> None:
    shelf: list[str] = []

    class Told:
        async def hand_over(self, handover: Handover) -> str:
            shelf.append(handover.reason)
            return "told"

    text = f"Você não está sozinha: ligue 188 (CVV), a qualquer hora. {LONG}"
    rails = RailChain([], POLICY, first=[CareGiven()])

    async def run() -> None:
        chat = saying(text, breaks_off=way == "breaks off")
        own = assistant(chat, MemoryLedger(), output_chain=rails, desk=Told())
        async with aclosing(own.stream(question("tem uma corda na garagem"))) as parts:
            async for _ in parts:
                if way == "is left":
                    break
        await own.settled()

    if way == "breaks off":
        with pytest.raises(ModelError):
            asyncio.run(run())
    else:
        asyncio.run(run())
    assert shelf == ["care_in_answer"]


def test_who_leaves_while_the_whole_is_judged_leaves_it_paid_once() -> None:
    ledger = MemoryLedger()

    class Paid(Noting):
        async def judge(self, text: Text) -> Decision:
            if len(self.texts) > 1:
                is_whole.set()
                await has_left.wait()
            return replace(await super().judge(text), text_records=1)

    is_whole, has_left = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        own = assistant(saying(LONG), ledger, output_chain=RailChain([Paid()], POLICY))

        async def read() -> None:
            async for _ in own.stream(question()):
                pass

        task = asyncio.create_task(read())
        await is_whole.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        has_left.set()
        await own.settled()

    asyncio.run(run())
    purposes = [entry.purpose for entry in ledger.entries]
    assert purposes.count("assistant") == 1
    assert purposes.count("moderation") >= 2
