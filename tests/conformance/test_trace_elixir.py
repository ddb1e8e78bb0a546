"""The code of cases in Elixir: it is Elixir, and says what the Erlang code says."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

from gentcp_conformance.case import load
from gentcp_conformance.traces import load_traces
from gentcp_conformance.traces.elixir import translated

VIEWS = load_traces()
PARSER: Any = import_module("tree_sitter_language_pack").get_parser("elixir")


def test_each_case_is_elixir() -> None:
    for id in load().ids():
        code = VIEWS.elixir(id)
        if VIEWS.erlang(id):
            assert code
            assert not PARSER.parse(code.encode()).root_node.has_error, id


@pytest.mark.parametrize(
    ("erlang", "elixir"),
    [
        ("Backend = inet.  % or socket", "backend = :inet  # or socket"),
        ('ok = gen_tcp:send(S, <<"hello">>).', ':ok = :gen_tcp.send(s, "hello")'),
        ("{ok, #{port := Port}} = socket:sockname(Raw).", "{:ok, %{:port => port}} = :socket.sockname(raw)"),
        ("inet:setopts(S, [{active, true}, 'Odd name']).", ':inet.setopts(s, [{:active, true}, :"Odd name"])'),
        ("[gen_tcp:send(S, D) || _ <- lists:seq(1, 3)].", "for(_ <- :lists.seq(1, 3), do: :gen_tcp.send(s, d))"),
        ("catch gen_tcp:send(S, foo).", "catching.(fn -> :gen_tcp.send(s, :foo) end)"),
        ("P ! stop.", "send(p, :stop)"),
        ('<<1:32, X:8, "ab">>.', '<<1::32, x::8, "ab">>'),
        ('file:open("name", [raw]).', ':file.open(~c"name", [:raw])'),
        ("F = fun(A) when A > 1, A =< 3 -> A; (_) -> 0 end.", "f = fn\n  a when a > 1 and a <= 3 -> a\n  _ -> 0\nend"),
        ("receive {x, D} -> D after 9 -> no end.", "receive do\n  {:x, d} -> d\nafter\n  9 -> :no\nend"),
        ("case X of ok -> 1; _ -> 2 end.", "case x do\n  :ok -> 1\n  _ -> 2\nend"),
        ("Data4MB = Data(4194304).", "data4_mb = data.(4194304)"),
        ("A =:= B andalso C =/= D.", "a === b and c !== d"),
    ],
)  # fmt: skip
def test_statements(erlang: str, elixir: str) -> None:
    assert translated(erlang).endswith(f"{elixir}\n")


def test_what_is_bound_is_matched() -> None:
    code = "{ok, S} = f:a().\nok = f:b(S).\n{ok, S} = f:c().\nP = F(fun() -> {ok, T} = f:d(), T end).\nT = f:e(P)."
    assert translated(code) == (
        "{:ok, s} = :f.a()\n:ok = :f.b(s)\n{:ok, ^s} = :f.c()\n"
        "p = f.(fn ->\n  {:ok, t} = :f.d()\n  t\nend)\nt = :f.e(p)\n"
    )
