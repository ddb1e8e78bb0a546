"""Packet framing without I/O: where a packet ends in a stream of bytes, and what is delivered of it.

A packet type is a `Family`.  `decode_packet` is the function of Erlang's `erlang` module, and `decode_packets` gives
all packets that there are; the backends use the families themselves, on buffers that they fill.
"""

from __future__ import annotations

from ._decode import decode_packet as decode_packet
from ._decode import decode_packets as decode_packets
from ._family import LONGEST as LONGEST
from ._family import Family as Family
from ._family import Limits as Limits
from ._family import Verbatim as Verbatim
from ._length import LengthPrefix as LengthPrefix
from ._line import Line as Line
from ._tables import FAMILIES as FAMILIES
from ._tables import HEAD_FAMILIES as HEAD_FAMILIES
from ._tables import HEADER_BYTES as HEADER_BYTES
from ._tables import RAW as RAW
from ._tables import TAGS as TAGS


def frame(type_: str | int, payload: bytes) -> bytes:
    """`payload` as `gen_tcp:send/2` puts it on the wire.  A length that does not fit wraps around, as in OTP."""
    size = HEADER_BYTES.get(type_)
    if not size:
        return payload
    return (len(payload) & ((1 << 8 * size) - 1)).to_bytes(size, "big") + payload
