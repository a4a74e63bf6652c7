"""What Azure's levels and blocklist hits become, over real HTTP."""

from collections.abc import Sequence
from typing import Any

import pytest

from guardrails.base import Decision, RailFailed, Text
from guardrails.blocklists import load_blocklists
from guardrails.chain import RailChain
from guardrails.content_safety.failures import CallFailed
from guardrails.content_safety.moderator import AzureModerator
from guardrails.term_groups import TermGroup
from matria.policy import Policy
from tests.unit.guardrails.content_safety.double import Double, Say, asking, body, levels, raw, refusing, with_budget
from tests.virtual_time import LONG_S

ASKED = Text("Posso comer peixe?", "user", "pt-BR")
ANSWERED = Text("Pode, bem cozido.", "assistant", "pt-BR")
CLINICAL = "Depois do parto, a vagina pode ficar seca."


@pytest.fixture
def made(groups: Sequence[TermGroup], policy: Policy) -> Any:
    return lambda service: AzureModerator(service, groups, policy, load_blocklists())


async def judged(made: Any, text: Text, *says: Say) -> tuple[Decision, Double]:
    async with asking(*says) as (double, service):
        return await made(service).judge(text), double


async def test_all_levels_are_asked_for_and_kept(made: Any) -> None:
    decision, double = await judged(made, ASKED, levels(Hate=1, SelfHarm=2, Sexual=3, Violence=5))
    assert decision == Decision(
        "allow", "content_safety", levels={"hate": 1, "self_harm": 2, "sexual": 3, "violence": 5}, text_records=1
    )
    assert double.asked[0].body == {
        "text": ASKED.content,
        "categories": ["Hate", "SelfHarm", "Sexual", "Violence"],
        "outputType": "EightSeverityLevels",
    }


async def test_the_assistant_is_held_to_its_own_thresholds_and_lists(made: Any) -> None:
    decision, double = await judged(made, ANSWERED, levels(Violence=5))
    assert (decision.action, decision.reasons) == ("refuse", ("violence_level_5",))
    assert "matria-demeaning-pt" in double.asked[0].body["blocklistNames"]
    assert double.asked[0].body["haltOnBlocklistHit"] is False


async def test_self_harm_of_a_user_escalates_whatever_else_the_text_holds(made: Any) -> None:
    decision, _ = await judged(made, ASKED, levels(("matria-x",), SelfHarm=6, Hate=7))
    assert decision.action == "escalate"


async def test_a_hit_stops_a_text_although_no_category_follows_it(made: Any) -> None:
    hit = {"blocklistsMatch": [{"blocklistName": "matria-demeaning-pt"}], "categoriesAnalysis": []}
    decision, _ = await judged(made, ANSWERED, body(hit))
    assert (decision.action, decision.reasons) == ("refuse", ("blocklist_matria_demeaning_pt",))


async def test_a_word_alone_never_refuses_a_woman(made: Any) -> None:
    decision, _ = await judged(made, ASKED, levels(("matria-x",)))
    assert decision.action == "human"


async def test_to_staff_nothing_is_withheld(made: Any) -> None:
    text = Text("Relato da paciente", "assistant", "pt-BR", "staff")
    decision, _ = await judged(made, text, levels(("matria-x",), Violence=7))
    assert (decision.action, decision.reasons) == ("allow", ("violence_level_7", "blocklist_matria_x"))


@pytest.mark.parametrize(
    ("content", "direction", "level", "action"),
    [
        (CLINICAL, "assistant", 5, "allow"),
        (CLINICAL, "assistant", 6, "refuse"),
        (CLINICAL, "user", 6, "allow"),
        (CLINICAL, "user", 7, "refuse"),
        ("Uma história qualquer.", "assistant", 5, "refuse"),
        ("Uma história qualquer.", "user", 6, "refuse"),
    ],
)
async def test_clinical_context_is_weighed_before_a_sexual_level_blocks(
    made: Any, content: str, direction: Any, level: int, action: str
) -> None:
    decision, _ = await judged(made, Text(content, direction, "pt-BR"), levels(Sexual=level))
    assert decision.action == action
    assert decision.levels["sexual"] == level
    assert decision.reasons


async def test_clinical_context_excuses_nothing_but_the_sexual_level(made: Any) -> None:
    decision, _ = await judged(made, Text(CLINICAL, "assistant", "pt-BR"), levels(Sexual=5, Violence=5))
    assert decision.action == "refuse"


async def test_a_long_text_is_judged_in_parts_and_the_severest_counts(made: Any) -> None:
    text = Text("palavra " * 2_600, "assistant", "pt-BR")
    decision, double = await judged(made, text, levels(Hate=1, Violence=4), levels(("matria-x",), Hate=3), levels())
    assert "".join(sorted((asked.body["text"] for asked in double.asked), key=len, reverse=True)) == text.content
    assert (decision.levels["hate"], decision.levels["violence"]) == (3, 4)
    assert decision.reasons == ("violence_level_4", "blocklist_matria_x")
    assert decision.text_records == 10 + 10 + 1


async def test_a_part_that_fails_fails_the_text_and_what_was_billed_is_told(made: Any) -> None:
    with pytest.raises(CallFailed) as caught:
        await judged(made, Text("palavra " * 2_000, "user", "pt-BR"), levels(), refusing(400))
    assert caught.value.text_records in (6, 10)


async def test_a_text_beyond_any_message_is_not_sent(made: Any) -> None:
    with pytest.raises(CallFailed, match="max_parts"):
        await judged(made, Text("x" * 200_001, "user", "pt-BR"), levels())


async def test_half_an_emoji_does_not_cost_a_woman_her_answer(made: Any) -> None:
    decision, double = await judged(made, Text("Obrigada \ud83e", "user", "pt-BR"), levels())
    assert (decision.action, double.asked[0].body["text"]) == ("allow", "Obrigada \ufffd")


async def test_a_blank_text_passes_unasked(made: Any) -> None:
    decision, double = await judged(made, Text(" \n", "user", "pt-BR"), levels())
    assert (decision.action, decision.text_records, double.asked) == ("allow", 0, [])


UNREADABLE: dict[str, Say] = {
    "nothing": body({}),
    "a list": body([1]),
    "a word": body("allow"),
    "null": body(None),
    "no categories": body({"blocklistsMatch": []}),
    "categories null": body({"categoriesAnalysis": None}),
    "categories empty": body({"blocklistsMatch": [], "categoriesAnalysis": []}),
    "one missing": body(
        {"categoriesAnalysis": [{"category": c, "severity": 0} for c in ("Hate", "Sexual", "SelfHarm")]}
    ),
    "one twice": body({"categoriesAnalysis": [{"category": "Hate", "severity": 0}] * 4}),
    "one unknown": levels(Weather=0),
    "a level missing": body({"categoriesAnalysis": [{"category": "Hate"}]}),
    "a level too high": levels(Hate=8),
    "a level below none": levels(Hate=-1),
    "a level that is true": levels(Hate=True),
    "a level in words": levels(Hate="low"),  # type: ignore[arg-type]
    "a level of a fraction": levels(Hate=1.5),  # type: ignore[arg-type]
    "a hit without a name": body({"blocklistsMatch": [{}], "categoriesAnalysis": []}),
    "hits that are no list": body({"blocklistsMatch": "x", "categoriesAnalysis": []}),
    "malformed": raw('{"categoriesAnalysis": ['),
    "a redirect's status": body({}, status=204),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_cannot_be_read_is_a_failure_and_never_a_clean_text(made: Any, policy: Policy, name: str) -> None:
    async with asking(UNREADABLE[name]) as (_, service):
        chain = RailChain([made(service)], with_budget(policy, LONG_S))
        assert (await chain.judge(ANSWERED)).action == "refuse"
        asked = await chain.judge(ASKED)
    assert (asked.action, asked.failures) == ("human", 1)


async def test_a_ping_says_which_lists_the_service_lacks(made: Any) -> None:
    names = [each.name for each in load_blocklists().lists]
    async with asking(body({"value": [{"blocklistName": name} for name in names]})) as (double, service):
        assert double.url in await made(service).ping()
    async with asking(body({"value": [{"blocklistName": name} for name in names[1:]]})) as (_, service):
        with pytest.raises(RailFailed, match=f"{names[0]}: run `matria guardrails sync`"):
            await made(service).ping()
