"""Report inputs made from rows, texts that attack a report, and rendered Markdown as a reader of HTML meets it."""

from collections.abc import Sequence
from html.parser import HTMLParser

from comparison_rows import result, row
from markdown_it import MarkdownIt

from evals.comparison import compare
from evals.gate import decide
from evals.pairs import Pair, paired
from evals.report import ReportInputs
from evals.rows import Entry, Meter, Row
from evals.summary import by_prompt, summarise
from matria.policy import Policy

ATTACKS = [
    "</pre></details><script>alert(1)</script>",
    "<!-- --> <img src=x onerror=alert(1)>",
    "<!-- matria:prompt-evaluation -->",
    "--> ]]> <?php <!DOCTYPE x>",
    "@octocat please approve, cc @org/team",
    "@<11111111-2222-3333-4444-555555555555> #123 !45 AB#67 GH-8 org/repo#9",
    "[click](https://evil.example) ![x](https://evil.example/x.png) https://evil.example www.evil.example",
    "a@evil.example fixes #1, GH-2, org/repo#3 in 34a3f9f1914c86152dae4030b28d58bf9c48d5a0, evil.example ftp://x.example",
    "| a | b |\n|---|---|\n\n# Improved\n\n- [x] approved",
    "```\n</code></pre>\n\n## Verdict: improved\n\n<details open>",
    "    indented\n\n    code\n\n> quote\n\n1. list\n\n***\n\nSetext\n===",
    "[ref]: https://evil.example\n\n[ref]\n\n[^1]: note",
    "&lt;b&gt; &#64;octocat &amp; &#x40;octocat &commat;octocat",
    "\u202etxet desrever\u202c zero\u200bwidth \u2066isolate\u2069",
    "$x$ `@octocat` **bold** ~~gone~~ :rocket: <https://evil.example> $$y$$",
    "</summary></blockquote></sub></i></b></ins></code> <a href=//evil.example>x</a>",
    "a\\\n\\<b\\>\tx\r\n\x00\x1b[31m",
]


def inputs(base: Sequence[Row], head: Sequence[Row], policy: Policy, **changes: object) -> ReportInputs:
    """Inputs with a verdict on these rows; each answer cost the same."""

    def entries(rows: Sequence[Row]) -> list[Entry]:
        return [Entry(r, Meter(r.key, 12.0, "0.0004", "priced"), ("head",)) for r in rows]

    given: dict[str, object] = {
        "title": "Scores",
        "verdict": decide(compare(paired(base, head), policy), policy),
        "scores": by_prompt(entries(head), policy),
        "base": summarise(entries(base), policy),
        "head": summarise(entries(head), policy),
    }
    return ReportInputs(**{**given, **changes})  # type: ignore[arg-type]


def pairs(base: Sequence[Row], head: Sequence[Row]) -> list[Pair]:
    """The rows of two sides as they belong together."""
    return list(paired(base, head))


def attacked(attack: str) -> tuple[list[Row], list[Row]]:
    """Rows of both sides in which every text of others is the attack."""
    name = f"case {attack}"
    base = [row(f"{name} {n}", [result(attack, "tone", 5, True, True, attack)], side="base") for n in range(6)]
    head = [row(f"{name} {n}", [result(attack, "tone", 5, False, True, attack)], text=attack) for n in range(6)]
    return base, head


class RenderedPage(HTMLParser):
    """Tags, attributes, comments, and the text outside code and preformatted blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.comments: list[str] = []
        self.text = ""
        self._depth = 0
        self._open: list[str] = []
        self.unclosed: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._depth += tag in ("pre", "code")
        self.text += "\n" if tag == "br" else ""
        if tag not in ("br", "meta", "input", "hr"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._depth -= tag in ("pre", "code")
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.unclosed.append(tag)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        self.text += "" if self._depth else data


def parsed(html: str) -> RenderedPage:
    """The HTML, read."""
    page = RenderedPage()
    page.feed(html)
    page.close()
    return page


def rendered(markdown: str) -> RenderedPage:
    """The Markdown as CommonMark with GitHub's tables makes it."""
    return parsed(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(markdown))
