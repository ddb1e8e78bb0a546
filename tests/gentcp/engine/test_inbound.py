"""The receive buffer: it gives what a plain string of bytes would give, and copies little."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import gentcp.engine.inbound as module
from gentcp.engine.inbound import NOTHING, PILE, SMALL, FramingError, Inbound
from gentcp.packet import FAMILIES, Family, Limits, frame

KINDS = st.sampled_from([1, 2, 4, "line"])
PIECES = st.binary(max_size=6).map(lambda data: data.translate(bytes(byte % 12 for byte in range(256))))
"""Small numbers, which make short lengths, and line feeds."""
SIZES = st.sampled_from([0, 5, 12])


class Naive:
    """What `Inbound` is to do, without any thought for cost."""

    def __init__(self) -> None:
        self.data = b""

    def take(self, family: Family, limits: Limits) -> Any:
        length = family.length(self.data, 0, limits) if self.data else 0
        if length < 0:
            raise FramingError
        if not 0 < length <= len(self.data):
            return NOTHING
        packet = family.packet(self.data, 0, length)
        self.data = self.data[length:]
        return packet

    def take_bytes(self, length: int) -> Any:
        if len(self.data) < length:
            return NOTHING
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def take_available(self, most: int) -> Any:
        return self.take_bytes(min(most, len(self.data))) if self.data else NOTHING


class Machine(RuleBasedStateMachine):
    """Does everything with both, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.inbound, self.naive = Inbound(), Naive()
        self.family: Family = FAMILIES["line"]
        self.limits = Limits()

    @initialize(kind=KINDS, size=SIZES, line_length=SIZES)
    def begin(self, kind: int | str, size: int, line_length: int) -> None:
        self.family = FAMILIES[kind]
        self.limits = Limits(size, line_length)

    @rule(data=PIECES)
    def feed(self, data: bytes) -> None:
        if data:  # an empty read is the end of file
            self.inbound.feed(data)
            self.naive.data += data

    @rule()
    def take(self) -> None:
        try:
            expected = self.naive.take(self.family, self.limits)
        except FramingError:
            with pytest.raises(FramingError):
                self.inbound.take(self.family, self.limits)
            self.clear()
        else:
            assert self.inbound.take(self.family, self.limits) == expected

    @rule(length=st.integers(1, 10))
    def take_bytes(self, length: int) -> None:
        assert self.inbound.take_bytes(length) == self.naive.take_bytes(length)

    @rule(most=st.integers(1, 10))
    def take_available(self, most: int) -> None:
        assert self.inbound.take_available(most) == self.naive.take_available(most)

    @rule(data=PIECES)
    def push_back(self, data: bytes) -> None:
        self.inbound.push_back(data)
        self.naive.data = data + self.naive.data

    @rule(kind=KINDS, size=SIZES, line_length=SIZES)
    def change_the_options(self, kind: int | str, size: int, line_length: int) -> None:
        self.begin(kind, size, line_length)
        self.inbound.retry()

    @rule()
    def clear(self) -> None:
        self.inbound.clear()
        self.naive.data = b""

    @invariant()
    def as_long_as(self) -> None:
        assert len(self.inbound) == len(self.naive.data)


TestAgainstTheModel = Machine.TestCase
TestAgainstTheModel.settings = settings(max_examples=100, stateful_step_count=30)


def test_a_line_is_cut_as_soon_as_it_is_as_long_as_the_buffer() -> None:
    """Case decode/line-length/full-before-the-end: `abc` with line_length 3 is a packet."""
    inbound, limits = Inbound(), Limits(line_length=10)
    inbound.feed(b"012345")
    assert inbound.take(FAMILIES["line"], limits) is NOTHING
    inbound.feed(b"6789")
    assert inbound.take(FAMILIES["line"], limits) == b"0123456789"


def test_a_line_that_ended_before_the_last_piece_is_found() -> None:
    inbound = Inbound()
    inbound.feed(bytes(100))
    assert inbound.take(FAMILIES["line"], Limits()) is NOTHING
    inbound.feed(b"end\n")
    inbound.feed(b"next")
    assert inbound.take(FAMILIES["line"], Limits()) == bytes(100) + b"end\n"


def test_what_is_put_back_in_front_may_make_a_packet_of_what_was_none() -> None:
    inbound = Inbound()
    inbound.feed(b"\5a")
    assert inbound.take(FAMILIES[1], Limits()) is NOTHING
    inbound.push_back(b"\1")
    inbound.feed(b"b")
    assert inbound.take(FAMILIES[1], Limits()) == b"\5"


@given(KINDS, st.lists(st.binary(max_size=20).filter(lambda payload: b"\n" not in payload), max_size=10), st.data())
def test_however_a_stream_is_cut_the_packets_are_the_same(
    kind: int | str, payloads: list[bytes], data: st.DataObject
) -> None:
    packets = [payload + b"\n" if kind == "line" else payload for payload in payloads]
    stream = b"".join(frame(kind, packet) for packet in packets)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    inbound, got = Inbound(), list[bytes]()
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        if start < end:
            inbound.feed(stream[start:end])
        while (packet := inbound.take(FAMILIES[kind], Limits())) is not NOTHING:
            got.append(packet)
    assert got == packets
    assert len(inbound) == 0


# ---- cost, counted and not timed


class Meter:
    """A family that counts the bytes it is shown, and the bytes that the buffer joins."""

    def __init__(self, kind: int | str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.family = FAMILIES[kind]
        self.may_end, self.patience = self.family.may_end, self.family.patience
        self.searches = kind == "line"
        self.searched = self.copied = 0
        join = Inbound.__dict__["_join"]

        def counting(inbound: Inbound) -> None:
            self.copied += len(inbound)
            join(inbound)

        monkeypatch.setattr(Inbound, "_join", counting)

    def length(self, data: bytes, pos: int, limits: Limits) -> int:
        if self.searches:
            self.searched += len(data) - pos
        return self.family.length(data, pos, limits)

    def packet(self, data: bytes, pos: int, length: int) -> Any:
        return self.family.packet(data, pos, length)


SIZE = 1 << 20


@pytest.mark.parametrize("kind", [4, "line"])
@pytest.mark.parametrize("piece", [1000, 7])
def test_a_long_packet_in_small_pieces_costs_a_few_copies(
    kind: int | str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = SIZE if piece > 100 else SIZE // 16
    payload = b"x" * (size - 1) + b"\n"
    stream, meter, inbound = frame(kind, payload), Meter(kind, monkeypatch), Inbound()
    for start in range(0, len(stream), piece):
        assert inbound.take(meter, Limits()) is NOTHING
        inbound.feed(stream[start : start + piece])
    assert inbound.take(meter, Limits()) == payload
    assert meter.copied <= 4 * size
    assert meter.searched <= 4 * size


def test_many_packets_in_one_piece_are_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    meter, inbound = Meter(2, monkeypatch), Inbound()
    inbound.feed(frame(2, b"abc") * 10_000)
    for _ in range(10_000):
        assert inbound.take(meter, Limits()) == b"abc"
    assert inbound.take(meter, Limits()) is NOTHING
    assert meter.copied == 0


def test_a_stream_of_small_packets_is_copied_about_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The remainder of one piece is joined with the next, whatever the sizes."""
    meter, inbound, got = Meter(4, monkeypatch), Inbound(), 0
    stream = frame(4, bytes(37)) * 4000
    for start in range(0, len(stream), 1000):
        inbound.feed(stream[start : start + 1000])
        while inbound.take(meter, Limits()) is not NOTHING:
            got += 1
    assert got == 4000
    assert meter.copied <= 1.2 * len(stream)


def test_raw_bytes_in_small_pieces_are_joined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    meter, inbound = Meter(4, monkeypatch), Inbound()
    for _ in range(1000):
        inbound.feed(bytes(1000))
        assert inbound.take_bytes(1_000_000) in (NOTHING, bytes(1_000_000))
    assert meter.copied <= 1_000_000


def test_taking_a_large_buffer_in_small_bites_joins_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    meter, inbound = Meter(4, monkeypatch), Inbound()
    inbound.feed(bytes(SIZE))
    for _ in range(SIZE // 1024):
        assert inbound.take_available(1024) == bytes(1024)
    assert inbound.take_available(1024) is NOTHING
    assert meter.copied == 0


@pytest.mark.parametrize("header", [b"\x7f\xff\xff\xfb", b"\x40\0\0\0"])
def test_a_header_that_promises_gigabytes_costs_no_memory(header: bytes) -> None:
    inbound = Inbound()
    tracemalloc.start()
    try:
        inbound.feed(header)
        for _ in range(100):
            assert inbound.take(FAMILIES[4], Limits()) is NOTHING
            inbound.feed(b"x")
        assert tracemalloc.get_traced_memory()[1] < 50_000
    finally:
        tracemalloc.stop()


def test_a_consumed_buffer_is_let_go() -> None:
    inbound = Inbound()
    tracemalloc.start()
    try:
        inbound.feed(bytes(SIZE))
        assert inbound.take_bytes(SIZE) is not NOTHING
        assert tracemalloc.get_traced_memory()[0] < 50_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("size", [1, 2, 7, SMALL, SMALL + 1])
@pytest.mark.parametrize("kind", [4, "line", "raw"], ids=repr)
def test_pieces_of_any_size_cost_their_bytes(kind: Any, size: int) -> None:
    """With the piles, which have an eighth to spare, and what they are joined to at the end."""
    total = 100_000
    inbound, whole = Inbound(), (b"\0\1\x86\x9f" if kind == 4 else b"xxxx") + bytes(total - 4)
    pieces = [whole[at : at + size] for at in range(0, total, size)]
    tracemalloc.start()
    try:
        for piece in pieces:
            inbound.feed(bytes(bytearray(piece)))  # of its own, as from the system
            assert kind == "raw" or inbound.take(FAMILIES[kind], Limits()) is NOTHING
        kept = tracemalloc.get_traced_memory()[0]
        assert kept < total + total // 8 + PILE
        assert inbound.take_bytes(total) == whole
        assert tracemalloc.get_traced_memory()[1] < 3 * total
    finally:
        tracemalloc.stop()


@given(st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=40), st.integers(1, 6), st.integers(1, 12))
def test_the_end_of_a_line_is_found_wherever_the_piles_end(pieces: list[bytes], small: int, pile: int) -> None:
    """Whatever is a small piece, and how ever large a pile."""
    inbound, naive, family = Inbound(), Naive(), FAMILIES["httph_bin"]
    table = bytes(b"\r\n A:b"[byte % 6] for byte in range(256))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SMALL", small)
        patch.setattr(module, "PILE", pile)
        for piece in pieces:
            data = piece.translate(table)
            inbound.feed(data)
            naive.data += data
            while (packet := naive.take(family, Limits())) is not NOTHING:
                assert inbound.take(family, Limits()) == packet
            assert inbound.take(family, Limits()) is NOTHING
