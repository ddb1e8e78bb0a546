"""`gentcp watch`: what is noted of a program in a real VM, and which rules speak of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

from gentcp_conformance.case import load as cases
from gentcp_conformance.check import erlang, rules, speaking
from gentcp_conformance.record import recordings
from gentcp_conformance.watch.happened import happened, otherwise, written
from gentcp_conformance.watch.tracing import Seen, watch

from .command import run

PROGRAM = """\
#!/usr/bin/env escript
%%! +B
-mode(compile).
main(Arguments) ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}]),
    {ok, Port} = inet:port(Listener),
    {ok, Client} = gen_tcp:connect("localhost", Port, [binary, {active, false}, {send_timeout, 5000}]),
    {ok, Server} = gen_tcp:accept(Listener),
    [ok = gen_tcp:send(Client, <<"hello">>) || _ <- lists:seq(1, 50)],
    {ok, _} = gen_tcp:recv(Server, 0),
    inet:getstat(Client, [send_pend]),
    catch gen_tcp:send(Client, not_data),
    inet:setopts(Client, [{active, once}]),
    gen_tcp:close(Server),
    receive {tcp_closed, Client} -> ok end,
    {error, closed} = gen_tcp:recv(Server, 0),
    timer:sleep(200),  % the counts are written each 50 ms
    halt(length(Arguments)).
"""
needs_escript = pytest.mark.skipif(shutil.which("escript") is None, reason="there is no escript on PATH")
ALL = cases().ids()
CHANGES = speaking.changes(rules.load(ALL), "29:inet", "29:socket", recordings())


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "program").write_text(PROGRAM)
    return tmp_path / "program"


def seen(name: str, value: str, *arguments: str, times: int = 1, line: int = 1, raised: str = "") -> Seen:
    parts = tuple(erlang.pattern(argument) for argument in arguments)
    return Seen(name, parts, erlang.pattern(value), raised, "m", "f/1", "m.erl", line, times)


@needs_escript
def test_what_a_program_does_is_noted(program: Path, tmp_path: Path) -> None:
    ran = watch(["escript", str(program), "a", "b", "c"], tmp_path)
    assert ran.status == 3
    calls = {(each.name, each.line): each for each in ran.seen if each.name}
    assert all(each.file.endswith("program") for each in calls.values())
    assert {name for name, _ in calls} == {
        "gen_tcp:listen/2", "inet:port/1", "gen_tcp:connect/3", "gen_tcp:accept/1", "gen_tcp:send/2", "gen_tcp:recv/2",
        "inet:getstat/2", "inet:setopts/2", "gen_tcp:close/1",
    }, "and nothing of what these call themselves"  # fmt: skip
    assert calls["gen_tcp:send/2", 9].times == 50
    assert written(calls["gen_tcp:connect/3", 7].arguments[2]) == "[binary,{active,false},{send_timeout,_}]"
    assert written(calls["gen_tcp:recv/2", 16].value) == "{error,closed}"
    (message,) = (each for each in ran.seen if not each.name)
    assert written(message.value) == "{tcp_closed,_}"


@needs_escript
def test_flags_that_are_there_stay(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERL_AFLAGS", "-kernel inet_backend socket")
    ran = watch(["escript", str(program)], tmp_path)
    assert ran.seen
    assert os.environ["ERL_AFLAGS"] == "-kernel inet_backend socket"


@needs_escript
def test_the_command_says_what_changes_and_ends_as_the_program(program: Path) -> None:
    ran = run("watch", "--switch", "--", "escript", str(program), "x")
    assert ran.exit_code == 1
    output = " ".join(ran.stdout.split())
    assert "send-pend" in output
    assert "send-timeout-set" in output
    assert f"{program}:11 1" in output
    assert "exit status 1, and 1 with socket" in output


def test_a_program_that_is_none_of_erlang() -> None:
    ran = run("watch", "--", "true")
    assert ran.exit_code == 0
    assert "0 calls and 0 messages" in ran.stdout
    assert "was it a program on a BEAM" in ran.stdout


def test_a_command_that_is_not_there() -> None:
    ran = run("watch", "--", "no-such-command")
    assert ran.exit_code == 1
    assert "no-such-command: No such file or directory" in ran.stderr


def test_what_happened_most_often_comes_first() -> None:
    found = happened(
        [
            seen("inet:getstat/2", "{ok, []}", "Any", "[send_pend]", times=2, line=1),
            seen("inet:getstat/2", "{ok, []}", "Any", "[send_pend, recv_oct]", times=3, line=2),
            seen("gen_tcp:connect/3", "{ok, Any}", "Any", "1", "[{send_timeout, 5}]", times=4),
        ],
        CHANGES,
    )
    assert [each.change.rule.id for each in found[:2]] == ["send-pend", "send-timeout-set"]
    assert found[0].places == [("m.erl:2", 3), ("m.erl:1", 2)]
    assert [each.times for each in found] == sorted((each.times for each in found), reverse=True)


def test_what_rules_out_a_rule_does_so_here_too() -> None:
    send = seen("gen_tcp:send/2", "ok", "Any", "Any")
    without = {each.change.rule.id for each in happened([send], CHANGES)}
    option = seen("gen_tcp:connect/3", "{ok, Any}", "Any", "1", "[{send_timeout, 5}]")
    assert without - {each.change.rule.id for each in happened([send, option], CHANGES)}


def test_what_came_out_otherwise() -> None:
    before = [seen("gen_tcp:send/2", "{error, timeout}", "Any", "Any"), seen("gen_tcp:recv/2", "{ok, Any}", "Any", "0")]
    after = [
        seen("gen_tcp:send/2", "{error, {timeout, Any}}", "Any", "Any"),
        seen("gen_tcp:recv/2", "{ok, Any}", "Any", "0"),
        seen("inet:getstat/2", "badarg", "Any", "[]", raised="error"),
    ]
    assert otherwise(before, after) == [
        ("m.erl:1", "gen_tcp:send/2", "{error,timeout}", "{error,{timeout,_}}"),
        ("m.erl:1", "inet:getstat/2", "not called", "error: badarg"),
    ]
    assert otherwise(before, before) == []
