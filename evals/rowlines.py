"""Rows as lines of JSON: written whole, and copied from one file to another without being read.

A line of the log is `{"meter":{...},"row":{...}}`, an answer that waits for its judges `{"answer":{...}}`; a line of
`results.jsonl` is a row with its `sides` in front. Text that is not Unicode (a lone surrogate) goes the slower way
through the standard library, which writes it as an escape.
"""

import json
from dataclasses import asdict
from typing import Any, NamedTuple

import orjson

from evals.rows import AnswerRecord, Entry, Meter, Row, Side, answer_of, row_as_dict, row_of

_METER, _ROW = b'{"meter":', b',"row":'


class KeptAnswer(NamedTuple):
    """An answer in the log that may stand for another trial's."""

    record: AnswerRecord
    meter: Meter


def dumps(value: Any) -> bytes:
    """Compact JSON of plain data and of our records, keys in the order of their fields."""
    try:
        return orjson.dumps(value)
    except TypeError:
        plain = json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
        return plain.encode("utf-8", "backslashreplace")


def loads(line: bytes) -> Any:
    """What `dumps` wrote. Raises ValueError where it is not JSON."""
    try:
        return orjson.loads(line)
    except ValueError:
        return json.loads(line)


def log_line(row: Row, meter: Meter) -> bytes:
    """One row for the log."""
    return b"%b%b%b%b}\n" % (_METER, dumps(meter), _ROW, dumps(row))


def answer_line(answer_key: str, answer: KeptAnswer) -> bytes:
    """One answer for the log, before it is graded."""
    body = {"key": answer_key, "record": answer.record, "meter": answer.meter}
    return b'{"answer":%b}\n' % dumps(body)


def parts(line: bytes) -> tuple[bytes, bytes]:
    """Row and meter of a line of the log, as they stand in it. Raises ValueError where the line has no row.

    Quotes inside a JSON string are escaped, so that the first `,"row":` after the meter is the row's own.
    """
    if line.startswith(_METER):
        cut = line.index(_ROW)
        return line[cut + len(_ROW) : line.rindex(b"}")], line[len(_METER) : cut]
    entry = loads(line)
    return dumps(entry["row"]), dumps(entry["meter"])


def kept_answer(line: bytes) -> KeptAnswer:
    """The answer in a line of the log, of either kind."""
    data = loads(line)
    if "answer" in data:
        found = data["answer"]
        return KeptAnswer(answer_of(found["record"]), Meter(**found["meter"]))
    return KeptAnswer(answer_of(data["row"]["answer"]), Meter(**data["meter"]))


def result_line(row: bytes, sides: tuple[Side, ...], taken: bytes = b"") -> bytes:
    """A row of the log as a line of `results.jsonl`; with what it has `taken`, which differs between runs, in front."""
    return b'{"sides":%b,%b%b\n' % (dumps(sides), b'"taken":%b,' % taken if taken else b"", row[1:])


def entry_of(result: bytes, meter: bytes) -> Entry:
    """The entry that a line of `results.jsonl` and the same line of `meters.jsonl` hold. Raises ValueError."""
    data = loads(result)
    sides = tuple(data.pop("sides"))
    entry = Entry(row_of(data), Meter(**loads(meter)), sides)
    if entry.row.key != entry.meter.key:
        raise ValueError("a row beside the meter of another")
    return entry


def _plain(value: Any) -> Any:
    match value:
        case Row():
            return row_as_dict(value)
        case Meter() | AnswerRecord():
            return asdict(value)
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case _:
            return value
