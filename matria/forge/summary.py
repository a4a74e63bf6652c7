"""The page that a pipeline shows beside its log: GitHub's job summary, Azure Pipelines' run summary.

It needs no token, so it is where a verdict stands when a run may not write to its pull request.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from matria import durable

MOST_BYTES = 1024 * 1024
"""Of one step's summary on GitHub; a larger one is refused as a whole."""
_CUT = "\n\n_…_\n"


def write_summary(environment: Mapping[str, str], markdown: str) -> bool:
    """Whether the text now stands in the summary of GitHub's job; False where no such job runs."""
    path = environment.get("GITHUB_STEP_SUMMARY", "")
    if not path:
        return False
    file = Path(path)
    try:
        used = file.stat().st_size if file.exists() else 0
        with file.open("ab") as summary:
            summary.write(_within(markdown.encode("utf-8"), MOST_BYTES - used))
    except OSError as error:
        raise durable.storage_error(error, file) from error
    return True


def upload_command(environment: Mapping[str, str], file: Path) -> str:
    """The line that, printed, makes Azure Pipelines show the Markdown file; empty where no such pipeline runs."""
    return f"##vso[task.uploadsummary]{os.path.abspath(file)}" if environment.get("TF_BUILD") else ""  # noqa: PTH100


def _within(content: bytes, room: int) -> bytes:
    """The content, or its whole lines that fit."""
    if len(content) + 1 <= room:
        return content + b"\n"
    cut = content[: max(0, room - len(_CUT.encode()))]
    return cut[: cut.rfind(b"\n") + 1].rstrip() + _CUT.encode() if b"\n" in cut else b""
