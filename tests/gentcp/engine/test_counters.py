"""What getstat counts: runs of equal sizes give what counting one by one would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.engine.counters import Counters

RUNS = st.lists(st.tuples(st.integers(0, 100_000), st.sampled_from([1, 2, 63, 64, 65, 700])), max_size=8)


class OneByOne:
    """As OTP's driver counts (`inet_input_count`)."""

    def __init__(self) -> None:
        self.oct = self.cnt = self.max = 0
        self.dvi = 0.0

    def add(self, size: int) -> None:
        self.oct += size
        self.cnt += 1
        self.max = max(self.max, size)
        self.dvi += (size - self.oct / self.cnt - self.dvi) / self.cnt


@given(RUNS)
def test_runs_of_equal_sizes(runs: list[tuple[int, int]]) -> None:
    counters, expected = Counters(), OneByOne()
    for size, count in runs:
        for _ in range(count):
            expected.add(size)
            counters.add(size)
    assert (counters.oct, counters.cnt, counters.max) == (expected.oct, expected.cnt, expected.max)
    assert counters.dvi == pytest.approx(expected.dvi, rel=1e-9, abs=1e-9)


@given(RUNS)
def test_runs_counted_at_once(runs: list[tuple[int, int]]) -> None:
    one_by_one, at_once = Counters(), Counters()
    for size, count in runs:
        at_once.add_run(size, count)
        for _ in range(count):
            one_by_one.add(size)
    assert (at_once.oct, at_once.cnt, at_once.max) == (one_by_one.oct, one_by_one.cnt, one_by_one.max)
    assert at_once.dvi == one_by_one.dvi
    at_once.add_run(5, 0)
    assert at_once.cnt == one_by_one.cnt


@given(RUNS, st.lists(st.lists(st.integers(0, 3000), max_size=90), max_size=4), st.sampled_from([0, 4]))
def test_many_sizes_at_once(runs: list[tuple[int, int]], batches: list[list[int]], overhead: int) -> None:
    one_by_one, at_once = Counters(), Counters()
    for batch in [[size] * count for size, count in runs] + batches:
        at_once.add(7)
        at_once.add_all(batch, overhead)
        for size in (7, *(size + overhead for size in batch)):
            one_by_one.add(size)
    assert (at_once.oct, at_once.cnt, at_once.max) == (one_by_one.oct, one_by_one.cnt, one_by_one.max)
    assert at_once.dvi == pytest.approx(one_by_one.dvi, rel=1e-9, abs=1e-9)


def test_looking_in_between_changes_nothing() -> None:
    counters, expected = Counters(), OneByOne()
    for number in range(300):
        size = 100 if number % 50 else 7
        counters.add(size)
        expected.add(size)
        if number % 3 == 0:
            assert (counters.oct, counters.max) == (expected.oct, expected.max)
            assert counters.dvi == pytest.approx(expected.dvi, rel=1e-9, abs=1e-12)


def test_equal_sizes_deviate_by_nothing() -> None:
    """Exactly: the number that getstat shows is cut off, and 5 less a rounding error would be 4."""
    counters = Counters()
    counters.add_run(68, 10_000_000)
    assert (counters.dvi, counters.avg, counters.oct) == (0.0, 68, 680_000_000)


def test_something_that_goes_out_in_pieces() -> None:
    counters = Counters()
    counters.add_bytes(60)
    counters.add_bytes(40)
    counters.add_call(100)
    counters.add(30)
    assert (counters.oct, counters.cnt, counters.max, counters.avg) == (130, 2, 100, 65)
