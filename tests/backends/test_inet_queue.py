"""The send queue as a data structure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..support.parts import SendQueue

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.binary(max_size=20), st.integers(0, 20)),
        st.tuples(st.just("drop"), st.integers(0, 40), st.just(0)),
        st.tuples(st.just("clear"), st.just(0), st.just(0)),
    ),
    max_size=30,
)


@given(STEPS)
def test_it_does_what_a_string_of_bytes_does(steps: list[tuple[str, Any, int]]) -> None:
    queue, model = SendQueue(), b""
    for step, value, start in steps:
        if step == "put":
            queue.put(value, start)
            model += value[start:]
        elif step == "drop":
            count = min(value, len(model))
            queue.drop(count)
            model = model[count:]
        else:
            queue.clear()
            model = b""
        assert queue.size == len(model)
        assert bool(queue) == bool(model)
        front = b"".join(queue.front())
        assert model.startswith(front)
        assert bool(front) == bool(model)


@given(st.lists(st.binary(min_size=1, max_size=5), max_size=60))
def test_front_by_front_everything_comes_out_in_order(pieces: list[bytes]) -> None:
    queue, got = SendQueue(), b""
    for piece in pieces:
        queue.put(piece)
    while queue:
        front = b"".join(queue.front())
        got += front
        queue.drop(len(front))
    assert got == b"".join(pieces)


@pytest.mark.parametrize(
    "pieces", [[bytes(10_000_000)], [bytes(100_000)] * 50, [b"x"] * 5000], ids=["one", "few", "many"]
)
def test_the_front_is_limited_in_bytes_and_in_pieces(pieces: list[bytes]) -> None:
    """As much as OTP's driver gives the system at once, if that is not more than systems take."""
    queue = SendQueue()
    for piece in pieces:
        queue.put(piece)
    front = queue.front()
    assert sum(map(len, front)) == min(8_388_608, sum(map(len, pieces[:16])))
    assert len(front) <= 16


def test_nothing_is_copied_on_the_way() -> None:
    data = bytes(1000)
    queue = SendQueue()
    queue.put(data, 100)
    queue.drop(100)
    (front,) = queue.front()
    assert isinstance(front, memoryview)
    assert front.obj is data
    assert len(front) == 800
