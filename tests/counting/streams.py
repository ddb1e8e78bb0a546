"""What takes more than one system call a message, or more than one thread: each marks one section."""

from __future__ import annotations

import threading
from time import monotonic

import gentcp

from .kit import BUFFER, Kit, read_exactly
from .meters import mark

PIECE = 65536
PIECES = 64
TALKS = 200


def _pour(sock: gentcp.Socket) -> None:
    data = bytes(PIECE)
    for _ in range(PIECES):
        sock.send(data)


def to_slow_reader(kit: Kit) -> int:
    """The queue takes everything before the peer reads anything.  The descriptor."""
    sock, peer = kit.pair(BUFFER, sndbuf=BUFFER, high_watermark=2 * PIECES * PIECE)
    fd = sock.fileno()
    mark("begin:slow reader")
    _pour(sock)
    read_exactly(peer, PIECES * PIECE)
    mark("end")
    return fd


def to_fast_reader(kit: Kit) -> int:
    """The peer reads all the time."""
    sock, peer = kit.pair(BUFFER, sndbuf=BUFFER)
    fd = sock.fileno()
    reader = threading.Thread(target=read_exactly, args=(peer, PIECES * PIECE))
    reader.start()
    mark("begin:fast reader")
    _pour(sock)
    reader.join()
    mark("end")
    return fd


def between_threads(_kit: Kit) -> None:
    """Five times: somebody posts while the receiver is away, and the receiver finds it all."""
    receiver = gentcp.current_process()
    go, done = threading.Lock(), threading.Lock()

    def post() -> None:
        for _ in range(5):
            go.acquire()
            mark("begin:post")
            for number in range(TALKS):
                receiver.post(number)
            mark("end")
            done.release()

    go.acquire()
    done.acquire()
    poster = gentcp.spawn(post)
    for _ in range(5):
        go.release()
        done.acquire()
        mark("begin:receive")
        for _ in range(TALKS):
            gentcp.receive()
        mark("end")
    poster.join()


def with_ticks(kit: Kit) -> dict[str, float]:
    """An active socket and an owner that is always in receive, with the driver's thread ticking beside."""
    sock, peer = kit.pair(packet=4, active=True)
    fd, wire = sock.fileno(), b"\0\0\0\1x"
    started = monotonic()
    mark("begin:ticks")
    for _ in range(TALKS):
        peer.sendall(wire)
        gentcp.receive()
        sock.send(b"x")
        read_exactly(peer, len(wire))
    mark("end")
    return {"fd": fd, "peer": peer.fileno(), "seconds": monotonic() - started}
