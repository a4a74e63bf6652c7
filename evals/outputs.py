"""The files that an evaluation leaves behind, all from the same rows and the same verdict."""

import json
from pathlib import Path

from evals.engine import Evaluation
from evals.junit import junit
from evals.page import page
from evals.report import ReportInputs, comment
from evals.verdictfile import verdict_as_dict
from matria import durable
from matria.messages import Locale

PAGE, COMMENT, JUNIT, VERDICT = "report.html", "comment.md", "junit.xml", "verdict.json"


def write_reports(
    folder: Path, evaluation: Evaluation, inputs: ReportInputs, locale: Locale = "en"
) -> tuple[Path, ...]:
    """Page, comment, JUnit XML, rows and meters; and the verdict as JSON where there is one. The page comes first."""
    base, head = evaluation.side("base"), evaluation.side("head")
    files = [
        durable.write_text(folder / PAGE, page(inputs, base, head, locale)),
        durable.write_text(folder / COMMENT, comment(inputs, locale)),
        durable.write_text(folder / JUNIT, junit(head, inputs.verdict, locale)),
        *evaluation.results.write(folder),
    ]
    if inputs.verdict:
        text = json.dumps(verdict_as_dict(inputs.verdict), ensure_ascii=False, indent=2, sort_keys=True)
        files.append(durable.write_text(folder / VERDICT, text + "\n"))
    return tuple(files)
