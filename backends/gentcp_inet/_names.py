"""The names of a port: those that the system has, and those that somebody behind a proxy has put in their place."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

from gentcp.abc import Result, Term
from gentcp.engine import address_term, is_ip, name_of, path_bytes, translate_ip
from gentcp.errors import ErlangError, reason_of
from gentcp.terms import is_int

from ._states import CLOSED, CONNECTED, UNPLUGGED

if TYPE_CHECKING:
    from ._port import InetPort

_EINVAL: Final = ("error", "einval")
_FAMILIES: Final = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
_MOST = 0xFFFFFFFF


def known_name(port: InetPort, operation: str, method: str) -> Result:
    """What getsockname or getpeername says, or what is said instead."""
    assumed = port.assumed.get(method) if port.assumed else None
    if assumed is None or port.gone or (method == "getpeername" and port.state not in (CONNECTED, CLOSED)):
        return name_of(port, operation, method)
    return ("ok", assumed)


def names(port: InetPort, method: str, association: Term) -> Result:
    """`{ok, [Name]}`, as the system has it; exbadport without a descriptor.  `prim_inet:socknames/1,2`."""
    if association not in ("undefined", None) and not is_int(association):
        raise ErlangError("function_clause")
    numbered = isinstance(association, int)
    if port.gone or (numbered and not 0 <= association <= _MOST):
        return _EINVAL
    with port.lock:
        if port.state is UNPLUGGED or port.fd < 0:
            return ("error", "exbadport")
        try:
            found: Any = getattr(port.sock, method)()
        except OSError as error:
            return ("error", reason_of(error))
        return ("ok", [address_term(found, port.sock.family)])


def assume(port: InetPort, method: str, name: Term) -> Result:
    """Let `name` be said from now on, "undefined" for what the system has.  `prim_inet:setsockname/2`."""
    term = None if name == "undefined" else _checked(port.sock.family, name)
    if port.gone or (term is None and name != "undefined"):
        return _EINVAL
    port.assumed = {**(port.assumed or {}), method: term}
    return "ok"


def _checked(family: int, name: Term) -> Term:
    """A name as it is said later; None for none."""
    if not isinstance(name, tuple) or len(name) != 2:
        return None
    first, second = name
    if first == "local":
        try:
            return ("local", path_bytes(second))
        except ValueError:
            return None
    if isinstance(first, str) and first in _FAMILIES:
        if not isinstance(second, tuple) or len(second) != 2:
            return None
        family, (first, second) = _FAMILIES[first], second
    ip = translate_ip(first, family)
    known = is_ip(ip, socket.AF_INET) or is_ip(ip, socket.AF_INET6)
    return (ip, second) if known and is_int(second) and 0 <= second <= 0xFFFF else None
