"""Where reports lie: `home/reports/<kind>/<UTC second>-<n>/`, each with a `report.json` that says what it is.

The pages list what is on the shelf; nothing else needs to know how many there are. A report is put down whole: its
folder gets its `report.json` last, and a folder without one is not shown.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from matria import durable
from matria.errors import InputError

KINDS = ("demo", "evaluation", "model-card", "ingest", "costs", "review")


@dataclass(frozen=True)
class Report:
    """One report on the shelf."""

    kind: str
    title: str
    """One line, with the result in it."""
    main: str
    """File that a person opens first, relative to the folder."""
    at: str
    """When, ISO 8601 UTC."""
    is_simulated: bool
    summary: str
    """File that says it in Markdown, for places that show no page."""
    folder: Path

    @property
    def address(self) -> str:
        """Path of the report on the pages."""
        return f"/reports/{self.kind}/{self.folder.name}/{self.main}"


@dataclass(frozen=True)
class Shelf:
    """The reports of one home."""

    root: Path

    def new_folder(self, kind: str, now: datetime) -> Path:
        """An empty folder for a report of this kind."""
        stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        for number in range(1, 1000):
            folder = self.root / kind / (stamp if number == 1 else f"{stamp}-{number}")
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            except OSError as error:
                raise durable.storage_error(error, folder) from error
            return folder
        raise InputError(f"{self.root / kind} holds a thousand reports of the same second: remove some.")

    def put(
        self, folder: Path, title: str, main: str, now: datetime, is_simulated: bool, summary: str | None = None
    ) -> Report:
        """The report in `folder`, shown from now on."""
        kind = folder.parent.name
        at = now.astimezone(UTC).isoformat(timespec="seconds")
        report = Report(kind, title, main, at, is_simulated, summary or main, folder)
        fields = {key: value for key, value in asdict(report).items() if key != "folder"}
        durable.write_text(folder / "report.json", json.dumps(fields, ensure_ascii=False, indent=1) + "\n")
        return report

    def newest(self, kind: str) -> Report | None:
        """The newest report of a kind, or None where there is none."""
        return next(self.of(kind), None)

    def of(self, kind: str) -> Iterator[Report]:
        """Reports of a kind, newest first."""
        folder = self.root / kind
        for entry in sorted(folder.iterdir(), reverse=True) if folder.is_dir() else ():
            try:
                fields = json.loads((entry / "report.json").read_text(encoding="utf-8"))
                yield Report(**fields, folder=entry)
            except (OSError, ValueError, TypeError):
                continue  # not finished, or not a report
