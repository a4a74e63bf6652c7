"""What the commands print of texts that others wrote: seen as it is, obeyed by no terminal."""

import re
from dataclasses import replace
from datetime import date
from io import StringIO
from types import SimpleNamespace

import pytest
from rich.text import Text

from evals.gate import Reason, Term
from evals.precedents import Precedent
from evals.rows import AnswerRecord, CriterionResult, Row
from evals.why import CriterionView, Explanation
from flows.cli import show, show_why
from flows.cli.entry import run
from flows.cli.terminal import Column, Terminal, inert
from matria.messages import Message
from prompts.diff import MessageDiff, Segment

ATTACKS = {
    "ESC": "\x1b[2J",
    "OSC 52": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "BEL": "\x07",
    "CSI of C1": "\x9b31m",
    "OSC of C1": "\x9d0;title\x9c",
    "bidi override": "abc\u202edef",
    "return": "fine\rhidden",
    "backspace": "no\b\byes",
    "half a character": "\ud83d",
    "link": "[link=https://evil.example]here[/link]",
    "markup": "[red]x[/] [/nothing]",
    "emoji's name": ":warning:",
}
attacks = pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def assert_inert(printed: str, attack: str) -> None:
    """Nothing that a terminal obeys, and every character of the attack in view."""
    assert not OBEYED.search(printed), repr(printed)
    assert OBEYED.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", attack) in printed


@attacks
def test_a_line_and_a_table_show_what_would_steer_the_terminal(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    show.line(f"one\n  two {attack}")
    printed = capsys.readouterr().out
    assert printed.startswith("one\n  two ")
    assert_inert(printed, attack)
    show.out.print(show.table("t", ["n", attack], [[1, "x"]]))
    assert_inert(capsys.readouterr().out, attack)
    show.out.print(show.table(attack, ["n", "text"], [[1, attack]]))
    title, _, row = capsys.readouterr().out.strip().split("\n")
    assert_inert(title, attack)
    assert_inert(row, attack)


def explanation(text: str) -> Explanation:
    """A case in which every text that is not ours is `text`."""
    result = CriterionResult("id", text, "tone", 1, False, text, False, text, text)
    answer = AnswerRecord(text, text, text)
    row = Row(
        "k", "a", "s", text, "en", "gestante", None, text, text, "h", 1, "m", {}, (), answer, None, (result,), 0.5
    )
    return Explanation(
        case=text,
        suite=text,
        prompt=text,
        epoch=1,
        messages=(Message("user", text),),
        base_messages=(),
        base=row,
        head=replace(row, answer=None),
        hunks=(MessageDiff("system", (Segment("same", "a "), Segment("added", text))),),
        criteria=(CriterionView(result, replace(result, met=True)),),
        precedents=(Precedent("s", text, text, True, date(2026, 11, 2), text),),
        rerun=text,
    )


@attacks
def test_why_shows_an_answer_that_would_steer_the_terminal(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    show_why.explanation([explanation(attack)], is_whole=True)
    printed = capsys.readouterr().out
    assert_inert(printed, attack)
    seen = OBEYED.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", attack)
    assert printed.count(seen) == explained_with("seen", capsys).count("seen")


def explained_with(text: str, capsys: pytest.CaptureFixture[str]) -> str:
    show_why.explanation([explanation(text)], is_whole=True)
    return capsys.readouterr().out


@attacks
def test_an_error_shows_what_would_steer_the_terminal(attack: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["prompt", "render", f"no/{attack}.en"])
    assert_inert(capsys.readouterr().err.split(": ", 1)[1], "")


def test_colours_of_our_own_stay() -> None:
    written = StringIO()
    theirs = inert("[bold]\x1b[32m")
    Terminal(file=written, force_terminal=True, color_system="standard", highlight=False).print(
        f"[red]{theirs}[/]", Text("own", style="green")
    )
    assert written.getvalue() == "\x1b[31m[bold]⟨U+001B⟩[32m\x1b[0m \x1b[32mown\x1b[0m\n"


def test_text_that_comes_in_pieces_is_wrapped_between_words() -> None:
    pieces = ["Beba água aos poucos ", "e descanse.\n\n- deite de lado\n", "- chame alguém ", "agora, se puder."]
    column = Column(20)
    shown = "".join(column.wrapped(piece) for piece in pieces)
    assert shown.split() == "".join(pieces).split()
    assert shown.split("\n") == [
        "Beba água aos poucos",
        "e descanse.",
        "",
        "- deite de lado",
        "- chame alguém",
        "agora, se puder.",
    ]


def test_a_word_longer_than_the_column_stays_whole() -> None:
    assert Column(5).wrapped("a https://example.org b") == "a\nhttps://example.org\nb"


COLUMNS = ["alert", "state", "what, and why not"]
LONG = (
    "day-gestante.triagem-20261122T0700Z",
    "new level",
    "Cost of a message +38%, since 21 Nov 19:00 UTC (team is down)",
)


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_ids_are_whole_however_narrow_the_terminal_is(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "out", Terminal(highlight=False, emoji=False, width=width))
    show.records(COLUMNS, [LONG])
    printed = capsys.readouterr().out
    assert LONG[0] in printed
    for word in " ".join(LONG[1:]).split():
        assert re.search(rf"(?m)(^|\s){re.escape(word)}(,|\s|$)", printed), word
    assert all(len(line.rstrip()) <= width for line in printed.splitlines() if LONG[0] not in line)


def test_what_fits_stays_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(show, "out", Terminal(highlight=False, emoji=False, width=60))
    show.records(["alert", "tries"], [("day-1", 1), ("day-2", 20)])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["alert", "tries"],
        ["day-1", "1"],
        ["day-2", "20"],
    ]


def test_who_may_not_decide_is_told_before_what_a_terminal_has_no_room_for() -> None:
    few = [Reason("few_with_loss", ("tone", 0.1, 2, 5))] * show.NOTES_SHOWN
    notes = (*few, Reason("axes_inform", (Term("tone"),)))
    verdict = SimpleNamespace(notes=notes)
    assert "tone" in show._doubts(verdict)[0]  # type: ignore[arg-type]
    assert show._doubts(verdict)[0] != show._doubts(verdict)[1]  # type: ignore[arg-type]


def test_a_figure_in_a_block_keeps_its_columns_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "out", Terminal(highlight=False, emoji=False, width=50))
    row = ("Possible harm", "1.7% (1.7% to 21.7%)", "2.9% (0.5% to 9.3%); seen in 3 of 210")
    show.records(["outcome", "week 2026-W46", "the last 12 weeks"], [row], names_last=True)
    assert "the last 12 weeks 2.9%" in " ".join(capsys.readouterr().out.split())
