"""`gentcp check` as a command."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

from .command import NARROW, run

jsonschema: Any = import_module("jsonschema")
SERVER = """\
-module(server).
start() -> gen_tcp:listen(0, [binary, {active, once}, {send_timeout, 5000}]).
send(Sock, Data) when is_port(Sock) ->
    case gen_tcp:send(Sock, Data) of
        ok -> ok;
        {error, timeout} -> gen_tcp:send(Sock, Data)
    end.
"""
SCHEMA = json.loads((files("gentcp_conformance.check") / "findings.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "server.erl").write_text(SERVER)
    return tmp_path / "server.erl"


def test_it_shows_the_worst_first_and_says_how_much_there_was(source: Path) -> None:
    ran = run("check", str(source), env=NARROW)
    assert ran.exit_code == 0
    assert max(map(len, ran.stdout.splitlines())) <= 80
    retried, guard = ran.stdout.index("send-timeout-retried"), ran.stdout.index("is-port")
    assert retried < guard
    assert "{error, timeout} -> gen_tcp:send(Sock, Data)" in ran.stdout
    assert "1 file read, 7 lines" in ran.stdout.replace("\n", " ")


def test_a_pair_in_which_nothing_differs(source: Path) -> None:
    ran = run("check", str(source), "--to", "29:inet")
    assert "nothing changes in what was seen; 1 file read" in ran.stdout


def test_the_other_way_round_says_the_other_first(source: Path) -> None:
    ran = run("check", str(source), "--from", "29:socket", "--to", "29:inet", "--rule", "is-port")
    assert ran.stdout.index("the guard fails") < ran.stdout.index("A socket is a port")


def test_json(source: Path, tmp_path: Path) -> None:
    run("check", str(source), "--json", str(tmp_path / "f.json"))
    content = json.loads((tmp_path / "f.json").read_text())
    jsonschema.validate(content, SCHEMA)
    (guard,) = (each for each in content["findings"] if each["rule"] == "is-port")
    assert (guard["file"], guard["line"], guard["column"], guard["severity"]) == (str(source), 3, 23, "crash")
    assert guard["cases"]
    assert (content["from"], content["to"], content["files"], content["lines"]) == ("29:inet", "29:socket", 1, 7)


def test_sarif(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("check", str(source), "--sarif", "f.sarif")
    content = json.loads(Path("f.sarif").read_text())
    (ran,) = content["runs"]
    listed = [rule["id"] for rule in ran["tool"]["driver"]["rules"]]
    for result in ran["results"]:
        assert listed[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "server.erl"
        assert place["region"]["startLine"] in range(1, 8)
    assert {"send-timeout-retried", "is-port"} <= set(listed)


def test_markdown(source: Path, tmp_path: Path) -> None:
    run("check", str(source), "--markdown", str(tmp_path / "f.md"))
    text = (tmp_path / "f.md").read_text()
    assert text.startswith("# What changes from OTP 29 inet to OTP 29 socket\n")
    assert f"- `{source}:3` `send(Sock, Data) when is_port(Sock) ->`" in text


@pytest.mark.parametrize(("severity", "status"), [("data", 1), ("sizes", 1), (None, 0)])
def test_the_exit_status(source: Path, severity: str | None, status: int) -> None:
    assert run("check", str(source), *(("--fail-on", severity) if severity else ())).exit_code == status


def test_less_than_what_is_asked_for_does_not_fail(tmp_path: Path) -> None:
    (tmp_path / "a.erl").write_text("f(Sock) when is_port(Sock) -> ok.\n")
    assert run("check", str(tmp_path), "--fail-on", "hang").exit_code == 0
    assert run("check", str(tmp_path), "--fail-on", "crash").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Missing argument 'PATH...'"),
        (("no-such-file.erl",), "does not exist"),
        ((".", "--to", "28:socket"), "27:socket, 29:inet, 29:socket"),
        ((".", "--rule", "is-prt"), "is-port"),
        ((".", "--fail-on", "blood"), "'data', 'hang'"),
    ],
)
def test_bad_input(arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("check", *arguments)
    assert ran.exit_code == 2
    assert says in " ".join(ran.stderr.replace("│", " ").split())


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, source: Path) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter_language_pack", None)
    ran = run("check", str(source))
    assert ran.exit_code == 1
    assert "pip install 'gentcp[check]'" in ran.stderr


def test_a_file_that_does_not_parse_is_named_and_the_rest_read(tmp_path: Path) -> None:
    (tmp_path / "a.erl").write_text("f(Sock) when is_port(Sock) -> ok.\ng( -> !! gen_tcp.\n")
    (tmp_path / "b.erl").write_bytes(b"\0" * 10)
    ran = run("check", str(tmp_path))
    assert "is-port" in ran.stdout
    assert f"not understood in part: {tmp_path}/a.erl, line 2" in ran.stdout
    assert "not read: 1 binary" in ran.stdout
