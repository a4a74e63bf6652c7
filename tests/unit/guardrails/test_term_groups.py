"""The term files of the checkout, and what a clinician reads when one is wrong."""

import re
from pathlib import Path

import pytest
import yaml

from guardrails.clinical_terms import DISCLOSURES
from guardrails.term_groups import TERMS_FOLDER, load_groups
from matria.errors import InputError

SETS = {"title": "t", "purpose": "p", "clinical_review": "pending", "sets": {"partner": ["marido"]}}
GROUP = {"id": "g", "meaning": "m", "language": "pt", "mark": "threat", "phrases": ["meu {partner}"]}


def folder_with(tmp_path: Path, group: object, sets: object = SETS) -> Path:
    (tmp_path / "sets.yaml").write_text(yaml.safe_dump(sets), encoding="utf-8")
    content = {"title": "t", "purpose": "p", "clinical_review": "pending", "groups": [group]}
    (tmp_path / "terms.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return tmp_path


def test_every_term_file_says_what_it_is_for_and_who_reviewed_it() -> None:
    for path in TERMS_FOLDER.glob("*.yaml"):
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert tree["title"]
        assert len(tree["purpose"]) > 30
        assert tree["clinical_review"]


def test_every_group_of_the_checkout_loads_with_a_meaning() -> None:
    groups = load_groups()
    assert len(groups) > 40
    for group in groups:
        assert group.phrases
        assert re.fullmatch(r"[A-Z\"].+[.?!]", group.meaning), group.id


def test_both_languages_have_each_kind_of_disclosure() -> None:
    marks = {(group.mark, group.base_language) for group in load_groups() if group.mark.endswith("_disclosure")}
    assert marks == {(mark, language) for mark in DISCLOSURES for language in ("pt", "en")}


def test_every_set_is_used_by_some_phrase() -> None:
    sets = yaml.safe_load((TERMS_FOLDER / "sets.yaml").read_text(encoding="utf-8"))["sets"]
    phrases = "".join(path.read_text(encoding="utf-8") for path in TERMS_FOLDER.glob("*.yaml"))
    assert [name for name in sets if f"{{{name}}}" not in phrases] == []


def test_the_reference_names_every_term_file_and_every_disclosure(root: Path) -> None:
    page = (root / "docs" / "reference" / "guardrails.md").read_text(encoding="utf-8")
    assert [path.name for path in TERMS_FOLDER.glob("*.yaml") if f"`{path.name}`" not in page] == []
    assert [mark for mark in DISCLOSURES if f"`{mark}`" not in page] == []


def test_a_group_that_is_right_loads(tmp_path: Path) -> None:
    (group,) = load_groups(folder_with(tmp_path, GROUP))
    assert (group.id, group.level, group.category) == ("g", 0, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"language": "xx"}, "language 'xx'"),
        ({"category": "rudeness", "level": 2}, "category 'rudeness'"),
        ({"category": "hate"}, "goes with a level"),
        ({"level": 3}, "goes with a level"),
        ({"category": "hate", "level": 8}, "levels are whole numbers"),
        ({"category": "hate", "level": 2, "in_clinical_context": 3}, "levels are whole numbers"),
        ({"category": "hate", "level": "2"}, "levels are whole numbers"),
        ({"phrases": ["{nobody} bate"]}, "sets.yaml lacks"),
        ({"phrases": ["... bate"]}, "must begin with a word"),
        ({"phrases": "bate"}, "must be a list"),
        ({"phrases": [5]}, "5 is not text"),
        ({"meaning": None, "phrase": []}, "unknown phrase"),
    ],
)
def test_a_wrong_group_is_named_with_what_is_wrong(tmp_path: Path, change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        load_groups(folder_with(tmp_path, {**GROUP, **change}))


def test_a_group_without_a_meaning_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="meaning is missing"):
        load_groups(folder_with(tmp_path, {k: v for k, v in GROUP.items() if k != "meaning"}))


def test_two_groups_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, GROUP)
    (folder / "again.yaml").write_text((folder / "terms.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InputError, match="two groups are called 'g'"):
        load_groups(folder)


@pytest.mark.parametrize("sets", [{**SETS, "sets": []}, {**SETS, "more": 1}, []])
def test_wrong_sets_are_refused(tmp_path: Path, sets: object) -> None:
    with pytest.raises(InputError, match=r"sets\.yaml"):
        load_groups(folder_with(tmp_path, GROUP, sets))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="restore it from git"):
        load_groups(tmp_path / "nowhere")
