"""`decode_packets`, and the short ways of `decode_packet`: the same packets as one by one and the long way."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.packet import HEAD_FAMILIES, decode_packet, decode_packets

from ..support.packets import PACKETS, options, tampered

MORE = ("more", "undefined")
THEN: dict[str | int, str] = {"http": "httph", "http_bin": "httph_bin"}
"""The type of what follows a start line, or the unfinished part of a head."""
REQUEST = b"GET /a HTTP/1.1\r\nHost: h\r\nX-Y: z\r\n\r\n"
TERMS = [
    ("http_request", "GET", ("abs_path", b"/a"), (1, 1)), ("http_header", 14, "Host", b"Host", b"h"),
    ("http_header", 0, b"X-Y", b"X-Y", b"z"), "http_eoh",
]  # fmt: skip


def one_by_one(kind: str | int, data: bytes, given_options: dict[str, int]) -> tuple[Any, ...]:
    """What `decode_packets` should give."""
    packets, rest, then = list[Any](), data, kind
    while (answer := decode_packet(then, rest, given_options))[0] == "ok":
        _, packet, rest = answer
        packets.append(packet)
        if kind in HEAD_FAMILIES and (packet == "http_eoh" or packet[0] == "http_error"):
            break
        then = THEN.get(then, then)
    return ("ok", packets, rest) if packets else decode_packet(kind, data, given_options)


_NAME = st.sampled_from(b"Host host X-Y x-y accept-LANGUAGE Te TE a (x) h\x80".split()) | st.sampled_from([b"", b"-B"])
_SPACE = st.sampled_from([b": ", b": ", b": ", b":", b" : ", b":\t", b":  ", b" "])
_VALUE = st.sampled_from([b"v", b"v: w", b"", b" ", b"v \t", b"\r", b"v\nw", b"\n", b"\x01", b"!", b"v\r\n w", b"\xff"])
_END = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r\r\n", b"\r\n ", b"\r\n\t", b"\r\n\r\n"])
_HEADER = st.tuples(_NAME, _SPACE, _VALUE, _END).map(b"".join)
_START = st.sampled_from([
    b"GET / HTTP/1.1\r\n", b"PUT /\t HTTP/1.0\r\n", b"GET  HTTP/1.1\r\n", b"GET /\n HTTP/1.1\r\n",
    b"GET / HTTP/1.1 \r\n", b"get /x HTTP/1.1\n", b"POST /\r HTTP/1.1\r\n", b"GET * HTTP/1.1\r\n", b"GET 200 OK\r\n",
    b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 404  x\r\n", b"HTTP/1.1 304 \r\n", b"HTTP/1.1 /x HTTP/1.1\r\n",
    b"HTTP/1.1 20a OK\r\n", b"\r\n", b"Host: h\r\n",
])  # fmt: skip
_HEADERS = st.lists(_HEADER, max_size=6).map(b"".join)
_BEHIND = st.sampled_from([b"\r\n", b"\r\n", b"\r\nbody\r\n\r\n", b"\r\n" + REQUEST, b"\n", b"", b"\r"])
HEADS = st.tuples(_START, _HEADERS, _BEHIND).map(b"".join) | st.tuples(_HEADERS, _BEHIND).map(b"".join)
"""Closer to what is usual than PACKETS, where hardly a head is whole."""


# ---- decode_packet


@given(st.sampled_from(list(HEAD_FAMILIES)), HEADS | tampered(HEADS))
def test_a_line_the_short_way_is_the_line_the_long_way(kind: str, data: bytes) -> None:
    """An option, here one that changes nothing, makes it go the long way."""
    assert decode_packet(kind, data) == decode_packet(kind, data, {"packet_size": 0})


def test_a_newline_alone_ends_a_line_too() -> None:
    packet = ("http_header", 14, "Host", b"Host", b"a")
    assert decode_packet("httph_bin", b"Host: a\nA: b\r\nx") == ("ok", packet, b"A: b\r\nx")
    assert decode_packet("http_bin", b"GET /a HTTP/1.1\nA: b\r\n") == ("ok", TERMS[0], b"A: b\r\n")


def test_a_start_line_without_its_end_is_none_yet() -> None:
    assert decode_packet("http_bin", b"GET / HTTP/1.1") == MORE


# ---- decode_packets


def test_a_head_comes_whole() -> None:
    assert decode_packets("http_bin", REQUEST + b"body") == ("ok", TERMS, b"body")
    assert decode_packets("httph_bin", REQUEST[17:] + b"\r\n") == ("ok", TERMS[1:], b"\r\n")


def test_of_two_heads_in_a_row_the_first_comes() -> None:
    assert decode_packets("http_bin", REQUEST * 2) == ("ok", TERMS, REQUEST)


def test_a_head_in_parts_goes_on_with_headers() -> None:
    status, packets, rest = decode_packets("http_bin", REQUEST[:30])
    assert (status, packets, rest) == ("ok", TERMS[:2], b"X-Y:")
    assert decode_packets("httph_bin", rest) == MORE
    assert decode_packets("httph_bin", rest + REQUEST[30:]) == ("ok", TERMS[2:], b"")


@pytest.mark.parametrize("blanks", [b"", b"  ", b" \t", b"\t"])
def test_blanks_in_front_of_a_value_are_dropped(blanks: bytes) -> None:
    assert decode_packets("httph_bin", b"Host:" + blanks + b"h\r\n\r\n") == ("ok", [TERMS[1], "http_eoh"], b"")


def test_an_error_of_http_is_the_last_packet() -> None:
    assert decode_packets("http_bin", b"junk\r\n" + REQUEST) == ("ok", [("http_error", b"junk\r\n")], REQUEST)
    status, packets, rest = decode_packets("http_bin", REQUEST[:-2] + b"junk\r\nA: b\r\n\r\n")
    assert (status, packets[-1], rest) == ("ok", ("http_error", b"junk\r\n"), b"A: b\r\n\r\n")


def test_strings_are_lists_where_they_are_asked_for() -> None:
    assert decode_packets("httph", b"X-Y: z\r\n\r\n")[1] == [
        ("http_header", 0, [*b"X-Y"], [*b"X-Y"], [122]),
        "http_eoh",
    ]


def test_all_packets_of_other_types_come() -> None:
    assert decode_packets(1, b"\1a\2bc\3de") == ("ok", [b"a", b"bc"], b"\3de")
    assert decode_packets("line", b"a\nb\nc") == ("ok", [b"a\n", b"b\n"], b"c")
    assert decode_packets("raw", b"abc") == ("ok", [b"abc"], b"")
    assert decode_packets(1, b"\3de") == ("more", 4)
    assert decode_packets("raw", b"") == MORE


def test_what_is_invalid_is_told_when_nothing_stands_in_front_of_it() -> None:
    limit = {"packet_size": 2}
    assert decode_packets(1, b"\1a\3bcd", limit) == ("ok", [b"a"], b"\3bcd")
    assert decode_packets(1, b"\3bcd", limit) == ("error", "invalid")


@pytest.mark.parametrize("junk", [True, 3, "http3", [], None, 1.0], ids=repr)
def test_what_is_no_type_is_refused(junk: Any) -> None:
    with pytest.raises(ValueError, match="no packet type"):
        decode_packets(junk, b"abc")


@given(st.data(), st.sampled_from(list(PACKETS)))
def test_many_are_what_they_are_one_by_one(data: st.DataObject, kind: str | int) -> None:
    stream = data.draw(st.lists(tampered(PACKETS[kind]), max_size=3).map(b"".join))
    chosen = dict(data.draw(options(kind)))
    assert decode_packets(kind, stream, chosen) == one_by_one(kind, stream, chosen)


@given(st.sampled_from(list(HEAD_FAMILIES)), HEADS | tampered(HEADS), st.sampled_from([0, 0, 1, 5, 16, 17, 40]))
def test_a_head_is_what_its_lines_are(kind: str, data: bytes, size: int) -> None:
    for chosen in ({}, {"packet_size": size}, {"line_length": size}):
        assert decode_packets(kind, data, chosen) == one_by_one(kind, data, chosen)


@given(st.sampled_from(["http", "http_bin"]), HEADS, st.lists(st.integers(1, 60), max_size=4))
def test_however_a_head_is_cut_its_packets_are_the_same(kind: str, data: bytes, cuts: list[int]) -> None:
    ends = sorted({0, *(min(cut, len(data)) for cut in cuts), len(data)})
    assert _head([data[start:end] for start, end in pairwise(ends)], kind) == _head([data], kind)


def _head(pieces: list[bytes], kind: str) -> list[Any]:
    """The packets up to http_eoh or http_error, as whoever reads them from a stream gets them."""
    packets, rest = list[Any](), b""
    for piece in pieces:
        answer = decode_packets(kind, rest + piece)
        if answer[0] != "ok":
            rest += piece
            continue
        _, some, rest = answer
        packets += some
        if packets[-1] == "http_eoh" or packets[-1][0] == "http_error":
            return packets
        kind = THEN.get(kind, kind)
    return packets
