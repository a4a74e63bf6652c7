"""The notes as they stand, what loading refuses, and what lint finds, at the right line."""

import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from matria.errors import PromptError
from matria.messages import LOCALES
from prompts.notes.files import KEYS, NOTES_FOLDER, SOURCE_KEYS, load_notes, parse_note
from prompts.notes.lint import RULES, lint_notes
from prompts.notes.note import STAGES, NoteSource

TODAY = date(2026, 11, 22)
NAUSEA = "nausea.pt-BR.md"

REFUSED = [
    # what stands in the file, what shall, what the error names
    ("---\nid: nausea", "id: nausea", "'---'"),
    ("id: nausea", "id: sickness", "'id'"),
    ("locale: pt-BR", "locale: pt", "'locale'"),
    ('title: "Enjoo na gravidez"\n', "", "'title'"),
    ('title: "Enjoo na gravidez"', "title: 3", "'title'"),
    ("personas: [gestante]", "personas: [avó]", "'personas'"),
    ("stages: [first_trimester", "stages: [fourth_trimester", "'stages'"),
    ("personas: [gestante]", "personas: [gestante, puerpera]", "'personas'"),
    ("  year: 2016", "  year: '2016'", "'source.year'"),
    ("  year: 2016", "  year: 2015", "'source'"),
    ("  year: 2016", "  yaer: 2016", "'year'"),
    ("updated: 2026-11-22", "updated: soon", "'updated'"),
    ("clinical_review: pending", "clinical_review: pending\nmood: happy", "'mood'"),
]
FOUND = [
    # rule, what stands in the file, what shall, line of the finding
    ("note-unreadable", "id: nausea", "id: sickness", 1),
    ("note-length", "O enjoo é", "muito " * 120 + "O enjoo é", 1),
    ("note-variant", "O enjoo é", "O bebé e o enjoo é", 32),
    ("note-telephone", "O enjoo é", "Ligue 192. O enjoo é", 32),
    ("note-telephone", "O enjoo é", "Ligue 808 24 24 24. O enjoo é", 32),
    ("note-stale-review", "clinical_review: pending", 'clinical_review: "a midwife, 2026-11-21"', 29),
    ("note-stale-review", "clinical_review: pending", "clinical_review: a midwife", 29),
    ("note-review-overdue", "  year: 2016", "  year: 2016\n  review_by: 2026-11-01", 28),
]


@pytest.fixture(scope="module")
def notes():
    return load_notes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The twins of one theme, to edit."""
    for locale in LOCALES:
        shutil.copy(NOTES_FOLDER / f"nausea.{locale}.md", tmp_path)
    return tmp_path


def edit(folder: Path, before: str, after: str) -> None:
    path = folder / NAUSEA
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_every_theme_stands_in_every_locale(notes):
    assert len(notes) >= 3 * 48
    assert set(Counter(note.id for note in notes).values()) == {len(LOCALES)}


def test_lint_finds_nothing_in_the_notes_as_they_stand():
    assert lint_notes(10, TODAY) == []


def test_every_note_says_how_fast_to_seek_care(notes):
    urgency = re.compile(
        r"\b(?:agora|já|na hora|de imediato|hoje|mesmo dia|próprio dia|emergência"
        r"|now|at once|today|same day|emergency)\b",
        re.IGNORECASE,
    )
    assert [note.path for note in notes if not urgency.search(note.text)] == []


def test_a_citation_names_organisation_guideline_year_and_section():
    source = NoteSource("WHO", "Recommendations on antenatal care", 2016, "D.1")
    assert source.citation("pt-BR") == "OMS, Recommendations on antenatal care (2016), seção “D.1”"
    assert source.citation("pt-PT") == "OMS, Recommendations on antenatal care (2016), secção “D.1”"
    assert source.citation("en") == "WHO, Recommendations on antenatal care (2016), section “D.1”"


def test_a_digest_follows_what_a_reader_sees_and_no_keyword(folder):
    def digest():
        return next(note.digest for note in load_notes(folder) if note.locale == "pt-BR")

    first = digest()
    edit(folder, '  - "gengibre"', '  - "ânsia de manhã"')
    assert digest() == first
    edit(folder, "O enjoo é", "Enjoo é")
    assert digest() != first


def test_a_signature_of_the_day_of_the_last_change_or_later_stands(folder):
    edit(folder, "clinical_review: pending", 'clinical_review: "a midwife, 2026-11-22"')
    assert lint_notes(10, TODAY, folder) == []


def test_a_line_break_inside_a_paragraph_is_not_the_texts(notes):
    assert all("\n" not in note.text.replace("\n\n", "") for note in notes)


@pytest.mark.parametrize(("before", "after", "named"), REFUSED)
def test_loading_refuses_the_whole_folder_and_names_file_and_key(folder, before, after, named):
    edit(folder, before, after)
    with pytest.raises(PromptError) as refused:
        load_notes(folder)
    assert NAUSEA in str(refused.value)
    assert named in str(refused.value)


def test_a_missing_twin_is_refused(folder):
    (folder / "nausea.en.md").unlink()
    with pytest.raises(PromptError, match=r"no twin in en"):
        load_notes(folder)


def test_another_guideline_than_its_twins_must_say_why(folder):
    edit(folder, "  year: 2016", "  year: 2015\n  differs: The country has its own.")
    assert len(load_notes(folder)) == len(LOCALES)


def test_a_folder_without_notes_is_an_error(tmp_path):
    with pytest.raises(PromptError, match="holds no note"):
        load_notes(tmp_path)


@pytest.mark.parametrize(("rule", "before", "after", "line"), FOUND)
def test_each_rule_finds_what_it_is_for(folder, rule, before, after, line):
    edit(folder, before, after)
    assert [(found.rule, found.line) for found in lint_notes(10, TODAY, folder)] == [(rule, line)]


def test_an_old_guideline_is_found_in_each_twin_and_few_keywords_in_one(folder):
    rules = [found.rule for found in lint_notes(9, TODAY, folder)]
    assert rules == ["note-old-guideline"] * len(LOCALES)
    text = (folder / NAUSEA).read_text(encoding="utf-8")
    (folder / NAUSEA).write_text(re.sub(r"keywords:\n(?:  - .*\n)+", "keywords: [enjoo]\n", text), encoding="utf-8")
    assert [found.rule for found in lint_notes(10, TODAY, folder)] == ["note-keywords"]


def test_the_reference_has_every_key_stage_rule_and_theme(root, notes):
    page = (root / "docs" / "reference" / "notes.md").read_text(encoding="utf-8")
    assert [word for word in (*KEYS, *SOURCE_KEYS, *STAGES) if f"`{word}`" not in page] == []
    rows = re.findall(r"^\| `(note-[a-z-]+)` \| (error|warning) \| (.+) \|$", page, flags=re.MULTILINE)
    assert rows == [(rule.id, rule.severity, rule.meaning) for rule in RULES.values()]
    listed = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \| [^|]+ \|$", page, flags=re.MULTILINE)
    assert listed == sorted({note.id for note in notes})


def test_a_note_shown_in_the_reference_is_one(root):
    page = (root / "docs" / "reference" / "notes.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```markdown\n(.*?)```", page, flags=re.DOTALL)
    assert parse_note(shown, "texts/heartburn.en.md").id == "heartburn"
