"""The quick form of `packet_of`, which settings have, says the same and counts it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gentcp.engine import Counters, Settings
from gentcp.engine.framing import packet_of, quick_form
from gentcp.packet import FAMILIES, HEADER_BYTES, frame

from .test_settings import VALUES

KINDS = sorted({*FAMILIES, "raw", 0, "ssl"}, key=repr)
CHANGES = st.fixed_dictionaries(
    {
        "packet": st.sampled_from(KINDS),
        "packet_size": st.sampled_from([0, 1, 3, 8, 300, 70_000]),
        "line_delimiter": st.sampled_from([10, 3, 255, 0]),
    },
    optional={"mode": st.sampled_from(["binary", "list"]), "header": st.sampled_from([0, 2])},
)
SIZES = st.sampled_from([0, 1, 2, 3, 8, 9, 255, 256, 300, 301, 65_535, 65_536, 70_000, 70_001])


class Bounded(Settings):
    """Cuts lines, as the backends do; `buffer` says where."""

    __slots__ = ()

    def line_length(self) -> int:
        return int(self["buffer"])


def settings_of(changes: dict[str, Any], bound: int) -> Settings:
    return Bounded({**VALUES, "mode": "binary", "buffer": bound, **changes})


@st.composite
def reads(draw: st.DrawFn) -> tuple[dict[str, Any], bytes]:
    """Settings, and what a read may have brought: a packet, several, a part of one, something else."""
    changes: dict[str, Any] = draw(CHANGES)
    kind, size = changes["packet"], draw(SIZES)
    payload = draw(st.binary(max_size=6)) if size < 3 else bytes((draw(st.sampled_from([0, 7, 255])),)) * size
    if kind == "line":
        packet = payload + bytes((changes["line_delimiter"],))
    else:
        packet = frame(kind, payload) if HEADER_BYTES.get(kind) and size < 1 << 8 * HEADER_BYTES[kind] else payload
    shape = draw(st.sampled_from(["whole", "whole", "twice", "cut", "longer", "any"]))
    data = {
        "whole": packet,
        "twice": packet + packet,
        "cut": packet[: draw(st.integers(0, len(packet)))],
        "longer": packet + draw(st.binary(max_size=3)),
        "any": draw(st.binary(max_size=12)),
    }[shape]
    return changes, data


def counted(counters: Counters) -> tuple[int, int, int, float]:
    return counters.cnt, counters.oct, counters.max, counters.dvi


@given(read=reads(), bound=st.sampled_from([0, 4, 300]), before=st.lists(SIZES, max_size=3))
@settings(max_examples=1500)
def test_the_quick_form_is_the_definition(read: tuple[dict[str, Any], bytes], bound: int, before: list[int]) -> None:
    changes, data = read
    made = settings_of(changes, bound)
    take = quick_form(made)
    assert (take is None) == (made.take is None)
    if take is None:
        return
    found, expected = Counters(), Counters()
    for size in before:
        found.add(size)
        expected.add(size)
    packet = packet_of(data, made)
    if packet is not None:
        expected.add(len(data))
    assert take(data, found) == packet
    assert counted(found) == counted(expected)


@given(read=reads(), bound=st.sampled_from([0, 4, 300]))
@settings(max_examples=500)
def test_there_is_one_exactly_where_packets_are_delivered_as_they_are(
    read: tuple[dict[str, Any], bytes], bound: int
) -> None:
    made = settings_of(read[0], bound)
    plain = made["mode"] == "binary" and not made["header"]
    simple = made.family is None or made["packet"] in (1, 2, 4, "line")
    assert (made.take is not None) == (plain and simple)
