"""A thread for each connection, all echoing at once, and on demand one beside them that only computes.

Each counts its messages, so that it can be seen who gets on and who does not.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

import gentcp

from .raw_blocking import Packets, listen


def raw(channel: Connection, owners: int, beside: bool) -> None:
    """By hand, blocking."""
    _by_hand(channel, owners, beside, _echo_blocking)


def raw_epoll(channel: Connection, owners: int, beside: bool) -> None:
    """By hand, each thread with an epoll of its own: it could wait for more than its socket, as `receive` does."""
    _by_hand(channel, owners, beside, _echo_polling)


def gentcp_passive(channel: Connection, backend: str, owners: int, beside: bool) -> None:
    _gentcp(channel, backend, owners, beside, active=False)


def gentcp_active(channel: Connection, backend: str, owners: int, beside: bool) -> None:
    _gentcp(channel, backend, owners, beside, active=True)


def _by_hand(
    channel: Connection, owners: int, beside: bool, echo: Callable[[socket.socket, list[int], int], None]
) -> None:
    listener, port = listen()
    channel.send(port)
    counts = [0] * owners
    for number in range(owners):
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=echo, args=(sock, counts, number), daemon=True).start()
    _report(channel, counts, beside)


def _echo_blocking(sock: socket.socket, counts: list[int], number: int) -> None:
    packets = Packets(sock)
    while (payload := packets.recv()) is not None:
        packets.send(payload)
        counts[number] += 1


def _echo_polling(sock: socket.socket, counts: list[int], number: int) -> None:
    packets, poller = Packets(sock), select.epoll()
    poller.register(sock, select.EPOLLIN)
    while poller.poll() and (payload := packets.recv()) is not None:
        packets.send(payload)
        counts[number] += 1


def _gentcp(channel: Connection, backend: str, owners: int, beside: bool, active: bool) -> None:
    listener = gentcp.listen(inet_backend=backend, packet=4, nodelay=True, backlog=4096)
    channel.send(listener.port)
    counts = [0] * owners
    for number in range(owners):
        sock = listener.accept()
        process = gentcp.spawn(_own_active if active else _own_passive, counts, number)
        sock.controlling_process(process)
        process.post(sock)
    _report(channel, counts, beside)


def _own_passive(counts: list[int], number: int) -> None:
    with gentcp.receive() as sock:
        for payload in sock:
            sock.send(payload)
            counts[number] += 1


def _own_active(counts: list[int], number: int) -> None:
    with gentcp.receive() as sock:
        sock.setopts(active=True)
        receive = gentcp.receive
        while (message := receive())[0] == "tcp":
            message[1].send(message[2])
            counts[number] += 1


def _report(channel: Connection, counts: list[int], beside: bool) -> None:
    if beside:
        threading.Thread(target=_compute, daemon=True).start()
    channel.recv()
    channel.send(counts)
    channel.poll(None)  # until we are killed


def _compute() -> None:
    """Never lets go of the interpreter by itself."""
    number = 0
    while True:
        number = (number + 1) % 1000
