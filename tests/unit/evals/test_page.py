"""The page shows the worst cases side by side, in one pass, and nothing in it comes out of its place."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from comparison_rows import result, row, side
from report_parts import ATTACKS, attacked, inputs, pairs, parsed

from evals.page import page
from evals.page_cases import keep_worst
from evals.pairs import Pair
from evals.rows import AnswerError
from matria.messages import LOCALES, Locale, Message
from matria.policy import Policy


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_comes_out_of_its_place_in_the_page(attack: str, policy: Policy) -> None:
    base, head = attacked(attack)
    html = page(inputs(base, head, policy, facts={attack: attack}, command=attack), pairs(base, head))
    found = parsed(html)
    assert not {"img", "iframe", "form", "object", "base", "link"} & set(found.tags)
    assert found.tags.count("script") == html.count("<script") == 1
    assert found.unclosed == []
    assert found.comments == []
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    links = [value for name, value in found.attributes if name in ("href", "src")]
    assert links
    assert all(link and re.fullmatch(r"#[a-z0-9-]+", link) for link in links)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00\x1b]", html)


def test_the_policy_allows_the_page_s_own_script_and_nothing_else(policy: Policy) -> None:
    base, head = side("base", [True] * 6), side("head", [True] * 6)
    html = page(inputs(base, head, policy), pairs(base, head))
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    (allowed,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert allowed.startswith("default-src 'none';")
    assert f"script-src 'sha256-{digest}';" in allowed
    assert not re.search(r"https?://", html)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_shows_both_answers_and_what_failed(policy: Policy, locale: Locale) -> None:
    base, head = side("base", [True] * 6), side("head", [True] * 5 + [False])
    html = page(inputs(base, head, policy), pairs(base, head), locale)
    assert "Answer True." in html
    assert "Answer False." in html
    assert html.index("case-05.en") < html.index("case-00.en"), "what got worse comes first"
    assert f'<html lang="{locale}">' in html
    assert parsed(html).unclosed == []


def test_an_answer_that_did_not_come_is_shown_as_such(policy: Policy) -> None:
    base = side("base", [True] * 30)
    head = [*side("head", [True] * 29), row("case-29.en", [], error=AnswerError("ModelError", "<Away>"))]
    html = page(inputs(base, head, policy), pairs(base, head))
    assert "ModelError: &lt;Away&gt;" in html
    assert html.index("case-29.en") < html.index("case-00.en"), "what nobody knows stands above what is well"


def test_one_version_is_shown_alone_the_worst_first(policy: Policy) -> None:
    head = side("head", [True, False, True, True, True, True])
    made = inputs(head, head, policy)
    html = page(replace(made, verdict=None, base=None), pairs([], head))
    assert html.index("case-01.en") < html.index("case-00.en")
    assert "sides two" not in html
    assert "Before" not in html


def test_turns_before_the_question_are_shown(policy: Policy) -> None:
    head = [
        replace(
            row("a.en", [result("c", "tone", 5, True)]),
            messages=(
                Message("system", "Secret rule."),
                Message("user", "I bleed."),
                Message("assistant", "How much?"),
                Message("user", "A lot."),
            ),
        )
    ]
    html = page(inputs(head, head, policy), pairs(head, head))
    assert html.index("I bleed.") < html.index("How much?") < html.index("A lot.")
    assert "Secret rule." not in html


def test_the_worst_cases_are_kept_in_one_pass_and_the_rest_counted(policy: Policy) -> None:
    base, head = side("base", [True] * 40), side("head", [False] * 10 + [True] * 30)
    together = pairs(base, head)
    walked: list[str] = []

    def stream() -> Iterator[Pair]:
        for pair in reversed(together):
            walked.append(pair.key[1])
            yield pair

    html = page(inputs(base, head, policy), stream(), "en", 6)
    assert len(walked) == 40, "walked once"
    shown = re.findall(r'<details class="case.*?id="case-(\d\d)', html)
    assert shown == [f"{n:02}" for n in range(6)]
    assert "The 6 cases shown are the worst of 40. All answers are in results.jsonl" in html
    assert "Of those not shown 4 got worse, 0 got better, 4 failed something." in html


def test_a_case_is_found_by_what_it_is(policy: Policy) -> None:
    def states(base: list[bool | None], head: list[bool | None], never: bool = False) -> set[str]:
        rows = [
            [row("a.en", [result("c", "tone", 5, met, never)], side=name, epoch=n) for n, met in enumerate(graded)]
            for name, graded in (("base", base), ("head", head))
        ]
        (facts,) = keep_worst(pairs(*rows), 1).shown
        return set(facts.states)

    assert states([True], [True]) == set()
    assert states([True], [False]) == {"changed", "worse", "failed"}
    assert states([False], [True]) == {"changed", "better"}
    assert states([False], [False], never=True) == {"failed", "never"}
    assert states([True, True], [True, False]) == {"changed", "worse", "failed", "flaky"}
    assert states([True], [None]) == {"changed", "error"}


def test_a_criterion_to_avoid_is_avoided_or_happens(policy: Policy) -> None:
    rows = [[row("a.en", [result("waits", "tone", -5, met)], side=name)] for name, met in (("b", False), ("h", True))]
    html = page(inputs(*rows, policy), pairs(*rows))
    assert "✓ avoided" in html
    assert "✗ does it" in html


def test_the_same_rows_make_the_same_page_in_any_order(policy: Policy) -> None:
    base, head = side("base", [True] * 9), side("head", [True] * 4 + [False] * 5)
    made, together = inputs(base, head, policy), pairs(base, head)
    assert page(made, together) == page(made, reversed(together))
