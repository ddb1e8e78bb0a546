from __future__ import annotations

import threading
from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from gentcp_conformance.case import Registry
from gentcp_conformance.record import read

from .command import NO_VM, have_no_vm, run, use_cases
from .toys import logged, make, met, vm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gentcp_conformance.record import Record
    from gentcp_conformance.subject import Subject


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry()
    make(lambda _: "fine", "send/same/one", registry=made)
    make(lambda t: ("error", t.backend), "recv/diverging/two", registry=made)
    use_cases(monkeypatch, made)
    return made


@pytest.fixture(autouse=True)
def otp_26() -> Iterator[None]:
    with vm("26"):
        yield


def recording(folder: Path) -> Record:
    return read((folder / "otp-26.jsonl").read_text())


def test_all_cases_are_recorded_three_times(tmp_path: Path) -> None:
    outcome = run("record", "--otp", "--output", str(tmp_path))
    assert outcome.exit_code == 0, outcome.output
    assert "otp-26.jsonl: 2 cases recorded, 3 runs each" in outcome.output
    made = recording(tmp_path)
    assert len(made.results) == 4
    assert made.expected("recv/diverging/two", "socket") == ("{error,otp_socket}",)
    assert {each.runs for each in made.results.values()} == {3}


def test_a_part_can_be_recorded_again(tmp_path: Path, registry: Registry) -> None:
    run("record", "--otp", "--output", str(tmp_path))
    make(lambda _: "new", "send/new/three", registry=registry)
    outcome = run("record", "--otp", "--case", "send/", "--runs", "1", "--output", str(tmp_path))
    assert outcome.exit_code == 0, outcome.output
    runs = {case: each.runs for (case, _), each in recording(tmp_path).results.items()}
    assert list(runs.items()) == [("send/same/one", 1), ("send/new/three", 1), ("recv/diverging/two", 3)]


def test_runs_can_be_added_to_those_that_are_recorded(tmp_path: Path, registry: Registry) -> None:
    run("record", "--otp", "--output", str(tmp_path))
    make(lambda _: "other", "send/rare/three", registry=registry)
    outcome = run("record", "--otp", "--add", "--case", "send/", "--runs", "2", "--output", str(tmp_path))
    assert outcome.exit_code == 0, outcome.output
    runs = {case: each.runs for (case, _), each in recording(tmp_path).results.items()}
    assert runs == {"send/same/one": 5, "send/rare/three": 2, "recv/diverging/two": 3}
    assert recording(tmp_path).about["runs"] == "3"


@pytest.mark.parametrize(("jobs", "outcome"), [([], "together"), (["--jobs", "1"], "alone")])
def test_what_is_recorded_already_may_overlap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: list[str], outcome: str
) -> None:
    together = threading.Barrier(2)
    for function in (lambda _: "together", met(together)):
        cases = Registry()
        make(function, "send/met/three", registry=cases)
        use_cases(monkeypatch, cases)
        run("record", "--otp", "--runs", "1", "--output", str(tmp_path), *jobs)
    assert recording(tmp_path).expected("send/met/three", "inet") == (outcome,)


def test_a_part_of_another_vm_is_refused_before_anything_is_run(tmp_path: Path, registry: Registry) -> None:
    run("record", "--otp", "--output", str(tmp_path))
    path = tmp_path / "otp-26.jsonl"
    path.write_text(path.read_text().replace('"erts": "1.2"', '"erts": "1.1"'))
    ran: list[str] = []
    make(logged(ran), "send/new/three", registry=registry)
    outcome = run("record", "--otp", "--case", "send/new", "--output", str(tmp_path))
    assert outcome.exit_code == 1
    assert "record all cases" in outcome.output
    assert not ran
    assert run("record", "--otp", "--output", str(tmp_path)).exit_code == 0


def test_what_is_not_stable_is_said(tmp_path: Path, registry: Registry) -> None:
    left = cycle(["x", "x", "y", "x"])
    make(lambda _: next(left), "send/unstable/three", registry=registry)
    outcome = run("record", "--otp", "--case", "send/unstable", "--runs", "2", "--output", str(tmp_path))
    assert outcome.exit_code == 0, outcome.output
    assert "not stable: send/unstable/three on inet\n  1 of 2: x\n  1 of 2: y\n" in outcome.output


def test_a_crash_is_recorded_and_fails(tmp_path: Path, registry: Registry) -> None:
    def fail(_: object) -> str:
        raise ValueError("odd")

    make(fail, "send/crash/three", registry=registry)
    outcome = run("record", "--otp", "--case", "send/", "--runs", "1", "--output", str(tmp_path))
    assert outcome.exit_code == 1
    assert "record again: send/crash/three on inet: crash: ValueError: odd" in outcome.output
    assert recording(tmp_path).expected("send/same/one", "inet") == ("fine",)


def test_what_could_not_be_recorded_is_said(tmp_path: Path, registry: Registry) -> None:
    def give_up(t: Subject) -> str:
        raise t.unsupported("there are no files")

    make(give_up, "send/files/three", registry=registry)
    outcome = run("record", "--otp", "--case", "send/", "--runs", "1", "--output", str(tmp_path))
    assert outcome.exit_code == 0, outcome.output
    assert "1 cases could not be recorded: there are no files\n  send/files/three\n" in outcome.output


def test_a_check_passes_while_the_vm_does_as_recorded(tmp_path: Path) -> None:
    run("record", "--otp", "--output", str(tmp_path))
    before = (tmp_path / "otp-26.jsonl").read_text()
    outcome = run("record", "--otp", "--check", "--output", str(tmp_path))
    assert outcome.exit_code == 0, outcome.output
    assert "OTP 26: 2 cases seen again, as recorded" in outcome.output
    assert (tmp_path / "otp-26.jsonl").read_text() == before


def test_a_check_fails_and_shows_what_is_not_as_recorded(tmp_path: Path, registry: Registry) -> None:
    run("record", "--otp", "--output", str(tmp_path))
    path = tmp_path / "otp-26.jsonl"
    path.write_text(path.read_text().replace("{error,otp_inet}", "{error,other}"))
    outcome = run("record", "--otp", "--check", "--output", str(tmp_path))
    assert outcome.exit_code == 1
    assert "DIFFERENT recv/diverging/two on inet\n  expected:\n    {error,other}" in outcome.output
    assert "got:\n    {error,otp_inet}" in outcome.output
    assert "2 cases seen again, 1 not as recorded" in outcome.output
    assert run("record", "--otp", "--check", "--case", "send/", "--output", str(tmp_path)).exit_code == 0


def test_a_check_without_a_recording_is_an_error(tmp_path: Path) -> None:
    outcome = run("record", "--otp", "--check", "--output", str(tmp_path))
    assert outcome.exit_code == 1
    assert "there is no recording of OTP 26" in outcome.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--runs", "2"], "say --otp"),
        (["--otp", "--check", "--runs", "2"], "leave --runs out"),
        (["--otp", "--check", "--add"], "leave --add out"),
        (["--otp", "--case", "nope/"], "no case 'nope/'"),
        (["--otp", "--output", "/no/such/folder"], "does not exist"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], complaint: str) -> None:
    outcome = run("record", *arguments)
    assert outcome.exit_code == 2
    assert complaint in outcome.output


def test_without_a_vm_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    have_no_vm(monkeypatch)
    outcome = run("record", "--otp", "--output", str(tmp_path))
    assert outcome.exit_code == 1
    assert NO_VM in outcome.output
    assert list(tmp_path.iterdir()) == []
