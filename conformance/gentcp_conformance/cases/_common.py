"""Steps that several cases share."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import gentcp
from gentcp.erl import gen_tcp, inet

from ..data import payload
from ..subject import CaseError, Job, Peer, Subject, Task, ok
from ..term import Term

J = TypeVar("J", bound=Job)

ACTIVE = "inet:setopts/2, option active"
PACKET = "inet:setopts/2, option packet"
DECODE = "erlang:decode_packet/3"

# The buffers of a stalled pair count as full when what has arrived at the peer stays the same for so many looks.
_STEADY = 20


def recvs(t: Subject, sock: Term, *calls: tuple[int, int]) -> list[Term]:
    """Results of recv calls, each given as length and timeout in ms."""
    return [t.catch(gen_tcp.recv, sock, length, timeout) for length, timeout in calls]


def receive_all(t: Subject, sock: Term, count: int, timeout: int = 50) -> list[Term]:
    """Results of `count` calls of recv(sock, 0, timeout)."""
    return recvs(t, sock, *[(0, timeout)] * count)


def active(t: Subject, sock: Term) -> Term:
    """{ok, [{active, Mode}]}, or why there is no such thing any more."""
    return t.catch(inet.getopts, sock, ["active"])


def set_active(t: Subject, sock: Term, mode: Term) -> Term:
    """Result of setting the option active."""
    return t.catch(inet.setopts, sock, [("active", mode)])


def brief(result: Term) -> Term:
    """'ok' for {ok, Something}, anything else as it is."""
    match result:
        case ("ok", _):
            return "ok"
        case _:
            return result


def timed(t: Subject, waits: Sequence[int], function: Callable[..., Term], *arguments: Any) -> Term:
    """{immediate | {blocked, Ms}, Value} of a call; Ms is the longest of `waits` that it lasted.

    `waits` are the durations to be told apart, so a slow machine changes nothing as long as it stays between them.
    """
    began = time.monotonic()
    value = t.catch(function, *arguments)
    milliseconds = (time.monotonic() - began) * 1000
    reached = [wait for wait in waits if milliseconds >= wait - 5]
    return (("blocked", max(reached)) if reached else "immediate", value)


def underway(job: J) -> J:
    """Give a task's call the time to get to where it waits."""
    job.outcome(0.1)
    return job


def start(t: Subject, function: Callable[..., Term], *arguments: Any) -> Task:
    """A process that is now blocked in this call, or has come back from it."""
    return underway(t.spawn(t.catch, function, *arguments))


def later(job: Job, seen: Term, grace: float = 2.0) -> Term:
    """'same' if a call had returned when last looked at, otherwise what it has given since."""
    return job.outcome(grace) if seen == "still_blocked" else "same"


def buffers_full(t: Subject, peer: Peer) -> None:
    """Return when a stalled pair takes nothing more: bytes have arrived at the peer and stay as many."""
    seen: list[int] = []

    def steady() -> bool:
        # A delayed acknowledgement would make room at the sender once more, 40 ms later.
        peer.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        seen.append(peer.pending())
        return seen[-1] > 0 and len(seen) > _STEADY and seen[-1] == seen[-_STEADY]

    t.wait_until(steady, what="full buffers")


def blocked_sender(t: Subject, sock: Term, peer: Peer) -> Task:
    """A process that is blocked in a send on a stalled pair, 4 MB in front of it or under way."""
    sender = t.spawn(send_past, sock, payload())
    buffers_full(t, peer)
    return underway(sender)


def send_past(sock: Term, data: bytes) -> Term:
    """Send `data`; a backend that queues it takes the call back at once, so one byte more is what blocks."""
    result = gen_tcp.send(sock, data)
    return gen_tcp.send(sock, b"1") if result == "ok" else result


def ask(t: Subject, module: str, function: str, *arguments: Term) -> Term:
    """What a function that is about no socket gives where the backend runs; exceptions caught."""
    return t.catch(gentcp.get_backend(t.backend).apply, module, function, list(arguments))


def decode(t: Subject, kind: Term, data: bytes, *options: Term) -> Term:
    """What erlang:decode_packet(Kind, Data, Options) gives where the backend runs."""
    return t.catch(gentcp.get_backend(t.backend).apply, "erlang", "decode_packet", [kind, data, list(options)])


def close_peer(peer: Peer) -> None:
    """Close; the end of file has arrived when this returns."""
    peer.shutdown()
    peer.close()


def reset_peer(t: Subject, sock: Term, peer: Peer) -> None:
    """Reset the connection; the reset has arrived when this returns."""
    peer.reset()
    _reset_arrived(t, sock)


def sends_to_nobody(t: Subject, sock: Term, count: int) -> list[Term]:
    """Results of sends of one byte to a peer that is gone, each after the kernel's answer to the one before."""
    results: list[Term] = []
    for _ in range(count):
        results.append(t.catch(gen_tcp.send, sock, b"a"))
        _reset_arrived(t, sock)
    return results


def _reset_arrived(t: Subject, sock: Term) -> None:
    # A reset takes the peer's name away, and asking for it disturbs nothing else.
    t.wait_until(lambda: inet.peername(sock)[0] == "error", what="the reset")


def joined(t: Subject, *options: Term) -> tuple[Term, Peer]:
    """A connected socket with exactly these options, and its raw peer."""
    listener = t.raw_listener()
    return t.connect(listener.port, *options), t.raw_accept(listener)


def chunk_sizes(t: Subject, sock: Term) -> list[Term]:
    """Sizes of what recv(sock, 0) gives until it gives an error, and the error."""
    sizes: list[Term] = []
    while True:
        result = t.catch(gen_tcp.recv, sock, 0, 50)
        if result[0] != "ok":
            return [*sizes, result]
        sizes.append(len(result[1]))


def message_sizes(messages: list[Term]) -> list[Term]:
    """Sizes of the data in {tcp, Socket, Data} messages; the tag of any other message."""
    return [len(message[2]) if message[0] == "tcp" else message[0] for message in messages]


def last_message(tag: str) -> None:
    """Return when the last message that is to come, one with this tag, is in the mailbox; it stays there."""
    try:
        message = gentcp.receive(lambda found: found[0] == tag, timeout=5.0)
    except TimeoutError:
        raise CaseError(f"no {tag} came") from None
    gentcp.current_process().post(message)


def ended_process(t: Subject) -> gentcp.Process:
    """A process that has ended."""
    task = t.spawn(lambda: "ok", stay=False)
    task.process.join(5.0)
    return task.process


def owned_elsewhere(t: Subject, *options: Term) -> tuple[Task, Term, Peer]:
    """A process, a connected socket that belongs to it, and the raw peer."""
    listener = t.raw_listener()
    owner = t.spawn(t.connect, listener.port, *options)
    return owner, owner.outcome(5.0), t.raw_accept(listener)


def port_of(sock: Term) -> int:
    number: int = ok(inet.port(sock))
    return number
