"""The pytest plugin on toy cases: what each verdict is to pytest."""

from __future__ import annotations

import shlex
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gentcp_conformance import pytest_plugin, suite
from gentcp_conformance.case import Registry
from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.run import JOBS

from .toys import logged, make, met, record, result, vm

if TYPE_CHECKING:
    from pathlib import Path

    from gentcp_conformance.outcome import Result
    from gentcp_conformance.subject import Subject

pytest_plugins = ["pytester"]

QUICK = ["-p", "no:hypothesispytest"]  # each run would import hypothesis anew
LONG = ",".join(["x"] * 60)


class Kit:
    """Cases, a recording of OTP 29 and accepted differences, in the place of the kit's own."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.recorded: list[Result] = []
        self.accepted: list[Difference] = []

    def add(self, id: str, function: Any, *expected: str, **details: Any) -> None:
        make(function, id, registry=self.registry, **details)
        if expected:
            self.recorded += [result(id, column, *expected) for column in ("inet", "socket")]

    def accept(self, id: str, verdict: str = "DIFFERENT") -> None:
        self.accepted.append(Difference(id, "inet", "29", verdict, "Nobody wants to hang.", "a link"))


@pytest.fixture(autouse=True)
def kit(monkeypatch: pytest.MonkeyPatch) -> Kit:
    made = Kit()
    for module in (suite, pytest_plugin):
        monkeypatch.setattr(module, "load", lambda: made.registry)
    monkeypatch.setattr(pytest_plugin, "recordings", lambda: {"29": record(*made.recorded)})
    monkeypatch.setattr(pytest_plugin, "releases", lambda: ["29"])
    monkeypatch.setattr(pytest_plugin, "load_differences", lambda _: Differences(tuple(made.accepted)))
    return made


def run(pytester: pytest.Pytester, *arguments: str, backend: str = "inet") -> pytest.RunResult:
    ours = ["--pyargs", "gentcp_conformance", f"--inet-backend={backend}", "--strict-markers", "-ra"]
    return pytester.runpytest_inprocess(*ours, *arguments, *QUICK)


def counting(*terms: str) -> Any:
    left = list(terms)
    return lambda _: left.pop(0)


def hangs(t: Subject) -> Any:
    return t.messages(1)


def test_same_passes(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/one", lambda _: "fine", "fine")
    kit.add("send/topic/two", lambda _: "fine", "fine")
    done = run(pytester, "-v")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["gentcp_conformance/suite.py::inet::send/topic/one PASSED*", "inet: 2 SAME"])
    done.stdout.fnmatch_lines(["gentcp conformance: inet as OTP's inet"])


def test_different_fails_with_both_terms_and_without_a_traceback(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/one", lambda _: ("error", "einval"), "{error,closed}")
    done = run(pytester)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines([
        "*_ send/topic/one on inet _*",
        "DIFFERENT: inet is not as OTP 29's inet",
        "  A title",
        "  expected:  {error,closed}",
        "                    ^^^^^^",
        "  got:       {error,einval}",
        "                    ^^^^^^",
        "  again:     pytest --pyargs gentcp_conformance.suite::inet::send/topic/one --inet-backend=inet",
        "  explained: gentcp show send/topic/one",
        "inet: 1 DIFFERENT",
        "FAILED gentcp_conformance/suite.py::inet::send/topic/one - Failed: DIFF*",
    ], consecutive=False)  # fmt: skip
    done.stdout.no_fnmatch_line("*Traceback*")
    done.stdout.no_fnmatch_line("*suite.py:[0-9]*")


def test_of_long_terms_the_part_that_differs_is_shown_again(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/one", lambda _: [*["x"] * 60, "new"], f"[{LONG},old]")
    lines = run(pytester).outlines
    assert f"  expected:  [{LONG},old]" in lines
    assert f"  got:       [{LONG},new]" in lines
    start = lines.index("  in short:")
    (old, marks, new, _) = lines[start + 1 : start + 5]
    assert old.endswith("x,old]")
    assert new.endswith("x,new]")
    assert old[marks.index("^") : marks.rindex("^") + 1] == "old"


def test_the_line_that_says_how_to_run_it_again_runs_it_alone(
    pytester: pytest.Pytester, kit: Kit, tmp_path: Path
) -> None:
    kit.add("send/topic/one", lambda _: "bad", "fine")
    kit.add("send/topic/one-more", lambda _: "bad", "fine")
    own = tmp_path / "it is mine.toml"
    own.write_text("")
    done = run(pytester, f"--inet-differences={own}", "--otp-release=29", backend="socket:inet")
    command = next(line for line in done.outlines if line.startswith("  again:"))
    program, *arguments = shlex.split(command.removeprefix("  again:"))
    assert program == "pytest"
    again = pytester.runpytest_inprocess(*arguments, *QUICK)
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines([command, "socket:inet: 1 DIFFERENT"])


def test_a_time_limit_and_a_missing_recording_fail_as_unknown(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/hangs", hangs, "[]", limit=0.05)
    kit.add("send/topic/new", lambda _: "fine")
    done = run(pytester, "--inet-reruns=0")
    done.assert_outcomes(failed=2)
    done.stdout.fnmatch_lines(
        ["UNKNOWN: no outcome within 0.05 s (OTP 29's inet)", "  got:       timeout: no outcome*"]
    )
    done.stdout.fnmatch_lines(["UNKNOWN: nothing recorded to compare with (OTP 29's inet)", "inet: 2 UNKNOWN"])


def test_a_crash_fails_and_says_where(pytester: pytest.Pytester, kit: Kit) -> None:
    def crash(_: Subject) -> Any:
        raise KeyError("nothing")

    kit.add("send/topic/one", crash, "fine")
    done = run(pytester)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["  got:       crash: KeyError: 'nothing' at test_plugin.py:*"])


def test_an_accepted_difference_is_an_expected_failure_with_its_reason(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/one", counting("sane"), "hangs")
    kit.accept("send/topic/one")
    done = run(pytester)
    done.assert_outcomes(xfailed=1)
    done.stdout.fnmatch_lines(["inet: 1 ACCEPTED", "XFAIL *send/topic/one - Nobody wants to hang."])
    assert done.ret == pytest.ExitCode.OK


def test_an_accepted_difference_that_is_none_any_more_fails(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/one", lambda _: "fine", "fine")
    kit.accept("send/topic/one")
    done = run(pytester)
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["STALE: is SAME by now, take out the entry that accepts it as DIFFERENT"])
    done.stdout.fnmatch_lines(["inet: 1 STALE"])


def test_an_author_can_accept_differences_too(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/one", lambda _: "mine", "fine")
    entry = {"case": "send/topic/one", "subject": "inet", "release": "29", "verdict": "DIFFERENT", "reason": "Because."}
    lines = [f'{key} = "{value}"' for key, value in {**entry, "link": "a link"}.items()]
    own = pytester.makefile(".toml", accepted="[[difference]]\n" + "\n".join(lines))
    done = run(pytester, f"--inet-differences={own}")
    done.assert_outcomes(xfailed=1)
    done.stdout.fnmatch_lines(["XFAIL *send/topic/one - Because."])


def test_what_cannot_be_run_is_skipped_with_its_reason(pytester: pytest.Pytester, kit: Kit) -> None:
    def give_up(t: Subject) -> Any:
        raise t.unsupported("this system has no abstract names")

    kit.add("send/topic/one", give_up, "fine")
    done = run(pytester)
    done.assert_outcomes(skipped=1)
    done.stdout.fnmatch_lines(["inet: 1 UNSUPPORTED", "SKIPPED*this system has no abstract names"])


def test_flaky_passes_and_is_warned_of(pytester: pytest.Pytester, kit: Kit) -> None:
    kit.add("send/topic/one", counting("bad", "fine", "bad"), "fine")
    done = run(pytester, "-W", "default")
    done.assert_outcomes(passed=1, warnings=1)
    done.stdout.fnmatch_lines([
        "*FlakyCase: FLAKY 1/3: inet is not as OTP 29's inet",
        "*got (2 of 3): bad",
        "*got (1 of 3): fine",
        "inet: 1 FLAKY",
    ])  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), [([], "together"), (["--inet-jobs=1"], "alone")])
def test_cases_overlap_unless_told_not_to(
    pytester: pytest.Pytester, kit: Kit, options: list[str], expected: str
) -> None:
    together = threading.Barrier(2)
    kit.add("send/topic/one", met(together), expected)
    kit.add("send/topic/two", met(together), expected)
    run(pytester, "--inet-reruns=0", *options).assert_outcomes(passed=2)


def test_one_case_at_a_time_runs_within_its_test(pytester: pytest.Pytester, kit: Kit) -> None:
    log: list[str] = []
    kit.add("send/topic/one", lambda _: "bad", "fine")
    kit.add("send/topic/two", logged(log), "ok")
    run(pytester, "--inet-jobs=1", "-x").assert_outcomes(failed=1)
    assert log == []


def test_what_is_as_expected_only_with_nothing_beside_it_passes(pytester: pytest.Pytester, kit: Kit) -> None:
    together = threading.Barrier(2)
    kit.add("send/topic/one", met(together), "alone")
    kit.add("send/topic/two", met(together), "together")
    done = run(pytester, "--inet-reruns=0")
    done.assert_outcomes(passed=2)
    done.stdout.fnmatch_lines(["inet: 2 SAME"])


def test_afterwards_nothing_runs_any_more(pytester: pytest.Pytester, kit: Kit) -> None:
    for name in ("one", "two"):
        kit.add(f"send/topic/{name}", lambda _: "fine", "fine")
    run(pytester).assert_outcomes(passed=2)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("gentcp-conformance")]


def test_the_help_says_how_many_cases_run_at_a_time(pytester: pytest.Pytester) -> None:
    helped = " ".join(pytester.runpytest_inprocess("--help", *QUICK).outlines)
    assert f"each within its test (default: {JOBS})" in " ".join(helped.split())


def test_a_backend_can_be_judged_as_either_of_otps(pytester: pytest.Pytester, kit: Kit) -> None:
    make(lambda _: "i", "send/topic/one", registry=kit.registry)
    kit.recorded = [result("send/topic/one", "inet", "i"), result("send/topic/one", "socket", "s")]
    done = run(pytester, "--inet-backend=inet:socket")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["inet: 1 SAME", "inet:socket: 1 DIFFERENT"])


def test_a_vm_is_judged_by_its_own_release(
    pytester: pytest.Pytester, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.add("send/topic/one", lambda _: "fine")
    recordings = {"25": record(result("send/topic/one", "socket", "fine")), "29": record()}
    monkeypatch.setattr(pytest_plugin, "recordings", lambda: recordings)
    monkeypatch.setattr(pytest_plugin, "releases", lambda: list(recordings))
    with vm("25"):
        run(pytester, backend="otp_socket").assert_outcomes(passed=1)
        run(pytester, "--otp-release=29", backend="otp_socket").assert_outcomes(failed=1)
    with vm("26"):
        done = run(pytester, backend="otp_socket")
    assert done.ret != pytest.ExitCode.OK
    done.stdout.fnmatch_lines(["*nothing is recorded of OTP 26, but of 25, 29*"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "gentcp_conformance: which backend? name it with --inet-backend=NAME, such as inet or socket"),
        (
            ["--inet-backend=nul"],
            "--inet-backend: no backend 'nul' is installed; did you mean null? there are *inet*socket*",
        ),
        (["--inet-backend=null"], "--inet-backend: say which of OTP's it follows, null:inet or null:socket"),
        (["--inet-backend=inet:tcp"], "--inet-backend: say which of OTP's it follows, inet:inet or inet:socket"),
        (["--inet-backend=inet", "--otp-release=12"], "--otp-release: nothing is recorded of OTP 12, but of 29"),
        (["--inet-backend=inet", "--inet-differences=none.toml"], "*none.toml*"),
        (["--inet-backend=inet", "--inet-jobs=0"], "--inet-jobs: from 1 to 64 cases can run at a time, not 0"),
        (["--inet-backend=inet", "--inet-jobs=65"], "--inet-jobs: from 1 to 64 cases can run at a time, not 65"),
    ],
)
def test_options_that_make_no_sense_are_said_so_in_one_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.setattr("gentcp.available_backends", lambda: ["inet", "null", "socket"])
    done = pytester.runpytest_inprocess("--pyargs", "gentcp_conformance", *arguments)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines([f"ERROR: {said}"])
    assert len([line for line in done.errlines if line]) == 1


def test_timed_cases_can_be_left_out(pytester: pytest.Pytester, kit: Kit) -> None:
    def timed(t: Subject) -> Any:
        return t.timed(lambda: "ok")

    kit.add("send/topic/one", timed, "{immediate,ok}")
    kit.add("send/topic/two", lambda _: "fine", "fine")
    for others in ([], ["-p", "no:xdist"]):
        run(pytester, *others).assert_outcomes(passed=2)
        run(pytester, "-m", "not gentcp_timing", *others).assert_outcomes(passed=1, deselected=1)
