"""By hand in one epoll loop: the limit for many connections."""

from __future__ import annotations

import select
import socket
import struct
from multiprocessing.connection import Connection

from .raw_blocking import listen
from .turns import CHUNK

_header = struct.Struct(">I")


def echo(channel: Connection, _count: int) -> None:
    """A reply that the system does not take whole is not foreseen."""
    listener, port = listen()
    listener.setblocking(False)
    poller, accepting = select.epoll(), listener.fileno()
    poller.register(listener, select.EPOLLIN)
    socks: dict[int, socket.socket] = {}
    rests: dict[int, bytes] = {}
    channel.send(port)
    while True:
        for fd, _events in poller.poll():
            if fd == accepting:
                _accept(listener, poller, socks)
                continue
            sock = socks[fd]
            data = sock.recv(CHUNK)
            if not data:
                poller.unregister(fd)
                socks.pop(fd).close()
                rests.pop(fd, None)
                continue
            if fd in rests:
                data = rests.pop(fd) + data
            size, position = len(data), 0
            while size >= position + 4:
                end = position + 4 + _header.unpack_from(data, position)[0]
                if size < end:
                    break
                payload = data[position + 4 : end]
                sock.send(_header.pack(len(payload)) + payload)
                position = end
            if position < size:
                rests[fd] = data[position:]


def _accept(listener: socket.socket, poller: select.epoll, socks: dict[int, socket.socket]) -> None:
    """All that wait."""
    while True:
        try:
            sock, _ = listener.accept()
        except BlockingIOError:
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        socks[sock.fileno()] = sock
        poller.register(sock, select.EPOLLIN)


churn = hold = echo
