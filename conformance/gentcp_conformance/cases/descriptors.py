"""Descriptors from elsewhere: the option fd of listen and connect, and gen_tcp:fdopen."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import Any

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import LOOPBACK, Subject, ok
from ..term import Term
from ._common import brief, receive_all

LISTEN = "gen_tcp:listen/2, option fd"
CONNECT = "gen_tcp:connect/4, option fd"
FDOPEN = "gen_tcp:fdopen/2, undocumented"
PASSIVE = ("active", False)
NOWHERE = 9999


def listening(stack: ExitStack) -> Any:
    return stack.enter_context(socket.create_server(("127.0.0.1", 0)))


def listening6(stack: ExitStack) -> Any:
    return stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))


def listening_local(stack: ExitStack) -> Any:
    raw = stack.enter_context(socket.socket(socket.AF_UNIX))
    raw.bind("")
    raw.listen()
    return raw


def bound(stack: ExitStack) -> Any:
    raw = fresh(stack)
    raw.bind(("127.0.0.1", 0))
    return raw


def fresh(stack: ExitStack) -> Any:
    return stack.enter_context(socket.socket())


def datagrams(stack: ExitStack) -> Any:
    return stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))


def connected(stack: ExitStack) -> Any:
    return connection(stack)[0]


def connection(stack: ExitStack) -> tuple[socket.socket, socket.socket]:
    server = listening(stack)
    client = stack.enter_context(socket.create_connection(server.getsockname()))
    return client, stack.enter_context(server.accept()[0])


def pipe(stack: ExitStack) -> Any:
    reader, writer = os.pipe()
    stack.callback(os.close, writer)
    return stack.enter_context(os.fdopen(reader, "rb"))


@contextmanager
def lent(t: Subject, make: Callable[[ExitStack], Any]) -> Generator[int]:
    """A descriptor where the backend runs; ours is closed again."""
    with ExitStack() as stack:
        yield t.lend(make(stack))


def outcome(result: Term) -> Term:
    """What sockname says if it worked, without the number of the port."""
    if result[0] != "ok":
        return result
    match inet.sockname(result[1]):
        case ("ok", ("local", name)):
            return ("ok", "local", len(name))
        case ("ok", (address, port)):
            return ("ok", address, port if port == 0 else "Port")
        case other:
            return ("ok", other)


@case(
    "fd/listen/listening",
    title="A listener made from a descriptor that listens already",
    means="""The way of a service that is started by systemd, or that takes the listener of its predecessor. The
    address is that of the descriptor, and port is 0 in the call; options are set on it as usual.""",
    source=LISTEN,
)
def listen_listening(t: Subject) -> Term:
    with ExitStack() as stack:
        raw = listening(stack)
        port = raw.getsockname()[1]
        listener = ok(gen_tcp.listen(0, t.options(("fd", t.lend(raw)), "binary", PASSIVE, ("packet", 2))))
        same = inet.sockname(listener) == ("ok", (LOOPBACK, port))
    peer = t.raw_connect(port)
    accepted = ok(gen_tcp.accept(listener, 5000))
    peer.send(b"\0\2hi")
    return (same, receive_all(t, accepted, 1, 500), inet.getopts(accepted, ["packet", "mode", "active"]))


@case(
    "fd/listen/kinds",
    title="Descriptors that listen can use",
    means="""One that listens, one that is only bound, and one that is neither, which gets a port from the system. A
    connected one is einval, a datagram socket is refused by the system, and what is no socket is enotsock.""",
    source=LISTEN,
)
def listen_kinds(t: Subject) -> Term:
    results: list[Term] = []
    for make in (listening, bound, fresh, connected, datagrams, pipe):
        with lent(t, make) as fd:
            results.append((make.__name__, outcome(t.catch(gen_tcp.listen, 0, t.options(("fd", fd))))))
    return results


@case(
    "fd/listen/no-descriptor",
    title="Numbers that are no descriptors",
    means="""One that is not open is ebadf. Negative ones mean none, so an ordinary socket is made; on inet any other
    term means that too, on socket it is a function_clause. So a descriptor that could not be had may go unnoticed: the
    service then listens on a port of its own.""",
    source=LISTEN,
)
def listen_nowhere(t: Subject) -> Term:
    return [(fd, brief(t.catch(gen_tcp.listen, 0, t.options(("fd", fd))))) for fd in (NOWHERE, -1, "atom", b"3")]


@case(
    "fd/listen/family",
    title="Descriptors of IPv6 and of local sockets",
    means="""inet has to be told the family by an option, and says einval without. socket finds it out, and does not
    mind a wrong one.""",
    source=LISTEN,
    needs=("inet6", "local"),
)
def listen_family(t: Subject) -> Term:
    results: list[Term] = []
    for make in (listening, listening6, listening_local):
        for family in ("inet", "inet6", "local"):
            with lent(t, make) as fd:
                result = t.catch(gen_tcp.listen, 0, t.options(family, ("fd", fd)))
                results.append((make.__name__, family, outcome(result)))
    return results


@case(
    "fd/listen/bind-again",
    title="A descriptor, and an address to bind to",
    means="""With ip the descriptor is bound once more, which the system refuses with einval when it has an address. A
    port alone is not looked at.""",
    source=LISTEN,
)
def bind_again(t: Subject) -> Term:
    results: list[Term] = []
    for make in (listening, bound, fresh):
        for option in (("ip", LOOPBACK), ("ip", "any"), ("port", 0)):
            with lent(t, make) as fd:
                results.append(
                    (make.__name__, option, outcome(t.catch(gen_tcp.listen, 0, t.options(("fd", fd), option))))
                )
    return results


@case(
    "fd/listen/closing",
    title="Whose descriptor it is",
    means="""Not gen_tcp's: close leaves the descriptor open on both backends, and clients can still connect, to nobody.
    Whoever has opened it has to close it as well. So a descriptor can be used again after close.""",
    source="gen_tcp:close/1, option fd",
)
def closing(t: Subject) -> Term:
    with ExitStack() as stack:
        raw = listening(stack)
        port = raw.getsockname()[1]
        fd = t.lend(raw)
        listener = ok(gen_tcp.listen(0, t.options(("fd", fd))))
    before = t.raw_connect(port).raw.getpeername()[1] == port
    gen_tcp.close(listener)
    return (before, brief(t.catch(gen_tcp.connect, LOOPBACK, port, t.options(PASSIVE), 1000)))


@case(
    "fd/connect/kinds",
    title="Descriptors that connect can use",
    means="""One that is not connected, bound or not. A connected or a listening one is eisconn, since connect tries to
    connect it; fdopen takes connected ones.""",
    source=CONNECT,
)
def connect_kinds(t: Subject) -> Term:
    port = t.raw_listener(backlog=20).port
    results: list[Term] = []
    for make in (fresh, bound, connected, listening, pipe):
        with lent(t, make) as fd:
            result = t.catch(gen_tcp.connect, LOOPBACK, port, t.options(PASSIVE, ("fd", fd)), 1000)
            results.append((make.__name__, outcome(result)))
    nowhere = t.catch(gen_tcp.connect, LOOPBACK, port, t.options(PASSIVE, ("fd", NOWHERE)), 1000)
    return [*results, ("nowhere", nowhere)]


@case(
    "fd/connect/data",
    title="A connection made with a descriptor from elsewhere",
    means="""It is like any other. The address that the descriptor was bound to is the local one.""",
    source=CONNECT,
)
def connect_data(t: Subject) -> Term:
    with ExitStack() as stack:
        raw = bound(stack)
        port = raw.getsockname()[1]
        listener = t.raw_listener()
        sock = t.connect(listener.port, ("fd", t.lend(raw)), "binary", PASSIVE, ("packet", 4))
    peer = t.raw_accept(listener)
    sent = (gen_tcp.send(sock, b"hi"), peer.recv())
    return (sent, inet.sockname(sock) == ("ok", (LOOPBACK, port)))


@case(
    "fd/fdopen/connected",
    title="A socket made from a connected descriptor",
    means="""Unlike connect and listen, fdopen makes a passive socket unless told otherwise. inet takes the options of
    setopts, socket ignores them all: set them with inet:setopts afterwards, which works on both. close does not close
    the descriptor, and the peer sees no end of the connection until somebody does.""",
    source=FDOPEN,
)
def fdopen_connected(t: Subject) -> Term:
    return [(options, opened(t, options)) for options in ([], ["binary", ("packet", 2)], [("active", True)])]


def opened(t: Subject, options: list[Term]) -> Term:
    with ExitStack() as stack:
        raw, peer = connection(stack)
        sock = ok(t.catch(gen_tcp.fdopen, t.lend(raw), t.options(*options)))
        raw.close()
        had = inet.getopts(sock, ["active", "mode", "packet"])
        inet.setopts(sock, ["binary", PASSIVE, ("packet", "raw")])
        sent = (gen_tcp.send(sock, b"hi"), peer.recv(10))
        peer.sendall(b"yo")
        received = t.catch(gen_tcp.recv, sock, 0, 500)
        gen_tcp.close(sock)
        peer.settimeout(0.2)
        try:
            return (had, sent, received, peer.recv(10))
        except TimeoutError:
            return (had, sent, received, "still_open")


@case(
    "fd/fdopen/kinds",
    title="Descriptors that fdopen takes",
    means="""inet says einval for a socket of another family than the options say; socket finds the family out. One
    that is not connected is taken by both, and nothing can be done with it: for listening ones use listen.""",
    source=FDOPEN,
    needs=("inet6", "local"),
)
def fdopen_kinds(t: Subject) -> Term:
    results: list[Term] = []
    for make in (listening, listening6, listening_local, fresh, connected):
        with lent(t, make) as fd:
            results.append((make.__name__, outcome(t.catch(gen_tcp.fdopen, fd, t.options()))))
    return results


@case(
    "fd/fdopen/no-socket",
    title="Descriptors that are no sockets",
    means="""inet says enotsock or ebadf. On OTP's socket fdopen succeeds with anything that is a number, and every
    call on the result fails; so look at inet:peername after fdopen.""",
    source=FDOPEN,
)
def fdopen_no_socket(t: Subject) -> Term:
    with lent(t, pipe) as fd:
        return [brief(t.catch(gen_tcp.fdopen, number, t.options())) for number in (fd, NOWHERE)]


@case(
    "fd/fdopen/arguments",
    title="What is no descriptor, and what are no options",
    means="""A function_clause. Options that do not exist are einval on inet; socket has not looked.""",
    source=FDOPEN,
)
def fdopen_arguments(t: Subject) -> Term:
    numbers = [t.catch(gen_tcp.fdopen, fd, t.options()) for fd in (-1, "atom", b"3", 1.5)]
    results: list[Term] = []
    for option in (("foo", 1), ("packet", 3), ("port", 0), ("active", "maybe")):
        with lent(t, connected) as fd:
            results.append((option, brief(t.catch(gen_tcp.fdopen, fd, t.options(option)))))
    return (numbers, results)
