"""Bytes that are kept, ends, owners and names that no case saw when a tool changed the backends place by place."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import delivery, payload
from ..subject import LOOPBACK, Subject, ok
from ..term import Term
from ._common import (
    ACTIVE,
    blocked_sender,
    brief,
    buffers_full,
    close_peer,
    owned_elsewhere,
    receive_all,
    start,
    underway,
)
from ._options import LOOPBACK6, SETOPTS, get, put

PASSIVE = ("active", False)


@case(
    "recv/unrecv/owner-waits",
    title="unrecv by another process, while the owner of an active socket waits for a message",
    means="""On inet the bytes that are given back are sent to the owner at once. On socket they wait until the peer
    sends something more, so the owner goes on waiting.""",
    source="gen_tcp:unrecv/2; option active",
)
def owner_waits(t: Subject) -> Term:
    owner, sock, _ = owned_elsewhere(t, "binary", ("active", True))
    receiving = underway(owner.start(_message))
    done = t.catch(gen_tcp.unrecv, sock, b"abc")
    return (done, receiving.outcome(0.3))


def _message() -> Term:
    return gentcp.receive(lambda message: message[0] == "tcp", timeout=5.0)


@case(
    "ownership/handover/tcp-closed-received",
    title="controlling_process behind the end: with tcp_closed in the mailbox, and when it has been received",
    means="""With exit_on_close false the socket outlives the end of the peer. While tcp_closed is still in the mailbox
    inet moves the messages and takes the socket for closed: it answers ok, and the socket stays with its owner. Once
    tcp_closed has been received, the socket changes hands as any other.""",
    source="gen_tcp:controlling_process/2; option exit_on_close",
)
def closed_received(t: Subject) -> Term:
    return [_handed_over(t, received=received) for received in (False, True)]


def _handed_over(t: Subject, *, received: bool) -> Term:
    sock, peer = t.pair(("exit_on_close", False), ("active", True))
    peer.send(b"abc")
    close_peer(peer)
    end = gentcp.receive(lambda message: message[0] == "tcp_closed", timeout=5.0)
    if not received:
        gentcp.current_process().post(end)
    other = t.spawn(lambda: "ok")
    done = [t.catch(gen_tcp.controlling_process, sock, other.process) for _ in range(2)]
    return (received, done, t.messages(), other.call(t.messages), get(t, sock, "active"))


@case(
    "packet/limit/small-buffer",
    title="What is too long for packet_size, with a small buffer: what an error drops on socket",
    means="""inet cuts a line at buffer, and closes for a packet that is too long. socket drops what it has read by
    then, which is as many buffers as it needed to see the error, and goes on behind them: in the middle of a line, or
    among the bytes of a packet, which it takes for packets.""",
    source=SETOPTS + ", options packet_size and buffer",
)
def small_buffer(t: Subject) -> Term:
    found: list[Term] = []
    streams = (
        ("line", b"a" * 500 + b"\nok\n", 8),
        ("line", b"a" * 250 + b"\nok\n", 5),
        (2, b"\1\0" + bytes(256) + b"\0\2ok", 3),
        (2, b"\0\2ok" * 20 + b"\1\0" + bytes(256), 22),
    )
    for kind, data, count in streams:
        sock, peer = t.pair(("packet", kind), ("packet_size", 150), ("buffer", 100))
        peer.send(data)
        found.append((kind, receive_all(t, sock, count, 30)))
    return found


@case(
    "inet/info/accepted",
    title="States of an accepted socket, before and after it has received something",
    means="""On socket "selected" is added once somebody has waited, and neither accept nor a recv that finds its data
    there counts as that.""",
    source="inet:info/1",
)
def accepted(t: Subject) -> Term:
    _, sock, peer = t.accepted("binary", PASSIVE)
    before = _states(sock)
    peer.send(b"abc")
    return (before, gen_tcp.recv(sock, 0, 1000), _states(sock))


def _states(sock: Term) -> Term:
    info = inet.info(sock)
    return [(name, info[name]) for name in ("states", "rstates", "wstates") if name in info]


@case(
    "connect/sockaddr/bound-wrong",
    title="A map to connect to, and what is no address or port to bind to",
    means="""inet looks at them before it makes a socket, and exits. socket leaves it to the system, cuts ports to 16
    bits, and returns what it could not make an address of.""",
    source="gen_tcp:connect/3, options ip, ifaddr and port",
)
def bound_wrong(t: Subject) -> Term:
    there = {"family": "inet", "addr": LOOPBACK, "port": t.raw_listener().port}
    own = {"family": "inet", "addr": LOOPBACK, "port": 0}
    lists: list[list[Term]] = [[("port", port)] for port in ("x", 1.0, -1, 1 << 16)]
    lists += [[("ip", ip)] for ip in (LOOPBACK6, "foo", (1, 2, 3), (1, 2, 3, 256))]
    lists += [[("port", "x"), ("ifaddr", own)], [("ifaddr", {**own, "addr": "foo"})]]
    return [(options, brief(t.catch(gen_tcp.connect, there, t.options(PASSIVE, *options), 2000))) for options in lists]


@case(
    "active/end/blocked-sender",
    title="The end of the peer on an active socket with a blocked sender, exit_on_close false",
    means="""inet answers the sender with closed and drops what is queued, in the middle of a packet; the socket goes on
    sending behind that, so the stream has a hole. On socket the sender goes on, and all of it arrives.""",
    source=ACTIVE + " and exit_on_close",
    alone=True,
)
def end_of_blocked(t: Subject) -> Term:
    sock, peer = t.stalled(("exit_on_close", False))
    sender = blocked_sender(t, sock, peer)
    put(t, sock, ("active", True))
    peer.shutdown()
    told = t.messages(1)
    result = sender.outcome(0.1)
    got, end = peer.drain(0.2)
    return (told, result, delivery(got, payload(), b"1"), end)


@case(
    "packet/switch/known-length",
    title="Another packet type in the middle of a packet whose length is known",
    means="""A recv that did not wait (timeout 0) leaves inet waiting for the bytes that the old type has announced:
    they are delivered together as a packet of the new type. After one that timed out, and on socket, they are looked
    at anew at once.""",
    source=SETOPTS + ", option packet; gen_tcp:recv/3",
)
def known_length(t: Subject) -> Term:
    found: list[Term] = []
    for wait in (0, 10):
        for kind in (2, "line", "raw", "asn1"):
            sock, peer = t.pair(("packet", 4))
            peer.send(b"\0\0\0\5a")
            before = t.catch(gen_tcp.recv, sock, 0, wait)
            put(t, sock, ("packet", kind))
            behind = t.catch(gen_tcp.recv, sock, 0, 20)
            peer.send(b"bcde\0\2fg\n")
            found.append((wait, kind, before, behind, receive_all(t, sock, 2, 20)))
    return found


@case(
    "packet/switch/after-two-halves",
    title="A packet came in two halves, then the packet type is changed",
    means="""Nothing of it stays: what comes then is cut by the new type alone, however often options are set in
    between.""",
    source=SETOPTS + ", option packet",
)
def two_halves(t: Subject) -> Term:
    found: list[Term] = []
    for options in (
        [("packet", "raw")],
        [("packet", "raw"), ("mode", "binary")],
        [("mode", "binary"), ("packet", "raw")],
    ):
        sock, peer = t.pair(("packet", 4))
        peer.send(b"\0\0\0\5a")
        before = t.catch(gen_tcp.recv, sock, 0, 10)
        peer.send(b"bcde")
        packet = t.catch(gen_tcp.recv, sock, 0, 1000)
        done = [put(t, sock, option) for option in options]
        peer.send(b"hello")
        found.append((before, packet, done, t.catch(gen_tcp.recv, sock, 0, 1000)))
    return found


@case(
    "packet/counted/next-length",
    title="Half a packet that would be whole if its length began a byte later",
    means="""Nothing is delivered before the length that the header has, wherever else in the packet a length may be
    read.""",
    source=SETOPTS + ", option packet",
)
def next_length(t: Subject) -> Term:
    halves = (
        (1, b"\5\3ab", b"cd"), (2, b"\6\5\3" + bytes(1282), bytes(258)),
        (4, b"\0\0\6\0\0\0" + bytes(1532), b"ab"),
    )  # fmt: skip
    found: list[Term] = []
    for kind, first, rest in halves:
        sock, peer = t.pair(("packet", kind))
        peer.send(first)
        before = t.catch(gen_tcp.recv, sock, 0, 20)
        peer.send(rest)
        whole = gen_tcp.recv(sock, 0, 1000)
        found.append((kind, brief(before), len(whole[1]) if whole[0] == "ok" else whole))
    return found


@case(
    "listen-accept/listen/no-address",
    title="listen without an address: all of them, and einval for a local socket",
    means="""What listens on all addresses can be reached from other machines; {ip, Address} keeps them out. A local
    listener needs a path.""",
    source="gen_tcp:listen/2",
    needs=("inet6", "local"),
)
def no_address(t: Subject) -> Term:
    found: list[Term] = []
    for family in ("inet", "inet6", "local"):
        made = t.catch(gen_tcp.listen, 0, t.options(family, PASSIVE))
        found.append((family, ok(inet.sockname(made[1]))[0] if made[0] == "ok" else made))
    return found


@case(
    "options/system/number-edges",
    title="Numbers at the edges of 32 bits",
    means="""inet cuts them to 32 bits and leaves the rest to the system; socket refuses what does not fit a signed
    number, for limits an unsigned one. Options of its own process it takes as they come.""",
    source=SETOPTS,
)
def number_edges(t: Subject) -> Term:
    numbers = (-(1 << 31) - 1, -(1 << 31), 1 << 31, (1 << 32) - 1, 1 << 32)
    names = ("sndbuf", "priority", "tos", "ttl", "keepidle", "user_timeout", "high_watermark", "buffer", "packet_size")
    sock, _ = t.pair()
    return [(name, [put(t, sock, (name, number)) for number in numbers]) for name in names]


@case(
    "close-shutdown/linger/taken-back",
    title="linger 0 that was taken back: close is as without it",
    means="""{linger, {false, 0}} undoes {linger, {true, 0}}: what was sent arrives, and the peer sees the end of the
    stream instead of a reset.""",
    source="gen_tcp:close/1; inet:setopts/2, option linger",
)
def taken_back(t: Subject) -> Term:
    sock, peer = t.stalled()
    done = [put(t, sock, ("linger", (on, 0))) for on in (True, False)]
    data = payload(150_000)
    sent = gen_tcp.send(sock, data)
    closing = start(t, gen_tcp.close, sock)
    got, end = peer.drain(0.5)
    return (done, sent, delivery(got, data), end, closing.outcome(2.0))


@case(
    "connect/host/characters",
    title="Characters that no name of a host can have: badarg on inet, einval on socket",
    means="""Printable ASCII is looked up, whatever it is, and everything else is refused without that. A name with
    umlauts has to be given in its ASCII form (xn--...).""",
    source="gen_tcp:connect/4",
)
def characters(t: Subject) -> Term:
    port = t.closed_port()
    return [
        (code, brief(t.catch(gen_tcp.connect, [*b"no-such-", code], port, t.options(PASSIVE), 2000)))
        for code in (0x20, 0x21, 0x7E, 0x7F, 0xA0, 0xA1, 0xE4, 0xFF, 0x100, 0x20AC)
    ]


@case(
    "recv/closed/arguments",
    title="recv on a socket that was closed, with every form of arguments",
    means="""inet says closed whatever is asked for; socket looks at the arguments first, raises for those that are
    none, and says einval, as for any call to a process that has ended.""",
    source="gen_tcp:recv/3",
)
def closed_arguments(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    calls: tuple[tuple[Term, Term], ...] = ((0, 0), (5, 100), (5, "infinity"), (0, -1), (-1, 0), ("x", 0), (0, "x"))
    return [(length, time, t.catch(gen_tcp.recv, sock, length, time)) for length, time in calls]


@case(
    "close-shutdown/close/reset-meanwhile",
    title="The peer resets the connection while close waits for the queue",
    means="""On inet a close that waits on a passive socket returns at once. On an active one it finds out only when it
    looks again whether something has been sent, which is after five seconds.""",
    source="gen_tcp:close/1",
    alone=True,
)
def reset_meanwhile(t: Subject) -> Term:
    found: list[Term] = []
    for mode, grace in ((False, 2.0), (True, 0.3)):
        sock, peer = t.stalled(("active", mode), ("send_timeout", 50))
        gen_tcp.send(sock, payload())
        buffers_full(t, peer)
        closing = start(t, gen_tcp.close, sock)
        before = closing.outcome(0.0)
        peer.reset()
        found.append((mode, before, closing.outcome(grace), t.messages()))
    return found
