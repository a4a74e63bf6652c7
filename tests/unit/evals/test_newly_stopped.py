"""Answers that a rail now stops are seen and block, however well the model wrote them."""

import json
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import pytest
from comparison_rows import result, row, shown, through_rails
from hypothesis import given
from hypothesis import strategies as st
from report_parts import inputs, pairs, rendered

from evals.comparison import compare
from evals.confirmation import CONFIRMATION_EPOCH
from evals.gate import Verdict, decide
from evals.junit import junit
from evals.page import page
from evals.pairs import paired
from evals.report import comment
from evals.rows import Row, with_criteria
from evals.shown import OUTCOMES, ShownCounter
from evals.verdictfile import verdict_as_dict
from evals.waivers import NO_WAIVERS, StoppedTarget, Waiver, Waivers
from evals.wording import wording
from matria.messages import Locale
from matria.policy import Policy
from models.assistant.conversation import Outcome

CASES = 40


def verdict(base: list[Row], head: list[Row], policy: Policy, waivers: Waivers = NO_WAIVERS) -> Verdict:
    return decide(compare(paired(base, head), policy), policy, waivers=waivers)


def sides(stopped: int, outcome: Outcome = "withheld", cases: int = CASES) -> tuple[list[Row], list[Row]]:
    """A base that answers all, and a head that stops the first of them."""
    return shown("base", ["answered"] * cases), shown("head", [outcome] * stopped + ["answered"] * (cases - stopped))


def codes(of: Verdict) -> list[str]:
    return [reason.code for reason in (*of.reasons, *of.notes)]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("withheld", "the model's answer was withheld (prompt_leak: system_prompt_in_answer)"),
        ("refused", "the question was stopped (injection: injection_override_instructions)"),
        ("unchecked", "not shown, since moderation did not answer (moderation: rail_failed)"),
    ],
)
def test_two_conversations_that_lose_their_answer_block_and_name_the_rail(
    policy: Policy, outcome: Outcome, said: str
) -> None:
    blocked = verdict(*sides(2, outcome), policy)
    assert (blocked.state, blocked.exit_code) == ("blocked", 20)
    assert blocked.comparison.quality.state == "unchanged", "the scores see nothing of it"
    assert blocked.sentences() == [
        "2 of 40 conversations were answered before and are not any more: the rails stop what she would have read; "
        "at most 1% may be.",
        f"Case case-00.en: {said}.",
        f"Case case-01.en: {said}.",
    ]


def test_one_conversation_is_named_and_does_not_block(policy: Policy) -> None:
    fine = verdict(*sides(1), policy)
    assert fine.state == "not_worse"
    assert [note.code for note in fine.notes[:2]] == ["newly_stopped_few", "stopped_answer"]


@pytest.mark.parametrize(("stopped", "state"), [(3, "not_worse"), (4, "blocked")])
def test_of_many_conversations_a_share_is_tolerated(policy: Policy, stopped: int, state: str) -> None:
    assert verdict(*sides(stopped, cases=300), policy).state == state


def test_twins_and_locales_of_a_case_are_one_conversation(policy: Policy) -> None:
    def rows(name: str, outcome: Outcome) -> list[Row]:
        found: list[Row] = []
        others: list[Outcome] = ["answered"] * 9
        for locale in ("en", "pt-BR", "pt-PT"):
            found += shown(name, [outcome, *others], locale=locale)
        return found

    one = verdict(rows("base", "answered"), rows("head", "withheld"), policy)
    assert one.comparison.newly_stopped.total == 3
    assert (one.comparison.newly_stopped.conversations, one.comparison.newly_stopped.asked) == (1, 10)
    assert one.state == "not_worse"


@pytest.mark.parametrize("before", ["withheld", "refused", "unchecked", "cared"])
def test_what_was_not_shown_before_is_not_newly_stopped(policy: Policy, before: Outcome) -> None:
    base, head = shown("base", [before] * 9), shown("head", ["withheld"] * 9)
    standing = verdict(base, head, policy)
    assert standing.comparison.newly_stopped.conversations == 0
    assert "stopped_share" in codes(standing), "and it is said how many nobody sees"


@pytest.mark.parametrize("after", ["rewritten", "cared"])
def test_an_answer_in_part_and_words_of_care_are_no_loss_here(policy: Policy, after: Outcome) -> None:
    assert verdict(*sides(9, after), policy).comparison.newly_stopped.total == 0


def test_what_is_answered_again_is_noted(policy: Policy) -> None:
    head, base = sides(5)
    found = verdict(base, [replace(r, key=f"other/{r.key}") for r in head], policy)
    assert found.state == "not_worse"
    assert "Stopped before and answered now: 5 conversations." in [n.sentence(wording("en")) for n in found.notes]


def test_a_case_that_rewards_a_refusal_may_be_stopped(policy: Policy) -> None:
    declines = replace(result("declines", "scope", 5, True), grader="check:refuses")
    base, head = ([with_criteria(r, (declines,)) for r in rows] for rows in sides(9))
    assert verdict(base, head, policy).comparison.newly_stopped.asked == 0
    unwanted = replace(declines, points=-5.0)
    base, head = ([with_criteria(r, (unwanted,)) for r in rows] for rows in sides(9))
    assert verdict(base, head, policy).comparison.newly_stopped.conversations == 9


def test_the_model_alone_and_the_rails_alone_show_nobody_anything(policy: Policy) -> None:
    alone = [[replace(r, answer=replace(r.answer, decisions=())) for r in rows if r.answer] for rows in sides(9)]
    rails = [[replace(r, prompt="guardrails.en") for r in rows] for rows in sides(9)]
    for base, head in (alone, rails):
        comparison = compare(paired(base, head), policy)
        assert comparison.newly_stopped.total == 0
        assert comparison.head.shown.outcomes == {}


def test_epochs_are_taken_together_and_confirmations_left_out(policy: Policy) -> None:
    def rows(name: str, outcomes: list[Outcome], first: int = 0) -> list[Row]:
        return [
            through_rails(row(f"case-{n}.en", [result("c", "tone", 5, True)], side=name, epoch=first + epoch), outcome)
            for n in range(9)
            for epoch, outcome in enumerate(outcomes)
        ]

    base = rows("base", ["answered", "answered", "withheld"])
    mostly = rows("head", ["withheld", "answered", "answered"]) + rows("head", ["withheld"] * 3, CONFIRMATION_EPOCH)
    assert compare(paired(base, mostly), policy).newly_stopped.total == 0
    seldom = rows("head", ["withheld", "answered", "withheld"])
    assert compare(paired(base, seldom), policy).newly_stopped.total == 9


@given(st.lists(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=3), min_size=1, max_size=9))
def test_a_head_that_is_its_base_is_never_blocked_by_it(policy: Policy, outcomes: list[list[Outcome]]) -> None:
    rows = [
        through_rails(row(f"case-{n}.en", [result("c", "tone", 5, True)], epoch=epoch), outcome)
        for n, own in enumerate(outcomes)
        for epoch, outcome in enumerate(own)
    ]
    same = verdict(rows, rows, policy)
    assert same.comparison.newly_stopped.total == same.comparison.newly_stopped.answered_again == 0
    assert same.state == "not_worse"


def test_a_waiver_lets_its_case_through_and_no_other(policy: Policy) -> None:
    def waived(*cases: str) -> Waivers:
        day = date(2026, 12, 1)
        return Waivers(tuple(Waiver(StoppedTarget(case), "@team", "Terms change.", day) for case in cases))

    passed = verdict(*sides(3), policy, waived("case-00", "case-01.en"))
    assert (passed.state, len(passed.waived)) == ("not_worse", 2)
    assert "@team accepts until 2026-12-01 that the answer of case case-00 is stopped." in passed.sentences()[0]
    assert passed.comparison.newly_stopped.conversations == 3, "the report still shows it"
    assert "newly_stopped_few" in codes(passed), "the third is named"
    assert verdict(*sides(3), policy, waived("case-02")).state == "blocked"


def test_every_output_names_what_is_stopped(policy: Policy) -> None:
    base, head = sides(2)
    made = inputs(base, head, policy)
    assert made.verdict is not None
    text = rendered(comment(made)).text
    assert "What she would see: 40 → 38 answers, 0 care, 0 refused, 0 → 2 withheld, 0 rewritten, 0 unchecked." in text
    html = page(made, pairs(base, head))
    assert "0 → 2 withheld" in html
    assert html.count("the model&#39;s answer was withheld: prompt_leak: system_prompt_in_answer") == 2
    assert html.index('id="case-00') < html.index('id="case-02'), "what is no longer shown comes first"
    assert html.count('<span class="tag bad">no longer shown</span>') == 2

    _, cases = ElementTree.fromstring("".join(junit(iter(head), made.verdict))).findall("testsuite")
    failures = cases.findall("testcase/failure")
    assert [failure.get("message") for failure in failures] == ["prompt_leak: system_prompt_in_answer"] * 2

    data = json.loads(json.dumps(verdict_as_dict(made.verdict)))
    assert data["newly_stopped"]["conversations"] == 2
    assert data["newly_stopped"]["answers"][0]["stopped_by"] == "prompt_leak: system_prompt_in_answer"
    assert data["head"]["shown"]["outcomes"]["withheld"] == 2


@pytest.mark.parametrize("locale", ["en", "pt-BR", "pt-PT"])
def test_it_is_said_in_every_language(policy: Policy, locale: Locale) -> None:
    for stopped in (1, 9):
        found = verdict(*sides(stopped), policy)
        sentences = [reason.sentence(wording(locale)) for reason in (*found.reasons, *found.notes)]
        assert all("{" not in sentence for sentence in sentences)
        assert "→" in comment(inputs(*sides(stopped), policy), locale)


def test_the_counts_are_in_the_order_in_which_they_are_said() -> None:
    counter = ShownCounter()
    for of in shown("head", ["withheld", "answered", "cared"]):
        counter.add(of)
    assert tuple(counter.counts().outcomes) == OUTCOMES
    assert (counter.counts().stopped, counter.counts().answers) == (1, 3)
