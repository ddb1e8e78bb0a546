"""Calls that need a descriptor when the system has none left for us."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import LOOPBACK, Subject
from ..term import Term
from ._common import brief, receive_all

LIMIT = "getrlimit(2), RLIMIT_NOFILE"
PASSIVE = ("binary", ("active", False))


@case(
    "connect/no-descriptors/emfile",
    title="No descriptors left: connect and listen say emfile, on socket wrapped in what it was about to do",
    means="""The limit of open files is reached, by this program or, as enfile, by all. inet has the reason itself;
    socket gives connect's as {shutdown, emfile}. Whoever matches on {error, emfile} to wait and try again misses the
    other backend's.""",
    source="gen_tcp:connect/4, listen/2; " + LIMIT,
    alone=True,
)
def emfile(t: Subject) -> Term:
    port = t.raw_listener().port
    with t.no_descriptors():
        connected = t.catch(gen_tcp.connect, LOOPBACK, port, t.options(*PASSIVE), 5000)
        listening = t.catch(gen_tcp.listen, 0, t.options(*PASSIVE))
    return (brief(connected), brief(listening), brief(gen_tcp.connect(LOOPBACK, port, t.options(*PASSIVE), 5000)))


@case(
    "listen-accept/no-descriptors/emfile",
    title="No descriptors left and a client waits: accept(L, 0) is emfile on inet, a timeout on socket",
    means="""The connection stays in the queue, and is there for the next accept when descriptors are free again. Until
    then an acceptor on inet gets emfile each time at once, so it must not try again without a pause.""",
    source="gen_tcp:accept/2; " + LIMIT,
    alone=True,
)
def accept_emfile(t: Subject) -> Term:
    listener = t.listen(*PASSIVE)
    peer = t.raw_connect(t.port(listener))
    peer.send(b"hello")
    with t.no_descriptors():
        refused = [t.catch(gen_tcp.accept, listener, timeout) for timeout in (0, 300)]
    _, sock = accepted = gen_tcp.accept(listener, 5000)
    return (refused, brief(accepted), receive_all(t, sock, 1, 500))


@case(
    "close-shutdown/no-descriptors/goes-on",
    title="No descriptors left: what is open works, and can be closed",
    means="""send, recv, active mode and close need no descriptor. A server at its limit goes on serving, and gets
    descriptors back as it closes.""",
    source="gen_tcp:send/2, recv/3, close/1; " + LIMIT,
    alone=True,
)
def goes_on(t: Subject) -> Term:
    sock, peer = t.pair()
    other, far = t.pair()
    peer.send(b"abcdef")
    far.send(b"ghi")
    with t.no_descriptors():
        received = [t.catch(gen_tcp.recv, sock, 3, timeout) for timeout in (500, "infinity")]
        waited = t.catch(gen_tcp.recv, sock, 0, 100)
        sent = t.catch(gen_tcp.send, sock, b"x")
        armed = t.catch(inet.setopts, other, [("active", True)])
        heard = [message[0] for message in t.messages(1)]
        closed = [t.catch(gen_tcp.close, each) for each in (sock, other)]
    return (received, waited, sent, armed, heard, closed, peer.recv(1.0), peer.recv(1.0))
