"""JUnit XML of a verdict: one test for the verdict, one for each answer, as CI servers list them.

It is made while the rows stream by: the tests of a suite wait in a file until they are counted, since a suite's
attributes stand before its tests.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from tempfile import SpooledTemporaryFile
from xml.etree.ElementTree import Element, SubElement, tostring

from evals.gate import Verdict
from evals.newly_stopped import StoppedAnswer
from evals.pairs import PairKey, pair_key
from evals.rows import Row
from evals.shown import STOPPED
from evals.standing import Standings, informs
from matria.messages import Locale

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_MEMORY = 4_000_000
"""Bytes of one suite's tests; more lie on disk while they are counted."""
_CHUNK = 1_000_000


def junit(rows: Iterable[Row], verdict: Verdict | None = None, locale: Locale = "en") -> Iterator[str]:
    """The XML in pieces. A test fails by its never-events, and where its answer was shown before and is stopped now;
    it errs where it has no answer or a grader failed; the rest passes. What a judge found that may not decide is text.

    `rows` come in the order of `Row.order` and are walked once.
    """
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="matria prompt evaluation">\n'
    if verdict:
        yield _verdict(verdict, locale)
    stopped = {answer.key: answer for answer in verdict.comparison.newly_stopped.answers} if verdict else {}
    standings = (verdict.standings if verdict else None) or Standings()
    for name, own in groupby(rows, key=lambda row: row.suite):
        yield from _suite(name, own, stopped, standings)
    yield "</testsuites>\n"


def _suite(
    name: str, rows: Iterable[Row], stopped: Mapping[PairKey, StoppedAnswer], standings: Standings
) -> Iterator[str]:
    counts: Counter[str] = Counter()
    with SpooledTemporaryFile(_IN_MEMORY, mode="w+", encoding="utf-8", newline="\n") as tests:
        for row in rows:
            test = _test(row, stopped.get(pair_key(row)), standings)
            counts.update(("tests", *{f"{child.tag}s" for child in test}))
            tests.write(f"    {tostring(test, encoding='unicode')}\n")
        yield _opening(name, counts)
        tests.seek(0)
        while chunk := tests.read(_CHUNK):
            yield chunk
    yield "  </testsuite>\n"


def _opening(name: str, counts: Counter[str]) -> str:
    figures = {kind: str(counts[kind]) for kind in ("tests", "failures", "errors")}
    text = tostring(Element("testsuite", {"name": _xml(name), **figures}), encoding="unicode")
    return f"  {text.removesuffix(' />')}>\n"


def _verdict(verdict: Verdict, locale: Locale) -> str:
    kind = "" if not verdict.exit_code else "error" if verdict.state == "error" else "failure"
    counts = {"tests": "1", "failures": str(int(kind == "failure")), "errors": str(int(kind == "error"))}
    suite = Element("testsuite", {"name": "verdict", **counts})
    case = SubElement(suite, "testcase", classname="gate", name="verdict")
    title, text = verdict.title(locale), "\n".join(verdict.sentences(locale))
    if kind:
        SubElement(case, kind, message=_xml(title), type=verdict.state).text = _xml(text)
    else:
        SubElement(case, "system-out").text = _xml(f"{title}\n{text}")
    return f"  {tostring(suite, encoding='unicode')}\n"


def _test(row: Row, stopped: StoppedAnswer | None, standings: Standings) -> Element:
    name = row.case if row.epoch == 0 else f"{row.case} (epoch {row.epoch})"
    test = Element("testcase", classname=_xml(row.prompt), name=_xml(name))
    if row.error:
        SubElement(test, "error", message=_xml(row.error.message), type=_xml(row.error.type))
        return test
    for criterion in row.criteria:
        if informs(standings, row.suite, criterion):
            if criterion.never and criterion.is_failed:
                SubElement(test, "system-out").text = _xml(f"{criterion.grader} informs only: {criterion.text}")
        elif criterion.met is None:
            SubElement(test, "error", message=_xml(criterion.grader_error), type=_xml(criterion.grader))
        elif criterion.never and criterion.is_failed:
            failure = SubElement(test, "failure", message=_xml(criterion.text), type=_xml(criterion.grader))
            failure.text = _xml(criterion.explanation)
    if stopped and row.answer and row.answer.outcome in STOPPED:
        SubElement(test, "failure", message=_xml(stopped.stopped_by), type=_xml(f"newly_stopped:{stopped.outcome}"))
    return test


def _xml(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
