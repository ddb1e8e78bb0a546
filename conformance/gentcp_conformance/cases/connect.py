"""Connect: refusals, timeouts, local addresses and ports."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import socket

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject, ok
from ..term import Term
from ._common import brief, port_of, receive_all, timed

LOOPBACK = (127, 0, 0, 1)
CONNECT = "gen_tcp:connect/4"


def attempt(t: Subject, port: Term, *options: Term, timeout: Term = 2000) -> Term:
    return brief(t.catch(gen_tcp.connect, LOOPBACK, port, t.options(*options), timeout))


@case(
    "connect/refused/nobody-listens",
    title="Nobody listens: econnrefused, at once",
    means="""A refusal does not wait for the timeout, so a client can retry quickly; that is also why it must pause
    between attempts or it will spin.""",
    source=CONNECT,
)
def nobody_listens(t: Subject) -> Term:
    return timed(t, (500,), attempt, t, t.closed_port())


@case(
    "connect/timeout/full-backlog",
    title="The server does not accept: timeout after the time given, nothing later",
    means="""When the listener's queue is full, connect takes its whole timeout and returns {error, timeout}; no
    message turns up afterwards. The default timeout is infinity, and then the wait ends when the system gives up,
    minutes later: always give one.""",
    source=CONNECT + ", Timeout",
)
def full_backlog(t: Subject) -> Term:
    port = t.raw_listener(backlog=0).port
    crowd: list[socket.socket] = []
    while complete(port, crowd):
        pass
    result = timed(t, (200,), lambda: attempt(t, port, timeout=200))
    messages = t.messages()
    for raw in crowd:
        raw.close()
    return (result, messages)


def complete(port: int, crowd: list[socket.socket]) -> bool:
    """Open one more raw connection, kept in `crowd`, and say whether there was room for it."""
    crowd.append(raw := socket.socket())
    raw.settimeout(0.1)
    try:
        raw.connect(("127.0.0.1", port))
    except TimeoutError:
        return False
    return True


@case(
    "connect/timeout/not-a-timeout",
    title="A negative, atom or float timeout raises badarg",
    means="""Wrong timeouts are errors of the caller and raise, on both backends and before anything is sent. Take
    care with deadline minus now, which can be negative: clamp it to 0.""",
    source=CONNECT + ", type of Timeout",
)
def not_a_timeout(t: Subject) -> Term:
    port = t.raw_listener().port
    return [(timeout, attempt(t, port, timeout=timeout)) for timeout in (-1, "foo", 1.5)]


@case(
    "connect/port/values",
    title="Destination ports that are none: exits on inet, econnrefused on socket",
    means="""inet exits on 65536 and -1; the socket backend cuts them to 16 bits and tries the port that is left,
    which is refused. A typing error in a port number thus looks like a server that is down. Check the range of ports
    that come from configuration.""",
    source=CONNECT + ", type of Port",
)
def port_values(t: Subject) -> Term:
    ports = (0, 65536, -1, "foo_no_such_service", list(b"80"), 1.0)
    return [(port, attempt(t, port)) for port in ports]


@case(
    "connect/port/own-port",
    title="{port, P} fixes the local port; a second connection from it is eaddrinuse",
    means="""With a fixed local port there can be one connection at a time, also to another server and also with
    reuseaddr, and after it is closed the port may be in TIME_WAIT. Use it only where a firewall demands it.""",
    source=CONNECT + ", option port",
)
def own_port(t: Subject) -> Term:
    servers = [t.raw_listener().port for _ in range(2)]
    own = ("port", free_port(t))
    sock = t.connect(servers[0], own)
    return [
        ("same", port_of(sock) == own[1]),
        ("again", attempt(t, servers[0], own)),
        ("other_dest", attempt(t, servers[1], own)),
        ("other_dest_reuse", attempt(t, servers[1], own, ("reuseaddr", True))),
    ]


def free_port(t: Subject) -> int:
    listener = t.raw_listener()
    listener.close()
    return listener.port


@case(
    "connect/port/own-port-values",
    title="Local ports in use and out of range",
    means="""A port that somebody listens on is eaddrinuse on both. Out of range, inet exits with badarg while socket
    takes 65536 and -1 for some other port and connects, and answers an error term for an atom. Do not expect connect
    to check your configuration.""",
    source=CONNECT + ", option port",
)
def own_port_values(t: Subject) -> Term:
    port, taken = t.raw_listener().port, t.raw_listener().port
    results = [attempt(t, port, ("ip", LOOPBACK), ("port", own)) for own in (taken, 65536, -1)]
    return [*results, attempt(t, port, ("port", "foo"))]


@case(
    "connect/address/own-address",
    title="{ip, Address} in connect, and what is refused how",
    means="""Any address of the machine will do as the local one, one that is not is eaddrnotavail. Strings are
    refused by an exit on inet and by an error term on socket; a sockaddr map in ifaddr works on socket only. Use
    tuples.""",
    source=CONNECT + ", options ip and ifaddr",
)
def own_address(t: Subject) -> Term:
    port = t.raw_listener(backlog=16).port
    address: Term = {"family": "inet", "addr": (127, 0, 0, 2), "port": 0}
    options = [
        ("a2", ("ip", (127, 0, 0, 2))),
        ("nonlocal", ("ip", (1, 2, 3, 4))),
        ("loopback", ("ip", "loopback")),
        ("any", ("ip", "any")),
        ("v6", ("ip", (0, 0, 0, 0, 0, 0, 0, 1))),
        ("str", ("ip", list(b"127.0.0.2"))),
        ("map", ("ifaddr", address)),
        ("map_any", ("ifaddr", {"family": "inet", "addr": "any"})),
    ]
    return [(name, local_address(t, port, option)) for name, option in options]


def local_address(t: Subject, port: int, option: Term) -> Term:
    result = t.catch(gen_tcp.connect, LOOPBACK, port, t.options(option), 2000)
    return ("ok", ok(inet.sockname(result[1]))[0]) if result[0] == "ok" else result


@case(
    "connect/backends/mixed",
    title="A client on one backend, a server on the other",
    means="""The choice of backend is local: what goes over the wire is the same, packet headers included. You can
    move one service, or one end, at a time.""",
    source="gen_tcp:connect/4, listen/2, option inet_backend",
)
def mixed(t: Subject) -> Term:
    framed = ("binary", ("packet", 4), ("active", False))
    other = ("inet_backend", "socket" if t.backend == "inet" else "inet")
    listener = ok(gen_tcp.listen(0, [other, ("ip", LOOPBACK), *framed]))
    client = t.connect(port_of(listener), *framed)
    server = ok(gen_tcp.accept(listener, 5000))
    gen_tcp.send(client, b"ping")
    there = gen_tcp.recv(server, 0, 2000)
    gen_tcp.send(server, b"pong")
    return (there, gen_tcp.recv(client, 0, 2000))


@case(
    "connect/self/own-port",
    title="Connecting to one's own port makes a socket that talks to itself",
    means="""TCP allows a socket to connect to itself, and it happens by chance when a client keeps retrying a local
    port in the ephemeral range while the server is down: it then "connects", and blocks the port for the server. Keep
    server ports out of the ephemeral range, or compare sockname with peername.""",
    source=CONNECT,
)
def self_connect(t: Subject) -> Term:
    port = free_port(t)
    sock = t.connect(port, "binary", ("ip", LOOPBACK), ("port", port), ("active", False))
    gen_tcp.send(sock, b"me")
    return ("ok", receive_all(t, sock, 1, 500))
