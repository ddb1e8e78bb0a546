"""`connect` and `listen` on real sockets, on each backend."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

import gentcp

from .faces import PATIENCE


@pytest.mark.parametrize("host", ["127.0.0.1", (127, 0, 0, 1)])
def test_ipv4(backend: str, nothing_left_behind: None, host: Any) -> None:
    with gentcp.listen(ip=host, inet_backend=backend) as listener:
        assert listener.sockname == ("127.0.0.1", listener.port)
        with gentcp.connect(host, listener.port, inet_backend=backend) as sock, listener.accept(PATIENCE) as accepted:
            assert sock.peername == listener.sockname
            assert accepted.peername == sock.sockname


@pytest.mark.parametrize("host", ["::1", (0, 0, 0, 0, 0, 0, 0, 1)])
def test_ipv6(backend: str, nothing_left_behind: None, host: Any) -> None:
    with gentcp.listen(ip=host, inet_backend=backend) as listener:
        assert listener.sockname == ("::1", listener.port)
        with gentcp.connect(host, listener.port, inet_backend=backend) as sock:
            assert sock.peername == listener.sockname
            assert f"[::1]:{listener.port}" in repr(sock)


def test_a_local_socket(backend: str, nothing_left_behind: None, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with gentcp.listen(ifaddr=path, packet=4, inet_backend=backend) as listener:
        assert listener.sockname == str(path)
        with pytest.raises(gentcp.InvalidState, match="a local socket has no port"):
            _ = listener.port
        with gentcp.connect(path, packet=4, inet_backend=backend) as sock, listener.accept(PATIENCE) as accepted:
            assert sock.peername == str(path)
            assert accepted.peername == ""
            sock.send(b"hello")
            assert accepted.recv() == b"hello"


def test_a_local_socket_that_is_not_there(backend: str, nothing_left_behind: None, tmp_path: Path) -> None:
    with pytest.raises(gentcp.AddressError, match="nobody: No such file or directory"):
        gentcp.connect(tmp_path / "nobody", inet_backend=backend)


def test_a_name_is_looked_up_in_one_family(
    backend: str, nothing_left_behind: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def nobody(_host: str, _port: int, family: int, *_rest: object) -> list[Any]:
        asked.append(family)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    with pytest.raises(gentcp.AddressError, match="'name.example' has no IPv4 address; inet6=True asks"):
        gentcp.connect("name.example", 1, inet_backend=backend)
    with pytest.raises(gentcp.AddressError, match="'name.example' has no IPv6 address; inet6=False asks"):
        gentcp.connect("name.example", 1, inet6=True, inet_backend=backend)
    assert asked == [socket.AF_INET, socket.AF_INET6]


def test_nobody_listens(backend: str, nothing_left_behind: None) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        with pytest.raises(ConnectionRefusedError, match=f"127.0.0.1:{port}: Connection refused") as caught:
            gentcp.connect("127.0.0.1", port, inet_backend=backend)
    assert isinstance(caught.value, gentcp.Refused)
    assert caught.value.reason == "econnrefused"


def test_an_address_in_use(backend: str, nothing_left_behind: None) -> None:
    with (
        gentcp.listen(ip="loopback", inet_backend=backend) as listener,
        pytest.raises(gentcp.AddressError, match=f"port {listener.port} of loopback: Address already in use"),
    ):
        gentcp.listen(listener.port, ip="loopback", inet_backend=backend)


def test_the_local_port_can_be_chosen(backend: str, nothing_left_behind: None) -> None:
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener, socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        with gentcp.connect(
            "127.0.0.1", listener.port, local_port=port, ip="127.0.0.1", reuseaddr=True, inet_backend=backend
        ) as sock:
            assert sock.port == port


def test_an_option_that_the_system_refuses(backend: str, nothing_left_behind: None) -> None:
    with pytest.raises(gentcp.OptionError, match=r"^ipv6_v6only: this is refused here"):
        gentcp.listen(ipv6_v6only=True, inet_backend=backend)


def test_a_namespace_that_is_not_there(backend: str, nothing_left_behind: None, tmp_path: Path) -> None:
    with pytest.raises(gentcp.OptionError, match=r"^netns: this is refused here .*No such file or directory"):
        gentcp.listen(netns=tmp_path / "nowhere", inet_backend=backend)


def test_connect_names_the_namespace_too(backend: str, nothing_left_behind: None, tmp_path: Path) -> None:
    with pytest.raises(gentcp.OptionError, match=r"^netns: this is refused here .*No such file or directory"):
        gentcp.connect("127.0.0.1", 1, netns=tmp_path / "nowhere", inet_backend=backend)


def test_a_path_that_is_no_namespace(backend: str, nothing_left_behind: None, tmp_path: Path) -> None:
    with pytest.raises(gentcp.OptionError, match=r"^netns: this is refused here"):
        gentcp.listen(netns=tmp_path, inet_backend=backend)
    with pytest.raises(gentcp.OptionError, match=r"^host, netns: one of these is refused here"):
        gentcp.connect("127.0.0.1", 1, netns=tmp_path, inet_backend=backend)
