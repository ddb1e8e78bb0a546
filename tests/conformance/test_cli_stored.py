"""`gentcp diff` and `gentcp report`: results that were stored earlier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gentcp_conformance.changed import Way, changes
from gentcp_conformance.formats.stored import Cell
from gentcp_conformance.verdict import Judgement

from .command import run

CASES = ("--case", "send/data", "--otp", "recorded")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("results") / "results.json"
    assert run("compare", *CASES, "--json", str(file)).exit_code == 0
    return file


def changed(results: Path, folder: Path, **cell: Any) -> Path:
    """The same, with another cell of the first case on inet."""
    document = json.loads(results.read_text())
    document["cases"][0]["cells"]["inet"].update(cell)
    (folder / "other.json").write_text(json.dumps(document))
    return folder / "other.json"


def cell(judgement: str, *outcomes: str, expected: tuple[str, ...] = ()) -> Cell:
    return Cell(Judgement(judgement), frozenset(outcomes), expected)


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        (cell("SAME", "a"), cell("SAME", "a"), None),
        (cell("SAME", "a"), cell("DIFFERENT", "b"), Way.WORSE),
        (cell("DIFFERENT", "b"), cell("ACCEPTED", "b"), Way.BETTER),
        (cell("DIFFERENT", "b"), cell("DIFFERENT", "c"), Way.OTHER),
        (cell("FLAKY", "a", "b"), cell("SAME", "a"), Way.BETTER),
        (cell("SAME", "a"), cell("UNSUPPORTED", "x"), Way.WORSE),
        (cell("SAME", "a", expected=("a", "b")), cell("SAME", "b", expected=("a", "b")), None),
        (cell("RECORDED", "a", expected=("a",)), cell("RECORDED", "b", expected=("b",)), Way.OTHER),
        (None, cell("SAME", "a"), Way.NEW),
        (cell("SAME", "a"), None, Way.GONE),
    ],
)
def test_ways(before: Cell | None, after: Cell | None, way: Way | None) -> None:
    found = changes({"c": before} if before else {}, {"c": after} if after else {})
    assert [change.way for change in found] == ([way] if way else [])


def test_the_worst_comes_first() -> None:
    before = {"a": cell("DIFFERENT", "x"), "b": cell("SAME", "x"), "c": cell("SAME", "x")}
    after = {"a": cell("SAME", "y"), "b": cell("DIFFERENT", "y"), "d": cell("SAME", "x")}
    assert [(change.case, change.way) for change in changes(before, after)] == [
        ("b", Way.WORSE), ("a", Way.BETTER), ("c", Way.GONE), ("d", Way.NEW),
    ]  # fmt: skip


def test_a_file_and_itself(results: Path) -> None:
    ran = run("diff", str(results), str(results))
    assert ran.exit_code == 0
    assert ran.stdout.count("nothing has changed") == 2


def test_what_is_worse_is_shown_with_both_outcomes_and_fails(results: Path, tmp_path: Path) -> None:
    outcome = [{"kind": "term", "text": "other", "count": 1}]
    worse = changed(results, tmp_path, verdict="DIFFERENT", outcomes=outcome)
    first = json.loads(results.read_text())["cases"][0]
    ran = run("diff", str(results), str(worse))
    assert ran.exit_code == 1
    assert f"worse  {first['id']}" in ran.stdout
    assert first["title"] in ran.stdout
    assert "before  SAME" in ran.stdout
    assert "after  DIFFERENT\n    other" in ran.stdout
    assert "1 worse" in ran.stdout
    assert run("diff", str(worse), str(results)).exit_code == 0


def test_columns_of_other_names(results: Path) -> None:
    ran = run("diff", str(results), str(results), "--column", "otp-29-inet=otp-29-socket")
    assert "otp-29-inet and otp-29-socket" in ran.stdout
    assert "otherwise" in ran.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [("{", "Expecting"), ("[]", "not what"), ('{"schema": "urn:gentcp:conformance:results:1"}', "malformed")],
)
def test_what_is_no_results_file_is_said(results: Path, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    for arguments in (("diff", str(results), str(tmp_path / "bad.json")), ("report", str(tmp_path / "bad.json"))):
        ran = run(*arguments)
        assert ran.exit_code == 1
        assert "bad.json" in ran.stderr
        assert says in ran.stderr


def test_a_column_that_is_not_there(results: Path) -> None:
    ran = run("diff", str(results), str(results), "--column", "inet=mine")
    assert ran.exit_code == 2
    assert "has no column 'mine'; it has inet, socket" in " ".join(ran.stderr.replace("│", " ").split())


def test_report_renders_what_was_run(results: Path, tmp_path: Path) -> None:
    html, again = tmp_path / "r.html", tmp_path / "again.json"
    ran = run("report", str(results), "--html", str(html), "--json", str(again))
    assert ran.exit_code == 0
    assert "inet: 8 SAME" in ran.stdout
    assert "send/data/" in html.read_text()
    before, after = (json.loads(file.read_text()) for file in (results, again))
    assert {**before, "about": 0} == {**after, "about": 0}


def test_report_judges_anew(results: Path, tmp_path: Path) -> None:
    """What was stored as SAME is not, if its outcome is not the recorded one."""
    other = changed(results, tmp_path, outcomes=[{"kind": "term", "text": "other", "count": 1}])
    ran = run("report", str(other))
    assert ran.exit_code == 1
    assert "DIFFERENT" in ran.stdout
