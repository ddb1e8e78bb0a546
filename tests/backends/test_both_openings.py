"""How sockets come to be: the kernel's defaults, names of hosts, a listener that is full, and what info says of one.

What OTP 29 answers was asked of a VM.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.erl import application, gen_tcp, inet

from ..support import Net

DEFAULTS = ("inet_default_connect_options", "inet_default_listen_options")


@pytest.fixture(params=DEFAULTS)
def defaults(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a variable of the kernel application, which is unset at the end."""
    name: str = request.param
    yield name
    application.set_env("kernel", name, [])


@pytest.mark.parametrize(
    ("given", "name", "inet_has", "socket_has"),
    [
        ([("mode", "binary"), ("mode", "list")], "mode", "list", "binary"),
        ([("packet", 1), ("packet", 2)], "packet", 2, 1),
        ([("recbuf", 20_000), ("recbuf", 40_000)], "recbuf", 80_000, 40_000),
        ([("buffer", 12_345), ("recbuf", 54_321)], "buffer", 12_345, 12_345),
        ([("recbuf", 54_321), ("buffer", 12_345)], "buffer", 12_345, 54_321),
    ],
)
def test_which_of_two_defaults_wins(
    net: Net, defaults: str, given: list[Any], name: str, inet_has: Any, socket_has: Any
) -> None:
    """The list comes in the opposite order: so on inet, which begins at the end of it, the last of two stays."""
    application.set_env("kernel", defaults, given)
    listener = net.ok(gen_tcp.listen(0, [("inet_backend", net.backend), ("ip", (127, 0, 0, 1))]))
    sock = listener
    if defaults == DEFAULTS[0]:
        port = inet.port(listener)[1]
        sock = net.ok(gen_tcp.connect((127, 0, 0, 1), port, [("inet_backend", net.backend)], 5000))
    assert inet.getopts(sock, [name]) == ("ok", [(name, inet_has if net.backend == "inet" else socket_has)])


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Any]:
    """The address of a local listener that has all the connections it takes."""
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as first:
        server.bind(path)
        server.listen(0)
        first.connect(path)
        yield ("local", path.encode())


def test_connect_to_a_local_listener_that_is_full(net: Net, full: Any) -> None:
    """The driver takes EAGAIN for a connection on its way, and a descriptor that is ready for a connection."""
    result = gen_tcp.connect(full, 0, net.options(), 5000)
    if net.backend == "socket":
        assert result == ("error", "eagain")
        return
    sock = net.ok(result)
    assert inet.peername(sock) == ("error", "enotconn")
    assert inet.sockname(sock) == ("ok", ("local", b""))
    assert gen_tcp.send(sock, b"a") == ("error", "closed")


def test_an_active_socket_finds_out_that_it_is_not_connected(net: Net, full: Any) -> None:
    result = gen_tcp.connect(full, 0, net.options(("active", True)), 5000)
    if net.backend == "socket":
        assert result == ("error", "eagain")
        return
    term = net.ok(result)
    assert [gentcp.receive(timeout=20)[0::2] for _ in range(2)] == [("tcp_error", "einval"), ("tcp_closed",)]
    assert gen_tcp.close(term) == "ok"


def test_info_counts_those_who_accept(net: Net) -> None:
    """On inet they are in monitors."""
    listener = net.listen()
    for count in range(4):
        info = inet.info(listener)
        if net.backend == "inet":
            assert len(info["monitors"]) == count
            assert info["states"] == (["accepting", "listen", "open"] if count else ["listen", "open"])
        else:
            assert info["num_acceptors"] == count
            assert info["rstates"] == ["bound", "listening", *(["accepting", "selected"] if count else [])]
        net.blocked(listener, "accept")
