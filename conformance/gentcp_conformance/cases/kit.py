"""What no other case saw when a backend was broken on purpose."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import MB, payload, rest_bytes
from ..subject import CaseError, Subject, ok
from ..term import Term
from ._common import blocked_sender, buffers_full, start, timed, underway


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


@case(
    "send/queue/low-watermark-reached",
    title="low_watermark 0: a blocked sender goes on when the queue is empty, not one byte below",
    means="""The limit itself is low enough. With 0 a sender waits until the system has everything, which is the
    nearest thing on inet to the send of the socket backend, and the next send is not refused for it.""",
    source="inet:setopts/2, option low_watermark",
)
def low_watermark_reached(t: Subject) -> Term:
    sock, peer = t.stalled(("low_watermark", 0))
    sender = blocked_sender(t, sock, peer)
    got, _ = peer.take(len(payload()) + 1)
    released = sender.outcome(5.0)
    return (released, len(got) >= len(payload()), [t.catch(gen_tcp.send, sock, b"next") for _ in range(2)])


@case(
    "send/rest-data/half-a-header",
    title="The timeout strikes in the middle of a header: the rest begins with what is left of it",
    means="""On socket the rest is a list of what was not written, header and data apart, as they were given to the
    system: send it as it is, with {packet, raw}. Whoever joins or counts packets by the list's length does not see
    that half a header is gone already.""",
    source="gen_tcp:send/2, RestData; gen_tcp, notes on inet_backend: non-blocking send",
)
def half_a_header(t: Subject) -> Term:
    for _ in range(_ATTEMPTS):
        size = _what_fits(t)
        if size is None:
            return "queued"
        for gap in (1, 2, 3):
            sock, peer = t.stalled(("send_timeout", 200))
            filled = gen_tcp.send(sock, payload(size - gap))
            inet.setopts(sock, [("packet", 4)])
            result = gen_tcp.send(sock, b"data")
            missing = 8 - len(rest_bytes(result))
            if filled == "ok" and 0 < missing < 4:
                return _half(result, missing)
            peer.close()
    raise CaseError("the system never took a part of a header")


_ATTEMPTS = 8


def _half(result: Term, missing: int) -> Term:
    _, (_, rest) = result
    if isinstance(rest, bytes):
        return ("one_binary", rest[-4:])
    head = (4).to_bytes(4, "big")[missing:]
    return ("pieces", [("rest_of_the_header" if piece == head else piece) for piece in rest])


def _what_fits(t: Subject) -> int | None:
    """How many bytes the system takes of a peer that does not read; None for a backend that queues."""
    sock, _peer = t.stalled(("send_timeout", 200))
    result = gen_tcp.send(sock, payload())
    return None if result == "ok" else len(payload()) - len(rest_bytes(result))


@case(
    "inet/getstat/queued-and-blocked",
    title="Sends behind a full queue count once: on inet when they are let in, on socket when they are written",
    means="""A send that is queued is in the counters of inet at once, one that has to wait for the queue is not yet.
    When all is written each of them has been counted once, on both backends.""",
    source="inet:getstat/2",
)
def queued(t: Subject) -> Term:
    sock, peer = t.stalled()
    blocked_sender(t, sock, peer)
    before = _sends(sock)
    second = start(t, gen_tcp.send, sock, b"22")
    third = start(t, gen_tcp.send, sock, b"333")
    waiting = _sends(sock)
    peer.take(len(payload()) + 6, 5.0)
    results = [task.outcome(5.0) for task in (second, third)]
    return (before, waiting, results, _sends(sock))


def _sends(sock: Term) -> Term:
    return ok(inet.getstat(sock, ["send_cnt"]))


@case(
    "close-shutdown/queued/shutdown-read-at-once",
    title="shutdown(read) with a send stuck: recv has the end at once, and that is the end of the send too",
    means="""Only the writing side has to wait for what is queued. recv says closed at once, and as with any end of file
    exit_on_close then drops what the peer has no room for. Without the recv all of it would arrive.""",
    source="gen_tcp:shutdown/2; gen_tcp, notes on inet_backend: async shutdown write",
)
def shutdown_read(t: Subject) -> Term:
    sock, peer = t.stalled()
    sender = blocked_sender(t, sock, peer)
    done = gen_tcp.shutdown(sock, "read")
    received = timed(t, (300,), gen_tcp.recv, sock, 0, 300)
    got, end = peer.drain(1.0)
    return (done, received, sender.outcome(5.0), ("complete", len(got) >= len(payload())), end)
