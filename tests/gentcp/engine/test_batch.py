"""Packets cut at once are those cut one by one, and the buffer is left at the same place."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gentcp.engine import Settings
from gentcp.engine.batch import cut
from gentcp.engine.counters import Counters
from gentcp.engine.inbound import NOTHING, FramingError, Inbound

from .test_settings import VALUES

SMALL = st.binary(max_size=40).map(lambda data: data.translate(bytes(byte % 12 for byte in range(256))))
"""Small numbers, which make short lengths, and line feeds."""
CHANGES = st.fixed_dictionaries(
    {"packet": st.sampled_from([1, 2, 4, "line"]), "packet_size": st.sampled_from([0, 3, 8])},
    optional={"line_delimiter": st.sampled_from([10, 3])},
)


class Cutting(Settings):
    """Cuts lines, as the backends do."""

    __slots__ = ()

    def line_length(self) -> int:
        return 9


def settings_of(changes: dict[str, Any]) -> Settings:
    settings = Cutting(VALUES)
    for name, value in changes.items():
        settings = settings.changed(name, value)
    return settings


def one_by_one(inbound: Inbound, settings: Settings) -> list[bytes]:
    assert settings.family is not None
    found: list[bytes] = []
    while (packet := inbound.take(settings.family, settings.limits)) is not NOTHING:
        found.append(packet)
    return found


@given(st.lists(SMALL, max_size=4), CHANGES, st.integers(0, 12))
def test_the_same_packets(pieces: list[bytes], changes: dict[str, Any], most: int) -> None:
    settings, whole, parts = settings_of(changes), Inbound(), Inbound()
    for piece in filter(None, pieces):
        whole.feed(piece)
        parts.feed(piece)
    counters = Counters()
    first = cut(parts, settings, counters, most)
    assert len(first) <= most
    assert counters.cnt == len(first)
    assert counters.oct == sum(map(len, first)) + len(first) * settings.head
    try:
        expected = one_by_one(whole, settings)
    except FramingError:
        return  # of what stands before it all has been compared on another try
    assert first + one_by_one(parts, settings) == expected
    assert parts.take_available(1000) == whole.take_available(1000)


@given(st.lists(st.sampled_from([b"a\n", b"\n", b"0123456\n", b"\n\n"]), min_size=2, max_size=30))
def test_lines_are_cut_at_once(lines: list[bytes]) -> None:
    inbound = Inbound()
    inbound.feed(b"".join(lines))
    found = cut(inbound, settings_of({"packet": "line"}), None, 1000)
    assert len(found) == b"".join(lines).count(b"\n")
    assert b"".join(found) == b"".join(lines)
    assert not inbound.buf


@given(st.integers(0, 40), st.sampled_from([b"0123456789\n", b"0123456789"]))
def test_so_are_those_before_one_that_is_too_long(count: int, long: bytes) -> None:
    inbound = Inbound()
    inbound.feed(b"a\n" * count + long)
    found = cut(inbound, settings_of({"packet": "line"}), None, 1000)
    assert found == [b"a\n"] * count
    assert inbound.take_available(1000) == long


def test_what_is_not_delivered_as_it_is_takes_the_long_way() -> None:
    for changes in ({"packet": 4, "mode": "list"}, {"packet": "line", "header": 2}, {"packet": "raw"}):
        inbound = Inbound()
        inbound.feed(b"\0\0\0\1a\0\0\0\1b\n\n")
        assert cut(inbound, settings_of(changes), None, 10) == []
        assert len(inbound) == 12
