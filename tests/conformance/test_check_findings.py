"""What a rule finds, where, and what keeps it quiet."""

from __future__ import annotations

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

from gentcp_conformance.check import erlang, rules
from gentcp_conformance.check.findings import Finding, findings, look
from gentcp_conformance.check.matching import is_instance
from gentcp_conformance.check.speaking import Change
from gentcp_conformance.severity import SEVERITIES

HEAD = """
[[rule]]
id = "the-rule"
severity = "{severity}"
title = "t"
cases = ["send/timeout/still-delivered"]
does = {{ inet = "a", socket = "b" }}
advice = "c"
"""
SEND = "f(S) -> gen_tcp:send(S, x)."


def found(text: str, *lines: str, severity: str = "data") -> list[Finding]:
    """What a rule with these lines finds in an Erlang source."""
    listed = rules.parse(HEAD.format(severity=severity) + "\n".join(lines), ["send/timeout/still-delivered"])
    changes = [Change(rule, "a", "b", rule.cases) for rule in listed]
    return findings([look(erlang.read("a.erl", text.encode()))], changes)


def places(text: str, *lines: str) -> list[tuple[int, int]]:
    return [(finding.line, finding.column) for finding in found(text, *lines)]


def test_a_call() -> None:
    (finding,) = found("\n  " + SEND, 'signals = [{ call = "gen_tcp:send/2" }]')
    assert (finding.file, finding.line, finding.column, finding.code) == ("a.erl", 2, 11, SEND)


def test_one_finding_for_a_rule_in_a_line() -> None:
    text = "f(S) -> gen_tcp:send(S, x), gen_tcp:send(S, y),\n gen_tcp:send(S, z)."
    assert places(text, 'signals = [{ call = "gen_tcp:send/2" }]') == [(1, 9), (2, 2)]


@pytest.mark.parametrize(
    ("signal", "count"),
    [
        ('{ result = "gen_tcp:recv/2 gen_tcp:recv/3", value = "{error, enotconn}" }', 1),
        ('{ result = "gen_tcp:*", value = "{error, _}" }', 2),
        ('{ result = "gen_tcp:recv/3", value = "{error, closed}" }', 0),
        ('{ result = "gen_tcp:send/2", value = "{error, enotconn}" }', 0),
    ],
)
def test_a_result_that_is_matched(signal: str, count: int) -> None:
    text = """
f(S) ->
    case gen_tcp:recv(S, 0, 10) of
        {ok, D} -> D;
        {error, enotconn} -> a;
        {error, Reason} -> Reason
    end.
"""
    assert len(places(text, f"signals = [{signal}]")) == count


@pytest.mark.parametrize(
    ("signal", "count"),
    [
        ('{ option = "active" }', 3),
        ('{ option = "active", value = "true" }', 1),
        ('{ option = "active", at = ["inet:setopts/2"] }', 2),
        ('{ option = "active", at = ["gen_tcp:listen/2"] }', 2),
        ('{ option = "active", beside = ["packet"] }', 1),
        ('{ option = "active", not_beside = ["packet"] }', 2),
        ('{ option = "packet", value = "4" }', 1),
    ],
)
def test_an_option(signal: str, count: int) -> None:
    """One that is seen near no function may be given to any."""
    text = """
opts() -> [{active, once}, {reuseaddr, true}].
f(P) -> gen_tcp:listen(P, [{active, false}, {packet, 4}]).
g(S) -> inet:setopts(S, [{active, true}]).
"""
    assert len(places(text, f"signals = [{signal}]")) == count


def test_a_message_and_a_name() -> None:
    text = """
handle_info({tcp_closed, _}, S) -> {stop, S};
handle_info({tcp_error, _, etimedout}, S) -> inet:getstat(S, [send_pend, recv_oct]).
"""
    assert places(text, 'signals = [{ message = "tcp_error", value = "{tcp_error, _, etimedout}" }]') == [(3, 13)]
    assert places(text, 'signals = [{ name = "send_pend", at = ["inet:getstat/2"] }]') == [(3, 63)]


def test_what_has_to_be_there_too() -> None:
    lines = 'signals = [{ call = "gen_tcp:send/2" }]', 'needs = [{ option = "send_timeout" }]'
    assert not places(SEND, *lines)
    assert places(SEND + "\no() -> [{send_timeout, 5}, {nodelay, true}].", *lines)


def test_what_rules_it_out() -> None:
    lines = 'signals = [{ call = "gen_tcp:send/2" }]', 'unless = [{ option = "send_timeout" }]'
    assert places(SEND, *lines)
    assert not places(SEND + "\no() -> [{send_timeout, 5}, {nodelay, true}].", *lines)


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        (SEND + " % gentcp: ignore the-rule", True),
        (SEND + " % gentcp: ignore", True),
        ("% gentcp: ignore other, the-rule\n" + SEND, True),
        ("% gentcp: ignore other\n" + SEND, False),
        ("% gentcp: ignore the-rule\n\n" + SEND, False),
        ("% gentcp: ignore-file the-rule\n\n\n" + SEND, True),
        ('f(S) -> gen_tcp:send(S, "gentcp: ignore the-rule").', False),
    ],
)
def test_comments_that_ask_for_quiet(text: str, quiet: bool) -> None:
    assert (not places(text, 'signals = [{ call = "gen_tcp:send/2" }]')) is quiet


def test_the_worst_comes_first() -> None:
    known = ["send/timeout/still-delivered"]
    texts = [HEAD.format(severity=name).replace("the-rule", name) for name in reversed(list(SEVERITIES))]
    listed = rules.parse("".join(text + 'signals = [{ call = "gen_tcp:send/2" }]\n' for text in texts), known)
    changes = [Change(rule, "a", "b", rule.cases) for rule in listed]
    checked = look(erlang.read("a.erl", SEND.encode()))
    assert [each.change.rule.severity for each in findings([checked], changes)] == list(SEVERITIES)


@pytest.mark.parametrize(
    ("written", "pattern", "is_one"),
    [
        ("{error, timeout}", "{error, timeout}", True),
        ("{error, timeout}", "{error, _}", True),
        ("{error, timeout} = E", "{error, timeout}", True),
        ("{error, Reason}", "{error, timeout}", False),
        ("{error, {timeout, Rest}}", "{error, {timeout, _}}", True),
        ("{error, timeout, x}", "{error, timeout}", False),
        ("5_000", "5000", True),
        ("[send_pend, x]", "[send_pend]", True),
        ("[x]", "[send_pend]", False),
        ("[]", "[]", True),
        ("'timeout'", "timeout", True),
        ('"timeout"', "timeout", False),
    ],
)
def test_instances(written: str, pattern: str, is_one: bool) -> None:
    assert is_instance(erlang.pattern(written), erlang.pattern(pattern)) is is_one
