"""What an evaluation says to people: the comment on a pull request, and the parts that the HTML page shares with it."""

from evals.report.comment import MARKER, MOST_CHARACTERS, ReportInputs, comment

__all__ = ["MARKER", "MOST_CHARACTERS", "ReportInputs", "comment"]
