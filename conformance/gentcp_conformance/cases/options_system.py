"""Options of the operating system: how they are set, checked and read back."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import LOOPBACK, Subject
from ..term import Term
from ._common import brief
from ._options import SETOPTS, fresh_inet6, get, made_with, put, put_and_get, set_on_fresh, tried

TOS = "inet:setopts/2, option tos"
KEEPALIVE = "inet:setopts/2, options keepidle, keepintvl, keepcnt and user_timeout"
REUSEPORT = "inet:setopts/2, options reuseport and reuseport_lb"
UDP = "inet:setopts/2, options for UDP sockets"
NAMED = "gen_tcp:connect/4 and listen/2 take the options of inet:setopts/2."


@case(
    "options/tos/values",
    title="tos is a number on both, but was lowdelay, throughput or reliability on socket before OTP 29",
    means="""Three values had names on the socket backend of OTP 25 and 27: 16, 8 and 4 read back as atoms. Code that
    does arithmetic with the value, or compares it with what it set, works on inet and from OTP 29 on.""",
    source=TOS,
)
def tos_values(t: Subject) -> Term:
    sock, _ = t.pair()
    return [put_and_get(t, sock, "tos", value)[1] for value in (184, 16, 8, 4, 2, 0)]


@case(
    "options/tos/reserved-bits",
    title="The two lowest bits of tos are the system's: 255 becomes 252",
    means="""They carry congestion notification, so Linux clears them on a TCP socket and still says ok. Compare the
    upper six bits only, or read the value back.""",
    source=TOS,
)
def tos_reserved_bits(t: Subject) -> Term:
    return set_on_fresh(t, "tos", 255)


@case(
    "options/tos/inet6",
    title="tos on an IPv6 socket is accepted",
    means="""The option is one of IPv4 and does nothing for IPv6 packets, but Linux takes it on such a socket, in case
    the peer is an IPv4 one. Set tclass for IPv6; the ok here does not mean that your packets are marked.""",
    source="inet:setopts/2, options tos and tclass",
    needs=("inet6",),
)
def tos_inet6(t: Subject) -> Term:
    return put_and_get(t, fresh_inet6(t), "tos", 16)


@case(
    "options/ttl/range",
    title="ttl from 1 to 255; 0 and 256 are einval",
    means="""Here both backends report what the system refuses. That is not the rule on inet, which keeps most of the
    system's refusals to itself: tos, ttl, tclass, priority and bind_to_device are among the exceptions.""",
    source=SETOPTS + ", option ttl",
)
def ttl_range(t: Subject) -> Term:
    sock, _ = t.pair()
    return [(value, *put_and_get(t, sock, "ttl", value)) for value in (77, 0, 256, 255)]


@case(
    "options/priority/range",
    title="priority 0 to 6 are for everybody",
    means="""Values up to 6 need no privilege on Linux and read back as set on both backends; anything above needs
    CAP_NET_ADMIN. The option sets the queueing discipline on this machine, not a field in the packets.""",
    source=SETOPTS + ", option priority",
)
def priority_range(t: Subject) -> Term:
    return set_on_fresh(t, "priority", 6)


@case(
    "options/keepalive/in-connect-and-listen",
    title="keepidle, keepintvl, keepcnt and user_timeout: from OTP 29, before it exit with badarg",
    means="""On OTP 29 all four can be given to connect and listen on both backends. On older releases the same list
    ends the call with an exit, not with an error tuple: code for several releases has to choose by release, or use
    raw options.""",
    source=KEEPALIVE,
)
def keepalive_in_connect_and_listen(t: Subject) -> Term:
    options = (("keepidle", 100), ("keepintvl", 20), ("keepcnt", 3), ("user_timeout", 4000))
    connected = t.catch(gen_tcp.connect, (127, 0, 0, 1), t.raw_listener().port, t.options(*options), 5000)
    listening = t.catch(gen_tcp.listen, 0, t.options(*options))
    return [times_of(t, result) for result in (connected, listening)]


def times_of(t: Subject, result: Term) -> Term:
    match result:
        case ("ok", sock):
            return get(t, sock, "keepidle", "keepintvl", "keepcnt", "user_timeout")
        case _:
            return result


@case(
    "options/keepalive/setopts",
    title="keepidle on a connected socket: from OTP 29 on",
    means="""Unlike connect, setopts answers an unknown option with {error, einval}, so trying keepidle and falling
    back to a raw option is possible there.""",
    source=KEEPALIVE,
)
def keepalive_setopts(t: Subject) -> Term:
    return set_on_fresh(t, "keepidle", 100)


@case(
    "options/keepalive/range",
    title="keepidle 0 or 40000: silently nothing on inet, einval on socket",
    means="""The system refuses both values. inet says ok all the same and the old value stays; socket tells you. On
    inet only reading back shows whether a keepalive time is in force.""",
    source=KEEPALIVE,
)
def keepalive_range(t: Subject) -> Term:
    sock, _ = t.pair()
    put(t, sock, ("keepidle", 111))
    return [(value, *put_and_get(t, sock, "keepidle", value)) for value in (0, 40000, -1, 32767)]


@case(
    "options/user-timeout/setopts",
    title="user_timeout on a connected socket: from OTP 29 on",
    means="""In milliseconds, while the times of keepalive are in seconds. With it a connection whose peer has vanished
    fails with etimedout after that time instead of after a quarter of an hour.""",
    source=KEEPALIVE,
)
def user_timeout_setopts(t: Subject) -> Term:
    return set_on_fresh(t, "user_timeout", 1234)


@case(
    "options/reuseport/setopts",
    title="reuseport can be set on inet from OTP 27, on socket from OTP 29",
    means="""Setting it on a connected socket has no use of its own, but shows since when the backend knows the name.
    For a listener give it in the list of listen: set later, the address is taken already.""",
    source=REUSEPORT,
)
def reuseport_setopts(t: Subject) -> Term:
    return set_on_fresh(t, "reuseport", True)


@case(
    "options/reuseport/load-balancing",
    title="reuseport_lb: the same switch as reuseport on inet, einval on socket",
    means="""On Linux one option stands behind both names, so on inet setting one sets the other, and clearing one
    clears both. The socket backend looks for an option of that very name, which Linux does not have. Use
    reuseport.""",
    source=REUSEPORT,
    contradicts="On Linux, for example, reuseport_lb and reuseport are the same underlying option.",
)
def load_balancing(t: Subject) -> Term:
    sock, _ = t.pair()
    return (put(t, sock, ("reuseport_lb", True)), get(t, sock, "reuseport", "reuseport_lb"))


@case(
    "options/reuseport/two-listeners",
    title="Two listeners on one port: reuseport on both, reuseport_lb on inet alone",
    means="""With the option both listeners are open and the system deals the connections out; without it the second is
    eaddrinuse. On socket reuseport_lb is einval before there is any listener, so a setting that serves several
    acceptor processes on inet starts nothing there.""",
    source=REUSEPORT + "; gen_tcp:listen/2",
)
def two_listeners(t: Subject) -> Term:
    return [(name, second_listener(t, *options)) for name, options in SHARING.items()]


SHARING: dict[str, tuple[Term, ...]] = {
    "none": (),
    "reuseport": (("reuseport", True),),
    "reuseport_lb": (("reuseport_lb", True),),
    "both": (("reuseport", True), ("reuseport_lb", True)),
}


def second_listener(t: Subject, *options: Term) -> Term:
    match t.catch(gen_tcp.listen, 0, t.options(("ip", LOOPBACK), *options)):
        case ("ok", first):
            second = gen_tcp.listen(t.port(first), t.options(("ip", LOOPBACK), *options))
            return ("ok", brief(second), get(t, first, "reuseport", "reuseport_lb"))
        case refused:
            return refused


@case(
    "options/linger/values",
    title="linger: a negative time is refused by socket only, and {false, 5} reads back as {false, 0}",
    means="""The time is forgotten when lingering is off. A time of -1 is ok on inet, where the system takes it for a
    very long one, and einval on socket (on OTP 25 an error tuple with a map in it). What is no pair of a boolean and
    an integer is einval on both.""",
    source=SETOPTS + ", option linger",
)
def linger_values(t: Subject) -> Term:
    read_back = tried(t, "linger", (True, 5), (False, 5), (True, 0))
    return (read_back, [(value, put(t, t.pair()[0], ("linger", value))) for value in ((True, -1), 5, ("yes", 1))])


@case(
    "options/bind-to-device/setopts",
    title="A device reads back as a binary on inet, as characters and a zero on socket",
    means="""The name goes in as a binary on both and comes out in two shapes. The zero byte at the end keeps even
    list_to_binary of it from being equal to what you set.""",
    source=SETOPTS + ", option bind_to_device",
    contradicts="The name of the interface is a binary, and the option is for calls that create a socket.",
)
def device_setopts(t: Subject) -> Term:
    return set_on_fresh(t, "bind_to_device", b"lo")


@case(
    "options/bind-to-device/unknown",
    title="A device that is not there: einval on inet, enodev on socket",
    means="""inet has one error for everything that setopts may refuse. Only socket passes on what the system said, so
    a message for the operator, such as "no such interface", can be written for that backend only.""",
    source=SETOPTS + ", option bind_to_device",
)
def device_unknown(t: Subject) -> Term:
    return set_on_fresh(t, "bind_to_device", b"nosuchif0")


@case(
    "options/bind-to-device/in-connect-and-listen",
    title="Devices in connect and listen: the same mistake is an exit or an error, by backend and function",
    means="""On inet a wrong name makes connect exit with badarg and listen return einval; on socket both return the
    system's error. What is no binary makes all four exit. For a device from configuration you have to catch exits,
    or look for it in inet:getifaddrs first.""",
    source="gen_tcp:connect/4, listen/2; " + SETOPTS + ", option bind_to_device",
)
def device_in_connect_and_listen(t: Subject) -> Term:
    names: tuple[Term, ...] = (b"lo", list(b"lo"), b"nosuchif0", b"", "foo", b"averyveryverylonginterfacename")
    return [(name, *made_with(t, ("bind_to_device", name))) for name in names]


@case(
    "options/udp/setopts",
    title="broadcast on a TCP socket: set and read on inet, einval on socket",
    means="""inet's driver has one table of options for all protocols. On socket a list that was made for UDP sockets
    fails as a whole on a TCP one.""",
    source=UDP,
)
def udp_setopts(t: Subject) -> Term:
    return set_on_fresh(t, "broadcast", True)


@case(
    "options/udp/in-connect",
    title="Options of UDP in connect: exit with badarg on both",
    means="""connect and listen know which options are for TCP, on both backends, and exit for others. Only setopts
    on inet is generous, so an option may work there that cannot be given when the socket is made.""",
    source="gen_tcp:connect/4, listen/2; " + UDP,
)
def udp_in_connect(t: Subject) -> Term:
    options = (("broadcast", True), ("multicast_ttl", 2), ("read_packets", 5))
    return [(option, *made_with(t, option), put(t, t.pair()[0], option)) for option in options]


@case(
    "options/nopush/holds-back",
    title="nopush holds back a small send until it is off again, but not on OTP 25's socket",
    means="""Between nopush true and false several sends become one segment, and nothing leaves before the end or a
    full segment: forget the false, and the peer waits. OTP 25's socket backend took the option without doing
    anything.""",
    source=SETOPTS + ", option nopush",
)
def holds_back(t: Subject) -> Term:
    sock, peer = t.pair()
    on = put(t, sock, ("nopush", True))
    gen_tcp.send(sock, b"a")
    held = peer.recv(0.1)
    off = put(t, sock, ("nopush", False))
    return (on, held, off, peer.recv(0.3), get(t, sock, "nopush"))


@case(
    "options/nopush/in-connect",
    title="nopush and dontroute: for setopts only, exit with badarg in connect and listen",
    means="""The manual lists both among the options that connect and listen take, but they refuse them on either
    backend. Set them on the socket once you have it.""",
    source="gen_tcp:connect/4, listen/2",
    contradicts=NAMED,
)
def nopush_in_connect(t: Subject) -> Term:
    return [(option, *made_with(t, (option, True))) for option in ("nopush", "dontroute")]


@case(
    "options/packet/raw-is-zero",
    title="packet set to raw reads back as 0 on inet",
    means="""A round trip through setopts and getopts does not give back what went in. Compare with both names, 0 and
    raw.""",
    source=SETOPTS + ", option packet",
)
def raw_is_zero(t: Subject) -> Term:
    return set_on_fresh(t, "packet", "raw")
