"""Connections for tests of the Python face: the same test on each backend that comes with gentcp."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

import gentcp

from ..support import Peer
from ..support.fixtures import nothing_left_behind as nothing_left_behind
from .faces import PATIENCE, STALLED_BUFFER, Connect, Dial


@pytest.fixture(params=["inet", "socket"])
def backend(request: pytest.FixtureRequest) -> str:
    """The name of a backend; tests ask sockets what they can do, never for this name."""
    return str(request.param)


@pytest.fixture
def connect(backend: str, nothing_left_behind: None) -> Iterator[Connect]:
    """Make a pair: a socket with the given options, and the one that a listener with the same `packet` accepted."""
    with ExitStack() as made:

        def pair(**options: Any) -> tuple[gentcp.Socket, gentcp.Socket]:
            packet = options.get("packet", "raw")
            listener = made.enter_context(gentcp.listen(ip="loopback", inet_backend=backend, packet=packet))
            sock = gentcp.connect("127.0.0.1", listener.port, timeout=PATIENCE, inet_backend=backend, **options)
            return made.enter_context(sock), made.enter_context(listener.accept(timeout=PATIENCE))

        yield pair


@pytest.fixture
def dial(backend: str, nothing_left_behind: None) -> Iterator[Dial]:
    """Make a pair of a socket and a raw peer, with buffers that a megabyte does not fit."""
    with ExitStack() as made:
        server = made.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, STALLED_BUFFER)

        def pair(**options: Any) -> tuple[gentcp.Socket, Peer]:
            port = server.getsockname()[1]
            sock = gentcp.connect("127.0.0.1", port, sndbuf=STALLED_BUFFER, inet_backend=backend, **options)
            made.enter_context(sock)
            peer = Peer(server.accept()[0])
            made.callback(peer.close)  # before the socket, whose close would wait for a peer that does not read
            return sock, peer

        yield pair
