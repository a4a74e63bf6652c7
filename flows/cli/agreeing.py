"""Asking the person at the terminal before money is spent."""

import sys
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from flows.steps.evaluation_estimate import Outlook
    from flows.steps.evaluation_request import EvaluationRequest


def agreed(outlook: "Outlook", request: "EvaluationRequest") -> bool:
    """Whether nobody has to agree, or the person at the terminal has; False where nobody sits at one, or could."""
    question = outlook.question(request)
    if not question:
        return True
    if outlook.is_cap_void(request) or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(f"{question} Begin?", default=False, err=True)
