"""Packet types http, http_bin, httph and httph_bin: lines, their terms, limits, and what they cost."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.packet import FAMILIES, Limits, _http_names, decode_packet
from gentcp.packet._http_names import header_name

from ..support.packets import PACKETS
from ..support.parts import NOTHING, FramingError, Inbound

MORE = ("more", "undefined")
INVALID = ("error", "invalid")
KINDS = ["http", "http_bin", "httph", "httph_bin"]


def line(kind: str, data: bytes) -> Any:
    """The term for `data`, all of which is one packet."""
    status, term, rest = decode_packet(kind, data)
    assert (status, rest) == ("ok", b"")
    return term


def header(data: bytes) -> Any:
    """The term for a header, which the next line completes."""
    status, term, rest = decode_packet("httph_bin", data + b"x")
    assert (status, rest) == ("ok", b"x")
    return term


# ---- start lines


@pytest.mark.parametrize(
    ("target", "uri"),
    [
        (b"/", ("abs_path", b"/")), (b"/a?b=c#d", ("abs_path", b"/a?b=c#d")), (b"x", ("abs_path", b"x")), (b"*", "*"),
        (b"http://example.org/x", ("absoluteURI", "http", b"example.org", "undefined", b"/x")),
        (b"hTTp://example.org:8080", ("absoluteURI", "http", b"example.org", 8080, b"/")),
        (b"https://h/", ("absoluteURI", "https", b"h", "undefined", b"/")),
        (b"http://h:0/", ("absoluteURI", "http", b"h", "undefined", b"/")),
        (b"http://h:8x/", ("absoluteURI", "http", b"h", "undefined", b"/")),
        (b"http://h:4294967376/", ("absoluteURI", "http", b"h", 80, b"/")),
        (b"http://[::1]:8/", ("absoluteURI", "http", b"[::1]", 8, b"/")),
        (b"http://[::1]x:8/", ("absoluteURI", "http", b"[::1]", "undefined", b"/")),
        (b"http://[::1:8/", ("absoluteURI", "http", b"[", "undefined", b"/")),
        (b"http://[a]8/", ("absoluteURI", "http", b"[a]8", "undefined", b"/")),
        (b"example.org:443", ("scheme", b"example.org", b"443")), (b"noslash", b"noslash"),
    ],
)  # fmt: skip
def test_a_request_target(target: bytes, uri: Any) -> None:
    """And OTP 29 on addresses in brackets."""
    assert line("http_bin", b"GET " + target + b" HTTP/1.1\r\n") == ("http_request", "GET", uri, (1, 1))


@pytest.mark.parametrize(
    ("data", "term"),
    [
        (b"PUT /x HTTP/1.0\n", ("http_request", "PUT", ("abs_path", b"/x"), (1, 0))),
        (b"PATCH / HTTP/1.1\r\n", ("http_request", b"PATCH", ("abs_path", b"/"), (1, 1))),
        (b"get / HTTP/1.1\r\n", ("http_request", b"get", ("abs_path", b"/"), (1, 1))),
        (b"GET\t \t/ \tHTTP/1.1 more\r\n", ("http_request", "GET", ("abs_path", b"/"), (1, 1))),
        (b"GET / \r\n", ("http_request", "GET", ("abs_path", b"/"), (0, 9))),
        (b"GET / HTTP/99999999999.4294967297\r\n", ("http_request", "GET", ("abs_path", b"/"), (1215752191, 1))),
        (b"HTTP/1.1 200 OK\r\n", ("http_response", (1, 1), 200, b"OK")),
        (b"HTTP/1.0 500 Very Bad\n", ("http_response", (1, 0), 500, b"Very Bad")),
        (b"HTTP/1.1 404\r\n", ("http_response", (1, 1), 404, b"")),
        (b"HTTP/1.1 \r\n", ("http_response", (1, 1), 0, b"")),
        (b"HTTP/1.1 200  OK\r\n", ("http_response", (1, 1), 200, b"OK")),
        (b"HTTP/1.1 200 \tOK\r\n", ("http_response", (1, 1), 200, b"OK")),
    ],
)
def test_a_start_line(data: bytes, term: Any) -> None:
    assert line("http_bin", data) == term


@pytest.mark.parametrize(
    "data",
    [b"\r\n", b"\n", b"GARBAGE\r\n", b"GET\r\n", b" GET / HTTP/1.1\r\n", b"GET / HTTX/1.1\r\n", b"GET / HTTP/1.\r\n",
     b"G(T / HTTP/1.1\r\n", b"GET / HTTP\r\n", b"HTTP/1.1 abc OK\r\n", b"HTTP/2 200 OK\r\n", b"Host: a\r\n",
     b"GET /a\tb HTTP/1.1\r\n"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_start_line_is_given_back_whole(data: bytes) -> None:
    assert line("http_bin", data) == ("http_error", data)


def test_strings_are_lists_or_binaries() -> None:
    assert line("http", b"PATCH /a HTTP/1.1\r\n") == ("http_request", [*b"PATCH"], ("abs_path", [47, 97]), (1, 1))
    assert line("httph", b"\r\n") == "http_eoh"
    assert decode_packet("httph", b"x-foo: a\r\nB")[1] == ("http_header", 0, [*b"X-Foo"], [*b"x-foo"], [97])


@pytest.mark.parametrize("digits", [1, 9, 10, 11, 4000])
def test_numbers_of_any_length_wrap_around(digits: int) -> None:
    wrapped = (int("7" * digits) + (1 << 31)) % (1 << 32) - (1 << 31)
    assert line("http_bin", b"HTTP/1.1 " + b"7" * digits + b"\r\n") == ("http_response", (1, 1), wrapped, b"")


def test_a_number_may_have_more_digits_than_python_reads() -> None:
    assert line("http_bin", b"HTTP/1.1 1" + b"0" * 5000 + b"\r\n") == ("http_response", (1, 1), 0, b"")


# ---- headers


@pytest.mark.parametrize(
    ("data", "term"),
    [
        (b"Host: a\r\n", (14, "Host", b"Host", b"a")), (b"hOST:a\n", (14, "Host", b"hOST", b"a")),
        (b"Host: a\n", (14, "Host", b"Host", b"a")),
        (b"ETag: v\r\n", (43, "Etag", b"ETag", b"v")), (b"TE: v\r\n", (0, b"Te", b"TE", b"v")),
        (b"keep-alive: v\r\n", (51, "Keep-Alive", b"keep-alive", b"v")),
        (b"X-y-ZZ: a\r\n", (0, b"X-Y-Zz", b"X-y-ZZ", b"a")), (b"x1Y_z: a\r\n", (0, b"X1y_z", b"x1Y_z", b"a")),
        (b"-foo--bAR-: a\r\n", (0, b"-foo--bar-", b"-foo--bAR-", b"a")),
        (b"aB" * 25 + b":\r\n", (0, b"Ab" + b"ab" * 24, b"aB" * 25, b"")),
        (b"aB" * 25 + b"C:\r\n", (0, b"aB" * 25 + b"C", b"aB" * 25 + b"C", b"")),
        (b":a\r\n", (0, b"", b"", b"a")), (b"A: \t b \t\r\n", (0, b"A", b"A", b"b \t")),
        (b"A:\r\n", (0, b"A", b"A", b"")), (b"A: b\r\n c\r\n\td\r\n", (0, b"A", b"A", b"b\r\n c\r\n\td")),
    ],
)  # fmt: skip
def test_a_header(data: bytes, term: Any) -> None:
    """Names longer than 50 bytes keep their spelling."""
    assert header(data) == ("http_header", *term)


@pytest.mark.parametrize("data", [b"A : v\r\n", b"(x): v\r\n", b"Host\r\n", b"Hos\x80t: v\r\n", b"GET / HTTP/1.1\r\n"])
def test_what_is_no_header_is_given_back_whole(data: bytes) -> None:
    assert header(data) == ("http_error", data)


@pytest.mark.parametrize("empty", [b"\r\n", b"\n"])
def test_the_empty_line_is_complete_as_it_is_and_is_not_continued(empty: bytes) -> None:
    assert line("httph", empty) == "http_eoh"
    assert decode_packet("httph", empty + b" x") == ("ok", "http_eoh", b" x")


@pytest.mark.parametrize("data", [b"A: b", b"A: b\r\n", b"A: b\r\n ", b"A: b\r\n c\r\n", b"", b"\r"])
def test_a_header_waits_for_the_first_byte_behind_it(data: bytes) -> None:
    assert decode_packet("httph", data) == MORE


# ---- limits


@pytest.mark.parametrize("name", ["packet_size", "line_length"])
@pytest.mark.parametrize(
    ("kind", "data"),
    [("http", b"GET / HTTP/1.1\r\n"), ("http_bin", b"GET / HTTP/1.1\r\n"),
     ("httph", b"Host: abcdefgh\r\n"), ("httph_bin", b"Host: abcdefgh\r\n")],
)  # fmt: skip
def test_a_line_over_the_limit_is_invalid_as_soon_as_it_is_known_to_be(kind: str, data: bytes, name: str) -> None:
    """With line_length too, since OTP once had no packet_size."""
    size = len(data)
    assert decode_packet(kind, data + b"x", {name: size})[0] == "ok"
    assert decode_packet(kind, data + b"x", {name: size - 1}) == INVALID
    assert decode_packet(kind, data[:-1], {name: size}) == MORE
    assert decode_packet(kind, data[:-1], {name: size - 1}) == INVALID


def test_packet_size_goes_before_line_length() -> None:
    assert decode_packet("http", b"GET / HTTP/1.1\r\n", {"packet_size": 99, "line_length": 3})[0] == "ok"


def test_a_header_needs_room_for_the_byte_behind_it() -> None:
    """A buffer of the driver that the header fills cannot take the byte that would complete it."""
    limits = Limits(capacity=10)
    for size, fits in [(9, True), (10, False), (11, False)]:
        inbound = Inbound()
        inbound.feed(b"A:" + b"b" * (size - 4) + b"\r\nx")
        if fits:
            assert inbound.take(FAMILIES["httph"], limits) is not NOTHING
        else:
            with pytest.raises(FramingError):
                inbound.take(FAMILIES["httph"], limits)


# ---- streams


def taken(kind: str, pieces: list[bytes], limits: Limits) -> list[Any]:
    """What `Inbound` gives away of these pieces, taking whatever there is after each."""
    inbound, got = Inbound(), list[Any]()
    for piece in pieces:
        inbound.feed(piece)
        try:
            while (packet := inbound.take(FAMILIES[kind], limits)) is not NOTHING:
                got.append(packet)
        except FramingError:
            return [*got, "invalid"]
    return got


@given(st.sampled_from(KINDS), st.data(), st.sampled_from([0, 0, 30]))
def test_however_a_stream_comes_the_packets_are_the_same_and_no_later(
    kind: str, data: st.DataObject, size: int
) -> None:
    """After each piece there is all that there would be if everything so far had come at once."""
    stream = b"".join(data.draw(st.lists(PACKETS[kind], min_size=1, max_size=3)))
    cuts = data.draw(st.lists(st.integers(1, 200), max_size=5) | st.just(range(len(stream))))
    ends = sorted({0, *(min(cut, len(stream)) for cut in cuts), len(stream)})
    pieces = [stream[start:end] for start, end in pairwise(ends)]
    for count in range(1, len(pieces) + 1):
        at_once = taken(kind, [b"".join(pieces[:count])], Limits(size))
        assert taken(kind, pieces[:count], Limits(size)) == at_once


# ---- cost, counted and not timed


@pytest.mark.parametrize("kind", ["http_bin", "httph_bin"])
@pytest.mark.parametrize("piece", [1000, 7, 1])
def test_a_long_line_in_small_pieces_costs_a_few_looks(kind: str, piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that is continued all the time: neither newlines nor blanks make it look at everything again."""
    family, looked = FAMILIES[kind], 0
    length = type(family).length

    def counting(self: Any, data: bytes, pos: int, limits: Limits) -> int:
        nonlocal looked
        looked += len(data) - pos
        return length(self, data, pos, limits)

    monkeypatch.setattr(type(family), "length", counting)
    fold = b"b\r\n " if kind == "httph_bin" else b"bcdef"
    stream = b"GET:" + fold * 8000 + b"\r\n"
    inbound = Inbound()
    for start in range(0, len(stream), piece):
        assert inbound.take(family, Limits()) is NOTHING
        inbound.feed(stream[start : start + piece])
    inbound.feed(b"x")
    assert inbound.take(family, Limits()) is not NOTHING
    assert looked <= 4 * len(stream)


@pytest.mark.parametrize(
    "data",
    [b"GET" + b" " * 100_000 + b"\r\n", b"GET /" + b" " * 100_000 + b"x\r\n", b"A" * 100_000 + b"\r\n",
     b"GET /" + b"a" * 100_000 + b" HTTP/\r\n", b"HTTP/1.1" + b" " * 100_000 + b"\0\r\n",
     b"HTTP/" + b"1" * 100_000 + b"\r\n"],
    ids=lambda data: repr(data[:8]),
)  # fmt: skip
def test_hostile_lines_are_refused_without_going_back(data: bytes) -> None:
    """With a pattern that tries again from each blank or digit this test would not end."""
    assert line("http_bin", data) == ("http_error", data)


def test_names_that_nobody_knows_are_not_kept_for_ever() -> None:
    for number in range(5000):
        assert header(b"X-%d: a\r\n" % number)[1] == 0
    assert len(_http_names.SPELLINGS) <= _http_names.SPELLINGS_KEPT
    assert header_name(b"X-0") == (0, b"X-0")
    assert header_name(b"Host") == header_name(b"host") == (14, "Host")


def test_a_known_name_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However it is spelt, the second time there is nothing to work out."""
    assert header(b"hOsT: a\r\n") == ("http_header", 14, "Host", b"hOsT", b"a")
    monkeypatch.setattr(_http_names, "_PIECE", None)
    assert header(b"hOsT: b\r\n") == ("http_header", 14, "Host", b"hOsT", b"b")


# ---- packets that were not cut as lines


@pytest.mark.parametrize(
    ("kind", "data", "term"),
    [
        ("httph_bin", b"a", ("http_error", b"a")), ("httph_bin", b"\n", "http_eoh"),
        ("httph_bin", b"A: bc", ("http_header", 0, b"A", b"A", b"bc")),
        ("http_bin", b"GET /ab", ("http_request", "GET", ("abs_path", b"/ab"), (0, 9))),
    ],
)  # fmt: skip
def test_only_a_line_end_is_taken_off(kind: str, data: bytes, term: Any) -> None:
    """As after a recv with a length that waited while `packet` was set: it cuts where it was told to."""
    assert FAMILIES[kind].packet(data, 0, len(data)) == term
