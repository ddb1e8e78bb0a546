"""Wrong calls: every one ends in an exception of gentcp that names the argument, and Erlang's own never escape."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gentcp
from gentcp.errors import ErlangError, Exit
from gentcp.options import TABLE

from .faces import ON_ONE_CONNECTION, Connect
from .scripted import scripted_socket

BAD_CALLS: list[tuple[str, str, tuple[Any, ...], dict[str, Any], str]] = [
    ("recv", "length", (-1,), {}, "expected an int from 0 to 2147483647, not -1"),
    ("recv", "length", (2**31,), {}, "expected an int from 0 to 2147483647, not 2147483648"),
    ("recv", "length", (True,), {}, "expected an int from 0 to 2147483647, not True"),
    ("recv", "length", (False,), {}, "expected an int from 0 to 2147483647, not False"),
    ("recv", "length", (None,), {}, "expected an int from 0 to 2147483647, not None"),
    ("recv", "length", ("5",), {}, "expected an int from 0 to 2147483647, not '5'"),
    ("recv", "timeout", (), {"timeout": -1}, "expected seconds from 0 to 2147483, or None for no limit, not -1"),
    ("recv", "timeout", (), {"timeout": math.nan}, "expected seconds from 0 to 2147483, or None for no limit"),
    ("recv", "timeout", (), {"timeout": "1"}, "expected seconds from 0 to 2147483, or None for no limit"),
    ("send", "data", ("text",), {}, "expected bytes or a list of bytes and ints, not str"),
    ("send", "data", (5,), {}, "expected bytes or a list of bytes and ints, not int"),
    ("send", "data", ([b"a", 256],), {}, "an int in a list must be from 0 to 255"),
    ("send", "data", ([b"a", "b"],), {}, "expected bytes or a list of bytes and ints, found str in it"),
    ("unrecv", "data", (None,), {}, "expected bytes or a list of bytes and ints, not NoneType"),
    ("shutdown", "how", ("both",), {}, "expected one of read, write, read_write, not 'both'"),
    ("shutdown", "how", (1,), {}, "expected one of read, write, read_write, not 1"),
    ("controlling_process", "process", ("somebody",), {}, "expected a gentcp.Process, not 'somebody'"),
    ("setopts", "actve", (), {"actve": True}, "there is no such option; did you mean 'active'?"),
    ("setopts", "ip", (), {"ip": "any"}, "an option of connect and listen only"),
    ("setopts", "active", (), {"active": 32768}, 'expected True, False, "once" or an int from -32768 to 32767'),
    ("setopts", "send_timeout", (), {"send_timeout": -0.5}, "expected seconds from 0 to 2147483"),
    ("getopts", "actve", ("actve",), {}, "there is no such option; did you mean 'active'?"),
    ("getopts", "raw", ("raw",), {}, "can only be set here"),
    ("getopts", "names", (["active"],), {}, "expected names of options, not ['active']"),
    ("getstat", "names", ("recv_octets",), {}, "expected some of recv_oct, recv_cnt"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name", "arguments", "keywords", "message"), BAD_CALLS)
def test_a_wrong_argument_is_named(
    connect: Connect, method: str, name: str, arguments: tuple[Any, ...], keywords: dict[str, Any], message: str
) -> None:
    sock, _ = connect()
    with pytest.raises(gentcp.OptionError) as caught:
        getattr(sock, method)(*arguments, **keywords)
    assert caught.value.option == name
    assert str(caught.value).startswith(f"{name}: {message}")
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)


CLOSED_CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("recv", (), {}),
    ("recv", (), {"timeout": 0}),
    ("recv", (1,), {}),
    ("send", (b"data",), {}),
    ("shutdown", ("write",), {}),
    ("setopts", (), {"active": True}),
    ("setopts", (), {"nodelay": True}),
    ("getopts", (), {}),
    ("getopts", ("nodelay",), {}),
    ("getstat", (), {}),
    ("detach", (), {}),
]


@pytest.mark.parametrize(("method", "arguments", "keywords"), CLOSED_CALLS)
def test_a_closed_socket_says_so(
    connect: Connect, method: str, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> None:
    sock, _ = connect()
    sock.close()
    with pytest.raises(gentcp.Closed) as caught:
        getattr(sock, method)(*arguments, **keywords)
    assert isinstance(caught.value, ConnectionError)


@pytest.mark.parametrize("name", ["sockname", "peername", "port"])
def test_a_closed_socket_has_no_names(connect: Connect, name: str) -> None:
    sock, _ = connect()
    sock.close()
    with pytest.raises(gentcp.Closed):
        getattr(sock, name)


def test_a_closed_socket_cannot_be_given_away(connect: Connect) -> None:
    sock, _ = connect()
    sock.close()
    with pytest.raises(gentcp.Closed):
        sock.controlling_process(gentcp.current_process())


def test_a_closed_listener_says_so(backend: str, nothing_left_behind: None) -> None:
    listener = gentcp.listen(ip="loopback", inet_backend=backend)
    listener.close()
    for call in (listener.accept, listener.getopts, lambda: listener.port):
        with pytest.raises(gentcp.Closed):
            call()
    assert list(listener) == []


def test_a_dead_process_owns_nothing(connect: Connect) -> None:
    sock, _ = connect()
    process = gentcp.spawn(lambda: None)
    assert process.join(10)
    try:
        sock.controlling_process(process)
    except gentcp.OptionError as error:
        assert error.option == "process"
        assert str(error).endswith("has ended")
    else:
        with pytest.raises(gentcp.Closed):
            sock.send(b"data")


def test_an_option_that_the_system_refuses_is_named(connect: Connect) -> None:
    sock, _ = connect()
    with pytest.raises(gentcp.OptionError, match=r"^tclass: this is refused here \(backend '\w+': Invalid argument\)"):
        sock.setopts(tclass=1)
    with pytest.raises(gentcp.OptionError, match=r"^nodelay, tclass: one of these is refused here"):
        sock.setopts(nodelay=True, tclass=1)


def test_too_much_at_once_is_named() -> None:
    sock, _ = scripted_socket(recv=("error", "enomem"))
    with pytest.raises(gentcp.OptionError, match="^length: 134217728 is more than this backend receives at once"):
        sock.recv(1 << 27)


# Errors of backends

METHODS: list[tuple[str, tuple[Any, ...]]] = [
    ("recv", ()), ("send", (b"",)), ("unrecv", (b"",)), ("shutdown", ("read",)), ("close", ()),
    ("getopts", ("active",)), ("getstat", ()), ("controlling_process", (gentcp.current_process(),)),
]  # fmt: skip


@pytest.mark.parametrize(("method", "arguments"), METHODS)
@pytest.mark.parametrize("term", ["function_clause", "badarg", ("invalid", ("data", [])), ("case_clause", b"")])
@pytest.mark.parametrize("kind", [ErlangError, Exit])
def test_what_erlang_would_raise_does_not_escape(
    method: str, arguments: tuple[Any, ...], term: Any, kind: type[ErlangError]
) -> None:
    sock, handle = scripted_socket(**{method: kind(term)})
    with pytest.raises((gentcp.Error, gentcp.OptionError)):
        getattr(sock, method)(*arguments)
    handle.pin(False)  # it has ended: nobody closes it behind our back


@pytest.mark.parametrize(
    ("reason", "kind", "builtin"),
    [
        ("closed", gentcp.Closed, ConnectionError),
        ("enotconn", gentcp.Closed, ConnectionError),
        ("econnreset", gentcp.Reset, ConnectionResetError),
        ("timeout", gentcp.Timeout, TimeoutError),
        ("emsgsize", gentcp.MessageTooLong, OSError),
        ("ealready", gentcp.Busy, OSError),
        ("not_owner", gentcp.NotOwner, PermissionError),
        ("einval", gentcp.InvalidState, OSError),
        ("enobufs", gentcp.Error, OSError),
        ("something_new", gentcp.Error, OSError),
        (("something", "new"), gentcp.Error, OSError),
    ],
)
def test_a_reason_has_its_class(reason: Any, kind: type[gentcp.Error], builtin: type[OSError]) -> None:
    sock, _ = scripted_socket(recv=("error", reason), options={"active": False})
    with pytest.raises(builtin) as caught:
        sock.recv()
    assert type(caught.value) is kind
    assert caught.value.reason == reason


# Anything at all

VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 300), st.floats(), st.binary(max_size=8), st.text(max_size=3),
    st.sampled_from(["once", "line", "raw", "list", "binary", "read", "write", "active", "send_oct"]),
    st.lists(st.binary(max_size=2), max_size=2),
)  # fmt: skip
NAMES = st.sampled_from(
    [o.name for o in TABLE if o.name not in ("raw", "bind_to_device", "linger")] + ["nonsense", "ip"]
)
TIMES = st.sampled_from([0, 0.001, -1, True, "1", math.nan])
CALLS: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("recv"), st.tuples(VALUES), st.fixed_dictionaries({"timeout": TIMES})),
    st.tuples(st.sampled_from(["send", "unrecv", "shutdown", "controlling_process"]), st.tuples(VALUES), st.just({})),
    st.tuples(st.just("setopts"), st.just(()), st.dictionaries(NAMES, VALUES, max_size=3)),
    st.tuples(st.sampled_from(["getopts", "getstat"]), st.tuples(VALUES), st.just({})),
    st.tuples(st.sampled_from(["fileno", "__repr__"]), st.just(()), st.just({})),
)


def test_whatever_is_called_only_errors_of_gentcp_come_out(connect: Connect) -> None:
    @ON_ONE_CONNECTION
    @given(st.lists(CALLS, max_size=12), st.integers(0, 12))
    def call_all(calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]], close_before: int) -> None:
        sock, other = connect(send_timeout=0.01)
        other.send(b"something\n")
        for number, (method, arguments, keywords) in enumerate(calls):
            if number == close_before:
                other.close()
            with contextlib.suppress(gentcp.Error, gentcp.OptionError):
                getattr(sock, method)(*arguments, **keywords)

    call_all()
