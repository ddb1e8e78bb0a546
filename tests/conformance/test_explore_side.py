"""Workers: programs run in processes of their own, and a subject that dies takes nothing else with it."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

import gentcp_otp
from gentcp.erl import gen_tcp
from gentcp_conformance.explore import opening, subjects
from gentcp_conformance.explore.areas import generate
from gentcp_conformance.explore.program import Program, Step
from gentcp_conformance.explore.running import run
from gentcp_conformance.explore.side import NoSubject, Outcome, Side
from gentcp_conformance.explore.stage import Lost

if TYPE_CHECKING:
    from pathlib import Path

DYING = '''
import os
from gentcp_inet import backend as inet


class Dying(type(inet)):
    """The backend inet, but that a listener with a backlog of 13 ends the process, and one of 14 is a VM that dies."""

    name = "dying"
    description = "dies"

    def listen(self, port, options):
        if ("backlog", 13) in options:
            os._exit(3)
        if ("backlog", 14) in options:
            raise VMDied("gone")
        return super().listen(port, options)


class VMDied(RuntimeError):
    pass


backend = Dying()
'''


def listener(backlog: int) -> Program:
    return Program("listen", "listening", (("backlog", backlog),), ())


QUIET = Outcome(("end messages: []",))


@pytest.fixture
def dying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> subjects.Subject:
    """A subject that dies under some programs, installed for the workers."""
    (tmp_path / "dying.py").write_text(DYING, encoding="utf-8")
    about = tmp_path / "dying-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: dying\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[gentcp.backends]\ndying = dying:backend\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")])))
    return subjects.Subject("dying", "dying")


def test_a_worker_runs_many_programs_at_a_time() -> None:
    programs = [generate(1, number, "plain") for number in range(6)]
    with closing(Side(subjects.parse("socket"), 1)) as side:
        found = [future.result(30) for future in [side.submit(each) for each in programs]]
        assert side.about["name"] == "socket"
    assert all(outcome.log and not outcome.lost for outcome in found)


def test_a_program_under_which_the_subject_dies_is_named_and_the_others_are_not(dying: subjects.Subject) -> None:
    with closing(Side(dying, 1)) as side:
        asked = [side.submit(listener(backlog)) for backlog in (5, 13, 5, 14)]
        ended, died = asked.pop(1).result(60), asked.pop(2).result(60)
        assert [each.result(60) for each in asked] == [QUIET] * 2
        assert side.submit(listener(5)).result(60) == QUIET
        assert side.lost == 2
    assert (ended.lost, died.lost) == ("the worker has ended", "the VM has ended")
    assert died.lines == ("lost: the VM has ended",)


def test_a_subject_that_does_not_answer_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "_PATIENCE", 0.2)
    monkeypatch.setattr(gen_tcp, "listen", lambda *_: time.sleep(1))
    with pytest.raises(Lost, match="listen does not return"):
        run(listener(5), "inet")


def test_a_subject_that_does_not_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENTCP_ERL", "/no/such/erl")
    with pytest.raises(NoSubject, match="otp_inet: NoErlang"):
        Side(subjects.parse("otp_inet"), 1)


def test_defaults_of_the_kernel_are_seen_by_their_program_alone() -> None:
    changed = Program(
        "defaults", "connected", (), (Step("getopts", (["mode"],)),), environment=(("connect", ("binary",)),)
    )
    plain = Program("plain", "connected", (), changed.steps)
    with closing(Side(subjects.parse("inet"), 1)) as side:
        found = [future.result(30).log[0] for future in [side.submit(each) for each in (changed, plain) * 4]]
    assert found == ["getopts: {ok,[{mode,binary}]}", "getopts: {ok,[{mode,list}]}"] * 4


@pytest.mark.skipif(gentcp_otp.find() is None, reason="no erl on PATH, nor in GENTCP_ERL")
def test_a_program_runs_on_a_vm() -> None:
    with closing(Side(subjects.parse("otp_inet"), 1)) as side:
        assert side.about["release"].isdigit()
        log = side.submit(Program("plain", "connected", (), (Step("recv", (0, 30)),))).result(60).log
    assert log[0] == "recv: {error,einval}"


def test_subjects_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert subjects.parse("inet") == subjects.Subject("inet", "inet")
    assert subjects.parse("otp_inet@my erl") == subjects.Subject("otp_inet@my erl", "otp_inet", "my erl")
    monkeypatch.setenv("GENTCP_ERL_77", "erl77 -x")
    assert subjects.parse("otp_inet@77").environment == {"GENTCP_ERL": "erl77 -x"}


@pytest.mark.parametrize(("text", "message"), [("nobody", "no backend 'nobody'"), ("otp_inet@76", "where is OTP 76")])
def test_subjects_that_there_are_not(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        subjects.parse(text)
