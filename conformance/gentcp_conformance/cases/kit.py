"""What no other case saw when a backend was broken on purpose."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..data import MB, payload
from ..subject import Subject
from ..term import Term
from ._common import blocked_sender, buffers_full, underway


@case(
    "send/queue/low-watermark",
    title="A blocked sender goes on only when the queue is down to low_watermark",
    means="""Falling below high_watermark is not enough: on inet the sender stays blocked until the driver has written
    the queue down to low_watermark, so that it is not woken for every few bytes. With the two far apart a slow peer
    makes the sender go in long strides. The socket backend has neither; there the send is over when its last byte is
    with the system.""",
    source="inet:setopts/2, options high_watermark and low_watermark",
)
def low_watermark(t: Subject) -> Term:
    sock, peer = t.stalled(("high_watermark", 3 * MB), ("low_watermark", MB))
    sender = blocked_sender(t, sock, peer)
    peer.recv_exact(3 * MB // 2)
    buffers_full(t, peer)
    between = underway(sender).outcome(0.1)
    peer.recv_exact(len(payload()) - 3 * MB // 2)
    return (("between_the_watermarks", between), ("below_both", sender.outcome(5.0)))
