"""The comment says what was decided, and nothing in it comes out of its place."""

import re
from dataclasses import fields, replace

import pytest
from comparison_rows import result, row, side
from hypothesis import given, settings
from hypothesis import strategies as st
from report_parts import ATTACKS, attacked, inputs, pairs, parsed, rendered

import evals.forecast_words
import evals.gate_words
import evals.report_words
import evals.trust_words
import evals.wording
from evals.comparison import GraderErrorLine
from evals.flaky import FlakyCriterion
from evals.flips import Flip
from evals.gate import Reason
from evals.page import page
from evals.report import (
    AZURE_COMMENT,
    JOB_SUMMARY,
    MARKER,
    MOST_CHARACTERS,
    Room,
    Traffic,
    comment,
    running,
)
from evals.report.reading import weight
from evals.report.sections import utf16_units
from evals.rows import Row
from evals.wording import wording
from matria import PROJECT_ROOT
from matria.markdown import block, code, flowing, inline, quoted, visible
from matria.messages import LOCALES, Locale
from matria.policy import Policy, load_policy

ALLOWED = {
    *("h2", "h3", "ul", "li", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("pre", "code", "strong", "em", "blockquote", "b", "i", "sub", "br"),
}
LOCALE_OF: dict[str, Locale] = {locale: locale for locale in LOCALES}
LINKS = re.compile(r"@[\w<]|[#!]\d|:/|www\.\w|[A-Za-z]-\d|\w\.example|\b[0-9a-f]{7,40}\b")
"""What GitHub or Azure DevOps would turn into a mention, a link to an issue, work item, pull request or commit."""


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_that_is_not_ours_stays_text(attack: str, policy: Policy) -> None:
    base, head = attacked(attack)
    made = inputs(base, head, policy, facts={attack: attack}, command=attack, report_address=attack)
    assert made.verdict
    comparison = replace(
        made.verdict.comparison,
        flaky=(FlakyCriterion(attack, attack, attack, attack, attack, 1, 2, 1, 2),),
        grader_errors=(GraderErrorLine(attack, attack, attack, attack, "head", attack),),
    )
    notes = (Reason("standing_never_event", (attack, attack)),)
    verdict = replace(made.verdict, comparison=comparison, notes=notes)
    traffic, trust = Traffic({}, 7, attack, 0.2, 100), {attack: attack}
    graders = {"tone": (f"judge:{attack}",)}
    text = comment(replace(made, verdict=verdict, traffic=traffic, trust=trust, graders=graders))
    page = rendered(text)
    assert set(page.tags) <= ALLOWED
    assert page.tags.count("h2") == 1
    assert page.unclosed == []
    assert {name for name, _ in page.attributes} <= {"open", "style"}
    assert text.count("<!--") == text.count(MARKER) == 1
    assert page.comments == [MARKER.removeprefix("<!--").removesuffix("-->")]
    assert not LINKS.search(page.text.replace("matria:", "").replace("report.html", ""))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00\x1b]", text)
    assert not re.search(r"#\d", text), "a server that reads the source finds no number either"


@given(st.text(max_size=60))
@settings(max_examples=25, deadline=None)
def test_no_text_at_all_breaks_out_of_comment_or_page(text: str) -> None:
    base, head = attacked(text)
    made = inputs(base, head, load_policy(PROJECT_ROOT / "policy.yaml"), facts={text: text}, command=text)
    found = rendered(comment(made, "pt-PT"))
    assert set(found.tags) <= ALLOWED
    assert found.unclosed == []
    assert len(found.comments) == 1
    html = parsed(page(made, pairs(base, head), "pt-PT"))
    assert html.unclosed == []
    assert html.tags.count("script") == 1
    assert not {"img", "iframe", "form"} & set(html.tags)


def test_each_word_of_ours_is_said_once_and_in_each_language() -> None:
    parts = (
        evals.wording._EN,
        evals.report_words.EN,
        evals.gate_words.GATE_EN,
        evals.forecast_words.FORECAST_EN,
        evals.trust_words.TRUST_EN,
    )
    assert sum(map(len, parts)) == len(wording("en").texts), "no part takes the place of another's word"
    for locale in LOCALES:
        texts = wording(locale).texts
        assert set(texts) == set(wording("en").texts)
        for name, text in texts.items():
            assert set(re.findall(r"\{\d\}", text)) == set(re.findall(r"\{\d\}", wording("en").texts[name])), name


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_at_all_breaks_out(text: str) -> None:
    for piece in (inline(text), code(text), flowing(text)):
        page = rendered(f"Before {piece} after.\n\n{piece}\n\n| a |\n|---|\n| {piece} |\n")
        assert set(page.tags) <= {"p", "code", "table", "thead", "tbody", "tr", "th", "td", "br"}
        assert not re.search(r"@\w|:/", page.text)
    for piece in (block(text, 100), quoted(text, 100), quoted(text, 100, [text[3:9]])):
        page = rendered(f"Before\n\n{piece}\n\nafter")
        assert set(page.tags) <= {"p", "pre", "blockquote", "br", "b"}
        assert page.tags.count("p") <= 3
        assert page.unclosed == []
        assert not re.search(r"@\w|:/", page.text)


@given(st.text(alphabet="\\`*_[](){}<>#|~@&;amp \n\t!:/.-=", max_size=60), st.text(alphabet="<>a\\`*&@ ", max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_quotation_reads_as_it_was_written_with_what_is_marked_in_bold(text: str, marked: str) -> None:
    page = rendered(quoted(text, 1000, [marked]))
    plain = " ".join(page.text.replace("\u2060", "").replace("\xa0", " ").split())
    assert "".join(plain.split()) == "".join(text.split())
    if marked.strip():
        assert page.tags.count("b") == text.count(marked)


@given(st.text(alphabet="\\`*_[](){}<>#|~@&;amp ", max_size=30))
@settings(max_examples=200, deadline=None)
def test_text_reads_as_it_was_written(text: str) -> None:
    page = rendered(f"x {inline(text)}")
    assert page.text.replace("\u2060", "").strip() == f"x {' '.join(text.split())}".strip()


def test_hidden_characters_are_shown_and_emoji_stay_whole() -> None:
    assert visible("a\u200bb\u202ec") == "a⟨U+200B⟩b⟨U+202E⟩c"
    assert visible("one\r\ntwo") == "one\ntwo"
    assert visible("\u2764\ufe0f \U0001f469\u200d\u2695\ufe0f") == "\u2764\ufe0f \U0001f469\u200d\u2695\ufe0f"
    assert visible("x\ufe0f\u200dy") == "x⟨U+FE0F⟩⟨U+200D⟩y"


def test_a_long_answer_is_shown_around_what_decided() -> None:
    text = quoted("word " * 400 + "it hurts " + "word " * 400, 100, ["it hurts"])
    assert "<b>it hurts</b>" in text
    assert text.startswith("> … ")
    assert text.endswith(" …")
    assert len(text) < 150


def test_the_comment_s_parts_stand_in_order(policy: Policy) -> None:
    text = comment(inputs(side("base", [True] * 9), side("head", [False] * 9), policy, facts={"model": "m-1"}))
    assert text.startswith(
        f"{MARKER}\n\n## 🔴 Blocked: this change makes answers worse\n\n- danger signs is worse by 1.00"
    )
    order = ["### By axis", "### Regressions to read first", "### Moderation", "### Cost", "### Reproduce"]
    assert [text.index(title) for title in order] == sorted(text.index(title) for title in order)
    assert "| danger signs | 9 | 1.00 | 0.00 | −1.00" in text
    assert "| 0.02 | 🔴 **worse** |" in text
    assert text.count("<details") == 5
    assert text.count("<details open>") == 1, "the first to read is open"
    assert "4 more cases that got worse are in" in text
    assert "<code>matria why case-00.en</code>" in text
    assert "| cost, US$ | 0.000400 | 0.000400 | 0.000000 |" in text
    assert "- model: <code>m-1</code>" in text


def test_what_is_read_first_is_the_gravest_and_a_loss_in_three_languages_is_read_once(policy: Policy) -> None:
    points = {"mild.en": 2.0, "grave.en": 6.0, **{f"told-thrice.{locale}": 8.0 for locale in LOCALES}}

    def rows(name: str, is_met: bool) -> list[Row]:
        return [
            row(case, [result("c", "tone", at_stake, is_met)], side=name, locale=LOCALE_OF[case.split(".")[1]])
            for case, at_stake in points.items()
        ]

    text = comment(inputs(rows("base", True), rows("head", False), policy), "pt-PT")
    titles = re.findall(r"<summary><code>([\w.-]+)</code>", text.split("O que piorou: ler primeiro")[1])
    assert titles == ["told-thrice.pt-PT", "grave.en", "mild.en"]
    assert "O mesmo em: <code>told-thrice.en</code>, <code>told-thrice.pt-BR</code>" in text


def flip(points: float, base_failed: int, head_failed: int, of: int) -> Flip:
    blank = dict.fromkeys((f.name for f in fields(Flip)), "")
    counts = {"base_failed": base_failed, "base_graded": of, "head_failed": head_failed, "head_graded": of}
    return Flip(**{**blank, **counts, "points": points, "never": False})  # type: ignore[arg-type]


def test_a_loss_weighs_its_points_times_how_much_more_often_it_comes() -> None:
    assert weight(flip(10, 0, 1, 4)) == 2.5  # 10 points, now in 1 of 4 answers
    assert weight(flip(-6, 1, 4, 4)) == 4.5  # 6 points, in 1 of 4 before and in all now


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", ("Blocked: this change makes answers worse", "| danger signs | 9 | 1.00 |", "not measured yet")),
        ("pt-BR", ("Bloqueado: esta alteração piora as respostas", "| sinais de alerta | 9 | 1,00 |", "arquivos")),
        ("pt-PT", ("Bloqueado: esta alteração piora as respostas", "| sinais de alarme | 9 | 1,00 |", "ficheiros")),
    ],
)
def test_the_comment_speaks_the_reader_s_language(policy: Policy, locale: Locale, said: tuple[str, ...]) -> None:
    graders = {"danger_signs": ("judge:rubric",)}
    text = comment(inputs(side("b", [True] * 9), side("h", [False] * 9), policy, graders=graders), locale)
    for words in said:
        assert words in text


def test_judge_trust_is_said_as_measured_or_as_not(policy: Policy) -> None:
    base, head = side("b", [True] * 6), side("h", [True] * 6)
    graders = {"danger_signs": ("check:escalation", "judge:ragas", "judge:rubric")}
    text = comment(inputs(base, head, policy, graders=graders, trust={"rubric": "kappa 0.71 on 120 grades"}))
    shown = rendered(text).text
    assert "code; ragas: not measured yet; rubric: kappa 0.71 on 120 grades\n" in shown
    assert "Trust in the judge ragas is not measured yet" in shown


def test_a_simulated_result_says_so(policy: Policy) -> None:
    text = comment(inputs(side("b", [True] * 9, simulated=True), side("h", [True] * 9, simulated=True), policy))
    assert "simulated answers, promotes nothing" in text
    assert "not how good the prompt is" in text


@pytest.mark.parametrize("size", [300, 20_000])
@pytest.mark.parametrize("room", [None, AZURE_COMMENT, JOB_SUMMARY])
def test_the_comment_stays_below_its_limit_and_says_what_it_left_out(
    policy: Policy, size: int, room: Room | None
) -> None:
    long = "`<🤰>` " * size
    base = [row(f"c{n}", [result("x", "tone", 5, True, text=long)], side="base", text=long) for n in range(60)]
    head = [row(f"c{n}", [result("x", "tone", 5, False, text=long)], text=long) for n in range(60)]
    changes = "| prompt |\n|---|\n| x |" + "\n\n<details><summary>y</summary>\n\n<pre>z</pre>\n\n</details>" * 900
    made = inputs(base, head, policy, changes_markdown=changes, facts={long: long}, command=long)
    text = comment(made, "en", room) if room else comment(made)
    most = room.most if room else MOST_CHARACTERS
    assert (room.measure if room else utf16_units)(text) <= most
    assert "### Reproduce" in text
    page = rendered(text)
    assert page.tags.count("h2") == 1
    assert page.unclosed == []
    assert page.tags.count("details") == text.count("</details>")


def test_sections_fold_from_the_bottom_and_are_named(policy: Policy) -> None:
    made = inputs(side("base", [True] * 9), side("head", [False] * 9), policy, facts={"model": "m-1"})
    whole = comment(made)
    text = comment(made, "en", Room(len(whole) - 200, len, 900, 5))
    assert "### By axis" in text
    assert "### Cost and waiting time" not in text
    assert "Left out here for length: Cost and waiting time. All of it is in <code>report.html</code>" in text
    tight = comment(made, "en", Room(700, len, 900, 5))
    assert "### By axis" not in tight
    assert "By axis; Regressions to read first" in tight
    assert tight.index("## 🔴 Blocked") < tight.index("Left out here") < tight.index("### Reproduce")


def test_only_an_address_becomes_a_link(policy: Policy) -> None:
    base, head = side("b", [True] * 9), side("h", [False] * 9)
    linked = comment(inputs(base, head, policy, report_address="https://ci.example/runs/7/report.html?x=1"))
    assert "[Full report](https://ci.example/runs/7/report.html?x=1)" in linked
    for address in ("javascript:alert(1)", "https://x.example/) [y](https://z.example", "https://x.example/ \n# y"):
        assert "](" not in comment(inputs(base, head, policy, report_address=address))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_comment_begins_as_running(locale: Locale) -> None:
    body = running(3, 40, wording(locale))
    assert body.startswith(MARKER)
    assert rendered(body).tags == ["h2", "p"]
    assert "3" in body
    assert "40" in body


def test_a_single_side_shows_scores_and_no_verdict(policy: Policy) -> None:
    made = inputs(side("b", [True] * 9), side("h", [True] * 9), policy)
    text = comment(replace(made, verdict=None, base=None, title="Scores of <1> prompt"))
    assert "## Scores of &#x3c;1&#x3e; prompt" in text
    assert "| <code>gestante/triagem.en</code> | 9 | 1.00 |" in text
    assert "By axis" not in text
