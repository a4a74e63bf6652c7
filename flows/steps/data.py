"""From events to features: simulate, ingest, publish; each recorded in MLflow and put on the shelf."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.shelf import Report
from matria import durable
from matria.errors import InputError
from matria.provenance import digest

if TYPE_CHECKING:
    from flows.wiring import Platform
    from matria.events.report import IngestReport
    from matria.features.publish import PublishReport

SYNTHETIC_UNTIL = date(2026, 6, 30)
"""Default end of the synthetic record: fixed, so that the same seed gives the same events on any day."""


@dataclass(frozen=True)
class Simulated:
    """A synthetic record written."""

    path: Path
    events: int


@dataclass(frozen=True)
class IngestOutcome:
    """What became of each source."""

    ingested: "Sequence[IngestReport]"
    report: Report

    @property
    def data_version(self) -> str:
        """One hash over all sources."""
        return digest([one.data_version for one in self.ingested])

    def table(self) -> list[dict[str, Any]]:
        """A row per source and table, and their sum: rows in = clean + quarantined + duplicates."""
        return _table(self.ingested)

    def reasons(self) -> list[tuple[str, int, str]]:
        """Why rows were quarantined: table, rows, reason."""
        return _reasons(self.ingested)


@dataclass(frozen=True)
class PublishOutcome:
    """The feature tables published."""

    published: "PublishReport"
    title: str

    def table(self) -> list[dict[str, Any]]:
        """A row per table."""
        return [
            {"table": t.table, "rows": t.rows, "subjects": t.subjects, "data version": t.data_version[:12]}
            for t in self.published.tables
        ]


def simulate_events(
    platform: "Platform", patients: int, seed: int, until: date | None, drift: bool, out: Path | None
) -> Simulated:
    """A synthetic record in the inbox, or in `out`; the same arguments give the same file."""
    from matria.events.synthetic import simulate, write_jsonl

    end = until or SYNTHETIC_UNTIL
    name = f"synthetic-{patients}-seed{seed}-{end:%Y%m%d}{'-drift' if drift else ''}.jsonl"
    path = out or platform.inbox / name
    return Simulated(path, write_jsonl(simulate(patients, seed, end, drift), path))


def ingest_events(
    platform: "Platform",
    sources: Sequence[Path],
    mapping: Path | None,
    progress: Callable[[int, int, str], object] | None = None,
) -> IngestOutcome:
    """Every source, or every file of the inbox, taken in. Raises `InputError` where there is none."""
    from flows.wiring_stores import event_source
    from matria.contracts.contract import load_contracts
    from matria.events.ingest import ingest, local_stores

    paths = list(sources) or platform.inbox_files()
    if not paths:
        raise InputError(f"Nothing to ingest: name a file with --source, or put .jsonl files into {platform.inbox}.")
    now = datetime.now(UTC)
    contracts = load_contracts()
    opened = [event_source(platform.settings, path, contracts, mapping) for path in paths]
    done = [
        ingest(
            source,
            local_stores(platform.settings.home),
            contracts,
            platform.hash_key,
            platform.policy,
            now,
            progress or (lambda done, total, what: None),
        )
        for source in opened
    ]
    outcome = IngestOutcome(done, _shelve_ingest(platform, done, now))
    _record_ingest(platform, outcome, now)
    if not sources:
        _file_away(platform.inbox, paths)
    return outcome


def publish_features(platform: "Platform", as_of: date | None) -> PublishOutcome:
    """Both feature tables, offline then online. Raises `InputError` where nothing was ingested."""
    from matria.events.ingest import local_stores
    from matria.features.publish import publish

    now = datetime.now(UTC)
    published = publish(
        local_stores(platform.settings.home).clean,
        platform.offline_features,
        platform.online_features,
        platform.hash_key.key_id,
        now,
        as_of,
    )
    title = ", ".join(f"{t.table}: {t.rows:,} rows of {t.subjects:,} women" for t in published.tables)
    _record_publish(platform, published, now)
    return PublishOutcome(published, title)


def holds_only_synthetic(platform: "Platform") -> bool:
    """Whether every clean row of this home came from a simulated file."""
    from matria.events.ingest import local_stores
    from matria.events.synthetic import is_synthetic

    versions = local_stores(platform.settings.home).clean.versions("patients")
    return all(is_synthetic(str(version.details.get("source"))) for version in versions)


def _file_away(inbox: Path, paths: Sequence[Path]) -> None:
    """Files of the inbox that were taken in whole go to `done`, so that an empty inbox is seen to be empty."""
    for path in paths:
        target = inbox / "done" / path.name
        try:
            target.parent.mkdir(exist_ok=True)
            path.replace(target)
        except OSError as error:
            raise durable.storage_error(error, target) from error


def _table(ingested: "Sequence[IngestReport]") -> list[dict[str, Any]]:
    several = len(ingested) > 1
    rows = [
        {**({"source": one.source} if several else {}), **_counts(t.table, t)} for one in ingested for t in one.tables
    ]
    total = {name: sum(row[name] for row in rows) for name in ("rows in", "clean", "quarantined", "duplicates")}
    return [*rows, {**({"source": ""} if several else {}), "table": "all", **total}]


def _reasons(ingested: "Sequence[IngestReport]") -> list[tuple[str, int, str]]:
    return [(reason.table, reason.rows, reason.reason) for one in ingested for reason in one.reasons]


def _counts(name: str, of: Any) -> dict[str, Any]:
    return {
        "table": name,
        "rows in": of.rows_in,
        "clean": of.clean,
        "quarantined": of.quarantined,
        "duplicates": of.duplicates,
    }


def _shelve_ingest(platform: "Platform", done: "Sequence[IngestReport]", now: datetime) -> Report:
    from matria.events.synthetic import is_synthetic

    folder = platform.shelf.new_folder("ingest", now)
    total = {
        name: sum(getattr(one, name) for one in done) for name in ("rows_in", "clean", "quarantined", "duplicates")
    }
    title = (
        f"{total['rows_in']:,} rows in = {total['clean']:,} clean + {total['quarantined']:,} quarantined "
        f"+ {total['duplicates']:,} duplicates"
    )
    durable.write_text(folder / "ingest.md", _ingest_markdown(title, done))
    return platform.shelf.put(folder, title, "ingest.md", now, all(is_synthetic(one.source) for one in done))


def _ingest_markdown(title: str, ingested: "Sequence[IngestReport]") -> str:
    rows, reasons = _table(ingested), _reasons(ingested)
    lines = [f"# {title}", "", f"Sources: {', '.join(one.source for one in ingested)}.", ""]
    lines += [_row(rows[0]), _row(["---"] * len(rows[0])), *(_row(row.values()) for row in rows), ""]
    if reasons:
        lines += ["## Quarantined, and why", "", "| table | rows | reason |", "|---|---|---|"]
        lines += [_row(reason) for reason in reasons]
    return "\n".join(lines) + "\n"


def _row(values: Any) -> str:
    return "| " + " | ".join(str(value).replace("|", "\\|") for value in values) + " |"


def _record_ingest(platform: "Platform", outcome: IngestOutcome, now: datetime) -> None:
    from matria.events.synthetic import is_synthetic

    names = ", ".join(one.source for one in outcome.ingested)
    with platform.tracking.start(
        "ingest",
        subject="events",
        data_version=outcome.data_version,
        is_simulated=all(is_synthetic(one.source) for one in outcome.ingested),
        tags={"source": names[:500]},
        now=now,
    ) as run:
        total = outcome.table()[-1]
        run.log_metrics(
            {name.replace(" ", "_"): float(value) for name, value in total.items() if isinstance(value, int)}
        )
        run.log_artifact(outcome.report.folder / outcome.report.main)


def _record_publish(platform: "Platform", published: "PublishReport", now: datetime) -> None:
    with platform.tracking.start(
        "features",
        subject="features",
        data_version=published.data_version,
        is_simulated=published.is_synthetic,
        tags={"tables": ", ".join(t.table for t in published.tables)},
        now=now,
    ) as run:
        run.log_metrics({f"{t.table}_rows": float(t.rows) for t in published.tables})
