"""Making a connection within a deadline."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from gentcp.engine import connect_socket, new_socket, run
from gentcp.process import current_process

from ...support import stopwatch
from ...support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


def connected(sock: socket.socket, address: Any, deadline: float | None, *, patient: bool = True) -> Any:
    return run(connect_socket(current_process(), sock, address, deadline, patient=patient))


@pytest.fixture
def sock(nothing_left_behind: None) -> Iterator[socket.socket]:
    with new_socket(socket.socket()) as made:
        yield made


@pytest.fixture
def server(nothing_left_behind: None) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as made:
        yield made


def test_it_connects_and_leaves_the_socket_blocking(sock: socket.socket, server: socket.socket) -> None:
    assert connected(sock, server.getsockname(), None) == ""
    assert sock.getblocking()
    assert sock.getpeername() == server.getsockname()


def test_nobody_listens(sock: socket.socket, server: socket.socket) -> None:
    address = server.getsockname()
    server.close()
    assert connected(sock, address, monotonic() + 5.0) == "econnrefused"


def test_a_full_backlog_takes_until_the_deadline(sock: socket.socket, server: socket.socket) -> None:
    with socket.create_connection(server.getsockname(), 5.0):
        passed = stopwatch()
        assert connected(sock, server.getsockname(), monotonic() + 0.05) == "timeout"
        assert 0.04 < passed() < 5.0


def test_impatience_takes_what_is_there_at_once(sock: socket.socket) -> None:
    """A local connection is made when connect(2) returns; a TCP one is not."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind("")
        server.listen()
        assert connected(client, server.getsockname(), None, patient=False) == ""


def test_a_local_listener_with_a_full_backlog_is_answered_at_once(nothing_left_behind: None) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")
        server.listen(0)
        clients = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        assert [connected(client, server.getsockname(), None) for client in clients] == ["", "eagain", "eagain"]
        for client in clients:
            client.close()
