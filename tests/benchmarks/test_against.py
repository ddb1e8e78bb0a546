from __future__ import annotations

import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import benchmarks
from benchmarks import against, command
from benchmarks.against import CannotCompare, Commit, beside, checked_out, joined
from benchmarks.model import Goal, Workload
from benchmarks.record import record, summary
from benchmarks.sides import Program, Side, SideFailed, take_gentcp_from
from benchmarks.table import table
from benchmarks.workloads import WORKLOADS

from .workload import OPTIONS, Script, contestant, workload

jsonschema: Any = importlib.import_module("jsonschema")  # has no types
CHECKOUT = Path(benchmarks.__file__).parents[1]
SCHEMA = json.loads((CHECKOUT / "benchmarks" / "results.schema.json").read_text())
COMMIT = Commit("abc1234", "A subject", "abc1234" + "0" * 33, "/nowhere/gentcp")
_with_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git")


def _git(folder: Path, *arguments: str) -> str:
    about = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *about, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One whose only commit is what the checkout has now; gentcp is compared with what is in it."""
    root, temporary = tmp_path / "repository", tmp_path / "temporary"
    for folder in ("gentcp", "backends"):
        shutil.copytree(CHECKOUT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", root)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    for arguments in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "Before")):
        _git(root, *arguments)
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(against, "ROOT", root)
    return root


def _left(repository: Path) -> tuple[int, list[Path]]:
    """Worktrees that git knows of beside the first one, and what is left of them."""
    known = _git(repository, "worktree", "list", "--porcelain").count("worktree ") - 1
    return known, list((repository.parent / "temporary").glob("gentcp-against-*"))


# ---- who takes part


@pytest.mark.parametrize("name", WORKLOADS)
def test_behind_each_gentcp_comes_that_of_the_commit(name: str) -> None:
    contestants = joined(WORKLOADS[name], COMMIT).contestants
    names = [one.name for one in contestants]
    expected = [
        [one.name, *([f"{one.name}, at abc1234"] if one.name.startswith("gentcp") else [])]
        for one in WORKLOADS[name].contestants
    ]
    assert names == [name for pair in expected for name in pair]
    assert {one.base for one in contestants} <= set(names)
    for one in contestants:
        assert one.against == (f"{one.name}, at abc1234" if f"{one.name}, at abc1234" in names else None)


@pytest.mark.parametrize("name", WORKLOADS)
def test_all_sides_of_a_contestant_are_of_one_commit(name: str) -> None:
    for one in joined(WORKLOADS[name], COMMIT).contestants:
        old = one.name.endswith(", at abc1234")
        sources = {arg.source for arg in one.args if isinstance(arg, Program)}
        assert sources == {"/nowhere/gentcp" if old else None}
        assert not (old and one.goals)


def test_a_base_that_is_gentcp_is_of_the_same_commit() -> None:
    there = joined(workload(Script(), contestant("gentcp, full", base="gentcp, empty")), COMMIT).contestants
    assert [one.base for one in there] == ["gentcp, empty", "gentcp, empty, at abc1234"]


def test_what_the_commit_does_not_have_is_compared_with_nobody() -> None:
    there = workload(Script(), contestant("gentcp", needs=("json",)), contestant("gentcp, new", needs=("csv",)))
    found = joined(there, COMMIT, frozenset({"csv"})).contestants
    assert [(one.name, one.against) for one in found] == [
        ("gentcp", "gentcp, at abc1234"), ("gentcp, at abc1234", None), ("gentcp, new", None),
    ]  # fmt: skip


def test_who_is_asked_for_brings_along_the_same_of_the_commit() -> None:
    there = joined(workload(Script(), contestant("raw"), contestant("gentcp, one"), contestant("gentcp, two")), COMMIT)
    assert [one.name for one in there.taking_part(["one"])] == ["raw", "gentcp, one", "gentcp, one, at abc1234"]


# ---- the ratio


@pytest.fixture
def trial() -> Workload:
    """Half as fast again as before in each round, on a machine that gets slower."""
    script = Script(raw=[100, 100, 100], new=[(90, 2.0), (60, 4.0), (30, 8.0)], old=[(60, 3.0), (40, 6.0), (20, 12.0)])
    there = workload(
        script, contestant("raw"), contestant("new", Goal(0.5), against="old"), contestant("old"), against="abc1234"
    )
    there.run(OPTIONS, lambda _: None)
    return there


def _record(trial: Workload) -> dict[str, Any]:
    options = replace(OPTIONS, against=COMMIT.hash)
    return record([trial], options, "2026-01-01T00:00:00+00:00", None)


def test_the_ratio_to_the_commit_is_taken_within_a_round(trial: Workload) -> None:
    raw, new, old = summary(trial)["contestants"]
    for ratio in new["against"].values():
        assert (ratio["low"], ratio["median"], ratio["high"]) == (1.5, 1.5, 1.5)
    assert new["ratio"]["median"] == pytest.approx(0.6)
    assert raw["against"] is old["against"] is None


def test_a_table_has_the_ratio_to_the_commit_where_there_is_one(trial: Workload) -> None:
    lines = table(summary(trial)).splitlines()
    start = lines[2].index("of abc1234")
    cells = {line.split()[0]: line[start:].split() for line in lines[2:]}
    assert cells["contestant"] == ["of", "abc1234", "quartiles", "by", "CPU", "rounds", "goals"]
    assert cells["new"] == ["1.50", "1.50-1.50", "1.50", "3", ">=", "0.5", "ok"]
    assert cells["raw"] == cells["old"] == ["3"]


def test_a_record_of_before_there_was_such_an_option_can_be_read(trial: Workload) -> None:
    pytest.importorskip("matplotlib")
    from benchmarks.page import page

    run = _record(trial)
    of_trial = run["workloads"][0]
    for data in (run["options"], of_trial, *of_trial["contestants"]):
        del data["against"]
    assert "abc1234" not in table(of_trial) + page(run)
    jsonschema.validate(json.loads(json.dumps(run)), SCHEMA)


def test_a_page_has_the_ratio_to_the_commit(trial: Workload) -> None:
    pytest.importorskip("matplotlib")
    from benchmarks.page import page

    text = page(_record(trial))
    assert "<th>of abc1234</th>" in text
    assert text.count("<td>1.50</td>") == 2
    assert "0 s, against abc1234000" in text


# ---- the worktree


@_with_git
@pytest.mark.parametrize("ended_by", [KeyboardInterrupt, SideFailed, None])
def test_the_worktree_is_removed_whatever_happens(repository: Path, ended_by: type[BaseException] | None) -> None:
    try:
        with checked_out("HEAD") as commit:
            assert (commit.subject, commit.hash) == ("Before", _git(repository, "rev-parse", "HEAD").strip())
            assert commit.hash.startswith(commit.name)
            assert _left(repository) == (1, [Path(commit.root).parent])
            if ended_by:
                raise ended_by
    except (KeyboardInterrupt, SideFailed):
        assert ended_by
    assert _left(repository) == (0, [])


@_with_git
def test_a_terminated_run_removes_it_as_an_interrupted_one_does(repository: Path) -> None:
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with pytest.raises(KeyboardInterrupt), checked_out("HEAD"):
        signal.raise_signal(signal.SIGTERM)
    assert _left(repository) == (0, [])
    assert signal.signal(signal.SIGTERM, before) == signal.SIG_DFL


@_with_git
def test_no_such_commit_is_said_before_anything_is_measured(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(gentcp=[1])
    monkeypatch.setattr(command, "WORKLOADS", {"trial": workload(script, contestant("gentcp"))})
    with pytest.raises(SystemExit, match="^--against nosuch: there is no such commit in "):
        command.main(["--against", "nosuch"])
    assert script.order == []
    assert _left(repository) == (0, [])


@_with_git
def test_a_folder_without_a_repository_is_said_with_the_words_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setattr(against, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="^--against HEAD: .*not a git repository"):
        command.main(["--against", "HEAD"])


def test_without_git_nothing_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="^--against HEAD: there is no git$"):
        command.main(["--against", "HEAD"])


# ---- what is measured there


@_with_git
def test_a_side_gets_gentcp_and_the_backends_of_the_commit(repository: Path) -> None:
    with checked_out("HEAD") as commit, Side(
        0, Program("origins", "report", (("inet", "socket"), ("json", "no_such_module")), source=commit.root)
    ) as side:  # fmt: skip
        files, lacking = side.ask()
    assert {"gentcp", "gentcp.erl", "gentcp_inet", "gentcp_socket"} <= set(files)
    assert [file for file in files.values() if not file.startswith(f"{commit.root}/")] == []
    assert lacking == ["no_such_module"]


@_with_git
def test_backends_are_those_of_the_entry_points_of_the_commit(repository: Path) -> None:
    project = repository / "pyproject.toml"
    project.write_text(project.read_text().replace('"gentcp_inet:backend"', '"gentcp_former:backend"'))
    shutil.move(repository / "backends" / "gentcp_inet", repository / "backends" / "gentcp_former")
    (repository / "backends" / "gentcp_inet").mkdir()
    (repository / "backends" / "gentcp_inet" / "__init__.py").touch()
    _git(repository, "add", ".")
    _git(repository, "commit", "--quiet", "-m", "Another name")
    with checked_out("HEAD") as commit, Side(0, Program("origins", "report", (("inet",), ()), commit.root)) as side:
        assert "gentcp_former" in side.ask()[0]


@_with_git
def test_a_commit_that_cannot_be_imported_is_said_before_anything_is_measured(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (repository / "gentcp" / "__init__.py").write_text("raise RuntimeError('half done')\n")
    _git(repository, "commit", "--quiet", "-a", "-m", "Half done")
    with pytest.raises(CannotCompare, match="cannot be imported"), checked_out("HEAD") as commit:
        beside(commit, [])
    assert "half done" in capfd.readouterr().err


def test_another_gentcp_that_would_win_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("gentcp")  # here already, as after a finder that comes before those of paths
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(ImportError, match=f"gentcp should come from {tmp_path}, and not from /"):
        take_gentcp_from(str(tmp_path))


@_with_git
def test_a_run_measures_both(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "run.json"
    arguments = ["--quick", "--rounds", "1", "--seconds", "0.02", "--only", "ping-pong", "--against", "HEAD"]
    assert command.main([*arguments, "--json", str(results), "--contestants", "gentcp inet, both ends"]) == 0
    name = _git(repository, "rev-parse", "--short", "HEAD").strip()
    assert f"against {name}, Before\n" in capsys.readouterr().out
    run = json.loads(results.read_text())
    jsonschema.validate(run, SCHEMA)
    measured = {one["name"]: one for one in run["workloads"][0]["contestants"] if one["samples"]}
    assert list(measured) == ["raw", "gentcp inet, both ends", f"gentcp inet, both ends, at {name}"]
    assert measured["gentcp inet, both ends"]["against"]["ratio"]["median"] > 0
    assert run["options"]["against"] == _git(repository, "rev-parse", "HEAD").strip()
    assert _left(repository) == (0, [])
