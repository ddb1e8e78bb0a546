"""Packets that are cut before somebody wants them: whatever happens meanwhile, it is as if they had not been."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gentcp.engine import Counters, Settings
from gentcp.engine.batch import cut, cut_ahead
from gentcp.engine.inbound import DEEP, SHALLOW, FramingError, Inbound
from gentcp.packet import Family, frame

from .test_inbound import Naive

if TYPE_CHECKING:
    import pytest

OPTIONS: dict[str, Any] = {
    "line_delimiter": 10, "send_timeout": "infinity", "mode": "binary", "header": 0, "deliver": "term",
}  # fmt: skip
KINDS = st.sampled_from([1, 2, 4, "line"])
LIMITS = st.sampled_from([0, 3, 9])
PAYLOADS = st.lists(st.tuples(st.binary(max_size=8), st.integers(1, 60)), min_size=1, max_size=4)
"""What, and how often in a row."""


class Options(Settings):
    """With a limit for lines."""

    def line_length(self) -> int:
        return int(self["buffer"])


def options(kind: int | str, size: int = 0, line_length: int = 0) -> Options:
    return Options({**OPTIONS, "packet": kind, "packet_size": size, "buffer": line_length})


def stream(kind: int | str, payloads: list[tuple[bytes, int]]) -> bytes:
    return b"".join((what + b"\n" if kind == "line" else frame(kind, what)) * count for what, count in payloads)


class Both:
    """A buffer from which packets are cut ahead, and one that has no thought for cost."""

    def __init__(self, kind: int | str, payloads: list[tuple[bytes, int]]) -> None:
        self.inbound, self.naive = Inbound(), Naive()
        self.counters, self.sizes = Counters(), list[int]()
        self.options = options(kind)
        self.naive.data = stream(kind, payloads)
        self.inbound.feed(self.naive.data)

    @property
    def family(self) -> Family:
        assert self.options.family is not None
        return self.options.family

    def take_ahead(self, count: int) -> None:
        """As recv does."""
        for _ in range(count):
            ready = self.inbound.ready
            packet = ready.pop() if ready else cut_ahead(self.inbound, self.options, self.counters)
            if packet is None:
                return
            self.is_next(packet)

    def is_next(self, packet: bytes) -> None:
        before = len(self.naive.data)
        assert packet == self.naive.take(self.family, self.options.limits)
        self.sizes.append(before - len(self.naive.data))

    def take_many(self, most: int) -> None:
        packets = cut(self.inbound, self.options, self.counters, most)
        assert len(packets) <= most
        for packet in packets:
            self.is_next(packet)

    def take(self, _number: int) -> None:
        try:
            expected = self.naive.take(self.family, self.options.limits)
        except FramingError:
            self.clear(0)
        else:
            assert self.inbound.take(self.family, self.options.limits) == expected

    def take_bytes(self, length: int) -> None:
        assert self.inbound.take_bytes(length) == self.naive.take_bytes(length)

    def take_available(self, most: int) -> None:
        assert self.inbound.take_available(most) == self.naive.take_available(most)

    def push_back(self, number: int) -> None:
        data = bytes((number,))
        self.inbound.push_back(data)
        self.naive.data = data + self.naive.data

    def another_type(self, number: int) -> None:
        self.options = options((1, 2, 4, "line")[number % 4])
        self.inbound.retry()

    def another_limit(self, number: int) -> None:
        self.options = options(self.options["packet"], number % 9, number % 9)
        self.inbound.retry()

    def cut_off(self, number: int) -> None:
        count = min(number, len(self.naive.data))
        self.inbound.cut(count)
        self.naive.data = self.naive.data[: len(self.naive.data) - count]

    def clear(self, _number: int) -> None:
        self.inbound.clear()
        self.naive.data = b""

    def count(self, _number: int) -> None:
        self.inbound.settle()
        assert (self.counters.cnt, self.counters.oct) == (len(self.sizes), sum(self.sizes))

    def length(self, _number: int) -> None:
        assert len(self.inbound) == len(self.naive.data)


STEPS: list[Callable[[Both, int], None]] = [
    Both.take_many, Both.take, Both.take_bytes, Both.take_available, Both.push_back, Both.another_type,
    Both.another_limit, Both.cut_off, Both.clear, Both.count, Both.length,
]  # fmt: skip


@given(
    kind=KINDS,
    payloads=PAYLOADS,
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 99), st.integers(1, 99)), min_size=1, max_size=5),
)
@settings(max_examples=500)
def test_whatever_somebody_wants_meanwhile(
    kind: int | str, payloads: list[tuple[bytes, int]], steps: list[tuple[Callable[[Both, int], None], int, int]]
) -> None:
    both = Both(kind, payloads)
    for step, number, count in steps:
        both.take_ahead(count)
        step(both, number)
    both.take_ahead(99)
    both.length(0)
    both.count(0)


@given(kind=KINDS, payloads=PAYLOADS, size=LIMITS, tail=st.binary(max_size=5))
@settings(max_examples=300)
def test_all_at_once(kind: int | str, payloads: list[tuple[bytes, int]], size: int, tail: bytes) -> None:
    """What is left is what one cannot know to be a packet."""
    wanted, inbound, naive = options(kind, size), Inbound(), Naive()
    naive.data = stream(kind, payloads) + tail
    inbound.feed(naive.data)
    family = wanted.family
    assert family is not None
    for packet in cut(inbound, wanted, None, 1000):
        assert packet == naive.take(family, wanted.limits)
    assert len(inbound) == len(naive.data)


def test_lines_that_are_too_long_in_between_do_not_have_the_rest_cut_again_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a peer sends is looked at a bounded number of times."""
    looked, original = list[int](), io.BytesIO

    def reading(part: bytes) -> io.BytesIO:
        looked.append(len(part))
        return original(part)

    monkeypatch.setattr("gentcp.engine.batch.io.BytesIO", reading)
    both = Both("line", [(b"", 1)])
    both.options = options("line", 0, 100)
    both.naive.data = (b"x" * 50 + b"\n" + b"y" * 150 + b"\n") * 300
    both.inbound.clear()
    both.inbound.feed(both.naive.data)
    while both.naive.data:
        both.take_many(1 << 62)
        both.take(0)
    assert len(looked) < 1000
    assert max(looked) <= 1024


def test_the_more_the_longer_nobody_wants_anything_else() -> None:
    inbound, wanted = Inbound(), options(1)
    inbound.feed(frame(1, b"x") * 2000)
    depths = list[int]()
    while len(inbound.ready) < DEEP - 1:
        inbound.ready.clear()
        assert cut_ahead(inbound, wanted, None) == b"x"
        depths.append(len(inbound.ready) + 1)
    assert depths == [16, 32, 64, 128, 256]
    inbound.ready.clear()
    assert cut_ahead(inbound, wanted, None) == b"x"
    assert len(inbound.ready) == DEEP - 1
    inbound.retry()
    assert cut_ahead(inbound, wanted, None) == b"x"
    assert len(inbound.ready) == SHALLOW - 1


def test_whoever_takes_without_a_lock_gets_the_first_that_are_left() -> None:
    """While another thread puts them back: each packet goes to one of the two, and in order."""
    wanted = options(4)
    expected = [number.to_bytes(2, "big") for number in range(3000)]
    for _ in range(20):
        inbound, taken = Inbound(), list[bytes]()
        inbound.feed(b"".join(frame(4, packet) for packet in expected))
        over = threading.Event()

        def take(inbound: Inbound = inbound, taken: list[bytes] = taken, over: threading.Event = over) -> None:
            while not over.is_set():
                try:
                    taken.append(inbound.ready.pop())
                except IndexError:
                    pass

        thread = threading.Thread(target=take)
        thread.start()
        locked = set[bytes]()
        while (packet := cut_ahead(inbound, wanted, None)) is not None:
            locked.add(packet)
            inbound.settle()
        over.set()
        thread.join()
        assert sorted([*locked, *taken, *rest(inbound, wanted)]) == expected
        assert taken == sorted(taken)


def rest(inbound: Inbound, wanted: Settings) -> list[bytes]:
    family = wanted.family
    assert family is not None
    found = list[bytes]()
    while len(inbound):
        found.append(inbound.take(family, wanted.limits))
    return found
