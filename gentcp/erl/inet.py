"""`inet`: options, names and counters of sockets."""

from __future__ import annotations

from gentcp.abc import Result, Term
from gentcp.errors import ErlangError, describe
from gentcp.process import Ref, current_process

from ._common import handle_of, monitored


def setopts(socket: Term, options: Term) -> Result:
    """`setopts(Socket, Options)`: "ok" or `("error", "einval")`."""
    return handle_of(socket).setopts(options)


def getopts(socket: Term, names: Term) -> Result:
    """`getopts(Socket, Options)`: `("ok", [(name, value), ...])`; options this socket has not are left out."""
    return handle_of(socket).getopts(names)


def sockname(socket: Term) -> Result:
    """`sockname(Socket)`: `("ok", (ip, port))` or `("ok", ("local", path))`."""
    return handle_of(socket).sockname()


def peername(socket: Term) -> Result:
    """`peername(Socket)`: as sockname, of the peer."""
    return handle_of(socket).peername()


def port(socket: Term) -> Result:
    """`port(Socket)`: `("ok", number)`."""
    return handle_of(socket).port()


def getstat(socket: Term, names: Term = None) -> Result:
    """`getstat(Socket)`, `getstat(Socket, Options)`: `("ok", [(name, number), ...])`."""
    return handle_of(socket).getstat(names)


def close(socket: Term) -> Result:
    """`close(Socket)`: "ok"."""
    return handle_of(socket).close()


def info(socket: Term) -> dict[str, Term]:
    """`info(Socket)`: what is known of the socket, as a map."""
    return handle_of(socket).info()


def monitor(socket: Term) -> Ref:
    """`monitor(Socket)`: a reference; `("DOWN", ref, "port" | "socket", socket, reason)` comes when it closes."""
    try:
        handle = handle_of(socket)
    except ErlangError:
        raise ErlangError("badarg") from None
    ref = Ref()
    monitored[ref] = handle
    handle.monitor(ref, current_process())
    return ref


def cancel_monitor(ref: Term) -> bool:
    """`cancel_monitor(MRef)`: True when the monitor was there; a DOWN message that has come stays."""
    if not isinstance(ref, Ref):
        raise ErlangError("badarg")
    handle = monitored.get(ref)
    return handle is not None and handle.cancel_monitor(ref)


def format_error(reason: Term) -> str:
    """`format_error(Reason)`: a text for people."""
    return describe(reason)
