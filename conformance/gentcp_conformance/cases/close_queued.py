"""shutdown and close while data is queued (inet) or a sender is blocked (socket)."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import MB, is_prefix, payload, send_result
from ..subject import Peer, Subject, Task
from ..term import Term
from ._common import active, brief, buffers_full, later, receive_all, send_past, start, timed

ASYNC_SHUTDOWN = "gen_tcp:shutdown/2; gen_tcp, notes on inet_backend: async shutdown write"
CLOSE = "gen_tcp:close/1; gen_tcp, notes on inet_backend: non-blocking send"


def sending(t: Subject, size: int, *options: Term) -> tuple[Term, Peer, Task]:
    """A stalled pair, and a process that has sent `size` bytes on it, or is at it."""
    sock, peer = t.stalled(*options)
    sender = t.spawn(gen_tcp.send, sock, payload(size))
    buffers_full(t, peer)
    return sock, peer, sender


@case(
    "close-shutdown/queued/shutdown-write",
    title="shutdown(write) with 4 MB unsent: everything still arrives on inet, the stream is cut on socket",
    means="""Both return at once. On inet the half-close waits its turn behind the queue, and the peer gets all data
    and then the end; on socket it happens now: the sender that was at it gets closed and the peer a truncated stream
    that ends like a complete one. Before you shut down on socket, wait for the senders.""",
    source=ASYNC_SHUTDOWN,
    documented=True,
)
def shutdown_write(t: Subject) -> Term:
    sock, peer, sender = sending(t, 4 * MB)
    done = timed(t, (500,), gen_tcp.shutdown, sock, "write")
    seen = sender.outcome(0.3)
    got, end = peer.drain(5.0)
    return (
        ("shutdown", done),
        ("sender", seen, later(sender, seen)),
        ("peer_complete", got == payload()),
        ("is_prefix", is_prefix(got, payload())),
        ("peer_end", end),
    )


@case(
    "close-shutdown/queued/shutdown-read-write",
    title="shutdown(read_write) with 4 MB unsent: the same for the writing side",
    means="""The read half ends at once on both; the write half is postponed on inet and immediate on socket. The
    value ok says nothing about delivery on either.""",
    source=ASYNC_SHUTDOWN,
    documented=True,
)
def shutdown_read_write(t: Subject) -> Term:
    sock, peer, sender = sending(t, 4 * MB)
    done = timed(t, (500,), gen_tcp.shutdown, sock, "read_write")
    seen = sender.outcome(0.3)
    got, end = peer.drain(5.0)
    return (
        ("shutdown", done),
        ("sender", seen),
        ("peer_complete", got == payload()),
        ("is_prefix", is_prefix(got, payload())),
        ("peer_end", end),
    )


@case(
    "close-shutdown/queued/shutdown-then-close",
    title="close after a postponed shutdown: waits for the queue on inet, cuts on socket",
    means="""On inet close keeps the promise of the shutdown before it and holds the caller until the peer has read;
    on socket both return at once and the data is gone. A gen_server that shuts down and closes in terminate may take
    seconds on inet and lose data on socket.""",
    source=ASYNC_SHUTDOWN + "; gen_tcp:close/1",
    documented=True,
    contradicts="""That with linger off close returns at once and data is flushed in the background. On inet it waits
    for the queue.""",
)
def shutdown_then_close(t: Subject) -> Term:
    sock, peer, sender = sending(t, 2 * MB)
    done = gen_tcp.shutdown(sock, "write")
    closer = t.spawn(gen_tcp.close, sock)
    seen = closer.outcome(0.3)
    got, end = peer.drain(5.0)
    return (
        done,
        ("close_within_300ms", seen),
        ("close_after", later(closer, seen)),
        ("p1", sender.outcome(0.5)),
        ("peer_complete", got == payload(2 * MB)),
        ("peer_end", end),
    )


@case(
    "close-shutdown/queued/shutdown-read",
    title="shutdown(read) does not touch what is being sent",
    means="""Shutting down for reading is immediate on both backends and leaves the sender and the queue alone: all
    data arrives.""",
    source="gen_tcp:shutdown/2",
)
def shutdown_read(t: Subject) -> Term:
    sock, peer, _ = sending(t, 4 * MB)
    done = timed(t, (500,), gen_tcp.shutdown, sock, "read")
    return (done, ("peer_complete", peer.take(4 * MB)[0] == payload()))


@case(
    "close-shutdown/queued/close",
    title="close with 4 MB unsent and a peer that does not read: 5 s on inet, at once on socket",
    means="""close on inet flushes: it holds the caller until the queue is empty or nothing has moved for 5 seconds,
    and even then the driver goes on in the background, so that a peer that wakes up later gets everything. On socket
    close returns at once, the blocked sender gets closed and the rest is lost. Closing a slow client from a central
    process stalls it on inet (close in a process of its own, or with linger); on socket wait for the send first.""",
    source=CLOSE,
    documented=True,
    contradicts="""That with linger off close returns at once and data is flushed in the background. On inet it waits
    for the queue.""",
)
def close(t: Subject) -> Term:
    sock, peer, sender = sending(t, 4 * MB)
    closer = t.spawn(timed, t, (5000,), gen_tcp.close, sock)
    closed = closer.outcome(8.0)
    got, end = peer.drain(5.0)
    return (
        ("close", closed),
        ("sender", sender.outcome(0.5)),
        ("is_prefix", is_prefix(got, payload())),
        ("complete", got == payload()),
        ("peer_end", end),
    )


@case(
    "close-shutdown/queued/calls-during-close",
    title="Other calls while inet's close waits for the queue",
    means="""During those seconds the socket is still alive on inet: getopts answers, recv times out as usual, and a
    send is held like any other behind a queue. On socket it is closed already. "Closed" begins when close returns,
    not when it is called.""",
    source=CLOSE,
    documented=True,
)
def calls_during_close(t: Subject) -> Term:
    sock, _, _ = sending(t, 2 * MB)
    t.spawn(gen_tcp.close, sock).outcome(0.1)
    sender = t.spawn(t.catch, gen_tcp.send, sock, b"x")
    return (sender.outcome(0.3), receive_all(t, sock, 1), active(t, sock))


@case(
    "close-shutdown/queued/asked-after",
    title="The owner has ended with 4 MB unsent: on inet the socket can be asked and set until all is written",
    means="""send says closed on both. On inet the driver is still there, so getopts, setopts, getstat and peername go
    on as before until the queue is written, and only then are einval: send_pend tells how much of what the process
    left behind is still to come. On socket all of them fail at once. Do not wait for einval from getopts to learn
    that an owner has ended; monitor the socket.""",
    source="inet:getopts/2, setopts/2, getstat/2; gen_tcp, socket ownership",
)
def asked_after(t: Subject) -> Term:
    owner = t.spawn(t.stalled, ("active", "once"))
    sock, peer = owner.outcome(5.0)
    t.spawn(gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    owner.kill()
    t.wait_until(lambda: t.catch(gen_tcp.send, sock, b"") == ("error", "closed"), what="the end of the owner")
    asked = (
        inet.getopts(sock, ["active", "nodelay"]),
        inet.setopts(sock, [("nodelay", True)]),
        inet.getopts(sock, ["nodelay"]),
    )
    named = brief(inet.peername(sock)), brief(inet.getstat(sock, ["send_pend"]))
    done = gen_tcp.recv(sock, 0, 100), gen_tcp.send(sock, b"x")
    got, _ = peer.drain(5.0)
    return (asked, named, done, ("complete", got == payload()), active(t, sock))


@case(
    "close-shutdown/queued/receiver-at-the-end",
    title="The owner ends with 4 MB unsent while another process waits in recv: on OTP's inet that recv never returns",
    means="""Without a queue the recv gets closed at once. With one OTP's driver remembers the recv until all is
    written and answers then, when the port may no longer send: the caller hangs, and the time of its recv does not
    help. On socket, and in gentcp, it is closed at once. Let the owner be the one that receives, or monitor the
    socket beside the recv.""",
    source="gen_tcp:recv/3; gen_tcp, socket ownership",
)
def receiver_at_the_end(t: Subject) -> Term:
    owner = t.spawn(t.stalled)
    sock, peer = owner.outcome(5.0)
    t.spawn(gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    receiver = start(t, gen_tcp.recv, sock, 0, 2000)
    owner.kill()
    seen = receiver.outcome(1.0)
    got, _ = peer.drain(5.0)
    return (seen, later(receiver, seen, 3.0), ("complete", got == payload()))


def close_lingering(t: Subject, seconds: int, waits: tuple[int, ...], size: int) -> tuple[Peer, Task, Task]:
    sock, peer, sender = sending(t, size, ("linger", (True, seconds)))
    return peer, sender, t.spawn(timed, t, waits, gen_tcp.close, sock)


@case(
    "close-shutdown/queued/close-linger-1",
    title="{linger, {true, 1}}: close gives up after a second on both",
    means="""linger bounds the time that close may take, on inet for its own queue, on socket for the system's buffer.
    On inet the driver still delivers the rest afterwards; on socket what had not been written is lost. It is the
    option to keep a shutdown of many connections short.""",
    source="inet:setopts/2, option linger; gen_tcp:close/1",
    documented=True,
)
def close_linger_1(t: Subject) -> Term:
    peer, sender, closer = close_lingering(t, 1, (1000,), 4 * MB)
    closed = closer.outcome(6.0)
    got, end = peer.drain(5.0)
    return (closed, ("sender", sender.outcome(0.5)), ("complete", got == payload()), end)


@case(
    "close-shutdown/queued/close-linger-5",
    title="{linger, {true, 5}} and a peer that reads: complete on inet, cut on socket",
    means="""With enough time inet's close delivers all and then returns. On socket linger covers only what the system
    has taken already; the sender that was in the middle gets closed and the peer a truncated stream. linger does not
    make close on socket wait for senders.""",
    source="inet:setopts/2, option linger; gen_tcp:close/1",
    documented=True,
)
def close_linger_5(t: Subject) -> Term:
    peer, sender, closer = close_lingering(t, 5, (5000,), 2 * MB)
    closer.outcome(0.2)
    got, end = peer.drain(5.0)
    closed = closer.outcome(5.0)[1]
    return (("close", closed), ("sender", sender.outcome(0.5)), ("complete", got == payload(2 * MB)), end)


@case(
    "close-shutdown/queued/close-after-send-timeout",
    title="close after a send timeout: 5 more seconds on inet, and the data still arrives",
    means="""A send timeout does not take the data out of inet's queue, so the close that usually follows waits for it
    like any other close. To be rid of a stuck client quickly on inet use send_timeout_close or {linger, {true, 0}}.
    On socket close returns at once and the peer keeps what had been written.""",
    source="inet:setopts/2, option send_timeout; gen_tcp:close/1",
    documented=True,
    contradicts="""That with linger off close returns at once and data is flushed in the background. On inet it waits
    for the queue.""",
)
def close_after_send_timeout(t: Subject) -> Term:
    sock, peer = t.stalled(("send_timeout", 200))
    sent = send_result(send_past(sock, payload()))
    closed = t.spawn(timed, t, (5000,), gen_tcp.close, sock).outcome(8.0)
    got, end = peer.drain(5.0)
    prefix = ("prefix", is_prefix(got, payload()) or got.startswith(payload()))
    return (sent, ("close", closed), prefix, ("complete", len(got) >= 4 * MB), end)
