"""What an evaluation says to people: the comment on a pull request, and the parts that the HTML page shares with it."""

from evals.report.comment import MARKER, MOST_CHARACTERS, comment, running
from evals.report.forecast import PromptTraffic, Traffic
from evals.report.inputs import ReportInputs
from evals.report.sections import AZURE_COMMENT, GITHUB_COMMENT, JOB_SUMMARY, Room

__all__ = [
    "AZURE_COMMENT",
    "GITHUB_COMMENT",
    "JOB_SUMMARY",
    "MARKER",
    "MOST_CHARACTERS",
    "PromptTraffic",
    "ReportInputs",
    "Room",
    "Traffic",
    "comment",
    "running",
]
