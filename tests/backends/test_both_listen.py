"""Listening and accepting, connecting, and what the addresses may be."""

from __future__ import annotations

import contextlib
import resource
import socket
from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, Peer, catch, inspection, stopwatch

HERE = (127, 0, 0, 1)
EXIT_BADARG = ("exception", "exit", "badarg")


def ends(sock: gentcp.Socket, peer: Peer) -> bool:
    """Whether these two are the ends of one connection."""
    return bool(inet.peername(sock) == ("ok", (HERE, peer.sock.getsockname()[1])))


# ---- accept


def test_acceptors_are_served_in_the_order_they_came(net: Net) -> None:
    """Case listen-accept/accept/first-come-first-served."""
    listener = net.listen()
    tasks = [net.blocked(listener, "accept") for _ in range(4)]
    for task in tasks:
        peer = net.dial(listener)
        result, sock = task.result()
        assert result == "ok"
        gen_tcp.close(sock)
        assert peer.drain() == b""


def test_the_first_acceptor_gets_the_first_connection(net: Net) -> None:
    listener = net.listen()
    peers = [net.dial(listener) for _ in range(4)]
    for peer in peers:
        assert ends(net.ok(gen_tcp.accept(listener, 5000)), peer)


def test_an_accept_in_time_and_one_too_late(net: Net) -> None:
    """Case listen-accept/accept/timeout."""
    listener = net.listen()
    passed = stopwatch()
    assert gen_tcp.accept(listener, 30) == ("error", "timeout")
    assert 0.03 <= passed() < 5.0
    assert gen_tcp.accept(listener, 0) == ("error", "timeout")
    peer = net.dial(listener)
    assert ends(net.ok(gen_tcp.accept(listener, 5000)), peer)


@pytest.mark.parametrize("by", ["owner", "somebody"])
def test_closing_answers_every_acceptor(net: Net, by: str) -> None:
    """Cases listen-accept/accept/listener-closed-meanwhile, listen-accept/accept/listener-closed-by-another."""
    listener = net.listen()
    tasks = [net.blocked(listener, "accept"), net.blocked(listener, "accept", 10_000)]
    if by == "owner":
        assert gen_tcp.close(listener) == "ok"
    else:
        assert net.spawn(gen_tcp.close, listener).result() == "ok"
    assert [task.result(5.0) for task in tasks] == [("error", "closed")] * 2


def test_accept_on_a_closed_listener(net: Net) -> None:
    """Case listen-accept/accept/listener-closed-before."""
    listener = net.listen()
    gen_tcp.close(listener)
    assert gen_tcp.accept(listener, 1000) == ("error", "closed" if net.backend == "inet" else "einval")


def test_accept_on_a_connected_socket(net: Net) -> None:
    """Case listen-accept/accept/wrong-socket."""
    sock, _peer = net.pair()
    assert gen_tcp.accept(sock, 1000) == ("error", "einval")


def test_a_listener_neither_sends_nor_receives(net: Net) -> None:
    """Case recv/listener/refused."""
    listener = net.listen()
    assert gen_tcp.recv(listener, 0, 1000) == ("error", "enotconn")


def test_shutting_a_listener_down(net: Net) -> None:
    """Socket really stops listening."""
    listener = net.listen()
    if net.backend == "inet":
        assert gen_tcp.shutdown(listener, "read_write") == ("error", "enotconn")
        net.dial(listener)
        assert net.ok(gen_tcp.accept(listener, 5000))
        return
    assert gen_tcp.shutdown(listener, "write") == "ok"
    net.dial(listener)
    assert net.ok(gen_tcp.accept(listener, 5000))
    waiting = net.blocked(listener, "accept")
    assert gen_tcp.shutdown(listener, "read") == "ok"
    assert waiting.result(5.0) == ("error", "einval")
    assert gen_tcp.accept(listener, 1000) == ("error", "einval")


INHERITED = [
    ("mode", "list"), ("packet", 2), ("packet_size", 1234), ("header", 3), ("buffer", 4321), ("deliver", "port"),
    ("exit_on_close", False), ("send_timeout", 1234), ("send_timeout_close", True), ("show_econnreset", True),
    ("delay_send", True), ("nodelay", True), ("keepalive", True), ("linger", (True, 7)),
    ("reuseaddr", True),
]  # fmt: skip


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_accepted_socket_has_the_listeners_options(net: Net, when: str) -> None:
    """Set before or after the connection came in."""
    listener = net.listen(*(INHERITED if when == "before" else ()))
    net.dial(listener)
    if when == "after":
        assert inet.setopts(listener, INHERITED) == "ok"
    sock = net.ok(gen_tcp.accept(listener, 5000))
    assert inet.getopts(sock, [name for name, _value in INHERITED]) == ("ok", INHERITED)


@pytest.mark.parametrize("when", ["before", "after"])
def test_it_has_the_listeners_priority(net: Net, when: str) -> None:
    """The kernel sets it to 0 for a new connection; OTP copies it from the listener, whenever it was set there."""
    listener = net.listen(*([("priority", 3)] if when == "before" else []))
    net.dial(listener)
    assert inet.setopts(listener, [("priority", 3)] if when == "after" else []) == "ok"
    sock = net.ok(gen_tcp.accept(listener, 5000))
    assert inet.getopts(sock, ["priority"]) == ("ok", [("priority", 3)])


def test_options_set_after_the_accept_stay_apart(net: Net) -> None:
    sock, _peer = net.accepted()
    other, _another = net.accepted()
    assert inet.setopts(sock, [("packet", 4), ("send_timeout", 5)]) == "ok"
    assert inet.getopts(other, ["send_timeout"]) == ("ok", [("send_timeout", "infinity")])


def test_options_that_only_one_backend_passes_on_late(net: Net) -> None:
    """Tos and ttl on inet, line_delimiter on socket."""
    listener = net.listen()
    net.dial(listener)
    assert inet.setopts(listener, [("ttl", 77), ("line_delimiter", 59), ("packet", "line")]) == "ok"
    sock = net.ok(gen_tcp.accept(listener, 5000))
    inherited = inet.getopts(sock, ["ttl"]) == ("ok", [("ttl", 77)])
    assert inherited == (net.backend == "inet")
    assert inspection.settings(sock)["line_delimiter"] == (10 if net.backend == "inet" else 59)


@pytest.fixture
def _few_descriptors() -> Iterator[None]:
    """No more than a handful; the limit counts numbers, so those in use now stay."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("_few_descriptors")
def test_running_out_of_descriptors_is_an_error_and_loses_no_connection(net: Net) -> None:
    listener = net.listen()
    peer = net.dial(listener)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = socket.socket()
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare.fileno() + 1, hard))
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(OSError):
            while True:
                taken.enter_context(socket.socket())
        assert gen_tcp.accept(listener, 1000) == ("error", "emfile")
        assert gen_tcp.listen(0, net.options()) == ("error", "emfile")
        reason = "emfile" if net.backend == "inet" else ("shutdown", "emfile")
        assert gen_tcp.connect(HERE, inet.port(listener)[1], net.options(), 1000) == ("error", reason)
        spare.close()
        sock = net.ok(gen_tcp.accept(listener, 5000))
    assert ends(sock, peer)


# ---- listen


def test_a_port_is_taken_once(net: Net) -> None:
    """Case listen-accept/listen/port-in-use."""
    listener = net.listen()
    port = inet.port(listener)[1]
    options = net.options(("ip", HERE))
    assert gen_tcp.listen(port, options) == ("error", "eaddrinuse")
    assert gen_tcp.listen(port, [*options, ("reuseaddr", True)]) == ("error", "eaddrinuse")


def test_a_closed_listener_frees_its_port(net: Net) -> None:
    listener = net.listen()
    port = inet.port(listener)[1]
    gen_tcp.close(listener)
    assert gen_tcp.connect(HERE, port, net.options(), 1000) == ("error", "econnrefused")
    assert net.ok(gen_tcp.listen(port, net.options(("ip", HERE), ("reuseaddr", True))))


def test_two_listeners_may_share_a_port(net: Net) -> None:
    listener = net.listen(("reuseport", True))
    port = inet.port(listener)[1]
    assert net.ok(gen_tcp.listen(port, net.options(("ip", HERE), ("reuseport", True))))
    assert gen_tcp.listen(port, net.options(("ip", HERE))) == ("error", "eaddrinuse")


@pytest.mark.parametrize(
    ("ip", "name"), [(HERE, HERE), ("loopback", HERE), ("any", (0, 0, 0, 0)), ((127, 0, 0, 2), (127, 0, 0, 2))]
)
def test_the_address_to_listen_on(net: Net, ip: Any, name: Any) -> None:
    """Case listen-accept/listen/addresses."""
    listener = net.ok(gen_tcp.listen(0, net.options(("ip", ip))))
    assert inet.sockname(listener) == ("ok", (name, inet.port(listener)[1]))


@pytest.mark.parametrize("ip", [(256, 0, 0, 1), "foo", (127, 0, 0), list(b"127.0.0.1")], ids=repr)
def test_what_is_no_address_to_listen_on(net: Net, ip: Any) -> None:
    """Case listen-accept/listen/addresses."""
    described = ("error", ("invalid", ("sockaddr", {"addr": ip, "family": "inet", "port": 0})))
    assert catch(gen_tcp.listen, 0, net.options(("ip", ip))) == (EXIT_BADARG if net.backend == "inet" else described)


def test_an_address_that_is_not_ours(net: Net) -> None:
    assert gen_tcp.listen(0, net.options(("ip", (1, 2, 3, 4)))) == ("error", "eaddrnotavail")


@pytest.mark.parametrize("backlog", [0, 1, 3])
def test_the_backlog_lets_one_more_in(net: Net, backlog: int) -> None:
    listener = net.listen(("backlog", backlog))
    for _ in range(backlog + 1):
        net.dial(listener)
    with socket.socket() as late:
        late.setblocking(False)
        with pytest.raises(BlockingIOError):
            late.connect(("127.0.0.1", inet.port(listener)[1]))
        assert gen_tcp.connect(HERE, inet.port(listener)[1], net.options(), 50) == ("error", "timeout")


# ---- connect


def test_nobody_listens(net: Net) -> None:
    """Case connect/refused/nobody-listens (the fixture looks for leaks)."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for _ in range(20):
        assert gen_tcp.connect(HERE, port, net.options(), 5000) == ("error", "econnrefused")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", list(b"127.0.0.1"), "127.1", "LOCALHOST",
                                  HERE, (0, 0, 0, 0)], ids=repr)  # fmt: skip
def test_forms_of_a_host(net: Net, host: Any) -> None:
    listener = net.listen()
    assert net.ok(gen_tcp.connect(host, inet.port(listener)[1], net.options(), 5000))


@pytest.mark.parametrize("host", [b"localhost", (127, 0, 0), (127, 0, 0, 256), (127, 0, 0, -1), 127, "a b"], ids=repr)
def test_what_is_no_host(net: Net, host: Any) -> None:
    expected = EXIT_BADARG if net.backend == "inet" else ("error", "einval")
    assert catch(gen_tcp.connect, host, 1, net.options(), 1000) == expected


def test_every_address_of_a_name_is_tried(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """Socket uses one socket for all, and the system answers econnaborted."""
    listener = net.listen()
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in ("127.0.0.9", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args: found)
    result = gen_tcp.connect("two.example", inet.port(listener)[1], net.options(), 5000)
    if net.backend == "inet":
        assert inet.peername(net.ok(result)) == ("ok", (HERE, inet.port(listener)[1]))
    else:
        assert result == ("error", "econnaborted")


def test_the_own_address_and_port_may_be_chosen(net: Net) -> None:
    """Cases connect/address/own-address, connect/port/own-port."""
    listener = net.listen()
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
    sock = net.connect(inet.port(listener)[1], ("ip", (127, 0, 0, 2)), ("port", port))
    assert inet.sockname(sock) == ("ok", ((127, 0, 0, 2), port))
    refused = gen_tcp.connect(HERE, inet.port(listener)[1], net.options(("ip", (1, 2, 3, 4))), 1000)
    assert refused == ("error", "eaddrnotavail")


def test_a_connect_that_takes_too_long(net: Net) -> None:
    """Case connect/timeout/full-backlog."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5.0):
            passed = stopwatch()
            assert gen_tcp.connect(HERE, port, net.options(), 50) == ("error", "timeout")
            assert 0.04 <= passed() < 5.0


@pytest.mark.parametrize("timeout", [-1, "foo", 1.5])
def test_a_bad_timeout(net: Net, timeout: Any) -> None:
    """Case connect/timeout/not-a-timeout."""
    listener = net.listen()
    result = catch(gen_tcp.connect, HERE, inet.port(listener)[1], net.options(), timeout)
    assert result[0] == "exception"
    assert result[2] == "badarg"


def test_the_two_backends_talk_to_each_other(net: Net) -> None:
    """Case connect/backends/mixed."""
    other = Net("socket" if net.backend == "inet" else "inet")
    listener = other.listen(("packet", 4))
    sock = net.connect(inet.port(listener)[1], ("packet", 4))
    accepted = other.ok(gen_tcp.accept(listener, 5000))
    assert gen_tcp.send(sock, b"ping") == "ok"
    assert gen_tcp.recv(accepted, 0, 5000) == ("ok", b"ping")
    assert gen_tcp.send(accepted, b"pong") == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"pong")
    other.close()


def test_a_socket_may_connect_to_itself(net: Net) -> None:
    """Case connect/self/own-port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    sock = net.ok(gen_tcp.connect(HERE, port, net.options(("ip", HERE), ("port", port), ("reuseaddr", True)), 5000))
    assert gen_tcp.send(sock, b"me") == "ok"
    assert gen_tcp.recv(sock, 2, 5000) == ("ok", b"me")
