"""The reference of the checks is what the code says, and the case of the how-to loads."""

import re
from pathlib import Path

import yaml

from evals.checks.reference import checks_page
from evals.checks.registry import check_kinds
from evals.shapes import CaseShape
from evals.wording import wording
from matria.policy import Policy


def test_the_checks_page_is_what_the_code_says(root: Path) -> None:
    page = (root / "docs" / "reference" / "checks.md").read_text(encoding="utf-8")
    written = page.split("-->\n\n", 1)[-1]
    assert written == checks_page(), "run `make reference`"
    for name in check_kinds():
        assert f"## {name}\n" in page


def test_the_case_of_the_how_to_is_a_case(root: Path) -> None:
    text = (root / "docs" / "how-to" / "write-a-case.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    (case,) = yaml.safe_load(block)["cases"]
    assert CaseShape.model_validate(case).id == "reduced-movements.pt-PT"
    for key in CaseShape.model_fields:
        assert f"`{key}`" in text or key in ("locale", "criteria", "clinical_review")


def test_every_threshold_that_the_verdicts_page_names_exists(root: Path, policy: Policy) -> None:
    text = (root / "docs" / "reference" / "verdicts.md").read_text(encoding="utf-8")
    names = set(re.findall(r"`((?:gate|engine)\.[a-z_]+)`", text))
    assert names
    assert names <= set(policy.thresholds)


def test_both_languages_say_the_same_sentences() -> None:
    english, portuguese = wording("en").texts, wording("pt-BR").texts
    assert set(english) == set(portuguese)
    for name, text in english.items():
        places = set(re.findall(r"\{\d\}", text))
        assert places == set(re.findall(r"\{\d\}", portuguese[name])), name
