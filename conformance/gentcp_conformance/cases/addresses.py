"""Addresses in maps for connect, and hosts with several addresses."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import socket
from contextlib import ExitStack

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import LOOPBACK, Subject
from ..term import Term
from ._common import brief

IN = "gen_tcp:connect/2, t:socket:sockaddr_in/0"
IN6 = "gen_tcp:connect/3, t:socket:sockaddr_in6/0"
NAMES = "gen_tcp:connect/3, section Addresses"
LOOPBACK6 = (0, 0, 0, 0, 0, 0, 0, 1)
PASSIVE = ("active", False)


def listening6(stack: ExitStack) -> int:
    raw = stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6, backlog=100))
    port: int = raw.getsockname()[1]
    return port


def outcomes(t: Subject, port: int, addresses: list[dict[str, Term]], *options: Term) -> list[Term]:
    """Each map as it is given, without its port, and the result of connect/2."""
    results: list[Term] = []
    for given in addresses:
        address = {"port": port, **given}
        result = brief(t.catch(gen_tcp.connect, address, t.options(PASSIVE, *options)))
        results.append((given, without_port(result, port)))
    return results


def without_port(term: Term, port: int) -> Term:
    """The term with 'Port' for the number, which is another each time."""
    match term:
        case tuple():
            return tuple(without_port(part, port) for part in term)
        case dict():
            return {key: without_port(value, port) for key, value in term.items()}
        case _:
            return "Port" if term == port and type(term) is int else term


@case(
    "connect/sockaddr/arities",
    title="connect/2 and connect/3 with an address map",
    means="""With a map there is no separate port: connect(SockAddr, Opts) and connect(SockAddr, Opts, Timeout). The
    names of the connection are as usual, and so is a timeout that is none.""",
    source=IN,
)
def arities(t: Subject) -> Term:
    address = {"family": "inet", "addr": LOOPBACK, "port": t.raw_listener().port}
    options = t.options(PASSIVE)
    two = t.catch(gen_tcp.connect, address, options)
    name = inet.peername(two[1]) if two[0] == "ok" else two
    three = [brief(t.catch(gen_tcp.connect, address, options, time)) for time in (5000, "infinity", "soon", -1)]
    return (brief(two), name == ("ok", (LOOPBACK, address["port"])), three)


@case(
    "connect/sockaddr/with-a-port",
    title="A map, and a port as well",
    means="""connect/4 takes no map: what is no host is refused as any other host that is none, on inet with exit
    badarg.""",
    source=IN,
)
def with_a_port(t: Subject) -> Term:
    port = t.raw_listener().port
    address = {"family": "inet", "addr": LOOPBACK, "port": port}
    return t.catch(gen_tcp.connect, address, port, t.options(PASSIVE), 1000)


@case(
    "connect/sockaddr/families",
    title="The family of a map, and addresses of the other one",
    means="""The family must be inet or inet6; local sockets have no map here. An address of the other family is a
    function_clause on inet, which connect turns into an exit, and einval on socket.""",
    source=IN,
    needs=("inet6",),
)
def families(t: Subject) -> Term:
    port = t.raw_listener().port
    addresses: list[dict[str, Term]] = [{"addr": LOOPBACK}, {"family": "foo"}, {"family": "local", "path": b"x"}]
    addresses += [{"family": "inet", "addr": LOOPBACK6}, {"family": "inet6", "addr": LOOPBACK}]
    return outcomes(t, port, addresses)


@case(
    "connect/sockaddr/addresses",
    title="What addr may be in a map",
    means="""A tuple or loopback. any, which connects to this machine as a tuple of zeros does, is refused in a map, and
    it is what a map without addr has; so is a name. inet exits, socket looks the atoms up as host names.""",
    source=IN,
)
def addresses(t: Subject) -> Term:
    given: list[Term] = [LOOPBACK, (0, 0, 0, 0), "loopback", "any", "atom", b"x", (1, 2, 3), (127, 0, 0, 256), [127]]
    maps = [{"family": "inet", "addr": address} for address in given]
    return outcomes(t, t.raw_listener().port, [*maps, {"family": "inet"}])


@case(
    "connect/sockaddr/ports",
    title="What port may be in a map",
    means="""A number from 0 to 65535, 0 if there is none, and nobody listens there. On inet other terms are a
    function_clause; socket takes the lower 16 bits of large numbers, and looks atoms up as services.""",
    source=IN,
)
def ports(t: Subject) -> Term:
    results: list[Term] = []
    for port in (0, -1, 65536, "any", "nosuchservice", [49], 1.5):
        address = {"family": "inet", "addr": LOOPBACK, "port": port}
        results.append((port, brief(t.catch(gen_tcp.connect, address, t.options(PASSIVE)))))
    absent = t.catch(gen_tcp.connect, {"family": "inet", "addr": LOOPBACK}, t.options(PASSIVE))
    return [*results, ("absent", absent)]


@case(
    "connect/sockaddr/strange-keys",
    title="Keys that the family does not have",
    means="""An error {invalid, {sockaddr, {keys, _}, _}} before anything is tried, the same on both backends: it is
    raised, not returned. flowinfo and scope_id are such keys with family inet.""",
    source=IN,
)
def strange_keys(t: Subject) -> Term:
    base = {"family": "inet", "addr": LOOPBACK}
    return outcomes(t, t.raw_listener().port, [{**base, key: 0} for key in ("foo", "path", "flowinfo", "scope_id")])


@case(
    "connect/sockaddr/flowinfo-and-scope",
    title="flowinfo and scope_id of an IPv6 address",
    means="""Any numbers will do for the loopback address, and default to 0. What is no number is a badarith on inet;
    socket does not even look: it drops both, so scope_id is no way to choose a link there.""",
    source=IN6,
    contradicts="""scope_id can be given for link-local addresses.""",
    needs=("inet6",),
)
def flowinfo_and_scope(t: Subject) -> Term:
    with ExitStack() as stack:
        port = listening6(stack)
        values = ((0, 0), (1, 0), (0xFFFFF, 0), (-1, 0), ("a", 0), (0, "a"), (0, 99999))
        base = {"family": "inet6", "addr": LOOPBACK6}
        maps = [{**base, "flowinfo": flow, "scope_id": scope} for flow, scope in values]
        return outcomes(t, port, [base, {**base, "addr": "loopback"}, *maps])


@case(
    "connect/sockaddr/family-options",
    title="A map together with options for the family",
    means="""The option inet, inet6 or local, or the address to bind to, makes the socket; the map is where it is to
    go. When they disagree, the reasons depend on which is which and on the backend.""",
    source=IN6,
    needs=("inet6",),
)
def family_options(t: Subject) -> Term:
    with ExitStack() as stack:
        ports = {"inet": t.raw_listener(backlog=100).port, "inet6": listening6(stack)}
        results: list[Term] = []
        for family, addr in (("inet", LOOPBACK), ("inet", "loopback"), ("inet6", LOOPBACK6), ("inet6", "loopback")):
            for option in ("inet", "inet6", "local", ("ip", LOOPBACK), ("ip", LOOPBACK6), ("ip", "loopback")):
                address = {"family": family, "addr": addr, "port": ports[family]}
                results.append((family, addr, option, brief(t.catch(gen_tcp.connect, address, t.options(option)))))
        return results


@case(
    "connect/sockaddr/bound",
    title="A map to connect to, and one to bind to",
    means="""With the destination in a map inet takes a map for ifaddr as well, which it refuses with a host and a port;
    socket takes it in both.""",
    source="gen_tcp:connect/3, option ifaddr",
)
def bound(t: Subject) -> Term:
    port = t.raw_listener().port
    there = {"family": "inet", "addr": LOOPBACK, "port": port}
    results: list[Term] = []
    own_maps: list[dict[str, Term]] = [
        {"family": "inet", "addr": (127, 0, 0, 2)},
        {"family": "inet", "addr": "loopback"},
    ]
    for own in own_maps:
        options = t.options(PASSIVE, ("ifaddr", own))
        for arguments in ((there, options), (LOOPBACK, port, options)):
            result = t.catch(gen_tcp.connect, *arguments)
            results.append(inet.sockname(result[1])[1][0] if result[0] == "ok" else result)
    return results


def try_addresses(t: Subject, count: int, answering: int | None, *options: Term) -> Term:
    """The result of connect to a host with `count` addresses, and at which of them it has arrived.

    Somebody listens at the one that is `answering`, counted from 1, or at none.
    """
    host, addresses = t.host(count)
    with socket.socket() as raw:
        raw.bind((".".join(map(str, addresses[(answering or 1) - 1])), 0))
        if answering is not None:
            raw.listen()
        result = t.catch(gen_tcp.connect, host, raw.getsockname()[1], t.options(PASSIVE, *options), 5000)
        # As long as somebody listens: after that the connection is reset, and has no peer.
        return ("arrived_at", addresses.index(inet.peername(result[1])[1][0]) + 1) if result[0] == "ok" else result


@case(
    "connect/several/order",
    title="A host with three addresses, of which one answers",
    means="""Addresses are tried in the order of the name service. inet takes a new socket for each and finds the one
    that answers. socket uses the same one for all, and after a refusal the system answers econnaborted to the next
    try, whatever is there, and only then tries again: so every second address is passed over. Where hosts have several
    addresses, look them up with inet:getaddrs and try them yourself.""",
    source=NAMES,
    alone=True,
)
def order(t: Subject) -> Term:
    return [(answering, try_addresses(t, 3, answering)) for answering in (1, 2, 3)]


@case(
    "connect/several/none-answers",
    title="A host whose addresses all refuse",
    means="""The reason is that of the last address that was tried, which on socket need not be why it failed: with two
    addresses it is econnaborted.""",
    source=NAMES,
    alone=True,
)
def none_answers(t: Subject) -> Term:
    return [(count, try_addresses(t, count, None)) for count in (1, 2, 3, 4)]


@case(
    "connect/several/own-address",
    title="A host with two addresses, and an address of one's own",
    means="""inet binds a new socket for each try, and gets eaddrnotavail for each if there is no such address here;
    socket binds once. With an address that is there, inet arrives at the second.""",
    source=NAMES,
    alone=True,
)
def own_address(t: Subject) -> Term:
    return [(own, try_addresses(t, 2, 2, ("ip", own))) for own in ((192, 0, 2, 1), (127, 0, 0, 3))]


@case(
    "connect/several/own-port",
    title="A host with two addresses, and a port of one's own",
    means="""On inet each try has a new socket, and can have the same port, since the socket before has been closed.""",
    source=NAMES,
    alone=True,
)
def own_port(t: Subject) -> Term:
    with socket.socket() as free:
        free.bind(("127.0.0.9", 0))
        own = free.getsockname()[1]
    return try_addresses(t, 2, 2, ("ip", (127, 0, 0, 9)), ("port", own))
