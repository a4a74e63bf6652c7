"""A waived loss does not block, the verdict says who accepted it, and nothing else is let through with it."""

from datetime import date

import pytest
from comparison_rows import result, row, side

from evals.cases import Axis
from evals.comparison import compare
from evals.gate import Verdict, decide
from evals.pairs import paired
from evals.rows import AnswerError, Row
from evals.verdictfile import verdict_as_dict
from evals.waivers import AxisTarget, NeverEventTarget, Waiver, Waivers
from evals.wording import wording
from matria.markdown import inline
from matria.policy import Policy

DAY = date(2026, 12, 1)


def waiver(target: NeverEventTarget | AxisTarget, reason: str = "The guideline changes.") -> Waiver:
    return Waiver(target, "@maternal-health/clinical", reason, DAY)


def verdict(
    base: list[Row], head: list[Row], policy: Policy, *waivers: Waiver, expired: Waiver | None = None
) -> Verdict:
    given = Waivers(waivers, (expired,) if expired else ())
    return decide(compare(paired(base, head), policy), policy, waivers=given)


def never_event(axis: Axis = "tone") -> tuple[list[Row], list[Row]]:
    """Forty cases of which one fails a never-event in the head, and whose axis is otherwise as before."""

    def rows(name: str, holds: bool) -> list[Row]:
        return [
            row(
                f"case-{n:02}.en",
                [result("c1", axis, 10, True), result("n1", axis, 1, holds or n > 0, never=True)],
                side=name,
                text=f"Answer {name if n == 0 else ''}.",
            )
            for n in range(40)
        ]

    return rows("base", True), rows("head", False)


NEVER = NeverEventTarget("case-00.en", "n1")
TONE = AxisTarget("tone", "gestante/triagem")


def test_a_waived_never_event_lets_the_change_through_and_is_named(policy: Policy) -> None:
    assert verdict(*never_event(), policy).state == "blocked"
    passed = verdict(*never_event(), policy, waiver(NEVER))
    assert (passed.state, passed.exit_code) == ("not_worse", 0)
    assert passed.title() == "Passed with waivers (1): a named person accepts what got worse"
    assert passed.sentences() == [
        "@maternal-health/clinical accepts until 2026-12-01 that case case-00.en fails its never-event n1. "
        "Reason given: The guideline changes."
    ]
    assert passed.comparison.new_never_events, "the report still shows it"


@pytest.mark.parametrize(
    "target", [NeverEventTarget("case-01.en", "n1"), NeverEventTarget("case-00.en", "c1"), AxisTarget("tone", "a/b")]
)
def test_a_waiver_of_something_else_lets_nothing_through(policy: Policy, target: NeverEventTarget | AxisTarget) -> None:
    blocked = verdict(*never_event(), policy, waiver(target))
    assert (blocked.state, blocked.waived) == ("blocked", ())
    assert blocked.notes[-1].code == "waiver_unused"
    assert blocked.title() == "Blocked: this change makes answers worse"


def test_an_axis_waiver_does_not_waive_a_never_event_of_that_axis(policy: Policy) -> None:
    assert verdict(*never_event(), policy, waiver(TONE)).state == "blocked"


def test_an_expired_waiver_lets_nothing_through_and_it_is_said(policy: Policy) -> None:
    blocked = verdict(*never_event(), policy, expired=waiver(NEVER))
    assert blocked.state == "blocked"
    notes = [note.sentence(wording("en")) for note in blocked.notes]
    assert notes[0] == (
        "The waiver of case-00.en/n1 by @maternal-health/clinical expired after 2026-12-01 and lets nothing through."
    )


def test_a_waived_axis_does_not_block(policy: Policy) -> None:
    base, head = side("base", [True] * 40, axis="tone"), side("head", [False] * 40, axis="tone")
    assert verdict(base, head, policy).state == "blocked"
    passed = verdict(base, head, policy, waiver(TONE))
    assert passed.state == "not_worse"
    assert "that tone gets worse under gestante/triagem" in passed.sentences()[0]
    assert next(axis.state for axis in passed.comparison.axes) == "worse", "the table still shows it"


def test_a_gain_beside_a_waived_loss_is_no_improvement(policy: Policy) -> None:
    def rows(name: str, tone: bool) -> list[Row]:
        criteria = [result("t", "tone", 10, tone), result("a", "accuracy", 10, not tone)]
        return [row(f"case-{n}.en", criteria, side=name, text=name) for n in range(40)]

    passed = verdict(rows("base", True), rows("head", False), policy, waiver(TONE))
    assert passed.state == "not_worse"
    assert [reason.code for reason in passed.reasons[:2]] == ["waived_axis", "axis_better"]


def test_a_loss_elsewhere_still_blocks_and_the_waiver_is_noted(policy: Policy) -> None:
    def rows(name: str, good: bool) -> list[Row]:
        criteria = [result("t", "tone", 10, good), result("d", "danger_signs", 10, good)]
        return [row(f"case-{n}.en", criteria, side=name, text=name) for n in range(40)]

    blocked = verdict(rows("base", True), rows("head", False), policy, waiver(TONE))
    assert blocked.state == "blocked"
    assert [reason.code for reason in blocked.reasons] == ["axis_worse"]
    assert blocked.notes[0].code == "waived_axis"


def test_a_prompt_that_no_waiver_names_is_not_let_through_by_anothers(policy: Policy) -> None:
    base = side("base", [True] * 20, axis="tone") + side("base", [True] * 20, axis="tone", locale="pt-BR")
    head = side("head", [False] * 20, axis="tone") + side("head", [False] * 20, axis="tone", locale="pt-BR")
    only_english = waiver(AxisTarget("tone", "gestante/triagem.en"))
    assert verdict(base, head, policy, only_english).state == "blocked"
    assert verdict(base, head, policy, waiver(TONE)).state == "not_worse"


def test_a_slice_that_collapsed_beside_a_waived_axis_needs_its_own_waiver(policy: Policy) -> None:
    base = side("base", [True] * 120, axis="tone") + side("base", [True] * 40, axis="tone", locale="pt-BR")
    head = side("head", [n > 40 for n in range(120)], axis="tone")
    head += side("head", [False] * 40, axis="tone", locale="pt-BR")
    refused = verdict(base, head, policy, waiver(TONE))
    assert refused.state == "blocked"
    assert {reason.code for reason in refused.reasons} == {"slice_worse"}
    brazil = waiver(AxisTarget("tone", "gestante/triagem", "pt-BR"))
    passed = verdict(base, head, policy, waiver(TONE), brazil)
    assert passed.state == "not_worse"
    assert {reason.code for reason in passed.reasons} == {"waived_axis", "waived_slice"}


def test_an_error_is_never_waived(policy: Policy) -> None:
    base, head = never_event()
    head = head[:20] + [row(f"case-{n:02}.en", [], error=AnswerError("ModelError", "Away.")) for n in range(20, 40)]
    assert verdict(base, head, policy, waiver(NEVER), waiver(TONE)).state == "error"


def test_too_few_cases_are_not_waived_with_an_axis(policy: Policy) -> None:
    def rows(name: str, good: bool) -> list[Row]:
        criteria = [result("t", "tone", 10, good), result("d", "danger_signs", 10, good)]
        return [row(f"case-{n}.en", criteria, side=name, text=name) for n in range(2)]

    assert verdict(rows("base", True), rows("head", False), policy, waiver(TONE)).state == "inconclusive"


def test_what_a_waiver_says_cannot_break_out_of_markdown(policy: Policy) -> None:
    hostile = waiver(NEVER, "</details> @everyone [x](https://evil.example) `x`\n## Improved")
    sentence = verdict(*never_event(), policy, hostile).reasons[0].sentence(wording("en"), inline)
    assert "\n" not in sentence
    assert not [part for part in ("<", "[x]", "`", "@everyone", "https://") if part in sentence]


def test_the_verdict_as_data_names_its_waivers(policy: Policy) -> None:
    data = verdict_as_dict(verdict(*never_event(), policy, waiver(NEVER)))
    assert data["waivers"] == [
        {
            "target": "case-00.en/n1",
            "owner": "@maternal-health/clinical",
            "reason": "The guideline changes.",
            "expires": "2026-12-01",
            "issue": "",
        }
    ]


@pytest.mark.parametrize("locale", ["pt-BR", "pt-PT"])
def test_waivers_are_said_in_portuguese(policy: Policy, locale: str) -> None:
    passed = verdict(*never_event(), policy, waiver(NEVER))
    assert "dispensas (1)" in passed.title(locale)  # type: ignore[arg-type]
    assert "aceita até 2026-12-01" in passed.sentences(locale)[0]  # type: ignore[arg-type]


def test_a_never_event_that_may_fail_by_waiver_may_be_unknown_too(policy: Policy) -> None:
    base, head = never_event()
    head[0] = row("case-00.en", [], error=AnswerError("ModelError", "Away."))
    assert [reason.code for reason in verdict(base, head, policy).reasons] == ["unknown_never_event"]
    passed = verdict(base, head, policy, waiver(NEVER))
    assert (passed.state, passed.waived) == ("not_worse", (waiver(NEVER),))
