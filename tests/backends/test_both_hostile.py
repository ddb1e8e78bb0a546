"""Streams that mean harm: torn, too long, promising gigabytes, endless.  Memory is measured, looks are counted."""

from __future__ import annotations

import contextlib
import socket
import tracemalloc
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.packet import FAMILIES, Limits

from ..support import Net, Peer, inspection
from ..support.marks import FREE_THREADED

CHUNK = 65536
"""What is read at a time."""
SLACK = 100_000 + (8 * CHUNK if FREE_THREADED else 0)
PACKETS: dict[Any, bytes] = {
    1: b"\5hello", 2: b"\0\5hello", 4: b"\0\0\0\5hello", "line": b"hello\n", "asn1": b"\x30\x82\0\5hello",
    "cdr": b"GIOP\1\2\0\0\0\0\0\5hello", "sunrm": b"\x80\0\0\5hello", "fcgi": b"\1\6\0\1\0\5\3\0hellopad",
    "tpkt": b"\3\0\0\x09hello", "http": b"GET / HTTP/1.1\r\n", "http_bin": b"HTTP/1.1 200 OK\r\n",
    "httph": b"A: b\r\n c\r\n\r", "httph_bin": b"\r\n",
}  # fmt: skip
PROMISES: dict[Any, bytes] = {
    4: b"\x7f\xff\xff\xf0", "sunrm": b"\xff\xff\xff\xf0", "cdr": b"GIOP\1\2\0\0\x7f\xff\xff\xf0",
    "asn1": b"\x30\x84\x7f\xff\xff\xf0",
}  # fmt: skip
"""Two gigabytes less a few bytes."""
ENDLESS = {
    "line": ("line", b"", b"x"), "tag": ("asn1", b"\x1f", b"\xff"), "start line": ("http", b"", b"GET /"),
    "header": ("httph_bin", b"A:", b"b"), "folds": ("httph", b"A: b", b"\r\n "), "blanks": ("http_bin", b"GET", b" "),
}  # fmt: skip


def until_error(sock: gentcp.Socket) -> tuple[int, Any]:
    """How many packets recv gives, which are dropped, and what ends that."""
    count = 0
    while (result := gen_tcp.recv(sock, 0, 10_000))[0] == "ok":
        count += 1
        del result  # else it is kept while the next one is made
    return count, result


def send_all(peer: Peer, data: bytes, size: int) -> None:
    """`size` bytes, `data` again and again, until the other side has had enough; then the end of the stream."""
    part = data * (CHUNK // len(data))
    with contextlib.suppress(OSError):
        for _ in range(size // len(part)):
            peer.send(part)
        peer.finish()


# ---- torn and too long


@pytest.mark.parametrize("kind", PACKETS, ids=repr)
def test_a_stream_that_ends_anywhere_inside_a_packet_is_closed(net: Net, kind: Any) -> None:
    for end in range(len(PACKETS[kind])):
        sock, peer = net.pair(("packet", kind))
        peer.send(PACKETS[kind][:end])
        peer.finish()
        assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")


@pytest.mark.parametrize("kind", [kind for kind in PACKETS if kind != "httph_bin"], ids=repr)
def test_a_packet_over_packet_size_has_a_named_error(net: Net, kind: Any) -> None:
    """Active too: then it is a message."""
    sock, peer = net.pair(("packet", kind), ("packet_size", 4))
    peer.send(PACKETS[kind])
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")
    sock, peer = net.pair(("packet", kind), ("packet_size", 4), ("active", True))
    peer.send(PACKETS[kind])
    assert gentcp.receive(timeout=5.0) == ("tcp_error", sock, "emsgsize")
    if net.backend == "inet":
        assert gentcp.receive(timeout=5.0) == ("tcp_closed", sock)


# ---- memory


@pytest.mark.parametrize("kind", PROMISES, ids=repr)
def test_a_promise_of_gigabytes_costs_what_is_sent(net: Net, kind: Any) -> None:
    sock, peer = net.pair(("packet", kind), ("packet_size", 0))
    tracemalloc.start()
    try:
        peer.send(PROMISES[kind])
        assert gen_tcp.recv(sock, 0, 50) == ("error", "timeout")
        peer.send(bytes(10_000))
        assert gen_tcp.recv(sock, 0, 50) == ("error", "timeout")
        assert tracemalloc.get_traced_memory()[1] < SLACK + CHUNK
    finally:
        tracemalloc.stop()
    peer.finish()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")


@pytest.mark.parametrize("kind", PROMISES, ids=repr)
def test_with_packet_size_the_promise_is_enough(net: Net, kind: Any) -> None:
    sock, peer = net.pair(("packet", kind), ("packet_size", 1 << 20))
    peer.send(PROMISES[kind])
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")


def peak_of(net: Net, name: str, size: int, *options: Any) -> tuple[int, Any, int]:
    """Packets and error for `size` bytes of an endless stream, and the most memory that it took."""
    kind, start, part = ENDLESS[name]
    sock, peer = net.pair(("packet", kind), *options)
    peer.send(start)
    tracemalloc.start()
    try:
        feeding = net.spawn(send_all, peer, part, size)
        count, error = until_error(sock)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    gen_tcp.close(sock)
    feeding.result()
    return count, error, peak


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_takes_packet_size_and_what_is_read_at_a_time(net: Net, name: str) -> None:
    """Three times that for a moment: the parts, what they are joined to, and the packet delivered last.

    Lines are cut; on socket only if no read brings too much.
    """
    limit = 1 << 18
    count, error, peak = peak_of(net, name, 4 << 20, ("packet_size", limit))
    assert error == ("error", "emsgsize") or (name == "line" and count and error == ("error", "closed"))
    assert name == "line" or count == 0
    assert peak < 3 * (limit + CHUNK) + SLACK


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_and_no_limit(net: Net, name: str) -> None:
    """On inet the buffer is the limit; on socket, but for a tag, it is 64 MB, and so all this is kept."""
    size = 2 << 20
    _, error, peak = peak_of(net, name, size)
    kept = size if net.backend == "socket" and name != "tag" else CHUNK
    assert error == (("error", "closed") if kept == size or name == "line" else ("error", "emsgsize"))
    assert peak < 2 * (kept + CHUNK) + CHUNK + SLACK


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("kind", [0, 4, "line"], ids=repr)
def test_segments_of_a_byte_or_two_cost_their_bytes(net: Net, kind: Any, size: int) -> None:
    total = 30_000
    start = {4: (total - 4).to_bytes(4, "big")}.get(kind, b"")
    body = (b"x" * (total - len(start) - 1)) + b"\n"
    sock, peer = net.pair(("packet", kind), ("packet_size", 0))
    sending = net.spawn(segments, peer, start + body, size)
    tracemalloc.start()
    try:
        packet = gen_tcp.recv(sock, 0 if kind else total, 20_000)
        assert tracemalloc.get_traced_memory()[1] < 3 * total + 2 * CHUNK
    finally:
        tracemalloc.stop()
    assert packet[0] == "ok"
    assert packet[1] in (body, body[: len(packet[1])])  # on inet long lines are cut at the buffer
    sending.result()


# ---- cost


class Looks:
    """Counts the bytes that a packet type is shown without finding its end."""

    def __init__(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bytes = self.times = 0
        length = type(FAMILIES[kind]).length

        def counting(family: Any, data: bytes, pos: int, limits: Limits) -> int:
            found = length(family, data, pos, limits)
            self.times += 1
            self.bytes += found if 0 < found <= len(data) - pos else len(data) - pos
            return found

        monkeypatch.setattr(type(FAMILIES[kind]), "length", counting)


def trickle(peer: Peer, data: bytes, size: int) -> None:
    """Send `data` over and over, up to `size` bytes, each byte a segment, and then the end."""
    peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for index in range(size):
        peer.send(data[index % len(data) :][:1])
    peer.finish()


def segments(peer: Peer, data: bytes, size: int) -> None:
    """Send `data` in segments of `size` bytes, and then the end."""
    peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(OSError):
        for at in range(0, len(data), size):
            peer.send(data[at : at + size])
        peer.finish()


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("name", ENDLESS)
def test_however_slowly_it_comes_all_looks_together_see_it_a_few_times(
    net: Net, name: str, active: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, start, part = ENDLESS[name]
    looks, size = Looks(kind, monkeypatch), 5000
    sock, peer = net.pair(("packet", kind))
    peer.send(start)
    sending = net.spawn(trickle, peer, part, size)
    if active:
        inet.setopts(sock, [("active", True)])
        assert gentcp.receive(timeout=20.0) == ("tcp_closed", sock)
    else:
        assert until_error(sock) == (0, ("error", "closed"))
    sending.result()
    assert looks.bytes <= 6 * size


@pytest.mark.parametrize("name", ENDLESS)
def test_asking_again_without_new_data_looks_at_nothing(net: Net, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, start, part = ENDLESS[name]
    looks = Looks(kind, monkeypatch)
    sock, peer = net.pair(("packet", kind))
    peer.send(start + part * 1000)
    while gen_tcp.recv(sock, 0, 20) != ("error", "timeout") or not inspection.unread_bytes(sock):
        pass
    before = looks.times
    for _ in range(50):
        assert gen_tcp.recv(sock, 0, 0) == ("error", "timeout")
    assert looks.times == before


def test_much_that_is_cut_into_small_lines_is_not_searched_to_its_end_for_each() -> None:
    class Searched(bytes):
        most = 0

        def find(self, sub: Any, start: Any = 0, end: Any = None) -> int:
            Searched.most = max(Searched.most, (len(self) if end is None else end) - start)
            return super().find(sub, start, end)

    assert FAMILIES["line"].length(Searched(bytes(1000)), 0, Limits(line_length=10)) == 10
    assert FAMILIES["line"].length(Searched(bytes(1000)), 0, Limits(packet_size=20, line_length=10)) == -1
    assert Searched.most == 21
