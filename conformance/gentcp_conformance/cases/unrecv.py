"""gen_tcp:unrecv: data put back, in which order and in which states.  Undocumented in OTP, on inet only."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import active, close_peer, receive_all, recvs, start
from ._ports import is_port

UNRECV = "gen_tcp:unrecv/2, undocumented"


@case(
    "recv/unrecv/order",
    title="Data put back twice, and data that is still to come",
    means="""What was put back last is first, all of it is in front of what is still to come, and recv with a length
    takes from both together. On socket there is no unrecv: keep what you cannot use yet yourself.""",
    source=UNRECV,
)
def order(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"9")
    results = [gen_tcp.unrecv(sock, data) for data in (b"56", b"34", [b"1", 50])]
    return (results, recvs(t, sock, (3, 500), (4, 500), (0, 50)))


@case(
    "recv/unrecv/lines",
    title="Data put back on a socket with a packet type",
    means="""Headers have to be put back as well: what is put back is bytes of the stream, not a packet, and is cut
    again with the packet type that is set when it is read.""",
    source=UNRECV,
)
def lines(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"c\n")
    back = gen_tcp.unrecv(sock, b"a\nb")
    return (back, receive_all(t, sock, 3))


@case(
    "recv/unrecv/active",
    title="Data put back on an active socket",
    means="""It comes as a message at once, as if it had just arrived. So a process that hands an active socket on
    can return what it read too much, and the next owner sees it.""",
    source=UNRECV,
)
def on_active(t: Subject) -> Term:
    results: list[Term] = []
    for mode in (True, "once"):
        sock, _ = t.pair(("active", mode))
        back = gen_tcp.unrecv(sock, b"again")
        results.append((mode, back, [message[0::2] for message in t.messages(idle=0.15)], active(t, sock)))
    return results


@case(
    "recv/unrecv/then-active",
    title="Data put back, and then the socket is made active",
    means="""The owner gets it as the first message, before anything that comes from the network. Read a preamble
    passively, put back what is behind it, and go on actively.""",
    source=UNRECV,
)
def then_active(t: Subject) -> Term:
    sock, peer = t.pair()
    back = gen_tcp.unrecv(sock, b"first")
    inet.setopts(sock, [("active", True)])
    first = t.messages(idle=0.15)
    peer.send(b"second")
    return (back, [message[0::2] for message in first + t.messages(1 if back == "ok" else 0, idle=0.15)])


@case(
    "recv/unrecv/states",
    title="unrecv on sockets that cannot receive",
    means="""A listener, a closed socket, one whose peer has closed: an error, and nothing is kept. As long as nobody
    has noticed that the peer has closed, it works, and the data is still read before the end.""",
    source=UNRECV,
)
def states(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    unnoticed = (gen_tcp.unrecv(sock, b"x"), recvs(t, sock, (0, 500), (0, 500)))
    noticed = gen_tcp.unrecv(sock, b"x")
    gen_tcp.close(sock)
    closed = gen_tcp.unrecv(sock, b"x")
    return (unnoticed, noticed, closed, gen_tcp.unrecv(t.listen(), b"x"))


@case(
    "recv/unrecv/what",
    title="What can be put back",
    means="""Iodata, and nothing is nothing. Other terms are einval, and the connection is as it was: check the
    result when what you put back comes from elsewhere.""",
    source=UNRECV,
)
def what(t: Subject) -> Term:
    sock, _ = t.pair()
    given: list[Term] = [b"", [], [b"a", [98, [b"c"]]], "atom", 5, [256], (b"a",)]
    return ([t.catch(gen_tcp.unrecv, sock, term) for term in given], recvs(t, sock, (0, 50), (0, 50)))


NO_PACKETS: tuple[tuple[Term, bytes], ...] = (
    (0, b"u"), (1, b"\x05u"), (2, b"u"), (4, b"\0\1q"), ("asn1", b"u"), ("sunrm", b"\0\1q"), ("tpkt", b"\3"),
    ("fcgi", b"\1"), ("cdr", b"GIO"), ("line", b"u"), ("http", b"GET"), ("httph", b"A"), ("httph_bin", b"\0\1q"),
)  # fmt: skip


@case(
    "recv/unrecv/no-whole-packet",
    title="Data put back that are no whole packet: emsgsize, or a part of a line",
    means="""The driver makes its buffer as large as what is put back. A packet that is not whole finds it full, which
    is emsgsize for most packet types and the end of a line for line; the next read does not help it. Put whole packets
    back, or switch to raw first.""",
    source=UNRECV,
)
def no_whole_packet(t: Subject) -> Term:
    return [(packet, data, part_put_back(t, packet, data)) for packet, data in NO_PACKETS]


def part_put_back(t: Subject, packet: Term, data: bytes) -> Term:
    sock, _peer = t.pair(("packet", packet))
    return (gen_tcp.unrecv(sock, data), recvs(t, sock, (0, 30), (0, 30)))


@case(
    "recv/unrecv/no-whole-packet-active",
    title="The same on an active socket, and on one that becomes active: tcp_error and tcp_closed",
    means="""An active socket tries at once, and so does one that becomes active: what would have completed the packet
    comes too late, the connection is closed.""",
    source=UNRECV,
)
def no_whole_packet_active(t: Subject) -> Term:
    modes = (True, False)
    return [(packet, [part_and_active(t, packet, data, at) for at in modes]) for packet, data in NO_PACKETS]


def part_and_active(t: Subject, packet: Term, data: bytes, at_once: bool) -> Term:
    sock, _peer = t.pair(("packet", packet), ("active", at_once))
    back = gen_tcp.unrecv(sock, data)
    if not at_once:
        inet.setopts(sock, [("active", True)])
    return (back, [message[::2] if message[0] == "tcp" else message for message in t.messages(idle=0.05)])


@case(
    "recv/unrecv/shut-down-read",
    title="Nothing can be put back after shutdown(read)",
    means="""On an active socket the shutdown is noticed at once, and the socket is closed by then. On a passive one
    it works as long as nobody has read the end.""",
    source=UNRECV + "; gen_tcp:shutdown/2",
)
def shut_down_read(t: Subject) -> Term:
    found: list[Term] = []
    for mode in (True, False):
        sock, _peer = t.pair(("active", mode))
        shut = gen_tcp.shutdown(sock, "read")
        heard = [message[0] for message in t.messages(1 if mode else 0)]
        found.append((mode, shut, heard, gen_tcp.unrecv(sock, b"un\n"), recvs(t, sock, (0, 50), (0, 50))))
    return found


@case(
    "recv/unrecv/no-packet-later",
    title="Data put back on an active socket that are no packet: told when more arrives",
    means="""A length over packet_size, put back on a socket that counts its messages, goes unnoticed at first; with
    the next byte from the peer tcp_error and tcp_closed come. Check what you put back, since the error seems to be
    the peer's.""",
    source=UNRECV + "; inet:setopts/2, option packet_size",
)
def no_packet_later(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1), ("packet_size", 10))
    done = inet.setopts(sock, [("active", 2)])
    back = gen_tcp.unrecv(sock, b"u")
    before = [message[0] for message in t.messages(idle=0.15)]
    peer.send(b"x")
    return (done, back, before, [message[0] for message in t.messages(idle=0.15)])


@case(
    "recv/unrecv/half-open",
    title="Data put back behind tcp_closed, where exit_on_close is false: they are delivered",
    means="""With {exit_on_close, false} the socket outlives its error. It hears nothing of its peer any more, but what
    is put back on an active socket is cut and told as before. So a message may follow tcp_closed.""",
    source=UNRECV + "; inet:setopts/2, option exit_on_close",
)
def half_open(t: Subject) -> Term:
    options = ("packet", "line"), ("packet_size", 5), ("active", 3), ("exit_on_close", False)
    _listener, sock, peer = t.accepted(*options)
    peer.send(b"123456789")
    told = t.messages(1)
    back = gen_tcp.unrecv(sock, b"u")
    return (told, back, [message[0::2] for message in t.messages(idle=0.15)])


@case(
    "recv/unrecv/room",
    title="The same part of a packet put back: emsgsize or patience, by what active was before",
    means="""unrecv makes a buffer just as large as what it is given, unless there is one already: a socket that was
    active once or by number has an empty one until its next packet, and there the rest of the packet has room. Put
    back whole packets, and it does not matter.""",
    source=UNRECV + "; inet:setopts/2, option active",
)
def room(t: Subject) -> Term:
    return [(modes, part_after(t, modes)) for modes in ((), (True,), ("once",), (3,), (3, True), (True, 3))]


def part_after(t: Subject, modes: tuple[Term, ...]) -> Term:
    sock, _peer = t.pair(("packet", 2))
    if not is_port(t, sock):
        return gen_tcp.unrecv(sock, b"u")
    for mode in (*modes, False):
        inet.setopts(sock, [("active", mode)])
    return (gen_tcp.unrecv(sock, b"u"), recvs(t, sock, (0, 30)))


@case(
    "recv/unrecv/while-one-waits",
    title="Data put back while a process waits in recv: with the next byte it gets these alone",
    means="""A recv that waits is not woken by unrecv. When something comes from the peer it returns what was put
    back and nothing else, fewer bytes than it has asked for if need be; what came is for the next recv. Put back
    only what you are about to read yourself.""",
    source=UNRECV,
)
def while_one_waits(t: Subject) -> Term:
    found: list[Term] = []
    for length in (0, 5):
        sock, peer = t.pair()
        receiver = start(t, gen_tcp.recv, sock, length, 5000)
        back = gen_tcp.unrecv(sock, b"u")
        before = receiver.outcome(0.1)
        peer.send(b"abcde")
        found.append((length, back, before, receiver.outcome(5.0), recvs(t, sock, (0, 50))))
    return found
