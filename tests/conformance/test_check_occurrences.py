"""What `gentcp check` sees in a source, and whether it is what a signal describes."""

from __future__ import annotations

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

from gentcp_conformance.case import load as cases
from gentcp_conformance.check import elixir, erlang, findings, rules, speaking
from gentcp_conformance.check.occurrences import Occurrence, occurrences
from gentcp_conformance.check.rules import Rule

IDS = cases().ids()
RULE = """
[[rule]]
id = "a"
severity = "data"
title = "t"
signals = [SIGNAL]
cases = ["send/timeout/still-delivered"]
does = { inet = "a", socket = "b" }
advice = "c"
"""
SENDS = "f(S) -> gen_tcp:send(S, D)."


def seen(source: str, what: str) -> list[Occurrence]:
    """Those of one kind in a module of Erlang."""
    return [each for each in occurrences(erlang.read("m.erl", source.encode())) if each.what == what]


def names(source: str, what: str) -> list[str]:
    """Their names."""
    return [each.name for each in seen(source, what)]


def rule(signal: str, more: str = "") -> Rule:
    """One whose only signal this is."""
    (made,) = rules.parse(RULE.replace("SIGNAL", signal) + more, IDS)
    return made


def lines(rule: Rule, *sources: str, suffix: str = ".erl") -> list[int]:
    """The lines of its findings."""
    checked = [findings.look(erlang.read(f"{number}{suffix}", text.encode())) for number, text in enumerate(sources)]
    found = findings.findings(checked, [speaking.Change(rule, "a", "b", rule.cases)])
    return sorted(each.line for each in found)


@pytest.mark.parametrize(
    ("source", "signal", "found"),
    [
        ("f(S) -> gen_tcp:accept(S, 0).", '{ call = "gen_tcp:accept/2", value = "{_, 0}" }', True),
        ("f(S) -> gen_tcp:accept(S, 5).", '{ call = "gen_tcp:accept/2", value = "{_, 0}" }', False),
        (SENDS, '{ call = "gen_tcp:send/2", value = ["{_, []}", "{_, _Variable}"] }', True),
        ("f(S) -> gen_tcp:send(S, [a]).", '{ call = "gen_tcp:send/2", value = "{_, []}" }', False),
        ("f(S) -> gen_tcp:send(S, []).", '{ call = "gen_tcp:send/2", value = "{_, []}" }', True),
        ("f(H) -> gen_tcp:connect(#{family => inet}, [], 1).", '{ call = "gen_tcp:*", value = "{#{}, _, _}" }', True),
        ("f(H) -> gen_tcp:connect(H, 1, []).", '{ call = "gen_tcp:*", value = "{#{}, _, _}" }', False),
        (SENDS, '{ call = "gen_tcp:send/2", unlike = "{_, _Variable}" }', False),
        ("f(S) -> ok = inet:setopts(S, []).", '{ result = "inet:setopts/2", value = "ok", asserted = true }', True),
        (
            "f(S) -> case inet:setopts(S, []) of ok -> 1; _ -> 2 end.",
            '{ result = "inet:setopts/2", value = "ok", asserted = true }', False,
        ),
        ("f(S) -> spawn(fun() -> gen_tcp:recv(S, 0) end).", '{ call = "gen_tcp:recv/*", spawned = true }', True),
        ("f(S) -> gen_tcp:recv(S, 0), spawn(g).", '{ call = "gen_tcp:recv/*", spawned = true }', False),
        ("terminate(_, S) -> gen_tcp:close(S).", '{ call = "gen_tcp:close/1", outside = "terminate/*" }', False),
        ("handle_info(S) -> gen_tcp:close(S).", '{ call = "gen_tcp:close/1", inside = "handle_*" }', True),
        ("f(S) -> inet:setopts(S, [{packet, raw}]).", '{ option = "packet", at = "inet:*", seen = true }', True),
        ("f() -> [{packet, raw}, {active, once}].", '{ option = "packet", at = "inet:*", seen = true }', False),
        ("f() -> [{packet, raw}, {active, once}].", '{ option = "packet", at = "inet:setopts/2" }', True),
        ("h({tcp_closed, _S}) -> ok.", '{ message = "tcp_closed", value = "{tcp_closed, _Ignored}" }', True),
        ("h({tcp_closed, S}) -> S.", '{ message = "tcp_closed", value = "{tcp_closed, _Ignored}" }', False),
        ("h({'EXIT', Sock, _}) -> ok.", '{ message = "EXIT", on_socket = true }', True),
        ("h({'EXIT', Pid, _}) -> ok.", '{ message = "EXIT", on_socket = true }', False),
        (
            "f(S) -> receive {tcp_passive, S} -> ok after 0 -> ok end.",
            '{ message = "tcp_passive", flushed = true }', True,
        ),
        (
            "f(S) -> receive {tcp_passive, S} -> ok after 5 -> ok end.",
            '{ message = "tcp_passive", flushed = true }', False,
        ),
    ],
)  # fmt: skip
def test_a_signal_matches_what_it_describes(source: str, signal: str, *, found: bool) -> None:
    (described,) = rule(signal).signals
    looked_at = occurrences(erlang.read("m.erl", source.encode()))
    assert any(described.matches(each) for each in looked_at) is found


def test_a_guard_says_which_message_it_is() -> None:
    source = "h({Tag, S}) when Tag =:= tcp_closed; Tag =:= ssl_closed -> S."
    assert names(source, "message") == ["tcp_closed"]


def test_counters_are_seen_in_lists_comparisons_and_calls_of_other_modules() -> None:
    assert names("-define(STATS, [recv_oct, send_pend]).", "name") == ["recv_oct", "send_pend"]
    assert names("f(X) when X =:= send_pend -> rabbit_net:getstat_or_zero(S, X).", "name") == ["send_pend"]
    assert names("f(S) -> rabbit_net:getstat(S, [send_pend]).", "name") == ["send_pend"]


def test_an_option_is_set_by_a_function_that_is_about_options() -> None:
    (found,) = seen("f(O) -> ranch:set_option_default(O, send_timeout_close, true).", "option")
    assert (found.name, found.value.text if found.value else "") == ("send_timeout_close", "true")
    assert not names("f(O) -> proplists:get_value(send_timeout_close, O).", "option")


def test_options_in_patterns_are_not_set() -> None:
    assert not names("f([{nodelay, X} | _]) -> [{recbuf, Y}] = inet:getopts(X, [recbuf]), Y.", "option")


def test_a_packet_type_alone_makes_a_list_of_options() -> None:
    assert names("f(S) -> my:configure(S, [{packet, http}]).", "option") == ["packet"]
    assert not names("f(S) -> my:configure(S, [{packet, P}]).", "option")


def test_both_families_in_front_of_others_make_a_list_of_options() -> None:
    assert names("f(O) -> g([inet, inet6 | O]), gen_tcp:listen(0, O).", "option") == ["inet", "inet6"]
    assert not names("f(H) -> [inet:getaddr(H, F) || F <- [inet, inet6]].", "option")


def test_a_local_address_is_told_from_a_registered_name() -> None:
    assert names("f(Path) -> gen_tcp:connect({local, Path}, 0, []).", "address") == ["local"]
    assert not names("f() -> gen_server:start_link({local, ?MODULE}, m, [], []), gen_tcp:listen(0, []).", "address")


def test_a_module_in_a_variable_that_is_given_a_socket_is_a_transport() -> None:
    assert "inet:getstat/2" in names("f(Mod, Sock) -> Mod:getstat(Sock, [send_oct]).", "call")


def test_a_step_of_with_asserts_nothing_in_elixir() -> None:
    body = "with :ok <- :inet.setopts(s, []), do: :ok\n:ok = :inet.setopts(s, [])"
    text = f"defmodule M do\ndef f(s) do\n{body}\nend\nend"
    found = [each for each in occurrences(elixir.read("m.ex", text.encode())) if each.what == "result"]
    assert [each.asserted for each in found] == [False, True]


def test_functions_under_a_condition_are_functions_in_elixir() -> None:
    functions = "def f(r) when is_atom(r), do: :inet.format_error(r)\ndef g(r), do: :inet.format_error(r)"
    text = f"defmodule M do\nif true do\n{functions}\nend\nend"
    (signal,) = rule('{ call = "inet:format_error/1", value = "{_Variable}" }').signals
    found = [each.function for each in occurrences(elixir.read("m.ex", text.encode())) if signal.matches(each)]
    assert found == ["g/1"]


def test_a_rule_may_need_something_in_the_same_file() -> None:
    kills = "g(P) -> exit(P, kill)."
    one = rule('{ call = "gen_tcp:send/2" }', 'here = [{ call = "erlang:exit/2", value = "{_, kill}" }]')
    assert lines(one, f"{SENDS}\n{kills}") == [1]
    assert lines(one, SENDS, kills) == []
    assert lines(one, SENDS, kills, suffix=".hrl") == [1]
    other = rule('{ call = "gen_tcp:send/2" }', 'not_here = [{ call = "erlang:exit/2" }]')
    assert lines(other, SENDS, f"{SENDS}\n{kills}") == [1]


def test_a_rule_may_name_the_first_place_of_a_file_alone() -> None:
    twice = f"{SENDS}\n{SENDS.replace('f(', 'g(')}"
    assert lines(rule('{ call = "gen_tcp:send/2" }'), twice) == [1, 2]
    assert lines(rule('{ call = "gen_tcp:send/2" }', "once = true"), twice, SENDS) == [1, 1]
