"""`inet_tcp`: the module that gen_tcp calls for a port."""

from __future__ import annotations

from gentcp.abc import Result, Term, Time

from ._common import with_term
from ._primitives import primitive

_MODULE = "inet_tcp"


def send(socket: Term, data: Term, *options: Term) -> Result:
    """`send(S, Data)`, `send(S, Data, Options)`; see `prim_inet.send`."""
    return primitive(_MODULE, "send", socket, data, *options)


def recv(socket: Term, length: Term, *time: Time) -> Result:
    """`recv(S, Length)`, `recv(S, Length, Time)`."""
    return primitive(_MODULE, "recv", socket, length, *time)


def unrecv(socket: Term, data: Term) -> Result:
    """`unrecv(S, Data)`."""
    return primitive(_MODULE, "unrecv", socket, data)


def shutdown(socket: Term, how: Term) -> Result:
    """`shutdown(S, How)`."""
    return primitive(_MODULE, "shutdown", socket, how)


def close(socket: Term) -> Result:
    """`close(S)`."""
    return primitive(_MODULE, "close", socket)


def controlling_process(socket: Term, process: Term) -> Result:
    """`controlling_process(S, Pid)`."""
    return primitive(_MODULE, "controlling_process", socket, process)


def accept(listener: Term, *time: Time) -> Result:
    """`accept(L)`, `accept(L, Time)`: a registered socket."""
    return with_term(primitive(_MODULE, "accept", listener, *time))


def family() -> str:
    """`family()`."""
    return "inet"
