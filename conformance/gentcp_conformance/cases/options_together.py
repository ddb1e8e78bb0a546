"""Options that have to do with one another, and with other sockets."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import ImproperList, gen_tcp, inet

from ..case import case
from ..subject import Subject, ok
from ..term import Term
from ._common import joined
from ._each import ADDRESSES, accepting, connecting, listening
from ._options import GETOPTS, SETOPTS, fresh, get, put

PKTOPTIONS = "inet:getopts/2, option pktoptions"


@case(
    "options/pktoptions/inet",
    title="pktoptions has what recvtos and recvttl ask for, also when they are set on a connected socket",
    means="""On Linux only, and for IPv4 by an extension of the system that no standard has. The values are those of the
    packet that came last.""",
    source=PKTOPTIONS,
)
def pktoptions_inet(t: Subject) -> Term:
    sock = ok(connecting(t, "inet"))
    found = [get(t, sock, "pktoptions")]
    for options in ((("recvtos", True),), (("recvttl", True),), (("recvtos", False),)):
        put(t, sock, *options)
        names = [name for name, _ in ok(get(t, sock, "pktoptions"))[0][1]]
        found.append((options[0], names))
    return found


@case(
    "options/pktoptions/inet6",
    title="pktoptions of IPv6 has recvtclass on inet, and is left out by socket",
    means="""The socket module asks the system for an option that Linux has by another name, and gets nothing. Who
    needs the traffic class that came stays with inet.""",
    source=PKTOPTIONS,
)
def pktoptions_inet6(t: Subject) -> Term:
    sock = ok(connecting(t, "inet6", ("recvtclass", True)))
    return get(t, sock, "recvtclass", "pktoptions")


@case(
    "options/pktoptions/of-accepted-sockets",
    title="Set in listen, recvtos and recvttl hold for accepted sockets from the first packet on",
    means="""Set them there, since what came before they were set is not known any more on some systems.""",
    source=PKTOPTIONS,
)
def pktoptions_of_accepted(t: Subject) -> Term:
    listener = ok(listening(t, "inet", ("recvtos", True), ("recvttl", True)))
    sock = accepting(t, "inet", listener)
    return sorted(name for name, _ in ok(get(t, sock, "pktoptions"))[0][1])


@case(
    "options/tos/keeps-priority",
    title="Setting tos leaves the priority as it is",
    means="""Linux derives the priority of a socket's packets from its type of service whenever that is set. Both
    backends put back what it was, so the order of the two options does not matter.""",
    source=SETOPTS + ", options tos and priority",
)
def tos_keeps_priority(t: Subject) -> Term:
    found: list[Term] = []
    for options in ((("tos", 16),), (("priority", 3), ("tos", 184)), (("tos", 184), ("priority", 3))):
        sock = fresh(t)
        found.append((list(options), put(t, sock, *options), get(t, sock, "tos", "priority")))
    return found


@case(
    "options/watermark/message-queue-pull",
    title="The two message queue watermarks pull each other along",
    means="""As with high_watermark and low_watermark, a value on the wrong side of the other moves that one, too.
    socket ignores both.""",
    source=SETOPTS + ", options high_msgq_watermark and low_msgq_watermark",
)
def message_queue_pull(t: Subject) -> Term:
    found: list[Term] = []
    for option in (("low_msgq_watermark", 50000), ("high_msgq_watermark", 100)):
        sock = fresh(t)
        found.append((put(t, sock, option), get(t, sock, "low_msgq_watermark", "high_msgq_watermark")))
    return found


@case(
    "options/inherit/as-it-is",
    title="An accepted socket gets what the listener has, not what it was told",
    means="""What setopts refused, or overwrote in the same list, is not inherited: nodelay, keepalive, priority, linger
    and reuseaddr are read from the listener when accept is called, raw options included.""",
    source="gen_tcp:accept/1; " + SETOPTS,
)
def as_it_is(t: Subject) -> Term:
    lists: list[list[Term]] = [
        [("nodelay", True), ("nodelay", False)], [("nodelay", False), ("nodelay", True)],
        [("keepalive", True), ("keepcnt", 0), ("nodelay", True)], [("raw", 6, 1, b"\1\0\0\0")],
    ]  # fmt: skip
    return [
        (late, get(t, accepting(t, "inet", ok(listening(t, "inet")), *late), "nodelay", "keepalive")) for late in lists
    ]


@case(
    "options/inherit/local",
    title="Accepted local sockets have linger, priority, keepalive and reuseaddr of their listener, by accept alone",
    means="""For local sockets the system copies nothing. recbuf and sndbuf, which accept does not copy, have to be set
    again.""",
    source="gen_tcp:accept/1",
)
def local(t: Subject) -> Term:
    path = ("local", t.path().encode())
    wanted = (("linger", (True, 7)), ("priority", 3), ("keepalive", True), ("reuseaddr", True), ("sndbuf", 20000))
    listener = ok(gen_tcp.listen(0, t.options("local", ("ifaddr", path), ("active", False), *wanted)))
    ok(gen_tcp.connect(path, 0, t.options("local", ("active", False)), 5000))
    accepted = ok(gen_tcp.accept(listener, 5000))
    copied = get(t, accepted, *[name for name, _ in wanted[:-1]])
    return (copied, get(t, accepted, "sndbuf") == get(t, listener, "sndbuf"))


@case(
    "options/inherit/by-family",
    title="inet copies tos, ttl and the like for the family of the listener only",
    means="""tos of an IPv6 listener and tclass of an IPv4 one are not copied when they were set while the connection
    was waiting.""",
    source="gen_tcp:accept/1",
)
def by_family(t: Subject) -> Term:
    late = (("tos", 16), ("ttl", 7), ("recvtos", True), ("recvttl", True))
    names = [name for name, _ in late]
    return [(which, get(t, accepting(t, which, ok(listening(t, which)), *late), *names)) for which in ADDRESSES]


@case(
    "options/raw/names",
    title="socket takes names of levels, integers and booleans in raw options; inet takes binaries only",
    means="""{raw, tcp, 1, true} and {raw, 6, 1, integer} are conveniences of socket. Write numbers and binaries for
    code that runs on both.""",
    source=SETOPTS + ", option raw",
)
def raw_names(t: Subject) -> Term:
    requests: list[Term] = [
        ("raw", 6, 1, "integer"), ("raw", 6, 1, "boolean"), ("raw", "tcp", 1, 4), ("raw", "foo", 1, 4),
        ("raw", (6, 1, 4)),
    ]  # fmt: skip
    options: list[Term] = [
        ("raw", "tcp", 1, b"\1\0\0\0"), ("raw", 6, 1, 1), ("raw", 6, 1, True), ("raw", "foo", 1, 1), ("raw", 6, 1, 1.5),
    ]  # fmt: skip
    done = [(option, put(t, fresh(t), option)) for option in options]
    return (done, [(request, get(t, fresh(t), request)) for request in requests])


@case(
    "options/order/improper-list",
    title="A list that ends in no list: bad_generator with what it ends in, and nothing is set",
    means="""[{nodelay, true} | foo] comes from building lists by hand. setopts of both backends, and getopts of socket,
    raise bad_generator; getopts of inet raises function_clause.""",
    source=SETOPTS + "; " + GETOPTS,
)
def improper_list(t: Subject) -> Term:
    sock = joined(t, ("active", False))[0]
    done = t.catch(inet.setopts, sock, ImproperList([("nodelay", True)], "foo"))
    return (done, get(t, sock, "nodelay"), t.catch(inet.getopts, sock, ImproperList(["nodelay"], "foo")))


@case(
    "options/order/undefined",
    title="{Name, undefined} asks inet for Name; socket does not know such names",
    means="""inet lets a name come with an undefined value, in memory of options whose values are records.""",
    source=GETOPTS,
)
def undefined(t: Subject) -> Term:
    sock = fresh(t)
    return [get(t, sock, name) for name in (("nodelay", "undefined"), ("nodelay", 1), ("raw", "undefined"))]


@case(
    "options/bad/beyond-the-system",
    title="A raw option whose level has more than 32 bits kills the process behind socket's connection",
    means="""inet cuts the number down and goes on. On socket the caller exits, and the connection is gone with the
    process; fd, which is no option to set, does the same. Numbers from outside have no place in raw options.""",
    source=SETOPTS + ", option raw",
)
def beyond_the_system(t: Subject) -> Term:
    found: list[Term] = []
    for option in (("raw", 1 << 33, 1, b"\1\0\0\0"), ("fd", 5)):
        sock = fresh(t)
        done = put(t, sock, option)
        found.append((done[1] if done[0] == "exception" else done, get(t, sock, "mode")))
    return found
