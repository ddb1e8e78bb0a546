"""`inet_db`: which module's functions a port has."""

from __future__ import annotations

from gentcp.abc import Result, Term

from ._primitives import primitive

_MODULE = "inet_db"


def register_socket(socket: Term, module: Term) -> bool:
    """`register_socket(S, Module)`: gen_tcp's functions work from now on; False for a closed socket.

    Module: "inet_tcp", "inet6_tcp" or "local_tcp".
    """
    done: bool = primitive(_MODULE, "register_socket", socket, module)
    return done


def lookup_socket(socket: Term) -> Result:
    """`lookup_socket(S)`: `("ok", module)`, which is "undefined" before; `("error", "closed")`."""
    return primitive(_MODULE, "lookup_socket", socket)


def unregister_socket(socket: Term) -> Result:
    """`unregister_socket(S)`: "ok", and nothing happens."""
    return primitive(_MODULE, "unregister_socket", socket)
