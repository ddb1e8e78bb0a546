"""What is known: each entry by a difference that was recorded, and how entries match."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gentcp_conformance.case import load
from gentcp_conformance.explore import known
from gentcp_conformance.explore.finding import Finding
from gentcp_conformance.explore.known import Known
from gentcp_conformance.explore.program import Program, Step, from_json

from .explorers import InProcess

RECORDED = Path(__file__).with_name("known_differences.jsonl")
"""Programs with the logs of two subjects, as `gentcp explore --json` writes them, one or more for each entry."""

ENTRIES = known.load(load().ids())


@cache
def recorded() -> list[tuple[tuple[str, str], Finding]]:
    return [read(json.loads(line)) for line in RECORDED.read_text(encoding="utf-8").splitlines()]


def read(row: dict[str, Any]) -> tuple[tuple[str, str], Finding]:
    left, right = row["logs"]
    return (row["pair"][0], row["pair"][1]), Finding("", from_json(row["program"]), tuple(left), tuple(right))


def name(entry: Known) -> str:
    return f"{'-'.join(entry.pair)}-{entry.case}"


OF_GENTCP = [row for row in recorded() if row[0][0] in {"inet", "socket"}]


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_an_entry_is_shown_by_a_difference(entry: Known) -> None:
    assert any(known.judged([entry], finding, pair)[0] is entry for pair, finding in recorded())


def test_each_recorded_difference_is_known() -> None:
    for pair, finding in recorded():
        assert known.judged(ENTRIES, finding, pair)[0] is not None, finding


def test_each_entry_of_otp_has_a_case() -> None:
    assert [entry for entry in ENTRIES if not entry.case] == []


@pytest.mark.parametrize("row", OF_GENTCP, ids=lambda row: "-".join(step.kind for step in row[1].program.steps))
def test_gentcp_still_does_so(row: tuple[tuple[str, str], Finding]) -> None:
    (backend, _), finding = row
    found = (InProcess(backend).submit(finding.program).result().lines for _ in range(3))
    assert any(lines == finding.left for lines in found)


# ---- how entries match

PAIR = ("inet", "otp_inet@29")


def finding(left: str, right: str, *options: object, kinds: tuple[str, ...] = ("recv",)) -> Finding:
    program = Program("plain", "connected", options, tuple(Step(kind) for kind in kinds))
    return Finding("", program, tuple(left.split("\n")), tuple(right.split("\n")))


def entry(left: str, right: str, **more: object) -> Known:
    return Known(("inet", "otp_inet"), (left, right), "because", **more)  # type: ignore[arg-type]


def of_parts(left: str, right: str) -> Known:
    return Known(("inet", "otp_inet"), (), "because", parts=(left, right))


def covers(one: Known, found: Finding, pair: tuple[str, str] = PAIR) -> bool:
    return known.judged([one], found, pair)[0] is one


def test_a_release_in_the_pair_must_be_that_of_the_vm() -> None:
    one = Known(("otp_inet@25", "otp_inet"), ("recv: a", "recv: b"), "because")
    found = finding("recv: a", "recv: b")
    assert covers(one, found, ("otp_inet@25", "otp_inet@29"))
    assert not covers(one, found, ("otp_inet@27", "otp_inet@29"))
    assert not covers(one, found, ("otp_inet@29", "otp_inet@25"))
    assert covers(one, finding("recv: b", "recv: a"), ("otp_inet@29", "otp_inet@25"))


@pytest.mark.parametrize("line", ["recv: a", "end A recv: a", "B recv: a", "end recv l: a"])
def test_who_and_where_need_not_be_said(line: str) -> None:
    assert covers(entry("recv: a", "recv: b"), finding(line, line[:-1] + "b"))


def test_a_socket_that_is_said_must_be_there() -> None:
    assert covers(entry("recv l: a", ".*"), finding("A recv l: a", "A recv l: b"))
    assert not covers(entry("recv l: a", ".*"), finding("A recv: a", "A recv: b"))


def test_what_there_must_be_among_the_lines_is_looked_for_on_both_sides() -> None:
    one = entry("recv: a", "recv: b", among=("closed", ""))
    assert covers(one, finding("recv: a\nend messages: closed", "recv: b"))
    assert not covers(one, finding("recv: a", "recv: b\nend messages: closed"))


def test_options_are_matched_by_name_by_value_and_when_they_are_given_twice() -> None:
    found = finding(
        "recv: a", "recv: b", ("packet", 4), ("buffer", 1), ("buffer", 2), ("mode", "list"), ("mode", "list")
    )
    for good in ("packet", "packet=4", r"buffer=\d", "buffer twice"):
        assert covers(entry("recv: a", "recv: b", options=(good,)), found), good
    for bad in ("active", "packet=2", "packet twice", "mode twice"):
        assert not covers(entry("recv: a", "recv: b", options=(bad,)), found), bad


def test_what_comes_after_a_known_line_is_known_with_it_unless_all_goes_on() -> None:
    found = finding("recv: a\nsend: ok", "recv: b\nsend: closed")
    assert covers(entry("recv: a", "recv: b"), found)
    none, rest = known.judged([entry("recv: a", "recv: b", goes_on=True)], found, PAIR)
    assert none is None
    assert rest.first == (1, "send: ok", "send: closed")


def test_lines_that_are_the_same_but_for_parts_are_known() -> None:
    found = finding("getopts: {ok,[{buffer,1},{active,true},{low,3}]}", "getopts: {ok,[{buffer,2},{active,true}]}")
    buffer, low = of_parts(r"\{buffer,\d\}", r"\{buffer,\d\}"), of_parts(r"\{low,\d\}", "")
    assert known.judged([buffer, low], found, PAIR)[0] is buffer
    assert known.judged([buffer], found, PAIR)[0] is None
    other = finding("getopts: {ok,[{buffer,1},{active,true}]}", "getopts: {ok,[{buffer,2},{active,false}]}")
    assert known.judged([buffer, low], other, PAIR)[0] is None


def test_a_part_that_only_one_side_has_is_left_there() -> None:
    raw = of_parts(r"\{packet,0\}", r"\{packet,raw\}")
    assert known.judged([raw], finding("x: [{packet,0},{a,1}]", "x: [{packet,0},{a,2}]"), PAIR)[0] is None


def test_subjects_that_are_like_others_share_their_entries() -> None:
    entries = known.shared([entry("recv: ok", "recv: blocked")], {"aio_inet": "inet", "aio_socket": "socket"})
    assert [each.pair for each in entries] == [("inet", "otp_inet"), ("aio_inet", "otp_inet")]
