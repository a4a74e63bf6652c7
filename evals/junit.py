"""JUnit XML of a verdict: one test for the verdict, one for each case and prompt, as CI servers list them."""

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.gate import Verdict
from evals.rows import Row
from matria.messages import Locale

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(rows: Sequence[Row], verdict: Verdict | None = None, locale: Locale = "en") -> str:
    """The XML. A case fails by its never-events, errs where it has no answer or a grader failed; the rest passes."""
    suites = Element("testsuites", name="matria prompt evaluation")
    if verdict:
        _verdict(SubElement(suites, "testsuite", name="verdict", tests="1"), verdict, locale)
    for name in sorted({row.suite for row in rows}):
        own = sorted((row for row in rows if row.suite == name), key=lambda row: row.order)
        suite = SubElement(suites, "testsuite", name=_xml(name), tests=str(len(own)))
        for row in own:
            _case(SubElement(suite, "testcase", classname=_xml(row.prompt), name=_xml(_name(row))), row)
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _name(row: Row) -> str:
    return row.case if row.epoch == 0 else f"{row.case} (epoch {row.epoch})"


def _verdict(suite: Element, verdict: Verdict, locale: Locale) -> None:
    case = SubElement(suite, "testcase", classname="gate", name="verdict")
    text = "\n".join(verdict.sentences(locale))
    if verdict.exit_code:
        kind = "error" if verdict.state == "error" else "failure"
        SubElement(case, kind, message=_xml(verdict.title(locale)), type=verdict.state).text = _xml(text)
    else:
        SubElement(case, "system-out").text = _xml(f"{verdict.title(locale)}\n{text}")


def _case(case: Element, row: Row) -> None:
    if row.error:
        SubElement(case, "error", message=_xml(row.error.message), type=_xml(row.error.type))
        return
    for criterion in row.criteria:
        if criterion.met is None:
            SubElement(case, "error", message=_xml(criterion.grader_error), type=_xml(criterion.grader))
        elif criterion.never and criterion.is_failed:
            failure = SubElement(case, "failure", message=_xml(criterion.text), type=_xml(criterion.grader))
            failure.text = _xml(criterion.explanation)


def _xml(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
