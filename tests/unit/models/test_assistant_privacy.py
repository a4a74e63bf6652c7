"""No model sees personal data, no answer names somebody whom the conversation does not know, and she reads her name."""

import asyncio
from dataclasses import replace

import pytest
from assistant_parts import GROUPS, LIBRARY, POLICY, REPLY, MemoryLedger, ScriptedChat, ask, assistant, question

from guardrails.chain import RailChain
from guardrails.clinical_terms import ClinicalTerms
from guardrails.personal_data import PersonalData, service_numbers
from matria.messages import Message
from models.assistant.conversation import Question
from models.assistant.memory import Conversation
from prompts.contacts import contact_variables

CPF = "529.982.247-25"
RAILS = RailChain([ClinicalTerms(GROUPS), PersonalData(service_numbers())], POLICY)


def sent(chat: ScriptedChat) -> str:
    return "\n".join(message.content for request in chat.requests for message in request.messages)


def test_what_she_says_of_herself_does_not_reach_the_model() -> None:
    chat = ScriptedChat()
    said = f"Meu nome é Joana Pereira da Silva, cpf {CPF}, telefone (11) 98765-4321. Posso comer peixe?"
    answer = ask(question(said), chat)
    for value in ("Joana", "Pereira", CPF, "98765"):
        assert value not in sent(chat)
        assert value not in str(answer.rendered)
    assert "Posso comer peixe?" in sent(chat)


def test_her_name_comes_back_in_what_she_reads_and_nowhere_else() -> None:
    chat = ScriptedChat(replace(REPLY, text="[NOME_1], beba água."))
    asked = question()
    asked = replace(asked, variables={**asked.variables, "first_name": "Joana"})
    answer = ask(asked, chat)
    assert answer.shown_text == "Joana, beba água."
    assert answer.model_text == "[NOME_1], beba água."
    assert "Joana" not in sent(chat)
    assert "[NOME_1]" in sent(chat)


def test_the_same_person_has_the_same_placeholder_throughout_a_conversation() -> None:
    talk = Conversation("c", LIBRARY.load("gestante/triagem", "pt-BR"), dict(contact_variables("US")), POLICY)
    chat = ScriptedChat()
    own = assistant(chat, MemoryLedger())
    for said in (f"Meu cpf é {CPF}, posso comer peixe?", f"Anota de novo o cpf: {CPF}. E queijo?"):
        talk.remember(asyncio.run(own.answer(talk.question(said, said[:8]))))
    assert sent(chat).count("[CPF_1]") == 3  # in the first question, in its history, in the second
    assert "[CPF_2]" not in sent(chat)
    assert CPF not in "".join(message.content for message in talk.history)


def test_an_earlier_turn_is_masked_where_no_conversation_did_it() -> None:
    chat = ScriptedChat()
    history = (Message("user", f"Meu cpf é {CPF}."), Message("assistant", "Obrigada."))
    ask(replace(question(), history=history), chat)
    assert CPF not in sent(chat)


def test_an_answer_that_names_somebody_unknown_is_masked() -> None:
    chat = ScriptedChat(replace(REPLY, text=f"Beba água e descanse bastante. A outra paciente tem o cpf {CPF}."))
    answer = ask(question(), chat, output_chain=RAILS)
    assert answer.outcome == "answered"
    assert answer.shown_text == "Beba água e descanse bastante. A outra paciente tem o cpf [CPF]."


@pytest.mark.parametrize("number", ["192", "188", "180"])
def test_the_services_numbers_are_given(number: str) -> None:
    text = f"Se houver sangramento, ligue {number} agora."
    assert ask(question(), ScriptedChat(replace(REPLY, text=text)), output_chain=RAILS).shown_text == text


def test_a_placeholder_that_she_types_is_nobodys() -> None:
    asked: Question = question("Qual é o [NOME_1]?")
    asked = replace(asked, variables={**asked.variables, "first_name": "Joana"})
    chat = ScriptedChat(replace(REPLY, text="Não sei."))
    ask(asked, chat)
    assert "Qual é o [NOME]?" in sent(chat)


def test_her_name_stays_masked_in_the_turns_that_follow() -> None:
    facts = {**contact_variables("US"), "first_name": "Luz"}
    talk = Conversation("c", LIBRARY.load("gestante/triagem", "pt-BR"), facts, POLICY)
    chat = ScriptedChat(replace(REPLY, text="Oi, [NOME_1]! Acenda a luz do quarto."))
    own = assistant(chat, MemoryLedger())
    for said in ("Oi", "Posso comer peixe?"):
        answer = asyncio.run(own.answer(talk.question(said, said)))
        talk.remember(answer)
        assert answer.shown_text == "Oi, Luz! Acenda a luz do quarto."
    assert "Luz" not in sent(chat)
    assert sent(chat).count("Oi, [NOME_1]! Acenda a luz do quarto.") == 1


def test_no_trace_of_langchain_sees_personal_data() -> None:
    from langchain_core.callbacks import AsyncCallbackHandler

    seen: list[str] = []

    class Tracer(AsyncCallbackHandler):
        async def on_chain_start(self, serialized: object, inputs: object, **_: object) -> None:
            seen.append(repr(inputs))

        async def on_chain_end(self, outputs: object, **_: object) -> None:
            seen.append(repr(outputs))

    own = assistant(ScriptedChat(replace(REPLY, text="[NOME_1], beba água.")), MemoryLedger())
    asked = replace(question(f"Meu nome é Joana Pereira, cpf {CPF}."), history=(Message("user", f"cpf {CPF}"),))
    asyncio.run(own.runnable.ainvoke(own.masked(asked), {"callbacks": [Tracer()]}))
    assert len(seen) > 10
    assert not [text for text in seen if CPF in text or "Joana" in text or "Pereira" in text]
