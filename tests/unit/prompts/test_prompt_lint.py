"""Lint: the library as it stands is clean, and every rule has a change that sets it off, at the right line."""

import shutil

import pytest

from prompts.findings import RULES, Finding
from prompts.lint import lint
from prompts.prompt import PromptRef
from prompts.repository import PromptLibrary
from prompts.versions import raise_versions

TRIAGE = "gestante/triagem.pt-BR.prompty"
TONE = "partials/tone.pt-BR.jinja"

EDITS = [
    # rule, file, what stands there, what shall, line of the finding
    ("unreadable", TRIAGE, "version: 1.0.0", "version: one", 1),
    ("unreadable", TRIAGE, "{{ question }}", "{{ question", 1),
    ("name-mismatch", TRIAGE, "name: gestante/triagem", "name: gestante/triage", 2),
    ("unknown-tag", TRIAGE, "use:triage", "use:poetry", 11),
    ("unknown-tag", TRIAGE, "use:triage", "use:triage\n  - mood:happy", 12),
    ("unknown-tag", TRIAGE, "use:triage", "use:triage\n  - draft", 12),
    ("unknown-tag", TRIAGE, "locale:pt-BR", "locale:pt", 10),
    ("missing-tag", TRIAGE, "  - persona:gestante\n", "", 8),
    ("duplicate-tag", TRIAGE, "  - use:triage\n", "  - use:triage\n  - use:content\n", 8),
    ("tag-mismatch", TRIAGE, "persona:gestante", "persona:puerpera", 9),
    ("tag-mismatch", TRIAGE, "locale:pt-BR", "locale:pt-PT", 10),
    ("undeclared-variable", TRIAGE, "Sua tarefa", "{{ trimester }}\nSua tarefa", 39),
    ("undeclared-variable", TONE, "## Tom\n", "## Tom\n{{ mood }}\n", 2),
    ("unused-input", TRIAGE, "  first_name:\n", "  city:\n    type: string\n    required: false\n  first_name:\n", 25),
    ("unknown-sample", TRIAGE, "  gestational_age_weeks: 30", "  gestational_age_weeks: 30\n  city: Recife", 33),
    ("sample-fails", TRIAGE, "  gestational_age_weeks: 30", "  gestational_age_weeks: many", 33),
    ("use-mismatch", TRIAGE, "use:triage", "use:content", 1),
    ("role-heading-in-partial", TONE, "## Tom\n", "## Tom\nSystem:\n", 2),
    ("repeated-include", TRIAGE, '{% include "tone" %}', '{% include "tone" %}\n{% include "tone" %}', 64),
    ("trailing-space", TONE, "## Tom\n", "## Tom  \n", 1),
    ("final-newline", TRIAGE, "{{ question }}\n", "{{ question }}\n\n", 75),
    ("final-newline", TRIAGE, "{{ question }}\n", "{{ question }}", 74),
]


def rules(findings: list[Finding]) -> set[str]:
    return {found.rule for found in findings}


def test_library_as_it_stands_has_nothing_to_find(library):
    assert lint(library, library) == []


@pytest.mark.parametrize(("rule", "file", "old", "new", "line"), EDITS)
def test_each_fault_is_found_at_its_line(copy, edit, rule, file, old, new, line):
    edit(copy / file, old, new)
    found = [one for one in lint(PromptLibrary(copy)) if one.rule == rule]
    assert found, rules(lint(PromptLibrary(copy)))
    assert {one.line for one in found} == {line}
    assert all("\n" not in one.message for one in found)


def test_one_fault_sets_off_few_rules(copy, edit):
    edit(copy / TRIAGE, "use:triage", "use:poetry")
    assert rules(lint(PromptLibrary(copy))) == {"unknown-tag"}


def test_prompt_in_the_wrong_place_is_misplaced(copy):
    text = (copy / TRIAGE).read_text(encoding="utf-8")
    places = ["gestante/extra.prompty", "gestante/extra.fr.prompty", "doula/extra.en.prompty", "extra.en.prompty"]
    for place in places:
        (copy / place).parent.mkdir(exist_ok=True)
        (copy / place).write_text(text, encoding="utf-8")
    (copy / "gestante/loose.en.jinja").write_text("Be kind.\n", encoding="utf-8")
    found = [one for one in lint(PromptLibrary(copy)) if one.rule == "misplaced"]
    assert len(found) == len(places) + 1


def test_missing_twin_is_found(copy):
    (copy / TRIAGE).unlink()
    assert [(one.rule, one.message) for one in lint(PromptLibrary(copy))] == [
        ("missing-twin", "'gestante/triagem' has no twin in pt-BR; write gestante/triagem.pt-BR.prompty.")
    ]


def test_partial_without_a_locale_is_found_beside_the_prompts_that_lack_it(copy):
    (copy / TONE).unlink()
    found = lint(PromptLibrary(copy))
    assert rules(found) == {"unreadable", "partial-missing-locale"}
    assert sum(one.rule == "unreadable" for one in found) == 3


def test_partial_that_nobody_includes_is_a_warning(copy):
    for locale in ("pt-BR", "pt-PT", "en"):
        (copy / f"partials/humour.{locale}.jinja").write_text("Ha.\n", encoding="utf-8")
    found = lint(PromptLibrary(copy))
    assert rules(found) == {"unused-partial"}
    assert {one.severity for one in found} == {"warning"}


def test_same_template_twice_is_a_warning(copy):
    for locale in ("pt-BR", "pt-PT", "en"):
        text = (copy / f"gestante/triagem.{locale}.prompty").read_text(encoding="utf-8")
        other = copy / f"gestante/outra.{locale}.prompty"
        other.write_text(text.replace("gestante/triagem", "gestante/outra"), encoding="utf-8")
    assert rules(lint(PromptLibrary(copy))) == {"duplicate-prompt"}


def test_changed_text_needs_a_higher_version(library, copy, edit):
    edit(copy / TRIAGE, "Sua tarefa é", "O que você faz é")
    (found,) = lint(PromptLibrary(copy), library)
    assert (found.rule, found.line) == ("unchanged-version", 4)
    assert "the template changed and the version is still 1.0.0" in found.message
    edit(copy / TRIAGE, "version: 1.0.0", "version: 1.0.1")
    assert lint(PromptLibrary(copy), library) == []


def test_changed_partial_needs_a_version_of_each_prompt_that_includes_it(library, copy, edit):
    edit(copy / "partials/danger_signs.en.jinja", "a fall,", "a bad fall,")
    found = lint(PromptLibrary(copy), library)
    assert rules(found) == {"unchanged-version"}
    assert [one.path.rsplit("/library/")[1] for one in found] == [
        "enfermeira/resumo.en.prompty",
        "gestante/conteudo.en.prompty",
        "gestante/triagem.en.prompty",
        "puerpera/apoio.en.prompty",
    ]
    assert all("partial 'danger_signs' changed" in one.message for one in found)


def test_versions_of_all_prompts_that_a_partial_reached_are_raised_at_once(library, copy, edit):
    edit(copy / "partials/tone.en.jinja", "Be warm", "Be very warm")
    edit(copy / "gestante/triagem.en.prompty", "version: 1.0.0", "version: 1.1.0")
    raised = raise_versions(copy, library)
    assert raised == [PromptRef("gestante/conteudo", "en"), PromptRef("puerpera/apoio", "en")]
    head = PromptLibrary(copy)
    assert head.load("puerpera/apoio", "en").version == "1.0.1"
    assert head.load("gestante/triagem", "en").version == "1.1.0"
    assert lint(head, library) == []
    assert raise_versions(copy, library) == []


def test_versions_compare_as_numbers(library, copy, edit):
    edit(copy / TRIAGE, "version: 1.0.0", "version: 1.9.0")
    later = copy.parent / "later"
    shutil.copytree(copy, later)
    edit(later / TRIAGE, "version: 1.9.0", "version: 1.10.0")
    edit(later / TRIAGE, "Sua tarefa é", "O que você faz é")
    assert lint(PromptLibrary(later), PromptLibrary(copy)) == []
    assert "version-not-raised" in rules(lint(PromptLibrary(copy), PromptLibrary(later)))


def test_version_raised_for_nothing_is_a_warning(library, copy, edit):
    edit(copy / TRIAGE, "version: 1.0.0", "version: 1.0.1")
    found = lint(PromptLibrary(copy), library)
    assert rules(found) == {"needless-version"}
    assert {one.severity for one in found} == {"warning"}


def test_signature_does_not_outlive_the_text_that_was_signed(copy, edit):
    edit(copy / TRIAGE, "clinical_review: pending", "clinical_review: matria-clinical-content, 2026-11-20")
    signed = PromptLibrary(copy)
    edit(copy / TRIAGE, "Sua tarefa é", "O que você faz é")
    edit(copy / TRIAGE, "version: 1.0.0", "version: 1.0.1")
    assert rules(lint(PromptLibrary(copy), signed)) == {"stale-review"}
    edit(copy / TRIAGE, "clinical_review: matria-clinical-content, 2026-11-20", "clinical_review: pending")
    assert lint(PromptLibrary(copy), signed) == []


def test_base_that_does_not_load_does_not_hide_findings_of_the_head(library, copy, edit):
    edit(copy / TRIAGE, "version: 1.0.0", "version: one")
    assert lint(library, PromptLibrary(copy)) == []


def test_every_rule_is_set_off_by_a_test(request):
    text = request.path.read_text(encoding="utf-8")
    assert [rule for rule in RULES if f'"{rule}"' not in text] == []


def test_finding_reads_as_one_line_that_editors_can_jump_to(copy, edit):
    edit(copy / TONE, "## Tom\n", "## Tom  \n")
    (found,) = lint(PromptLibrary(copy))
    assert str(found).endswith(
        "partials/tone.pt-BR.jinja:1: warning: the line ends in spaces; remove them. [trailing-space]"
    )
