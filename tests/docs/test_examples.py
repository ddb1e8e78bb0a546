"""The programs in docs/examples run on each backend, against servers that nobody here wrote."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .servers import PATIENCE, listening, need, running

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
BACKENDS = pytest.mark.parametrize("backend", ["inet", "socket"])


def command(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments]


def run(name: str, *arguments: str) -> str:
    """What an example prints; it must succeed, and without complaints."""
    done = subprocess.run(command(name, *arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def exactly(sock: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length and (piece := sock.recv(length - len(data))):
        data += piece
    return data


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = need("redis-server"), tmp_path_factory.mktemp("redis")
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    with listening(lambda port: [program, "--port", str(port), *quiet], folder) as port:
        yield port


@pytest.fixture(scope="module")
def epmd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = need("epmd"), tmp_path_factory.mktemp("epmd")
    with listening(lambda port: [program, "-port", str(port)], folder) as port:
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


@BACKENDS
def test_epmd_tells_its_names(backend: str, epmd: int, node: str) -> None:
    printed = run("epmd.py", "--host", "127.0.0.1", "--port", str(epmd), "--backend", backend)
    assert printed == f"epmd: up and running on port {epmd} with data:\n{node}"


@BACKENDS
def test_redis_answers(backend: str, redis: int) -> None:
    printed = run("redis_ping.py", "--host", "127.0.0.1", "--port", str(redis), "--backend", backend)
    assert printed.splitlines() == ["PING b'PONG'", "SET b'OK'", r"GET b'two\nlines'", "GET None"]


@BACKENDS
@pytest.mark.parametrize("active", ["once", "1", "3"])
def test_the_echo_server_sends_everything_back(backend: str, active: str) -> None:
    packets = [b"%d" % number * number for number in range(100)]
    stream = b"".join(struct.pack("!I", len(packet)) + packet for packet in packets)
    options = ["--backend", backend, "--active", active, "--packet", "4"]
    with running(command("echo_server.py", *options), subprocess.PIPE, subprocess.PIPE) as server:
        assert server.stdout
        port = int(server.stdout.readline().rpartition(" ")[2])
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                client.sendall(stream)
                assert exactly(client, len(stream)) == stream
                client.shutdown(socket.SHUT_WR)
                assert client.recv(1) == b""
        server.send_signal(signal.SIGINT)
        assert server.communicate(timeout=PATIENCE) == ("bye\n", "")
        assert server.returncode == 0


@pytest.mark.parametrize("name", ["echo_server.py", "epmd.py", "redis_ping.py"])
def test_an_example_explains_itself(name: str) -> None:
    assert "--backend" in run(name, "--help")
