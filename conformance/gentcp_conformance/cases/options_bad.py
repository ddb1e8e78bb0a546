"""Options that are wrong: unknown names, values of the wrong type, options for another occasion."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._options import GETOPTS, SETOPTS, get, made_with, put, tried

UNKNOWN: tuple[list[Term], ...] = (
    ["foo"], ["nodelay", "foo"], [("foo", 1)], [[120]], [1], ["raw"], [("raw", 6, 1, 4)],
)  # fmt: skip


@case(
    "options/bad/unknown-names",
    title="getopts with a name that does not exist: einval for the whole call",
    means="""One wrong name and you get none of the values, on both backends. On OTP 25's socket a name that is no atom
    even made the caller exit. Ask for what may not exist in a call of its own.""",
    source=GETOPTS,
    contradicts="getopts returns an error only if the socket is closed or a raw request too large.",
)
def unknown_names(t: Subject) -> Term:
    sock, _ = t.pair(("nodelay", True))
    return [(names, get(t, sock, *names)) for names in UNKNOWN]


@case(
    "options/bad/unknown-options",
    title="setopts with what is no option: einval",
    means="""An unknown name, a number, a string, tuples of the wrong size: {error, einval} on both backends, where
    connect and listen exit with badarg. OTP 25's socket exits here, too, for terms that are no pairs.""",
    source=SETOPTS,
)
def unknown_options(t: Subject) -> Term:
    sock, _ = t.pair()
    options: tuple[Term, ...] = ("foo", ("foo", "bar"), 17, (), ("a", "b", "c"), [120], (1, 2), ("raw", 6, 1))
    return [(option, put(t, sock, option)) for option in options]


@case(
    "options/bad/send-timeout",
    title="send_timeout -1 or foo: refused by inet, swallowed by socket",
    means="""The socket backend keeps whatever it is given for the options that it handles itself, and reads it back.
    The damage shows later, in a send. Check numbers from configuration yourself, or set them in connect, which checks
    on both.""",
    source=SETOPTS + ", option send_timeout",
)
def send_timeout(t: Subject) -> Term:
    return tried(t, "send_timeout", -1, "foo", 1.5)


@case(
    "options/bad/packet-size",
    title="packet_size -1: refused by inet, swallowed by socket",
    means="""A negative limit is no limit at all on socket, so the protection you thought you had configured is not
    there.""",
    source=SETOPTS + ", option packet_size",
)
def packet_size(t: Subject) -> Term:
    return tried(t, "packet_size", -1, "foo")


@case(
    "options/bad/header",
    title="header -1: refused by inet, swallowed by socket",
    means="""The option takes bytes off the front of a binary; a negative number cannot mean anything, but socket finds
    out only when data arrives.""",
    source=SETOPTS + ", option header",
)
def header(t: Subject) -> Term:
    return tried(t, "header", -1, "foo")


@case(
    "options/bad/mode",
    title="mode foo: refused by inet, swallowed by socket",
    means="""With socket the typing error is in force and reads back; what data then comes as is not defined by
    anybody. The two good values are list and binary.""",
    source=SETOPTS + ", option mode",
)
def mode(t: Subject) -> Term:
    return tried(t, "mode", "foo", "bin")


@case(
    "options/bad/deliver",
    title="deliver foo: refused by inet, swallowed by socket",
    means="""Of all options that the socket backend handles itself only packet and active are checked by setopts. The
    others are taken as they come.""",
    source=SETOPTS + ", option deliver",
)
def deliver(t: Subject) -> Term:
    sock, _ = t.pair()
    return (put(t, sock, ("deliver", "foo")), get(t, sock, "deliver"))


@case(
    "options/bad/line-delimiter",
    title="line_delimiter 256 or foo: cut down or refused by inet, swallowed by socket",
    means="""inet takes the lowest byte of an integer; socket takes anything and crashes the caller of recv when the
    next line is looked for. Give a character from 0 to 255.""",
    source=SETOPTS + ", option line_delimiter",
)
def line_delimiter(t: Subject) -> Term:
    return [(value, put(t, t.pair()[0], ("line_delimiter", value))) for value in (59, 256, -1, "foo")]


@case(
    "options/bad/switches",
    title="1 instead of true: refused by inet; by socket only for options of the system",
    means="""Integers and atoms for a boolean are einval on inet throughout. socket lets the system's options (nodelay,
    keepalive) be checked and keeps the others as they are, so {exit_on_close, 0} is ok there, and neither true nor
    false.""",
    source=SETOPTS,
)
def switches(t: Subject) -> Term:
    names = (
        "nodelay",
        "keepalive",
        "reuseaddr",
        "exit_on_close",
        "send_timeout_close",
        "show_econnreset",
        "delay_send",
    )
    return [(name, put(t, t.pair()[0], (name, 1)), put(t, t.pair()[0], (name, "yes"))) for name in names]


@case(
    "options/bad/active",
    title="active is checked by both",
    means="""Anything but true, false, once and an integer of 16 bits is einval, on both backends, and the mode stays
    as it was. So a typing error in the one option that everybody sets all the time is found early.""",
    source=SETOPTS + ", option active",
)
def active(t: Subject) -> Term:
    return tried(t, "active", "maybe", 1.0, "twice", 32768)


@case(
    "options/bad/packet",
    title="packet is checked by both",
    means="""packet 3, 8 or an unknown atom is einval and the framing stays. There is no packet type for lengths of 3
    or 8 bytes; read such packets in raw mode, first the length, then the body.""",
    source=SETOPTS + ", option packet",
)
def packet(t: Subject) -> Term:
    return [(value, put(t, t.pair()[0], ("packet", value))) for value in (3, 8, 99, "foo", "lines", True)]


@case(
    "options/bad/in-connect",
    title="The same wrong values in connect and listen: exit with badarg on both",
    means="""What setopts of the socket backend swallows is caught when the socket is made, by an exit instead of an
    error tuple. Set options in connect or listen where you can: a mistake is then found on both backends, at the
    first call.""",
    source="gen_tcp:connect/4, listen/2",
)
def in_connect(t: Subject) -> Term:
    wrong = (("send_timeout", -1), ("packet_size", -1), ("header", -1), ("mode", "foo"), ("exit_on_close", 0))
    return [(option, *made_with(t, option)) for option in wrong]


@case(
    "options/bad/for-making-sockets",
    title="backlog, ip, tcp_module and inet in setopts: einval on inet, ok on socket",
    means="""Options that only make sense when a socket is made are refused by inet and ignored by socket. Do not take
    the ok for a sign that a listener has a longer queue now.""",
    source=SETOPTS + "; gen_tcp:listen/2",
)
def for_making_sockets(t: Subject) -> Term:
    options: tuple[Term, ...] = (("backlog", 5), ("ip", (127, 0, 0, 1)), ("tcp_module", "inet_tcp"), "inet", "inet6")
    return [(option, put(t, t.pair()[0], option)) for option in options]


@case(
    "options/bad/in-the-other-call",
    title="backlog in connect and line_delimiter in listen: exit with badarg on both",
    means="""Each of the two functions has its own list of options. backlog and ipv6_v6only are for listen
    (the latter for IPv6 listeners only), line_delimiter is for connect; one list of options for both functions cannot
    have them.""",
    source="gen_tcp:connect/4, listen/2",
)
def in_the_other_call(t: Subject) -> Term:
    options = (("backlog", 5), ("ipv6_v6only", False), ("line_delimiter", 59))
    return [(option, *made_with(t, option)) for option in options]


@case(
    "options/bad/no-list",
    title="An option without a list around it raises bad_generator on inet, function_clause on socket",
    means="""setopts(Socket, {active, once}) without brackets is the classic slip. It raises an error, with another
    reason on each backend, and the option stays as it was; it never comes back as an error tuple.""",
    source=SETOPTS + "; " + GETOPTS,
)
def no_list(t: Subject) -> Term:
    sock, _ = t.pair()
    done = [t.catch(inet.setopts, sock, wrong) for wrong in (("active", "once"), "foo")]
    return (done, [t.catch(inet.getopts, sock, wrong) for wrong in ("active", ("active",))], get(t, sock, "active"))
