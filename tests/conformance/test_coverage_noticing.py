"""What calls, results and messages are about."""

from __future__ import annotations

from typing import Any

import pytest

from gentcp.erl import ErlangError, Exit, ImproperList
from gentcp_conformance.coverage import noticing

LOCALHOST = (127, 0, 0, 1)


def called(verb: str, *args: Any) -> set[str]:
    module, _, name = verb.partition(":")
    return set(noticing.call(module, name, args))


def given(verb: str, *args: Any) -> set[str]:
    """The uses in a call but the function's own."""
    return called(verb, *args) - {f"{verb}/{len(args)}"}


def test_a_function_has_the_arity_of_the_call() -> None:
    assert called("gen_tcp:accept", "listener") == {"gen_tcp:accept/1"}
    assert called("gen_tcp:accept", "listener", 50) == {"gen_tcp:accept/2"}


def test_options_are_told_apart_by_where_they_are_given() -> None:
    options = [("inet_backend", "inet"), "binary", ("active", False), ("raw", 6, 1, b"")]
    names = ("inet_backend", "binary", "active", "raw")
    assert given("gen_tcp:listen", 0, options) == {f"option/{name}@listen" for name in names}
    assert given("inet:setopts", "sock", options[1:]) == {f"option/{name}@setopts" for name in names[1:]}
    assert given("inet:getopts", "sock", ["active", ("raw", 6, 1, 4)]) == {
        "option/active@getopts",
        "option/raw@getopts",
    }


@pytest.mark.parametrize(
    "arguments",
    [(LOCALHOST, 80, [("nodelay", True)]), (LOCALHOST, 80, [("nodelay", True)], 50)],
)
def test_the_options_of_connect_come_third(arguments: tuple[Any, ...]) -> None:
    assert given("gen_tcp:connect", *arguments) == {"address/IPv4 tuple", "option/nodelay@connect"}


@pytest.mark.parametrize("more", [(), (50,)])
def test_behind_a_map_they_come_second(more: tuple[int, ...]) -> None:
    found = given("gen_tcp:connect", {"family": "inet"}, [("nodelay", True)], *more)
    assert found == {"address/sockaddr map, inet", "option/nodelay@connect"}


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("localhost", "host name"),
        (list(b"localhost"), "host name"),
        ("127.0.0.1", "string with an address"),
        (list(b"::1"), "string with an address"),
        ((0, 0, 0, 0, 0, 0, 0, 1), "IPv6 tuple"),
        ("loopback", "any, loopback"),
        (("local", "/tmp/x"), "local path"),
        (("local", b"\0name"), "abstract local name"),
        (("local", [0, 110]), "abstract local name"),
    ],
)
def test_addresses_are_told_apart(address: Any, name: str) -> None:
    assert given("gen_tcp:connect", address, 80, []) == {f"address/{name}"}


def test_a_packet_type_is_set_or_decoded() -> None:
    assert given("inet:setopts", "sock", [("packet", 4)]) == {"option/packet@setopts", "packet/4@stream"}
    options = [("line_length", 3)]
    assert given("erlang:decode_packet", "line", b"", options) == {"packet/line@decode", "decode_option/line_length"}


def test_prim_inet_takes_one_option_or_many() -> None:
    assert given("prim_inet:setopt", "sock", "active", "once") == {"option/active@setopts"}
    assert given("prim_inet:getopt", "sock", "active") == {"option/active@getopts"}
    assert given("prim_inet:getopts", "sock", ["active", "mode"]) == {"option/active@getopts", "option/mode@getopts"}


def test_other_arguments_that_have_rows() -> None:
    assert given("erlang:port_command", "sock", b"", ["nosuspend"]) == {"port_command_option/nosuspend"}
    assert given("application:set_env", "kernel", "inet_backend", "socket") == {"setting/inet_backend"}
    assert given("inet:format_error", "einval") == {"text/einval"}


@pytest.mark.parametrize("options", ["no list", None, [1, b"x"], ImproperList([7], "tail")])
def test_bad_options_are_about_nothing(options: Any) -> None:
    assert given("gen_tcp:listen", 0, options) == set()


def test_an_improper_list_has_options() -> None:
    assert given("gen_tcp:listen", 0, ImproperList(["list"], "x")) == {"option/list@listen"}


@pytest.mark.parametrize(
    ("value", "uses"),
    [
        ("ok", set[str]()),
        (("error", "closed"), {"reason/closed"}),
        (("error", ("timeout", b"rest")), {"reason/{timeout, Rest}"}),
        (("ok", ("http_request", "GET", "*", (1, 1))), {"http/http_request"}),
        (("ok", "http_eoh"), {"http/http_eoh"}),
        (("ok", b"http_eoh"), set[str]()),
    ],
)
def test_what_recv_gives(value: Any, uses: set[str]) -> None:
    assert set(noticing.result("gen_tcp", "recv", value)) == uses


def test_counters_and_keys_that_are_given() -> None:
    assert set(noticing.result("inet", "getstat", ("ok", [("recv_cnt", 1)]))) == {"stat/recv_cnt"}
    assert set(noticing.result("inet", "info", {"owner": 1, "input": 2})) == {"info/owner", "info/input"}
    assert set(noticing.result("inet", "getopts", ("ok", [("recv_cnt", 1)]))) == set()


def test_exceptions() -> None:
    assert set(noticing.raised(Exit("badarg"))) == {"exception/badarg"}
    assert set(noticing.raised(ErlangError(("case_clause", 1)))) == {"exception/('case_clause', 1)"}


@pytest.mark.parametrize(
    ("message", "uses"),
    [
        (("tcp", "sock", b"data"), {"message/tcp"}),
        (("tcp_error", "sock", "econnreset"), {"message/tcp_error", "reason/econnreset"}),
        (("http", "sock", ("http_error", b"x")), {"message/http", "http/http_error"}),
        (("inet_async", "sock", 1, ("error", "timeout")), {"message/inet_async", "reason/timeout"}),
        (("inet_async", "sock", 1, ("ok", b"data")), {"message/inet_async"}),
        (("inet_reply", "sock", ("error", "closed")), {"message/inet_reply", "reason/closed"}),
        (("DOWN", 1, "port", "sock", "normal"), {"message/DOWN port"}),
        (("monitor", "pid", "busy_port", "sock"), {"message/monitor busy_port"}),
        ("go", set[str]()),
        ((1, 2, 3), set[str]()),
    ],
)
def test_messages(message: Any, uses: set[str]) -> None:
    assert set(noticing.message(message)) == uses
