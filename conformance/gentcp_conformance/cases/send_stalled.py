"""Send while the peer does not read: what blocks, what is queued, and what becomes of it."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import MB, delivery, is_prefix, payload
from ..subject import Peer, Subject
from ..term import Term
from ._common import blocked_sender, buffers_full, later

NON_BLOCKING = "gen_tcp:send/2; gen_tcp, notes on inet_backend: non-blocking send"


@case(
    "send/non-blocking/first-send",
    title="4 MB to a peer that does not read: inet returns at once, socket waits",
    means="""On the inet backend ok from send means "queued", not "sent": a send on an empty queue returns at once
    whatever its size, and the driver writes it out in the background. On the socket backend ok means that the system
    has taken everything, so the caller is held until the peer reads. A process that must stay responsive (a server
    loop that answers clients itself) needs a sender process or a send_timeout on the socket backend, and must not
    take the time of a send on inet for a measure of throughput.""",
    source=NON_BLOCKING,
    documented=True,
)
def first_send(t: Subject) -> Term:
    sock, peer = t.stalled()
    sender = t.spawn(gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    seen = sender.outcome(0.3)
    got, _ = peer.take(4 * MB)
    after = sender.outcome(2.0) if seen == "still_blocked" else "already_returned"
    while_stalled = seen if seen == "still_blocked" else ("immediate", seen)
    return (("while_stalled", while_stalled), ("after_drain", after), ("data", delivery(got, payload())))


@case(
    "send/non-blocking/second-send",
    title="One byte behind 4 MB unsent: now inet waits as well",
    means="""The inet backend does not queue without end: a send that finds data in the queue is queued too, but its
    caller waits until the queue has drained to the low watermark. So a slow peer stops you one send later than on the
    socket backend, where both senders wait. Do not rely on inet never blocking; it only blocks somebody else.""",
    source=NON_BLOCKING,
    documented=True,
)
def second_send(t: Subject) -> Term:
    sock, peer = t.stalled()
    first = t.spawn(gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    second = t.spawn(gen_tcp.send, sock, b"x")
    seen2, seen1 = second.outcome(0.3), first.outcome(0)
    got, _ = peer.take(4 * MB + 1)
    drained = (("p1", later(first, seen1)), ("p2", later(second, seen2)))
    stalled = ("stalled", ("p1", seen1), ("p2", seen2))
    return (stalled, ("drained", *drained), ("data", delivery(got, payload(), b"x")))


def queue_when_blocked(t: Subject, sock: Term, peer: Peer, high: int) -> tuple[Term, int]:
    """What getstat tells of the queue once a process that keeps sending 1000 bytes is blocked; and its sends."""
    done: list[Term] = []
    t.spawn(send_for_ever, sock, done)
    while True:
        before = len(done)
        buffers_full(t, peer)
        if len(done) == before:
            break
    match inet.getstat(sock, ["send_pend"]):
        case ("ok", [("send_pend", int(size))]) if high <= size < high + 1000:
            return (("send_pend_between", high, high + 999), len(done))
        case other:
            return (other, len(done))


def send_for_ever(sock: Term, done: list[Term]) -> Term:
    while (result := gen_tcp.send(sock, b"a" * 1000)) == "ok":
        done.append(result)
    return result


@case(
    "send/queue/high-watermark-default",
    title="How much inet queues for a stalled peer: the high watermark, 8192 bytes by default",
    means="""With small sends the inet backend holds back between 8192 and 9191 bytes (the limit plus the last send)
    before the caller waits; the socket backend has no queue and getstat does not report send_pend at all. Code that
    watches send_pend for back-pressure sees nothing on the socket backend; watch how long send takes instead.""",
    source="inet:setopts/2, option high_watermark; inet:getstat/2, send_pend",
)
def high_watermark_default(t: Subject) -> Term:
    sock, peer = t.stalled()
    queue, sends = queue_when_blocked(t, sock, peer, 8192)
    return (("some_sends_returned_ok", sends > 10), ("queue_when_blocked", queue))


@case(
    "send/queue/high-watermark-raised",
    title="high_watermark raised to 65536: inet queues that much, socket ignores the option",
    means="""Raising the watermarks buys a sender on inet that much more slack before it waits. The socket backend
    takes the same options without complaint, does nothing with them, and leaves them out of what getopts returns, so
    a match on the full list of watermarks fails there. Tune sndbuf if you want slack on both.""",
    source="inet:setopts/2, options high_watermark and low_watermark; inet:getopts/2",
)
def high_watermark_raised(t: Subject) -> Term:
    sock, peer = t.stalled(("high_watermark", 65536), ("low_watermark", 32768))
    queue, _ = queue_when_blocked(t, sock, peer, 65536)
    options = inet.getopts(sock, ["high_watermark", "low_watermark"])
    return (("queue_when_blocked", queue), ("getopts", options))


@case(
    "send/queue/watermarks-raised-too-late",
    title="Raising the watermarks does not release who is blocked already",
    means="""setopts returns ok, but a sender that waits goes on waiting, and on inet so does the next one: a socket
    that counts as busy stays busy until its queue has drained. Set the watermarks when you open the connection; they
    are no remedy for one that is stuck.""",
    source="inet:setopts/2, options high_watermark and low_watermark",
)
def watermarks_raised_too_late(t: Subject) -> Term:
    sock, peer = t.stalled()
    first = blocked_sender(t, sock, peer)
    done = inet.setopts(sock, [("high_watermark", 100_000_000), ("low_watermark", 50_000_000)])
    seen = first.outcome(0.2)
    second = t.spawn(gen_tcp.send, sock, b"2")
    return (done, ("p1", seen), ("p2", second.outcome(0.2)))


@case(
    "send/queue/size-is-visible",
    title="getstat send_pend: inet tells how much waits, socket has no such number",
    means="""Monitoring that reads send_pend finds the backlog of a slow client on inet (4 MB here). On the socket
    backend the counter is silently missing from the result: the list is empty rather than [{send_pend, 0}], and a
    match on one element fails.""",
    source="inet:getstat/2, send_pend",
    contradicts="That send_pend is among the statistics of a socket. On socket there is none.",
)
def size_is_visible(t: Subject) -> Term:
    sock, peer = t.stalled()
    t.spawn(gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    match inet.getstat(sock, ["send_pend"]):
        case ("ok", [("send_pend", int(size))]) if size > 100_000:
            return "more_than_100000"
        case other:
            return other


@case(
    "send/concurrent/order",
    title="Two large sends at once: delivered one after the other, in order",
    means="""The second sender waits for the first on both backends and its bytes follow the first one's without
    mixing. What differs is who has to wait: on inet the first caller is free at once, on the socket backend both are
    held. The order of calls is the order of bytes either way.""",
    source=NON_BLOCKING,
)
def order(t: Subject) -> Term:
    sock, peer = t.stalled()
    blocks = (b"a" * 2 * MB, b"b" * MB)
    first = t.spawn(gen_tcp.send, sock, blocks[0])
    buffers_full(t, peer)
    second = t.spawn(gen_tcp.send, sock, blocks[1])
    seen2, seen1 = second.outcome(0.2), first.outcome(0)
    got, _ = peer.take(3 * MB)
    drained = ("after_drain", later(first, seen1), later(second, seen2))
    return (("stalled", seen1, seen2), drained, delivery(got, *blocks))


@case(
    "send/concurrent/receive-meanwhile",
    title="recv works while another process is stuck in send",
    means="""The two directions do not hold each other up: a blocked writer leaves the socket free for a reader. A
    protocol in which both sides write a lot cannot deadlock inside gen_tcp as long as somebody keeps reading.""",
    source="gen_tcp:send/2; gen_tcp:recv/3",
)
def receive_meanwhile(t: Subject) -> Term:
    sock, peer = t.stalled()
    sender = blocked_sender(t, sock, peer)
    peer.send(b"hi")
    return (gen_tcp.recv(sock, 0, 500), sender.outcome(0))


@case(
    "send/blocked/sender-killed",
    title="Killing a blocked sender: inet completes the packet, socket leaves half of it",
    means="""On inet the data belongs to the driver once it is queued, so killing the process does no harm: the peer
    gets the packet, and even the next one that was waiting. On the socket backend the process was writing itself; its
    death leaves a torn frame, and the next send by somebody else goes out right behind it and is taken for its rest.
    After killing a writer (a brutal shutdown, an exit signal through a link) close the socket.""",
    source="gen_tcp:send/2; erlang:exit/2",
)
def sender_killed(t: Subject) -> Term:
    sock, peer = t.stalled(("packet", 4))
    frame = (4 * MB).to_bytes(4, "big") + payload()
    blocked_sender(t, sock, peer).kill()
    got, _ = peer.drain(0.4)
    complete = got.startswith(frame)
    after = t.timed(gen_tcp.send, sock, b"next")
    return (
        ("first_frame_complete", complete),
        ("is_prefix", complete or is_prefix(got, frame)),
        ("trailing_after_first", got[len(frame) :] if complete else "na"),
        ("next_send", after),
        ("peer_then_got", peer.recv_exact(8)),
    )


def reset_while_blocked(t: Subject, *options: Term) -> Term:
    sock, peer = t.stalled(*options)
    sender = blocked_sender(t, sock, peer)
    peer.close()  # with unread data: a reset
    return (sender.outcome(2.0), [t.catch(gen_tcp.recv, sock, 0, 50) for _ in range(2)])


@case(
    "send/blocked/peer-resets",
    title="The peer dies with our data unread: the blocked sender gets {error, closed}",
    means="""A sender that waits is released when the connection is reset, so it does not hang on a dead client even
    without send_timeout. The recv after it gives closed once; the second differs (enotconn on inet, closed on
    socket). Nothing tells how much of the data had arrived.""",
    source="gen_tcp:send/2; inet:setopts/2, option show_econnreset",
)
def peer_resets(t: Subject) -> Term:
    return reset_while_blocked(t)


@case(
    "send/blocked/peer-resets-shown",
    title="show_econnreset: the blocked sender learns that it was a reset",
    means="""With show_econnreset the sender that was waiting gets econnreset, which tells a crashed or impatient
    client from an orderly close, and the next recv repeats it once. Only the first error of each direction carries
    the reason, so log that one.""",
    source="inet:setopts/2, option show_econnreset",
)
def peer_resets_shown(t: Subject) -> Term:
    return reset_while_blocked(t, ("show_econnreset", True))


@case(
    "send/blocked/peer-resets-active",
    title="Active socket: the reset reaches the blocked sender and the owner",
    means="""Both are told: the sender by {error, closed}, the owner by one tcp_closed. Make sure that they do not
    both start to reconnect.""",
    source="gen_tcp:send/2; inet:setopts/2, option active",
)
def peer_resets_active(t: Subject) -> Term:
    sock, peer = t.stalled()
    inet.setopts(sock, [("active", True)])
    sender = blocked_sender(t, sock, peer)
    peer.close()
    released = sender.outcome(2.0)
    return (released, t.messages(1), t.catch(gen_tcp.send, sock, b"z"))


@case(
    "send/blocked/peer-half-closes-passive",
    title="The peer ends its own direction while we are stuck in send: nothing is lost",
    means="""A half-close of the peer is no reason to stop sending: nobody reads the socket, so the end of file is not
    noticed, and once the peer drains its buffer everything arrives. This is how a client behaves that sends its
    request, shuts down for writing and then reads the answer; keep the socket passive to serve it.""",
    source="gen_tcp:shutdown/2; inet:setopts/2, option exit_on_close",
)
def peer_half_closes_passive(t: Subject) -> Term:
    sock, peer = t.stalled()
    sender = blocked_sender(t, sock, peer)
    peer.shutdown()
    seen = sender.outcome(0.2)
    got, _ = peer.take(4 * MB)
    return (seen, later(sender, seen), ("complete", len(got) == 4 * MB))


@case(
    "send/blocked/peer-half-closes-active",
    title="The same on an active socket: the answer is cut off",
    means="""An active socket notices the peer's half-close at once, and with exit_on_close (the default) it closes
    itself, dropping what was queued or under way; the sender gets closed and the peer a truncated answer. Servers for
    clients that half-close after the request need {exit_on_close, false} or {active, false}.""",
    source="inet:setopts/2, options exit_on_close and active",
)
def peer_half_closes_active(t: Subject) -> Term:
    sock, peer = t.stalled()
    inet.setopts(sock, [("active", True)])
    sender = blocked_sender(t, sock, peer)
    peer.shutdown()
    messages = t.messages(1)
    released = sender.outcome(2.0)
    got, end = peer.take(4 * MB)
    complete = ("peer_complete", len(got) == 4 * MB)
    return (("sender", released), ("messages", messages), complete, ("peer_end", end))


@case(
    "send/blocked/timeout-set-too-late",
    title="Setting send_timeout does not help a sender that is already blocked",
    means="""A send looks at send_timeout when it starts. Setting the option from another process returns ok and
    changes nothing for the call that is stuck. If senders must not hang, set send_timeout before the first send; to
    free one that hangs, close the socket.""",
    source="inet:setopts/2, option send_timeout",
)
def timeout_set_too_late(t: Subject) -> Term:
    sock, peer = t.stalled()
    sender = blocked_sender(t, sock, peer)
    return (inet.setopts(sock, [("send_timeout", 100)]), sender.outcome(0.4))
