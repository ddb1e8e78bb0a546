from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from gentcp_conformance import differences
from gentcp_conformance.case import Registry
from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.record import read

from .command import NARROW, WIDE, accept, have_no_vm, run, use_cases, use_recording
from .toys import make, result

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gentcp_conformance.subject import Subject


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    made = Registry()
    make(lambda _: "fine", "send/same/one", registry=made)
    make(lambda t: ("error", t.backend), "send/diverging/two", registry=made, documented=True)
    make(lambda t: ["x"] * 60 + [t.backend], "recv/long/three", registry=made)
    long = ",".join(["x"] * 60)
    use_cases(monkeypatch, made)
    use_recording(
        monkeypatch,
        *(result("send/same/one", column, "fine") for column in ("inet", "socket")),
        *(result("send/diverging/two", column, f"{{error,{column}}}") for column in ("inet", "socket")),
        *(result("recv/long/three", column, f"[{long},{column}]") for column in ("inet", "socket")),
    )
    have_no_vm(monkeypatch)
    return made


def wrong(registry: Registry, backend: str = "socket") -> None:
    """Add a case that is not what is recorded of it."""
    make(lambda t: "bad" if t.backend == backend else "fine", "send/wrong/four", registry=registry)


@pytest.fixture
def wrong_case(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(registry)
    use_recording(monkeypatch, *(result("send/wrong/four", column, "fine") for column in ("inet", "socket")))


def test_compare_passes_when_backends_are_as_recorded() -> None:
    outcome = run("compare")
    assert outcome.exit_code == 0, outcome.output
    assert "3 cases; OTP 29's backends diverge in 2: 1 documented, 1 undocumented" in outcome.output
    assert "inet: 3 SAME" in outcome.output
    assert "\x1b" not in outcome.output


def test_the_matrix_is_grouped_by_area_in_order() -> None:
    lines = [line.strip() for line in run("compare", "--table").output.splitlines()]
    assert lines.index("send") < lines.index("recv")
    row = next(line for line in lines if line.startswith("diverging/two"))
    assert row.split() == ["diverging/two", "{error,inet}", "{error,socket}", "doc"]
    assert next(line for line in lines if line.startswith("same/one")).split() == ["same/one", "fine", "same"]


@pytest.mark.parametrize("env", [WIDE, NARROW])
def test_long_terms_are_cut_so_that_the_difference_shows(env: dict[str, str]) -> None:
    output = run("compare", "--table", "--case", "recv", env=env).output
    assert "inet]" in output
    assert "socket]" in output
    assert "…x," in output
    assert max(map(len, output.splitlines())) <= int(env["COLUMNS"])


TWO = ("--backend", "inet", "--backend", "socket")


@pytest.mark.parametrize("subjects", [(), TWO])
def test_only_differences_leaves_out_what_agrees(subjects: tuple[str, ...]) -> None:
    output = run("compare", "--only-differences", *subjects).output
    assert "diverging/two" in output
    assert "same/one" not in output


@pytest.mark.parametrize("flag", ["--only-differences", "--list-divergences"])
def test_without_a_subject_the_recordings_answer(registry: Registry, flag: str) -> None:
    starts: list[str] = []
    make(lambda t: starts.append(t.backend), "send/run/four", registry=registry)
    assert run("compare", flag).exit_code == 0
    assert not starts
    run("compare", flag, "--backend", "inet")
    assert set(starts) == {"inet"}


def test_it_ends_with_what_diverges_and_how_to_go_on() -> None:
    output = run("compare").output
    table, last = output.split("the most dangerous\n")
    header, *rows = [line.split() for line in table[table.index("diverging ") :].splitlines() if line]
    assert header == ["diverging", "data", "hang", "crash", "messages", "reasons", "sizes", "all"]
    assert [(row[0], row[-1]) for row in rows] == [("send", "1"), ("recv", "1"), ("all", "2")]
    assert "gentcp show " in last
    assert "gentcp list --differs 29:inet,29:socket" in last
    assert "same/one" not in output


def test_the_page_that_was_written_is_named(tmp_path: Path) -> None:
    output = run("compare", "--html", str(tmp_path / "p.html")).output
    assert str(tmp_path / "p.html") in output
    assert "gentcp check src/" in output


def test_x_ends_with_the_first_that_fails(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    names = ["one", "two", "three"]
    for name in names:
        make(noting(ran, name), f"send/x/{name}", registry=registry)
    expected = {"one": "one", "two": "other", "three": "three"}
    use_recording(monkeypatch, *(result(f"send/x/{name}", "inet", expected[name]) for name in names))
    outcome = run("compare", "-x", "--reruns", "0", "--backend", "inet", "--case", "send/x")
    assert outcome.exit_code == 1
    assert "2 cases" in outcome.output
    assert ran.count("two") == 2, "once beside others, once alone"


def noting(ran: list[str], name: str) -> Callable[[Subject], str]:
    def noted(_: Subject) -> str:
        ran.append(name)
        return name

    return noted


def test_cases_without_case_are_told_how() -> None:
    outcome = run("compare", "send/same")
    assert outcome.exit_code == 2
    assert "gentcp compare --case send/same" in outcome.output


def test_without_the_table_only_failures_and_counts_are_left(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong(registry)
    cases = ["send/same/one", "send/wrong/four"]
    use_recording(monkeypatch, *(result(case, column, "fine") for case in cases for column in ("inet", "socket")))
    outcome = run("compare", "--case", "send/same", "--case", "send/wrong")
    assert outcome.exit_code == 1
    assert outcome.output.startswith("\nDIFFERENT send/wrong/four on socket\n")
    assert "same/one" not in outcome.output.split("go on")[0]
    assert "socket: 1 SAME, 1 DIFFERENT" in outcome.output


def test_only_differences_shows_what_differs_from_otp_on_purpose(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[str] = []

    def sane(t: Subject) -> str:
        starts.append(t.backend)
        return "sane"

    make(sane, "send/hangs/four", registry=registry)
    hangs = (result("send/hangs/four", "inet", "sane"), result("send/hangs/four", "socket", "hangs"))
    use_recording(monkeypatch, *hangs)
    entry = Difference("send/hangs/four", "socket", "29", "DIFFERENT", "Nobody wants to hang.", "a link")
    accept(monkeypatch, entry)
    outcome = run("compare", "--only-differences", *TWO, "--case", "send/hangs")
    assert outcome.exit_code == 0
    assert "hangs/four" in outcome.output
    assert "socket: 1 ACCEPTED" in outcome.output
    assert sorted(starts) == ["inet", "socket"], "an accepted difference is not run again"
    shown = run("show", "send/hangs/four").output
    assert "differs from that on purpose" in shown
    assert "Nobody wants to hang." in shown


def test_cases_are_chosen_by_prefix() -> None:
    output = run("compare", "--case", "send/same", "--case", "recv").output
    assert "2 cases" in output
    assert "diverging/two" not in output


@pytest.mark.usefixtures("wrong_case")
def test_compare_fails_and_shows_what_was_expected() -> None:
    outcome = run("compare", "--case", "send/wrong")
    assert outcome.exit_code == 1
    assert "DIFFERENT send/wrong/four on socket\n  expected:\n    fine" in outcome.output
    assert "gentcp compare --case send/wrong/four --backend socket" in outcome.output
    assert "socket: 1 DIFFERENT" in outcome.output
    assert "inet: 1 SAME" in outcome.output


@pytest.mark.usefixtures("wrong_case")
def test_another_backend_is_not_blamed() -> None:
    assert run("compare", "--case", "send/wrong", "--backend", "inet").exit_code == 0


def test_what_is_as_expected_only_when_run_alone_passes_and_is_named(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = ["late", "ok"]
    use_recording(monkeypatch, result("send/b/disturbed", "inet", "ok"))
    make(lambda _: left.pop(0), "send/b/disturbed", registry=registry)
    arguments = ["compare", "--otp", "recorded", "--backend", "inet", "--case", "send/b/"]
    done = run(*arguments, "--jobs", "2")
    assert done.exit_code == 0, done.output
    assert "as expected only when run again, alone:\n  send/b/disturbed on inet\n" in done.output
    assert "inet: 1 SAME" in done.output


def test_how_many_cases_run_at_a_time_has_a_limit_that_is_said() -> None:
    done = run("compare", "--jobs", "65")
    assert done.exit_code == 2
    assert "--jobs" in done.output
    assert "1<=x<=64" in done.output
    assert "More than 64" in " ".join(run("compare", "--help").output.replace("│", "").split())


@pytest.mark.usefixtures("wrong_case")
def test_an_accepted_difference_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Difference("send/wrong/four", "socket", "29", "DIFFERENT", "a reason", "a link")
    accept(monkeypatch, entry)
    outcome = run("compare", "--case", "send/wrong")
    assert outcome.exit_code == 0
    assert "ACCEPTED" in outcome.output


def test_a_stale_difference_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Difference("send/same/one", "inet", "29", "DIFFERENT", "a reason", "a link")
    accept(monkeypatch, entry)
    outcome = run("compare", "--case", "send/same")
    assert outcome.exit_code == 1
    assert "STALE send/same/one on inet" in outcome.output
    assert "as expected only" not in outcome.output


def test_a_malformed_differences_file_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Any) -> Differences:
        raise differences.DifferencesError("difference 1: unknown case 'x'")

    monkeypatch.setattr(differences, "load", refuse)
    outcome = run("compare")
    assert outcome.exit_code == 1
    assert "difference 1: unknown case 'x'" in outcome.output


def test_the_record_has_verdicts(tmp_path: Path) -> None:
    target = tmp_path / "run.jsonl"
    run("compare", "--record", str(target))
    text = target.read_text()
    assert read(text).expected("send/diverging/two", "socket") == ("{error,socket}",)
    assert {each["name"] for each in read(text).subjects} == {"inet", "socket"}
    assert text.count('"verdict": "SAME"') == 6


def test_the_other_files_are_what_they_are_called(tmp_path: Path) -> None:
    names = {kind: tmp_path / kind for kind in ("json", "junit", "markdown")}
    outcome = run("compare", *(part for kind, path in names.items() for part in (f"--{kind}", str(path))))
    assert outcome.exit_code == 0, outcome.output
    assert json.loads(names["json"].read_text())["counts"]["cases"] == 3
    root = ET.fromstring(names["junit"].read_text())
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [("inet", "3"), ("socket", "3")]
    assert names["markdown"].read_text().startswith("# gentcp conformance\n")


def test_the_html_file_is_a_page(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    run("compare", "--html", str(target))
    assert target.read_text().startswith("<!DOCTYPE html>")
    assert 'id="send/diverging/two"' in target.read_text()


def test_a_folder_that_is_not_there_is_noticed_before_the_run(tmp_path: Path) -> None:
    outcome = run("compare", "--html", str(tmp_path / "no" / "report.html"))
    assert outcome.exit_code == 2
    assert "there is no folder" in outcome.output
    assert "cases;" not in outcome.output


def test_an_unknown_backend_is_answered_with_those_there_are() -> None:
    outcome = run("compare", "--backend", "nope")
    assert outcome.exit_code == 2
    assert "no backend 'nope' is installed" in outcome.output
    assert "inet" in outcome.output


def test_a_backend_can_be_judged_against_the_other_column() -> None:
    outcome = run("compare", "--case", "send/diverging", "--backend", "inet:socket")
    assert outcome.exit_code == 1
    assert "--backend inet:socket" in outcome.output


@pytest.mark.parametrize("arguments", [("show", "send/diverging/tow"), ("compare", "--case", "diverging/two")])
def test_an_unknown_case_is_answered_with_similar_ones(arguments: tuple[str, ...]) -> None:
    outcome = run(*arguments)
    assert outcome.exit_code == 2
    assert "send/diverging/two" in outcome.output.replace(arguments[-1], "", 1)


def test_show_explains_a_case() -> None:
    outcome = run("show", "send/diverging/two")
    assert outcome.exit_code == 0
    for part in (
        "A title",
        "What it means.",
        "gen_tcp:send/2",
        "{error,inet}",
        "{error,socket}",
        "DIVERGES (documented)",
    ):
        assert part in outcome.output
    assert "on purpose" not in outcome.output


def test_backends_are_listed_with_their_distribution() -> None:
    lines = run("backends").output.splitlines()
    assert [line.split()[0] for line in lines][:1] == ["name"]
    assert {"inet", "socket"} <= {line.split()[0] for line in lines[1:]}


@pytest.mark.parametrize("missing", ["click", "rich", "rich_click"])
def test_without_the_extra_there_is_a_hint(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from gentcp_conformance.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == f"gentcp's command line needs {missing}: pip install 'gentcp[cli]'"
