"""Active mode when something goes wrong, and options that are refused."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Subject
from ..term import Term
from ._common import active, joined, reset_peer

OVERSIZED = ("binary", ("active", True), ("packet", 4), ("packet_size", 10))


@case(
    "active/error/oversized-packet",
    title="A packet over packet_size: inet closes the connection, socket only goes passive",
    means="""Both say {tcp_error, Socket, emsgsize}. On inet tcp_closed follows and the connection is gone; on socket
    nothing follows, the socket is passive, still open and still counts against your limits, and the stream is no
    longer at a packet boundary. Close the socket yourself on tcp_error, or idle connections pile up on the socket
    backend.""",
    source="inet:setopts/2, options packet_size and active",
    contradicts="That tcp_closed follows tcp_error as with any socket error. On socket it does not follow emsgsize.",
)
def oversized_packet(t: Subject) -> Term:
    sock, peer = joined(t, *OVERSIZED)
    peer.send(b"\0\0\0\x64" + payload(100))
    messages = t.messages(1)
    mode, sent = active(t, sock), t.catch(gen_tcp.send, sock, b"x")
    return (messages, mode, sent, peer.recv(1.0), t.messages())


@case(
    "active/error/oversized-packet-then-active",
    title="Making the socket active again after emsgsize",
    means="""On inet there is no socket left to arm. On socket the calls succeed, but what had been read of the bad
    packet is dropped, so the next bytes are taken for a header: resuming is only safe if you know where in the stream
    you are. Treat emsgsize as the end of the connection.""",
    source="inet:setopts/2, options packet_size and active",
)
def oversized_then_active(t: Subject) -> Term:
    sock, peer = joined(t, *OVERSIZED)
    peer.send(b"\0\0\0\x1412345678901234567890")
    messages = t.messages(1)
    first = t.catch(inet.setopts, sock, [("active", "once")])
    between = t.messages()
    second = t.catch(inet.setopts, sock, [("packet_size", 100), ("active", "once")])
    return (messages, first, between, second, t.messages())


@case(
    "active/error/send-failed-before",
    title="A passive socket whose send failed tells its end when it becomes active",
    means="""A passive socket can send no message when the connection breaks under a send; the tcp_closed is kept
    until the socket is made active. So setopts returns ok on a dead connection, and the message arrives right behind.
    Do not take the ok for a sign of life.""",
    source="inet:setopts/2, option active; gen_tcp:send/2",
)
def send_failed_before(t: Subject) -> Term:
    sock, peer = t.pair()
    reset_peer(t, sock, peer)
    sent = gen_tcp.send(sock, b"a")
    done = t.catch(inet.setopts, sock, [("active", True)])
    return (sent, done, t.messages(1), active(t, sock))


@case(
    "active/error/send-failed-before-shown",
    title="With show_econnreset the late news is tcp_error econnreset, then tcp_closed",
    means="""The reason of the reset is kept with the end: first {tcp_error, Socket, econnreset}, then tcp_closed. A
    handler that stops at tcp_error must be ready for the tcp_closed that follows.""",
    source="inet:setopts/2, options active and show_econnreset",
)
def send_failed_before_shown(t: Subject) -> Term:
    sock, peer = t.pair(("show_econnreset", True))
    reset_peer(t, sock, peer)
    sent = gen_tcp.send(sock, b"a")
    done = t.catch(inet.setopts, sock, [("active", True)])
    return (sent, done, t.messages(2), active(t, sock))


BAD = (("foo", 1), ("packet", 99), ("ipv6_v6only", True), ("recbuf", "foo"), ("ttl", 0), ("active", 40000))


@case(
    "active/setopts/refused-in-the-middle",
    title="A bad option in a list: which of the others are applied",
    means="""setopts is no transaction. Socket applies options from left to right and stops at the bad one, so those
    before it are in force. inet looks at all types first and applies nothing if one is wrong, but an option that only
    the system refuses leaves those AFTER it applied, as it works from right to left. After an error read the options
    back, or set what matters in a call of its own.""",
    source="inet:setopts/2",
)
def refused_in_the_middle(t: Subject) -> Term:
    return [with_bad_option(t, bad) for bad in BAD]


def with_bad_option(t: Subject, bad: Term) -> Term:
    sock, _ = t.pair()
    done = t.catch(inet.setopts, sock, [("nodelay", True), bad, ("keepalive", True)])
    return (bad, done, inet.getopts(sock, ["nodelay", "keepalive"]))


@case(
    "active/setopts/same-option-twice",
    title="The same option twice: the first wins on inet's setopts, the last on socket",
    means="""Because inet applies a list from the right, [{packet, 1}, {packet, 2}] ends with 1 there and with 2 on
    socket. In connect the last one wins on both. Code that appends overrides to a list of defaults works in connect
    and fails in setopts on inet: merge the options first.""",
    source="inet:setopts/2; gen_tcp:connect/4",
)
def same_option_twice(t: Subject) -> Term:
    twice = [("packet", 1), ("packet", 2)]
    sock, _ = t.pair()
    inet.setopts(sock, twice)
    connected, _ = joined(t, "binary", ("active", False), *twice, "list")
    return (inet.getopts(sock, ["packet"]), inet.getopts(connected, ["packet", "mode"]))


@case(
    "active/error/bad-one-buffered",
    title="A packet and one that is too long have come, then active: inet tells the second when more comes, or never",
    means="""On inet the good packet is delivered, and the bad one is told when the peer sends again or closes. With
    {active, N} OTP's driver stops to watch the connection there, and the owner hears of nothing any more, not even
    that the peer has closed; gentcp does not copy that. socket delivers the good one and says emsgsize at once. Use
    once, or a timer.""",
    source="inet:setopts/2, options packet_size and active",
)
def bad_one_buffered(t: Subject) -> Term:
    found: list[Term] = []
    for mode in (2, "once", True):
        sock, peer = t.pair(("packet", 1), ("packet_size", 5))
        peer.send(b"\1a\1b\x10cd")
        first = t.catch(gen_tcp.recv, sock, 0, 500)
        done = inet.setopts(sock, [("active", mode)])
        told = [message[0::2] for message in t.messages(idle=0.15)]
        again = t.catch(inet.setopts, sock, [("active", 2)])
        before = [message[0::2] for message in t.messages(idle=0.15)]
        peer.send(b"x", delivered=False)
        found.append((mode, first, done, told, again, before, [message[0::2] for message in t.messages(idle=0.15)]))
    return found
