"""Loading: the closure of a prompt, its hash, another commit, and each way in which a file can be wrong."""

from pathlib import Path

import pytest

from matria.errors import PromptError
from matria.messages import LOCALES
from prompts.repository import PromptLibrary

TRIAGE = "gestante/triagem.pt-BR.prompty"


def test_library_has_each_prompt_in_each_locale(library):
    names = ["enfermeira/resumo", "gestante/conteudo", "gestante/triagem", "puerpera/apoio"]
    assert library.names() == names
    assert {tuple(ref) for ref in library.refs()} == {(name, locale) for name in names for locale in LOCALES}


def test_prompt_carries_its_front_matter(library):
    prompt = library.load("puerpera/apoio", "pt-PT")
    assert (prompt.name, prompt.locale, prompt.persona, prompt.use) == (
        "puerpera/apoio",
        "pt-PT",
        "puerpera",
        "support",
    )
    assert prompt.version == "1.0.0"
    assert prompt.clinical_review == "pending"
    assert prompt.model_parameters == {"temperature": 0, "max_tokens": 700}
    assert prompt.inputs["question"].required
    assert not prompt.inputs["days_postpartum"].required
    assert prompt.path.endswith("library/puerpera/apoio.pt-PT.prompty")


def test_closure_follows_partials_through_partials(library):
    names = library.load("gestante/triagem", "en").partial_names
    assert "escalation" in names
    assert "danger_signs" in names, "included by escalation alone"


def test_hash_changes_with_a_partial_of_a_partial_and_only_in_its_locale(library, copy, edit):
    edit(copy / "partials/danger_signs.pt-BR.jinja", "queda, batida forte", "queda, pancada forte")
    changed = {
        ref for ref in library.refs() if library.load(*ref).closure_hash != PromptLibrary(copy).load(*ref).closure_hash
    }
    assert changed == {ref for ref in library.refs() if ref.locale == "pt-BR"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1.0.0", "version: 1.0.1"),
        ("clinical_review: pending", "clinical_review: matria-clinical-content, 2026-11-20"),
        ("description: Ouve", "description: Escuta"),
    ],
)
def test_hash_leaves_out_what_no_model_sees(library, copy, edit, old, new):
    edit(copy / TRIAGE, old, new)
    before, after = (x.load("gestante/triagem", "pt-BR") for x in (library, PromptLibrary(copy)))
    assert before.closure_hash == after.closure_hash


@pytest.mark.parametrize(("old", "new"), [("temperature: 0", "temperature: 1"), ("conversa com uma", "fala com uma")])
def test_hash_covers_text_and_parameters(library, copy, edit, old, new):
    edit(copy / TRIAGE, old, new)
    before, after = (x.load("gestante/triagem", "pt-BR") for x in (library, PromptLibrary(copy)))
    assert before.closure_hash != after.closure_hash


def test_windows_newlines_and_a_byte_order_mark_change_nothing(library, copy):
    path = copy / TRIAGE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert PromptLibrary(copy).load("gestante/triagem", "pt-BR").closure_hash == (
        library.load("gestante/triagem", "pt-BR").closure_hash
    )


def test_unknown_prompt_names_those_there_are(library):
    with pytest.raises(PromptError, match=r"no prompt 'gestante/triage\.en'.*gestante/triagem"):
        library.load("gestante/triage", "en")


def test_unknown_locale_names_those_there_are(library):
    with pytest.raises(PromptError, match=r"exists in en, pt-BR, pt-PT"):
        library.load("gestante/triagem", "es")


def test_missing_folder_and_folder_without_prompts_are_told_apart(tmp_path):
    with pytest.raises(PromptError, match="is not a folder"):
        PromptLibrary(tmp_path / "nowhere")
    with pytest.raises(PromptError, match=r"holds no \.prompty file"):
        PromptLibrary(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  api: chat", "\tapi: chat", r"triagem\.pt-BR\.prompty, line 13: .*tab"),
        ("version: 1.0.0\n", "", "lacks 'version'"),
        ("version: 1.0.0", "version: '1.0'", r"version '1\.0' is not three numbers"),
        ("version: 1.0.0", "version: 1.0", r"version '1\.0' is not three numbers"),
        ("version: 1.0.0", "version: v1.0.0", "is not three numbers"),
        ("version: 1.0.0", "version: 1.0.0\nowner: x", "unknown key 'owner'"),
        ("api: chat", "api: completion", r"'model\.api' must be 'chat'"),
        ("use:triage", "use:poetry", "use 'poetry' is not known"),
        ("    type: integer", "    type: weeks", "input 'gestational_age_weeks' needs a type"),
        ("    type: integer", "    type: integer\n    default: many", "default of input 'gestational_age_weeks'"),
        ("  gestational_age_weeks:\n    type", "  Gestational-Age:\n    type", "snake_case"),
        ("  gestational_age_weeks:\n    type", "  locale:\n    type", "other than 'persona' and 'locale'"),
        ("  gestational_age_weeks: 30", "  - 30", r"line \d+: .*correct that line"),
        (
            '{% include "tone" %}',
            '{% include "tome" %}',
            r"includes 'tome', and partials/tome\.pt-BR\.jinja is missing",
        ),
        ('{% include "tone" %}', '{% include "../../secret" %}', r"is missing"),
        ('{% include "tone" %}', "{% include question %}", r"line \d+: an include names one partial in quotes"),
        ('{% include "tone" %}', '{% include "tone" ignore missing %}', "names one partial in quotes"),
        ('{% include "tone" %}', '{% extends "tone" %}', r"by \{% include %\} only"),
        ('{% include "tone" %}', "{% if %}", r"triagem\.pt-BR\.prompty, line 63: "),
        ("user:\n", "", "ends with 'user:'"),
        ("system:\n", "Olá\nsystem:\n", "text stands before the first heading"),
        ("{{ question }}", "", "section 'user:' is empty"),
        ("---\nsystem:", "system:", r"no closing '---'"),
    ],
)
def test_each_fault_of_a_file_is_one_clear_sentence(copy, edit, old, new, message):
    edit(copy / TRIAGE, old, new)
    with pytest.raises(PromptError, match=message) as caught:
        PromptLibrary(copy).load("gestante/triagem", "pt-BR")
    assert "\n" not in str(caught.value)
    assert "triagem.pt-BR.prompty" in str(caught.value)


def test_file_that_is_not_utf8_is_named(copy):
    (copy / TRIAGE).write_bytes("---\nname: gestação".encode("latin-1"))
    with pytest.raises(PromptError, match=r"not UTF-8 \(byte 15\)"):
        PromptLibrary(copy).load("gestante/triagem", "pt-BR")


def test_partials_that_include_each_other_are_refused(copy):
    for name, other in (("tone", "scope"), ("scope", "tone")):
        (copy / f"partials/{name}.en.jinja").write_text(f'{{% include "{other}" %}}')
    with pytest.raises(PromptError, match="includes itself, by way of scope, tone"):
        PromptLibrary(copy).load("gestante/triagem", "en")


def test_library_keeps_what_it_read(copy, edit):
    opened = PromptLibrary(copy)
    before = opened.load("gestante/triagem", "pt-BR").closure_hash
    edit(copy / TRIAGE, "conversa com uma", "fala com uma")
    assert opened.load("gestante/triagem", "pt-BR").closure_hash == before


def test_another_commit_is_read_without_touching_the_checkout(copy, git, edit):
    edit(copy / TRIAGE, "conversa com uma", "fala com uma")
    base = PromptLibrary.at_ref(copy, "base").load("gestante/triagem", "pt-BR")
    head = PromptLibrary(copy).load("gestante/triagem", "pt-BR")
    assert "conversa com uma" in base.sections[0].source
    assert "fala com uma" in head.sections[0].source
    assert base.path.startswith("base:")
    assert git("status", "--porcelain") == "M prompts/library/gestante/triagem.pt-BR.prompty"


def test_unchanged_prompt_has_the_same_hash_at_a_commit(copy, git):
    base, head = PromptLibrary.at_ref(copy, "HEAD"), PromptLibrary(copy)
    assert [p.closure_hash for p in base.load_all()] == [p.closure_hash for p in head.load_all()]


@pytest.mark.parametrize("ref", ["no-such-branch", "--output=x", "HEAD:prompts", ""])
def test_unknown_ref_is_one_clear_sentence(copy, git, ref):
    with pytest.raises(PromptError, match=f"git knows no commit '{ref}'"):
        PromptLibrary.at_ref(copy, ref)


def test_folder_outside_git_and_ref_without_prompts_say_so(copy, git, tmp_path):
    with pytest.raises(PromptError, match="git knows no commit"):
        PromptLibrary.at_ref(tmp_path, "HEAD")
    later = copy.parent / "later"
    later.mkdir()
    with pytest.raises(PromptError, match=r"has no folder|holds no \.prompty"):
        PromptLibrary.at_ref(later, "base")


def test_prompt_files_outside_the_persona_folders_are_reported(copy):
    Path(copy / "doula").mkdir()
    (copy / "doula/apoio.en.prompty").write_bytes((copy / "puerpera/apoio.en.prompty").read_bytes())
    with pytest.raises(PromptError, match="persona 'doula' is not known"):
        PromptLibrary(copy).load("doula/apoio", "en")
