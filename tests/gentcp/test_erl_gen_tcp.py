"""The Erlang face of gen_tcp: which backend, and what it says to nonsense."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import ErlangError, Exit, gen_tcp, inet

from ..support import Net, Peer, catch
from ..support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

EXIT_BADARG = ("exception", "exit", "badarg")
CLAUSE = ("exception", "error", "function_clause")
HERE = (127, 0, 0, 1)


@pytest.fixture(params=["inet", "socket"])
def net(request: pytest.FixtureRequest) -> Iterator[Net]:
    kit = Net(request.param)
    yield kit
    kit.close()


# ---- the choice of the backend


def test_the_first_option_chooses_for_listen_and_connect(net: Net) -> None:
    listener = net.listen()
    sock = net.connect(inet.port(listener)[1])
    accepted = net.ok(gen_tcp.accept(listener, 5000))
    assert {item.inet_backend for item in (listener, sock, accepted)} == {net.backend}


MISPLACED: list[list[Any]] = [
    ["binary", ("inet_backend", "socket")],
    [("active", False), ("inet_backend", "inet")],
    [("inet_backend", "inet"), ("inet_backend", "socket")],
    [("inet_backend", "socket"), ("inet_backend", "inet")],
]


@pytest.mark.parametrize("options", MISPLACED, ids=repr)
def test_anywhere_else_it_is_badarg(options: list[Any]) -> None:
    """Case listen-accept/backend/place-and-value."""
    assert catch(gen_tcp.listen, 0, options) == EXIT_BADARG
    assert catch(gen_tcp.connect, HERE, 1, options, 1000) == EXIT_BADARG


UNKNOWN: list[Any] = ["foo", "", b"inet", 1, True, ("inet",), [], {}, ["inet"]]


@pytest.mark.parametrize("name", UNKNOWN, ids=repr)
def test_an_unknown_backend_is_function_clause_and_a_note_lists_those_there_are(name: Any) -> None:
    with pytest.raises(ErlangError) as caught:
        gen_tcp.listen(0, [("inet_backend", name)])
    assert (caught.value.class_, caught.value.term) == ("error", "function_clause")
    notes = " ".join(caught.value.__notes__)
    assert "inet" in notes
    assert "socket" in notes


def test_without_it_the_default_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENTCP_INET_BACKEND", "socket")
    listener = gen_tcp.listen(0, [("active", False)])[1]
    assert listener.inet_backend == "socket"
    gen_tcp.close(listener)


def test_an_unknown_default_is_no_silent_inet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENTCP_INET_BACKEND", "soket")
    with pytest.raises(ErlangError) as caught:
        gen_tcp.listen(0, [])
    assert "soket" in " ".join(caught.value.__notes__)


def test_the_socket_is_a_term_and_always_the_same_one(net: Net) -> None:
    sock, peer = net.pair(("active", "once"))
    peer.send(b"abc")
    message = gentcp.receive(timeout=5.0)
    assert message == ("tcp", sock, b"abc")
    assert message[1] is sock
    assert {sock: 1}[message[1]] == 1


def test_connect_takes_an_address_in_a_map(net: Net) -> None:
    listener = net.listen()
    address = {"family": "inet", "addr": (127, 0, 0, 1), "port": inet.port(listener)[1]}
    sock = net.ok(gen_tcp.connect(address, net.options()))
    assert inet.peername(sock) == ("ok", (HERE, inet.port(listener)[1]))
    other = net.ok(gen_tcp.connect(address, net.options(), 5000))
    assert other is not sock


# ---- nonsense

JUNK: list[Any] = [
    *(None, 1.5, True, -1, 2**70, "foo", "", b"x", (), ("a",), ("a", []), (HERE, 1), len),
    *([], {}, [[]], [()], [{}], [None], [1, 2], ["a", "b"], {"a": 1}),
]
OPTIONS: list[Any] = [
    *(
        ("active", []),
        ("active", {}),
        ("active", 2**70),
        ("mode", {}),
        ("packet", []),
        ("packet", {}),
        ("header", 2**70),
    ),
    *(
        ("linger", ()),
        ("linger", [True, 1]),
        ("linger", (True, 2**40)),
        ("recbuf", 2**70),
        ("sndbuf", -(2**70)),
        ("priority", 2**70),
    ),
    *(
        ("raw", 2**70, 1, b""),
        ("raw", 1, 2**70, b""),
        ("raw", 1, 2, b""),
        ("raw", 1, 1, bytes(1024)),
        ("raw", [], {}, None),
    ),
    *(
        ("buffer", 2**80),
        ("buffer", []),
        ("high_watermark", 2**80),
        ("low_watermark", -(2**80)),
        ("packet_size", 2**70),
    ),
    *(("line_delimiter", 2**70), ("bind_to_device", [300]), ("bind_to_device", [[]])),
    *(("bind_to_device", "\udfff"), ("bind_to_device", b"x" * 99), ("ip", {}), ("ip", []), ("ip", (1,) * 8)),
    *(("ifaddr", {"addr": []}), ("ifaddr", ("local",)), ("ifaddr", ("local", 5)), ("fd", []), ("backlog", [])),
    *(
        ("port", 2**70),
        ("port", []),
        ("port", "\0"),
        ("netns", "/no/such/namespace"),
        ("netns", "/a\0b"),
        ("netns", b"\0"),
        ("netns", [-1]),
    ),
    *(("inet_backend", []), ("inet6", True), (), ("a", "b", "c"), ([], 1), ({}, 1), (None, None), ("keepcnt", 2**70)),
]


OPENINGS: list[Any] = [("tcp_module", []), ("tcp_module", {}), ("fd", 2**70), ("backlog", 2**31), ("backlog", 2**70)]
"""More for listen and connect."""


class Answers:
    """Calls that must answer, or raise what Erlang raises, and nothing else."""

    def __init__(self, net: Net) -> None:
        self.net = net

    def to(self, function: Callable[..., Any], *args: Any) -> Any:
        result = catch(function, *args)
        if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], (gentcp.Socket, gentcp.Listener)):
            gen_tcp.close(result[1])
        return result


@pytest.fixture
def answers(net: Net) -> Answers:
    return Answers(net)


def alive(sock: gentcp.Socket, peer: Peer) -> bool:
    """Whether data still goes through in both directions, and nothing else does."""
    peer.send(b"ping")
    return (
        gen_tcp.recv(sock, 4, 5000) == ("ok", b"ping")
        and gen_tcp.send(sock, b"pong") == "ok"
        and peer.recv_exact(4) == b"pong"
    )


ON_SOCKETS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    (gen_tcp.send, ()),
    (gen_tcp.recv, ()),
    (gen_tcp.recv, (0,)),
    (gen_tcp.unrecv, ()),
    (gen_tcp.shutdown, ()),
    (gen_tcp.controlling_process, ()),
    (gen_tcp.accept, ()),
    (inet.setopts, ()),
    (inet.getopts, ()),
    (inet.getstat, ()),
]
WAITS = {None, -1, True, 2**70}
"""Times that are none, or one that is long: a call that takes them may wait."""


def may_wait(function: Callable[..., Any], args: tuple[Any, ...], junk: Any) -> bool:
    timed = (function is gen_tcp.recv and args) or function is gen_tcp.accept
    return bool(timed) and isinstance(junk, (int, type(None))) and junk in WAITS


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_nonsense_breaks_a_socket(answers: Answers, junk: Any) -> None:
    sock, peer = answers.net.pair()
    for function, args in ON_SOCKETS:
        if may_wait(function, args, junk) or (function is gen_tcp.recv and not args):
            continue
        if function is gen_tcp.shutdown and unhashable(junk):
            continue  # a test of its own
        answers.to(function, sock, *args, junk)
    if junk not in ([], b"x", True, [1, 2]):  # those are data for send, and go out
        assert gen_tcp.recv(sock, 0, 0) in (("error", "timeout"), ("ok", b"x"))
        assert alive(sock, peer)


def unhashable(term: Any) -> bool:
    try:
        hash(term)
    except TypeError:
        return True
    return False


@pytest.mark.parametrize("how", [[], {}, ("write", []), ["write"]], ids=repr)
def test_a_nonsensical_how_of_shutdown_is_refused(net: Net, how: Any) -> None:
    """Case close-shutdown/shutdown/not-a-direction."""
    sock, _peer = net.pair()
    expected = CLAUSE if net.backend == "inet" else ("exception", "error", ("invalid", ("how", how)))
    assert catch(gen_tcp.shutdown, sock, how) == expected


@pytest.mark.parametrize("junk", [None, 1.5, True, -1, "foo", b"x", [], {}, 2**70, ()], ids=repr)
def test_a_length_is_an_int_of_at_least_zero(net: Net, junk: Any) -> None:
    """Case recv/length/not-a-length; a huge one is waited for, refused or cut down."""
    sock, peer = net.pair()
    if junk == 2**70:
        assert catch(gen_tcp.recv, sock, junk, 0)[0] == "error"
    else:
        assert catch(gen_tcp.recv, sock, junk, 0) == CLAUSE
    assert alive(sock, peer)


@pytest.mark.parametrize("option", OPTIONS, ids=repr)
def test_no_nonsensical_option_breaks_setopts(answers: Answers, option: Any) -> None:
    sock, _peer = answers.net.pair()
    result = answers.to(inet.setopts, sock, [option])
    assert result == "ok" or (result[0] == "error" and isinstance(result[1], str))
    assert inet.peername(sock)[0] == "ok"


@pytest.mark.parametrize("option", OPTIONS + OPENINGS, ids=repr)
def test_no_nonsensical_option_breaks_listen_or_connect(answers: Answers, option: Any) -> None:
    listener = answers.net.listen()
    for function, args in ((gen_tcp.listen, (0,)), (gen_tcp.connect, (HERE, inet.port(listener)[1]))):
        extra = (200,) if function is gen_tcp.connect else ()
        result = answers.to(function, *args, answers.net.options(option), *extra)
        assert result[0] in ("ok", "error", "exception")


def test_a_time_that_no_float_holds_is_a_time(net: Net) -> None:
    option = ("send_timeout", 1 << 1100)
    sock, peer = net.pair()
    assert inet.setopts(sock, [option]) == "ok"
    assert alive(sock, peer)
    assert alive(*net.accepted(option))
    assert alive(*net.pair(option))


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_nonsense_breaks_listen_or_connect(answers: Answers, junk: Any) -> None:
    net = answers.net
    listener = net.listen()
    for result in (
        answers.to(gen_tcp.listen, junk, net.options()),
        answers.to(gen_tcp.listen, 0, junk),
        answers.to(gen_tcp.connect, junk, inet.port(listener)[1], net.options(), 200),
        answers.to(gen_tcp.connect, HERE, junk, net.options(), 200),
        answers.to(gen_tcp.connect, HERE, inet.port(listener)[1], junk, 200),
        answers.to(gen_tcp.fdopen, None if junk in (1, True) else junk, net.options()) if junk != 2**70 else ("error",),
    ):
        assert result[0] in ("ok", "error", "exception")
    if junk not in (None, 2**70):  # no time is infinity, and a long one is too
        assert catch(gen_tcp.connect, HERE, inet.port(listener)[1], net.options(), junk)[0] in (
            "ok",
            "error",
            "exception",
        )


def test_a_descriptor_that_no_system_has_is_refused(net: Net) -> None:
    assert catch(gen_tcp.fdopen, 2**70, net.options())[0] in ("error", "exception")


@pytest.mark.parametrize("backlog", [100_000, 2**31 - 1, -1, -(2**40)])
def test_any_backlog_is_taken(net: Net, backlog: int) -> None:
    net.listen(("backlog", backlog))


NOT_SOCKETS: list[Any] = [None, "foo", 1, (), [], {}, len, gentcp.current_process()]


@pytest.mark.parametrize("junk", NOT_SOCKETS, ids=lambda junk: type(junk).__name__)
def test_what_is_no_socket_is_function_clause(junk: Any) -> None:
    """Cases send/data/bad-first-argument, listen-accept/accept/garbage, close-shutdown/close/no-socket."""
    for function in (gen_tcp.close, inet.close, inet.sockname, inet.peername, inet.port, inet.getstat, gen_tcp.accept):
        assert catch(function, junk) == CLAUSE
    assert catch(gen_tcp.accept, junk, 100) == CLAUSE
    assert catch(gen_tcp.send, junk, b"") == CLAUSE
    assert catch(gen_tcp.recv, junk, 0, 0) == CLAUSE
    assert catch(gen_tcp.unrecv, junk, b"") == CLAUSE
    assert catch(gen_tcp.shutdown, junk, "write") == CLAUSE
    assert catch(gen_tcp.controlling_process, junk, gentcp.current_process()) == CLAUSE
    assert catch(inet.setopts, junk, []) == CLAUSE
    assert catch(inet.getopts, junk, []) == CLAUSE


def test_a_refused_listen_or_connect_leaves_no_descriptor(net: Net) -> None:
    """The fixture counts them; this makes many failures, each at another step."""
    options = [("ttl", 256), ("high_msgq_watermark", 0), ("linger", (True, -1)), ("ip", (1, 2, 3, 4)), ("ip", "x")]
    for option in [*options, ("netns", "/no/such/namespace"), ("active", 2**20), ("fd", 9999)]:
        for _ in range(3):
            result = catch(gen_tcp.listen, 0, net.options(option))
            if result[0] == "ok":
                gen_tcp.close(result[1])
            result = catch(gen_tcp.connect, HERE, 1, net.options(option), 1000)
            assert result[0] != "ok"


def test_exceptions_tell_their_class_and_term() -> None:
    error, left = ErlangError("badarg"), Exit("badarg")
    assert (error.class_, error.term, str(error)) == ("error", "badarg", "error: 'badarg'")
    assert (left.class_, left.term, str(left)) == ("exit", "badarg", "exit: 'badarg'")
    assert ErlangError("x", "throw").class_ == "throw"
    assert isinstance(left, ErlangError)
