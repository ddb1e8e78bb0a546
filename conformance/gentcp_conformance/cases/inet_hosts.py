"""Hosts by name, services, and the interfaces of the machine; nothing that depends on which machine it is."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ask

LOCALHOST = list(b"localhost")
OPTIONS: tuple[list[Term], ...] = ([], [[]], [[("inet_backend", "socket")]])
NO_NAMES: tuple[Term, ...] = (b"localhost", 1, 1.5, {}, (127, 0, 0), (127, 0, 0, 256), (65536, *(0,) * 7), [-1])


@case(
    "inet/getaddr/names",
    title="getaddr gives the first address of a name, getaddrs all; nxdomain when there is none",
    means="""A name may be an atom or a string. There is no family that means any: ask for inet6, and then for inet.""",
    source="inet:getaddr/2; inet:getaddrs/2",
)
def names(t: Subject) -> Term:
    hosts: list[Term] = ["localhost", LOCALHOST, "", []]
    return [(ask(t, "inet", "getaddr", host, "inet"), ask(t, "inet", "getaddrs", host, "inet")) for host in hosts]


@case(
    "inet/getaddr/addresses",
    title="A tuple is its own address, in its own family only: eafnosupport",
    means="""Text with a number is an address of its family and nxdomain in the other. No name service is asked.""",
    source="inet:getaddr/2",
)
def addresses(t: Subject) -> Term:
    hosts: list[Term] = [(1, 2, 3, 4), (1, 2, 3, 4, 5, 6, 7, 8), list(b"1.2.3.4"), list(b"::1")]
    return [[ask(t, "inet", "getaddr", host, family) for family in ("inet", "inet6", "local", 1)] for host in hosts]


@case(
    "inet/getaddr/no-names",
    title="What is neither address nor name is einval, as is a name with blanks or control characters",
    means="""Nothing is raised. Only gethostbyname looks at a list that is no text, and function_clause is what it
    says.""",
    source="inet:getaddr/2; inet:gethostbyname/2",
)
def no_names(t: Subject) -> Term:
    strange = [*NO_NAMES, list(b"local host"), list(b"localhost\n"), [300], ["localhost"]]
    found = [ask(t, "inet", "getaddr", name, "inet") for name in strange]
    records = [ask(t, "inet", "gethostbyname", name, "inet") for name in (*NO_NAMES, ["localhost"])]
    return (
        found,
        records,
        ask(t, "inet", "getaddrs", "localhost", "foo"),
        ask(t, "inet", "gethostbyname", "localhost", "foo"),
    )


@case(
    "inet/getaddr/timeout",
    title="The undocumented timeout of getaddr is checked first, and 0 is enough",
    means="""The system resolves the name, however long it takes: gen_tcp:connect with a timeout may last longer than
    that when a name server is slow.""",
    source="inet:getaddr/3",
)
def timeout(t: Subject) -> Term:
    times: list[Term] = [0, "infinity", -1, "foo", 1.0, 1 << 64]
    return [ask(t, "inet", "getaddr", (127, 0, 0, 1), "inet", time) for time in times]


@case(
    "inet/gethostbyname/hostent",
    title="gethostbyname gives a record: name, aliases, family, length of an address, addresses",
    means="""The name is the one that the hosts file or the name server prefers, not the one asked for; without a family
    it is about IPv4.""",
    source="inet:gethostbyname/1,2",
)
def hostent(t: Subject) -> Term:
    names = (LOCALHOST, list(b"LOCALHOST"), list(b"10.1"))
    found = [without_aliases(ask(t, "inet", "gethostbyname", name, "inet")) for name in names]
    alone = ask(t, "inet", "gethostbyname", "localhost")
    return (found, without_aliases(alone), ask(t, "inet", "gethostbyname", []))


def without_aliases(result: Term) -> Term:
    """They are those that the hosts file of the machine has."""
    match result:
        case ("ok", ("hostent", name, list(), *rest)):
            return ("ok", ("hostent", name, "aliases", *rest))
        case _:
            return result


@case(
    "inet/gethostbyaddr/loopback",
    title="gethostbyaddr takes tuples and text, and knows the loopback address",
    means="""einval is for what is no address, nxdomain for one without a name. Only the second can go away by
    itself when the hosts file or the name service changes.""",
    source="inet:gethostbyaddr/1",
)
def by_address(t: Subject) -> Term:
    strange: list[Term] = [b"127.0.0.1", 1, (1, 2, 3), (1, 2, 3, 256), list(b"foo"), []]
    addresses = ((127, 0, 0, 1), list(b"127.0.0.1"))
    found = [without_aliases(ask(t, "inet", "gethostbyaddr", address)) for address in addresses]
    return (found, [ask(t, "inet", "gethostbyaddr", term) for term in strange])


@case(
    "inet/gethostname/no-domain",
    title="gethostname is ok with a name that has no dot",
    means="""The domain is cut off, whatever the system says. The name alone need not be one that others can
    resolve.""",
    source="inet:gethostname/0",
)
def host_name(t: Subject) -> Term:
    match ask(t, "inet", "gethostname"):
        case ("ok", list() as name):
            return ("ok", ("empty", not name), ("dotted", ord(".") in name))
        case other:
            return other


@case(
    "inet/getservbyname/unknown",
    title="A service that nobody knows is einval, and so is a port without one",
    means="""gen_tcp:connect(Host, http, ...) looks its port up this way, in /etc/services: not every machine has
    that.""",
    source="inet:getservbyname/2; inet:getservbyport/2",
)
def services(t: Subject) -> Term:
    names: list[Term] = ["gentcp", list(b"gentcp"), b"http", 1]
    ports: list[Term] = [1 << 16, -1, "http"]
    found = [ask(t, "inet", "getservbyname", name, "tcp") for name in names]
    return (found, [ask(t, "inet", "getservbyport", port, "tcp") for port in ports])


@case(
    "inet/getifaddrs/loopback",
    title="getifaddrs describes each interface once: flags, addresses with their masks, hardware address",
    means="""IPv4 comes first. Flags hold for all that follows; a broadcast address or that of the other end stands
    behind the mask it belongs to, and the loopback interface has neither.""",
    source="inet:getifaddrs/0,1",
)
def interfaces(t: Subject) -> Term:
    return [_loopback(ask(t, "inet", "getifaddrs", *options)) for options in OPTIONS]


def _loopback(found: Term) -> Term:
    match found:
        case ("ok", list() as listed):
            described = [options for name, options in listed if name == list(b"lo")]
            return [[pair for pair in options if pair[1] != (0, 0, 0, 0, 0, 0, 0, 1)][:3] for options in described]
        case other:
            return other


@case(
    "inet/getifaddrs/arguments",
    title="getifaddrs takes the options inet_backend, which comes first, and netns, or a socket",
    means="""Anything else is badarg or function_clause. The backend makes no difference to what it says.""",
    source="inet:getifaddrs/1",
)
def interface_options(t: Subject) -> Term:
    options: list[Term] = [
        "lo",
        1,
        ["lo"],
        [("foo", 1)],
        [("netns", 1)],
        [("netns", b"/gentcp")],
        [("inet_backend", 1)],
    ]
    return [ask(t, "inet", "getifaddrs", option) for option in options]


@case(
    "inet/getif/loopback",
    title="getif, undocumented, gives address, broadcast address and mask of IPv4",
    means="""The loopback interface has a broadcast address of zeros here, and none in getifaddrs. Use that one.""",
    source="inet:getif/0",
)
def old_interfaces(t: Subject) -> Term:
    match ask(t, "inet", "getif"):
        case ("ok", list() as rows):
            return [row for row in rows if row[0] == (127, 0, 0, 1)]
        case other:
            return other


@case(
    "inet/get-rc/lookup",
    title="get_rc tells how names are looked up: by the system",
    means="""Unless a configuration file says otherwise, names go through the system's resolver with its hosts file.""",
    source="inet:get_rc/0",
)
def configuration(t: Subject) -> Term:
    match ask(t, "inet", "get_rc"):
        case list() as pairs:
            return [pair for pair in pairs if pair[0] == "lookup"]
        case other:
            return other
