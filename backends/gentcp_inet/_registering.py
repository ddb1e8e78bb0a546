"""In which module gen_tcp finds the functions of a port; functions over a port."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from gentcp.abc import Term
from gentcp.errors import ErlangError

from ._states import CLOSED

if TYPE_CHECKING:
    from ._port import InetPort

_MODULES = {socket.AF_INET: "inet_tcp", socket.AF_INET6: "inet6_tcp", socket.AF_UNIX: "local_tcp"}


def register(port: InetPort, module: str) -> None:
    """Say in which module its functions are; gen_tcp has said so of its own."""
    if port.registered is None and module != "undefined":
        return
    port.registered = module
    port.flows = is_known(port) and port.state.flows
    port.look()


def is_known(port: InetPort) -> bool:
    """Whether gen_tcp finds functions for it."""
    return port.registered is None or port.registered in _MODULES.values()


def module_of(port: InetPort) -> Term:
    """The module that gen_tcp calls for it."""
    return _MODULES[port.sock.family] if port.registered is None else port.registered


def check(port: InetPort) -> None:
    """gen_tcp does not find a port that nobody has registered."""
    if port.registered is not None and port.state is not CLOSED and not is_known(port):
        raise ErlangError("undef")
