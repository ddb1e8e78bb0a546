"""What the fuzzer tries, without the fuzzer: its seeds, and as much again from hypothesis."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gentcp.packet import FAMILIES

from ..support.parts import Inbound
from . import buffering, decoding, seeds
from .programs import Given, Source, chosen

Run = Callable[[bytes], None]


@pytest.mark.parametrize(
    ("run", "programs"),
    [(decoding.run, seeds.of_decoding), (buffering.run, seeds.of_buffering)],
    ids=["decode", "inbound"],
)
def test_the_seeds(run: Run, programs: Callable[[], Iterator[bytes]]) -> None:
    for program in programs():
        run(program)


@pytest.mark.parametrize("run", [decoding.run, buffering.run])
@settings(max_examples=1000)
@given(program=st.binary(max_size=200))
def test_any_bytes_at_all(run: Run, program: bytes) -> None:
    run(program)


def test_a_seed_is_read_as_it_was_meant() -> None:
    given_four = Given("fcgi", 16, 8, 59)
    source = Source(chosen(given_four) + b"rest")
    assert source.given() == given_four
    assert (source.rest(), bool(source), source.byte(), source.rest()) == (b"rest", False, 0, b"")


def test_a_buffer_that_looks_at_everything_each_time_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(FAMILIES["line"]), "patience", lambda *_: (0, False))
    with pytest.raises(AssertionError):
        buffering.run(buffering.seed(Given("line"), [b"a"] * 200))


def test_a_buffer_that_keeps_too_much_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(FAMILIES["http"]), "length", lambda *_: 0)
    with pytest.raises(AssertionError):
        buffering.run(buffering.seed(Given("http", 16), [b"a" * 32] * 4))


def test_a_packet_that_is_not_the_right_one_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    take = Inbound.take
    monkeypatch.setattr(Inbound, "take", lambda self, family, limits: take(self, family, limits) and b"x")
    with pytest.raises(AssertionError):
        buffering.run(buffering.seed(Given(1), [b"\1a\1b"]))
    monkeypatch.setattr(decoding, "decode_packet", lambda *_: ("ok", b"x", b"more"))
    with pytest.raises(AssertionError):
        decoding.run(decoding.seed(Given(1), b"\1a"))
