"""Thresholds: value, unit and reason, each of them."""

from pathlib import Path

import pytest

from matria.errors import SettingsError
from matria.policy import load_policy


def test_the_promised_auc_is_read(root: Path) -> None:
    assert load_policy(root / "policy.yaml").number("sla.risk_auc") == 0.82


def test_margins_come_by_axis(root: Path) -> None:
    margins = load_policy(root / "policy.yaml").group("gate.axis_margins")
    assert margins["danger_signs"] < margins["tone"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sla:\n  auc: {value: 0.8, unit: AUC}\n", "'sla.auc' needs exactly"),
        ("sla:\n  auc: {value: high, unit: AUC, reason: x}\n", "'sla.auc' needs exactly"),
        ("sla:\n  auc: 0.8\n", "'sla.auc' must be a section"),
        ("sla:\n\tauc: 0.8\n", "line 2: YAML is indented with spaces, and a tab"),
    ],
)
def test_a_policy_that_does_not_fit_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "policy.yaml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        load_policy(tmp_path / "policy.yaml")


def test_an_unknown_threshold_is_an_error_and_never_a_default(root: Path) -> None:
    with pytest.raises(SettingsError, match=r"no threshold 'sla\.auk'"):
        load_policy(root / "policy.yaml").number("sla.auk")


def test_a_count_is_whole(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("n: {value: 2.5, unit: rows, reason: test}\n")
    with pytest.raises(SettingsError, match="whole number"):
        load_policy(tmp_path / "policy.yaml").count("n")
