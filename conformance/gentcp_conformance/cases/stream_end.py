"""Streams that end, by close or reset, within a packet or right behind one."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, active, close_peer, joined, receive_all, reset_peer, set_active, start

TORN: tuple[tuple[Term, bytes], ...] = (
    (1, b"\5ab"),
    (2, b"\0"),
    (2, b"\0\5"),
    (4, b"\0\0\0"),
    (4, b"\0\0\0\5abcd"),
    ("line", b"abc"),
)


@case(
    "packet/end/torn-passive",
    title="Half a header, half a body, half a line: recv says closed and nothing else",
    means="""Wherever a packet is cut off, the error is the closed of an orderly end, and the bytes are gone. If it
    matters that a peer did not finish, the protocol must have an end mark. (On OTP 25 socket did not even say closed
    when the cut was in the header: recv waited for its timeout, or for ever.)""",
    source=PACKET + "; gen_tcp:recv/3",
)
def torn_passive(t: Subject) -> Term:
    return [(kind, data, receive_torn(t, kind, data)) for kind, data in TORN]


def receive_torn(t: Subject, kind: Term, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    peer.send(data)
    close_peer(peer)
    return receive_all(t, sock, 2)


@case(
    "packet/end/torn-while-waiting",
    title="A recv that waits for the rest of a packet gets closed when the stream ends",
    means="""The receiver that was already waiting is told at once; the half it had been waiting on is dropped with the
    connection. No timeout is needed to get out of a packet that will never be complete, as long as the peer closes.""",
    source=PACKET + "; gen_tcp:recv/3",
)
def torn_while_waiting(t: Subject) -> Term:
    return [(kind, wait_torn(t, kind, data)) for kind, data in ((1, b"\5ab"), (4, b"\0\0\0\5ab"), ("line", b"ab"))]


def wait_torn(t: Subject, kind: Term, data: bytes) -> Term:
    sock, peer = t.pair(("packet", kind))
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    peer.send(data)
    close_peer(peer)
    return receiver.outcome(5.0)


@case(
    "packet/end/torn-half-open",
    title="exit_on_close false: the torn packet is gone, but we can still answer",
    means="""The option keeps the sending side, so a server can tell its client that the request was cut short. The
    fragment is gone all the same: once recv has met the end, raw mode does not bring it back (compare
    packet/switch/to-raw-after-end).""",
    source=PACKET + "; option exit_on_close",
)
def torn_half_open(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4), ("exit_on_close", False))
    peer.send(b"\0\0\0\5ab")
    peer.shutdown()
    received = receive_all(t, sock, 2)
    raw = inet.setopts(sock, [("packet", "raw")])
    return (received, raw, receive_all(t, sock, 1), gen_tcp.send(sock, b"short"), peer.recv())


@case(
    "packet/end/torn-by-reset",
    title="A reset within a packet: closed, or econnreset if you asked for it",
    means="""The fragment is as lost as with a close, but show_econnreset at least tells an abort from an end. Bytes
    that wait for the rest of their packet do not delay the error.""",
    source=PACKET + "; option show_econnreset",
)
def torn_by_reset(t: Subject) -> Term:
    return [(show, reset_torn(t, show)) for show in (False, True)]


def reset_torn(t: Subject, show: bool) -> Term:
    sock, peer = t.pair(("packet", 4), ("show_econnreset", show))
    peer.send(b"\0\0\0\5ab")
    first = receive_all(t, sock, 1)
    reset_peer(t, sock, peer)
    return (first, receive_all(t, sock, 2))


@case(
    "packet/end/empty-packet-last",
    title="An empty packet in front of the end is delivered, then closed",
    means="""The empty binary and the end of file are two things, also when they arrive together. A loop that takes an
    empty packet for the end misses what comes behind it.""",
    source=PACKET,
)
def empty_packet_last(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))
    peer.send(b"\0\0\0\1x\0\0")
    close_peer(peer)
    return receive_all(t, sock, 4)


@case(
    "packet/end/once-torn",
    title="active once: the whole packet, then, when armed again, tcp_closed without the torn one",
    means="""The end waits until the socket is armed again. In between the socket is passive and looks alive. An owner
    that has all it wanted and does not arm the socket again never learns that the peer is gone.""",
    source=PACKET + "; option active",
)
def once_torn(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))
    peer.send(b"\0\1a\0\5b")
    close_peer(peer)
    first = (set_active(t, sock, "once"), t.messages(1))
    mode = active(t, sock)
    return (first, mode, set_active(t, sock, "once"), t.messages(1))


@case(
    "packet/end/count-not-used-up",
    title="{active, 3}, one packet and the end: tcp_closed and no tcp_passive",
    means="""The end takes nothing from the count, and a count that was not used up is not reported. A loop that ends on
    tcp_passive needs tcp_closed as a second way out.""",
    source=PACKET + "; option active, {active, N}",
)
def count_not_used_up(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 3), ("packet", 2))
    peer.send(b"\0\1a\0\5b")
    peer.close()
    return (t.messages(2), active(t, sock))


@case(
    "packet/end/count-used-up-by-the-last",
    title="{active, 1} and the last packet: tcp_passive first, tcp_closed when armed again",
    means="""The packet uses up the count, the socket is passive, and a passive socket does not announce its end. Arm it
    on every tcp_passive, even if the protocol says that nothing more will come.""",
    source=PACKET + "; option active, {active, N}",
)
def count_used_up(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))
    peer.send(b"\0\1a")
    close_peer(peer)
    first = (set_active(t, sock, 1), t.messages(2))
    return (first, set_active(t, sock, 1), t.messages(1))


@case(
    "packet/end/oversized-last",
    title="A bad packet behind a good one and in front of the end: on socket emsgsize for ever, never closed",
    means="""What comes first in the stream is reported first, so the end is hidden behind the bad packet. inet has
    closed the connection by then; socket keeps the bad bytes and says emsgsize to each recv, without waiting. A loop
    that logs the error and goes on spins. Close on emsgsize.""",
    source=PACKET + " and packet_size",
)
def oversized_last(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1), ("packet_size", 3))
    peer.send(b"\2ok\5wrong")
    close_peer(peer)
    return receive_all(t, sock, 4)


@case(
    "packet/end/own-close",
    title="Our own close with half a packet in the buffer: the peer sees an orderly end",
    means="""Unread bytes in the system's buffer make close a reset, but what gen_tcp has read for a packet that never
    became whole does not count. Whether a peer sees a close or a reset thus depends on whether somebody had tried to
    read.""",
    source="gen_tcp:close/1; " + PACKET,
)
def own_close(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\0\0\0\5ab")
    first = receive_all(t, sock, 1)
    return (first, gen_tcp.close(sock), peer.recv(2.0))
