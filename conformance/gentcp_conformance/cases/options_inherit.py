"""What an accepted socket has from its listener, and when."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import Subject, ok
from ..term import Term
from ._common import PACKET
from ._options import SETOPTS, get, put

ACCEPT = "gen_tcp:accept/1; " + SETOPTS


def names_of(options: tuple[Term, ...]) -> list[str]:
    return [name for name, _ in options]


def late(t: Subject, *options: Term) -> Term:
    """What an accepted socket has of options that were set on the listener when the connection was waiting."""
    listener = t.listen(("active", False))
    t.raw_connect(t.port(listener))
    done = put(t, listener, *options)
    sock = ok(gen_tcp.accept(listener, 5000))
    return (done, get(t, sock, *names_of(options)))


@case(
    "options/inherit/from-listen",
    title="Options given to listen are those of every accepted socket",
    means="""Whatever is in the list of listen, options of Erlang's as well as of the system, holds for each connection
    from its first byte on; there is no need to repeat it after accept, and no gap in which it does not hold.""",
    source="gen_tcp:listen/2, accept/1",
)
def from_listen(t: Subject) -> Term:
    delivery = (("mode", "binary"), ("packet", 2), ("packet_size", 1234), ("exit_on_close", False), ("buffer", 4321))
    sending = (("send_timeout", 1234), ("send_timeout_close", True), ("delay_send", True))
    system = (("nodelay", True), ("keepalive", True), ("linger", (True, 7)), ("priority", 3), ("tos", 184), ("ttl", 77))
    options = delivery + sending + system
    _, sock, _ = t.accepted(("active", False), *options)
    return get(t, sock, *names_of(options))


@case(
    "options/inherit/late-delivery",
    title="mode, packet, active and the like are taken from the listener when accept is called",
    means="""Setting them on a listener reaches connections that are waiting to be accepted, on both backends: the
    accepted socket copies what the listener has at that time. So a listener can be reconfigured while it runs, and all
    connections accepted from then on have the new options.""",
    source=ACCEPT,
)
def late_delivery(t: Subject) -> Term:
    delivery = (("mode", "binary"), ("packet", 2), ("packet_size", 1234), ("header", 3), ("deliver", "port"))
    sending = (("send_timeout", 1234), ("send_timeout_close", True), ("delay_send", True))
    return late(t, ("active", "once"), *delivery, ("buffer", 4321), ("exit_on_close", False), *sending)


@case(
    "options/inherit/late-nodelay",
    title="nodelay, keepalive and linger set on the listener late: copied, but not on socket before OTP 29",
    means="""The kernel hands them on when a connection comes in, so those that are waiting have the old values; accept
    on inet copies them over, and from OTP 29 on socket does, too. On older releases set them on every accepted socket
    if they can change.""",
    source=ACCEPT + ", options nodelay, keepalive and linger",
)
def late_nodelay(t: Subject) -> Term:
    return late(t, ("nodelay", True), ("keepalive", True), ("linger", (True, 7)))


@case(
    "options/inherit/late-reuseaddr",
    title="reuseaddr set late is copied on OTP 29, and on inet from OTP 27",
    means="""On an accepted socket it has little effect, but it shows that each release copies some more options:
    what must hold for a connection belongs into the list of listen.""",
    source=ACCEPT + ", option reuseaddr",
)
def late_reuseaddr(t: Subject) -> Term:
    return late(t, ("reuseaddr", True))


@case(
    "options/inherit/late-tos",
    title="tos set on the listener late: copied on inet, not on socket",
    means="""A server that changes the marking of its packets on the listener changes it for connections that are
    already waiting on inet only. On socket these few go out with the old value; it is the same with ttl. Set both on
    accepted sockets.""",
    source=ACCEPT + ", option tos",
)
def late_tos(t: Subject) -> Term:
    return late(t, ("tos", 184))


@case(
    "options/inherit/late-recvtos",
    title="recvtos and recvttl set on the listener late: copied on inet, not on socket",
    means="""What is to be received along with the data has to be asked for before it comes; with the socket backend
    a connection that was waiting misses it.""",
    source=ACCEPT + ", options recvtos and recvttl",
)
def late_recvtos(t: Subject) -> Term:
    return late(t, ("recvtos", True), ("recvttl", True))


@case(
    "options/inherit/late-read-ahead",
    title="read_ahead set on the listener late is copied, from OTP 27 on",
    means="""OTP 25 does not know the option. From 27 on it is one of those that the accepted socket takes from the
    listener when it is accepted, on both backends.""",
    source=ACCEPT + ", option read_ahead",
)
def late_read_ahead(t: Subject) -> Term:
    return late(t, ("read_ahead", False))


@case(
    "options/inherit/late-system",
    title="dontroute and nopush set on the listener late are copied by nobody",
    means="""Neither backend copies these; only the kernel does, for connections that come in after they were set. So
    of two options set in one call on a busy listener, one may hold for the next accepted socket and the other
    not.""",
    source=ACCEPT + ", options dontroute and nopush",
)
def late_system(t: Subject) -> Term:
    return late(t, ("dontroute", True), ("nopush", True))


@case(
    "options/inherit/late-keepalive-times",
    title="keepalive set on the listener late is copied, its times are not",
    means="""A connection that was waiting then has keepalive with the system's times, two hours and more, and not
    with those that the listener has. Give all of them in listen, or set them on the accepted socket.""",
    source=ACCEPT + ", options keepalive, keepidle, keepintvl, keepcnt and user_timeout",
)
def late_keepalive_times(t: Subject) -> Term:
    times = (("keepidle", 111), ("keepintvl", 11), ("keepcnt", 5), ("user_timeout", 5000))
    names = names_of(times)
    done, found = late(t, ("keepalive", True), *times)
    match found:
        case ("ok", [keepalive, *seconds]) if ("ok", seconds) == get(t, t.pair()[0], *names):
            return (done, keepalive, "times_as_before")
        case _:
            return (done, found)


@case(
    "options/inherit/not-after-accept",
    title="After accept listener and connection go their own ways",
    means="""What is set on the listener later does not reach the connections that it has accepted, and what is set on
    one of them does not reach the listener or the next connection.""",
    source=ACCEPT,
)
def not_after_accept(t: Subject) -> Term:
    names = ("packet", "mode", "nodelay")
    listener, sock, _ = t.accepted(("active", False), ("packet", 1))
    put(t, listener, ("packet", 4), ("nodelay", True))
    put(t, sock, ("mode", "binary"))
    t.raw_connect(t.port(listener))
    second = ok(gen_tcp.accept(listener, 5000))
    return [get(t, each, *names) for each in (listener, sock, second)]


@case(
    "options/inherit/packet-of-waiting-data",
    title="A packet type set on the listener late applies to data that is already there",
    means="""The bytes of a waiting connection lie in the kernel, unframed, so the packet type that the listener has at
    accept is the one that cuts them, even if they were sent before it was set.""",
    source=PACKET + "; gen_tcp:accept/1",
)
def packet_of_waiting_data(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False))
    t.raw_connect(t.port(listener)).send(b"\1a\2bc")
    put(t, listener, ("packet", 1))
    sock = ok(gen_tcp.accept(listener, 5000))
    return [gen_tcp.recv(sock, 0, 500) for _ in range(2)]
