"""`gentcp explore`: what it prints, writes and ends with."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from gentcp_conformance.explore import program as programs
from gentcp_conformance.explore.areas import AREAS, generate
from gentcp_conformance.explore.side import NoSubject

from .command import NARROW, WIDE, run
from .explorers import InProcess, fault

if TYPE_CHECKING:
    from pathlib import Path

    from gentcp_conformance.explore.subjects import Subject

    from .mutants import Mutant

FAULT = "tcp_closed twice-inet"
FAST = ("inet", "inet", "--area", "plain", "--seed", "2", "--programs", "1")
"""The first program of the seed closes in active mode, and shows the fault."""


@pytest.fixture
def sides(monkeypatch: pytest.MonkeyPatch) -> list[Mutant | None]:
    """The faults of the sides that will be begun, first those of the left one."""
    faults: list[Mutant | None] = []
    begun: list[Mutant | None] = []

    def side(subject: Subject, jobs: int) -> InProcess:
        begun.append(None)
        return InProcess(subject.backend, faults[len(begun) - 1] if len(begun) <= len(faults) else None)

    monkeypatch.setattr("gentcp_conformance.cli.explore.Side", side)
    return faults


def test_nothing_new_ends_with_0(sides: list[Any]) -> None:
    outcome = run("explore", *FAST)
    assert outcome.exit_code == 0, outcome.output
    assert "1 program on inet and inet" in outcome.output
    assert "1 the same, 0 differ (0 known, 0 new of 0 kinds), 0 unstable" in outcome.output


def test_what_is_known_of_a_subject_is_known_of_those_like_it(sides: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text("[[known]]\npair = ['inet', 'socket']\nlines = ['.*', '.*']\nreason = 'it is so'\n")
    wanted = ("explore", "aio_inet", "socket", *FAST[2:])
    assert run(*wanted).exit_code == 1
    outcome = run(*wanted, "--known", str(file))
    assert outcome.exit_code == 0, outcome.output
    assert "1 known: it is so" in outcome.output


def test_what_is_new_is_shown_written_and_ends_with_1(sides: list[Any], tmp_path: Path) -> None:
    sides.append(fault(FAULT))
    file = tmp_path / "found.json"
    outcome = run("explore", *FAST, "--json", str(file), env=NARROW)
    assert outcome.exit_code == 1, outcome.output
    assert "kind 1 of 1: 1 program" in outcome.output
    assert "BACKEND = sys.argv[1]" in outcome.output
    assert "main([Backend]) ->" in outcome.output
    assert "->  end messages" in outcome.output
    assert "found by 2/0/plain" in outcome.output
    assert "\x1b" not in outcome.output
    document = json.loads(file.read_text(encoding="utf-8"))
    (kind,) = document["kinds"]
    assert kind["id"] == "2/0/plain/small"
    assert kind["programs"] == ["2/0/plain"]
    assert len(kind["logs"]) == 2
    assert document["counts"]["different"] == 1
    assert [each["subject"] for each in document["subjects"]] == ["inet", "inet"]


def test_what_is_known_is_counted(sides: list[Any], tmp_path: Path) -> None:
    sides.append(fault(FAULT))
    file = tmp_path / "known.toml"
    file.write_text(
        '[[known]]\npair = ["inet", "inet"]\nlines = ["end messages: .*", ".*"]\nreason = "closed twice"\n',
        encoding="utf-8",
    )
    found = tmp_path / "found.json"
    outcome = run("explore", *FAST, "--known", str(file), "--json", str(found))
    assert outcome.exit_code == 0, outcome.output
    assert "1 differ (1 known, 0 new of 0 kinds)" in outcome.output
    assert "1 known: closed twice" in outcome.output
    known = {"reason": "closed twice", "case": "", "programs": 1}
    assert json.loads(found.read_text(encoding="utf-8"))["known"] == [known]


def test_a_program_is_replayed_by_its_name(sides: list[Any]) -> None:
    outcome = run("explore", "inet", "inet", "--replay", "2/0/plain")
    assert outcome.exit_code == 0, outcome.output
    assert "# 2/0/plain: run it with inet and with inet" in outcome.output
    assert "no stable difference" in outcome.output


def test_a_program_of_a_document_is_replayed(sides: list[Any], tmp_path: Path) -> None:
    sides.extend([fault(FAULT), None, fault(FAULT), None])
    file = tmp_path / "found.json"
    run("explore", *FAST, "--json", str(file))
    outcome = run("explore", "inet", "inet", "--replay", "2/0/plain/small", "--json", str(file))
    assert outcome.exit_code == 1, outcome.output
    assert "->  end messages" in outcome.output
    missing = run("explore", "inet", "inet", "--replay", "1/9/plain/small", "--json", str(file))
    assert missing.exit_code == 2
    assert "has no program '1/9/plain/small'" in missing.output


def test_a_program_is_printed_as_a_case(sides: list[Any]) -> None:
    sides.append(fault(FAULT))
    outcome = run("explore", "inet", "inet", "--as-case", "2/0/plain")
    assert outcome.exit_code == 0, outcome.output
    assert outcome.output.startswith('@case(\n    "explored/plain/')
    assert "t: Subject) -> Term:" in outcome.output
    compile(outcome.output, "case", "exec")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Say which two subjects to compare: gentcp explore inet otp_inet"),
        (("inet",), "Say which two subjects"),
        (("inet", "nobody"), "no backend 'nobody'"),
        (("inet", "otp_inet@76"), "where is OTP 76"),
        (("inet", "socket", "--area", "nowhere"), "'nowhere' is not one of"),
        (("inet", "socket", "--programs", "0"), "0 is not in the range"),
        (("inet", "socket", "--replay", "what"), "no program 'what'"),
        (("inet", "socket", "--replay", "1/1/nowhere"), "no program '1/1/nowhere'"),
        (("inet", "socket", "--known", "/no/such/file"), "does not exist"),
        (("inet", "socket", "--json", "/no/such/folder/x"), "there is no folder"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], message: str) -> None:
    outcome = run("explore", *arguments)
    assert outcome.exit_code == 2, outcome.output
    assert message in " ".join(outcome.output.replace("│", " ").split())


def test_a_subject_that_does_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(subject: Subject, jobs: int) -> None:
        raise NoSubject(f"{subject.text}: no erl")

    monkeypatch.setattr("gentcp_conformance.cli.explore.Side", refuse)
    outcome = run("explore", "otp_inet", "inet")
    assert outcome.exit_code == 1
    assert "otp_inet: no erl" in outcome.output


def test_a_vm_of_another_release_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old(InProcess):
        def __init__(self, subject: Subject, jobs: int) -> None:
            super().__init__(subject.backend)
            self.subject, self.about = subject, {"release": "25"}

    monkeypatch.setattr("gentcp_conformance.cli.explore.Side", Old)
    monkeypatch.setenv("GENTCP_ERL_29", "old erl")
    outcome = run("explore", "otp_inet@29", "inet", env={**WIDE, "GENTCP_ERL_29": "old erl"})
    assert outcome.exit_code == 1
    assert "old erl runs OTP 25" in outcome.output


def test_what_a_vm_is_stands_before_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    class Aged(InProcess):
        def __init__(self, subject: Subject, jobs: int) -> None:
            super().__init__(subject.backend)
            self.about = {"release": "25", "erts": "13.1", "kernel": "8.5"}

    monkeypatch.setattr("gentcp_conformance.cli.explore.Side", Aged)
    outcome = run("explore", *FAST)
    assert outcome.output.count("inet is OTP 25 (erts 13.1, kernel 8.5)") == 2


def test_a_document_that_is_none_is_refused(sides: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text("[]", encoding="utf-8")
    outcome = run("explore", "inet", "inet", "--replay", "1/1/plain/small", "--json", str(file))
    assert outcome.exit_code == 2
    assert "is no document of" in outcome.output


def test_seconds_end_a_run(sides: list[Any]) -> None:
    outcome = run("explore", "inet", "inet", "--seconds", "0")
    assert outcome.exit_code == 0
    assert "0 programs on inet and inet" in outcome.output


def test_areas_come_in_turn(sides: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(seed: int, number: int, area: str) -> programs.Program:
        asked.append(f"{seed}/{number}/{area}")
        return generate(seed, number, "plain")

    monkeypatch.setattr("gentcp_conformance.cli.explore.generate", note)
    run("explore", "inet", "inet", "--seed", "4", "--programs", "4", "--area", "both", "--area", "info")
    assert asked == ["4/0/both", "4/0/info", "4/1/both", "4/1/info"]
    assert set(AREAS) >= {"both", "info"}
    assert os.environ.get("GENTCP_INET_BACKEND") is None
