"""Each option of the operating system's sockets: defaults, set and read back, inheritance, wrong values."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._each import all_about


@case(
    "options/each/dontroute",
    title="dontroute: by setopts only",
    means="""connect and listen exit with badarg, although the manual lists it with the options of all three.""",
    source="inet:setopts/2, option dontroute; gen_tcp:connect/4, listen/2",
)
def dontroute(t: Subject) -> Term:
    return all_about(t, "dontroute", (True, False), (1, "yes"))


@case(
    "options/each/keepalive",
    title="keepalive: false by default, inherited",
    means="""Probes on idle connections. Accepted sockets have their listener's even if it was set while they were
    waiting.""",
    source="inet:setopts/2, option keepalive; gen_tcp:connect/4, listen/2",
)
def keepalive(t: Subject) -> Term:
    return all_about(t, "keepalive", (True, False), (1, "yes"))


@case(
    "options/each/keepcnt",
    title="keepcnt: 1 to 127; inet swallows what the system refuses",
    means="""inet says ok to 0 and 128 and changes nothing, socket reports einval. In connect and listen it is the
    same: inet makes the socket, socket gives an error.""",
    source="inet:setopts/2, option keepcnt; gen_tcp:connect/4, listen/2",
)
def keepcnt(t: Subject) -> Term:
    return all_about(t, "keepcnt", (1, 127), (0, 128, "foo", 1 << 32))


@case(
    "options/each/keepidle",
    title="keepidle: seconds from 1 to 32767; inet swallows what the system refuses",
    means="""The seconds of silence before the first probe. The system may refuse or change a value: read the
    option back after setting it if yours come from outside.""",
    source="inet:setopts/2, option keepidle; gen_tcp:connect/4, listen/2",
)
def keepidle(t: Subject) -> Term:
    return all_about(t, "keepidle", (1, 32767), (0, 32768, "foo", 1 << 32))


@case(
    "options/each/keepintvl",
    title="keepintvl: seconds from 1 to 32767; inet swallows what the system refuses",
    means="""The seconds between two probes. See keepidle: without {keepalive, true} it is kept and has no effect,
    and a system may refuse a value or change it.""",
    source="inet:setopts/2, option keepintvl; gen_tcp:connect/4, listen/2",
)
def keepintvl(t: Subject) -> Term:
    return all_about(t, "keepintvl", (1, 32767), (0, 32768, "foo", 1 << 32))


@case(
    "options/each/user-timeout",
    title="user_timeout: milliseconds, 0 for the system's own",
    means="""How long sent data may go unacknowledged. The type is checked by both; a number of more than 31 bits is
    dropped by inet and refused by socket.""",
    source="inet:setopts/2, option user_timeout; gen_tcp:connect/4, listen/2",
)
def user_timeout(t: Subject) -> Term:
    return all_about(t, "user_timeout", (3000, 0), (-1, "foo", 1 << 31, 1 << 32))


@case(
    "options/each/priority",
    title="priority: 0 by default, copied to accepted sockets",
    means="""Linux does not copy it to an accepted socket, both backends do. 0 to 6 need no privileges; read the
    option back after setting more.""",
    source="inet:setopts/2, option priority; gen_tcp:connect/4, listen/2",
)
def priority(t: Subject) -> Term:
    return all_about(t, "priority", (3, 6), ("foo", 1.0))


@case(
    "options/each/recbuf",
    title="recbuf: doubled by Linux, at least 2304, and read back so",
    means="""The size is the system's affair. inet swallows refusals and cuts numbers to 32 bits; socket refuses what
    has more.""",
    source="inet:setopts/2, option recbuf; gen_tcp:connect/4, listen/2",
)
def recbuf(t: Subject) -> Term:
    return all_about(t, "recbuf", (4096, 20000), ("foo", 1 << 32), fixed=False)


@case(
    "options/each/sndbuf",
    title="sndbuf: doubled by Linux, at least 4608, and read back so",
    means="""As recbuf: the system doubles what is asked for and has limits of its own, so what is read back is
    not what was set. Send blocks, or queues, by the real size.""",
    source="inet:setopts/2, option sndbuf; gen_tcp:connect/4, listen/2",
)
def sndbuf(t: Subject) -> Term:
    return all_about(t, "sndbuf", (20000, 40000), ("foo", 1 << 32), fixed=False)


@case(
    "options/each/reuseaddr",
    title="reuseaddr: false by default, inherited",
    means="""Say it in listen, or a server cannot be restarted while connections of its predecessor linger.""",
    source="inet:setopts/2, option reuseaddr; gen_tcp:connect/4, listen/2",
)
def reuseaddr(t: Subject) -> Term:
    return all_about(t, "reuseaddr", (True, False), (1, "yes"))


@case(
    "options/each/reuseport",
    title="reuseport: false by default",
    means="""The system copies it to accepted sockets when it was set before the connection came.""",
    source="inet:setopts/2, option reuseport; gen_tcp:connect/4, listen/2",
)
def reuseport(t: Subject) -> Term:
    return all_about(t, "reuseport", (True, False), (1, "yes"))


@case(
    "options/each/reuseport-lb",
    title="reuseport_lb: the same as reuseport on inet, unsupported by socket",
    means="""inet on Linux sets the same switch of the system. socket has no such option there: setopts says einval,
    getopts leaves it out, connect and listen fail.""",
    source="inet:setopts/2, option reuseport_lb; gen_tcp:connect/4, listen/2",
)
def reuseport_lb(t: Subject) -> Term:
    return all_about(t, "reuseport_lb", (True, False), (1, "yes"))


@case(
    "options/each/exclusiveaddruse",
    title="exclusiveaddruse: for Windows; inet says ok and stays with false",
    means="""An option of Windows. socket says einval on Linux, where inet takes it and does nothing: give it only
    after asking os:type().""",
    source="inet:setopts/2, option exclusiveaddruse; gen_tcp:connect/4, listen/2",
)
def exclusiveaddruse(t: Subject) -> Term:
    return all_about(t, "exclusiveaddruse", (True, False), (1, "yes"))


@case(
    "options/each/bind-to-device",
    title="bind_to_device: a binary to set, a string to read on socket",
    means="""The name of a network device, empty for any. inet reads back a binary, socket a string with a zero at
    its end. An unknown device is einval on inet and enodev on socket.""",
    source="inet:setopts/2, option bind_to_device; gen_tcp:connect/4, listen/2",
)
def bind_to_device(t: Subject) -> Term:
    return all_about(t, "bind_to_device", (b"lo", b""), ("lo", b"nosuchdevice", b"a_name_that_is_too_long", 5))
