"""How the functions below gen_tcp reach a socket."""

from __future__ import annotations

from gentcp._face import Face
from gentcp.abc import Term
from gentcp.errors import ErlangError
from gentcp.ports import no_port

_MOST = {
    "socknames": 1, "peernames": 1, "send": 2, "recv": 2, "prim_inet:accept": 2, "inet_tcp:accept": 1,
    "port_command": 2, "port_info": 1,
}  # fmt: skip
"""How many arguments functions of several arities have at most, besides the socket."""


def primitive(module: str, function: str, socket: Term, *arguments: Term) -> Term:
    """`module:function(socket, ...)`, as the backend of the socket has it."""
    most = _MOST.get(f"{module}:{function}", _MOST.get(function))
    if most is not None and len(arguments) > most:
        raise ErlangError("undef")
    if isinstance(socket, Face):
        return socket.handle.primitive(module, function, *arguments)
    return no_port(module, function, *arguments)
