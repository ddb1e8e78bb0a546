"""Names of sockets beyond sockname and peername, their descriptors, and what inet:info/1 tells."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Peer, Subject
from ..term import Term
from ._common import ask, brief, close_peer, start

ASSOCIATIONS: tuple[Term, ...] = (0, 1 << 31, -1, 1 << 32, "foo", 1.0, (1,))
HERE = (127, 0, 0, 1)
NAMES: tuple[Term, ...] = (
    ((1, 2, 3, 4), 5), ((0, 0, 0, 0, 0, 0, 0, 1), 9), ("any", 1), ("loopback", 3), ("inet", ((1, 2, 3, 4), 5)),
    ("inet6", ("any", 7)), ("local", b"/gentcp"), ("local", list(b"/gentcp")),
)  # fmt: skip
NO_NAMES: tuple[Term, ...] = (
    ((1, 2, 3, 4), 65536), ((1, 2, 3, 4), -1), ((1, 2, 3), 4), ("foo", 1), ("inet", 1), ("inet", ((1, 2), 3)),
    ("local", 1), "foo", 1, ((1, 2, 3, 4), 5, 6), [], {"family": "inet", "addr": (1, 2, 3, 4), "port": 5},
)  # fmt: skip


def ours(sock: Term, result: Term) -> Term:
    """A list of names with the port of `sock` called so."""
    match result, inet.port(sock):
        case ("ok", [(ip, number)]), ("ok", local) if number == local:
            return ("ok", [(ip, "port_of_socket")])
        case _:
            return result


def theirs(peer: Peer, result: Term) -> Term:
    """A list of names with the port of the peer called so."""
    match result:
        case ("ok", [(ip, number)]) if number == peer.raw.getsockname()[1]:
            return ("ok", [(ip, "port_of_peer")])
        case _:
            return result


def without_port(result: Term) -> Term:
    """A result with ports that the system has chosen called so."""
    match result:
        case ("ok", [name]):
            return ("ok", [without_port(("ok", name))[1]])
        case ("ok", (ip, int(number))) if number >= 1024:
            return ("ok", (ip, "port"))
        case ("ok", int(number)) if number >= 1024:
            return ("ok", "port")
        case _:
            return result


@case(
    "inet/socknames/connected",
    title="socknames and peernames give a list of one name; socket has no peernames",
    means="""They are for SCTP, where an endpoint has several addresses. On socket peernames raises function_clause for
    any TCP socket: use peername.""",
    source="inet:socknames/1; inet:peernames/1",
)
def socknames(t: Subject) -> Term:
    sock, peer = t.pair()
    listener = t.listen()
    found = (ours(sock, t.catch(inet.socknames, sock)), theirs(peer, t.catch(inet.peernames, sock)))
    return (found, ours(listener, t.catch(inet.socknames, listener)), t.catch(inet.peernames, listener))


@case(
    "inet/socknames/association",
    title="With an association, which TCP has none of, any 32 bits will do; socket refuses all",
    means="""The association is one of SCTP. For TCP there is nothing to give: leave the argument out, and the
    list has the one name that sockname gives.""",
    source="inet:socknames/2; inet:peernames/2",
)
def association(t: Subject) -> Term:
    sock, peer = t.pair()
    local = [ours(sock, t.catch(inet.socknames, sock, number)) for number in ASSOCIATIONS]
    return (local, [theirs(peer, t.catch(inet.peernames, sock, number)) for number in ASSOCIATIONS])


@case(
    "inet/socknames/connection-over",
    title="After the end of the connection: exbadport on inet, closed on socket",
    means="""One of the few places where exbadport, which is no error of the operating system, can be seen. sockname
    says ebadf in the same situation.""",
    source="inet:socknames/1",
)
def connection_over(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    received = gen_tcp.recv(sock, 0, 5000)
    functions = (inet.socknames, inet.peernames, inet.sockname, inet.peername, inet.port)
    over = [without_port(t.catch(function, sock)) for function in functions]
    gen_tcp.close(sock)
    return (received, over, [t.catch(function, sock) for function in functions])


@case(
    "inet/setsockname/shown",
    title="setsockname and setpeername change what is told, and nothing else; undefined takes it back",
    means="""Undocumented, and made for SOCKS: the program behind a proxy sees the addresses of the connection that it
    believes in. port goes along, socknames tells the truth. Sockets of socket have no such thing.""",
    source="inet:setsockname/2; inet:setpeername/2",
)
def assumed(t: Subject) -> Term:
    sock, _ = t.pair()
    shown = [(t.catch(inet.setsockname, sock, name), _told(inet.sockname(sock), name)) for name in NAMES]
    peers = [(t.catch(inet.setpeername, sock, name), _told(inet.peername(sock), name)) for name in NAMES]
    undone = (t.catch(inet.setsockname, sock, "undefined"), t.catch(inet.setpeername, sock, "undefined"))
    return (shown, peers, undone, inet.sockname(sock)[1][0], inet.peername(sock)[1][0])


def _told(result: Term, name: Term) -> Term:
    """What is told, but for a name that was not asked for."""
    return "real" if result[0] == "ok" and result[1][0] == HERE and name[0] != "loopback" else without_port(result)


@case(
    "inet/setsockname/no-names",
    title="What is no name is einval; what has not the shape of one is function_clause",
    means="""The shape is a tuple of two, or undefined. Maps, as connect takes them, are no names here.""",
    source="inet:setsockname/2",
)
def no_names(t: Subject) -> Term:
    sock, _ = t.pair()
    return [(t.catch(inet.setsockname, sock, name), t.catch(inet.setpeername, sock, name)) for name in NO_NAMES]


@case(
    "inet/setsockname/not-connected",
    title="A peer is only told while there is a connection, whatever has been set",
    means="""On a listener, and after the connection's end, setpeername is ok and peername still says enotconn.""",
    source="inet:setpeername/2",
)
def not_connected(t: Subject) -> Term:
    sock, peer = t.pair()
    listener = t.listen()
    name = ((1, 2, 3, 4), 5)
    listening = (t.catch(inet.setpeername, listener, name), inet.peername(listener))
    close_peer(peer)
    received = gen_tcp.recv(sock, 0, 5000)
    set_peer = t.catch(inet.setpeername, sock, name)
    over = (set_peer, without_port(inet.peername(sock)), t.catch(inet.setsockname, sock, name))
    gen_tcp.close(sock)
    return (listening, received, over, t.catch(inet.setsockname, sock, name))


@case(
    "inet/getfd/states",
    title="getfd gives the descriptor of a port, as long as there is one; socket has the option fd",
    means="""Undocumented. The descriptor still belongs to the socket: close it yourself, or read from it, and the VM
    loses track.""",
    source="inet:getfd/1; inet:getopts/2, option fd",
)
def getfd(t: Subject) -> Term:
    sock, peer = t.pair()
    listener = t.listen()
    open_ = [brief(t.catch(inet.getfd, each)) for each in (sock, listener)]
    option = _number(t.catch(inet.getopts, sock, ["fd"]))
    close_peer(peer)
    received = gen_tcp.recv(sock, 0, 5000)
    over = t.catch(inet.getfd, sock)
    gen_tcp.close(sock)
    return (open_, option, received, over, t.catch(inet.getfd, sock))


def _number(result: Term) -> Term:
    match result:
        case ("ok", [("fd", int())]):
            return ("ok", [("fd", "number")])
        case _:
            return result


@case(
    "inet/gethostname/socket",
    title="gethostname of a socket is that of the machine; a closed port has none",
    means="""Undocumented; the argument matters only where there is no socket any more. Call gethostname/0, which
    needs none and cannot fail for that reason.""",
    source="inet:gethostname/1",
)
def hostname_of_socket(t: Subject) -> Term:
    sock, _ = t.pair()
    found = brief(t.catch(inet.gethostname, sock))
    gen_tcp.close(sock)
    return (found, brief(t.catch(inet.gethostname, sock)), t.catch(inet.gethostname, "foo"))


SIMPLE = (
    "active",
    "domain",
    "type",
    "protocol",
    "ctype",
    "num_readers",
    "num_writers",
    "num_acceptors",
    "input",
    "monitors",
)
STATES = ("states", "rstates", "wstates")


def told(info: Term) -> Term:
    """Keys, states, and what is the same each time."""
    states = [(key, sorted(info[key])) for key in STATES if key in info]
    return (sorted(info), states, [(key, info[key]) for key in SIMPLE if key in info])


@case(
    "inet/info/connected",
    title="info is a map with other keys on inet and on socket",
    means="""inet has what the VM knows of a port, counters and flags; socket what its process and the system's socket
    tell. Only counters and owner are in both: for anything else ask getopts, getstat and sockname.""",
    source="inet:info/1",
)
def info_connected(t: Subject) -> Term:
    sock, _ = t.pair()
    inet.monitor(sock)
    return told(inet.info(sock))


@case(
    "inet/info/counters",
    title="The counters in info are those of getstat",
    means="""A map instead of a list, and all of them: maps:get(recv_oct, maps:get(counters, Info)) reads better
    than a list comprehension, and asks the port once.""",
    source="inet:info/1; inet:getstat/1",
)
def info_counters(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    gen_tcp.send(sock, b"abc")
    peer.send(b"\2xy")
    gen_tcp.recv(sock, 0, 5000)
    found = inet.info(sock)["counters"]
    return (found, found == dict(inet.getstat(sock)[1]))


@case(
    "inet/info/listening",
    title="A listener tells whether somebody accepts",
    means="""On inet accepting is among the states. On socket it is among the rstates, and num_acceptors counts those
    who wait.""",
    source="inet:info/1",
)
def info_listening(t: Subject) -> Term:
    listener = t.listen()
    idle = told(inet.info(listener))
    start(t, gen_tcp.accept, listener)
    t.wait_until(lambda: _accepting(inet.info(listener)), what="an acceptor")
    return (idle, told(inet.info(listener)))


def _accepting(info: Term) -> bool:
    return "accepting" in (info.get("states") or info["rstates"])


@case(
    "inet/info/over",
    title="A port without a connection has no states; a closed socket is closed",
    means="""On socket the end of a passive connection that recv has told is the end of the socket.""",
    source="inet:info/1",
)
def info_over(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    received = gen_tcp.recv(sock, 0, 5000)
    over = told(inet.info(sock))
    gen_tcp.close(sock)
    return (received, over, inet.info(sock))


@case(
    "inet/info/no-socket",
    title="What is no socket is function_clause to most functions, badarg to monitor and cancel_monitor",
    means="""These functions do not return an error for a wrong argument, they raise. A clean-up path that may see
    undefined instead of a socket has to test for it first.""",
    source="inet:info/1; inet:getstat/1; inet:monitor/1",
)
def no_socket(t: Subject) -> Term:
    one = (inet.info, inet.getstat, inet.sockname, inet.peername, inet.socknames, inet.peernames, inet.port, inet.getfd)
    ends = (inet.monitor, inet.cancel_monitor)
    junk: list[Term] = ["foo", 1, [], (1, 2)]
    return [[t.catch(function, each) for function in (*one, *ends)] for each in junk]


@case(
    "inet/i/arguments",
    title="inet:i prints nothing when there are no sockets of the kind, and does not look at the columns then",
    means="""It is for people at a shell: one line for each socket of this VM, of all owners. Options are a protocol, a
    list of columns, or show_ports, which leaves port numbers as they are.""",
    source="inet:i/1,2",
)
def table(t: Subject) -> Term:
    arguments: list[list[Term]] = [["udp"], ["sctp", "show_ports"], ["udp", ["port", "foo"]], ["foo"], [1], ["foo", []]]
    return [ask(t, "inet", "i", *each) for each in arguments]
