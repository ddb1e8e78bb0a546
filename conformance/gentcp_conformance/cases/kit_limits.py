"""Limits and rare arguments that no case saw when a tool changed the backends in one place at a time."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import socket
from pathlib import Path

from gentcp.erl import file, gen_tcp, inet

from ..case import case
from ..subject import Subject, ok
from ..term import Term
from ._common import brief, receive_all, sends_to_nobody
from ._options import GETOPTS, LOOPBACK6, SETOPTS, get, put, tried
from .options_together import PKTOPTIONS

PASSIVE = ("active", False)
FAR = 1 << 63

# A packet type, what comes first, and what makes a packet of it, or shows that it will never be one.
PACKETS = (
    (1, b"", b"\0"), (2, b"\0", b"\0"), (4, b"\0\0\0", b"\0"), ("line", b"", b"\n"), ("line", b"ab", b"\n"),
    ("asn1", b"\x30\x81", b"\0"), ("asn1", b"\x30\x82\0", b"\0"), ("asn1", b"\x1f\x81\x01", b"\0"),
    ("asn1", b"\x1f\x01\x81", b"\0"), ("asn1", b"\x30\x85\0\0\0\0", b"\1"),
    ("sunrm", b"\x80\0\0", b"\0"), ("tpkt", b"\3\0\0", b"\4"), ("fcgi", b"\1\1\0\1\0\0\0", b"\0"),
    ("cdr", b"GIOP\1\0\0\0\0\0\0", b"\0"), ("http", b"GET / HTTP/1.1\r", b"\n"), ("httph", b"Host: a\r\n", b"b"),
)  # fmt: skip


@case(
    "packet/types/last-byte",
    title="The byte that makes a packet whole comes alone",
    means="""A packet is delivered with its last byte, whatever the type and however short it is: nobody waits for a
    byte of the next one, except that a header of HTTP ends when the next line does not go on with it.""",
    source=SETOPTS + ", option packet",
)
def last_byte(t: Subject) -> Term:
    return [(kind, *_in_two(t, first, rest, ("packet", kind))) for kind, first, rest in PACKETS]


@case(
    "packet/limit/one-byte-more",
    title="A line over packet_size is emsgsize with its first byte too many",
    means="""Eight bytes are there, packet_size is 10. Ten bytes without a newline are a line already for socket, which
    delivers them without one, while inet waits; eleven are emsgsize on both.""",
    source=SETOPTS + ", options packet and packet_size",
)
def one_byte_more(t: Subject) -> Term:
    options = (("packet", "line"), ("packet_size", 10))
    return [(rest, *_in_two(t, b"12345678", rest, *options)) for rest in (b"9", b"9\n", b"9a", b"9ab", b"9a\n")]


def _in_two(t: Subject, first: bytes, rest: bytes, *options: Term) -> tuple[Term, Term]:
    """What recv says of the first part alone, and with the rest."""
    sock, peer = t.pair(*options)
    peer.send(first)
    before = t.catch(gen_tcp.recv, sock, 0, 10)
    peer.send(rest)
    return before, t.catch(gen_tcp.recv, sock, 0, 30)


@case(
    "packet/read-ahead/next-packet",
    title="read_ahead false: what is behind a packet stays in the system, or is there as if it did",
    means="""Without read_ahead a packet is read with its header first and then the rest, so a switch to raw behind it
    finds all that follows. It does with read_ahead as well: the bytes that were read too many are kept.""",
    source=SETOPTS + ", options read_ahead and packet",
)
def next_packet(t: Subject) -> Term:
    found: list[Term] = []
    for kind, first, rest in PACKETS:
        sock, peer = t.pair(("packet", kind))
        put(t, sock, ("read_ahead", False))
        peer.send(first + rest + b"abcdef")
        packet = t.catch(gen_tcp.recv, sock, 0, 30)
        put(t, sock, ("packet", "raw"))
        found.append((kind, packet, t.catch(gen_tcp.recv, sock, 0, 30)))
    return found


@case(
    "packet/line/delimited-and-limited",
    title="Many lines at once, with a delimiter of their own and a packet_size",
    means="""What is received together is longer than packet_size, and that limits each line alone.""",
    source=SETOPTS + ", options line_delimiter and packet_size",
)
def delimited_and_limited(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"), ("line_delimiter", ord(";")), ("packet_size", 4))
    peer.send(b"".join(b"%d\n;" % number for number in range(20)))
    return receive_all(t, sock, 20, 100)


@case(
    "packet/switch/many-kept",
    title="Many packets are kept, then packet raw: recv gives them in pieces on socket",
    means="""A piece has at most as many bytes as buffer, 8192 on socket by default. Nothing is lost either way; only
    who takes a piece for a message will notice.""",
    source=SETOPTS + ", options packet and buffer",
)
def many_kept(t: Subject) -> Term:
    found: list[Term] = []
    for kind, packet in ((4, b"\0\0\0\5abcde"), ("line", b"abcdefgh\n"), ("asn1", b"\4\7abcdefg")):
        sock, peer = t.pair(("packet", kind))
        peer.send(packet * 3000)
        first = t.catch(gen_tcp.recv, sock, 0, 1000)
        put(t, sock, ("packet", "raw"))
        sizes = [len(result[1]) for result in receive_all(t, sock, 5, 30) if result[0] == "ok"]
        found.append((kind, first, ("in_pieces", max(sizes) <= 8192), sum(sizes)))
    return found


@case(
    "recv/buffer/reads",
    title="A packet larger than buffer: read in two pieces on socket, once its length is known",
    means="""recv_cnt counts on socket how often something was read, on inet how many packets were received. A line
    shows its length only by its end, so there a small buffer costs many reads.""",
    source="gen_tcp:recv/3; inet:getstat/2; option buffer",
)
def reads(t: Subject) -> Term:
    found: list[Term] = []
    data = bytes(1999) + b"\n"
    for size in (100, 1000):
        for kind, packet in ((4, b"\0\0\7\xd0" + data), ("line", data), ("raw", data)):
            sock, peer = t.pair(("buffer", size), ("packet", kind))
            peer.send(packet)
            received = t.catch(gen_tcp.recv, sock, 0, 1000)
            found.append((size, kind, len(received[1]), inet.getstat(sock, ["recv_cnt"])))
    return found


@case(
    "options/pktoptions/alone-or-together",
    title="pktoptions with one of recvtos and recvttl, and with both: the values",
    means="""On the loopback interface and with no options of the sender's, ttl and tos are those that the connection
    was accepted with.""",
    source=PKTOPTIONS,
)
def pktoptions(t: Subject) -> Term:
    found: list[Term] = []
    for names in (("recvtos",), ("recvttl",), ("recvttl", "recvtos")):
        listener = t.listen(PASSIVE, *((name, True) for name in names))
        peer = socket.socket()
        peer.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 33)
        peer.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 16)
        peer.connect(("127.0.0.1", t.port(listener)))
        with peer:
            sock = ok(gen_tcp.accept(listener, 5000))
            peer.send(b"abc")
            found.append((list(names), brief(gen_tcp.recv(sock, 3, 1000)), get(t, sock, "pktoptions")))
    return found


@case(
    "options/opening/ifaddr-map-numbers",
    title="flowinfo and scope_id of an address: numbers of 32 bits on socket; inet takes any number",
    means="""inet cuts them to 32 bits, and raises badarith for what is no number at all. socket says which map it takes
    for none.""",
    source="gen_tcp:listen/2, option ifaddr",
    needs=("inet6",),
)
def map_numbers(t: Subject) -> Term:
    found: list[Term] = []
    for name in ("flowinfo", "scope_id"):
        for number in (-1, 0, (1 << 32) - 1, 1 << 32, "x", 1.0):
            ifaddr = {"family": "inet6", "addr": LOOPBACK6, "port": 0, name: number}
            made = t.catch(gen_tcp.listen, 0, t.options("inet6", PASSIVE, ("ifaddr", ifaddr)))
            found.append((name, number, brief(made)))
    return found


@case(
    "options/opening/protocol-of-local",
    title="protocol for a local socket: tcp and mptcp change nothing on inet; socket says eprotonosupport",
    means="""A list with {protocol, tcp} that serves for IP on both backends serves for local sockets on inet alone. On
    socket only default, ip and 0 mean what is meant there.""",
    source="gen_tcp:connect/4, listen/2, option protocol",
    needs=("local",),
)
def protocol_of_local(t: Subject) -> Term:
    found: list[Term] = []
    for name in ("tcp", "mptcp", "default", "ip", "igmp", "udp", 0, 6):
        address = ("local", t.path(f"socket-{len(found)}").encode())
        options = t.options("local", PASSIVE, ("ip", address), ("protocol", name))
        found.append((name, brief(t.catch(gen_tcp.listen, 0, options))))
    return found


@case(
    "options/system/device-lists",
    title="bind_to_device with a list: a device's name on socket, einval on inet",
    means="""socket takes a list of bytes for the name, and the empty one for none. Numbers that are no bytes, atoms and
    nested lists are einval on both.""",
    source=SETOPTS + ", option bind_to_device",
)
def device_lists(t: Subject) -> Term:
    return tried(t, "bind_to_device", list(b"lo"), [], [300], [-1], ["a"], [[108], 111])


@case(
    "options/getopts/after-failed-send",
    title="A send has failed, and options are set and asked one by one",
    means="""inet keeps the driver's own options and leaves out those of the system's socket, which is gone. On socket
    most are left out as well, and setting them is closed; those that socket keeps itself, and those that it has never
    told, are einval.""",
    source=SETOPTS + "; " + GETOPTS,
)
def after_failed_send(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.reset()
    sent = sends_to_nobody(t, sock, 2)
    options: tuple[Term, ...] = (
        ("buffer", 2000), ("recbuf", 20000), ("nodelay", True), ("raw", 6, 1, b"\1\0\0\0"), ("linger", (True, 1)),
        ("high_watermark", 100), ("foo", 1),
    )  # fmt: skip
    names: tuple[Term, ...] = (
        "packet", "active", "buffer", "recbuf", "nodelay", "linger", "tos", "high_watermark", "debug", "pktoptions",
        "broadcast", "multicast_ttl", "add_membership", "read_packets", "netns", "fd", "foo", ("raw", 6, 1, 4),
    )  # fmt: skip
    done = [(option, put(t, sock, option)) for option in options]
    return (sent, done, [(name, without_number(get(t, sock, name))) for name in names])


def without_number(result: Term) -> Term:
    """Which descriptor it is depends on what else the VM has open."""
    match result:
        case ("ok", [("fd", int())]):
            return ("ok", "a_descriptor")
        case _:
            return result


@case(
    "connect/host/atoms",
    title="true, false and undefined are names of hosts, too, as any atom",
    means="""They are looked up, and not found. So a host that was not configured, and comes as undefined, is nxdomain
    rather than an argument that is refused.""",
    source="gen_tcp:connect/4",
)
def atoms(t: Subject) -> Term:
    hosts: tuple[Term, ...] = (True, False, None, "no-such-host")
    port = t.closed_port()
    return [brief(t.catch(gen_tcp.connect, host, port, t.options(PASSIVE), 2000)) for host in hosts]


@case(
    "sendfile/part/farthest",
    title="Offsets at the edges of 64 bits",
    means="""What does not fit raises on socket, and is einval on inet; what fits is the system's to refuse, which it
    does with einval for all that are negative.""",
    source="file:sendfile/5",
)
def farthest(t: Subject) -> Term:
    path = Path(t.path("content"))
    path.write_bytes(b"abc")
    found: list[Term] = []
    for offset in (-FAR - 1, -FAR, -1, 2, 3, FAR - 1, FAR):
        sock, _ = t.pair()
        opened = ok(file.open(str(path), ["read", "raw", "binary"]))
        found.append((offset, t.catch(file.sendfile, opened, sock, offset, 0, [])))
    return found
