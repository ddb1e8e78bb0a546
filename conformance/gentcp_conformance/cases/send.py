"""Send on a connection that takes the data, or is gone."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import ImproperList, gen_tcp, inet

from ..case import case
from ..subject import Peer, Subject
from ..term import Term
from ._common import close_peer, joined, recvs, reset_peer, sends_to_nobody

THREE_RECVS = [(0, 50)] * 3


@case(
    "send/data/nested-iodata",
    title="A deep list of binaries and bytes goes out flat",
    means="""You need not join what you send. Any nesting of binaries, byte values and lists is accepted, empty parts
    and a binary as the tail of a list included, and the peer sees their concatenation. Code that builds a protocol
    message from parts can hand over the parts on either backend.""",
    source="gen_tcp:send/2, type of Packet",
)
def nested_iodata(t: Subject) -> Term:
    sock, peer = t.pair()
    parts = [b"ab", list(b"cd"), [[ord("e")], [], b"", ImproperList([b"f"], b"g")]]
    return (gen_tcp.send(sock, parts), ("ok", peer.recv_exact(7)))


@case(
    "send/data/empty",
    title="An empty send: nothing in raw and line mode, a bare header with packet 1, 2, 4",
    means="""Sending no bytes is not always a no-op. In raw and line mode nothing leaves the machine, but with packet
    1, 2 or 4 the peer gets a header of zeros, that is, an empty message. Guard against empty payloads yourself if an
    empty message means something (or nothing) to your peer.""",
    source="gen_tcp:send/2; inet:setopts/2, option packet",
)
def empty(t: Subject) -> Term:
    return [empty_with(t, packet) for packet in ("raw", 1, 2, 4, "line")]


def empty_with(t: Subject, packet: Term) -> Term:
    sock, peer = t.pair(("packet", packet))
    nothing: list[Term] = [b"", [], [[], b""]]
    results = [gen_tcp.send(sock, data) for data in nothing]
    headers = 3 * packet if isinstance(packet, int) else 0
    return (packet, results, ("ok", peer.recv_exact(headers)) if headers else peer.recv(0.1))


@case(
    "send/data/not-the-owner",
    title="Any process may send",
    means="""Ownership limits who gets messages and who may pass the socket on, not who may send. A connection process
    can hand its socket to workers that write to it directly; only the order of their writes is then up to them.""",
    source="gen_tcp:send/2; gen_tcp:controlling_process/2",
)
def not_the_owner(t: Subject) -> Term:
    sock, peer = t.pair()
    sender = t.spawn(gen_tcp.send, sock, b"abc")
    return (sender.outcome(5.0), ("ok", peer.recv_exact(3)))


@case(
    "send/data/bad-first-argument",
    title="A first argument that is no socket is a programming error, not a result",
    means="""An atom, a pid or a tuple where the socket should be raises function_clause instead of returning an error
    tuple, so the usual match on {error, Reason} does not catch it. It is meant to crash: such a call is a bug in the
    caller and no state of a connection.""",
    source="gen_tcp:send/2, type of Socket",
)
def bad_first_argument(t: Subject) -> Term:
    return [t.catch(gen_tcp.send, wrong, b"") for wrong in ("foo", gentcp.current_process(), ("a", "b"))]


@case(
    "send/data/header-wraps",
    title="packet 2 sends 65536 bytes with a header of 0",
    means="""Nobody checks that the length fits into the header. A message of 65536 bytes with packet 2 (256 with
    packet 1) goes out with a header that has wrapped to 0, the peer takes the body for headers, and the stream is
    beyond repair. Check the size before you send, or use packet 4.""",
    source="inet:setopts/2, option packet",
)
def header_wraps(t: Subject) -> Term:
    return [header_of(t, size) for size in (65535, 65536)]


def header_of(t: Subject, size: int) -> Term:
    sock, peer = t.pair(("packet", 2))
    sent = t.catch(gen_tcp.send, sock, b"a" * size)
    frame = peer.recv_exact(size + 2)
    return (size, sent, ("header", int.from_bytes(frame[:2], "big")), ("payload_bytes", len(frame) - 2))


@case(
    "send/delay-send/close-delivers",
    title="What delay_send holds back is delivered although close follows at once",
    means="""delay_send lets the inet backend collect data before it writes (the socket backend takes the option and
    ignores it). Closing right after the send does not lose what was collected: close flushes it first. You may use
    the option for small writes without a farewell protocol.""",
    source="inet:setopts/2, option delay_send; gen_tcp:close/1",
)
def delay_send_close(t: Subject) -> Term:
    sock, peer = t.pair(("delay_send", True))
    return (gen_tcp.send(sock, b"abc"), gen_tcp.close(sock), peer.drain(5.0))


@case(
    "send/timeout/zero-with-room",
    title="send_timeout 0 is fine while the system takes the data",
    means="""A send_timeout of 0 does not mean that sends fail: it means that they never wait. As long as the system's
    buffer has room the call returns ok on both backends, so 0 is a usable setting for a process that must not block.
    What happens without room is another case, and there the backends part.""",
    source="inet:setopts/2, option send_timeout",
)
def timeout_zero_with_room(t: Subject) -> Term:
    sock, peer = t.pair(("send_timeout", 0))
    return (gen_tcp.send(sock, b"abc"), ("ok", peer.recv_exact(3)))


@case(
    "send/concurrent/frames-intact",
    title="Two processes send 200 packets each: no frame is torn",
    means="""While nobody times out or is killed, a send is atomic: with packet 4 two processes may write to the same
    socket without a lock, and the peer sees whole frames of the one and the other. You need a writer process of your
    own only for order between senders, not for framing.""",
    source="gen_tcp:send/2",
)
def frames_intact(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    senders = [t.spawn(send_often, sock, letter * 1000) for letter in (b"a", b"b")]
    frames = split_frames(peer.recv_exact(400 * 1004))
    counts = [frames.count(letter * 1000) for letter in (b"a", b"b")]
    kind = "intact" if sum(counts) == len(frames) else "broken_after"
    return ([sender.outcome(5.0) for sender in senders], ("frames", (kind, *counts)))


def send_often(sock: Term, data: bytes) -> list[Term]:
    return sorted({gen_tcp.send(sock, data) for _ in range(200)})


def split_frames(stream: bytes) -> list[bytes]:
    frames: list[bytes] = []
    while stream:
        end = 4 + int.from_bytes(stream[:4], "big")
        frames.append(stream[4:end])
        stream = stream[end:]
    return frames


@case(
    "send/after-peer-close/passive",
    title="The peer has closed: the first send is ok, the next ones are errors that differ",
    means="""TCP cannot tell a sender that nobody reads any more: the first send after the peer's close returns ok,
    and its data is lost. The second gives {error, closed}. From then on the inet backend says enotconn where the
    socket backend stays with closed, so retry or clean-up code must treat closed, enotconn and einval alike, and
    nothing short of an answer from the peer proves delivery.""",
    source="gen_tcp:send/2; inet:setopts/2, options exit_on_close and show_econnreset",
)
def after_peer_close(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    return (("sends", sends_to_nobody(t, sock, 4)), ("recvs", recvs(t, sock, *THREE_RECVS)))


@case(
    "send/after-peer-close/show-econnreset",
    title="show_econnreset tells the reset from a close, once for send and once for recv",
    means="""With show_econnreset the failing send says econnreset instead of closed, and so does the recv that
    follows; only these first calls do. Later ones give enotconn on inet and closed on socket. If you count resets in
    a metric, take the first error of a connection and ignore the rest.""",
    source="inet:setopts/2, option show_econnreset",
)
def after_peer_close_show(t: Subject) -> Term:
    sock, peer = t.pair(("show_econnreset", True))
    close_peer(peer)
    return (("sends", sends_to_nobody(t, sock, 4)), ("recvs", recvs(t, sock, *THREE_RECVS)))


@case(
    "send/after-peer-close/half-open-active",
    title="exit_on_close false: the socket survives the peer's end and fails on the second send",
    means="""With {exit_on_close, false} the message tcp_closed reports only that the peer sends no more; the socket
    remains yours and you may still send, because the peer may have closed one direction. If it closed both, you learn
    it from the second send and not from another message. Keep the socket in your state until you close it
    yourself.""",
    source="inet:setopts/2, option exit_on_close",
)
def half_open_active(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True), ("exit_on_close", False))
    close_peer(peer)
    before = t.messages(1)
    return (("messages", before), ("sends", sends_to_nobody(t, sock, 4)), ("messages_after", t.messages()))


@case(
    "send/after-reset/passive",
    title="After a reset the very first send fails",
    means="""A reset that has arrived takes the grace of the first ok away: the first send gives {error, closed} (the
    reset itself is hidden unless show_econnreset is set). Then inet answers enotconn and socket closed. Compare with
    the close of the peer, where one send is lost without a sign.""",
    source="gen_tcp:send/2; inet:setopts/2, option show_econnreset",
)
def after_reset(t: Subject) -> Term:
    sock, peer = t.pair()
    reset_peer(t, sock, peer)
    return (("sends", sends_to_nobody(t, sock, 3)), ("recvs", recvs(t, sock, *THREE_RECVS)))


@case(
    "send/after-close/own-close",
    title="Sending on a socket you closed is {error, closed} on both backends",
    means="""Of all calls on a socket that is closed already, send is the one that agrees: {error, closed}, however
    often you try. recv, setopts and others give closed or einval depending on the backend, so a helper that looks at
    the reason should be tested with more than send.""",
    source="gen_tcp:send/2; gen_tcp:close/1",
)
def after_own_close(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    return [t.catch(gen_tcp.send, sock, b"a") for _ in range(2)]


def send_after_shutdown(t: Subject, sock: Term, peer: Peer, recv_calls: int) -> Term:
    done = gen_tcp.shutdown(sock, "write")
    peer.send(b"late")
    sends = [t.catch(gen_tcp.send, sock, b"a") for _ in range(3)]
    return (done, sends, recvs(t, sock, *[(0, 50)] * recv_calls))


@case(
    "send/after-shutdown/passive",
    title="A send after shutdown(write) closes the reading side too",
    means="""A half-close promises that you only read from now on. If a forgotten send comes after it, the error is
    the small part of the damage: the whole socket is given up, and data from the peer that had arrived and was
    waiting to be read is gone. Stop all senders before you shut down for writing.""",
    source="gen_tcp:shutdown/2; gen_tcp:send/2",
)
def after_shutdown(t: Subject) -> Term:
    return send_after_shutdown(t, *t.pair(), 3)


@case(
    "send/after-shutdown/show-econnreset",
    title="With show_econnreset the send after your own shutdown(write) says econnreset",
    means="""show_econnreset turns the error of a send after your own half-close into econnreset although the peer has
    reset nothing. A log line that blames the peer for it is wrong: look for a shutdown(write) of your own first.""",
    source="gen_tcp:shutdown/2; inet:setopts/2, option show_econnreset",
    contradicts="That econnreset from send means a reset by the peer. Here there was none.",
)
def after_shutdown_show(t: Subject) -> Term:
    return send_after_shutdown(t, *t.pair(("show_econnreset", True)), 2)


@case(
    "send/after-shutdown/active",
    title="Active socket: the send after shutdown(write) brings tcp_closed to the owner",
    means="""The owner of an active socket sees the same as if the peer had closed: one tcp_closed, caused by a send
    of your own. Afterwards the socket is gone (getopts gives einval). A supervisor that restarts connections on
    tcp_closed will restart this one.""",
    source="gen_tcp:shutdown/2; gen_tcp:send/2",
)
def after_shutdown_active(t: Subject) -> Term:
    sock, _ = joined(t, "binary", ("active", True))
    done = gen_tcp.shutdown(sock, "write")
    first = t.catch(gen_tcp.send, sock, b"a")
    messages = t.messages(1)
    return (done, first, messages, t.catch(gen_tcp.send, sock, b"a"), t.catch(inet.getopts, sock, ["active"]))
