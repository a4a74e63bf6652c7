"""The files that an evaluation leaves behind, all from the same rows and the same verdict."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from evals.engine import Evaluation
from evals.junit import junit
from evals.page import MOST_CASES, page_of
from evals.page_cases import keep_worst
from evals.parquet import write_parquet
from evals.report import JOB_SUMMARY, ReportInputs, comment
from evals.verdictfile import verdict_as_dict
from matria import durable
from matria.messages import Locale

PAGE, COMMENT, SUMMARY, JUNIT, VERDICT = "report.html", "comment.md", "summary.md", "junit.xml", "verdict.json"


def write_reports(
    folder: Path, evaluation: Evaluation, inputs: ReportInputs, locale: Locale = "en"
) -> tuple[Path, ...]:
    """Page, comment, job summary, JUnit XML, rows and meters, Parquet; and the verdict as JSON where there is one.

    The page comes first. The rows are walked, not held.
    """
    results = evaluation.results
    kept = keep_worst(results.pairs(), MOST_CASES)
    inputs = replace(inputs, graders=inputs.graders or kept.graders)
    files = [
        durable.write_text(folder / PAGE, page_of(inputs, kept, locale)),
        durable.write_text(folder / COMMENT, comment(inputs, locale)),
        durable.write_text(folder / SUMMARY, comment(inputs, locale, JOB_SUMMARY)),
        _write(folder / JUNIT, junit(evaluation.side("head"), inputs.verdict, locale)),
        *results.write(folder),
        *write_parquet(folder, results.entries),
    ]
    if inputs.verdict:
        text = json.dumps(verdict_as_dict(inputs.verdict), ensure_ascii=False, indent=2, sort_keys=True)
        files.append(durable.write_text(folder / VERDICT, text + "\n"))
    return tuple(files)


def _write(path: Path, pieces: Iterable[str]) -> Path:
    def write(partial: Path) -> None:
        with partial.open("x", encoding="utf-8", newline="\n") as file:
            file.writelines(pieces)

    return durable.write_with(path, write)
