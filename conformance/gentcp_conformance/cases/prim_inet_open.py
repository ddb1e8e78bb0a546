"""Ports that prim_inet makes, and ports whose descriptor is somebody else's."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet, prim_inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ask, brief, close_peer, start
from ._ports import is_port

SOURCE = "prim_inet (undocumented)"


def opened(t: Subject) -> Term:
    """A port that has a socket of the system and no connection."""
    return ask(t, "prim_inet", "open", "tcp", "inet", "stream")[1]


CALLS: tuple[tuple[str, tuple[Term, ...]], ...] = (
    ("getstatus", ()), ("gettype", ()), ("sockname", ()), ("peername", ()), ("send", (b"x",)), ("recv", (0, 0)),
    ("accept", (0,)), ("getopts", (["active", "mode", "nodelay"],)), ("setopts", ([("active", True)],)),
    ("shutdown", ("read",)), ("unrecv", (b"x",)), ("getstat", (["recv_cnt"],)), ("async_recv", (0, -1)),
    ("async_accept", (-1,)), ("ignorefd", (True,)), ("close", ()), ("getstatus", ()), ("ignorefd", (True,)),
)  # fmt: skip


@case(
    "prim-inet/open/every-call",
    title="prim_inet:open/3: a port that is open and nothing else",
    means="""What gen_tcp:connect begins with. Options can be set, everything that is about a connection is enotconn,
    and accept is einval.""",
    source=SOURCE,
)
def every_call(t: Subject) -> Term:
    port = opened(t)
    return [(name, ask(t, "prim_inet", name, port, *arguments)) for name, arguments in CALLS]


@case(
    "prim-inet/open/unknown-to-gen-tcp",
    title="gen_tcp does not know a port that it has not made: undef",
    means="""The module that a port belongs to is registered with inet_db. Until somebody does that, gen_tcp looks for
    functions of a module called undefined.""",
    source=SOURCE + "; inet_db",
)
def unknown(t: Subject) -> Term:
    port = opened(t)
    found = [ask(t, "inet_db", "lookup_socket", port), ask(t, "gen_tcp", "send", port, b"x")]
    registered = ask(t, "inet_db", "register_socket", port, "inet_tcp")
    return (found, registered, ask(t, "gen_tcp", "send", port, b"x"), ask(t, "gen_tcp", "close", port))


@case(
    "prim-inet/open/bind",
    title="prim_inet:bind/3: the number of the port comes back",
    means="""Once only: a second bind is einval, as the system says, and an address that is not this machine's
    eaddrnotavail.""",
    source=SOURCE,
)
def bind(t: Subject) -> Term:
    port = opened(t)
    elsewhere = ask(t, "prim_inet", "bind", port, (192, 0, 2, 77), 0)
    _, number = bound = ask(t, "prim_inet", "bind", port, (127, 0, 0, 1), 0)
    named = ask(t, "prim_inet", "sockname", port)
    again = ask(t, "prim_inet", "bind", port, (127, 0, 0, 1), 0)
    return (elsewhere, brief(bound), named == ("ok", ((127, 0, 0, 1), number)), again)


KINDS: tuple[tuple[Term, ...], ...] = (
    ("tcp", "inet", "stream"), ("tcp", "inet6", "stream"), ("tcp", "local", "stream"), ("tcp", "inet", "dgram"),
    ("foo", "inet", "stream"), ("tcp", "foo", "stream"), ("tcp", "inet", "foo"), (1, 2, 3), ("ip", "inet", "stream"),
    ("tcp", "inet", "stream", []), ("tcp", "inet", "stream", ["foo"]), ("tcp", "inet", "stream", "foo"),
    ("tcp", "inet", "stream", [("nodelay", True)]), ("tcp", "inet", "stream", [("packet", 4), ("active", "once")]),
    ("udp", "inet", "stream"),
)  # fmt: skip


@case(
    "prim-inet/open/kinds",
    title="What prim_inet:open/3,4 takes",
    means="""Families and protocols are those of the driver, and what it does not know is function_clause; what the
    system does not put together is an error.""",
    source=SOURCE,
    needs=("inet6", "local"),
)
def kinds(t: Subject) -> Term:
    return [(given, brief(ask(t, "prim_inet", "open", *given))) for given in KINDS]


@case(
    "prim-inet/ignorefd/active",
    title="ignorefd on an active socket: nothing is delivered until the descriptor is the port's again",
    means="""For code that gives the descriptor to somebody else, as TLS in the kernel does. The end of the connection
    is not noticed either. Ignoring what is ignored is einval.""",
    source=SOURCE,
)
def ignored_active(t: Subject) -> Term:
    sock, peer = t.pair(("active", True))
    begun = [t.catch(prim_inet.ignorefd, sock, True) for _ in range(2)]
    peer.send(b"abc")
    before = t.messages(idle=0.2)
    ended = t.catch(prim_inet.ignorefd, sock, False)
    heard = t.messages(1, within=0.5)
    ask_again = [t.catch(prim_inet.ignorefd, sock, value) for value in (False, "foo", 1, True)]
    close_peer(peer)
    unheard = t.messages(idle=0.2)
    last = t.catch(prim_inet.ignorefd, sock, False)
    return (begun, before, ended, heard, ask_again, unheard, last, t.messages(1, within=0.5))


@case(
    "prim-inet/ignorefd/passive",
    title="ignorefd on a passive socket: recv waits, although there is something",
    means="""Its timeout runs; without one it waits until the descriptor is not ignored any more, and then has what has
    come in between. Making the socket active looks once.""",
    source=SOURCE,
)
def ignored_passive(t: Subject) -> Term:
    sock, peer = t.pair()
    if not is_port(t, sock):
        return "no port"
    begun = prim_inet.ignorefd(sock, True)
    peer.send(b"abc")
    timed_out = gen_tcp.recv(sock, 0, 100)
    waiting = start(t, gen_tcp.recv, sock, 0, 5000)
    seen = waiting.outcome(0.1)
    ended = prim_inet.ignorefd(sock, False)
    received = waiting.outcome(5.0)
    again = prim_inet.ignorefd(sock, True)
    peer.send(b"def")
    armed = inet.setopts(sock, [("active", "once")])
    return (begun, timed_out, seen, ended, received, again, armed, t.messages(1, within=0.5))


@case(
    "prim-inet/ignorefd/states",
    title="ignorefd needs a connection",
    means="""enotconn for a listener, einval for a closed port, function_clause for what is no port.""",
    source=SOURCE,
)
def ignored_states(t: Subject) -> Term:
    sock, _ = t.pair()
    gen_tcp.close(sock)
    return [t.catch(prim_inet.ignorefd, each, True) for each in (t.listen(), sock, "foo")]
