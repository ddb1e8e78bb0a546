"""What a judged run looks like in files: Markdown, JUnit XML and results.json."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib import import_module
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.formats import junit, markdown, results
from gentcp_conformance.matrix import Column, Matrix, recorded_columns
from gentcp_conformance.outcome import Kind, Outcome, Result

from .toys import BOTH, make, matrix, record, result

jsonschema: Any = import_module("jsonschema")

LIVE = Column("otp_inet", "inet", "25")
ODD = "send/x/odd"
CASES = [
    make(lambda _: "ok", "send/x/same", contradicts="That it | fails."),
    make(lambda _: "ok", "send/x/diverging", documented=True, title="Diverges <b>"),
    make(lambda _: "ok", ODD),
    make(lambda _: "ok", "recv/x/accepted"),
    make(lambda _: "ok", "recv/x/lacking", needs=["inet6"]),
    make(lambda _: "ok", "recv/x/flaky"),
]
ACCEPTED = Difference("recv/x/accepted", "inet", "29", "DIFFERENT", "Better <so>.", "https://example.org")
STALE = Difference("send/x/same", "socket", "25-29", "DIFFERENT", "Was so.", "https://example.org")


def both(id: str, inet: str, socket: str) -> tuple[Result, Result]:
    return result(id, "inet", inet), result(id, "socket", socket)


RECORDING = record(
    *both("send/x/same", "ok", "ok"),
    *both("send/x/diverging", "{ok,'|'}", "{error,closed}"),
    *both(ODD, "ok", "ok"),
    *both("recv/x/accepted", "hangs", "hangs"),
    *both("recv/x/lacking", "ok", "ok"),
    *both("recv/x/flaky", "ok", "ok"),
)
OLD = record(
    *(each for (id, _), each in RECORDING.results.items() if id != "send/x/diverging"),
    *both("send/x/diverging", "{ok,'|'}", "{error,einval}"),
)
LACKS = Result("recv/x/lacking", "inet", ((Outcome(Kind.UNSUPPORTED, "this machine has no inet6"), 1),))
CRASHED = Result(ODD, "socket", ((Outcome(Kind.CRASH, "ValueError: \x00 ]]> & <x>"), 3),), 0.5)


def made(*accepted: Difference) -> Matrix:
    """A matrix in which everything occurs, live VM and recordings of two releases included."""
    run = record(
        *both("send/x/same", "ok", "ok"),
        *both("send/x/diverging", "{ok,'|'}", "{error,closed}"),
        result(ODD, "inet", "bad", "bad", "bad"),
        CRASHED,
        *both("recv/x/accepted", "sane", "hangs"),
        LACKS,
        result("recv/x/lacking", "socket", "ok"),
        result("recv/x/flaky", "inet", "no", "ok", "ok"),
        result("recv/x/flaky", "socket", "ok"),
        *(replace(OLD.results[case.id, "inet"], subject="otp_inet") for case in CASES),
    )
    described = {"name": "otp_inet", "description": "A VM.", "release": "25"}
    columns = (*BOTH, LIVE, *recorded_columns(["29", "25"]))
    run = replace(run, subjects=({"name": "inet", "description": "Toy."}, {"name": "socket"}, described))
    return matrix(CASES, run, {"25": OLD, "29": RECORDING}, Differences(accepted or (ACCEPTED,)), columns)


def document(matrix: Matrix) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(results.render(matrix))
    return found


# results.json


@pytest.mark.parametrize("accepted", [(ACCEPTED,), (ACCEPTED, STALE)])
def test_results_are_by_the_published_schema(accepted: tuple[Difference, ...]) -> None:
    schema = results.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document(made(*accepted)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole.pop("counts"),
        lambda whole: whole.update(version=2),
        lambda whole: whole["cases"][0].update(more=1),
        lambda whole: whole["cases"][0]["cells"]["inet"].update(verdict="GOOD"),
        lambda whole: whole["cases"][0]["cells"]["inet"].update(outcomes=[]),
        lambda whole: whole["columns"][0].update(release="OTP 29"),
    ],
)
def test_the_schema_refuses_what_is_not_so(spoil: Any) -> None:
    whole = document(made())
    spoil(whole)
    assert not jsonschema.Draft202012Validator(results.schema()).is_valid(whole)


def test_every_case_has_a_cell_for_every_column() -> None:
    whole = document(made())
    keys = [column["key"] for column in whole["columns"]]
    assert keys == ["inet", "socket", "otp_inet", "otp-29-inet", "otp-29-socket", "otp-25-inet", "otp-25-socket"]
    assert [case["id"] for case in whole["cases"]] == [case.id for case in CASES]
    assert all(list(case["cells"]) == keys for case in whole["cases"])


def test_results_hold_outcomes_verdicts_and_what_is_said_of_them() -> None:
    whole = document(made())
    cases = {case["id"]: case for case in whole["cases"]}
    assert cases["recv/x/flaky"]["cells"]["inet"] == {
        "verdict": "FLAKY",
        "note": "2/3",
        "outcomes": [{"kind": "term", "text": "no", "count": 1}, {"kind": "term", "text": "ok", "count": 2}],
        "expected": ["ok"],
        "seconds": 0.25,
    }
    assert cases["recv/x/accepted"]["cells"]["inet"]["note"] == "Better <so>."
    assert cases["send/x/diverging"]["since"] == "differs before OTP 29 (socket)"
    assert [case["divergence"] for case in whole["cases"]] == ["none", "documented", *["none"] * 4]
    assert cases["send/x/same"]["contradicts"] == "That it | fails."
    assert whole["counts"] == {"cases": 6, "documented": 1, "undocumented": 0, "contradictions": 1, "changed": 1}
    assert whole["failed"] is True


def test_columns_say_what_they_are() -> None:
    columns = {column["key"]: column for column in document(made())["columns"]}
    assert columns["inet"]["counts"] == {"SAME": 2, "DIFFERENT": 1, "ACCEPTED": 1, "FLAKY": 1, "UNSUPPORTED": 1}
    assert columns["otp_inet"]["about"]["release"] == "25"
    assert columns["otp_inet"]["label"] == "otp_inet (live OTP 25)"
    assert columns["otp-25-socket"]["recorded"] is True
    assert columns["otp-25-socket"]["counts"] == {"RECORDED": 6}


def test_stale_entries_are_in_the_results() -> None:
    assert [entry["case"] for entry in document(made(ACCEPTED, STALE))["stale"]] == ["send/x/same"]


# JUnit XML


def suites(matrix: Matrix) -> dict[str, ET.Element]:
    return {suite.get("name", ""): suite for suite in ET.fromstring(junit.render(matrix).encode())}


def case_of(suite: ET.Element, id: str) -> ET.Element:
    (found,) = [test for test in suite.iter("testcase") if test.get("name") == id]
    return found


def test_each_backend_that_was_run_is_a_suite_with_its_counts() -> None:
    found = suites(made())
    assert list(found) == ["inet", "socket", "otp_inet (live OTP 25)"]
    assert [found["inet"].get(name) for name in ("tests", "failures", "errors", "skipped")] == ["6", "1", "0", "1"]
    assert [found["socket"].get(name) for name in ("tests", "failures", "errors", "skipped")] == ["6", "1", "0", "0"]
    assert len(case_of(found["otp_inet (live OTP 25)"], ODD)) == 0


def test_the_counts_of_all_suites_are_added_up() -> None:
    root = ET.fromstring(junit.render(made()).encode())
    assert [root.get(name) for name in ("tests", "failures", "skipped")] == ["18", "2", "1"]


def test_a_failure_has_what_was_expected_and_what_came() -> None:
    test = case_of(suites(made())["inet"], ODD)
    assert test.get("classname") == "inet.send"
    failure = test.find("failure")
    assert failure is not None
    assert (failure.get("type"), failure.text) == ("DIFFERENT", "expected: ok\ngot: bad")


def test_what_nothing_is_recorded_of_is_a_failure() -> None:
    run = record(*both("send/x/same", "ok", "ok"))
    failure = case_of(suites(matrix(CASES[:1], run, record()))["inet"], "send/x/same").find("failure")
    assert failure is not None
    assert failure.get("message") == "UNKNOWN: nothing recorded to compare with"


def test_what_xml_cannot_say_is_written_out() -> None:
    failure = case_of(suites(made())["socket"], ODD).find("failure")
    assert failure is not None
    assert failure.text == "expected: ok\ngot: crash: ValueError: \\x{0} ]]> & <x>"


@pytest.mark.parametrize(
    ("id", "name", "value"), [("recv/x/accepted", "accepted", "Better <so>."), ("recv/x/flaky", "flaky", "2/3")]
)
def test_what_passes_in_spite_of_a_difference_says_so(id: str, name: str, value: str) -> None:
    test = case_of(suites(made())["inet"], id)
    assert test.find("failure") is None
    found = [(each.get("name"), each.get("value")) for each in test.iter("property")]
    assert found == [(name, value)]


def test_what_cannot_be_run_is_skipped() -> None:
    skipped = case_of(suites(made())["inet"], "recv/x/lacking").find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "this machine has no inet6"


def test_a_stale_entry_is_a_failure_of_its_own() -> None:
    assert "differences.toml" not in suites(made())
    suite = suites(made(ACCEPTED, STALE))["differences.toml"]
    assert suite.get("failures") == "1"
    assert case_of(suite, "send/x/same").find("failure") is not None


# Markdown


def rows(text: str, heading: str) -> list[list[str]]:
    """Cells of the table under a heading, without its head."""
    part = text.split(f"## {heading}")[1].split("\n## ", maxsplit=1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def test_markdown_counts() -> None:
    text = markdown.render(made())
    assert "6 cases. OTP 29's backends diverge in 1: 1 documented, 0 undocumented. Releases differ in 1; " in text
    assert "| backend | judged by | SAME | DIFFERENT | ACCEPTED | FLAKY | UNSUPPORTED |" in text
    assert "| otp\\_inet (live OTP 25) | OTP 25 inet | 6 | 0 | 0 | 0 | 0 |" in text


def test_markdown_lists_what_is_not_as_recorded() -> None:
    text = markdown.render(made())
    failed = rows(text, "Not as recorded (2)")
    assert failed[0] == ["`send/x/odd`", "inet", "DIFFERENT", "`bad`", ""]
    assert rows(text, "Flaky (1)") == [["`recv/x/flaky`", "inet", "FLAKY 2/3", "`no`<br>`ok`", "2/3"]]
    assert rows(text, "Different on purpose (1)")[0][3:] == ["`sane`", "Better \\<so\\>."]
    assert "Stale" not in text
    assert "- `send/x/same` on socket: SAME by now" in markdown.render(made(ACCEPTED, STALE))


def test_markdown_lists_divergences_with_both_outcomes() -> None:
    text = markdown.render(made())
    assert rows(text, "OTP 29's backends diverge, documented (1)") == [
        ["`send/x/diverging`<br>Diverges \\<b\\>", "`{ok,'\\|'}`", "`{error,closed}`"]
    ]
    assert "diverge, undocumented (" not in text
    assert rows(text, "Releases of OTP differ (1)")[0][0].endswith("*differs before OTP 29 (socket)*")
    assert rows(text, "OTP does not do what its manual says (1)")[0][0].endswith("*That it \\| fails.*")


def test_a_long_outcome_is_cut_so_that_the_difference_shows() -> None:
    long = ",".join(["x"] * 200)
    case = make(lambda _: "ok", "send/x/long")
    recording = record(*both(case.id, f"[{long},inet]", f"[{long},socket]"))
    found = rows(markdown.render(matrix([case], recording, recording)), "OTP 29's backends diverge, undocumented (1)")
    assert [cell[-8:] for cell in found[0][1:]] == ["x,inet]`", "socket]`"]
    assert max(map(len, found[0])) < 140


@pytest.mark.parametrize("text", ["a`b", "``", "`"])
def test_ticks_do_not_end_the_code_that_they_are_in(text: str) -> None:
    case = make(lambda _: "ok", "send/x/tick")
    recording = record(*both(case.id, "ok", text))
    found = rows(markdown.render(matrix([case], recording, recording)), "OTP 29's backends diverge, undocumented (1)")
    code = found[0][2]
    fence = code[: len(code) - len(code.lstrip("`"))]
    assert code in {f"{fence} {text} {fence}", f"{fence}{text}{fence}"}
    assert fence not in re.findall("`+", text)


@pytest.mark.parametrize("render", [results.render, junit.render, markdown.render])
def test_the_same_matrix_gives_the_same_text(render: Any) -> None:
    assert render(made()) == render(made())
