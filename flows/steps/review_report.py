"""The weekly report, made of settled readings: on the shelf, in MLflow, told to people, and kept for judges to use.

Texts of conversations stand on the HTML page alone; `forget_texts` takes them out again once they are erased. Whoever
asks for the report of a week twice gets the same one while nothing has changed.
"""

import json
import logging
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.steps.review import no_batch
from matria import durable
from matria.errors import InputError, MatriaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evals.review.base import Batch
    from evals.review.disputes import Final
    from evals.review.report import CameOf, Found, ReportedCase, WeeklyReport
    from flows.shelf import Report
    from flows.wiring import Platform

log = logging.getLogger(__name__)

KIND, PAGE, SUMMARY, DATA, RECORDED = "review", "review.html", "review.md", "review.json", ".in-mlflow"
DRAWN_BY = timedelta(hours=10)
"""After Monday's midnight, as in `flows.steps.review_due`: before, the week that is over need not be drawn yet."""
ALL_BATCHES = 10_000
_CASE = re.compile(r"<!--case:([0-9A-Za-z_-]+)-->")


@dataclass(frozen=True)
class ReportedWeek:
    """A week's report and what was done with it."""

    of: "WeeklyReport"
    report: "Report"
    is_new: bool
    """Whether it says something else than the last one of this week."""
    assessments: int | None
    """New or changed in MLflow; None where MLflow did not take them."""
    precedents: int

    def table(self) -> list[dict[str, Any]]:
        """A row per estimate; no text and no name."""
        from flows.site.review_tables import plain_rates

        return plain_rates(self.of)


def report_week(platform: "Platform", week: str | None = None, now: datetime | None = None) -> ReportedWeek:
    """The report of the newest week that is due, or of the one named; people hear of it once, and not before it is due.

    Raises `InputError` where there is no such week, `StorageError` where something cannot be kept. MLflow that does not
    answer is logged: the report is there without it, and the next one brings it.
    """
    at = now or datetime.now(UTC)
    made = week_report(platform, week, at)
    report, is_new = _shelved(platform, made)
    _keep_trust(platform, made, at)
    precedents = write_precedents(platform, at)
    if made.state == "settled" or _is_due(platform, made.batch, at):
        _tell(platform, made, report, at)
    assessments = _record(platform, made, report)
    log.info("%s: %d of %d read, report %s", made.batch.batch_id, made.counts.read, made.counts.items, report.address)
    return ReportedWeek(made, report, is_new, assessments, precedents)


def weeks_to_report(platform: "Platform", now: datetime) -> tuple[str, ...]:
    """The weeks that are due and have no report yet, as one that was drawn late, oldest first; the newest in any case.

    Raises `InputError` where no week was drawn.
    """
    batches = platform.reviews.batches(platform.policy.count("review.rolling_weeks"))
    newest = _batch(platform, batches, None, now).batch_id
    told = {data["week"] for _, data in _reports(platform)}
    due = sorted(one.batch_id for one in batches if _is_due(platform, one, now))
    return (*(one for one in due if one not in told and one != newest), newest)


def week_report(platform: "Platform", week: str | None, now: datetime) -> "WeeklyReport":
    """The figures; nothing is written. Raises `InputError` where no such week was drawn."""
    from evals.review.report import report_of
    from evals.review.weeks import week_before

    found = _found(platform, now)
    batch = _batch(platform, found.batches, week, now)
    due = week_before(now - DRAWN_BY, platform.review_zone).batch_id
    newest = max(one.batch_id for one in found.batches)
    came = _came_of(platform, batch, found, now)
    until = due if batch.batch_id == newest else batch.batch_id
    return replace(report_of(batch, found, came, platform.policy, until, now), zone=platform.review_zone)


def write_precedents(platform: "Platform", now: datetime) -> int:
    """How many readings of single criteria lie where judges read them; the file is made anew, whole."""
    from evals.review.precedents import precedents_of
    from evals.review.settling import settled_by

    records, policy = platform.reviews, platform.policy
    items = [item for item in records.items() if item.kind == "criterion"]
    settled = records.settled(settled_by(policy, now))
    known = precedents_of(items, records.origins([one.item_id for one in items]), settled, policy)
    lines = [json.dumps({**vars(one), "reviewed_on": one.reviewed_on.isoformat()}, ensure_ascii=False) for one in known]
    path = precedents_path(platform)
    if lines or path.exists():
        durable.write_text(path, "".join(f"{line}\n" for line in lines))
    return len(lines)


def precedents_path(platform: "Platform") -> Path:
    """Where judges find what nurses said of answers before."""
    return platform.settings.home / "review" / "precedents.jsonl"


def forget_texts(platform: "Platform") -> int:
    """How many pages lost the text of a conversation that is erased by now. Raises `StorageError`."""
    from evals.review.report_words import words_of

    gone = f"<p>{words_of(platform.settings.review.locale).say('erased')}</p>"
    changed = 0
    for report in platform.shelf.of(KIND):
        path = report.folder / PAGE
        page = path.read_text(encoding="utf-8") if path.is_file() else ""
        named = _CASE.findall(page)
        kept = (
            {item.item_id for item in platform.reviews.items(item_ids=named) if not item.is_erased} if named else set()
        )
        left = page
        for item_id in set(named) - kept:
            left = re.sub(f"<!--case:{re.escape(item_id)}-->.*?<!--/case-->", gone, left, flags=re.DOTALL)
        if left != page:
            durable.write_text(path, left)
            changed += 1
    return changed


def _found(platform: "Platform", now: datetime) -> "Found":
    from evals.review.report import Found
    from evals.review.settling import settled_by

    records = platform.reviews
    return Found(
        records.batches(newest=ALL_BATCHES),
        records.items(),
        records.origins(),
        records.assignments(),
        records.settled(settled_by(platform.policy, now)),
    )


def _batch(platform: "Platform", batches: "Sequence[Batch]", week: str | None, now: datetime) -> "Batch":
    """The week named; else the newest that is due, or the newest where none is."""
    known = {batch.batch_id: batch for batch in batches}
    if not known:
        raise InputError("No week was drawn for review yet: `matria review draw` draws the last one.")
    if week is not None and week not in known:
        raise no_batch([week], known)
    due = [name for name, batch in known.items() if _is_due(platform, batch, now)]
    return known[week or max(due or known)]


def _is_due(platform: "Platform", batch: "Batch", now: datetime) -> bool:
    """Whether nurses were to be done with it."""
    from evals.review.due import due_of_batch

    due_days, remind_days = (platform.policy.count(f"review.{name}") for name in ("due_days", "remind_days"))
    return now >= due_of_batch(batch.drawn_at, platform.review_zone, due_days, remind_days)


def _came_of(platform: "Platform", batch: "Batch", found: "Found", now: datetime) -> "CameOf":
    from evals.review.disputes import final_answers
    from evals.review.report import CameOf
    from evals.review.report_data import trusted_in
    from flows.steps.judge_trust import book_of_nurses
    from flows.steps.review_gates import gate_changes

    finals = final_answers(found.settled, platform.policy.count("review.dispute_steps"))
    before = _data_before(platform, batch.batch_id)
    return CameOf(
        trust=book_of_nurses(platform, now),
        trusted_before=trusted_in(before) if before is not None else {},
        golden=_golden(platform, batch, found, finals),
        gates=gate_changes(platform, batch.drawn_at),
    )


def _golden(
    platform: "Platform", batch: "Batch", found: "Found", finals: "dict[str, Final]"
) -> "tuple[ReportedCase, ...]":
    """The cases that can be made of the week, each with how far it has come."""
    from evals.review.golden import SUITE, GoldenCase, golden_case, taught
    from evals.review.report import ReportedCase
    from flows.steps.review_outcomes import case_states

    items = [item for item in found.items if item.batch_id == batch.batch_id]
    made = [golden_case(one) for one in taught(items, finals)]
    names = [str(one.case["id"]) for one in made if isinstance(one, GoldenCase)]
    states = case_states(platform.settings.root, platform.settings.home, names)
    return tuple(ReportedCase(name, SUITE, states[name]) for name in names)


def _data_before(platform: "Platform", week: str) -> dict[str, Any] | None:
    """The newest report of an earlier week, as data."""
    return next((data for _, data in _reports(platform) if data["week"] < week), None)


def _reports(platform: "Platform") -> "list[tuple[Report, dict[str, Any]]]":
    """Those on the shelf, newest first; one that cannot be read is left out."""
    found = []
    for report in platform.shelf.of(KIND):
        try:
            found.append((report, json.loads((report.folder / DATA).read_text(encoding="utf-8"))))
        except (OSError, ValueError):
            continue
    return found


def _shelved(platform: "Platform", made: "WeeklyReport") -> "tuple[Report, bool]":
    """The report on the shelf, and whether it is new: one that says the same is there already."""
    from evals.review.report_data import as_data
    from evals.review.report_headline import headline
    from evals.review.report_words import words_of
    from flows.review_page import markdown, page

    data, locale = json.loads(json.dumps(as_data(made))), platform.settings.review.locale
    last = next((one for one in _reports(platform) if one[1]["week"] == made.batch.batch_id), None)
    if last is not None and {**last[1], "at": ""} == {**data, "at": ""}:
        return last[0], False
    harm_from = platform.policy.count("review.harm_from")
    texts = page(made, harm_from, locale), markdown(made, harm_from, locale)
    folder = platform.shelf.new_folder(KIND, made.at)
    folder.chmod(0o700)  # its page shows conversations
    durable.write_text(folder / PAGE, texts[0])
    durable.write_text(folder / SUMMARY, texts[1])
    durable.write_text(folder / DATA, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    title = headline(made, words_of(locale))
    return platform.shelf.put(folder, title, PAGE, made.at, made.batch.is_simulated, SUMMARY), True


def _keep_trust(platform: "Platform", made: "WeeklyReport", now: datetime) -> None:
    """The judges' trust as nurses see it now, for whoever works on this machine; gates go by the checkout's."""
    from flows.steps.judge_trust import save_trust

    save_trust(platform, platform.settings.home / "review" / "trust.yaml", now)


def _tell(platform: "Platform", made: "WeeklyReport", report: "Report", now: datetime) -> bool:
    """Whether people are told of this week only now: once for each week."""
    from evals.review.report_headline import headline, still
    from evals.review.report_words import words_of
    from flows.steps.watching import pages_url
    from matria.notify.base import Notice, Severity

    words = words_of(platform.settings.review.locale)
    link = f"{pages_url(platform)}{report.address}"
    more = still(made, words) or words.say("cases_on_page")
    severity: Severity = "warning" if made.state == "unread" or made.missed else "information"
    notice = Notice(headline(made, words), words.say("notice", more, link), severity, now, link)
    return platform.outbox.put(f"review/{made.batch.batch_id}", notice, now)


def _record(platform: "Platform", made: "WeeklyReport", report: "Report") -> int | None:
    """How many assessments MLflow took; None where it did not answer, and the next report of the week tries again."""
    from flows.steps.review_record import assess

    mark = report.folder / RECORDED
    try:
        platform.tracking.require_up()
        if not mark.exists():
            _log_run(platform, made)
            durable.write_text(mark, "")
        return assess(platform, made.at)
    except MatriaError as error:
        log.warning("The report of %s is there, and MLflow has no record of it: %s", made.batch.batch_id, error)
        return None


def _log_run(platform: "Platform", made: "WeeklyReport") -> None:
    from evals.review.report_data import metrics_of

    week = made.batch.batch_id
    with platform.tracking.start(
        "review-week",
        subject=week,
        data_version=week,
        is_simulated=made.batch.is_simulated,
        tags={"week": week, "state": made.state},
        now=made.at,
    ) as run:
        run.log_batch({"weeks": made.weeks, "confidence": made.confidence}, metrics_of(made))
