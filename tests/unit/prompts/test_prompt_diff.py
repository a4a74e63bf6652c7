"""Diffs: nothing is lost between two texts, partials show in each prompt, and Markdown cannot be smuggled in."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from matria.errors import PromptError
from prompts.diff import MessageDiff, PromptDiff, Segment, Size, diff_libraries, diff_prompts, diff_words, excerpt
from prompts.diff_markdown import diffs_as_markdown
from prompts.prompt import PromptRef
from prompts.repository import PromptLibrary

TRIAGE = "gestante/triagem.pt-BR.prompty"
texts = st.text(alphabet="ab ,.\nçã", max_size=60)


def join(segments, leave_out):
    return "".join(segment.text for segment in segments if segment.change != leave_out)


@given(base=texts, head=texts)
@settings(deadline=None)
def test_both_texts_can_be_read_back_from_the_segments(base, head):
    segments = diff_words(base, head)
    assert join(segments, "added") == base
    assert join(segments, "removed") == head
    assert all(segment.text for segment in segments)


@given(text=texts)
@settings(deadline=None)
def test_equal_texts_have_no_change(text):
    assert all(segment.change == "same" for segment in diff_words(text, text))


def test_words_are_the_unit():
    assert diff_words("Vá hoje à UBS.\nFim.", "Vá agora à UBS.\nFim.") == (
        Segment("same", "Vá "),
        Segment("removed", "hoje"),
        Segment("added", "agora"),
        Segment("same", " à UBS.\nFim."),
    )


def test_excerpt_shows_lines_around_a_change_and_marks_what_is_left_out():
    base = "\n".join("abcdefghij")
    message = MessageDiff("system", diff_words(base, base.replace("e", "E")))
    shown = excerpt(message, context=1)
    assert [None if line is None else "".join(s.text for s in line) for line in shown] == [None, "d", "eE", "f", None]
    assert excerpt(MessageDiff("system", diff_words(base, base))) == []


def test_only_prompts_that_changed_are_listed(library, copy, edit):
    edit(copy / TRIAGE, "Sua tarefa é", "O que você faz é")
    edit(copy / TRIAGE, "temperature: 0", "temperature: 0.5")
    (diff,) = diff_libraries(library, PromptLibrary(copy))
    assert (str(diff.ref), diff.status) == ("gestante/triagem.pt-BR", "changed")
    assert diff.parameters == (("temperature", 0, 0.5),)
    system, user = diff.messages
    assert [s.text for s in system.segments if s.change == "added"] == ["O que você faz"]
    assert not user.is_changed
    # "O que você faz" has 14 characters and "Sua tarefa" 10; four words for two.
    assert diff.head_size.characters - diff.base_size.characters == 4
    assert diff.head_size.words - diff.base_size.words == 2
    assert diff.token_delta in (1, 2)
    assert diff_libraries(library, library) == []


def test_partial_shows_in_each_prompt_that_includes_it(library, copy, edit):
    edit(
        copy / "partials/escalation.en.jinja", "With a danger sign, never tell her to wait", "You may tell her to wait"
    )
    diffs = diff_libraries(library, PromptLibrary(copy))
    assert [str(diff.ref) for diff in diffs] == ["gestante/conteudo.en", "gestante/triagem.en", "puerpera/apoio.en"]
    assert {diff.changed_partials for diff in diffs} == {("escalation",)}
    assert all(any(m.is_changed for m in diff.messages) for diff in diffs)


def test_added_and_removed_prompts_are_diffs_too(library, copy):
    (copy / TRIAGE).unlink()
    (gone,) = diff_libraries(library, PromptLibrary(copy))
    (new,) = diff_libraries(PromptLibrary(copy), library)
    assert (gone.status, gone.base_version, gone.head_version) == ("removed", "1.0.0", None)
    assert (new.status, new.base_version, new.head_version) == ("added", None, "1.0.0")
    assert new.token_delta == -gone.token_delta > 1000
    assert "removed" in diffs_as_markdown([gone])


def test_new_required_input_does_not_stop_the_diff(library, copy, edit):
    edit(copy / TRIAGE, "  first_name:\n", "  city:\n    type: string\n    description: City.\n  first_name:\n")
    edit(copy / TRIAGE, "sample:\n", "sample:\n  city: Recife\n")
    edit(copy / TRIAGE, "Sua tarefa é", "Ela mora em {{ city }}. Sua tarefa é")
    (diff,) = diff_libraries(library, PromptLibrary(copy))
    assert "Recife" in join(diff.messages[0].segments, "removed")


def test_side_that_does_not_render_is_one_clear_sentence(library, copy, edit):
    edit(copy / TRIAGE, "Sua tarefa é", "{{ trimester }} Sua tarefa é")
    with pytest.raises(PromptError, match="'trimester'"):
        diff_libraries(library, PromptLibrary(copy))


def test_diff_of_nothing_with_nothing_is_a_programming_error():
    with pytest.raises(ValueError, match="one side"):
        diff_prompts(None, None)


NASTY = [
    "</pre></details><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "```\n# Approved by the clinical team",
    "@everyone please merge #1 | a | b |",
    "[click](javascript:alert(1))",
    "segredo \u202eoãçaperges\u202c\u200b",
]


@pytest.mark.parametrize("text", NASTY)
def test_text_of_a_prompt_stays_text_in_markdown(library, copy, edit, text):
    edit(copy / TRIAGE, "Sua tarefa é", f"{text}\nSua tarefa é")
    edit(copy / TRIAGE, "temperature: 0", 'temperature: 0\n    stop: "a|</code>`b`"')
    markdown = diffs_as_markdown(diff_libraries(library, PromptLibrary(copy)))
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown)
    tags = set(re.findall(r"<(\w+)", page))
    assert tags <= {
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "details",
        "summary",
        "blockquote",
        "br",
        "ins",
        "del",
        "p",
        "strong",
    }
    assert "\u202e" not in markdown
    assert page.count("<blockquote>") == page.count("</blockquote>") == 1
    assert not re.search(r"@\w", page)
    assert page.count("</details>") == 1
    assert page.count("<td") == 6


def test_a_link_or_a_mention_in_a_parameter_stays_text():
    head = PromptDiff(
        ref=PromptRef("gestante/triagem", "en"),
        status="changed",
        base_version="1.0.0",
        head_version="1.0.1",
        changed_partials=("[tone](https://example.org)",),
        parameters=(("stop", "x", "</code>[y](https://example.org) @team"),),
        messages=(),
        base_size=Size(1, 4),
        head_size=Size(1, 4),
    )
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(diffs_as_markdown([head]))
    assert "<a " not in page
    assert page.count("</code>") == page.count("<code>")


def test_markdown_of_no_change_says_so():
    assert diffs_as_markdown([]) == "No prompt changed.\n"
