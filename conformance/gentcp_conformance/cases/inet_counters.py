"""inet:getstat/1,2: what is counted, when, and what the numbers mean on each backend."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Subject
from ..term import Term
from ._common import buffers_full, close_peer, joined, start

GETSTAT = "inet:getstat/2"


def stat(sock: Term, direction: str) -> Term:
    """Those of one direction."""
    return [pair for pair in inet.getstat(sock)[1] if pair[0].startswith(direction)]


@case(
    "inet/getstat/names",
    title="getstat without names gives all it has, which is two fewer on socket",
    means="""socket has neither recv_dvi nor send_pend, and leaves them out when asked. inet refuses a name that it does
    not know, socket ignores it.""",
    source=GETSTAT,
)
def names(t: Subject) -> Term:
    sock, _ = t.pair()
    asked: list[Term] = [
        [],
        ["send_pend"],
        ["recv_dvi", "recv_cnt"],
        ["recv_cnt", "recv_cnt"],
        ["foo"],
        [1],
        "foo",
        (1,),
    ]
    return (t.catch(inet.getstat, sock), [t.catch(inet.getstat, sock, each) for each in asked])


@case(
    "inet/getstat/stats",
    title="stats, undocumented, lists the names of all counters",
    means="""It is the list that getstat/1 asks for, in that order. With it a program can ask for all counters but
    one without a list of its own that grows old.""",
    source="inet:stats/0",
)
def stats(t: Subject) -> Term:
    return t.catch(inet.stats)


@case(
    "inet/getstat/sent",
    title="Each send is one, however small, and its header counts; averages are cut on inet, rounded on socket",
    means="""send_oct is what goes over the wire. Sends that are gathered into one segment, or torn into many, make no
    difference to send_cnt.""",
    source=GETSTAT,
)
def sent(t: Subject) -> Term:
    found: list[Term] = []
    for kind in ("raw", 1, 4):
        sock, _ = t.pair(("packet", kind))
        for size in (1, 100, 7, 0, 1000):
            gen_tcp.send(sock, payload(size))
        gen_tcp.send(sock, [b"ab", [b"c", 100]])
        found.append((kind, stat(sock, "send")))
    return found


@case(
    "inet/getstat/received-raw",
    title="recv_cnt counts deliveries on inet and reads of the system on socket",
    means="""With 50 bytes there, recv of 10 has received 10 on inet, and 50 on socket. recv_dvi is the mean of what
    packets exceed the average by, so it is near zero where sizes vary evenly.""",
    source=GETSTAT,
)
def received_raw(t: Subject) -> Term:
    sock, peer = t.pair()
    for size in (1, 100, 7, 1000):
        peer.send(payload(size))
        gen_tcp.recv(sock, size, 5000)
    before = stat(sock, "recv")
    peer.send(payload(50))
    gen_tcp.recv(sock, 10, 5000)
    part = stat(sock, "recv")
    gen_tcp.recv(sock, 40, 5000)
    return (before, part, stat(sock, "recv"))


@case(
    "inet/getstat/received-packets",
    title="On inet each packet is counted as it is delivered, with its header",
    means="""Packets that wait in the buffer do not count yet. On socket reads are what is counted, so one read of three
    packets is one.""",
    source=GETSTAT + "; option packet",
)
def received_packets(t: Subject) -> Term:
    found: list[Term] = []
    for kind, data in ((2, b"\0\1a\0\3bcd\0\0\0\5efghi"), ("line", b"a\nbcd\n\nefghi\n")):
        sock, peer = t.pair(("packet", kind))
        peer.send(data)
        for _ in range(4):
            gen_tcp.recv(sock, 0, 5000)
            found.append(stat(sock, "recv"))
    return found


@case(
    "inet/getstat/active",
    title="Messages are counted as recv is",
    means="""The counters do not tell whether somebody has taken the messages out of the mailbox.""",
    source=GETSTAT + "; option active",
)
def active(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("packet", 1), ("active", True))
    for _ in range(3):
        peer.send(b"\3abc")
        t.messages(1)
    return stat(sock, "recv")


@case(
    "inet/getstat/unrecv",
    title="What unrecv puts back counts as received again on inet",
    means="""So recv_oct may be more than the peer has sent. Programs that bill or limit by counters should not
    put data back, or count for themselves.""",
    source=GETSTAT + "; gen_tcp:unrecv/2",
)
def unreceived(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    data = gen_tcp.recv(sock, 3, 5000)
    before = stat(sock, "recv")
    done = t.catch(gen_tcp.unrecv, sock, b"abc")
    gen_tcp.recv(sock, 3, 100)
    return (data, before, done, stat(sock, "recv"))


@case(
    "inet/getstat/queued",
    title="inet counts a send when it is queued; socket when the system has it all",
    means="""On inet send_oct says what you have sent, and send_pend how much of it is still here. On socket a send that
    is under way is not among send_cnt.""",
    source=GETSTAT,
)
def queued(t: Subject) -> Term:
    sock, peer = t.stalled()
    data = payload()
    start(t, gen_tcp.send, sock, data)
    buffers_full(t, peer)
    found = dict(inet.getstat(sock)[1])
    pending = found.get("send_pend", "none")
    return (
        ("all", found["send_oct"] == len(data)),
        ("count", found["send_cnt"]),
        ("pending", pending if pending == "none" else 0 < pending < len(data)),
    )


@case(
    "inet/getstat/in-pieces",
    title="A send that the system takes in pieces is one, of its whole size; socket loses count of the bytes",
    means="""send_max and send_cnt are those of the message. On OTP's socket send_oct has only the last piece.""",
    source=GETSTAT,
)
def in_pieces(t: Subject) -> Term:
    sock, peer = t.stalled()
    data = payload()
    sender = t.spawn(gen_tcp.send, sock, data)
    buffers_full(t, peer)
    peer.take(len(data))
    done = sender.outcome(5.0)
    found = dict(inet.getstat(sock)[1])
    whole = [(name, found[name] == len(data)) for name in ("send_max", "send_oct")]
    return (done, ("count", found["send_cnt"]), whole)


@case(
    "inet/getstat/buffer-filled",
    title="A read that fills the buffer counts twice on socket",
    means="""OTP's recv_oct and recv_max are too much whenever data comes faster than it is taken. On inet they are
    right. Count the bytes you receive yourself.""",
    source=GETSTAT + "; option buffer",
)
def buffer_filled(t: Subject) -> Term:
    sock, peer = t.pair(("buffer", 10))
    peer.send(b"0123456789")
    return (gen_tcp.recv(sock, 0, 5000), stat(sock, "recv"))


@case(
    "inet/getstat/long-packet",
    title="Pieces of a packet longer than the buffer are counted on socket when the last one has come",
    means="""Up to buffer, 8192 bytes by default, each read is one of recv_cnt. For what is longer the bytes count as
    they come, and the whole rest is one read. OTP 27 counts some of the bytes twice, and on OTP 25 a recv that has run
    out of time in the middle of such a packet is the end of all packets. So recv_avg is no size of anything.""",
    source=GETSTAT + "; option buffer",
)
def long_packet(t: Subject) -> Term:
    found: list[Term] = []
    for kind, length, data in ((4, 0, b"\0\0\x23\x28" + payload(9000)), ("raw", 9000, payload(9000))):
        sock, peer = t.pair(("packet", kind))
        for piece in (data[:304], data[304:400], data[400:600]):
            peer.send(piece)
            found.append((gen_tcp.recv(sock, length, 50), stat(sock, "recv")))
        peer.send(data[600:])
        result = gen_tcp.recv(sock, length, 1000)
        found.append((len(result[1]) if result[0] == "ok" else result, stat(sock, "recv")))
    return found


@case(
    "inet/getstat/over",
    title="A port without a connection still has its counters; a closed socket is einval",
    means="""On socket the end of the connection is the end of the counters, too. Ask while it is open.""",
    source=GETSTAT,
)
def over(t: Subject) -> Term:
    sock, peer = t.pair()
    gen_tcp.send(sock, b"abc")
    close_peer(peer)
    received = gen_tcp.recv(sock, 0, 5000)
    after = t.catch(inet.getstat, sock, ["send_oct"])
    gen_tcp.close(sock)
    return (received, after, t.catch(inet.getstat, sock, ["send_oct"]), t.catch(inet.getstat, sock))
