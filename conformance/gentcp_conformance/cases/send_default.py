"""Sends to a peer that does not read, with the sender's buffers as the system makes them."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..data import MB, delivery, payload, rest_bytes, send_result
from ..subject import STALLED_BUFFER, Peer, Subject
from ..term import Term
from ._common import buffers_full, timed

SEND = "gen_tcp:send/2; inet:setopts/2, option send_timeout"
MORE_THAN_THE_SYSTEM_TAKES = 16 * MB
"""Linux enlarges a send buffer up to net.ipv4.tcp_wmem, 4 MB unless somebody has changed that."""


def stalled(t: Subject, *options: Term) -> tuple[Term, Peer]:
    """A pair whose peer does not read and has a small buffer; the sender's grows as the system likes."""
    listener = t.raw_listener(rcvbuf=STALLED_BUFFER)
    sock = t.connect(listener.port, "binary", ("active", False), *options)
    return sock, t.raw_accept(listener)


@case(
    "send/default-buffers/timeout",
    title="A send timeout with default buffers: megabytes are gone before it runs",
    means="""Without sndbuf the system takes megabytes for a peer that reads nothing, so a timeout says little about
    what the peer has: on socket the rest that comes back is exactly what the system did not take, and on inet, where
    the first send is only queued, nothing times out before the second. Set sndbuf where a timeout is to mean that the
    peer is slow.""",
    source=SEND,
)
def timeout(t: Subject) -> Term:
    sock, peer = stalled(t, ("send_timeout", 300))
    data = payload(MORE_THAN_THE_SYSTEM_TAKES)
    first = gen_tcp.send(sock, data)
    second = timed(t, (300,), gen_tcp.send, sock, b"again")
    rest = rest_bytes(first)
    sent = data[: len(data) - len(rest)]
    got, _ = peer.take(len(sent), 10.0)
    return (
        ("first", send_result(first), ("rest_is_the_end", data.endswith(rest))),
        ("second", second),
        ("peer", delivery(got, sent)),
    )


@case(
    "send/default-buffers/blocked",
    title="A send of 16 MB with default buffers holds its caller on socket, and nobody on inet",
    means="""The same as with small buffers, only later: what the system takes depends on its settings and on the
    connections before, never on the backend. All of it arrives when the peer reads.""",
    source="gen_tcp:send/2",
)
def blocked(t: Subject) -> Term:
    sock, peer = stalled(t)
    data = payload(MORE_THAN_THE_SYSTEM_TAKES)
    sender = t.spawn(gen_tcp.send, sock, data)
    buffers_full(t, peer)
    seen = sender.outcome(0.2)
    got, _ = peer.take(len(data), 10.0)
    return (seen, sender.outcome(5.0), delivery(got, data))


@case(
    "send/stalled/empty",
    title="An empty send on a full connection: it times out on inet, and is ok on socket",
    means="""There is nothing to send, but inet still stands in line: the port is busy, and busy ports take no
    commands. On socket the system is not asked. A send of nothing is no test of whether a connection has room on
    socket.""",
    source=SEND,
)
def empty(t: Subject) -> Term:
    sock, peer = t.stalled(("send_timeout", 300))
    data = payload(4 * MB)
    first = send_result(gen_tcp.send(sock, data))
    buffers_full(t, peer)
    second = send_result(gen_tcp.send(sock, b"x"))
    return (first, second, [timed(t, (300,), gen_tcp.send, sock, nothing) for nothing in (b"", [], [b"", []])])
