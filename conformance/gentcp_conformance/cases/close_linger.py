"""The option linger at the end of a connection: resets, and a close that waits."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import delivery, payload
from ..subject import Peer, Subject, Task
from ..term import Term
from ._common import buffers_full, owned_elsewhere, start
from ._ports import is_port

LINGER = "gen_tcp:close/1; inet:setopts/2, option linger"
PASSIVE = ("binary", ("active", False))
ABORT = ("linger", (True, 0))


@case(
    "close-shutdown/linger/accepted-by-a-lingering-listener",
    title="linger {true, 0} on the listener: closing what it accepted resets the connection",
    means="""Accepted sockets have their listener's linger, so a server that sets it to be rid of TIME_WAIT resets every
    client that it closes, and what is still on the way to them is lost. Set it on the one connection that you want to
    abort.""",
    source="gen_tcp:listen/2; " + LINGER,
)
def accepted(t: Subject) -> Term:
    listener, sock, peer = t.accepted(*PASSIVE, ABORT)
    sent = gen_tcp.send(sock, b"goodbye")
    done = gen_tcp.close(sock)
    return (inet.getopts(listener, ["linger"]), sent, done, peer.recv(1.0), peer.recv(1.0))


@case(
    "close-shutdown/linger/shut-down-and-killed",
    title="linger {true, 0} after shutdown(write): the owner's end is a reset, although the peer has read the end",
    means="""The peer has seen an orderly end and answers; instead of taking the answer its system is told that the
    connection is gone. The option is about the socket, not about who closes it: a crash of the owner aborts the
    connection as close does.""",
    source=LINGER + "; gen_tcp:shutdown/2; erlang:exit/2",
)
def shut_down_and_killed(t: Subject) -> Term:
    return [(how, *ended(t, how)) for how in ("kill", "end", "close")]


def ended(t: Subject, how: str) -> tuple[Term, ...]:
    owner, sock, peer = owned_elsewhere(t, *PASSIVE, ABORT)
    shut = owner.call(gen_tcp.shutdown, sock, "write")
    before = peer.recv(1.0)
    _by(owner, sock)[how]()
    return (shut, before, broken(peer))


def broken(peer: Peer) -> Term:
    """The error of a connection that was reset, or 'not_reset' after a second; an end of file alone is none."""
    poller = select.poll()
    poller.register(peer.raw, 0)
    if not poller.poll(1000):
        return "not_reset"
    number = peer.raw.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return ("reset", errno.errorcode[number].lower())


def _by(owner: Task, sock: Term) -> dict[str, Callable[[], Term]]:
    return {"kill": owner.kill, "end": owner.end, "close": lambda: owner.call(gen_tcp.close, sock)}


ASKED: dict[str, Callable[[Term], Term]] = {
    "send": lambda sock: gen_tcp.send(sock, b"more"),
    "shutdown": lambda sock: gen_tcp.shutdown(sock, "write"),
    "sockname": inet.sockname,
    "peername": inet.peername,
    "port": inet.port,
    "recv": lambda sock: gen_tcp.recv(sock, 0, 1),
    "setopts_system": lambda sock: inet.setopts(sock, [("nodelay", True)]),
    "setopts_packet": lambda sock: inet.setopts(sock, [("packet", 4)]),
    "getopts_active": lambda sock: inet.getopts(sock, ["active"]),
    "getopts_system": lambda sock: inet.getopts(sock, ["nodelay"]),
    "close": gen_tcp.close,
}


@case(
    "close-shutdown/linger/other-calls",
    title="A close that lingers, and what others ask of the socket meanwhile",
    means="""With {linger, {true, Seconds}} and data that the peer has no room for, close returns when the peer has
    taken them. On socket whoever needs the socket's process waits as long, past any timeout of the call, while send,
    shutdown and the names say closed at once. On inet the close of the system holds up a scheduler of the VM and all
    processes that are to run there, so nothing is asked here.""",
    source=LINGER,
)
def other_calls(t: Subject) -> Term:
    sock, peer = t.stalled(("linger", (True, 60)))
    if is_port(t, sock):
        return "not_asked"
    data = payload(150_000)  # over the peer's window, within the system's buffer
    sent = gen_tcp.send(sock, data)
    buffers_full(t, peer)
    closer = start(t, gen_tcp.close, sock)
    t.wait_until(lambda: inet.sockname(sock)[0] == "error", what="the close")
    asked = [(name, start(t, call, sock)) for name, call in ASKED.items()]
    seen = [(name, task, task.outcome(0.0)) for name, task in asked]
    waiting = closer.outcome(0.0)
    got, end = peer.drain(5.0)
    at_once = [(name, outcome) for name, _, outcome in seen if outcome != "still_blocked"]
    later = [(name, task.outcome(5.0)) for name, task, outcome in seen if outcome == "still_blocked"]
    closed = ("close", waiting, closer.outcome(5.0))
    return (sent, closed, ("at_once", at_once), ("later", later), (delivery(got, data), end))
