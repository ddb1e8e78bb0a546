"""Framing without I/O: what OTP says of single calls, and what must hold for every stream."""

from __future__ import annotations

import json
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.erl import ErlangError, erlang
from gentcp.packet import FAMILIES, HEADER_BYTES, Limits, decode_packet, frame

FACTS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("data").joinpath("decode_packet.json").read_text())
"""`erlang:decode_packet/3` on OTP 29; binaries in hexadecimal."""
ANSWERS = [fact for fact in FACTS if fact["outcome"][0] != "exception"]


def bytes_of(outcome: list[Any]) -> tuple[Any, ...]:
    """The outcome of a fact with its binaries as bytes."""
    if outcome[0] == "ok":
        return ("ok", *map(bytes.fromhex, outcome[1:]))
    return tuple(outcome)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["id"])
def test_the_erlang_face_answers_as_otp_does(fact: dict[str, Any]) -> None:
    options = [tuple(option) for option in fact["options"]]
    try:
        got = erlang.decode_packet(fact["type"], bytes.fromhex(fact["data"]), options)
    except ErlangError as error:
        got = ("exception", error.class_, error.term)
    assert got == bytes_of(fact["outcome"])


@pytest.mark.parametrize("fact", ANSWERS, ids=lambda fact: fact["id"])
def test_the_plain_function_answers_as_otp_does(fact: dict[str, Any]) -> None:
    assert decode_packet(fact["type"], bytes.fromhex(fact["data"]), dict(fact["options"])) == bytes_of(fact["outcome"])


def test_an_unknown_type_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"'http3'.*raw.*1.*2.*4.*line"):
        decode_packet("http3", b"abc")


NO_TYPES: list[Any] = [None, 3, (), 1.5, b"line", ("line",), [], {}, ["line"]]
EQUAL_TO_TYPES: list[Any] = [True, False, 1.0]
"""In Python, not in Erlang."""


@pytest.mark.parametrize("junk", NO_TYPES + EQUAL_TO_TYPES, ids=repr)
def test_what_is_no_type_is_badarg(junk: Any) -> None:
    with pytest.raises(ErlangError) as caught:
        erlang.decode_packet(junk, b"abc", [])
    assert caught.value.term == "badarg"


NO_OPTIONS: list[Any] = [
    ("line_delimiter", 256), ("packet_size", 1 << 32), ("line_length", -1), ("packet_size", True), ("active", True),
    ([], 1), ["packet_size", 1], ("packet_size",), "packet_size",
]  # fmt: skip
"""Refused for every type, also for those where the option has no say."""


@pytest.mark.parametrize("junk", NO_OPTIONS, ids=repr)
def test_what_is_no_option_is_badarg(junk: Any) -> None:
    with pytest.raises(ErlangError) as caught:
        erlang.decode_packet(1, b"\3abc", [junk])
    assert caught.value.term == "badarg"


# ---- length prefixes

PREFIXED = st.sampled_from([1, 2, 4])


@given(PREFIXED, st.binary(max_size=255), st.binary(max_size=8))
def test_a_frame_decodes_to_its_payload_and_leaves_the_rest(kind: int, payload: bytes, rest: bytes) -> None:
    assert decode_packet(kind, frame(kind, payload) + rest) == ("ok", payload, rest)


@given(PREFIXED, st.binary(max_size=255), st.data())
def test_an_incomplete_frame_says_how_long_it_will_be(kind: int, payload: bytes, data: st.DataObject) -> None:
    framed = frame(kind, payload)
    cut = data.draw(st.integers(0, len(framed) - 1))
    known = cut >= HEADER_BYTES[kind]
    assert decode_packet(kind, framed[:cut]) == ("more", len(framed) if known else "undefined")


@given(PREFIXED, st.binary(max_size=255), st.integers(1, 300), st.booleans())
def test_packet_size_counts_the_payload_and_is_checked_as_soon_as_the_header_is_there(
    kind: int, payload: bytes, limit: int, header_only: bool
) -> None:
    framed = frame(kind, payload)[: HEADER_BYTES[kind] if header_only else None]
    got = decode_packet(kind, framed, {"packet_size": limit})
    assert (got == ("error", "invalid")) == (len(payload) > limit)


@pytest.mark.parametrize(("kind", "size"), [(1, 256), (2, 65536)])
def test_a_length_that_does_not_fit_its_header_wraps(kind: int, size: int) -> None:
    """Case send/data/header-wraps."""
    payload = bytes(size)
    assert frame(kind, payload) == bytes(kind) + payload


@pytest.mark.parametrize("kind", ["raw", 0, "line"])
def test_other_types_put_nothing_in_front(kind: str | int) -> None:
    assert frame(kind, b"abc") == b"abc"


@pytest.mark.parametrize(
    "promise", [b"\x7f\xff\xff\xfb", b"\x04\x00\x00\x01", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff"]
)
def test_a_header_that_promises_gigabytes_costs_no_memory(promise: bytes) -> None:
    tracemalloc.start()
    try:
        got = decode_packet(4, promise + b"x", {"packet_size": 0x4000000})
        assert got == ("error", "invalid")
        got = decode_packet(4, promise + b"x")
        assert got[0] in ("more", "error")
        assert tracemalloc.get_traced_memory()[1] < 20_000
    finally:
        tracemalloc.stop()


# ---- lines


def lines(data: bytes, **options: int) -> tuple[list[bytes], bytes, str]:
    """The lines at the front of `data`, what is left, and why there are no more."""
    found: list[bytes] = []
    while (got := decode_packet("line", data, options))[0] == "ok":
        assert got[1], "a line is never empty"
        found.append(got[1])
        data = got[2]
    return found, data, got[0]


TEXT = st.binary(max_size=60).map(lambda data: data.translate(bytes(byte % 4 + 9 for byte in range(256))))
"""Bytes of which every fourth is a line feed."""


@given(TEXT)
def test_lines_end_with_the_delimiter_and_nothing_is_lost(data: bytes) -> None:
    found, rest, why = lines(data)
    assert b"".join(found) + rest == data
    assert why == "more"
    assert all(line.index(b"\n") == len(line) - 1 for line in found)
    assert b"\n" not in rest


@given(st.binary(max_size=60), st.integers(0, 255))
def test_any_byte_may_be_the_delimiter(data: bytes, delimiter: int) -> None:
    found, rest, _why = lines(data, line_delimiter=delimiter)
    assert found == [piece + bytes([delimiter]) for piece in data.split(bytes([delimiter]))[:-1]]
    assert b"".join(found) + rest == data


@given(TEXT, st.integers(1, 12))
def test_long_lines_are_cut_and_nothing_is_lost(data: bytes, longest: int) -> None:
    found, rest, _why = lines(data, line_length=longest)
    assert b"".join(found) + rest == data
    assert len(rest) < longest
    assert all(len(piece) == longest or piece.endswith(b"\n") for piece in found)
    assert all(len(piece) <= longest for piece in found)
    assert all(piece.endswith(b"\n") or len(piece) == longest for piece, _following in pairwise(found))


@given(TEXT, st.integers(1, 12))
def test_a_line_over_packet_size_is_an_error_and_the_ones_before_it_are_not(data: bytes, limit: int) -> None:
    expected: list[bytes] = []
    for line in data.splitlines(keepends=True):
        if len(line) > limit or not line.endswith(b"\n"):
            break
        expected.append(line)
    found, rest, why = lines(data, packet_size=limit)
    assert found == expected
    assert why == ("error" if len(rest.split(b"\n")[0]) + (b"\n" in rest) > limit else "more")


# ---- the interface every family has


@pytest.mark.parametrize("kind", FAMILIES, ids=repr)
@given(data=TEXT, before=st.binary(max_size=5))
def test_a_packet_is_found_wherever_it_starts(kind: str | int, data: bytes, before: bytes) -> None:
    family, limits = FAMILIES[kind], Limits()
    length = family.length(data, 0, limits)
    assert family.length(before + data, len(before), limits) == length
    if 0 < length <= len(data):
        assert family.packet(before + data, len(before), length) == family.packet(data, 0, length)
