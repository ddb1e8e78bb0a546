"""The programs in docs/examples that need nobody else run on each backend; tests/peers has the others."""

from __future__ import annotations

import importlib.util
import re
import select
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from ..support.programs import (
    BACKENDS,
    EXAMPLES,
    ON_ALL,
    PATIENCE,
    exactly,
    example,
    run,
    running,
    serving,
)

PAGE = Path(__file__).parents[2] / "docs" / "examples.md"
FACES = pytest.mark.parametrize("face", ["", "_erl"])


def packet(data: bytes, form: str = "!H") -> bytes:
    return struct.pack(form, len(data)) + data


def reply(sock: socket.socket) -> bytes:
    """A packet with a length of two bytes."""
    return exactly(sock, int.from_bytes(exactly(sock, 2), "big"))


def dial(port: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(port)), PATIENCE)


def need_steps(backend: str, face: str) -> None:
    """Skips the asyncio face where it cannot be."""
    if "aio" in face and backend not in BACKENDS:
        pytest.skip("gentcp.aio does not wait for a VM")
    if "uvloop" in face and importlib.util.find_spec("uvloop") is None:
        pytest.skip("uvloop is not installed")


# ---- those of the manual


@ON_ALL
@FACES
def test_the_server_gathers_what_the_client_sends(backend: str, face: str) -> None:
    name = f"transfer{face}.py"
    with running(example(name, "--backend", backend, "server"), subprocess.PIPE, subprocess.PIPE) as server:
        assert server.stdout
        port = server.stdout.readline().split()[-1]
        assert run(name, "--backend", backend, "client", port, "Some ", "Data, ", "whole") == "sent\n"
        assert server.communicate(timeout=PATIENCE) == ("b'Some Data, whole'\n", "")


@ON_ALL
@FACES
def test_the_server_gathers_more_than_fits_a_call(backend: str, face: str) -> None:
    data = b" ".join(b"%d" % number for number in range(100_000))
    command = example(f"transfer{face}.py", "--backend", backend, "server")
    with running(command, subprocess.PIPE, subprocess.PIPE) as server:
        assert server.stdout
        with dial(server.stdout.readline().split()[-1]) as client:
            client.sendall(data)
        assert server.communicate(timeout=PATIENCE) == (f"{data!r}\n", "")


@FACES
def test_the_environment_chooses_the_backend(face: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        arguments = ["client", str(listener.getsockname()[1])]
        monkeypatch.setenv("GENTCP_INET_BACKEND", "socket")
        assert run(f"transfer{face}.py", *arguments) == "sent\n"
        monkeypatch.setenv("GENTCP_INET_BACKEND", "nonsense")
        done = subprocess.run(
            example(f"transfer{face}.py", *arguments), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert "no backend 'nonsense'" in done.stderr


@ON_ALL
@pytest.mark.parametrize("face", ["", "_erl", "_aio"])
def test_a_worker_serves_one_client_after_the_other(backend: str, face: str) -> None:
    need_steps(backend, face)
    name = f"workers{face}.py"
    with serving(name, "--backend", backend, "--workers", "2") as port, dial(port) as one, dial(port) as two:
        for client in (one, two, one):
            client.sendall(packet(b"hello"))
        answers = [reply(client) for client in (one, two, one)]
        assert {answers[0], answers[1]} == {b"worker 1: HELLO", b"worker 2: HELLO"}
        assert answers[2] == answers[0]
        with dial(port) as three:  # waits until a worker has time
            three.sendall(packet(b"me too"))
            two.sendall(packet(b"still here"))
            assert reply(two) == answers[1].replace(b"HELLO", b"STILL HERE")
            assert select.select([three], [], [], 0)[0] == []
            one.close()
            assert reply(three) == answers[0].replace(b"HELLO", b"ME TOO")


@ON_ALL
@pytest.mark.parametrize("face", ["", "_erl", "_aio"])
def test_a_client_asks_a_worker(backend: str, face: str) -> None:
    need_steps(backend, face)
    name = f"workers{face}.py"
    with serving(name, "--backend", backend, "--workers", "1") as port:
        assert run(name, "--backend", backend, "--ask", port, "one") == "worker 1: ONE\n"
        assert run(name, "--backend", backend, "--ask", port, "two") == "worker 1: TWO\n"


@ON_ALL
@pytest.mark.parametrize(("face", "time"), [("", "0.3"), ("_erl", "300")])
def test_the_sender_gives_up(backend: str, face: str, time: str) -> None:
    printed = run(f"send_timeout{face}.py", "--backend", backend, "--timeout", time)
    became = "the packet is queued" if backend.endswith("inet") else "(part|all) of the packet was not sent"
    assert re.fullmatch(f"some packets were sent\nerror_sending: timeout, {became}\n", printed), printed


# ---- others


@ON_ALL
@pytest.mark.parametrize("active", ["once", "1", "3"])
@pytest.mark.parametrize("face", ["", "_aio", "_aio on uvloop"])
def test_the_echo_server_sends_everything_back(backend: str, active: str, face: str) -> None:
    need_steps(backend, face)
    face, uvloop = face.removesuffix(" on uvloop"), ["--uvloop"] * face.endswith("uvloop")
    stream = b"".join(packet(b"%d" % number * number, "!I") for number in range(100))
    arguments = ["--backend", backend, "--active", active, "--packet", "4", *uvloop]
    with serving(f"echo_server{face}.py", *arguments) as port:
        for _ in range(3):
            with dial(port) as client:
                client.sendall(stream)
                assert exactly(client, len(stream)) == stream
                client.shutdown(socket.SHUT_WR)
                assert client.recv(1) == b""


NAMES = sorted(path.name for path in EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("name", [name for name in NAMES if "argparse" in (EXAMPLES / name).read_text()])
def test_an_example_explains_itself(name: str) -> None:
    assert "--help" in run(name, "--help")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_on_the_page(name: str) -> None:
    assert f"`docs/examples/{name}`" in PAGE.read_text()
