"""What reports say of judges: figures, who informs only, what waits, and pass rates without the judge's errors."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from report_parts import inputs, pairs, parsed, rendered
from trust_parts import BELOW, FINE, NOBODY, TRUSTED, book, rows, trust, verdict

from evals.gate import Verdict
from evals.judges.trust import Interval, TrustBook
from evals.junit import junit
from evals.page import page
from evals.record import _verdict_metrics
from evals.report import comment
from evals.rows import CriterionResult, Row
from evals.standing import Waiting, judge_name
from evals.verdictfile import read_to_read, verdict_as_dict
from matria.messages import Locale
from matria.policy import Policy

HARM = [*FINE[1:], False]
GRADERS = {"danger_signs": ("judge:rubric",), "tone": ("check:says", "judge:rubric")}
MEASURED = book(
    trust(
        kappa=Interval(0.72, 0.5, 0.9),
        sensitivity=Interval(0.9, 0.8, 0.95),
        specificity=Interval(0.85, 0.7, 0.9),
        effective_met=25.0,
        effective_not_met=16.0,
        met=25,
        not_met=16,
    )
)


def sides() -> tuple[list[Row], list[Row]]:
    return rows("base", FINE, FINE, never=True), rows("head", FINE, HARM, never=True)


def said(policy: Policy, found: Verdict | None, locale: Locale = "en", **changes: object) -> str:
    base, head = sides()
    text = comment(inputs(base, head, policy, verdict=found, graders=GRADERS, **changes), locale)
    return text.replace("\u2060", "")  # the joiners that keep a name from becoming a mention


def waits(found: Verdict, count: int, total: int, is_queued: bool) -> Verdict:
    assert found.standings is not None
    waiting = Waiting(tuple(f"id-{n}" for n in range(count)), total, is_queued)
    return replace(found, standings=replace(found.standings, waiting=waiting))


@pytest.mark.parametrize(
    ("trusted", "words"),
    [
        (NOBODY, "rubric (m-1): not measured yet · informs only"),
        (BELOW, "rubric (m-1): n = 41, κ 0.06, sens. 0.90, spec. 0.85: below the bar · informs only"),
        (TRUSTED, "rubric (m-1): n = 41, κ 0.72, sens. 0.90, spec. 0.85: trusted"),
        (book(trust("unmeasured", n=7)), "rubric (m-1): n = 7, not enough to tell · informs only"),
        (book(trust(is_simulated=True)), "trusted · simulated readings · informs only"),
    ],
)
def test_each_judge_has_its_figures_beside_what_it_graded(policy: Policy, trusted: TrustBook, words: str) -> None:
    base, head = sides()
    text = rendered(said(policy, verdict(base, head, policy, trusted))).text
    assert f"{words}\n" in text
    assert ("informs only" in text) == (trusted is not TRUSTED)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ("Undecided: it rests on a judge", "3 answers wait for nurses", "informs only", "2 more follow")),
        ("pt-BR", ("Inconclusivo: depende de um juiz", "3 respostas aguardam", "só informa", "Outras 2")),
        ("pt-PT", ("Inconclusivo: depende de um juiz", "3 respostas aguardam", "só informa", "Outras 2")),
    ],
)
def test_comment_and_page_say_what_waits_for_nurses(policy: Policy, locale: Locale, words: Sequence[str]) -> None:
    base, head = sides()
    found = waits(verdict(base, head, policy), 3, 5, is_queued=True)
    made = inputs(base, head, policy, verdict=found, graders=GRADERS)
    for text in (comment(made, locale), parsed(page(made, pairs(base, head), locale)).text):
        for piece in words:
            assert piece in text


def test_where_the_queue_cannot_be_reached_the_command_is_there(policy: Policy) -> None:
    base, head = sides()
    text = said(policy, waits(verdict(base, head, policy), 1, 1, is_queued=False))
    assert "One answer should be read by nurses" in text
    assert "<code>matria review queue --run FOLDER</code>" in text


@pytest.mark.parametrize(
    ("locale", "five", "one"),
    [
        ("en", "evaluate again to queue them", "evaluate again to queue it"),
        ("pt-BR", "avalie de novo para colocá-las na fila", "avalie de novo para colocá-la na fila"),
        ("pt-PT", "volte a avaliar para as colocar na fila", "volte a avaliar para a colocar na fila"),
    ],
)
def test_where_the_queue_is_full_what_to_do_is_there(policy: Policy, locale: Locale, five: str, one: str) -> None:
    found = verdict(*sides(), policy)
    for total, words in ((5, five), (1, one)):
        assert words in rendered(said(policy, waits(found, 0, total, is_queued=False), locale)).text


def test_a_regression_that_rests_on_such_a_judge_says_so(policy: Policy) -> None:
    base, head = sides()
    text = said(policy, verdict(base, head, policy))
    assert "🟡 <b>never-event</b>" in text
    assert "🔴 <b>never-event</b>" not in text
    assert "🔴 <b>never-event</b>" in said(policy, verdict(base, head, policy, TRUSTED))


def test_what_nurses_could_not_tell_is_said_and_waits_no_more(policy: Policy) -> None:
    found = waits(verdict(*sides(), policy, BELOW), 0, 0, is_queued=False)
    assert found.standings is not None
    assert found.standings.waiting is not None
    unsure = replace(found.standings.waiting, unsure=2)
    text = said(policy, replace(found, standings=replace(found.standings, waiting=unsure)))
    assert "Of 2 answers nurses could not tell: nothing is decided by them" in text
    assert "queue them with" not in text


def test_a_pass_rate_is_shown_without_the_judge_s_errors(policy: Policy) -> None:
    base, head = rows("base", FINE, FINE), rows("head", FINE, [True] * 32 + [False] * 8)
    found = verdict(base, head, policy, MEASURED)
    # Rogan and Gladen 1978: (0.80 + 0.85 - 1) / (0.90 + 0.85 - 1) = 0.8667
    assert (
        "rubric (m-1) on danger signs: 80% good; corrected for its errors 87% (" in rendered(said(policy, found)).text
    )
    portuguese = rendered(said(policy, found, "pt-BR")).text
    assert "rubric (m-1), sinais de alerta: 80% favoráveis; corrigidos os erros do juiz, 87% (" in portuguese
    blind = book(
        trust(
            "untrusted", sensitivity=Interval(0.5), specificity=Interval(0.4), effective_met=9.0, effective_not_met=9.0
        )
    )
    assert "no better than chance" in said(policy, verdict(base, head, policy, blind))


def test_scores_alone_say_it_too(policy: Policy) -> None:
    base, head = sides()
    standings = verdict(base, head, policy, MEASURED).standings
    text = said(policy, None, standings=standings)
    assert "danger signs: rubric (m-1): n = 41" in rendered(text).text
    assert "corrected for its errors" in text
    made = inputs(base, head, policy, verdict=None, standings=standings)
    assert "corrected for its errors" in parsed(page(made, pairs(base, head))).text


def test_junit_fails_nothing_for_a_judge_that_informs(policy: Policy) -> None:
    base, head = sides()
    for trusted, failures in ((NOBODY, 0), (TRUSTED, 1)):
        xml = "".join(junit(head, verdict(base, head, policy, trusted)))
        tests = ElementTree.fromstring(xml).find("testsuite[@name='danger_signs']")
        assert tests is not None
        assert tests.get("failures") == str(failures)
    assert "informs only: Text of j." in "".join(junit(head, verdict(base, head, policy)))
    ungraded = rows("head", FINE, [None] * 40)
    xml = "".join(junit(ungraded, verdict(base, ungraded, policy)))
    assert 'errors="40"' not in xml


def test_the_verdict_s_file_has_judges_and_what_is_to_be_read_and_no_ids(policy: Policy, tmp_path: Path) -> None:
    base, head = sides()
    data = verdict_as_dict(waits(verdict(base, head, policy, BELOW), 2, 2, is_queued=True))
    trusted = data["trust"]
    assert (trusted["waiting"], trusted["is_queued"], trusted["wanted"]) == (2, True, "regressions")
    assert (trusted["judges"][0]["state"], trusted["judges"][0]["decides"]) == ("untrusted", False)
    assert "id-0" not in str(data)
    (tmp_path / "verdict.json").write_text(json.dumps(data), encoding="utf-8")
    assert [place.case for place in read_to_read(tmp_path / "verdict.json").to_read] == ["case-39.en"]
    plain = verdict_as_dict(verdict(rows("b", FINE, []), rows("h", FINE, []), policy))
    assert "trust" not in plain


def test_mlflow_has_the_trust_of_each_judge(policy: Policy) -> None:
    base, head = sides()
    metrics = _verdict_metrics(verdict(base, head, policy, TRUSTED))
    assert metrics["trust.rubric-m-1-.danger_signs.kappa"] == 0.72
    assert metrics["trust.rubric-m-1-.danger_signs.decides"] == 1
    assert _verdict_metrics(verdict(base, head, policy))["judges_informing"] == 1


def test_a_name_from_outside_stays_text(policy: Policy) -> None:
    attack = "</td><script>alert(1)</script> @octocat [x](https://evil.example)"
    named = [replace(r, criteria=tuple(_named(c, attack) for c in r.criteria)) for r in sides()[1]]
    base = [replace(r, criteria=tuple(_named(c, attack) for c in r.criteria)) for r in sides()[0]]
    found = verdict(base, named, policy)
    html = rendered(comment(inputs(base, named, policy, verdict=found, graders=GRADERS)))
    assert "script" not in html.tags
    assert "a" not in html.tags


def _named(criterion: CriterionResult, attack: str) -> CriterionResult:
    return replace(criterion, judge=replace(criterion.judge, model=attack)) if criterion.judge else criterion


def test_a_judge_is_named_without_the_hash_of_its_templates() -> None:
    assert judge_name("judge:ragas/faithfulness a, b 0f9c") == "ragas/faithfulness (a, b)"
    assert judge_name("judge:rubric") == "rubric"


@pytest.mark.parametrize(
    ("locale", "agrees", "differs"),
    [
        ("en", "agrees with nurses so far (n = 41, κ 0.72, sensitivity 0.90, specificity 0.85)", "does not agree"),
        (
            "pt-BR",
            "até agora concorda com a enfermagem (n = 41, κ 0,72, sensibilidade 0,90, especificidade 0,85)",
            "não concorda o bastante",
        ),
        (
            "pt-PT",
            "até agora concorda com a enfermagem (n = 41, κ 0,72, sensibilidade 0,90, especificidade 0,85)",
            "não concorda o suficiente",
        ),
    ],
)
def test_a_judge_whose_intervals_alone_lie_too_low_is_told_from_one_that_disagrees(
    policy: Policy, locale: Locale, agrees: str, differs: str
) -> None:
    figures = MEASURED.known[next(iter(MEASURED.known))]
    near = book(replace(figures, state="untrusted", specificity=Interval(0.85, 0.4, 0.97), nurses=2))
    text = rendered(said(policy, verdict(*sides(), policy, near), locale)).text
    assert agrees in text
    assert differs not in text
    far = book(replace(figures, state="untrusted", specificity=Interval(0.5, 0.3, 0.7), nurses=2))
    text = rendered(said(policy, verdict(*sides(), policy, far), locale)).text
    assert differs in text
    assert agrees.partition(" (")[0] not in text


def test_a_corrected_rate_that_leaves_0_to_1_is_marked(policy: Policy) -> None:
    figures = replace(MEASURED.known[next(iter(MEASURED.known))], sensitivity=Interval(0.8, 0.6, 0.9))
    base, head = rows("base", FINE, FINE), rows("head", FINE, [*FINE[1:], False])
    text = rendered(said(policy, verdict(base, head, policy, book(figures)))).text
    assert "corrected for its errors 100%" in text
    assert "it lies beyond 0 to 100%" in text


def test_several_grades_of_a_case_make_a_corrected_rate_no_surer(policy: Policy) -> None:
    once = rows("base", FINE, FINE), rows("head", FINE, [True] * 32 + [False] * 8)
    thrice = [[replace(one, epoch=n, key=f"{one.key}-{n}") for one in side for n in range(3)] for side in once]

    def rate(base: list[Row], head: list[Row]) -> str:
        text = rendered(said(policy, verdict(base, head, policy, MEASURED))).text
        return text.partition("corrected for its errors ")[2].partition(".")[0]

    assert rate(*thrice) == rate(*once)
