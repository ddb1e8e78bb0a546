"""shutdown of a listen socket: refused on inet, the end of the listener on socket."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import LOOPBACK, Subject
from ..term import Term
from ._common import brief, later, port_of, start

SHUTDOWN = "gen_tcp:shutdown/2; gen_tcp, notes on inet_backend: shutdown of a listen socket"
DIRECTIONS = ("read", "write", "read_write")


def reach(t: Subject, listener: Term) -> Term:
    """'ok' if a connection to the listener is taken, or why not."""
    return brief(gen_tcp.connect(LOOPBACK, port_of(listener), t.options(), 2000))


@case(
    "close-shutdown/listener/shutdown",
    title="shutdown of a listen socket: enotconn on inet; on socket it listens no more",
    means="""inet refuses, as a listener has no connection, and goes on accepting. The socket backend does it: after
    read or read_write new connections are refused and accept says einval, while the socket still has to be closed;
    write alone is ok and changes nothing. To stop accepting on both, close the listener.""",
    source=SHUTDOWN,
    documented=True,
    contradicts="""That shutdown of a listen socket merely hides an error, and ok stands for enotconn. On socket it
    takes effect: nobody can connect any more.""",
)
def listener_shutdown(t: Subject) -> Term:
    return [shut(t, how) for how in DIRECTIONS]


def shut(t: Subject, how: str) -> Term:
    listener = t.listen()
    done = t.catch(gen_tcp.shutdown, listener, how)
    seen = (("connect", reach(t, listener)), ("accept", brief(t.catch(gen_tcp.accept, listener, 300))))
    return (how, done, *seen, t.catch(gen_tcp.shutdown, listener, how), gen_tcp.close(listener))


@case(
    "close-shutdown/listener/blocked-acceptor",
    title="shutdown of a listen socket frees a blocked acceptor on socket, with einval",
    means="""On the socket backend a process that waits in accept returns at once with {error, einval} when the
    listener is shut down for reading; an acceptor that takes einval for a bug crashes then. On inet, and for write on
    both, it goes on waiting and gets the next connection.""",
    source=SHUTDOWN,
    documented=True,
    contradicts="That shutdown of a listen socket merely hides an error. On socket it ends accept.",
)
def blocked_acceptor(t: Subject) -> Term:
    return [shut_under_acceptor(t, how) for how in DIRECTIONS]


def shut_under_acceptor(t: Subject, how: str) -> Term:
    listener = t.listen()
    acceptor = start(t, accept_one, listener)
    done = t.catch(gen_tcp.shutdown, listener, how)
    seen = acceptor.outcome(0.15)
    connected = reach(t, listener)
    return (how, done, ("p1", seen), ("connect", connected), ("p1", later(acceptor, seen)))


def accept_one(listener: Term) -> Term:
    return brief(gen_tcp.accept(listener, 5000))


@case(
    "close-shutdown/listener/connection-pending",
    title="shutdown of a listen socket resets connections that nobody has accepted yet, on socket",
    means="""A client that had connected but was not accepted is cut off with a reset by read or read_write on the
    socket backend; on inet it is served as if nothing had happened. For a shutdown that serves all who have
    connected, accept until timeout, and close then.""",
    source=SHUTDOWN,
    documented=True,
    contradicts="""That shutdown of a listen socket merely hides an error. On socket it resets the connections that
    wait.""",
)
def connection_pending(t: Subject) -> Term:
    return [shut_with_pending(t, how) for how in DIRECTIONS]


def shut_with_pending(t: Subject, how: str) -> Term:
    listener = t.listen()
    peer = t.raw_connect(t.port(listener))
    done = t.catch(gen_tcp.shutdown, listener, how)
    accepted = brief(t.catch(gen_tcp.accept, listener, 300))
    return (how, done, ("accept", accepted), ("peer", peer.recv(0.1)))
