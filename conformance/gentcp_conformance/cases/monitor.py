"""inet:monitor/1 and the DOWN message: when it comes, to whom, and how it is called off."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import close_peer, joined, owned_elsewhere, receive_all

MONITOR = "inet:monitor/1"
CANCEL = "inet:cancel_monitor/1"
ACTIVE = ("binary", ("active", True))


@case(
    "close-shutdown/monitor/two-monitors",
    title="Each call of monitor is a monitor of its own",
    means="""Two monitors of one process on one socket are two messages, and cancelling one leaves the other. A library
    may monitor your socket without knowing that you do.""",
    source=MONITOR,
)
def two_monitors(t: Subject) -> Term:
    sock, _ = t.pair()
    references = [inet.monitor(sock) for _ in range(3)]
    cancel = inet.cancel_monitor(references[1])
    gen_tcp.close(sock)
    return (cancel, sorted(references.index(message[1]) for message in t.messages(2)))


@case(
    "close-shutdown/monitor/by-another",
    title="Any process may monitor; the owner's death comes as killed on inet, closed on socket",
    means="""The reason is that of the owner on inet and that of the socket on socket. Whoever counts connections by
    monitors needs neither ownership nor links, but should not read anything into the reason.""",
    source=MONITOR,
)
def by_another(t: Subject) -> Term:
    owner, sock, _ = owned_elsewhere(t, *ACTIVE)
    inet.monitor(sock)
    owner.kill()
    return t.messages(1)


@case(
    "close-shutdown/monitor/transferred",
    title="A monitor stays with the process that set it, whoever owns the socket",
    means="""A transfer moves messages with data, and no monitors. An acceptor that monitors what it hands over learns
    of the end of each worker's connection. (On OTP 25 the peer's close did not fire monitors on socket.)""",
    source=MONITOR + "; gen_tcp:controlling_process/2",
)
def transferred(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE)
    inet.monitor(sock)
    new = t.spawn(lambda: "ok")
    done = gen_tcp.controlling_process(sock, new.process)
    peer.close()
    return (done, ("old", t.messages(1)), ("new", new.call(t.messages, 1)))


@case(
    "close-shutdown/monitor/listener",
    title="A listener can be monitored, too",
    means="""An acceptor may watch the listener it accepts on, and so may whoever wants to know that a service has
    stopped taking connections.""",
    source=MONITOR,
)
def listener(t: Subject) -> Term:
    owner = t.spawn(t.listen)
    inet.monitor(owner.outcome(5.0))
    owner.call(gen_tcp.close, owner.outcome(0))
    return t.messages(1)


@case(
    "close-shutdown/monitor/half-open",
    title="exit_on_close false: the peer's end does not fire the monitor",
    means="""The socket is still there for sending, and DOWN comes with close. A monitor tells of the socket's end and
    not of the stream's: with exit_on_close false the second is yours to notice.""",
    source=MONITOR + "; inet:setopts/2, option exit_on_close",
)
def half_open(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("exit_on_close", False))
    inet.monitor(sock)
    close_peer(peer)
    ended = t.messages(1)
    gen_tcp.close(sock)
    return (ended, t.messages(1))


@case(
    "close-shutdown/monitor/oversized-packet",
    title="A framing error fires the monitor of an active socket on inet only",
    means="""inet closes the socket, and DOWN follows with the reason emsgsize; on socket it is passive and open, and
    nothing will ever fire. Close on tcp_error yourself.""",
    source=MONITOR + "; inet:setopts/2, option packet_size",
)
def oversized_packet(t: Subject) -> Term:
    sock, peer = joined(t, *ACTIVE, ("packet", 1), ("packet_size", 2))
    inet.monitor(sock)
    peer.send(b"\3bad")
    return t.messages(1, idle=0.2)


@case(
    "close-shutdown/monitor/shutdown",
    title="shutdown in both directions does not end the socket for its monitor",
    means="""After shutdown(read_write) the connection is over but the passive socket is there, and DOWN comes with
    close. shutdown is no substitute for close.""",
    source=MONITOR + "; gen_tcp:shutdown/2",
)
def shut_down(t: Subject) -> Term:
    sock, _ = t.pair()
    inet.monitor(sock)
    done = gen_tcp.shutdown(sock, "read_write")
    before = t.messages()
    gen_tcp.close(sock)
    return (done, before, t.messages(1))


@case(
    "close-shutdown/monitor/unread-data",
    title="The peer has closed behind data that nobody reads: no DOWN",
    means="""A passive socket with unread data is alive as far as anybody can tell, however long the peer has been gone.
    With the recv that meets the end, socket fires; inet waits for close. To notice dead peers early, read.""",
    source=MONITOR,
    contradicts="That the monitor is triggered by a close of the remote end. On a passive socket it takes a call.",
)
def unread_data(t: Subject) -> Term:
    sock, peer = t.pair()
    inet.monitor(sock)
    peer.send(b"abc")
    close_peer(peer)
    unread = t.messages()
    received = receive_all(t, sock, 2)
    return (unread, received, t.messages())
