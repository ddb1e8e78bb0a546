"""Reading for the owner, and telling it many packets at once; functions over a reader, with its lock held."""

from __future__ import annotations

from itertools import repeat

from gentcp.errors import reason_of

from .active import delivered, wanted
from .batch import FAR, cut
from .reader import DONTWAIT, Reader


def read_once(reader: Reader) -> bool:
    """Read without blocking, and deal with what came; False when there was nothing."""
    try:
        data = reader.sock.recv(reader.recv_size(0), DONTWAIT)
    except BlockingIOError:
        return False
    except OSError as error:
        reader.received(None, reason_of(error))
        return True
    reader.received(data, None)
    return True


def tell_ahead(reader: Reader) -> None:
    """Tell the owner the packets that are followed by others, if they can be cut at once."""
    most, settings = wanted(reader.active), reader.settings
    if most is None:
        most = FAR
    else:
        most -= 1
    if most <= 0 or not settings.plain or reader.room:
        return
    packets = cut(reader.inbound, settings, reader.rx if settings.counts_packets else None, most)
    if packets:
        reader.ahead = True
        reader.fresh = 0
        reader.owner.post_all(zip(repeat("tcp"), repeat(reader._pin or reader.term), packets, strict=False))
        reader.active, _ = delivered(reader.active, len(packets))
