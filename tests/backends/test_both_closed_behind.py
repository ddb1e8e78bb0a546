"""A descriptor that somebody closes behind the back of its socket."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

import pytest

import gentcp
from gentcp.engine import inspection
from gentcp.engine.driver import TICK, driver
from gentcp.erl import file, gen_tcp, inet

from ..support import Net, Peer, catch, eventually, mailbox
from ..support.net import BUFFER

BIG = bytes(range(256)) * 4096
"""More than the buffers of a stalled pair take."""
OPENED = io.FileIO(os.open(__file__, os.O_RDONLY), closefd=False)
"""It is open before anything is closed whose number it would get."""
CALLS: dict[str, Callable[[Any], Any]] = {
    "send": lambda sock: gen_tcp.send(sock, b"x"),
    "recv": lambda sock: gen_tcp.recv(sock, 0),
    "recv with a timeout": lambda sock: gen_tcp.recv(sock, 3, 50),
    "setopts": lambda sock: inet.setopts(sock, [("nodelay", True)]),
    "setopts of active": lambda sock: inet.setopts(sock, [("active", True)]),
    "setopts of linger": lambda sock: inet.setopts(sock, [("linger", (True, 1))]),
    "getopts": lambda sock: inet.getopts(sock, ["nodelay", "active", "sndbuf"]),
    "getstat": inet.getstat,
    "sockname": inet.sockname,
    "peername": inet.peername,
    "shutdown": lambda sock: gen_tcp.shutdown(sock, "write"),
    "shutdown of both": lambda sock: gen_tcp.shutdown(sock, "read_write"),
    "unrecv": lambda sock: gen_tcp.unrecv(sock, b"x"),
    "hand over": lambda sock: gen_tcp.controlling_process(sock, gentcp.current_process()),
    "sendfile": lambda sock: file.sendfile(OPENED, sock, 0, 0, []),
    "close": gen_tcp.close,
}


@contextlib.contextmanager
def closed(sock: gentcp.Socket, *, other: bool) -> Generator[int]:
    """Close it; `other`: another descriptor of the same connection stays open, as in a child."""
    fd = sock.fileno()
    kept = os.dup(fd) if other else -1
    os.close(fd)
    try:
        yield fd
    finally:
        if other:
            os.close(kept)


@pytest.mark.parametrize("other", [False, True], ids=["alone", "shared"])
@pytest.mark.parametrize("active", [False, True], ids=["passive", "active"])
@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_every_call_has_a_documented_result(net: Net, call: Callable[[Any], Any], active: bool, other: bool) -> None:
    sock, _peer = net.pair(("active", active))
    with closed(sock, other=other):
        result = catch(call, sock)
        assert result == "ok" or result[0] in ("ok", "error"), result
        assert gen_tcp.close(sock) == "ok"
    gentcp.current_process().take(lambda _message: True)


def test_the_python_face_raises_its_own_errors(net: Net) -> None:
    calls: list[Callable[[gentcp.Socket], object]] = [
        lambda sock: sock.send(b"x"), gentcp.Socket.recv, gentcp.Socket.detach,
    ]  # fmt: skip
    for call in calls:
        sock, _peer = net.pair()
        with closed(sock, other=False), pytest.raises(gentcp.Error):
            call(sock)


def test_the_owner_of_an_active_socket_is_told(net: Net) -> None:
    sock, _peer = net.pair(("active", True))
    with closed(sock, other=False):
        assert inet.setopts(sock, [("nodelay", True)])
    assert ("tcp_error", sock, "ebadf") in mailbox()
    gentcp.current_process().take(lambda _message: True)


def full(net: Net, sock: gentcp.Socket) -> None:
    """Send until it takes no more: on `inet` the driver would write the rest, on `socket` the caller."""
    if net.backend == "inet":
        assert gen_tcp.send(sock, BIG) == "ok"
    else:
        net.blocked(sock, "send", BIG)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A raw listener, so that the next descriptor that is opened is that of a connection to it."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        yield made


def connected(net: Net, server: socket.socket) -> tuple[gentcp.Socket, Peer]:
    sock = net.connect(server.getsockname()[1], ("sndbuf", BUFFER))
    return sock, net.peer(server.accept()[0])


def test_a_later_socket_with_its_number_is_not_disturbed(net: Net, server: socket.socket) -> None:
    """Its queue is flushed, and what is left of the one before does nothing to it."""
    old, _ = net.stalled()
    full(net, old)
    with closed(old, other=True) as fd:
        new, peer = connected(net, server)
        assert new.fileno() == fd
        sending = net.spawn(gen_tcp.send, new, BIG)
        assert peer.recv_exact(len(BIG)) == BIG
        assert sending.result() == "ok"
        assert gen_tcp.close(old) == "ok"
        assert new.fileno() == fd
        assert gen_tcp.send(new, b"still here") == "ok"
        assert peer.recv_exact(10) == b"still here"


def test_whoever_waits_on_it_is_told_when_its_number_is_used_again(net: Net, server: socket.socket) -> None:
    old, _ = net.pair()
    waiting = net.blocked(old, "recv", 0, 20_000)
    with closed(old, other=True) as fd:
        assert connected(net, server)[0].fileno() == fd
        assert waiting.result() == ("error", "ebadf")


def test_a_listener_is_told_as_well(net: Net, server: socket.socket) -> None:
    listener = net.listen()
    waiting = net.blocked(listener, "accept", 20_000)
    fd = listener.fileno()
    os.close(fd)
    assert connected(net, server)[0].fileno() == fd
    assert waiting.result() == ("error", "ebadf")
    assert gen_tcp.accept(listener, 20_000) == ("error", "ebadf")
    assert gen_tcp.close(listener) == "ok"


# ---- nobody spins


@contextlib.contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Generator[list[int]]:
    """How often a method is called."""
    calls = [0]
    original = getattr(type(owner), name)

    def counting(*arguments: Any) -> Any:
        calls[0] += 1
        return original(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(type(owner), name, counting)
        yield calls


def test_the_driver_does_not_spin_on_what_is_left_in_its_poller(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    sock, peer = net.stalled()
    full(net, sock)
    with closed(sock, other=True):
        _drained(peer)
        eventually(lambda: inspection.settled(5.0) and gen_tcp.send(sock, b"x") != "ok")
        assert inspection.settled(5.0)
        with counted(monkeypatch, driver(), "_turn") as turns:
            threading.Event().wait(20 * TICK)
        assert turns[0] < 40


def _drained(peer: Peer) -> None:
    """The connection would take data again."""
    peer.sock.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        while peer.sock.recv(1 << 20):
            pass


def test_receive_does_not_spin_on_what_is_left_in_its_poller(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    sock, peer = net.pair(("active", True))
    me = gentcp.current_process()
    with closed(sock, other=True):
        peer.send(b"hello")
        peer.finish()
        gen_tcp.close(sock)
        with counted(monkeypatch, me, "pump") as pumps, pytest.raises(TimeoutError):
            gentcp.receive(lambda _message: False, 20 * TICK)
        assert pumps[0] < 40
    me.take(lambda _message: True)


def test_other_sockets_of_the_owner_are_served_as_before(net: Net) -> None:
    sock, _ = net.pair(("active", True))
    other, peer = net.pair(("active", True))
    with closed(sock, other=True):
        gen_tcp.close(sock)
        peer.send(b"hello")
        me = partial(gentcp.receive, lambda message: message[:2] == ("tcp", other), 5.0)
        assert me() == ("tcp", other, b"hello")
    gentcp.current_process().take(lambda _message: True)
