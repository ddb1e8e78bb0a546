"""setopts and getopts: the order in which a list is applied, and what is left when it fails."""

from __future__ import annotations

from typing import Any

import pytest

import gentcp
from gentcp.erl import ErlangError, gen_tcp, inet

from ..support import Net, eventually, inspection, unread

EINVAL = ("error", "einval")


def test_of_two_values_the_first_or_the_last_stays(net: Net) -> None:
    """Case active/setopts/same-option-twice: inet applies a list from its end."""
    sock, _peer = net.pair()
    assert inet.setopts(sock, [("packet", 1), ("packet", 2)]) == "ok"
    assert inet.getopts(sock, ["packet"]) == ("ok", [("packet", 1 if net.backend == "inet" else 2)])


def test_of_two_values_for_a_new_socket_the_last_stays(net: Net) -> None:
    sock, _peer = net.pair(("packet", 1), ("packet", 2))
    assert inet.getopts(sock, ["packet"]) == ("ok", [("packet", 2)])


@pytest.mark.parametrize("bad", [("foo", 1), ("packet", 99), ("recbuf", "foo"), ("active", 40_000)], ids=repr)
def test_a_value_of_the_wrong_type(net: Net, bad: Any) -> None:
    """Case active/setopts/refused-in-the-middle: inet looks at the whole list first."""
    sock, _peer = net.pair()
    assert inet.setopts(sock, [("nodelay", True), bad, ("keepalive", True)]) == EINVAL
    applied = [("nodelay", net.backend == "socket"), ("keepalive", False)]
    assert inet.getopts(sock, ["nodelay", "keepalive"]) == ("ok", applied)


@pytest.mark.parametrize("bad", [("ttl", 0), ("ipv6_v6only", True)], ids=repr)
def test_a_value_that_the_system_refuses(net: Net, bad: Any) -> None:
    """Case active/setopts/refused-in-the-middle: inet has applied what is behind it, socket what is before it."""
    sock, _peer = net.pair()
    assert inet.setopts(sock, [("nodelay", True), bad, ("keepalive", True)]) == EINVAL
    first = net.backend == "socket"
    assert inet.getopts(sock, ["nodelay", "keepalive"]) == ("ok", [("nodelay", first), ("keepalive", not first)])


def test_a_refused_list_loses_no_data(net: Net) -> None:
    sock, peer = net.pair(("packet", 1))
    peer.send(b"\1a\1b")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"a")
    assert inet.setopts(sock, [("packet", 99)]) == EINVAL
    assert inet.setopts(sock, [("active", 2**20)]) == EINVAL
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"b")


def test_the_framing_may_change_in_the_middle_of_the_data(net: Net) -> None:
    """Header bytes of an incomplete packet are data again."""
    sock, peer = net.pair(("packet", 4))
    peer.send(b"\0\0\0\6abc")
    eventually(lambda: unread(sock.fileno()) == 7)
    assert gen_tcp.recv(sock, 0, 10) == ("error", "timeout")
    assert inet.setopts(sock, [("packet", "raw")]) == "ok"
    assert gen_tcp.recv(sock, 4, 0) == ("ok", b"\0\0\0\6")
    assert gen_tcp.recv(sock, 3, 0) == ("ok", b"abc")


def test_a_change_of_framing_on_an_active_socket(net: Net) -> None:
    """Case packet/switch/active-half-line: inet delivers at once what is a packet now, socket with the next data."""
    sock, peer = net.pair(("packet", "line"), ("active", True))
    peer.send(b"abc")
    eventually(lambda: inspection.unread_bytes(sock) == 3)
    assert inet.setopts(sock, [("packet", "raw")]) == "ok"
    if net.backend == "inet":
        assert gentcp.receive(timeout=0) == ("tcp", sock, b"abc")
        peer.send(b"d")
        assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"d")
    else:
        with pytest.raises(TimeoutError):
            gentcp.receive(timeout=0)
        peer.send(b"d")
        assert [gentcp.receive(timeout=5.0)[2] for _ in range(2)] == [b"abc", b"d"]


def test_the_mode_may_change_between_packets(net: Net) -> None:
    """Case active/mode/switched-between-packets."""
    sock, peer = net.pair(("packet", 1))
    peer.send(b"\1a\1b\1c")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"a")
    assert inet.setopts(sock, ["list"]) == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", [98])
    assert inet.setopts(sock, [("mode", "binary")]) == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"c")


def test_a_packet_size_set_in_the_middle_of_a_packet_holds(net: Net) -> None:
    """Case packet/limit/set-in-mid-packet."""
    sock, peer = net.pair(("packet", 4))
    peer.send(b"\0\0\0\x0aabc")
    assert gen_tcp.recv(sock, 0, 10) == ("error", "timeout")
    assert inet.setopts(sock, [("packet_size", 4)]) == "ok"
    peer.send(b"defghij")
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")


@pytest.mark.parametrize("name", ["high_watermark", "low_watermark", "high_msgq_watermark", "low_msgq_watermark"])
def test_watermarks_are_kept_or_ignored(net: Net, name: str) -> None:
    """Cases options/watermark/high, options/watermark/low: socket takes them and forgets them."""
    sock, _peer = net.pair()
    assert inet.setopts(sock, [(name, 16_384)]) == "ok"
    assert inet.getopts(sock, [name]) == ("ok", [(name, 16_384)] if net.backend == "inet" else [])


def test_what_is_no_list(net: Net) -> None:
    """Case active/setopts/no-list."""
    sock, _peer = net.pair()
    for junk in ("foo", ("active", False)):
        with pytest.raises(ErlangError) as caught:
            inet.setopts(sock, junk)
        assert caught.value.term == (("bad_generator", junk) if net.backend == "inet" else "function_clause")
    assert inet.setopts(sock, []) == "ok"
    assert inet.getopts(sock, []) == ("ok", [])


def test_unread_data_survives_unrecv(net: Net) -> None:
    """Case recv/unrecv/packets: last in, first out; socket has no such thing."""
    sock, peer = net.pair()
    peer.send(b"c")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"c")
    if net.backend == "socket":
        assert gen_tcp.unrecv(sock, b"x") == ("error", "enotsup")
        return
    assert [gen_tcp.unrecv(sock, b"b"), gen_tcp.unrecv(sock, [[97]])] == ["ok", "ok"]
    peer.send(b"d")
    assert gen_tcp.recv(sock, 3, 5000) == ("ok", b"abd")


@pytest.mark.parametrize(
    ("number", "kept"), [(-1, 0), (0, 0), (1 << 31, 0), ((1 << 32) + 1, 1), ((1 << 31) - 1, (1 << 31) - 1)]
)
def test_watermarks_are_numbers_of_31_bits(net: Net, number: int, kept: int) -> None:
    """As read back on OTP 29: 32 bits reach the driver, and what is negative there counts as 0."""
    sock, _peer = net.pair(("low_watermark", 0))
    assert inet.setopts(sock, [("high_watermark", number)]) == "ok"
    assert inet.getopts(sock, ["high_watermark"]) == ("ok", [("high_watermark", kept)] if net.backend == "inet" else [])


def test_recbuf_overwrites_a_buffer_of_the_same_list_on_socket(net: Net) -> None:
    """As read back on OTP 29: it is about one call, not about what was ever set."""
    together, _peer = net.pair()
    assert inet.setopts(together, [("buffer", 3000), ("recbuf", 50_000)]) == "ok"
    apart, _other = net.pair(("buffer", 3000))
    assert inet.setopts(apart, [("nodelay", True), ("recbuf", 50_000)]) == "ok"
    sizes = [inet.getopts(sock, ["buffer"])[1][0][1] for sock in (together, apart)]
    assert sizes == [3000 if net.backend == "inet" else 50_000, 3000]


def test_the_name_of_a_device_has_15_characters(net: Net) -> None:
    """Case options/bind-to-device/in-connect-and-listen, with the limit as tried on OTP 29."""
    sock, _peer = net.pair()
    longest, too_long = (inet.setopts(sock, [("bind_to_device", b"x" * length)]) for length in (15, 16))
    assert longest == ("error", "einval" if net.backend == "inet" else "enodev")
    assert too_long == ("error", "einval")
