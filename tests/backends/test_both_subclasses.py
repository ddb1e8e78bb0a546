"""Subclasses of the types that terms are made of: they are the values that they equal, whatever they override."""

from __future__ import annotations

import enum
from typing import Any

import pytest

from gentcp.erl import erlang, gen_tcp, inet, prim_inet
from gentcp.packet import decode_packet, decode_packets

from ..support import Net


class Binary(bytes):
    """A binary that converts itself to something else."""

    def __bytes__(self) -> bytes:
        return Binary(b"other")


class Array(bytearray):
    """A buffer."""


class Number(enum.IntEnum):
    """Integers."""

    ZERO = 0
    ONE = 1
    FOUR = 4
    SOON = 2000


class Atom(enum.StrEnum):
    """Atoms."""

    ONCE = "once"
    PACKET = "packet"
    BINARY = "binary"
    FOREVER = "infinity"
    HEADERS = "httph_bin"


class Options(list[Any]):
    """A list."""


class Pair(tuple[Any, ...]):
    """A tuple."""

    __slots__ = ()


DATA = [Binary(b"data"), Array(b"data"), [Binary(b"da"), Array(b"ta")], Options([100, b"ata"]), [Number.FOUR, b"x"]]


@pytest.mark.parametrize("data", DATA, ids=["bytes", "bytearray", "in a list", "list", "int"])
def test_data_is_sent_as_it_is(net: Net, data: Any) -> None:
    expected = b"\4x" if data == [4, b"x"] else b"data"
    sock, peer = net.pair()
    assert gen_tcp.send(sock, data) == "ok"
    assert peer.recv_exact(len(expected)) == expected
    sock.send(data)
    assert peer.recv_exact(len(expected)) == expected
    if net.backend == "inet":
        assert prim_inet.send(sock, data) == "ok"
        assert gen_tcp.unrecv(sock, data) == "ok"
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", expected)


def test_options_and_arguments_are_what_they_equal(net: Net) -> None:
    options = Options([Pair((Atom.PACKET, Number.FOUR)), Atom.BINARY, Pair(("active", False)), ("buffer", Number.SOON)])
    listener = net.ok(gen_tcp.listen(Number.ZERO, Options(net.options(("backlog", Number.FOUR), *options))))
    sock = net.ok(gen_tcp.connect("localhost", inet.port(listener)[1], net.options(*options), Number.SOON))
    server = net.ok(gen_tcp.accept(listener, Number.SOON))
    assert gen_tcp.send(sock, b"1234") == "ok"
    assert gen_tcp.recv(server, Number.ZERO, Number.SOON) == ("ok", b"1234")
    assert inet.setopts(server, Options([("packet", Number.ZERO), ("active", Number.ONE)])) == "ok"
    assert inet.getopts(server, Options(["active", Atom.PACKET])) == ("ok", [("active", 1), ("packet", 0)])
    assert inet.setopts(server, [("active", False)]) == "ok"
    assert gen_tcp.send(sock, b"1234") == "ok"
    assert gen_tcp.recv(server, Number.FOUR, Atom.FOREVER) == ("ok", b"\0\0\0\4")


@pytest.mark.parametrize("kind", [Binary, Array, memoryview], ids=["bytes", "bytearray", "memoryview"])
def test_packets_are_decoded_from_any_buffer(kind: Any) -> None:
    """On the Erlang face from binaries alone."""
    assert decode_packet(Number.ONE, kind(b"\1xy")) == ("ok", b"x", b"y")
    assert decode_packets(Atom.HEADERS, kind(b"A: b\r\n\r\n"))[1][0][4] == b"b"
    whole, packet, rest = decode_packet(Atom.HEADERS, kind(b"A: b\r\n\r\n"))
    assert (whole, packet[4], type(rest)) == ("ok", b"b", bytes)
    if kind is Binary:
        assert erlang.decode_packet(Number.ONE, kind(b"\1xy"), []) == ("ok", b"x", b"y")
