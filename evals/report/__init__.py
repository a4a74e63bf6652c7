"""What an evaluation says, for people: the comment on a pull request, and the parts that it shares with the HTML page."""

from evals.report.comment import MARKER, MOST_CHARACTERS, ReportInputs, comment

__all__ = ["MARKER", "MOST_CHARACTERS", "ReportInputs", "comment"]
