"""How the functions below gen_tcp reach a socket."""

from __future__ import annotations

from gentcp._face import Face
from gentcp.abc import Term
from gentcp.ports import no_port


def primitive(module: str, function: str, socket: Term, *arguments: Term) -> Term:
    """`module:function(socket, ...)`, as the backend of the socket has it."""
    if isinstance(socket, Face):
        return socket.handle.primitive(module, function, *arguments)
    return no_port(module, function, *arguments)
