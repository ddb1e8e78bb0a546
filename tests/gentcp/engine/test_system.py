"""setsockopt and getsockopt: what the system does along with them, and what it tells of packets."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gentcp.engine import get_option, get_raw, packet_options, set_option, set_raw
from gentcp.options import BY_NAME, Option, SystemOption

linux = pytest.mark.skipif(not hasattr(socket, "SO_PRIORITY"), reason="an option of Linux")


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    """An unconnected socket."""
    with socket.socket() as made:
        yield made


def system(name: str) -> SystemOption:
    """A row of the table."""
    found = BY_NAME[name].system
    assert found is not None
    return found


@linux
@pytest.mark.parametrize("priority", [0, 3])
def test_the_priority_survives_tos(sock: socket.socket, priority: int) -> None:
    set_option(sock, system("priority"), priority)
    set_option(sock, system("tos"), 16)
    assert get_option(sock, system("tos")) == 16
    assert get_option(sock, system("priority")) == priority
    set_raw(sock, socket.IPPROTO_IP, socket.IP_TOS, 184)
    assert get_option(sock, system("priority")) == priority


def test_a_number_goes_in_thirty_two_bits(sock: socket.socket) -> None:
    set_option(sock, system("ttl"), (1 << 32) + 5)
    assert get_option(sock, system("ttl")) == 5


@pytest.mark.parametrize(("size", "found"), [(4, bytes(4)), (3, bytes(3)), (0, b""), (70000, bytes(4))])
def test_a_raw_option_of_any_size(sock: socket.socket, size: int, found: bytes) -> None:
    assert get_raw(sock, socket.IPPROTO_TCP, socket.TCP_NODELAY, size) == found


@pytest.mark.parametrize("size", [0, 4])
def test_a_raw_option_that_there_is_not(sock: socket.socket, size: int) -> None:
    with pytest.raises(OSError, match="rotocol"):
        get_raw(sock, socket.IPPROTO_TCP, 9999, size)


NUMBERS = [BY_NAME[name] for name in ("keepcnt", "keepidle", "keepintvl", "ttl")]
"""Not those of tos and tclass: two bits are the system's own; nor those that it cuts down as it likes."""


@linux
@pytest.mark.parametrize("option", NUMBERS, ids=lambda option: option.name)
def test_the_bounds_of_a_number_are_those_of_the_system(option: Option) -> None:
    assert option.bounds is not None
    least, most = option.bounds
    with socket.socket(option.families[0]) as sock:
        assert [became(sock, option.name, number) for number in (least, most)] == [least, most]
        assert [became(sock, option.name, number) for number in (least - 1, most + 1)] == [None, None]


def became(sock: socket.socket, name: str, number: int) -> int | None:
    """What is read of it when it has been set; None when it is refused."""
    try:
        set_option(sock, system(name), number)
    except OSError:
        return None
    found: int = get_option(sock, system(name))
    return found


@linux
def test_packet_options_are_those_that_were_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as sock:
        server.accept()[0].close()
        assert packet_options(sock) == []
        set_option(sock, system("recvttl"), True)
        assert [name for name, _ in packet_options(sock)] == ["ttl"]
        set_option(sock, system("recvtos"), True)
        assert dict(packet_options(sock))["tos"] == 0
        assert sorted(dict(packet_options(sock))) == ["tos", "ttl"]


@linux
def test_packet_options_of_ipv6() -> None:
    with (
        socket.create_server(("::1", 0), family=socket.AF_INET6) as server,
        socket.create_connection(server.getsockname()[:2]) as sock,
    ):
        server.accept()[0].close()
        set_option(sock, system("recvtclass"), True)
        assert packet_options(sock) == [("tclass", 0)]


def test_a_local_socket_has_none() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(OSError, match="rotocol"):
        packet_options(ours)
