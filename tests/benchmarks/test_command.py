from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import command
from benchmarks.model import Goal, Workload

from .workload import Script, contestant, workload


def _install(monkeypatch: pytest.MonkeyPatch, trial: Workload) -> None:
    monkeypatch.setattr(command, "WORKLOADS", {"trial": trial})


def test_a_check_has_a_second_chance_in_which_the_first_rounds_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = Script(raw=[10] * 6, mine=[5, 5, 5, 10, 10, 10])
    _install(monkeypatch, workload(script, contestant("raw"), contestant("mine", Goal(0.75))))
    assert command.main(["--check", "--rounds", "3"]) == 0
    assert "ratio" in capsys.readouterr().out
    assert script.order.count("mine") == 6


def test_a_check_fails_when_the_goal_is_missed_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _install(
        monkeypatch, workload(Script(raw=[10] * 4, mine=[5] * 4), contestant("raw"), contestant("mine", Goal(0.75)))
    )
    assert command.main(["--check", "--rounds", "2"]) == 1
    assert "missed: trial: mine 0.5, not >= 0.75" in capsys.readouterr().out


def test_without_a_check_a_missed_goal_is_only_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _install(monkeypatch, workload(Script(raw=[10], mine=[5]), contestant("raw"), contestant("mine", Goal(0.75))))
    assert command.main(["--rounds", "1"]) == 0
    assert "missed: trial: mine 0.5" in capsys.readouterr().out


def test_an_interrupted_run_prints_and_writes_what_it_has(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    script = Script(raw=[10, 20], mine=[5, KeyboardInterrupt()])
    _install(monkeypatch, workload(script, contestant("raw"), contestant("mine")))
    results = tmp_path / "results" / "run.json"
    assert command.main(["--json", str(results)]) == 1
    said = capsys.readouterr().out
    assert "interrupted" in said
    assert [line.split()[1] for line in said.splitlines() if line.startswith("mine")] == ["5"]
    run = json.loads(results.read_text())
    assert run["finished"] is None
    assert run["workloads"][0]["contestants"][1]["samples"] == [{"round": 0, "values": [5, 1.0]}]


def test_what_draws_the_page_is_missed_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(SystemExit):
        command.main(["--html", "page.html"])
    assert "--html needs matplotlib and jinja2" in capsys.readouterr().err
