"""What `matria review report` prints: the headline, rates, agreement, what changed, and where the page lies."""

from typing import TYPE_CHECKING

from flows.cli.show import line, path, records

if TYPE_CHECKING:
    from flows.site.review_tables import Table
    from flows.steps.review_report import ReportedWeek
    from matria.messages import Locale


def report(made: "ReportedWeek", locale: "Locale") -> None:
    """The report in short; the page has it whole."""
    from evals.review.report_headline import notes, still
    from evals.review.report_words import words_of
    from flows.review_page import bounds, counts, pace
    from flows.site import review_tables as tables

    words = words_of(locale)
    line(made.report.title)
    for said in (still(made.of, words), counts(made.of, words), pace(made.of, words), *bounds(made.of, words)):
        if said:
            line(said)
    for table in (tables.rates(made.of, words), tables.agreement(made.of, words)):
        _show(table)
    for said in (*tables.changed(made.of, words), *notes(made.of, words)):
        line(said)
    if made.assessments is None:
        line("MLflow did not answer: `matria review report` again brings what is missing there.")
    line(f"page: {path(made.report.folder / made.report.main)}")


def _show(table: "Table") -> None:
    from flows.site.review_tables import cells

    if table.rows:
        records(list(table.header), [tuple(row) for row in cells(table)], names_last=True)
