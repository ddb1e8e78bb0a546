"""Several packets with one call."""

from __future__ import annotations

from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.packet import frame

from ..support import Net, eventually, unread

FRAMES = b"".join(frame(4, bytes([number]) * number) for number in range(1, 50))


def arrived(net: Net, data: bytes, *options: Any) -> gentcp.Socket:
    """A socket for which `data` is with the system, and nothing else will come."""
    sock, peer = net.pair(*options)
    peer.send(data)
    eventually(lambda: unread(sock.fileno()) == len(data))
    return sock


def test_all_that_are_there(net: Net) -> None:
    sock = arrived(net, FRAMES, ("packet", 4))
    assert sock.recv_many() == [bytes([number]) * number for number in range(1, 50)]


def test_no_more_than_asked_for(net: Net) -> None:
    sock = arrived(net, FRAMES, ("packet", 4))
    assert sock.recv_many(2) == [b"\1", b"\2\2"]
    assert sock.recv() == b"\3\3\3"
    assert sock.recv_many(1) == [b"\4" * 4]
    assert len(sock.recv_many(100)) == 45


def test_what_is_not_whole_stays(net: Net) -> None:
    sock, peer = net.pair(("packet", "line"))
    peer.send(b"one\ntwo\nthr")
    eventually(lambda: unread(sock.fileno()) == 11)
    assert sock.recv_many() == [b"one\n", b"two\n"]
    with pytest.raises(gentcp.Timeout):
        sock.recv_many(timeout=0.01)
    peer.send(b"ee\n")
    assert sock.recv_many(timeout=5.0) == [b"three\n"]


def test_another_packet_type_applies_to_the_rest(net: Net) -> None:
    sock = arrived(net, FRAMES[:12] + b"rest", ("packet", 4))
    assert sock.recv_many(1) == [b"\1"]
    sock.setopts(packet=0)
    assert sock.recv() == FRAMES[5:12] + b"rest"


def test_packets_come_before_the_error_behind_them(net: Net) -> None:
    sock = arrived(net, frame(4, b"ab") + frame(4, b"cd") + frame(4, b"too long"), ("packet", 4), ("packet_size", 5))
    assert sock.recv_many() == [b"ab", b"cd"]
    with pytest.raises(gentcp.MessageTooLong):
        sock.recv_many(timeout=5.0)


def test_then_the_end(net: Net) -> None:
    sock, peer = net.pair(("packet", 4))
    peer.send(FRAMES)
    peer.close()
    found: list[bytes] = []
    while len(found) < 49:
        found += sock.recv_many(timeout=5.0)
    with pytest.raises(gentcp.Closed):
        sock.recv_many(timeout=5.0)


@pytest.mark.parametrize("options", [(("mode", "list"),), (("header", 2),), (("packet", "http_bin"),)])
def test_what_one_call_each_would_give(net: Net, options: Any) -> None:
    data = b"GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n" * 3
    packet = () if options[0][0] == "packet" else (("packet", "line"),)
    one, many = (arrived(net, data, *packet, *options) for _ in range(2))
    expected: list[Any] = []
    while (result := gen_tcp.recv(one, 0, 0))[0] == "ok":
        expected.append(result[1])
    assert many.recv_many() == expected
    assert len(expected) == 12


def test_they_are_counted(net: Net) -> None:
    one, many = (arrived(net, FRAMES, ("packet", 4)) for _ in range(2))
    for _ in range(49):
        assert gen_tcp.recv(one, 0, 5000)[0] == "ok"
    assert len(many.recv_many()) == 49
    names = ["recv_oct", "recv_cnt", "recv_max"]
    assert inet.getstat(many, names) == inet.getstat(one, names)


def test_an_active_socket_refuses(net: Net) -> None:
    sock, _peer = net.pair(("active", True))
    with pytest.raises(gentcp.InvalidState):
        sock.recv_many()


@pytest.mark.parametrize("limit", [0, -1, 1.5, "2", None])
def test_a_limit_that_is_none(net: Net, limit: Any) -> None:
    sock, _peer = net.pair()
    with pytest.raises(gentcp.OptionError, match="limit"):
        sock.recv_many(limit)
