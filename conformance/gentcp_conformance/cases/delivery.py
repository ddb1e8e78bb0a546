"""Forms in which data is delivered: the options deliver, header and mode together with packets."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ACTIVE, joined, receive_all, set_active

DELIVER = "inet:setopts/2, option deliver"
HEADER = "inet:setopts/2, option header"


@case(
    "active/deliver/port-list",
    title="{deliver, port} in list mode with lines",
    means="""The form of the message and that of the data are set apart: a list of bytes within {Socket, {data, _}}.
    Programs that were written for a port to another program read a socket this way without a change.""",
    source=DELIVER + "; option mode",
)
def port_list(t: Subject) -> Term:
    _, peer = joined(t, "list", ("active", True), ("deliver", "port"), ("packet", "line"))
    peer.send(b"one\ntwo\n")
    return t.messages(2)


@case(
    "active/deliver/port-counted",
    title="{deliver, port} and a count: tcp_passive keeps its form",
    means="""Only data changes its form. A receive loop for the port form still needs clauses for tcp_passive,
    tcp_closed and tcp_error.""",
    source=DELIVER + "; " + ACTIVE,
)
def port_counted(t: Subject) -> Term:
    sock, peer = t.pair(("deliver", "port"), ("packet", 1))
    peer.send(b"\1a\1b\1c")
    counted = (set_active(t, sock, 2), t.messages(3))
    return (counted, set_active(t, sock, "once"), t.messages(1))


@case(
    "active/deliver/switched-with-packets-waiting",
    title="deliver can change between two packets",
    means="""The form is chosen when the message is made, like the mode: a packet that was read ahead is not wrapped
    yet. Code that takes a socket over from a port program can set deliver first and arm it then.""",
    source=DELIVER,
)
def deliver_switched(t: Subject) -> Term:
    sock, peer = t.pair(("deliver", "port"), ("packet", 1))
    peer.send(b"\1a\1b")
    first = (set_active(t, sock, "once"), t.messages(1))
    done = inet.setopts(sock, [("deliver", "term"), ("active", "once")])
    return (first, done, t.messages(1))


@case(
    "active/deliver/port-and-recv",
    title="recv with {deliver, port}: on OTP's inet the data goes to the owner, and recv never returns",
    means="""The option is about messages, but OTP's driver wraps what it owes to a recv as well: the owner finds
    {Socket, {data, Data}} in its mailbox though the socket is passive, and the call waits for ever, past its timeout.
    socket hands the data to recv, and gentcp does so on both. Set deliver to term before you receive.""",
    source=DELIVER + "; gen_tcp:recv/3",
    contradicts="That deliver is the form of data in active mode. On inet it takes the data away from recv, too.",
)
def port_and_recv(t: Subject) -> Term:
    sock, peer = t.pair(("deliver", "port"), ("packet", 1))
    peer.send(b"\3abc")
    receiver = t.spawn(t.catch, gen_tcp.recv, sock, 0, 300)
    return (receiver.outcome(1.0), ("owner", t.messages()))


@case(
    "active/deliver/error-in-port-form",
    title="tcp_error comes as itself with {deliver, port}",
    means="""An oversized packet is reported as {tcp_error, Socket, emsgsize}, whatever the form of data, followed by
    tcp_closed on inet.""",
    source=DELIVER + "; option packet_size",
)
def error_in_port_form(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("deliver", "port"), ("packet", 1), ("packet_size", 2))
    peer.send(b"\3bad")
    return t.messages(1)


@case(
    "active/error/behind-a-good-packet",
    title="An oversized packet behind a good one: told with the next data on inet, at once on socket",
    means="""Both packets come in one segment. inet delivers the good one and looks at the other when more data arrives,
    so the error may be late by as long as the peer is silent; socket reports it with the packet. Do not take the
    absence of tcp_error for a sign that what was sent is well-formed.""",
    source="inet:setopts/2, options packet_size and active",
)
def behind_a_good_packet(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("packet", 1), ("packet_size", 2))
    peer.send(b"\2ok\3bad")
    first = t.messages(1)
    peer.send(b"!", delivered=False)
    return (first, t.messages())


@case(
    "packet/header/list-mode",
    title="{header, 2} has no effect in list mode",
    means="""In list mode all bytes are list elements anyway, and the option shows in binary mode only, as the manual
    says. A pattern [A, B | Rest] matches in both modes, but Rest is a list here and a binary there.""",
    source=HEADER,
)
def list_mode(t: Subject) -> Term:
    sock, peer = joined(t, "list", ("active", False), ("header", 2))
    peer.send(b"abcdef")
    return receive_all(t, sock, 1, 500)


@case(
    "packet/header/with-line",
    title="{header, 1} with lines: the first byte and the rest",
    means="""The option counts in the packet, so with lines the first letter can be matched as a command. Lines that are
    shorter than the header are the trouble: see packet/header/short-data.""",
    source=HEADER + "; option packet",
)
def with_line(t: Subject) -> Term:
    sock, peer = t.pair(("header", 1), ("packet", "line"))
    peer.send(b"+OK\n-ERR\n")
    return receive_all(t, sock, 2, 500)


@case(
    "packet/header/active-port-form",
    title="{header, 2} in messages, in both forms of deliver",
    means="""What is split off is the same in a message as in the result of recv, as an improper list with the binary at
    its end. Pattern: [A, B | Rest].""",
    source=HEADER + "; option deliver",
)
def active_port_form(t: Subject) -> Term:
    sock, peer = t.pair(("header", 2), ("packet", 4))
    peer.send(b"\0\0\0\4abcd\0\0\0\4efgh")
    first = (set_active(t, sock, "once"), t.messages(1))
    done = inet.setopts(sock, [("deliver", "port"), ("active", "once")])
    return (first, done, t.messages(1))


@case(
    "packet/header/sizes",
    title="{header, N} for 0, 3 and 5: off, and N bytes as a list in front of a binary",
    means="""0 switches the option off, and the data is a plain binary again. Otherwise the result is an improper list,
    which length/1 and the functions of lists do not take: match it by pattern.""",
    source=HEADER,
)
def longest(t: Subject) -> Term:
    return [split_off(t, number) for number in (0, 3, 5)]


def split_off(t: Subject, number: int) -> Term:
    sock, peer = t.pair(("header", number))
    peer.send(b"abcdef")
    return (number, inet.getopts(sock, ["header"]), receive_all(t, sock, 1, 500))
