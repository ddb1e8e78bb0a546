"""JUnit XML: a test suite for each backend that was run, a test case for each case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from gentcp_conformance.verdict import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gentcp_conformance.case import Case
    from gentcp_conformance.differences import Difference
    from gentcp_conformance.matrix import Cell, Column, Matrix

# What XML 1.0 has no way to say.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(matrix: Matrix) -> str:
    """The document.

    What fails a run fails here: cells that are not as recorded, and stale entries of the differences file in a suite
    of their own.  FLAKY, ACCEPTED and UNJUDGED pass with a property that says so; UNSUPPORTED is skipped.
    """
    root = ET.Element("testsuites", name="gentcp conformance")
    for column in matrix.run:
        root.append(_suite(column, matrix))
    if matrix.stale:
        root.append(_stale(matrix.stale))
    for attribute in ("tests", "failures", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(column: Column, matrix: Matrix) -> ET.Element:
    suite = ET.Element("testsuite", name=_clean(column.label))
    said = {"follows": f"OTP {column.release} {column.follows}", **matrix.about}
    _add_properties(suite, list(said.items()))
    cells = [(row.case, cell) for row in matrix.rows for cell in row.run if cell.column == column]
    suite.extend(_test(case, cell) for case, cell in cells)
    _count(suite)
    suite.set("time", f"{sum(cell.result.seconds for _, cell in cells):.3f}")
    return suite


def _test(case: Case, cell: Cell) -> ET.Element:
    test = ET.Element("testcase", name=case.id, classname=f"{cell.column.key}.{case.area}")
    test.set("time", f"{cell.result.seconds:.3f}")
    _CONTENT.get(cell.verdict.judgement, _nothing)(test, cell)
    return test


def _nothing(test: ET.Element, cell: Cell) -> None:
    pass


def _failure(test: ET.Element, cell: Cell) -> None:
    verdict = f"{cell.verdict}: {cell.verdict.note}" if cell.verdict.note else str(cell.verdict)
    failure = ET.SubElement(test, "failure", type=str(cell.verdict.judgement), message=_clean(verdict))
    failure.text = _clean(_outcomes(cell))


def _passed_with_note(test: ET.Element, cell: Cell) -> None:
    _add_properties(test, [(str(cell.verdict.judgement).lower(), cell.verdict.note)])
    ET.SubElement(test, "system-out").text = _clean(_outcomes(cell))


def _skipped(test: ET.Element, cell: Cell) -> None:
    ET.SubElement(test, "skipped", message=_clean(cell.verdict.note))


_CONTENT: dict[Judgement, Callable[[ET.Element, Cell], None]] = {
    Judgement.DIFFERENT: _failure,
    Judgement.UNKNOWN: _failure,
    Judgement.ACCEPTED: _passed_with_note,
    Judgement.FLAKY: _passed_with_note,
    Judgement.UNJUDGED: _passed_with_note,
    Judgement.UNSUPPORTED: _skipped,
}


def _stale(entries: Sequence[Difference]) -> ET.Element:
    suite = ET.Element("testsuite", name="differences.toml")
    for entry in entries:
        test = ET.SubElement(suite, "testcase", name=entry.case, classname=f"stale.{entry.subject}", time="0.000")
        ET.SubElement(test, "failure", type="STALE", message=f"is SAME by now, not {entry.verdict}: take it out")
    _count(suite)
    suite.set("time", "0.000")
    return suite


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))


def _add_properties(element: ET.Element, pairs: Sequence[tuple[str, str]]) -> None:
    properties = ET.SubElement(element, "properties")
    for name, value in pairs:
        ET.SubElement(properties, "property", name=name, value=_clean(value))


def _outcomes(cell: Cell) -> str:
    expected = [f"expected: {text}" for text in cell.expected]
    result = cell.result
    times = [f" ({count} of {result.runs})" if not result.stable else "" for _, count in result.outcomes]
    got = [f"got{often}: {outcome.shown}" for (outcome, _), often in zip(result.outcomes, times, strict=True)]
    return "\n".join(expected + got)


def _clean(text: str) -> str:
    return _NO_XML.sub(lambda found: f"\\x{{{ord(found[0]):x}}}", text)
