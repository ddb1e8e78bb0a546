"""One of several interpreters that listen on the same port, with `reuseport`; each serves what Linux gives it."""

from __future__ import annotations

import os
import select
import socket
import struct
from multiprocessing.connection import Connection

import gentcp

from .turns import CHUNK

_header = struct.Struct(">I")
_BACKLOG = 4096


def gentcp_active(channel: Connection, backend: str, cpus: set[int], port: int) -> None:
    """One owner of all connections; a process beside it accepts them."""
    os.sched_setaffinity(0, cpus)
    listener = gentcp.listen(
        port, inet_backend=backend, reuseport=True, packet=4, active=True, nodelay=True, backlog=_BACKLOG
    )
    gentcp.spawn(_hand_over, listener, gentcp.current_process())
    channel.send(listener.port)
    receive = gentcp.receive
    socks: set[gentcp.Socket] = set()
    while True:
        match receive():
            case ("tcp", sock, data):
                sock.send(data)
            case ("mine", sock):
                socks.add(sock)
            case ("tcp_closed", sock):
                socks.discard(sock)
            case other:
                raise RuntimeError(f"not foreseen: {other}")


def _hand_over(listener: gentcp.Listener, owner: gentcp.Process) -> None:
    for sock in listener:
        owner.post(("mine", sock))
        sock.controlling_process(owner)


def raw_epoll(channel: Connection, cpus: set[int], port: int) -> None:
    """By hand; a packet in pieces, or a reply that the system does not take whole, is not foreseen."""
    os.sched_setaffinity(0, cpus)
    listener = socket.create_server(("", port), backlog=_BACKLOG, reuse_port=True)
    channel.send(listener.getsockname()[1])
    poller, accepting = select.epoll(), listener.fileno()
    poller.register(listener, select.EPOLLIN)
    socks: dict[int, socket.socket] = {}
    while True:
        for fd, _events in poller.poll():
            if fd == accepting:
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                socks[sock.fileno()] = sock
                poller.register(sock, select.EPOLLIN)
            elif data := socks[fd].recv(CHUNK):
                payload = data[4 : 4 + _header.unpack_from(data)[0]]
                socks[fd].send(_header.pack(len(payload)) + payload)
            else:
                poller.unregister(fd)
                socks.pop(fd).close()
