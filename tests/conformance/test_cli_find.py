from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from gentcp_conformance import release_notes, reports
from gentcp_conformance.case import Registry, load
from gentcp_conformance.coverage import index as uses
from gentcp_conformance.coverage.index import Index
from gentcp_conformance.record import mentions
from gentcp_conformance.release_notes import Note
from gentcp_conformance.reports import Report, Reports

from .command import run, use_cases
from .toys import make, result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gentcp_conformance.outcome import Result

ONE, TWO, THREE = "send/stalled/one", "recv/closed/two", "packet/line/three"
RESULTS = [
    result(ONE, "inet", "{error,timeout}"),
    result(ONE, "socket", "{error,{timeout,rest}}"),
    result(TWO, "inet", "[{ok,<<1>>},{error,enotconn}]"),
    result(THREE, "socket", "'timeout as it is written'"),
]
SENDS = frozenset(["gen_tcp:send/2", "option/send_timeout@connect"])
LINES = frozenset(["packet/line@stream", "inet:getstat/1"])
INDEX = Index({ONE: {"inet": SENDS, "socket": frozenset(["stat/send_pend"])}, THREE: {"inet": LINES}})
REPORT = Report("otp#12", "The queue is lost.", (ONE, TWO), ("ERL-3",), "https://example.org")
NOTE = Note("OTP-20", ("erts 17.1",), "Nothing is lost any more.", (TWO,), (TWO,), also=("otp#12",))


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry()
    make(lambda _: "ok", ONE, registry=registry, title="A peer that stalls", means="Wait for the queue.")
    make(lambda _: "ok", TWO, registry=registry, title="recv when it is over", source="gen_tcp:recv/3, Length")
    make(lambda _: "ok", THREE, registry=registry, title="Lines", means="Online and <inline>.")
    use_cases(monkeypatch, registry)
    monkeypatch.setattr(uses, "load", lambda: INDEX)
    monkeypatch.setattr(reports, "load", lambda _: Reports((REPORT,), {ONE: (REPORT,), TWO: (REPORT,)}))
    monkeypatch.setattr(release_notes, "load", lambda _: (NOTE,))
    monkeypatch.setattr("gentcp_conformance.cli.find.mentions", told)


def told(text: str) -> Iterator[Result]:
    yield from (each for each in RESULTS if text in each.text)


def found(*words: str) -> dict[str, list[tuple[str, str]]]:
    """The cases in order, each with what matched."""
    outcome = run("find", "--json", *words)
    listed: list[dict[str, Any]] = json.loads(outcome.stdout)
    assert outcome.exit_code == (0 if listed else 1)
    return {each["case"]: [(fact["where"], fact["text"]) for fact in each["matched"]] for each in listed}


@pytest.mark.parametrize(
    ("word", "case", "fact"),
    [
        ("send/stalled", ONE, ("id", ONE)),
        ("stalls", ONE, ("title", "A peer that stalls")),
        ("QUEUE", ONE, ("otp#12", "The queue is lost.")),
        ("wait", ONE, ("means", "Wait for the queue.")),
        ("length", TWO, ("source", "gen_tcp:recv/3, Length")),
        ("gen_tcp:send", ONE, ("calls", "gen_tcp:send/2")),
        ("send/2", ONE, ("calls", "gen_tcp:send/2")),
        ("getstat", THREE, ("calls", "inet:getstat/1")),
        ("send_timeout", ONE, ("option", "send_timeout")),
        ("send_pend", ONE, ("counter", "send_pend")),
        ("packet/line@", THREE, None),
        ("enotconn", TWO, ("outcome", "enotconn on inet")),
        ("timeout", ONE, ("outcome", "timeout on inet, socket")),
        ("otp#12", ONE, ("reported", "otp#12, ERL-3")),
        ("erl-3", ONE, ("reported", "otp#12, ERL-3")),
        ("#12", ONE, ("reported", "otp#12, ERL-3")),
        ("OTP-20", TWO, ("release note", "OTP-20, otp#12")),
        ("nothing", TWO, ("OTP-20", "Nothing is lost any more.")),
    ],
)
def test_a_word_leads_to_a_case(word: str, case: str, fact: tuple[str, str] | None) -> None:
    assert found(word).get(case) == ([fact] if fact else None)


def test_a_word_is_the_beginning_of_a_word_and_a_name_is_whole() -> None:
    assert found("line") == {THREE: [("id", THREE)]}
    assert found("inline") == {THREE: [("means", "Online and <inline>.")]}
    assert found("nline") == {}
    assert found("send_time") == {}
    assert found("otp#1") == {}


def test_several_words_mean_all_of_them() -> None:
    assert found("otp#12", "enotconn") == {TWO: [("reported", "otp#12, ERL-3"), ("outcome", "enotconn on inet")]}
    assert found("otp#12 enotconn") == found("otp#12", "enotconn")
    assert found("send_timeout", "enotconn") == {}


def test_what_says_more_comes_first() -> None:
    assert list(found("recv")) == [TWO]
    assert list(found("lost")) == [ONE, TWO]
    assert list(found("send")) == [ONE, THREE]
    assert list(found("peer", "stalls")) == [ONE]


def test_a_table_says_what_matched() -> None:
    outcome = run("find", "otp#12", "queue")
    assert outcome.exit_code == 0
    lines = [line.rstrip() for line in outcome.stdout.splitlines()]
    assert lines[0].split() == ["case", "what", "matched"]
    assert lines[1].split(maxsplit=1) == [ONE, "reported otp#12, ERL-3"]
    assert lines[2].split("  ")[0] == "A peer that stalls"
    assert lines[2].endswith("otp#12 The queue is lost.")
    assert lines[-1] == "2 cases; gentcp show CASE explains one"


def test_nothing_found_fails_and_names_what_is_spelt_alike() -> None:
    outcome = run("find", "send_timout", "stalled")
    assert outcome.exit_code == 1
    assert outcome.stdout == ""
    assert "no case has 'send_timout'; did you mean send_timeout" in outcome.stderr
    assert run("find", "xyzzy").stderr == "no case has 'xyzzy'\n"


def test_words_that_no_case_has_together_are_counted() -> None:
    outcome = run("find", "send_timeout", "enotconn")
    assert outcome.exit_code == 1
    assert "no case has all of these; by itself each has some: send_timeout 1, enotconn 1" in outcome.stderr


def test_a_word_is_wanted() -> None:
    assert run("find").exit_code == 2


# With the kit's own cases


def test_each_number_of_a_report_leads_to_its_cases() -> None:
    code = """\
from gentcp_conformance.cli.find import _library
library = _library()
for report in library.reports.entries:
    for number in report.numbers:
        assert {each.case.id for each in library.find([number])} >= set(report.cases), number
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_recordings_are_read_where_a_word_is_mentioned() -> None:
    cases = {each.case for each in mentions("emsgsize")}
    assert "active/error/oversized-packet" in cases
    assert len(cases) < len({each.case for each in mentions("")}) == len(load().ids())


def test_nothing_of_the_other_commands_is_imported() -> None:
    code = "import sys; sys.argv = ['gentcp', 'find', 'otp#11319']; from gentcp_conformance.cli import main\n"
    code += "try: main()\nexcept SystemExit: pass\n"
    code += "print([name for name in sys.modules if name.endswith(('cli.compare', '.traces', 'jinja2'))])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]"
