"""Descriptors that somebody else has opened, on the Python face; the cases fd/... say what OTP does."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import gentcp

from ..support import Net


def listening(_: Path) -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def listening6(_: Path) -> socket.socket:
    return socket.create_server(("::1", 0), family=socket.AF_INET6)


def listening_local(folder: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(folder / "socket"))
    sock.listen()
    return sock


@contextmanager
def descriptors() -> Generator[Callable[[], int]]:
    """How many there are more than at first."""
    before = set(Path("/proc/self/fd").iterdir())
    yield lambda: len(set(Path("/proc/self/fd").iterdir()) - before)


@pytest.mark.parametrize("make", [listening, listening6, listening_local])
def test_the_family_of_a_listener_is_found_out(net: Net, make: Callable[[Path], socket.socket], tmp_path: Path) -> None:
    with make(tmp_path) as given:
        address = given.getsockname()
        with gentcp.listen(fd=given.fileno(), inet_backend=net.backend) as listener:
            assert listener.sockname == (address if isinstance(address, str) else address[:2])
            given.close()
            with socket.socket(given.family) as client:
                client.connect(address)
                with listener.accept(timeout=5.0) as sock:
                    sock.send(b"hello")
                    assert client.recv(5) == b"hello"


def test_an_accepted_socket_of_the_system(net: Net) -> None:
    ours, theirs = socket.socketpair()
    with theirs, ours:
        with gentcp.fdopen(ours.fileno(), inet_backend=net.backend, packet=2) as sock:
            ours.close()
            theirs.sendall(b"\0\2hi")
            assert sock.recv(timeout=5.0) == b"hi"
            assert sock.getopts("mode", "active", "packet") == {"mode": "binary", "active": False, "packet": 2}
        assert theirs.recv(1) == b""


def test_the_descriptor_stays_with_its_owner(net: Net) -> None:
    """Case fd/listen/closing."""
    with listening(Path()) as given:
        for _ in range(2):
            gentcp.listen(fd=given.fileno(), inet_backend=net.backend).close()
        with socket.create_connection(given.getsockname(), 5.0):
            pass


@pytest.mark.parametrize("call", [gentcp.listen, gentcp.fdopen, lambda fd: gentcp.connect("localhost", 9, fd=fd)])
def test_what_is_no_socket_is_refused_by_name(call: Callable[..., Any], tmp_path: Path) -> None:
    def refusal(fd: object) -> str:
        with pytest.raises(gentcp.OptionError) as caught:
            call(fd=fd)
        return str(caught.value)

    with descriptors() as more, (tmp_path / "file").open("w") as file, socket.socket(type=socket.SOCK_DGRAM) as udp:
        opened = more()
        assert refusal(9999) == "fd: there is no descriptor 9999"
        assert refusal(file.fileno()) == f"fd: descriptor {file.fileno()} is no socket"
        assert refusal(udp.fileno()).startswith(f"fd: descriptor {udp.fileno()} is no stream socket")
        assert refusal(-1) == "fd: expected an int from 0 to 2147483647, not -1"
        assert refusal("3") == "fd: expected an int from 0 to 2147483647, not '3'"
        assert more() == opened


def test_fdopen_wants_a_connection(net: Net) -> None:
    with listening(Path()) as given, pytest.raises(gentcp.OptionError, match="is not connected; listen"):
        gentcp.fdopen(given.fileno(), inet_backend=net.backend)


def test_an_option_that_cannot_be_set_leaves_nothing_open(net: Net) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, descriptors() as more:
        with pytest.raises(gentcp.OptionError):
            gentcp.fdopen(ours.fileno(), inet_backend=net.backend, keepidle=10, packet="nonsense")  # type: ignore[call-overload]
        assert more() == 0
