"""What the commands print. Tables and colour where the terminal has them, plain text in a pipe."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from flows.cli.terminal import inert, terminal
from matria.markdown import visible

if TYPE_CHECKING:
    from evals.gate import Verdict
    from evals.progress import ProgressState
    from flows.demo import DemoSummary
    from flows.steps.data import IngestOutcome
    from flows.steps.doctor import Finding
    from flows.steps.evaluation import EvaluationOutcome
    from flows.steps.evaluation_estimate import Outlook
    from prompts.diff import PromptDiff
    from prompts.findings import Finding as PromptFinding
    from prompts.prompt import PromptRef
    from prompts.render import RenderedPrompt
    from prompts.repository import PromptLibrary

out = terminal()
REASONS_SHOWN = 6
NOTES_SHOWN = 3
PROGRESS_EVERY_S = 0.1
TEN = 10
LAST_WIDTH = 30
"""Room that the last column of a table has at least, where what it says is as long."""
MARK = {True: "[green]✓[/]", False: "[red]✗[/]"}


def line(text: str) -> None:
    """One line."""
    out.print(inert(text), soft_wrap=True)


def path(of: Path) -> str:
    """A path as short as it can be from the working folder."""
    with contextlib.suppress(ValueError):
        return str(of.resolve().relative_to(Path.cwd()))
    return str(of)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """A table whose numbers stand to the right."""
    made = Table(
        title=inert(title) or None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=None,
        pad_edge=False,
    )
    for number, name in enumerate(columns):
        is_numeric = bool(rows) and all(_is_number(row[number]) for row in rows)
        is_last = number == len(columns) - 1
        made.add_column(inert(name), justify="right" if is_numeric else "left", overflow="fold", no_wrap=not is_last)
    for row in rows:
        made.add_row(*(f"{value:,}" if isinstance(value, int) else inert(value) for value in row))
    return made


def records(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, names_last: bool = False) -> None:
    """A table where it has room; else a block for each row, whose first value, such as an id, is never cut.

    A long last value stands on a line of its own, with its column's name where that is asked for.
    """
    texts = [[f"{value:,}" if isinstance(value, int) else visible(str(value)) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *texts, strict=True)]
    if sum(widths[:-1]) + min(widths[-1], LAST_WIDTH) + 2 * (len(columns) - 1) <= out.width:
        out.print(table("", columns, rows))
        return
    for first, *others in texts:
        line(first)
        said = [f"{name} {text}" for name, text in zip(columns[1:], others, strict=True) if text]
        is_long = widths[-1] > LAST_WIDTH and bool(others[-1])
        last = said[-1] if names_last and said else others[-1]
        said = [", ".join(said[:-1]), last] if is_long else [", ".join(said)]
        out.print(Padding(Text("\n".join(said)), (0, 0, 0, 2), expand=False))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) or str(value).replace(".", "").replace("%", "").lstrip("+-").isdigit()


@contextlib.contextmanager
def progress(unit: str) -> "Iterator[Callable[[ProgressState], None]]":
    """A bar with rate, cost so far and time left on a terminal, nothing in a pipe."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    err = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"))
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(unit, total=None, said="")
        shown = 0.0

        def moved(state: "ProgressState") -> None:
            nonlocal shown
            if state.done == state.total or state.seconds - shown > PROGRESS_EVERY_S:
                shown = state.seconds
                bar.update(task, completed=state.done, total=state.total, said=spent(state))

        yield moved if err.is_terminal else lambda state: None


def spent(state: "ProgressState") -> str:
    """`41/s, 0.0213 USD, 0:12 left`: what an evaluation took so far, and will."""
    said = [] if state.rate is None else [f"{state.rate:,.{0 if state.rate >= TEN else 1}f}/s"]
    if state.asked:
        more = f" and {state.unpriced} calls without a price" if state.unpriced else ""
        said.append(f"{state.cost_usd:.4f} USD{more}")
    if state.seconds_left is not None:
        minutes, seconds = divmod(round(state.seconds_left), 60)
        said.append(f"{minutes}:{seconds:02} left")
    return ", ".join(said)


@contextlib.contextmanager
def steps() -> Iterator[Callable[[str, str], None]]:
    """Steps of a long job: `said(step, "")` when it starts, `said(step, result)` when it is done."""
    import time

    started = 0.0
    with out.status("starting") as status:

        def said(step: str, result: str) -> None:
            nonlocal started
            if not result:
                started = time.monotonic()
                status.update(inert(step))
                if not out.is_terminal:
                    out.print(f"… {inert(step)}")
                return
            out.print(
                f"{MARK[True]} {inert(step):34} {time.monotonic() - started:5.1f} s  {inert(result)}", soft_wrap=True
            )

        yield said


def ingested(outcome: "IngestOutcome") -> None:
    """Counts by table, then why rows were quarantined."""
    out.print(table("Rows", list(outcome.table()[0]), [list(row.values()) for row in outcome.table()]))
    if outcome.reasons():
        out.print(table("\nQuarantined, and why", ["table", "rows", "reason"], outcome.reasons()))
    line(f"\n{outcome.report.title}\nreport: {path(outcome.report.folder / outcome.report.main)}")


def prompts(library: "PromptLibrary") -> None:
    """Every prompt."""
    rows = [(str(p.ref), p.version, p.use, p.clinical_review, p.closure_hash[:12]) for p in library.load_all()]
    out.print(table("", ["prompt", "version", "use", "clinical review", "hash"], rows))


def findings(found: "Sequence[PromptFinding]") -> int:
    """Findings of a lint, a line each; 1 where one is an error."""
    for finding in found:
        colour = "red" if finding.severity == "error" else "yellow"
        where = f"{finding.path}:{finding.line}"
        out.print(
            f"[bold]{inert(where)}[/] [{colour}]{inert(finding.rule)}[/] {inert(finding.message)}", soft_wrap=True
        )
    count = sum(finding.severity == "error" for finding in found)
    line(f"{len(found)} findings, {count} of them errors" if found else "no findings")
    return 1 if count else 0


def raised(refs: "Sequence[PromptRef]") -> None:
    """Prompts whose version was raised."""
    line(f"raised the version of {', '.join(map(str, refs))}" if refs else "no version had to be raised")


def rendered(of: "RenderedPrompt") -> None:
    """Each message under its role."""
    for message in of.messages:
        out.print(f"[bold cyan]{inert(message.role)}[/]")
        line(message.content + "\n")


def difference(diff: "PromptDiff") -> None:
    """What came in green, what went in red, and what it costs in tokens."""
    if diff.status == "unchanged":
        line(f"{diff.ref} {diff.head_version}: nothing that a model or a reader would notice has changed")
        return
    colours = {"same": "", "added": "green underline", "removed": "red strike"}
    versions = f"{diff.base_version or 'absent'} → {diff.head_version or 'absent'}"
    out.print(f"[bold]{inert(diff.ref)}[/] {inert(versions)} ({diff.status})")
    for message in diff.messages:
        if not message.is_changed:
            continue
        out.print(f"\n[bold cyan]{inert(message.role)}[/]")
        text = Text()
        for segment in message.segments:
            marks = {"added": ("{+", "+}"), "removed": ("[-", "-]")}.get(segment.change, ("", ""))
            opening, closing = marks if not out.is_terminal else ("", "")
            text.append(f"{opening}{visible(segment.text)}{closing}", style=colours[segment.change])
        out.print(text, soft_wrap=True)
    for name, before, after in diff.parameters:
        line(f"parameter {name}: {before} → {after}")
    if diff.changed_partials:
        line(f"partials: {', '.join(diff.changed_partials)}")
    line(f"\nabout {diff.token_delta:+d} tokens a message ({diff.head_size.tokens} in all, estimated)")


def published(records: Sequence[Any]) -> None:
    """What was published, and what was there already."""
    rows = [(r.registry_name, r.version, r.registry_version, "new" if r.is_new else "unchanged") for r in records]
    out.print(table("", ["prompt in MLflow", "version", "registry version", "state"], rows))


def examined(found: "Sequence[Finding]") -> int:
    """A line per part; 1 where one is off."""
    for finding in found:
        out.print(f"{MARK[finding.is_well]} {inert(finding.part):17} {inert(finding.detail)}", soft_wrap=True)
    off = [finding.part for finding in found if not finding.is_well]
    line(f"off: {', '.join(off)}" if off else "all parts answered")
    return 1 if off else 0


def evaluated(outcome: "EvaluationOutcome") -> None:
    """The scores, the verdict where there is one, and where the reports lie."""
    rows = outcome.table()
    if rows:
        out.print(table("", list(rows[0]), [list(row.values()) for row in rows]))
    line(f"\n{outcome.report.title}")
    if outcome.evaluation.stopped_words:
        line(f"  - {outcome.evaluation.stopped_words}")
    if outcome.would_see:
        line(f"  {outcome.would_see}")
    if outcome.verdict and outcome.scores:
        for sentence in (*outcome.verdict.sentences(), *_doubts(outcome.verdict)):
            line(f"  - {sentence}")
        if outcome.waiting:
            line(f"  {outcome.waiting}")
        comparison = outcome.verdict.comparison
        worse = [*(flip.case for flip in comparison.regressions), *(a.case for a in comparison.newly_stopped.answers)]
        for case in worse[:1]:
            line(f"look closer: matria why {case}")
    line(f"report: {path(outcome.files[0])}, and beside it comment, JUnit, rows and Parquet")


def _doubts(verdict: "Verdict") -> "list[str]":
    """The notes, as far as a terminal has room; first who graded and may not decide."""
    from evals.wording import wording

    ordered = sorted(verdict.notes, key=lambda note: not note.code.startswith(("informs_", "axes_inform")))
    return [note.sentence(wording("en")) for note in ordered[:NOTES_SHOWN]]


def expected(outlook: "Outlook") -> None:
    """In one line, before it begins, what an evaluation is to take; nothing where nothing is left to ask."""
    if outlook.sentence:
        line(outlook.sentence)


def estimated(outlook: "Outlook") -> None:
    """What would be evaluated, why, and what it would take."""
    setup, estimate = outlook.setup, outlook.estimate
    if setup.scope.removed:
        line(f"no longer there: {', '.join(setup.scope.removed)}")
    if estimate is None:
        line("Nothing to ask: no prompt that a suite asks differs from the base in anything that decides its answers.")
        return
    causes = setup.scope.causes()
    rows = [(name, causes.get(name, "named")) for name in setup.scope.prompts]
    out.print(
        table("", ["prompt", "touched through" if causes else ""], rows if causes else [(n, "") for n, _ in rows])
    )
    seconds = "unknown" if estimate.seconds is None else f"about {estimate.seconds:.0f} s"
    line(
        f"\n{estimate.rows:,} rows, {estimate.known:,} of them known; {estimate.answers:,} answers to ask, "
        f"{estimate.judge_calls:,} calls of judges\n"
        f"about {estimate.input_tokens:,} tokens in and {estimate.output_tokens:,} out; time: {seconds}\n"
        f"{outlook.price}\n"
        f"from {estimate.basis}"
    )


def demo_summary(summary: "DemoSummary") -> None:
    """What a person wants to know of the main job, in the order of the data's way."""
    out.print("\n[bold]What came in[/]")
    counts = summary.ingested.table()[-1]
    line(f"  {counts['rows in']:,} rows in = {counts['clean']:,} clean + {counts['quarantined']:,} quarantined + "
         f"{counts['duplicates']:,} duplicates")  # fmt: skip
    for name, count, reason in sorted(summary.ingested.reasons(), key=lambda row: -row[1])[:REASONS_SHOWN]:
        line(f"    {count:>5,}  {name}: {reason}")
    line(f"           … {len(summary.ingested.reasons())} reasons in all")
    _risk(summary)
    out.print("\n[bold]Prompts[/] (simulated answers)")
    rows = summary.evaluated.table()
    out.print(table("", list(rows[0]), [list(row.values()) for row in rows]))
    out.print(f"\n[bold]One edited prompt against its base[/]: {inert(', '.join(summary.compared.prompts))}")
    _verdict(summary)
    out.print("\n[bold]Messages[/]")
    line(f"  {summary.conversed.title}")
    line(f"  priced by {'; '.join(summary.conversed.price_sources)}: nothing was billed")
    unpriced = summary.conversed.costs.all.unpriced_share
    line(f"  unpriced calls: {unpriced:.1%}; {summary.watched.report.title}")
    out.print("\n[bold]Where it lies[/]")
    for report in (summary.ingested.report, summary.risk.report, summary.evaluated.report, summary.compared.report):
        line(f"  {report.kind:12} {path(report.folder / report.main)}")
    line(
        "  MLflow       experiment matria.candidates: models and prompts side by side (make up)\n\n"
        f"{summary.report.title}."
    )


def _risk(summary: "DemoSummary") -> None:
    retrained = summary.risk.retrained
    out.print("\n[bold]Risk model[/] (synthetic data)")
    version = retrained.version
    news = "new" if retrained.is_new else "the same model as before, found again"
    alias = "alias challenger" if retrained.is_challenger else "no alias"
    line(f"  {version.name} version {version.number} ({news}), {alias}; nobody is champion until a person says so")
    sla = next(check for check in retrained.validation.checks if check.name == "auc_sla")
    line(f"  AUC {retrained.validation.auc}, 95 % interval; the SLA asks for more than {sla.threshold:g}: {sla.state}")
    for check in retrained.validation.checks:
        out.print(
            f"  {MARK[check.state == 'pass']} {inert(check.name)}: {_check_figure(check.figure)} {inert(check.rule)}"
        )


def _check_figure(figure: float | None) -> str:
    return "no data" if figure is None else f"{figure:.3g}"


def _verdict(summary: "DemoSummary") -> None:
    verdict = summary.compared.verdict
    if verdict is None:
        return
    colour = "red" if verdict.exit_code else "green"
    out.print(f"  [{colour}]{inert(verdict.title())}[/]", soft_wrap=True)
    for sentence in verdict.sentences():
        line(f"  - {sentence}")
    rows = summary.compared.table()
    out.print(table("", list(rows[0]), [list(row.values()) for row in rows]))
