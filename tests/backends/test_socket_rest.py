"""What a timed-out send of the socket backend hands back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gentcp.packet import frame

from ..support.parts import rest_of


@given(payload=st.binary(max_size=60), written=st.integers(0, 63), head=st.sampled_from([0, 1, 2, 4]))
def test_prefix_and_rest_are_the_whole(payload: bytes, written: int, head: int) -> None:
    """A list once a part of a packet is out: send/rest-data/packet-4-header-counts, .../packet-4-nothing-written."""
    framed = frame(head or "raw", payload)
    written = min(written, len(framed))
    rest = rest_of(framed, written, head)
    assert isinstance(rest, list) == bool(written and head)
    assert framed[:written] + (b"".join(rest) if isinstance(rest, list) else rest) == framed
