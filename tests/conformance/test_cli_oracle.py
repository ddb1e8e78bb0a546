"""Where `gentcp compare` takes OTP from, and what it shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gentcp_conformance.case import Registry
from gentcp_conformance.differences import Difference
from gentcp_conformance.record import read

from .command import NARROW, NO_VM, WIDE, accept, have_no_vm, run, use_cases, use_recordings
from .toys import make, record, result, vm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gentcp_conformance.record import Record
    from gentcp_conformance.subject import Subject

BACKENDS = ("inet", "socket")


def kind(t: Subject) -> str:
    return t.backend.removeprefix("otp_")


def release(same: str, changing: str) -> Record:
    """A recording: of a case that is the same everywhere, and of one in which `inet` came to do otherwise."""
    return record(
        *(result("send/same/one", name, same) for name in BACKENDS),
        result("send/changing/two", "inet", changing),
        result("send/changing/two", "socket", "socket"),
    )


RECORDINGS = {"25": release("fine", "old"), "27": release("fine", "new"), "29": release("fine", "new")}


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry()
    make(lambda _: "fine", "send/same/one", registry=made)
    make(changing, "send/changing/two", registry=made)
    use_cases(monkeypatch, made)
    use_recordings(monkeypatch, RECORDINGS)
    return made


def changing(t: Subject) -> str:
    return {"inet": "new", "otp_inet": "old"}.get(t.backend, "socket")


@pytest.fixture
def otp_25() -> Iterator[None]:
    with vm("25"):
        yield


def row_of(output: str, name: str) -> list[str]:
    """Lines of a case in the table, without the name of the case and its title."""
    lines = [line.replace("A title", "       ", 1) for line in output.splitlines()]
    start = next(number for number, line in enumerate(lines) if line.strip().startswith(name))
    rest = [lines[start].replace(name, " " * len(name)), *lines[start + 1 :]]
    wide = next((number for number, line in enumerate(rest) if not line.startswith("      ")), len(rest))
    return [" ".join(line.split()) for line in rest[:wide] if line.strip()]


@pytest.mark.usefixtures("otp_25")
def test_a_vm_that_is_there_is_run_and_judged_by_its_own_release() -> None:
    outcome = run("compare")
    assert outcome.exit_code == 0, outcome.output
    for line in (
        "inet: 2 SAME",
        "socket: 2 SAME",
        "otp_inet (live OTP 25): 2 SAME",
        "otp_socket (live OTP 25): 2 SAME",
        "live: OTP 25 (erts 1.2, kernel 3.4, by `/somewhere/erl`), by its own recording",
        "--otp recorded",
    ):
        assert line in " ".join(outcome.output.split()), line


@pytest.mark.usefixtures("otp_25")
@pytest.mark.parametrize("env", [WIDE, NARROW])
def test_the_vm_shows_where_it_does_otherwise(env: dict[str, str]) -> None:
    output = run("compare", "--table", env=env).output
    assert max(map(len, output.splitlines())) <= int(env["COLUMNS"])
    assert row_of(output, "changing/two")[:3] == ["new socket yes", "live OTP 25: reasons", "old <27"]
    assert row_of(output, "same/one")[:1] == ["fine same"]
    assert "otp_inet" not in output.split("outcomes:")[0]


@pytest.mark.usefixtures("otp_25")
def test_only_the_vms_backends_that_are_followed_are_run() -> None:
    output = run("compare", "--backend", "inet").output
    assert "otp_inet (live OTP 25): 2 SAME" in output
    assert "otp_socket" not in output


@pytest.mark.usefixtures("otp_25")
def test_a_vm_can_be_compared_alone() -> None:
    outcome = run("compare", "--table", "--backend", "otp_inet", "--backend", "otp_socket", "--otp", "none")
    assert outcome.exit_code == 0, outcome.output
    assert "\ninet:" not in outcome.output
    head = next(line for line in outcome.output.splitlines() if line.strip().startswith("case"))
    assert " ".join(head.split()) == "case otp_inet (live OTP 25) otp_socket (live OTP 25) div."


@pytest.mark.usefixtures("otp_25")
def test_a_vm_that_is_not_as_recorded_fails_the_run(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    make(lambda t: "odd" if t.backend == "otp_inet" else "fine", "send/odd/three", registry=registry)
    odd = record(*(result("send/odd/three", name, "fine") for name in BACKENDS))
    use_recordings(monkeypatch, {"25": odd, "29": odd})
    outcome = run("compare", "--table", "--case", "send/odd")
    assert outcome.exit_code == 1
    assert "DIFFERENT send/odd/three on otp_inet (live OTP 25)\n  expected:\n    fine" in outcome.output
    assert "again: gentcp compare --case send/odd/three --backend otp_inet\n" in outcome.output
    assert row_of(outcome.output, "odd/three")[:3] == ["fine same", "live OTP 25 DIFFERENT", "odd"]
    accept(monkeypatch, Difference("send/odd/three", "otp_inet", "25", "DIFFERENT", "a reason", "a link"))
    assert run("compare", "--case", "send/odd").exit_code == 0
    accept(monkeypatch, Difference("send/odd/three", "otp_inet", "29", "DIFFERENT", "a reason", "a link"))
    assert run("compare", "--case", "send/odd").exit_code == 1, "an entry for another release does not count"


def test_a_vm_of_a_release_without_recording_is_shown_and_not_judged() -> None:
    with vm("26"):
        outcome = run("compare", "--table")
    assert outcome.exit_code == 0, outcome.output
    assert "otp_inet (live OTP 26): 2 UNJUDGED" in outcome.output
    assert "not judged: there is no recording of it" in " ".join(outcome.output.split())
    assert "live OTP 26:" in outcome.output


def test_without_a_vm_the_recording_stands_in_and_why_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    have_no_vm(monkeypatch)
    outcome = run("compare")
    assert outcome.exit_code == 0
    assert f"no live VM: {NO_VM}" in outcome.output
    assert "otp_inet" not in outcome.output


@pytest.mark.parametrize(
    "arguments", [("--otp", "live"), ("--backend", "otp_inet"), ("--otp", "none", "--backend", "otp_inet")]
)
def test_a_vm_that_is_asked_for_and_not_there_is_an_error(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    have_no_vm(monkeypatch)
    outcome = run("compare", *arguments)
    assert outcome.exit_code == 1
    assert NO_VM in outcome.output
    assert "--otp recorded does without" in outcome.output
    assert "cases;" not in outcome.output


@pytest.mark.parametrize("mode", ["recorded", "none"])
def test_a_vm_that_is_not_asked_for_is_not_started(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    def fail() -> Any:
        raise AssertionError("the VM was started")

    monkeypatch.setattr("gentcp_conformance.environment.about_vm", fail)
    outcome = run("compare", "--otp", mode)
    assert outcome.exit_code == 0, outcome.output
    assert "otp_inet" not in outcome.output
    assert run("backends").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        ([], []),
        (["--release", "29", "--release", "25"], ["OTP 25: reasons", "old <27"]),
        (["--release", "all"], ["OTP 25: reasons", "old <27"]),
        (["--release", "all", "--otp", "none"], []),
    ],
)
def test_recordings_that_are_asked_for_show_where_they_differ(arguments: list[str], shown: list[str]) -> None:
    output = run("compare", "--table", "--otp", "recorded", *arguments).output
    row = row_of(output, "changing/two")
    assert row[0] == "new socket yes"
    assert row[1:3] == (shown or ["reasons", "<27"])


def test_the_first_release_is_what_backends_are_judged_by() -> None:
    outcome = run("compare", "--table", "--otp", "recorded", "--release", "25", "--release", "27")
    assert outcome.exit_code == 1
    assert "inet: 1 SAME, 1 DIFFERENT" in outcome.output
    assert "judged by what was recorded of OTP 25" in " ".join(outcome.output.split())
    assert row_of(outcome.output, "changing/two")[:4] == ["DIFFERENT socket yes", "new reasons", "OTP 25: <27", "old"]


def test_a_release_that_is_not_recorded_is_refused() -> None:
    outcome = run("compare", "--release", "26")
    assert outcome.exit_code == 2
    assert "there is no recording of OTP 26; there are 25, 27, 29" in outcome.output


def test_releases_that_differ_are_counted_and_listed(registry: Registry) -> None:
    make(lambda _: "fine", "send/wrong-manual/four", registry=registry, contradicts="It says otherwise.")
    outcome = run("compare", "--otp", "recorded", "--list-divergences", "--case", "send/c")
    assert (
        "1 cases; OTP 29's backends diverge in 1: 0 documented, 1 undocumented; releases differ in 1" in outcome.output
    )
    assert "OTP 29's backends diverge, undocumented: 1\n  send/changing/two" in outcome.output
    assert "Releases of OTP differ: 1\n  send/changing/two  A title\n    differs before OTP 27 (inet)" in outcome.output
    outcome = run("compare", "--otp", "recorded", "--list-divergences", "--case", "send/w")
    assert "the manual is contradicted in 1" in outcome.output
    assert "its manual says: 1\n  send/wrong-manual/four  A title\n    It says otherwise." in outcome.output


def test_show_tells_what_each_release_does(registry: Registry) -> None:
    output = "\n".join(line.rstrip() for line in run("show", "send/changing/two").output.splitlines())
    assert "inet OTP 27, 29\n  new\ninet OTP 25\n  old\nsocket OTP 25, 27, 29\n  socket\n" in output
    assert "since   differs before OTP 27 (inet)" in output
    assert "DIVERGES (undocumented) in OTP 29" in output


def test_show_tells_what_the_manual_has_wrong(registry: Registry) -> None:
    make(lambda _: "fine", "send/wrong-manual/four", registry=registry, contradicts="It says otherwise.")
    output = run("show", "send/wrong-manual/four").output
    assert "It says otherwise." in output
    assert "nothing recorded" in output


@pytest.mark.usefixtures("otp_25")
def test_the_record_says_what_stands_behind_the_vm_and_not_where(tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    run("compare", "--record", str(target))
    written = read(target.read_text())
    (described,) = [subject for subject in written.subjects if subject["name"] == "otp_inet"]
    assert (described["release"], described["erts"]) == ("25", "1.2")
    assert "/somewhere" not in target.read_text()
    assert written.expected("send/changing/two", "otp_inet") == ("old",)


def test_two_kinds_of_one_backend_are_refused() -> None:
    outcome = run("compare", "--backend", "inet", "--backend", "inet:socket")
    assert outcome.exit_code == 2
    assert "inet can follow one of OTP's backends at a time" in outcome.output
