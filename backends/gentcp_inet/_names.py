"""The names of a port: those that the system has, and those that somebody behind a proxy has put in their place."""

from __future__ import annotations

import socket
from typing import Any, Final

from gentcp.abc import Result, Term
from gentcp.engine import address_term, is_ip, path_bytes, translate_ip
from gentcp.errors import ErlangError, reason_of

from ._commands import CommandPort
from ._states import CLOSED, CONNECTED, UNPLUGGED

_EINVAL: Final = ("error", "einval")
_FAMILIES: Final = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
_MOST = 0xFFFFFFFF


class NamedPort(CommandPort):
    """Adds names."""

    __slots__ = ("assumed",)

    assumed: dict[str, Term]
    """By method of the system's socket, what is said instead; hardly any port has that."""

    def sockname(self) -> Result:
        return self._known("sockname", "getsockname")

    def peername(self) -> Result:
        return self._known("peername", "getpeername")

    def _known(self, operation: str, method: str) -> Result:
        assumed = getattr(self, "assumed", {}).get(method)
        if assumed is None or self.state is CLOSED or (method == "getpeername" and self.state is not CONNECTED):
            return self.name(operation, method)
        return ("ok", assumed)

    def names(self, method: str, association: Term) -> Result:
        """`{ok, [Name]}`, as the system has it; exbadport without a descriptor.  `prim_inet:socknames/1,2`."""
        if association not in ("undefined", None) and type(association) is not int:
            raise ErlangError("function_clause")
        numbered = isinstance(association, int)
        if self.state is CLOSED or (numbered and not 0 <= association <= _MOST):
            return _EINVAL
        with self.lock:
            if self.state is UNPLUGGED or self.fd < 0:
                return ("error", "exbadport")
            try:
                found: Any = getattr(self.sock, method)()
            except OSError as error:
                return ("error", reason_of(error))
            return ("ok", [address_term(found, self.sock.family)])

    def assume(self, method: str, name: Term) -> Result:
        """Let `name` be said from now on, "undefined" for what the system has.  `prim_inet:setsockname/2`."""
        term = None if name == "undefined" else self._checked(name)
        if self.state is CLOSED or (term is None and name != "undefined"):
            return _EINVAL
        self.assumed = {**getattr(self, "assumed", {}), method: term}
        return "ok"

    def _checked(self, name: Term) -> Term:
        """A name as it is said later; None for none."""
        if not isinstance(name, tuple) or len(name) != 2:
            return None
        family: int = self.sock.family
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
        return (ip, second) if known and type(second) is int and 0 <= second <= 0xFFFF else None
