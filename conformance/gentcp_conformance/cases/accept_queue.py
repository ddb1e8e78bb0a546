"""Connections that wait for accept, and acceptors that wait for connections."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import socket
from contextlib import ExitStack

from gentcp.erl import gen_tcp

from ..case import case
from ..peer import Peer
from ..subject import Subject
from ..term import Term
from ._common import active, brief, receive_all, timed

ACCEPT = "gen_tcp:accept/1, accept/2"
PASSIVE = ("binary", ("active", False))


def waiting_peer(t: Subject, listener: Term) -> Peer:
    """A raw connection that nobody has accepted yet."""
    return t.raw_connect(t.port(listener))


@case(
    "listen-accept/queue/data-before-accept",
    title="What a client sends before it is accepted is not lost",
    means="""The system has completed the connection and takes data for it. A slow acceptor delays clients and drops
    nothing of what they say.""",
    source=ACCEPT,
)
def data_before_accept(t: Subject) -> Term:
    listener = t.listen(*PASSIVE, ("packet", 1))
    peer = waiting_peer(t, listener)
    peer.send(b"\2hi\1x")
    return receive_all(t, gen_tcp.accept(listener, 5000)[1], 3)


@case(
    "listen-accept/queue/active-before-accept",
    title="With an active listener the acceptor finds the early data in its mailbox",
    means="""The accepted socket inherits active true and delivers what had come, to the process that called accept.
    Hand the socket over at once, and these messages have to be moved; with active false there is nothing to move.""",
    source=ACCEPT + "; inet:setopts/2, option active",
)
def active_before_accept(t: Subject) -> Term:
    listener = t.listen("binary", ("packet", 1))
    waiting_peer(t, listener).send(b"\2hi\1x")
    sock = gen_tcp.accept(listener, 5000)[1]
    return (active(t, sock), t.messages(2))


@case(
    "listen-accept/queue/client-gone",
    title="A client that closed before it was accepted: accept is ok, its data is there, then closed",
    means="""accept gives connections that are over already, and says nothing of it. Do not log a connection as
    established, or count it as a client, before it has said something.""",
    source=ACCEPT,
)
def client_gone(t: Subject) -> Term:
    listener = t.listen(*PASSIVE)
    peer = waiting_peer(t, listener)
    peer.send(b"bye")
    peer.shutdown()
    peer.close()
    return receive_all(t, gen_tcp.accept(listener, 5000)[1], 3)


@case(
    "listen-accept/queue/client-reset",
    title="A client that reset before it was accepted",
    means="""Port scanners and load balancers connect and reset. accept may hand out such a connection as if it were
    good, and the first recv fails; the acceptor must survive both and go on accepting.""",
    source=ACCEPT + "; inet:setopts/2, option show_econnreset",
)
def client_reset(t: Subject) -> Term:
    return [accept_reset(t, show) for show in (False, True)]


def accept_reset(t: Subject, show: bool) -> Term:
    listener = t.listen(*PASSIVE, ("show_econnreset", show))
    waiting_peer(t, listener).reset()
    waiting_peer(t, listener)
    first = gen_tcp.accept(listener, 5000)
    return (show, brief(first), receive_all(t, first[1], 2), brief(gen_tcp.accept(listener, 5000)))


@case(
    "listen-accept/queue/poll-with-waiting",
    title="accept(L, 0) with a client waiting: ok on inet, timeout on socket",
    means="""On socket a timeout of 0 never gives a connection, not even one that is there; a loop that polls with 0
    starves its clients. A timeout of 1 ms takes it on both.""",
    source="gen_tcp:accept/2",
    contradicts="""That {error, timeout} says that no connection was established in time. On socket accept with 0 says
    so with one waiting.""",
)
def poll_with_waiting(t: Subject) -> Term:
    listener = t.listen()
    waiting_peer(t, listener)
    return [(timeout, brief(gen_tcp.accept(listener, timeout))) for timeout in (0, 20, 0)]


@case(
    "listen-accept/queue/short-timeout-with-waiting",
    title="accept with a short timeout takes a client that waits",
    means="""10 and 50 ms are enough for a connection that is there. Short timeouts are a way to look at other things
    between two accepts; 0 is not, on socket.""",
    source="gen_tcp:accept/2",
)
def short_timeout(t: Subject) -> Term:
    listener = t.listen()
    return [(timeout, accepted_with(t, listener, timeout)) for timeout in (10, 50)]


def accepted_with(t: Subject, listener: Term, timeout: int) -> list[Term]:
    """What accept gave in ten attempts, each with a connection waiting; each result once."""
    results: list[Term] = []
    for _ in range(10):
        waiting_peer(t, listener)
        result = brief(gen_tcp.accept(listener, timeout))
        if result not in results:
            results.append(result)
    return results


@case(
    "listen-accept/queue/many-waiting",
    title="Clients that wait are accepted in the order in which they connected",
    means="""A burst of clients within the backlog is served first come, first served, also when accept is called by
    several processes.""",
    source=ACCEPT,
)
def many_waiting(t: Subject) -> Term:
    listener = t.listen(*PASSIVE)
    for number in range(4):
        waiting_peer(t, listener).send(bytes([number]))
    tasks = [t.spawn(gen_tcp.accept, listener, 5000) for _ in range(2)]
    later = [task.outcome(5.0) for task in tasks] + [gen_tcp.accept(listener, 5000) for _ in range(2)]
    numbers = [gen_tcp.recv(sock, 1, 500)[1][0] for _, sock in later]
    return (sorted(numbers[:2]), numbers[2:])


@case(
    "listen-accept/queue/backlog",
    title="{backlog, N} lets N + 1 clients wait; inet takes the number modulo 65536",
    means="""Linux admits one more than you say. A backlog of 65536 is 0 on inet and one client fills it, so take a
    number below that; -1 is as many as the system allows. A client beyond the limit is not refused but hangs.""",
    source="gen_tcp:listen/2, option backlog",
    contradicts="""That backlog is the most connections that can be pending. Linux admits one more, and inet takes 65536
    for 0.""",
    limit=30.0,
)
def backlog(t: Subject) -> Term:
    return [(number, admitted(t, ("backlog", number))) for number in (0, 1, 65536, 65537, -1)]


def admitted(t: Subject, *options: Term) -> Term:
    """How many connections are established without an accept, or {at_least, 5}."""
    port = t.port(t.listen(*options))
    with ExitStack() as clients:
        for number in range(5):
            if not connects(clients.enter_context(socket.socket()), port):
                return number
    return ("at_least", 5)


def connects(raw: socket.socket, port: int) -> bool:
    """Whether a connection is established within 200 ms."""
    raw.settimeout(0.2)
    try:
        raw.connect(("127.0.0.1", port))
    except TimeoutError:
        return False
    return True


@case(
    "listen-accept/queue/closed-with-waiting",
    title="The listener is closed with clients waiting: they are reset",
    means="""Clients whose connection was established, and who may have sent a request, see a reset. To stop a service
    gently, accept what waits before you close the listener.""",
    source="gen_tcp:close/1",
)
def closed_with_waiting(t: Subject) -> Term:
    listener = t.listen()
    peers = [waiting_peer(t, listener) for _ in range(2)]
    peers[0].send(b"request")
    closed = timed(t, (500,), gen_tcp.close, listener)
    return (closed, [peer.recv(5.0) for peer in peers])
