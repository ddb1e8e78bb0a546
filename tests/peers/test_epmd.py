"""epmd tells the example of it what is registered."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from ..support.programs import ON_ALL, PATIENCE, exactly, listening, need, run


@pytest.fixture(scope="module")
def epmd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = need("epmd"), tmp_path_factory.mktemp("epmd")
    with listening(lambda port: [program, "-address", "127.0.0.1", "-port", str(port)], folder) as port:
        yield port


@pytest.fixture(scope="module")
def node(epmd: int) -> Iterator[str]:
    """Register a node as ALIVE2_REQ has it; it is known for as long as the connection is open."""
    name, port = b"gentcp_example", 4711
    request = struct.pack("!BHBBHHH", ord("x"), port, ord("M"), 0, 6, 5, len(name)) + name + struct.pack("!H", 0)
    with socket.create_connection(("127.0.0.1", epmd), PATIENCE) as connection:
        connection.sendall(struct.pack("!H", len(request)) + request)
        answer = exactly(connection, 2)
        assert answer[0] in b"yv"  # ALIVE2_RESP or ALIVE2_X_RESP
        assert answer[1] == 0
        yield f"name {name.decode()} at port {port}\n"


@ON_ALL
def test_epmd_tells_its_names(backend: str, epmd: int, node: str) -> None:
    printed = run("epmd.py", "--host", "127.0.0.1", "--port", str(epmd), "--backend", backend)
    assert printed == f"epmd: up and running on port {epmd} with data:\n{node}"
