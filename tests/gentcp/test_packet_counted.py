"""Packet types whose header has the length: asn1, cdr, sunrm, fcgi, tpkt and ssl_tls, as a VM has them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.packet import FAMILIES, Limits, Verbatim, decode_packet, frame

HELLO = b"hello"
GIOP = b"GIOP\1\2"

WHOLE: list[tuple[str, bytes, int]] = [
    ("sunrm", b"\x80\0\0\5hello", 5),
    ("sunrm", b"\0\0\0\3abc", 3),
    ("cdr", GIOP + b"\0\0\0\0\0\5hello", 5),
    ("cdr", GIOP + b"\1\0\5\0\0\0hello", 5),
    ("tpkt", b"\3\0\0\x09hello", 5),
    ("tpkt", b"\3\0\0\4", 0),
    ("fcgi", b"\1\6\0\1\0\5\0\0hello", 5),
    ("asn1", b"\x30\5hello", 5),
    ("asn1", b"\x1f\x81\x11\5hello", 5),
    ("asn1", b"\x30\x81\5hello", 5),
    ("asn1", b"\x30\x82\0\5hello", 5),
    ("asn1", b"\x30\x83\0\0\5hello", 5),
    ("asn1", b"\x30\x84\0\0\0\5hello", 5),
    ("asn1", b"\x30\x80", 0),
]
"""Delivered as they are; how many bytes are behind the header."""

MISFITS: list[tuple[str, bytes]] = [
    ("tpkt", b"\2\0\0\x09hello"), ("tpkt", b"\3\0\0\3x"), ("tpkt", b"\3\0\0\0"),
    ("cdr", b"GIOX\1\2\0\0\0\0\0\5hello"), ("cdr", GIOP + b"\0\0\x7f\xff\xff\xff"),
    ("fcgi", b"\2\6\0\1\0\0\0\0"),
    ("asn1", b"\x30\x85\0\0\0\0\5hello"), ("asn1", b"\x30\x84\x7f\xff\xff\xff"), ("asn1", b"\x30\xff" + bytes(127)),
    ("ssl_tls", b"\x80\2\1\3\0"), ("ssl_tls", b"\x80\0\1\0\0"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "packet", "payload"), WHOLE, ids=repr)
def test_a_packet_keeps_its_header(kind: str, packet: bytes, payload: int) -> None:
    assert decode_packet(kind, packet + b"\0next") == ("ok", packet, b"\0next")


@pytest.mark.parametrize(("kind", "packet", "payload"), WHOLE, ids=repr)
def test_a_packet_that_is_not_whole_says_how_long_it_will_be_once_the_header_is_there(
    kind: str, packet: bytes, payload: int
) -> None:
    header = len(packet) - payload
    for cut in range(len(packet)):
        assert decode_packet(kind, packet[:cut]) == ("more", "undefined" if cut < header else len(packet))


@pytest.mark.parametrize(("kind", "packet", "payload"), [row for row in WHOLE if row[2] > 1], ids=repr)
def test_packet_size_counts_what_follows_the_header(kind: str, packet: bytes, payload: int) -> None:
    """It is checked as soon as the header is there."""
    header = packet[: len(packet) - payload]
    assert decode_packet(kind, packet, {"packet_size": payload}) == ("ok", packet, b"")
    assert decode_packet(kind, header, {"packet_size": payload - 1}) == ("error", "invalid")


@pytest.mark.parametrize(("kind", "data"), MISFITS, ids=repr)
def test_what_is_no_packet(kind: str, data: bytes) -> None:
    assert decode_packet(kind, data) == ("error", "invalid")


def test_the_length_of_a_length_is_judged_when_all_of_it_is_there() -> None:
    assert decode_packet("asn1", b"\x30\x85\0\0\0\0") == ("more", "undefined")


def test_the_padding_of_fastcgi_is_dropped_and_counts_against_packet_size() -> None:
    """Case packet/counted/fcgi-padding."""
    record = b"\1\6\0\1\0\5\3\0hello" + b"pad"
    assert decode_packet("fcgi", record + b"x") == ("ok", record[:-3], b"x")
    assert decode_packet("fcgi", record, {"packet_size": 8})[0] == "ok"
    assert decode_packet("fcgi", record, {"packet_size": 7}) == ("error", "invalid")


@pytest.mark.parametrize(
    ("data", "record"),
    [
        (b"\x16\3\3\0\5hello", ("ssl_tls", [], 22, (3, 3), HELLO)),
        (b"\xff\0\0\0\0", ("ssl_tls", [], 255, (0, 0), b"")),
        (b"\x80\3\1\3\2", ("ssl_tls", [], 22, (3, 2), b"\1\0\0\2\3\2")),
        (b"\x80\5\1\0\2ab", ("ssl_tls", [], 22, (0, 2), b"\1\0\0\4\0\2ab")),
    ],
)
def test_a_tls_record_is_a_term_and_the_old_hello_looks_like_a_new_one(data: bytes, record: Any) -> None:
    """Case packet/tls/received; the lengths of SSL 2.0 count from the type of the message."""
    assert decode_packet("ssl_tls", data + b"x") == ("ok", record, b"x")
    assert decode_packet("ssl_tls", data[:-1])[0] == "more"


@pytest.mark.parametrize("kind", FAMILIES, ids=repr)
def test_only_the_counted_types_put_a_header_in_front_when_sent(kind: str | int) -> None:
    header = {1: b"\4", 2: b"\0\4", 4: b"\0\0\0\4"}.get(kind, b"") if isinstance(kind, int) else b""
    assert frame(kind, b"abcd") == header + b"abcd"


@given(st.binary(max_size=300))
def test_a_tag_may_be_long(tag: bytes) -> None:
    long = b"\x1f" + bytes(byte | 0x80 for byte in tag) + b"\1"
    assert decode_packet("asn1", long + b"\2abc") == ("ok", long + b"\2ab", b"c")
    assert decode_packet("asn1", long) == ("more", "undefined")


@pytest.mark.parametrize(("kind", "packet"), [("ssl_tls", b"\x16\3\3\0\5hello"), ("http", b"GET / HTTP/1.1\r\n")])
def test_verbatim_gives_the_bytes_of_a_packet_that_would_be_a_term(kind: str, packet: bytes) -> None:
    family = Verbatim(FAMILIES[kind])
    data = b".." + packet + b"x"
    length = family.length(data, 2, Limits())
    assert length == len(packet)
    assert family.packet(data, 2, length) == packet
