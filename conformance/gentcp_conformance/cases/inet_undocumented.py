"""Functions of inet, inet_tcp and file in the forms that no other case calls; what is common is in other modules."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gentcp.erl import gen_tcp, inet, inet_tcp, prim_inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ask, brief

LOCALHOST = list(b"localhost")


@case(
    "inet/undocumented/timeouts",
    title="getaddrs, gethostbyname and gethostbyaddr take a time as well",
    means="""The time is a limit for the name servers that OTP asks itself, which is not how it is set up by default:
    the system resolves names, however long that takes. The answers are those of the forms without a time.""",
    source="inet:getaddrs/3; inet:gethostbyname/3; inet:gethostbyaddr/2 (undocumented)",
)
def timeouts(t: Subject) -> Term:
    calls: list[tuple[str, list[Term]]] = [
        ("getaddrs", [LOCALHOST, "inet"]),
        ("gethostbyname", [LOCALHOST, "inet"]),
        ("gethostbyaddr", [(127, 0, 0, 1)]),
    ]
    return [
        (name, ask(t, "inet", name, *arguments, 5000) == ask(t, "inet", name, *arguments), *bad(t, name, arguments))
        for name, arguments in calls
    ]


def bad(t: Subject, name: str, arguments: list[Term]) -> list[Term]:
    return [ask(t, "inet", name, *arguments, time) for time in (-1, "soon")]


@case(
    "inet/undocumented/ip",
    title="ip gives the IPv4 address of a tuple or a name",
    means="""A short way to write getaddr(Host, inet) that old code uses. What is no IPv4 address is einval: there is
    no nxdomain to be told from it.""",
    source="inet:ip/1 (undocumented)",
)
def ip(t: Subject) -> Term:
    hosts: list[Term] = [(127, 0, 0, 1), LOCALHOST, "localhost", (0, 0, 0, 0, 0, 0, 0, 1), (127, 0, 0), 1]
    return [ask(t, "inet", "ip", host) for host in hosts]


@case(
    "inet/undocumented/getif-through-a-socket",
    title="getif and getifaddrs ask through a socket; on socket getif refuses that",
    means="""Options or a socket say how to ask the system, and the answer is the same: getif tells the IPv4 addresses
    of interfaces with their broadcast addresses and masks. getifaddrs is what is documented, has IPv6 as well, and
    takes any socket of the backend socket, closed ones too.""",
    source="inet:getif/1 (undocumented); inet:getifaddrs/1",
)
def getif(t: Subject) -> Term:
    sock = t.pair()[0]
    found = [loopback(ask(t, "inet", "getif", how)) for how in ([], [("inet_backend", "inet")], sock)]
    gen_tcp.close(sock)
    return (found, [brief(ask(t, "inet", name, sock)) for name in ("getif", "getifaddrs")])


def loopback(result: Term) -> Term:
    """Of the interfaces those with the loopback address; an error as it is."""
    return [entry for entry in result[1] if entry[0] == (127, 0, 0, 1)] if result[0] == "ok" else result


@case(
    "prim-inet/accept/inet-tcp",
    title="inet_tcp:accept waits for ever unless it is given a time",
    means="""As gen_tcp:accept, which calls it for sockets of the inet backend and those only.""",
    source="inet_tcp:accept/1,2 (undocumented)",
)
def accept(t: Subject) -> Term:
    listener = t.listen(("active", False))
    t.raw_connect(t.port(listener))
    acceptor = t.spawn(t.catch, inet_tcp.accept, listener)
    return (acceptor.outcome(2.0), t.catch(inet_tcp.accept, listener, 10), gen_tcp.close(listener))


@case(
    "sendfile/raw/opened-here",
    title="sendfile wants a file that was opened raw",
    means="""open with raw gives what sendfile/5 takes. Of a file that was closed meanwhile inet says badarg, socket
    einval; the part that was sent before has arrived.""",
    source="file:open/2; file:sendfile/5; file:close/1",
)
def opened(t: Subject) -> Term:
    path = t.path("content")
    Path(path).write_bytes(b"0123456789")
    sock, peer = t.pair()
    name = list(path.encode())
    _, raw = ask(t, "file", "open", name, ["raw", "read", "binary"])
    sent = ask(t, "file", "sendfile", raw, sock, 2, 3, [])
    closed = ask(t, "file", "close", raw)
    return (
        sent,
        peer.recv_exact(3),
        closed,
        ask(t, "file", "close", raw),
        ask(t, "file", "sendfile", raw, sock, 0, 1, []),
    )


WANTED: list[Term] = ["addr", "broadaddr", "dstaddr", "netmask", "flags", "hwaddr"]


@case(
    "inet/getiflist/names",
    title="getiflist: the names of the interfaces that have an address of IPv4",
    means="""The loopback interface is among them; interfaces without an address of IPv4 are not, whatever else they
    have. getifaddrs has all.""",
    source="inet:getiflist/0,1, undocumented",
)
def interface_names(t: Subject) -> Term:
    _, names = ask(t, "inet", "getiflist")
    _, known = ask(t, "inet", "getifaddrs")
    with_ipv4 = [name for name, about in known if any(key == "addr" and len(value) == 4 for key, value in about)]
    return (list(b"lo") in names, sorted(names) == sorted(with_ipv4), ask(t, "inet", "getiflist", "foo"))


@case(
    "inet/ifget/loopback",
    title="ifget: one interface, asked for what you name",
    means="""What an interface has not is left out, and so is everything but flags of one that there is not: no error
    tells you. A name may be an atom.""",
    source="inet:ifget/2, undocumented",
)
def interface(t: Subject) -> Term:
    name = list(b"lo")
    _, [(_, mtu)] = ask(t, "inet", "ifget", name, ["mtu"])
    twice = ask(t, "inet", "ifget", "lo", ["addr", "addr"])
    nobody = ask(t, "inet", "ifget", list(b"nobody"), [*WANTED, "mtu"])
    return (ask(t, "inet", "ifget", name, WANTED), mtu > 0, twice, nobody, ask(t, "inet", "ifget", name, []))


@case(
    "inet/ifget/wrong",
    title="ifget asked for what there is not",
    means="""Names of things are checked, einval, and so are the types of both arguments, by exceptions.""",
    source="inet:ifget/2, undocumented",
)
def interface_wrong(t: Subject) -> Term:
    name = list(b"lo")
    calls: list[tuple[Term, Term]] = [
        (name, ["foo"]), (name, ["mtu", "foo"]), (name, "foo"), (b"lo", ["mtu"]), (5, ["mtu"]),
        (list(b"x" * 300), ["mtu"]), (list(b"x" * 40), ["mtu", "flags"]),
    ]  # fmt: skip
    return [ask(t, "inet", "ifget", *call) for call in calls]


@case(
    "inet/ports/tcp-functions",
    title="inet's own functions on ports: tcp_close, tcp_controlling_process, send, getll, translate_ip",
    means="""Undocumented, and used by drivers' modules. They are for sockets of the inet backend: on others
    function_clause.""",
    source="inet, undocumented",
)
def tcp_functions(t: Subject) -> Term:
    sock, peer = t.pair()
    other = t.spawn(lambda: "ok")
    sent = t.catch(inet.send, sock, b"x")
    itself = t.catch(inet.getll, sock)
    handed = t.catch(inet.tcp_controlling_process, sock, other.process)
    closed = [t.catch(inet.tcp_close, each) for each in (sock, sock, "foo")]
    found = itself[0] if itself[0] != "ok" else itself[1] is sock
    special = (("any", "inet"), ("loopback", "inet6"), ("foo", "inet"))
    addresses = [ask(t, "inet", "translate_ip", *each) for each in special]
    return (sent, found, handed, closed, peer.recv(1.0), t.catch(inet.getll, "foo"), addresses)


@case(
    "inet/tcp-module/lookups",
    title="What inet_tcp looks up: hosts, services, addresses of IPv4",
    means="""The module behind gen_tcp for IPv4; those for IPv6 and local addresses have the same functions. They are
    inet's, with the family filled in.""",
    source="inet_tcp, undocumented",
)
def tcp_module_lookups(t: Subject) -> Term:
    calls: list[tuple[Term, ...]] = [
        ("getaddr", LOCALHOST), ("getaddr", (1, 2, 3, 4)), ("getaddr", (0,) * 8), ("getaddrs", LOCALHOST),
        ("getaddr", LOCALHOST, False), ("getaddrs", LOCALHOST, False), ("getserv", 80),
        ("getserv", "nosuchservice"), ("getserv", 1.5),
        ("parse_address", list(b"127.0.0.1")), ("parse_address", list(b"::1")),
        ("translate_ip", "any"), ("translate_ip", "loopback"), ("translate_ip", (1, 2, 3, 4)),
        ("mask", (255, 255, 0, 0), (1, 2, 3, 4)), ("mask", (255, 255, 0, 0), "foo"),
        ("mask", ("a", 0, 0, 0), (1, 2, 3, 4)),
    ]  # fmt: skip
    return [(name, ask(t, "inet_tcp", name, *arguments)) for name, *arguments in calls]


@case(
    "prim-inet/calls/names-set",
    title="prim_inet: names that are said instead of the system's, and the machine's name",
    means="""For tests of code that looks at names: they change what the port says and nothing else.""",
    source="prim_inet (undocumented)",
)
def names_set(t: Subject) -> Term:
    sock, _ = t.pair()
    name = ((1, 2, 3, 4), 5)
    put = [t.catch(function, sock, name) for function in (prim_inet.setpeername, prim_inet.setsockname)]
    said = [t.catch(function, sock) == ("ok", name) for function in (inet.peername, inet.sockname)]
    back = [t.catch(function, sock, "undefined") for function in (prim_inet.setpeername, prim_inet.setsockname)]
    after = [t.catch(function, sock) == ("ok", name) for function in (inet.peername, inet.sockname)]
    host = t.catch(prim_inet.gethostname, sock)
    return (put, said, back, after, host == inet.gethostname() if host[0] == "ok" else host)


@case(
    "prim-inet/calls/interfaces",
    title="The interfaces, asked of a port",
    means="""The answers are those of inet's functions without a socket; a closed port is einval, and what is no port
    function_clause.""",
    source="inet:ifget/3; prim_inet (undocumented)",
)
def interfaces_of_port(t: Subject) -> Term:
    sock, _ = t.pair()
    calls: list[tuple[Callable[..., Term], tuple[Term, ...]]] = [
        (inet.ifget, (list(b"lo"), ["addr"])), (prim_inet.ifget, (list(b"lo"), ["addr"])),
        (prim_inet.getiflist, ()), (inet.getiflist, ()), (prim_inet.getifaddrs, ()),
    ]  # fmt: skip
    found = [brief(t.catch(function, sock, *arguments)) for function, arguments in calls]
    gen_tcp.close(sock)
    return (found, [t.catch(function, sock, *arguments) for function, arguments in calls])
