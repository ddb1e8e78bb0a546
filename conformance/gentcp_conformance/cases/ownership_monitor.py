"""The owner of a socket, watched from outside."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import erlang, inet

from ..case import case
from ..subject import Subject
from ..term import Term


@case(
    "ownership/monitor/owner-and-socket",
    title="When the owner ends, its monitor and that of its socket both fire",
    means="""Whoever hands sockets to workers can watch the worker, the socket, or both, and gets a DOWN message for
    each, which differ in the third element only; their order is not to be relied on. The reason in the socket's is
    that of the connection's end, which need not be the worker's: match on the type, not on DOWN alone.""",
    source="erlang:monitor/2; inet:monitor/1",
)
def owner_and_socket(t: Subject) -> Term:
    worker = t.spawn(t.pair, ("active", False))
    sock, _ = worker.outcome(5.0)
    references = [erlang.monitor("process", worker.process), inet.monitor(sock)]
    worker.end()
    down = sorted(t.messages(2), key=lambda message: references.index(message[1]))
    return [message[2:] for message in down]
