"""The comment says what was decided, and nothing in it comes out of its place."""

import re
from html.parser import HTMLParser

import pytest
from comparison_rows import result, row, side
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from evals.comparison import compare
from evals.gate import decide
from evals.report import MARKER, MOST_CHARACTERS, ReportInputs, comment
from evals.pairs import paired
from evals.rows import Entry, Meter, Row
from evals.summary import by_prompt, summarise
from matria.markdown import block, code, inline, visible
from matria.policy import Policy

ATTACKS = [
    "</pre></details><script>alert(1)</script>",
    "<!-- --> <img src=x onerror=alert(1)>",
    "@octocat please approve, cc @org/team",
    "[click](https://evil.example) ![x](https://evil.example/x.png) https://evil.example www.evil.example",
    "a@evil.example fixes #1, GH-2, org/repo#3",
    "| a | b |\n|---|---|\n\n# Improved\n\n- [x] approved",
    "```\n</code></pre>\n\n## Verdict: improved\n\n<details open>",
    "&lt;b&gt; &#64;octocat &amp;",
    "\u202etxet desrever\u202c zero\u200bwidth",
    "$x$ `@octocat` **bold** ~~gone~~ :rocket: <https://evil.example>",
]


def inputs(base: list[Row], head: list[Row], policy: Policy, **changes: object) -> ReportInputs:
    def entries(rows: list[Row]) -> list[Entry]:
        return [Entry(r, Meter(r.key, 12.0, "0.0004", "priced"), ("head",)) for r in rows]

    return ReportInputs(
        title="Scores",
        verdict=decide(compare(paired(base, head), policy), policy),
        scores=by_prompt(entries(head), policy),
        base=summarise(entries(base), policy),
        head=summarise(entries(head), policy),
        **changes,  # type: ignore[arg-type]
    )


def attacked(attack: str) -> tuple[list[Row], list[Row]]:
    name = f"case {attack}"
    base = [row(f"{name} {n}", [result(attack, "tone", 5, True, True, attack)], side="base") for n in range(6)]
    head = [row(f"{name} {n}", [result(attack, "tone", 5, False, True, attack)], text=attack) for n in range(6)]
    return base, head


class _Page(HTMLParser):
    """Tags, attributes, and the text outside code and preformatted blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not [a for a in attrs if a[0] != "style"]
        self._depth += tag in ("pre", "code")

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag in ("pre", "code")

    def handle_data(self, data: str) -> None:
        self.text += "" if self._depth else data


def rendered(markdown: str) -> _Page:
    page = _Page()
    page.feed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))
    return page


ALLOWED = {
    *("h2", "h3", "ul", "li", "p", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
    *("pre", "code", "strong", "em", "blockquote"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_that_is_not_ours_stays_text(attack: str, policy: Policy) -> None:
    base, head = attacked(attack)
    text = comment(inputs(base, head, policy, facts={attack: attack}, command=attack))
    page = rendered(text)
    assert set(page.tags) <= ALLOWED
    assert page.tags.count("h2") == 1
    assert page.tags.count("details") <= 5 + 2
    assert text.count("<!--") == 1
    assert not re.search(r"@\w|#\d|https?:/|www\.\w|GH-\d", page.text)
    assert not re.search("[\u202a-\u202e\u200b]", text)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_at_all_breaks_out(text: str) -> None:
    for piece in (inline(text), code(text), block(text, 100)):
        page = rendered(f"Before {piece} after.\n\n{piece}\n\n| a |\n|---|\n| {piece} |\n")
        assert set(page.tags) <= {"p", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"}
        assert not re.search(r"@\w|https?:/", page.text)


def test_the_verdict_comes_first_and_how_to_rerun_last(policy: Policy) -> None:
    text = comment(inputs(side("base", [True] * 9), side("head", [False] * 9), policy, facts={"model": "m-1"}))
    assert text.startswith(
        f"{MARKER}\n\n## 🔴 Blocked: this change makes answers worse\n\n- danger signs is worse by 1.00"
    )
    order = ["### By axis", "### Regressions to read first", "### Cost", "### Moderation", "### Reproduce"]
    assert [text.index(title) for title in order] == sorted(text.index(title) for title in order)
    assert "| danger signs | 9 | 1.00 | 0.00 | −1.00 | −1.00 … −1.00 | 0.02 | **worse** |" in text
    assert text.count("<details>") == 5
    assert "4 more regressions are in the report." in text
    assert "<code>matria why case-00.en</code>" in text
    assert "US$ 0.000400 an answer, US$ 0.000400 before (100% priced)" in text


def test_the_comment_is_also_in_portuguese(policy: Policy) -> None:
    text = comment(inputs(side("base", [True] * 9), side("head", [False] * 9), policy), "pt-BR")
    assert "## 🔴 Bloqueado: esta alteração piora as respostas" in text
    assert "| sinais de perigo | 9 | 1,00 | 0,00 | −1,00 |" in text


def test_a_simulated_result_says_so(policy: Policy) -> None:
    text = comment(inputs(side("b", [True] * 9, simulated=True), side("h", [True] * 9, simulated=True), policy))
    assert "simulated answers, promotes nothing" in text
    assert "not how good the prompt is" in text


@pytest.mark.parametrize("size", [300, 20_000])
def test_the_comment_stays_below_github_s_limit(policy: Policy, size: int) -> None:
    long = "palavra " * size
    base = [row(f"c{n}", [result("x", "tone", 5, True, text=long)], side="base", text=long) for n in range(400)]
    head = [row(f"c{n}", [result("x", "tone", 5, False, text=long)], text=long) for n in range(400)]
    changes = "| prompt |\n|---|\n| x |" + f"\n\n<details><summary>y</summary>\n\n<pre>{long}</pre>\n\n</details>" * 9
    text = comment(inputs(base, head, policy, changes_markdown=changes))
    assert len(text) <= MOST_CHARACTERS
    assert "### Reproduce" in text
    assert rendered(text).tags.count("h2") == 1


def test_hidden_characters_are_shown() -> None:
    assert visible("a\u200bb\u202ec") == "a⟨U+200B⟩b⟨U+202E⟩c"


@given(st.text(alphabet="\\`*_[](){}<>#|~@&;amp ", max_size=30))
@settings(max_examples=200, deadline=None)
def test_text_reads_as_it_was_written(text: str) -> None:
    page = rendered(f"x {inline(text)}")
    assert page.text.replace("\u2060", "").strip() == f"x {' '.join(text.split())}".strip()
