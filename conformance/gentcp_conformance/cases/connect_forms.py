"""Addresses, families and hosts of connect, and what a new connection may meet."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import brief, receive_all

CONNECT = "gen_tcp:connect/4"


def connect_to(t: Subject, address: Term, port: int, *options: Term) -> Term:
    """ok, or how connect refuses the address."""
    return brief(t.catch(gen_tcp.connect, address, port, t.options(*options), 2000))


@case(
    "connect/address/numeric-forms",
    title="Numbers as host names: short forms and one decimal number are addresses, too",
    means="""A string or atom is looked at as an address before it is looked up as a name, also in forms that hardly
    anybody expects. A filter that compares host strings with "127.0.0.1" lets these through.""",
    source=CONNECT + ", Address",
)
def numeric_forms(t: Subject) -> Term:
    port = t.raw_listener(backlog=16).port
    names = [b"127.0.0.1", b"127.1", b"2130706433"]
    return [(list(name), connect_to(t, list(name), port)) for name in names] + [
        ("127.0.0.1", connect_to(t, "127.0.0.1", port)),
        ((0, 0, 0, 0), connect_to(t, (0, 0, 0, 0), port)),
    ]


@case(
    "connect/address/no-address",
    title="What is no address: an exit on inet, einval on socket",
    means="""Tuples of the wrong size or range, binaries and numbers are refused, on inet by taking the caller down.
    Host names are strings or atoms; a binary from a JSON file has to be made a list first.""",
    source=CONNECT + ", Address",
)
def no_address(t: Subject) -> Term:
    port = t.raw_listener().port
    addresses = (b"127.0.0.1", (127, 0, 0), (127, 0, 0, 256), (127, 0, 0, -1), 127)
    return [(address, connect_to(t, address, port)) for address in addresses]


@case(
    "connect/address/empty-name",
    title="An empty host name: nxdomain since OTP 27, before that an exit or einval",
    means="""A missing host in a configuration often ends up as an empty string. On old releases inet exits on it; name
    the cause yourself, with a check of your own.""",
    source=CONNECT + ", Address",
)
def empty_name(t: Subject) -> Term:
    port = t.raw_listener().port
    names: list[Term] = [[], ""]
    return [(name, connect_to(t, name, port)) for name in names]


@case(
    "connect/address/wrong-family",
    title="An address of one family with the option of the other",
    means="""eafnosupport for tuples, whichever way round, before anything is sent. Leave the family out when the
    address is a tuple: a tuple of eight needs no inet6.""",
    source=CONNECT + ", options inet and inet6",
    needs=("inet6",),
)
def wrong_family(t: Subject) -> Term:
    port = t.raw_listener().port
    v4, v6 = (127, 0, 0, 1), (0, 0, 0, 0, 0, 0, 0, 1)
    return [
        (v4, "inet6", connect_to(t, v4, port, "inet6")),
        (v6, "inet", connect_to(t, v6, port, "inet")),
        (v6, "none", connect_to(t, v6, t.closed_port())),
        ((0, 0, 0, 0, 0, 65535, 32512, 1), "inet6", connect_to(t, (0, 0, 0, 0, 0, 65535, 32512, 1), port, "inet6")),
    ]


@case(
    "connect/options/refused",
    title="Options that connect does not take: an exit, not an error",
    means="""backlog belongs to listen, an unknown atom to nobody, and each takes the caller down with badarg before a
    packet is sent. Validate option lists that users may extend.""",
    source=CONNECT + ", Opts",
)
def options_refused(t: Subject) -> Term:
    port = t.raw_listener().port
    options: list[Term] = [("backlog", 5), "foo", ("foo", 1), ("active", "maybe"), ("mode", "text")]
    return [(option, connect_to(t, (127, 0, 0, 1), port, option)) for option in options]


@case(
    "connect/active/server-speaks-first",
    title="A server that speaks first: its greeting is a message, or waits for recv",
    means="""With active true the greeting may be in the mailbox before connect has returned its socket to your loop;
    with active false it waits. A client that sets its state up after connect should connect passive.""",
    source=CONNECT + "; inet:setopts/2, option active",
)
def server_speaks_first(t: Subject) -> Term:
    return [greeted(t, mode) for mode in (True, "once", False)]


def greeted(t: Subject, mode: Term) -> Term:
    listener = t.raw_listener()
    sock = t.connect(listener.port, "binary", ("active", mode), ("packet", "line"))
    t.raw_accept(listener).send(b"220 ready\n")
    return (mode, t.messages(0 if mode is False else 1), receive_all(t, sock, 1) if mode is False else [])


@case(
    "connect/peer/closes-at-once",
    title="A server that accepts and closes: connect is ok, recv says closed",
    means="""connect only proves that the system on the other side took the connection. A server at its limit that
    closes what it accepts looks like this.""",
    source=CONNECT + "; gen_tcp:recv/3",
)
def closes_at_once(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.shutdown()
    peer.close()
    return receive_all(t, sock, 2)


@case(
    "connect/peer/listener-gone-meanwhile",
    title="The server stops listening: connections that it has not accepted are reset, others refused",
    means="""A client in the backlog of a server that dies sees a reset, a later one econnrefused. Both mean the same,
    try again, and only the first one comes after connect was ok.""",
    source=CONNECT + "; inet:setopts/2, option show_econnreset",
)
def listener_gone(t: Subject) -> Term:
    listener = t.raw_listener()
    sock = t.connect(listener.port, "binary", ("active", False), ("show_econnreset", True))
    listener.close()
    return (receive_all(t, sock, 2), connect_to(t, (127, 0, 0, 1), listener.port))


@case(
    "connect/names/both-ends",
    title="sockname of one end is peername of the other",
    means="""Both functions agree across the connection, on each backend and across backends, so a pair of addresses
    identifies a connection in the logs of both sides.""",
    source="inet:sockname/1, peername/1",
)
def names_both_ends(t: Subject) -> Term:
    _, client, server = t.both([], [])
    return (inet.sockname(client) == inet.peername(server), inet.peername(client) == inet.sockname(server))
