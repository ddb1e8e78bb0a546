"""Where a search begins: packets of every type from the strategies of the tests, and some that are hostile."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ..support.packets import PACKETS, tampered
from . import buffering, decoding
from .programs import DELIMITERS, KINDS, SIZES, Given

_EACH = 40
_UNCHECKED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def packets(kind: str | int, count: int = _EACH) -> list[bytes]:
    """Some packets of a type, the same ones each time."""
    found: list[bytes] = []

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=_UNCHECKED,
    )  # fmt: skip
    @given(st.lists(tampered(PACKETS[kind]), min_size=1, max_size=3).map(b"".join))
    def collect(packet: bytes) -> None:
        found.append(packet)

    collect()
    return found


def of_decoding() -> Iterator[bytes]:
    """Inputs for `decoding.run`."""
    sizes, delimiters = cycle(SIZES), cycle(DELIMITERS)
    for kind in KINDS:
        for packet in packets(kind):
            yield decoding.seed(Given(kind), packet)
            yield decoding.seed(Given(kind, next(sizes), next(sizes), next(delimiters)), packet)


def of_buffering() -> Iterator[bytes]:
    """Inputs for `buffering.run`: packets in one piece, in single bytes, and with another type behind half of one."""
    sizes, others = cycle(SIZES), cycle(KINDS)
    for kind in KINDS:
        for packet in packets(kind):
            chosen = Given(kind, next(sizes), next(sizes))
            half = len(packet) // 2
            first, second = (buffering.seed(chosen, [part])[4:] for part in (packet[:half], packet[half:]))
            yield buffering.seed(Given(kind), [packet])
            yield buffering.seed(chosen, [packet[at : at + 1] for at in range(len(packet))])
            yield buffering.seed(chosen, []) + first + buffering.switch(Given(next(others))) + second
    yield from _endless()


def _endless() -> Iterator[bytes]:
    """The same few bytes over and over: lines, headers and tags that do not end, packets of one byte."""
    for kind in KINDS:
        for chosen in (Given(kind), Given(kind, 1 << 16), Given(kind, 16, 8)):
            for part in (b"\xff", b"\n", b"\n ", b"a", b"GET:", b"\0"):
                yield (
                    buffering.seed(chosen, [b"\x1f"]) + bytes([(len(part) - 1) << 3 | buffering.MANY]) + part + b"\x0f"
                )
