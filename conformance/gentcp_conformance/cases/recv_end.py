"""Passive receive when the peer closes or resets, and what is still delivered."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import close_peer, receive_all, recvs, reset_peer, sends_to_nobody, start

THREE_PACKETS = b"\1a\1b\1c"


@case(
    "recv/end/data-then-close",
    title="Data, then closed, then an error that depends on the backend",
    means="""What was sent before the close is delivered first, and closed comes exactly once. A second recv after it
    gives enotconn on inet and einval on socket, so a loop that ends on closed only, and is entered again, crashes or
    spins on the other backend: stop at any {error, _} but timeout.""",
    source="gen_tcp:recv/2; inet:setopts/2, option exit_on_close",
    contradicts="That a closed socket is indicated by {error, closed}. It is once; after that by enotconn or einval.",
)
def data_then_close(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    close_peer(peer)
    return receive_all(t, sock, 5)


@case(
    "recv/end/short-tail-is-lost",
    title="recv(S, 6) with five bytes and the end of file: closed, and the five are gone",
    means="""If the stream ends before the length is reached, both backends answer closed and throw the tail away; it
    cannot be fetched afterwards. When the last record may be short, read it with recv(S, 0), or have the peer send
    its length. (The manual's remark that fewer bytes may be returned when the connection closes does not hold.)""",
    source="gen_tcp:recv/3, Length",
    contradicts="""That the last read before {error, closed} may return less than Length bytes. What is there is thrown
    away.""",
)
def short_tail_is_lost(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"hello world")
    close_peer(peer)
    return recvs(t, sock, (6, 100), (6, 100), (6, 100))


@case(
    "recv/end/short-tail-half-open",
    title="exit_on_close false does not save the short tail either",
    means="""The socket stays open and keeps answering closed, but the three bytes that were too few for recv(S, 10)
    are gone all the same. What the option preserves is your sending side, not the data.""",
    source="gen_tcp:recv/3; inet:setopts/2, option exit_on_close",
    contradicts="""That the last read before {error, closed} may return less than Length bytes. What is there is thrown
    away.""",
)
def short_tail_half_open(t: Subject) -> Term:
    sock, peer = t.pair(("exit_on_close", False))
    peer.send(b"abc")
    close_peer(peer)
    return recvs(t, sock, (10, 300), (0, 100), (0, 100))


@case(
    "recv/end/close-while-waiting",
    title="The end of file ends a waiting recv(S, 10) that has three bytes",
    means="""A receiver that is already waiting gets closed as soon as it is clear that its length will not be
    reached, without waiting for its timeout, and the bytes that had come are dropped. The calls after it differ:
    enotconn or einval.""",
    source="gen_tcp:recv/3",
    contradicts="""That the last read before {error, closed} may return less than Length bytes. What is there is thrown
    away.""",
)
def close_while_waiting(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 10, 5000)
    peer.send(b"abc")
    close_peer(peer)
    return (receiver.outcome(5.0), receive_all(t, sock, 2))


@case(
    "recv/end/timeout-then-close",
    title="Bytes kept by a timed out recv are still delivered after the end of file",
    means="""Once a recv(S, 10) has timed out, its three bytes belong to the next call: recv(S, 0) returns them
    although the peer has closed meanwhile, and only then comes closed. Compare recv/end/close-while-waiting, where
    the same bytes are lost.""",
    source="gen_tcp:recv/3",
)
def timeout_then_close(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    first = gen_tcp.recv(sock, 10, 100)
    close_peer(peer)
    return (first, recvs(t, sock, (0, 100), (3, 100), (0, 100)))


@case(
    "recv/end/packets-then-close",
    title="Complete packets in front of the end of file all arrive, passive and active once",
    means="""Three packets and the close may be in one segment: each is delivered, then closed or tcp_closed, in
    passive mode and with active once rearmed after every message. On a rearmed socket the end waits for its turn too,
    so do not take silence after a message for a living connection: arm it again.""",
    source="gen_tcp:recv/2; inet:setopts/2, option active",
)
def packets_then_close(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(THREE_PACKETS)
    close_peer(peer)
    passive = receive_all(t, sock, 5)
    sock, peer = t.pair(("packet", 1))
    peer.send(THREE_PACKETS)
    close_peer(peer)
    return (passive, [arm_once(t, sock) for _ in range(5)])


def arm_once(t: Subject, sock: Term) -> Term:
    done = t.catch(inet.setopts, sock, [("active", "once")])
    return (done, t.messages(1 if done == "ok" else 0, idle=0.05))


@case(
    "recv/end/packets-then-reset",
    title="Packets already read ahead survive a reset",
    means="""What gen_tcp has in its own buffer when the reset comes is still handed out, and only then closed. An
    abort by the peer does not take back what it had said before.""",
    source="gen_tcp:recv/2",
)
def packets_then_reset(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(THREE_PACKETS)
    first = receive_all(t, sock, 1)
    reset_peer(t, sock, peer)
    return (first, receive_all(t, sock, 4))


@case(
    "recv/end/packets-then-failing-send",
    title="A failing send throws away packets that were ready to be read",
    means="""The same two packets are lost if anybody sends between the reset and the reading: the failing send closes
    the socket with its buffer. Where the peer's last words matter (an error report before it hangs up), read them
    before you write, or write from a place that does not mind.""",
    source="gen_tcp:send/2; gen_tcp:recv/2",
)
def packets_then_failing_send(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(THREE_PACKETS)
    first = receive_all(t, sock, 1)
    reset_peer(t, sock, peer)
    return (first, t.catch(gen_tcp.send, sock, b"x"), receive_all(t, sock, 4))


@case(
    "recv/end/last-words-and-sends",
    title="The peer says bye and closes: one send of ours is harmless, a second one loses the bye",
    means="""After the peer's close the first send is ok and its data pointless, but what the peer had sent can still
    be read. The second send fails, and the peer's last message goes with it. A client that pipelines requests should
    read the answer to the first error before it looks at the result of its send.""",
    source="gen_tcp:send/2; gen_tcp:recv/2",
)
def last_words_and_sends(t: Subject) -> Term:
    return [last_words_after(t, count) for count in (1, 2)]


def last_words_after(t: Subject, sends: int) -> Term:
    sock, peer = t.pair()
    peer.send(b"bye")
    close_peer(peer)
    return (sends_to_nobody(t, sock, sends), receive_all(t, sock, 3))


@case(
    "recv/end/reset",
    title="A reset looks like a close: closed once, then enotconn or einval",
    means="""Without show_econnreset a crash of the peer and an orderly close are the same to recv. If the difference
    matters (was the last message complete by protocol or cut off?), set the option.""",
    source="gen_tcp:recv/3; inet:setopts/2, option show_econnreset",
)
def reset(t: Subject) -> Term:
    sock, peer = t.pair()
    reset_peer(t, sock, peer)
    return receive_all(t, sock, 3)


@case(
    "recv/end/reset-shown",
    title="With show_econnreset: data first, then econnreset, then the backend's own error",
    means="""What had been received before the reset is delivered, the reset is reported once, and the third call
    gives enotconn on inet and einval on socket. As long as no send fails in between, the order is reliable:
    econnreset means that everything that had arrived has been read.""",
    source="inet:setopts/2, option show_econnreset",
)
def reset_shown(t: Subject) -> Term:
    sock, peer = t.pair(("show_econnreset", True))
    peer.send(b"abc")
    reset_peer(t, sock, peer)
    return receive_all(t, sock, 3)


@case(
    "recv/end/reset-half-open",
    title="show_econnreset with exit_on_close false: how often sends repeat the reset",
    means="""With exit_on_close false the socket outlives the reset. recv reports it once and then closed; sends
    report econnreset on inet each time and on socket only the first time. Do not count errors to count resets.""",
    source="inet:setopts/2, options show_econnreset and exit_on_close",
)
def reset_half_open(t: Subject) -> Term:
    sock, peer = t.pair(("show_econnreset", True), ("exit_on_close", False))
    reset_peer(t, sock, peer)
    received = receive_all(t, sock, 3)
    return (received, [t.catch(gen_tcp.send, sock, b"a") for _ in range(2)])


@case(
    "recv/end/reset-while-waiting",
    title="A receiver that waits learns of the reset by the name you chose",
    means="""A waiting recv is released by the reset at once, as closed, or as econnreset with show_econnreset. A
    timeout is not needed to survive a peer that crashes (only one that vanishes without a packet).""",
    source="inet:setopts/2, option show_econnreset",
)
def reset_while_waiting(t: Subject) -> Term:
    return [reset_with(t, show) for show in (False, True)]


def reset_with(t: Subject, show: bool) -> Term:
    sock, peer = t.pair(("show_econnreset", show))
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    peer.reset()
    return (show, receiver.outcome(5.0))


@case(
    "recv/end/own-shutdown-read",
    title="After shutdown(read): what had arrived, then closed, and the socket is done for",
    means="""shutdown(S, read) lets you read what is there and then behaves like the peer's close: with exit_on_close
    the socket gives up both directions, so sending fails too. To stop reading but go on writing, simply do not
    read.""",
    source="gen_tcp:shutdown/2",
)
def own_shutdown_read(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    done = gen_tcp.shutdown(sock, "read")
    return (done, recvs(t, sock, (0, 100), (0, 100)), t.catch(gen_tcp.send, sock, b"x"))
