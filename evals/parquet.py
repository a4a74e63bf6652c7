"""The rows of an evaluation as Parquet: a line an answer, and a line a criterion, for whoever asks with SQL or pandas.

Entries stream by and are written in row groups, so that memory is bounded. The columns and what they mean are listed
in docs/reference/reports.md. What is not known is null: an unknown price is never 0.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.rail_figures import strictest
from evals.rows import Entry, JudgeMark
from matria import durable

if TYPE_CHECKING:
    import pyarrow as pa

ANSWERS, CRITERIA = "answers.parquet", "criteria.parquet"
ROW_GROUP = 5_000
"""Lines that are held before they are written."""
Line = dict[str, Any]


def write_parquet(folder: Path, entries: Callable[[], Iterable[Entry]]) -> tuple[Path, Path]:
    """`answers.parquet` and `criteria.parquet`, each by a walk of its own: `entries` gives a new one when called.

    Raises `StorageError` where they cannot be kept.
    """
    answers, criteria = schemas()
    return (
        durable.write_with(folder / ANSWERS, lambda path: _write(path, answers, _answers(entries()))),
        durable.write_with(folder / CRITERIA, lambda path: _write(path, criteria, _criteria(entries()))),
    )


def schemas() -> "tuple[pa.Schema, pa.Schema]":
    """Of `answers.parquet` and of `criteria.parquet`."""
    import pyarrow as pa

    word = pa.dictionary(pa.int32(), pa.string())
    name = [
        pa.field("key", pa.string(), nullable=False),
        *(pa.field(column, word, nullable=False) for column in ("suite", "case", "locale", "persona")),
        pa.field("stage", word),
        *(pa.field(column, word, nullable=False) for column in ("prompt", "prompt_version", "prompt_hash", "model")),
        pa.field("epoch", pa.int32(), nullable=False),
        pa.field("is_base", pa.bool_(), nullable=False),
        pa.field("is_head", pa.bool_(), nullable=False),
    ]
    answer = [
        pa.field("question", pa.string(), nullable=False),
        *(pa.field(column, pa.string()) for column in ("graded_text", "shown_text", "model_text")),
        *(pa.field(column, word) for column in ("outcome", "finish_reason", "model_snapshot")),
        *(pa.field(column, pa.int64()) for column in ("input_tokens", "output_tokens", "cached_tokens")),
        pa.field("is_simulated", pa.bool_()),
        pa.field("score", pa.float64()),
        pa.field("error_type", word),
        pa.field("error_message", pa.string()),
        pa.field("latency_ms", pa.float64()),
        pa.field("cost_usd", pa.decimal128(24, 12)),
        pa.field("cost_state", word),
        pa.field("rail_action", word),
        pa.field("rail_reasons", pa.list_(pa.string())),
        pa.field("rails_ms", pa.float64()),
    ]
    criterion = [
        pa.field("criterion", word, nullable=False),
        pa.field("text", word, nullable=False),
        pa.field("axis", word, nullable=False),
        pa.field("points", pa.float64(), nullable=False),
        pa.field("is_never", pa.bool_(), nullable=False),
        pa.field("grader", word, nullable=False),
        pa.field("met", pa.bool_()),
        pa.field("is_failed", pa.bool_()),
        *(pa.field(column, pa.string(), nullable=False) for column in ("quote", "explanation", "grader_error")),
        *(pa.field(column, word) for column in ("judge_model", "judge_template")),
        pa.field("judge_seeds", pa.list_(pa.int64())),
        *(pa.field(column, pa.float64()) for column in ("judge_agreement", "judge_score")),
    ]
    return pa.schema([*name, *answer]), pa.schema([*name, *criterion])


def _write(path: Path, schema: "pa.Schema", lines: Iterator[Line]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := _group(lines):
            writer.write_table(pa.Table.from_pylist(group, schema=schema), row_group_size=ROW_GROUP)


def _group(lines: Iterator[Line]) -> list[Line]:
    return list(islice(lines, ROW_GROUP))


def _name(entry: Entry) -> Line:
    row = entry.row
    return {
        "key": row.key,
        "suite": row.suite,
        "case": row.case,
        "locale": row.locale,
        "persona": row.persona,
        "stage": row.stage,
        "prompt": row.prompt,
        "prompt_version": row.prompt_version,
        "prompt_hash": row.prompt_hash,
        "model": row.model,
        "epoch": row.epoch,
        "is_base": "base" in entry.sides,
        "is_head": "head" in entry.sides,
    }


def _answers(entries: Iterable[Entry]) -> Iterator[Line]:
    for entry in entries:
        row, meter, answer = entry.row, entry.meter, entry.row.answer
        line = {
            **_name(entry),
            "question": _text(row.question),
            "score": row.score,
            "error_type": row.error.type if row.error else None,
            "error_message": _text(row.error.message) if row.error else None,
            "latency_ms": meter.latency_ms,
            "cost_usd": None if meter.cost_usd is None else round(Decimal(meter.cost_usd), 12),
            "cost_state": meter.cost_state,
            "rails_ms": meter.rails_ms,
        }
        if answer:
            line |= {
                "rail_action": strictest(answer.decisions) if answer.decisions else None,
                "rail_reasons": [reason for decision in answer.decisions for reason in decision.reasons],
                "graded_text": _text(answer.graded_text),
                "shown_text": _text(answer.shown_text),
                "model_text": None if answer.model_text is None else _text(answer.model_text),
                "outcome": answer.outcome,
                "finish_reason": answer.finish_reason,
                "model_snapshot": answer.model_snapshot,
                "input_tokens": answer.input_tokens,
                "output_tokens": answer.output_tokens,
                "cached_tokens": answer.cached_tokens,
                "is_simulated": answer.is_simulated,
            }
        yield line


def _criteria(entries: Iterable[Entry]) -> Iterator[Line]:
    for entry in entries:
        name = _name(entry)
        for result in entry.row.criteria:
            yield {
                **name,
                "criterion": result.id,
                "text": _text(result.text),
                "axis": result.axis,
                "points": result.points,
                "is_never": result.never,
                "grader": result.grader,
                "met": result.met,
                "is_failed": None if result.met is None else result.is_failed,
                "quote": _text(result.quote),
                "explanation": _text(result.explanation),
                "grader_error": _text(result.grader_error),
                **(_judge(result.judge) if result.judge else {}),
            }


def _judge(mark: JudgeMark) -> Line:
    return {
        "judge_model": mark.model,
        "judge_template": mark.template,
        "judge_seeds": list(mark.seeds),
        "judge_agreement": mark.agreement,
        "judge_score": mark.score,
    }


def _text(text: str) -> str:
    """The text as UTF-8 can hold it: a lone surrogate, which it cannot, as its escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
