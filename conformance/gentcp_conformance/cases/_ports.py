"""Steps that the cases about prim_inet and ports share."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import gentcp
from gentcp.erl import ErlangError, prim_inet

from ..subject import Subject
from ..term import Term


def apply(t: Subject, module: str, function: str, *arguments: Any) -> Term:
    """A function of OTP where the backend runs."""
    return gentcp.get_backend(t.backend).apply(module, function, list(arguments))


def asked(t: Subject, *call: Any) -> tuple[Term, Term]:
    """'ok' and the reference, or the error of an async call and 'none'."""
    match t.catch(*call):
        case ("ok", int(ref)):
            return "ok", ref
        case error:
            return error, "none"


def async_recv(t: Subject, sock: Term, length: int = 0, time: Term = -1) -> tuple[Term, Term]:
    """See `asked`."""
    return asked(t, prim_inet.async_recv, sock, length, time)


def async_accept(t: Subject, listener: Term, time: Term = -1) -> tuple[Term, Term]:
    """See `asked`."""
    return asked(t, prim_inet.async_accept, listener, time)


def by_ref(messages: list[Term], *refs: Term) -> list[Term]:
    """Messages with the number of an async call replaced by its place among `refs`, from 1 on."""
    return [_by_ref(message, refs) for message in messages]


def answered(t: Subject, done: Term, ref: Term) -> list[Term]:
    """The message that an async call is answered by, or none if it was refused; as `by_ref` has them."""
    return by_ref(t.messages(1 if done == "ok" else 0), ref)


def _by_ref(message: Term, refs: tuple[Term, ...]) -> Term:
    match message:
        case ("inet_async", sock, ref, result):
            return ("inet_async", sock, ("ref", refs.index(ref) + 1 if ref in refs else "unknown"), result)
        case _:
            return message


def label(t: Subject, sock: Term) -> tuple[Term, Term]:
    """A reference, and what stands before the data of a command so that its answer has it; before OTP 26 nothing."""
    ref = apply(t, "erlang", "monitor", "port", sock)
    try:
        binary: bytes = apply(t, "erlang", "term_to_binary", ref, ["local"])
    except ErlangError:
        return ref, []
    return ref, [len(binary).to_bytes(2, "big"), binary]


def unlink(t: Subject, sock: Term) -> None:
    """On a VM the end of a port ends its owner too.  There are no links elsewhere."""
    t.catch(apply, t, "erlang", "unlink", sock)


def is_port(t: Subject, sock: Term) -> bool:
    """Whether the backend's sockets are ports."""
    return apply(t, "erlang", "is_port", sock) is True


_one_system = threading.Lock()  # cases may run side by side, on one VM


@contextmanager
def system_monitored(t: Subject, process: gentcp.Process) -> Generator[None]:
    """`process` is told of busy ports, and nobody else in this kit, until the end of the block."""
    with _one_system:
        apply(t, "erlang", "system_monitor", process, ["busy_port"])
        try:
            yield
        finally:
            apply(t, "erlang", "system_monitor", "undefined")
