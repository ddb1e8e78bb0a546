"""Options that decide which socket is made: family, addresses, descriptor, namespace, protocol."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import contextlib
import secrets
import socket

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import LOOPBACK, CaseError, Subject, ok
from ..term import Term
from ._common import brief
from ._each import accepting, read
from ._options import LOOPBACK6, get, made_with

LISTEN = "gen_tcp:listen/2"
BOTH = "gen_tcp:connect/4, listen/2"


def listened(t: Subject, *options: Term) -> Term:
    """Address of a listener made with these options, 'free' for a port that the system chose; or why there is none."""
    result = t.catch(gen_tcp.listen, 0, t.options(*options))
    match result:
        case ("ok", listener):
            return ok(inet.sockname(listener))[0]
        case _:
            return result


def port_of(t: Subject, wanted: int, *options: Term) -> Term:
    """Whether listen(Wanted, Options) listens on that port."""
    match t.catch(gen_tcp.listen, wanted, t.options(*options)):
        case ("ok", listener):
            found = ok(inet.port(listener))
            gen_tcp.close(listener)
            return "as wanted" if found == wanted else "another"
        case refusal:
            return refusal


def unchosen_port() -> int:
    """A free port of those that the system does not choose by itself."""
    for _ in range(100):
        with socket.socket() as tried, contextlib.suppress(OSError):
            tried.bind(("127.0.0.1", 20000 + secrets.randbelow(10000)))
            return int(tried.getsockname()[1])
    raise CaseError("no free port")


@case(
    "options/opening/family",
    title="The first of inet, inet6 and local counts; a tcp_module anywhere goes before them; an address decides else",
    means="""Write the family in front, and do not write two. Without any, an IPv6 address to bind to makes an IPv6
    socket.""",
    source=BOTH + ", option address_family()",
)
def family(t: Subject) -> Term:
    lists: list[list[Term]] = [
        ["inet"], ["inet6"], ["inet", "inet6"], ["inet6", "inet"], ["inet", ("tcp_module", "inet6_tcp")],
        [("tcp_module", "inet6_tcp"), "inet"], [("ip", LOOPBACK6)], [("ip", LOOPBACK)], ["inet", ("ip", LOOPBACK6)],
        [("ifaddr", {"family": "inet6", "addr": "any", "port": 0})], [],
    ]  # fmt: skip
    return [(options, listened(t, *options)) for options in lists]


@case(
    "options/opening/tcp-module",
    title="A tcp_module that does not exist: undef, or case_clause from connect of socket",
    means="""The option names an Erlang module, and is meant for those who bring their own. socket only has those of the
    three families.""",
    source=BOTH + ", option tcp_module",
)
def tcp_module(t: Subject) -> Term:
    return [(module, *made_with(t, ("tcp_module", module))) for module in ("inet_tcp", "no_such_module", "lists", 5)]


@case(
    "options/opening/ip",
    title="What is no address of the family: exit badarg on inet, an invalid sockaddr on socket",
    means="""any and loopback stand for the addresses of the family in question. The error of inet says nothing of
    addresses; look at them first when connect or listen exit with badarg.""",
    source=BOTH + ", option ip",
)
def ip(t: Subject) -> Term:
    wrong: tuple[Term, ...] = ("loopback", "any", "x", (1, 2, 3), (127, 0, 0, 256), b"127.0.0.1", 5)
    return [(value, listened(t, ("ip", value))) for value in wrong]


@case(
    "options/opening/ifaddr-map",
    title="A map as ifaddr has its own port, which is 0 unless it says otherwise: the first argument of listen is lost",
    means="""listen(5678, [{ifaddr, #{family => inet, addr => any}}]) listens on a port that the system chooses. Put the
    port into the map, or give {port, P} behind it.""",
    source=LISTEN + ", option ifaddr",
    contradicts="listen/2 listens on the port that is its first argument, unless that is 0.",
)
def ifaddr_map(t: Subject) -> Term:
    plain = {"family": "inet", "addr": "loopback"}
    free = unchosen_port()
    lists: list[list[Term]] = [
        [("ifaddr", plain)], [("ifaddr", {**plain, "port": free})], [("ifaddr", plain), ("port", free)],
        [("port", free), ("ifaddr", plain)], [("ip", LOOPBACK)],
    ]  # fmt: skip
    return [port_of(t, free, *options) for options in lists]


@case(
    "options/opening/ifaddr-map-wrong",
    title="Maps that are no socket address: the keys are looked at first, the rest by whoever binds",
    means="""A missing family or a strange key raises an error on both backends. A wrong address or port, and one of
    another family, is einval on inet and {invalid, {sockaddr, Map}} on socket, which tells you what it saw.""",
    source=BOTH + ", option ifaddr",
)
def ifaddr_map_wrong(t: Subject) -> Term:
    maps: list[dict[str, Term]] = [
        {"addr": LOOPBACK}, {"family": "inet", "addr": "any", "foo": 1}, {"family": "inet", "addr": LOOPBACK6},
        {"family": "inet", "port": "x"}, {"family": "inet6", "addr": LOOPBACK}, {"family": "inet"}, {"family": "inet6"},
        {"family": "inet6", "addr": LOOPBACK6, "scope_id": 0},
    ]  # fmt: skip
    return [(ifaddr, listened(t, ("ifaddr", ifaddr))) for ifaddr in maps]


@case(
    "options/opening/port",
    title="A port that is none: exit badarg on inet, cut to 16 bits on socket",
    means="""The option is for the local port of connect; in listen it replaces the first argument. socket takes -1 for
    65535 and reports as invalid only what is no number of 32 bits.""",
    source=BOTH + ", option port",
)
def port(t: Subject) -> Term:
    return [(value, *made_with(t, ("port", value))) for value in (0, "x", 1.0, 1 << 32)]


@case(
    "options/opening/fd",
    title="fd: negative is none, an unused number is ebadf; inet ignores what is no number",
    means="""Both take over a descriptor of the operating system. What is no integer raises function_clause on
    socket.""",
    source=BOTH + ", option fd",
)
def fd(t: Subject) -> Term:
    return [(value, *made_with(t, ("fd", value))) for value in (-1, 99999, "x", 1.0)]


@case(
    "options/opening/backlog",
    title="A backlog that is no number raises function_clause, or kills the process behind socket's listener",
    means="""0 and negative numbers are taken by both, and mean what the system makes of them. connect does not
    know the option, so lists for both cannot be shared.""",
    source=LISTEN + ", option backlog",
)
def backlog(t: Subject) -> Term:
    return [(value, *made_with(t, ("backlog", value))) for value in (1, 0, -1, "x")]


@case(
    "options/opening/netns",
    title="netns: enoent for a namespace that is not there; inet reads it back, and accepted sockets do not",
    means="""The file of a network namespace of Linux. What is no file name exits with badarg. setopts of inet takes it
    and nothing happens; socket refuses.""",
    source=BOTH + ", option netns",
)
def netns(t: Subject) -> Term:
    here = b"/proc/self/ns/net"
    wrong: tuple[Term, ...] = (b"/no/such/namespace", b"", list(b"/no/such/namespace"), 5, "foo")
    refused = [(value, *made_with(t, ("netns", value))) for value in wrong]
    result = t.catch(gen_tcp.listen, 0, t.options(("ip", LOOPBACK), ("active", False), ("netns", here)))
    if result[0] != "ok":
        raise t.unsupported("this takes the right to enter namespaces")
    return (refused, get(t, result[1], "netns"), get(t, accepting(t, "inet", result[1]), "netns"))


@case(
    "options/opening/netns-or-fd",
    title="Of fd and netns the last one counts",
    means="""They share a place in the lists of connect and listen. A descriptor is in the namespace in which it was
    made, so the two make no sense together anyway.""",
    source=BOTH + ", options fd and netns",
)
def netns_or_fd(t: Subject) -> Term:
    missing, none = ("netns", b"/no/such/namespace"), ("fd", -1)
    return [listened(t, missing, none), listened(t, none, missing)]


@case(
    "options/opening/protocol",
    title="protocol: tcp and mptcp on inet; socket takes any that the system has",
    means="""Anything else exits with badarg on inet. socket passes names and numbers on, so a wrong one is
    eprotonosupport, and a name that it does not know is invalid.""",
    source=BOTH + ", option protocol",
)
def protocol(t: Subject) -> Term:
    return [(value, *made_with(t, ("protocol", value))) for value in ("tcp", "default", "udp", "foo", 6, 17, -1, 1.5)]


@case(
    "options/opening/mptcp",
    title="protocol mptcp makes a socket like any other",
    means="""Both ends must have it to make use of several paths, otherwise the connection is plain TCP. Where the
    kernel has no multipath TCP you get eprotonosupport.""",
    source=BOTH + ", option protocol",
)
def mptcp(t: Subject) -> Term:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close()
    except OSError:
        raise t.unsupported("the kernel has no multipath TCP") from None
    made = t.catch(gen_tcp.listen, 0, t.options(("active", False), ("protocol", "mptcp")))
    if made[0] != "ok":
        return made
    listener = made[1]
    client = t.connect(t.port(listener), "binary", ("active", False), ("protocol", "mptcp"), ("nodelay", True))
    accepted = ok(gen_tcp.accept(listener, 5000))
    sent = gen_tcp.send(accepted, b"over any path")
    return (sent, gen_tcp.recv(client, 13, 5000), get(t, client, "nodelay", "protocol"), get(t, client, "nodelay"))


@case(
    "options/opening/v6only",
    title="A listener on all IPv6 addresses takes IPv4 connections, too, unless ipv6_v6only is set",
    means="""The default is the system's (net.ipv6.bindv6only), so say what you need when you listen on all
    addresses. On a single address the system sets it by itself.""",
    source=LISTEN + ", option ipv6_v6only",
)
def v6only(t: Subject) -> Term:
    found: list[Term] = []
    for options in ((), (("ipv6_v6only", True),), (("ipv6_v6only", False),)):
        listener = ok(gen_tcp.listen(0, t.options("inet6", *options)))
        number = ok(inet.port(listener))
        reached = brief(t.catch(gen_tcp.connect, LOOPBACK, number, t.options(("active", False)), 5000))
        found.append((list(options), get(t, listener, "ipv6_v6only"), reached))
    return [*found, read(t, t.catch(gen_tcp.listen, 0, t.options("inet", ("ipv6_v6only", True))), "ipv6_v6only")]
