"""Packets on a real connection: whole, too long, cut, and promised but never sent."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import pytest

from gentcp.erl import gen_tcp
from gentcp.packet import frame

from ..support import Net, eventually, inspection, unread

TIMEOUT = ("error", "timeout")


@pytest.mark.parametrize("promise", [100_000_000, 0x7FFFFFFF - 4])
def test_a_promise_of_gigabytes_costs_no_memory(net: Net, promise: int) -> None:
    """Case packet/limit/default: inet has no limit by default, socket one of 64 MB."""
    sock, peer = net.pair(("packet", 4))
    peer.send(promise.to_bytes(4, "big") + b"abc")
    eventually(lambda: unread(sock.fileno()) == 7)
    tracemalloc.start()
    try:
        first = TIMEOUT if net.backend == "inet" else ("error", "emsgsize")
        assert [gen_tcp.recv(sock, 0, 10) for _ in range(2)] == [first, TIMEOUT]
        assert tracemalloc.get_traced_memory()[1] < 300_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", [1, 2, 4, "line"])
def test_a_packet_over_packet_size(net: Net, kind: Any) -> None:
    """Inet closes, socket drops what it read and stays open."""
    sock, peer = net.pair(("packet", kind), ("packet_size", 8))
    peer.send(frame(kind, b"x" * 8))
    if kind == "line":
        peer.send(b"\n")
        assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")  # the line feed counts
    else:
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"x" * 8)
        peer.send(frame(kind, b"x" * 9))
        assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")
    if net.backend == "inet":
        assert gen_tcp.recv(sock, 0, 1000) == ("error", "enotconn")
        return
    assert gen_tcp.recv(sock, 0, 10) == TIMEOUT
    peer.send(frame(kind, b"again\n"))
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"again\n")
    assert gen_tcp.send(sock, b"x") == "ok"


def test_a_line_longer_than_the_buffer_is_cut_or_whole(net: Net) -> None:
    """Case packet/line/longer-than-buffer."""
    sock, peer = net.pair(("packet", "line"))
    line = b"a" * 19_999 + b"\n"
    peer.send(line)
    pieces = [9216, 9216, 1568] if net.backend == "inet" else [20_000]
    got = [gen_tcp.recv(sock, 0, 5000)[1] for _ in pieces]
    assert [len(piece) for piece in got] == pieces
    assert b"".join(got) == line


def test_a_line_as_long_as_the_buffer_does_not_wait_for_more(net: Net) -> None:
    """Case decode/line-length/full-before-the-end: a full buffer is a packet on inet; it comes in two segments here."""
    sock, peer = net.pair(("packet", "line"), ("buffer", 100))
    task = net.blocked(sock, "recv", 0, 10_000)
    peer.send(b"a" * 60)
    eventually(lambda: inspection.unread_bytes(sock) == 60)
    peer.send(b"b" * 40)
    if net.backend == "inet":
        assert task.result() == ("ok", b"a" * 60 + b"b" * 40)
    else:
        peer.send(b"\n")
        assert task.result() == ("ok", b"a" * 60 + b"b" * 40 + b"\n")


@pytest.mark.parametrize("kind", [1, 2, 4, "line"])
@pytest.mark.parametrize("timeout", [10_000, "infinity"])
def test_packets_come_out_whole_however_they_went_in(net: Net, kind: Any, timeout: Any) -> None:
    dice = random.Random(f"{kind} {timeout}")
    packets = [dice.randbytes(dice.choice([0, 1, 3, 50, 250])).replace(b"\n", b"") + b"\n" for _ in range(150)]
    stream = b"".join(frame(kind, packet) for packet in packets)
    sock, peer = net.pair(("packet", kind))

    def send() -> None:
        position = 0
        while position < len(stream):
            size = dice.choice([1, 2, 3, 40, 700])
            peer.send(stream[position : position + size])
            position += size

    sender = net.spawn(send)
    assert [gen_tcp.recv(sock, 0, timeout) for _ in packets] == [("ok", packet) for packet in packets]
    sender.result()
