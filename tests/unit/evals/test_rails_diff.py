"""What a reviewer reads of a change of terms: groups and phrases that came and went, thresholds that moved."""

from pathlib import Path

import pytest
import yaml

from evals.rails_diff import RailsChange, rails_diff, rails_diff_as_markdown, threshold_diff
from evals.wording import wording

FOLDERS = (Path("terms"),)
GROUP = {"id": "wish.pt", "level": 4, "phrases": ["quero morrer", "cansei de viver"]}


def tree(root: Path, *groups: dict[str, object]) -> Path:
    (root / "terms" / "blocklists").mkdir(parents=True)
    text = yaml.safe_dump({"title": "Disclosures", "groups": list(groups)})
    (root / "terms" / "disclosures.yaml").write_text(text, encoding="utf-8")
    return root


def changes(tmp_path: Path, *groups: dict[str, object]) -> tuple[RailsChange, ...]:
    return rails_diff(tree(tmp_path / "base", GROUP), tree(tmp_path / "head", *groups), FOLDERS)


def test_the_same_groups_are_no_change(tmp_path: Path) -> None:
    assert changes(tmp_path, GROUP) == ()


def test_a_group_is_named_with_what_came_and_went(tmp_path: Path) -> None:
    (change,) = changes(tmp_path, {**GROUP, "level": 5, "phrases": ["quero morrer", "quero sumir"]})
    assert (change.place, change.name, change.state) == ("terms/disclosures.yaml", "wish.pt", "changed")
    assert change.gone == ("level: 4", "cansei de viver")
    assert change.new == ("level: 5", "quero sumir")


def test_a_group_that_is_gone_is_removed(tmp_path: Path) -> None:
    other = {**GROUP, "id": "other.pt"}
    assert [(c.name, c.state) for c in changes(tmp_path, other)] == [("wish.pt", "removed"), ("other.pt", "added")]


def test_a_file_of_a_folder_below_counts(tmp_path: Path) -> None:
    base, head = tree(tmp_path / "base", GROUP), tree(tmp_path / "head", GROUP)
    (head / "terms" / "blocklists" / "new.yaml").write_text("name: new\n", encoding="utf-8")
    assert [(c.place, c.state) for c in rails_diff(base, head, FOLDERS)] == [("terms/blocklists/new.yaml", "added")]


def test_thresholds_that_moved_are_named() -> None:
    (change,) = threshold_diff({"moderation.a": 6, "moderation.b": 4}, {"moderation.a": 7, "moderation.b": 4, "c": 1})
    assert (change.name, change.gone, change.new) == ("moderation.a", ("6",), ("7",))


@pytest.mark.parametrize("phrase", ["[link](https://x.example)", "<img src=x>", "@team", "a\n\n# b"])
def test_a_phrase_is_only_ever_text(tmp_path: Path, phrase: str) -> None:
    told = rails_diff_as_markdown(changes(tmp_path, {**GROUP, "phrases": [phrase]}), wording("pt-BR").texts)
    assert "](https" not in told
    assert "<img" not in told
    assert told.count("\n") == 1


def test_a_long_change_is_cut(tmp_path: Path) -> None:
    told = rails_diff_as_markdown(
        changes(tmp_path, *({"id": f"g{n}", "phrases": ["x"]} for n in range(60))), wording("en").texts
    )
    assert told.count("\n") == 41
    assert "… 21" in told
