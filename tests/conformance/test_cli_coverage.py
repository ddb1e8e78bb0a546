from __future__ import annotations

from pathlib import Path

import pytest

from gentcp.erl import erlang, inet
from gentcp_conformance.case import Registry
from gentcp_conformance.coverage import index as uses
from gentcp_conformance.coverage import inventory, reasons

from .command import run, use_cases, use_recording
from .toys import make, result

INVENTORY = """
[functions.inet]
documented = ["format_error/1"]
undocumented = []
[functions.erlang]
documented = ["make_ref/0"]
undocumented = []
[options]
[packets]
stream = []
decode = []
undocumented_stream = []
[names]
text = ["einval"]
"""


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Registry:
    made = Registry()
    make(lambda _: bool(inet.format_error("einval")), "send/format/one", registry=made)
    use_cases(monkeypatch, made)
    use_recording(monkeypatch, *(result("send/format/one", name, "true") for name in ("inet", "socket")))
    monkeypatch.setattr(uses, "FILE", tmp_path / "uses.jsonl")
    monkeypatch.setattr(inventory, "load", lambda: inventory.parse(INVENTORY))
    monkeypatch.setattr("gentcp_conformance.coverage.survey.load", lambda: inventory.parse(INVENTORY))
    give(monkeypatch, '"erlang:make_ref/0" = "nothing to be seen"')
    return made


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(reasons, "load", lambda: reasons.parse(f"[reasons]\n{text}"))


def test_cases_are_run_and_what_they_use_is_noted(tmp_path: Path) -> None:
    outcome = run("coverage", "--run", "--markdown", str(tmp_path / "page.md"))
    assert outcome.exit_code == 0, outcome.output
    assert "1 cases run, 1 noted anew" in outcome.output
    assert uses.read(uses.FILE.read_text()).of("send/format/one", "inet") == {"inet:format_error/1", "text/einval"}
    assert "| `format_error/1` | as OTP | as OTP | `send/format/one` |" in (tmp_path / "page.md").read_text()


def test_without_a_run_the_cases_that_were_not_run_are_missed() -> None:
    outcome = run("coverage")
    assert outcome.exit_code == 1
    assert "1 cases have not been run: gentcp coverage --run" in outcome.output


def test_what_is_noted_is_checked_and_left_alone(registry: Registry) -> None:
    run("coverage", "--run")
    noted = uses.FILE.read_text()
    assert run("coverage", "--check").exit_code == 0
    make(lambda _: bool(erlang.make_ref()), "send/new/two", registry=registry)
    outcome = run("coverage", "--check")
    assert outcome.exit_code == 1
    assert "not what is noted of it: send/new/two" in outcome.output
    assert uses.FILE.read_text() == noted


def test_some_cases_can_be_run_again(registry: Registry) -> None:
    run("coverage", "--run")
    make(lambda _: bool(erlang.self()), "recv/new/two", registry=registry)
    outcome = run("coverage", "--run", "--case", "recv/")
    assert outcome.exit_code == 0, outcome.output
    assert list(uses.read(uses.FILE.read_text()).cases) == ["send/format/one", "recv/new/two"]


def test_a_row_without_a_case_needs_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, "")
    outcome = run("coverage", "--run")
    assert outcome.exit_code == 1
    assert "no case, and no reason: erlang:make_ref/0" in outcome.output


def test_a_reason_for_what_has_a_case_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, '"erlang:*" = "nothing to be seen"\n"text/einval" = "none yet"')
    outcome = run("coverage", "--run")
    assert outcome.exit_code == 1
    assert "a reason for what has a case: text/einval" in outcome.output


def test_a_case_that_is_not_as_recorded_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    use_recording(monkeypatch, *(result("send/format/one", name, "false") for name in ("inet", "socket")))
    outcome = run("coverage", "--run")
    assert outcome.exit_code == 1
    assert "DIFFERENT send/format/one on inet: true" in outcome.output


@pytest.mark.parametrize("arguments", [("--run", "--check"), ("--case", "send/"), ("--check", "--case", "nothing")])
def test_what_does_not_go_together_is_refused(arguments: tuple[str, ...]) -> None:
    assert run("coverage", *arguments).exit_code == 2
