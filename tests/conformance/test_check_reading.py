"""Erlang, Elixir, LFE and compiled modules are read as the same trees, as far as sockets go."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

from gentcp_conformance.check import compiled, elixir, erlang, lfe, relevance
from gentcp_conformance.check.files import Files
from gentcp_conformance.check.occurrences import Occurrence, occurrences
from gentcp_conformance.check.tree import Source

ERLANG = """\
-module(one).
-export([start/1, told/1]).
start(Port) ->
    {ok, Sock} = gen_tcp:connect("host", Port, [binary, {active, once}, {packet, 4}, {send_timeout, 5000}]),
    case sent(Sock, <<"x">>) of
        ok -> Sock;
        {error, timeout} -> inet:close(Sock)
    end,
    receive
        {tcp_closed, Sock} -> closed
    after 10 -> inet:getstat(Sock, [send_pend])
    end.
sent(Sock, Data) -> gen_tcp:send(Sock, Data).
told(Sock) when is_port(Sock) ->
    try inet:setopts(Sock, [{active, true}]) catch error:badarg -> none end.
"""
ELIXIR = """\
defmodule One do
  @moduledoc "gen_tcp"
  def start(port) do
    {:ok, sock} = :gen_tcp.connect("host", port, [:binary, active: :once, packet: 4, send_timeout: 5_000])
    case sent(sock, "x") do
      :ok -> sock
      {:error, :timeout} -> :inet.close(sock)
    end
    receive do
      {:tcp_closed, ^sock} -> :closed
    after
      10 -> :inet.getstat(sock, [:send_pend])
    end
  end
  defp sent(sock, data), do: :gen_tcp.send(sock, data)
  def told(sock) when is_port(sock) do
    try do
      :inet.setopts(sock, active: true)
    catch
      :error, :badarg -> :none
    end
  end
end
"""
LFE = """\
(defmodule one (export (start 1) (told 1)))
(defun start (port)
  (let ((`#(ok ,sock) (gen_tcp:connect "host" port '(binary #(active once) #(packet 4) #(send_timeout 5000)))))
    (case (sent sock "x")
      ('ok sock)
      (`#(error timeout) (inet:close sock)))
    (receive
      (`#(tcp_closed ,sock) 'closed)
      (after 10 (inet:getstat sock '(send_pend))))))
(defun sent (sock data) (gen_tcp:send sock data))
(defun told
  ((sock) (when (is_port sock))
   (inet:setopts sock '(#(active true)))))
"""
SEEN = Counter({
    ("call", "gen_tcp:connect/3", ""): 1, ("result", "gen_tcp:connect/3", ""): 1,
    ("option", "binary", "gen_tcp:connect/3"): 1, ("option", "active", "gen_tcp:connect/3"): 1,
    ("option", "packet", "gen_tcp:connect/3"): 1, ("option", "send_timeout", "gen_tcp:connect/3"): 1,
    ("result", "gen_tcp:send/2", ""): 2, ("call", "inet:close/1", ""): 1, ("message", "tcp_closed", ""): 1,
    ("call", "inet:getstat/2", ""): 1, ("name", "send_pend", "inet:getstat/2"): 1, ("call", "gen_tcp:send/2", ""): 1,
    ("call", "erlang:is_port/1", ""): 1, ("call", "inet:setopts/2", ""): 1,
    ("option", "active", "inet:setopts/2"): 1, ("caught", "inet:setopts/2", ""): 1,
})  # fmt: skip
needs_erlc = pytest.mark.skipif(shutil.which("erlc") is None, reason="there is no erlc on PATH")


def seen(source: Source) -> Counter[tuple[str, str, str]]:
    return Counter((each.what, each.name, each.at) for each in occurrences(source))


def found(source: Source, what: str, name: str) -> list[Occurrence]:
    return [each for each in occurrences(source) if each.what == what and each.name == name]


def compile_here(folder: Path, text: str, *flags: str) -> Path:
    (folder / "one.erl").write_text(text)
    subprocess.run(["erlc", *flags, "-o", str(folder), str(folder / "one.erl")], check=True)
    return folder / "one.beam"


# ---- the same in each language


def test_erlang() -> None:
    source = erlang.read("one.erl", ERLANG.encode())
    assert seen(source) == SEEN
    assert not source.broken


def test_elixir() -> None:
    source = elixir.read("one.ex", ELIXIR.encode())
    assert seen(source) == SEEN
    assert not source.broken


def test_lfe() -> None:
    """Without the try, whose form differs much."""
    assert seen(lfe.read("one.lfe", LFE.encode())) == SEEN - Counter([("caught", "inet:setopts/2", "")])


@needs_erlc
def test_a_compiled_module(tmp_path: Path) -> None:
    (path, source), *others = compiled.read_all([compile_here(tmp_path, ERLANG, "+debug_info")])
    assert not others
    assert source is not None
    assert seen(source) == SEEN
    assert [each.node.line for each in found(source, "call", "erlang:is_port/1")] == [14]
    assert path == tmp_path / "one.beam"


# ---- where things stand, and whose result is looked at


def test_a_place_is_a_line_and_a_column() -> None:
    (guard,) = found(erlang.read("", ERLANG.encode()), "call", "erlang:is_port/1")
    assert (guard.node.line, guard.node.column) == (14, 17)


@pytest.mark.parametrize(
    "body",
    [
        "case gen_tcp:send(S, D) of {error, timeout} -> 1; _ -> 2 end",
        "R = gen_tcp:send(S, D), case R of {error, timeout} -> 1; _ -> 2 end",
        "case catch gen_tcp:send(S, D) of {error, timeout} = E -> E; _ -> 2 end",
        "case begin x, gen_tcp:send(S, D) end of {error, timeout} -> 1; _ -> 2 end",
        "try gen_tcp:send(S, D) of {error, timeout} -> 1 catch _:_ -> 2 end",
        "maybe ok ?= gen_tcp:send(S, D), ok else {error, timeout} -> 1 end",
        "{error, timeout} = gen_tcp:send(S, D)",
        "case via(S, D) of {error, timeout} -> 1; _ -> 2 end",
        "case twice(S, D) of {error, timeout} -> 1; _ -> 2 end",
        "case Transport:send(S, D) of {error, timeout} -> 1; _ -> 2 end",
        "told(gen_tcp:send(S, D))",
    ],
)
def test_the_result_of_a_send_is_followed(body: str) -> None:
    text = f"""
f(S, D) -> {body}.
via(S, D) -> case gen_tcp:send(S, D) of ok -> ok; Other -> Other end.
twice(S, D) -> via(S, D).
told({{error, timeout}}) -> 1; told(ok) -> 2.
"""
    source = erlang.read("", text.encode())
    results = [each.value for each in found(source, "result", "gen_tcp:send/2") if each.value is not None]
    assert "timeout" in {part.text for value in results for part in value}


def test_what_others_give_back_is_not_of_a_send() -> None:
    source = erlang.read("", b"f(S) -> gen_tcp:send(S, x), case other:send(S) of {error, timeout} -> 1 end.")
    assert not found(source, "result", "gen_tcp:send/2")


def test_else_of_a_with_is_about_each_of_its_steps() -> None:
    text = """
def f(s) do
  with :ok <- :inet.setopts(s, active: :once), {:ok, d} <- :gen_tcp.recv(s, 0) do
    d
  else
    {:error, :enotconn} -> nil
  end
end
"""
    source = elixir.read("", text.encode())
    named = {each.name for each in occurrences(source) if each.value is not None and each.node.line == 6}
    assert named == {"inet:setopts/2", "gen_tcp:recv/2"}


def test_a_piped_socket_is_the_first_argument() -> None:
    source = elixir.read("", b"def f(s), do: s |> :inet.setopts(active: true)")
    assert [each.at for each in found(source, "option", "active")] == ["inet:setopts/2"]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("opts() -> [{active, once}, {packet, 4}].", ["active", "packet"]),
        ("-define(OPTS, [binary, {nodelay, true} | More]).", ["binary", "nodelay"]),
        ("f() -> server:start([{port, 80}, {ip, any}]).", []),
        ("f() -> x:y([{packet, 4}]), gen_tcp:listen(0, [{packet, 4}] ++ More).", ["packet"]),
        ("f() -> [send_timeout, nodelay].", []),
        ("f(S) -> inet:setopts(S, [{raw, 6, 1, <<1>>}, {active, 5}]).", ["raw", "active"]),
    ],
)
def test_lists_of_options(text: str, options: list[str]) -> None:
    source = erlang.read("", f"{text}\ng(S) -> gen_tcp:close(S).".encode())
    assert [each.name for each in occurrences(source) if each.what == "option"] == options


@pytest.mark.parametrize("argument", ["Sock", "Other", "State#state.socket", "element(1, Sockets)"])
def test_whether_it_is_a_socket(argument: str) -> None:
    source = erlang.read("", f"f(State, Other) -> is_port({argument}), port_info(x).".encode())
    (guard,) = found(source, "call", "erlang:is_port/1")
    assert guard.on_socket is (argument in {"Sock", "State#state.socket"})


# ---- what is not read


def test_functions_without_sockets_are_left_out() -> None:
    source = erlang.read("", b"a() -> 1.\nb(S) -> gen_tcp:close(S).\nc(S) -> b(S).\nd() -> a().")
    assert [form.text for form in source.forms] == ["b/1", "c/1"]
    assert not relevance.file_is_about_sockets(b"f() -> receive {'DOWN', _, _, _, _} -> ok end.")


def test_what_the_grammar_does_not_know_is_named_and_the_rest_read() -> None:
    source = erlang.read("", b"f(S) -> gen_tcp:close(S).\ng( -> !!.\nh(S) -> gen_tcp:send(S, x).\n")
    assert source.broken == (2,)
    assert found(source, "call", "gen_tcp:close/1")


def test_macros_and_conditions_stop_nothing() -> None:
    text = b"-ifdef(TEST).\n-define(SEND(S), gen_tcp:send(S, x)).\n-endif.\nf(S) -> ?SEND(S), ?LOG(gen_tcp:close(S)).\n"
    source = erlang.read("", text)
    assert found(source, "call", "gen_tcp:send/2")
    assert found(source, "call", "gen_tcp:close/1")


def test_files_that_are_none_are_counted(tmp_path: Path) -> None:
    (tmp_path / "a.erl").write_text("f(S) -> gen_tcp:close(S).\n")
    (tmp_path / "big.erl").write_bytes(b" " * (5 << 20))
    (tmp_path / "b.erl").write_bytes(b"\0gen_tcp")
    (tmp_path / "l.erl").symlink_to(tmp_path / "a.erl")
    (tmp_path / "there").symlink_to(tmp_path)
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "d.ex").write_text("def f(s), do: :gen_tcp.close(s)")
    files = Files([tmp_path])
    assert [Path(source.path).name for source in files.sources()] == ["a.erl", "d.ex"]
    assert files.skipped == {"huge": 1, "binary": 1, "linked": 2}
    (tmp_path / "mix.exs").write_text("")
    assert [Path(source.path).name for source in Files([tmp_path]).sources()] == ["a.erl"]


def test_a_module_whose_source_is_there_is_not_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.erl").write_text("f(S) -> gen_tcp:close(S).\n")
    (tmp_path / "a.beam").write_bytes(b"FOR1\0")
    (tmp_path / "b.beam").write_bytes(b"FOR1\0")
    monkeypatch.setenv("GENTCP_ERL", str(tmp_path / "no-erl"))
    files = Files([tmp_path])
    assert [Path(source.path).name for source in files.sources()] == ["a.erl"]
    ((reason, count),) = files.skipped.items()
    assert (count, "no-erl" in reason) == (1, True)


@needs_erlc
def test_modules_without_debug_info_and_no_modules_are_counted(tmp_path: Path) -> None:
    beam = compile_here(tmp_path, ERLANG)
    (tmp_path / "two.beam").write_bytes(b"FOR1\0")
    files = Files([beam, tmp_path / "two.beam"])
    assert not list(files.sources())
    assert files.skipped == {"compiled without debug_info": 2}
