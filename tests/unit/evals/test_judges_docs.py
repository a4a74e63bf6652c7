"""Every judge and metric is in the reference, each with an example that loads."""

import re
from collections.abc import Mapping

from evals.judges.params import JUDGES, parse_judge
from evals.shapes import PassageShape
from matria import PROJECT_ROOT
from matria.errors import SuiteError
from matria.yamlfile import parse_yaml

PAGE = (PROJECT_ROOT / "docs" / "reference" / "judges.md").read_text(encoding="utf-8")
BLOCKS = [parse_yaml(block, "judges.md", SuiteError) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


def test_every_judge_and_metric_has_an_example_that_loads() -> None:
    shown = {
        (spec.name, spec.given.get("metric")) for spec in (parse_judge(b["judge"]) for b in BLOCKS if "judge" in b)
    }
    wanted = {
        (name, metric) for name, known in JUDGES.items() for metric in (known if isinstance(known, Mapping) else [None])
    }
    assert shown == wanted


def test_the_example_of_retrieval_fits_a_case() -> None:
    (example,) = [block for block in BLOCKS if "retrieved" in block]
    assert [PassageShape.model_validate(passage).id for passage in example["retrieved"]] == ["p1", "p2"]
