"""The hot paths: the calls that are counted, and what raw peers do around them.

Data is there before it is asked for, and nobody else is awake: so the counts do not depend on time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gentcp

from .kit import BUFFER, Kit, arrived, read_exactly

FACES = ("python", "erlang")
CONNECTIONS = 100
BATCH = 50
_PAYLOAD = 64
_WIRE: dict[Any, bytes] = {
    "raw": bytes(_PAYLOAD), "line": bytes(_PAYLOAD - 1) + b"\n", 4: b"\0\0\0\x40" + bytes(_PAYLOAD),
}  # fmt: skip


def _nothing() -> None:
    pass


@dataclass
class Path:
    """`step` is counted; `before` and `after` are not."""

    step: Callable[[], object]
    before: Callable[[], object] = _nothing
    after: Callable[[], object] = _nothing
    rounds: int = 200


# ---- passive


def echo(kit: Kit, packet: Any, seconds: int | None = None) -> Path:
    """One message comes and goes back."""
    sock, peer = kit.pair(packet=packet)
    receive, send, erlang = kit.receiver(sock, seconds), kit.sender(sock), kit.erlang
    wire = _WIRE[packet]

    def step() -> None:
        answer = receive()
        send(answer[1] if erlang else answer)

    return Path(step, lambda: peer.sendall(wire), lambda: read_exactly(peer, len(wire)))


def send_one(kit: Kit, packet: Any) -> Path:
    sock, peer = kit.pair(packet=packet)
    send, wire = kit.sender(sock), _WIRE[packet]
    data = wire[-_PAYLOAD:]
    return Path(lambda: send(data), after=lambda: read_exactly(peer, len(wire)))


def through_queue(kit: Kit, settle: Callable[[], None]) -> Path:
    """A message that the system does not take at once; `settle` waits for the driver's thread.  Only `inet` queues."""
    sock, peer = kit.pair(BUFFER, sndbuf=BUFFER, packet=4)
    data = bytes(8 * BUFFER)

    def read() -> None:
        read_exactly(peer, len(data) + 4)
        settle()

    return Path(lambda: sock.send(data), after=read, rounds=20)


def take_buffered(kit: Kit, packet: Any) -> Path:
    """Messages that came with one before them."""
    sock, peer = kit.pair(packet=packet)
    receive, wire = kit.receiver(sock), _WIRE[packet] * (BATCH + 1)

    def fill() -> None:
        peer.sendall(wire)
        arrived(sock.fileno(), len(wire))
        receive()

    def step() -> None:
        for _ in range(BATCH):
            receive()

    return Path(step, fill, rounds=20)


def take_many(kit: Kit, before: int) -> Path:
    """All messages in one call, when so many of those that came with them have been taken one by one."""
    sock, peer = kit.pair(packet=4)
    wire, many = _WIRE[4] * (BATCH + before), sock.recv_many
    found: list[bytes] = []

    def fill() -> None:
        peer.sendall(wire)
        arrived(sock.fileno(), len(wire))
        for _ in range(before):
            sock.recv()

    def step() -> None:
        nonlocal found
        found = many()

    def check() -> None:
        assert len(found) == BATCH, found

    return Path(step, fill, check, rounds=20)


# ---- active


def active_echo(kit: Kit, active: Any) -> Path:
    """One owner of many connections that all have something."""
    pairs = [kit.pair(packet=4, active=active) for _ in range(CONNECTIONS)]
    answers = {sock: (kit.sender(sock), kit.wants_one(sock)) for sock, _ in pairs}
    wire, receive, once = _WIRE[4], gentcp.receive, active == "once"

    def ask() -> None:
        for _, peer in pairs:
            peer.sendall(wire)
        for sock, _ in pairs:
            arrived(sock.fileno(), len(wire))

    def step() -> None:
        for _ in range(CONNECTIONS):
            _, sock, data = receive()
            send, again = answers[sock]
            send(data)
            if once:
                again()

    def read() -> None:
        for _, peer in pairs:
            read_exactly(peer, len(wire))

    return Path(step, ask, read, rounds=3)


def active_batch(kit: Kit) -> Path:
    """Many messages at once on one connection."""
    sock, peer = kit.pair(packet=4, active=True)
    wire, receive = _WIRE[4] * BATCH, gentcp.receive

    def fill() -> None:
        peer.sendall(wire)
        arrived(sock.fileno(), len(wire))

    def step() -> None:
        for _ in range(BATCH):
            receive()

    return Path(step, fill, rounds=20)


def post_to_self(kit: Kit) -> Path:
    me, receive = gentcp.current_process(), gentcp.receive

    def step() -> None:
        me.post("message")
        receive()

    return Path(step)


# ---- connections


class _Dialled:
    """A raw connection at a time to one listener."""

    def __init__(self, kit: Kit, **options: Any) -> None:
        self.listener = kit.listen(packet=4, **options)
        self.accept = kit.acceptor(self.listener)
        self.erlang = kit.erlang
        self._there = ("127.0.0.1", self.listener.port)

    def dial(self) -> None:
        self.peer = socket.create_connection(self._there)
        self.peer.sendall(_WIRE[4])

    def taken(self) -> gentcp.Socket:
        answer = self.accept()
        sock: gentcp.Socket = answer[1] if self.erlang else answer
        return sock

    def hang_up(self) -> None:
        self.peer.close()


def connect(kit: Kit) -> Path:
    server = socket.create_server(("127.0.0.1", 0))
    kit.at_end(server.close)
    dial = kit.connector(server.getsockname()[1], packet=4)
    sock: Any = None

    def step() -> None:
        nonlocal sock
        sock = dial()

    def end() -> None:
        sock.close()
        server.accept()[0].close()

    return Path(step, after=end, rounds=50)


def connection(kit: Kit, active: Any = False) -> Path:
    """Accepted, one message there and back, closed."""
    dialled = _Dialled(kit, active=active)

    def step() -> None:
        sock = dialled.taken()
        sock.send(gentcp.receive()[2] if active else sock.recv())
        sock.close()

    return Path(step, dialled.dial, dialled.hang_up, rounds=50)


def ended_by_peer(kit: Kit, active: Any = False) -> Path:
    """The same, and the end of the stream is seen before."""
    dialled = _Dialled(kit, active=active)

    def begin() -> None:
        dialled.dial()
        dialled.peer.shutdown(socket.SHUT_WR)

    def step() -> None:
        sock = dialled.taken()
        if active:
            while (message := gentcp.receive())[0] == "tcp":
                sock.send(message[2])
        else:
            for packet in sock:
                sock.send(packet)
        sock.close()

    return Path(step, begin, dialled.hang_up, rounds=50)


PATHS: dict[str, Callable[[Kit], Path]] = {
    "packet 4": lambda kit: echo(kit, 4),
    "packet 4, timeout": lambda kit: echo(kit, 4, 5),
    "raw": lambda kit: echo(kit, "raw"),
    "line": lambda kit: echo(kit, "line"),
    "send packet 4": lambda kit: send_one(kit, 4),
    "send raw": lambda kit: send_one(kit, "raw"),
    "packet 4, buffered": lambda kit: take_buffered(kit, 4),
    "line, buffered": lambda kit: take_buffered(kit, "line"),
    "recv_many": lambda kit: take_many(kit, 0),
    "recv_many, buffered": lambda kit: take_many(kit, 1),
    "active": lambda kit: active_echo(kit, True),
    "active once": lambda kit: active_echo(kit, "once"),
    "active, batch": active_batch,
    "mailbox": post_to_self,
    "connect": connect,
    "connection": connection,
    "connection, active": lambda kit: connection(kit, True),
    "connection, ended by the peer": ended_by_peer,
    "connection, ended by the peer, active": lambda kit: ended_by_peer(kit, True),
}


def offered(face: str) -> list[str]:
    """The paths that a face has; many packets in one call are for Python alone."""
    return [name for name in PATHS if face == "python" or not name.startswith("recv_many")]
