"""Each option about receiving: defaults, set and read back, inheritance, wrong values."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._each import all_about


@case(
    "options/each/active",
    title="active: true unless given, inherited, checked by every call",
    means="""Sockets deliver messages from the start unless connect or listen say otherwise, and an accepted socket
    is as active as its listener was when accept was called. A number counts packets; numbers below
    zero, and zero, leave the socket passive. No call takes anything else.""",
    source="inet:setopts/2, option active; gen_tcp:connect/4, listen/2",
)
def active(t: Subject) -> Term:
    return all_about(t, "active", ("once", 5, False), ("maybe", 32768, 1.0))


@case(
    "options/each/buffer",
    title="buffer: its default differs, and so does what counts as wrong",
    means="""The user-space buffer starts at another size on each backend. inet makes the best of any integer, 1 at
    least; socket refuses what is not positive, and its setopts takes a count with a size as well. Only
    atoms and the like are refused by both.""",
    source="inet:setopts/2, option buffer; gen_tcp:connect/4, listen/2",
)
def buffer(t: Subject) -> Term:
    return all_about(t, "buffer", (1, 4096), ("foo", 0, -1, 1 << 31, (2, 4096)))


@case(
    "options/each/deliver",
    title="deliver: term by default; socket keeps a wrong value that setopts gives it",
    means="""Shape of the messages of active sockets. connect and listen check it on both backends.""",
    source="inet:setopts/2, option deliver; gen_tcp:connect/4, listen/2",
)
def deliver(t: Subject) -> Term:
    return all_about(t, "deliver", ("port", "term"), ("foo",))


@case(
    "options/each/exit-on-close",
    title="exit_on_close: true by default, inherited",
    means="""With false you can still send after the peer has closed its side. setopts of the socket backend does not
    check it, and a value that is no boolean crashes the socket's process later, so a test gives it
    none.""",
    source="inet:setopts/2, option exit_on_close; gen_tcp:connect/4, listen/2",
)
def exit_on_close(t: Subject) -> Term:
    return all_about(t, "exit_on_close", (True, False), ())


@case(
    "options/each/header",
    title="header: 0 by default; a negative one passes on socket",
    means="""Bytes that come as a list in front of a binary. inet, and connect and listen on both, refuse negative
    numbers.""",
    source="inet:setopts/2, option header; gen_tcp:connect/4, listen/2",
)
def header(t: Subject) -> Term:
    return all_about(t, "header", (2, 0), (-1, "foo", 1 << 32))


@case(
    "options/each/mode",
    title="mode: list by default, and binary for whoever wants binaries",
    means="""The default is the one almost nobody wants: data as lists of integers. Accepted sockets have their
    listener's mode.""",
    source="inet:setopts/2, option mode; gen_tcp:connect/4, listen/2",
)
def mode(t: Subject) -> Term:
    return all_about(t, "mode", ("binary", "list"), ("foo", True))


@case(
    "options/each/packet",
    title="packet: 0 on inet and raw on socket are the same; ssl_tls is for inet alone",
    means="""The names differ when the option is read back, so compare with both. An accepted socket is framed from
    its first byte on as its listener is.""",
    source="inet:setopts/2, option packet; gen_tcp:connect/4, listen/2",
)
def packet(t: Subject) -> Term:
    return all_about(t, "packet", (4, 0, "raw", "line", "ssl_tls"), (3, "foo", True))


@case(
    "options/each/packet-size",
    title="packet_size: no limit on inet, 64 MB on socket",
    means="""The default of inet is 0, which is no limit. Numbers are cut to 32 bits on inet and kept as they are on
    socket, where setopts takes even what is no number.""",
    source="inet:setopts/2, option packet_size; gen_tcp:connect/4, listen/2",
)
def packet_size(t: Subject) -> Term:
    return all_about(t, "packet_size", (0, 1000), (-1, "foo", 1 << 32))


@case(
    "options/each/line-delimiter",
    title="line_delimiter: for connect and setopts only, and not inherited on inet",
    means="""listen exits with badarg. inet never reads it back, socket does; set on a listener it reaches accepted
    sockets on socket, while on inet they begin with newline again.""",
    source="inet:setopts/2, option line_delimiter; gen_tcp:connect/4, listen/2",
)
def line_delimiter(t: Subject) -> Term:
    return all_about(t, "line_delimiter", (59,), ("foo", 256, -1))


@case(
    "options/each/read-ahead",
    title="read_ahead: true by default, inherited, undocumented",
    means="""Whether more is read from the system than the packet at hand. Nothing shows from outside but the number
    of system calls, and what is left in the system's buffer for whoever takes over the descriptor.""",
    source="inet:setopts/2, option read_ahead; gen_tcp:connect/4, listen/2",
)
def read_ahead(t: Subject) -> Term:
    return all_about(t, "read_ahead", (True, False), (1, "yes"))


@case(
    "options/each/show-econnreset",
    title="show_econnreset: false by default, inherited",
    means="""Without it a reset by the peer looks like a close. Set it in listen for servers that must know the
    difference; accepted sockets have it then.""",
    source="inet:setopts/2, option show_econnreset; gen_tcp:connect/4, listen/2",
)
def show_econnreset(t: Subject) -> Term:
    return all_about(t, "show_econnreset", (True, False), (1, "yes"))
