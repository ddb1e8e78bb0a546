"""Ends of connections that no other case saw when a backend was broken on purpose."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import delivery, payload
from ..subject import Subject, ok
from ..term import Term
from ._common import buffers_full, close_peer, joined, recvs, timed
from ._ports import is_port

LINGER = "gen_tcp:close/1; inet:setopts/2, option linger"


@case(
    "close-shutdown/linger/local",
    title="linger on a local socket: close does not wait",
    means="""What was sent on a local socket is with the peer's system already, so there is nothing to linger for; it
    can be read after the close.""",
    source=LINGER,
    needs=("local",),
)
def local(t: Subject) -> Term:
    path = t.path()
    listener = t.raw_listener(path=path)
    options = t.options("binary", ("active", False), ("linger", (True, 2)))
    sock = ok(gen_tcp.connect(("local", path.encode()), 0, options, 5000))
    peer = t.raw_accept(listener)
    sent = gen_tcp.send(sock, payload(20_000))
    closed = timed(t, (1000,), gen_tcp.close, sock)
    got, end = peer.drain(1.0)
    return (sent, closed, ("complete", got == payload(20_000)), end)


@case(
    "close-shutdown/linger/half-open",
    title="linger is about close alone: the peer's end, and what is asked behind it, waits for nothing",
    means="""With exit_on_close false the end of the peer's stream closes nothing here. Data that the peer has no room
    for stay on their way, and calls are answered at once; the close that follows lingers until they have arrived.""",
    source=LINGER + "; option exit_on_close",
    alone=True,
)
def half_open(t: Subject) -> Term:
    sock, peer = t.stalled(("linger", (True, 1)), ("exit_on_close", False))
    data = payload(150_000)
    sent = gen_tcp.send(sock, data)
    buffers_full(t, peer)
    peer.shutdown()
    received = timed(t, (900,), gen_tcp.recv, sock, 0, 2000)
    asked = timed(t, (900,), inet.getopts, sock, ["linger", "active"])
    closed = timed(t, (900,), gen_tcp.close, sock)
    got, _ = peer.drain(1.0)
    return (sent, received, asked, closed, delivery(got, data))


@case(
    "active/end/queue-kept",
    title="tcp_closed with exit_on_close false: what is queued still goes out",
    means="""The peer has ended its side and still reads. On inet the rest of a large send that was queued arrives
    whole, although the owner was told tcp_closed in the middle of it.""",
    source="inet:setopts/2, options active and exit_on_close",
)
def queue_kept(t: Subject) -> Term:
    sock, peer = t.stalled(("exit_on_close", False), ("send_timeout", 300))
    sent = gen_tcp.send(sock, payload())
    inet.setopts(sock, [("active", True)])
    peer.shutdown()
    told = t.messages(1)
    if sent != "ok":
        return ("not_queued", told)
    got, _ = peer.take(len(payload()))
    return (sent, told, ("complete", len(got) == len(payload())))


@case(
    "close-shutdown/close/told-already",
    title="close takes one tcp_closed out of the mailbox, and leaves a second one",
    means="""On inet the message of a connection that has ended is taken back by close, so that a loop does not find it
    later; of several, which only a program that forwards messages has, the first.""",
    source="gen_tcp:close/1; option active",
)
def told_already(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True))
    if not is_port(t, sock):
        return "no port"
    close_peer(peer)
    first = t.messages(1)
    for message in (*first, ("other", sock), *first, *first):
        gentcp.current_process().post(message)
    done = gen_tcp.close(sock)
    return (first, done, t.messages(0))


@case(
    "recv/end/what-came-before",
    title="Bytes in front of the end, shorter than was asked for",
    means="""recv of ten bytes, of which five have come when the peer ends, is closed, and the five are lost: a recv
    that comes later says that there is no connection, enotconn on inet and einval on socket.""",
    source="gen_tcp:recv/3",
)
def before_the_end(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"hello")
    first = recvs(t, sock, (10, 100))
    close_peer(peer)
    return (first, recvs(t, sock, (10, 1000), (5, 100), (0, 100)))
