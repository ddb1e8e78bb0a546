"""What to bind to: the options `ip`, `ifaddr` and `port`, whose addresses may be maps (`t:socket:sockaddr_in/0`)."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

from gentcp.errors import ErlangError

from .addresses import chardata_bytes, path_bytes, sockaddr, translate_ip

Term = Any
DOMAINS: dict[int, str] = {socket.AF_INET: "inet", socket.AF_INET6: "inet6", socket.AF_UNIX: "local"}
_DEFAULTS: dict[str, dict[str, Term]] = {
    "inet": {"family": "inet", "addr": "any", "port": 0},
    "inet6": {"family": "inet6", "addr": "any", "port": 0, "flowinfo": 0, "scope_id": 0},
    "local": {"family": "local", "path": b""},
}
_LONGEST_PATH = 255


def complete(address: dict[str, Term]) -> dict[str, Term]:
    """An address map with the defaults of its family; the error `{invalid, {sockaddr, _}}` for one that cannot be."""
    if "family" not in address:
        raise _invalid("family", address)
    family = address["family"]
    if family == "local":
        address = {**address, "path": _path(address)}
    defaults = _DEFAULTS.get(family) if isinstance(family, str) else None
    if defaults is None:
        return address
    strange = [key for key in address if key not in defaults]
    if strange:
        raise _invalid(("keys", strange), address)
    return {**defaults, **address}


def _path(address: dict[str, Term]) -> bytes:
    path = address.get("path")
    raw = path
    if isinstance(path, list) and len(path) <= _LONGEST_PATH:
        raw = chardata_bytes(path)
        if raw is None:
            raise ErlangError(("invalid", ("path", path)))
    elif isinstance(path, str):
        raw = os.fsencode(path)
    if not isinstance(raw, bytes) or len(raw) > _LONGEST_PATH:
        raise _invalid("path", address)
    return raw


def _invalid(what: Term, address: dict[str, Term]) -> ErlangError:
    return ErlangError(("invalid", ("sockaddr", what, address)))


def bind_name(address: Term, port: Term, family: int) -> Any:
    """What bind(2) takes.  A map has its own port.  As `map_name`, also ValueError for a map that is not complete."""
    if not isinstance(address, dict):
        return sockaddr(address, port, family)
    if address.get("family") == "local" and family == socket.AF_UNIX:
        return path_bytes(address["path"])
    if address.get("family") not in ("inet", "inet6") or "addr" not in address or "port" not in address:
        raise ValueError("not an address")
    return map_name(address, family)


def map_name(address: dict[str, Term], family: int) -> Any:
    """What connect(2) takes for a map of IPv4 or IPv6 on a socket of this family.

    ValueError when it is no address, OSError when it is one of the other family; badarith for other numbers that are
    none, as where OTP encodes them.
    """
    own = socket.AF_INET6 if address["family"] == "inet6" else socket.AF_INET
    name = sockaddr(translate_ip(address["addr"], own), address["port"], own)
    if own == socket.AF_INET6:
        if not {"flowinfo", "scope_id"} <= address.keys():
            raise ErlangError("function_clause")
        flowinfo, scope_id = address["flowinfo"], address["scope_id"]
        if not isinstance(flowinfo, int) or not isinstance(scope_id, int):
            raise ErlangError("badarith")
        name = (*name[:2], flowinfo & 0xFFFFF, scope_id & 0xFFFFFFFF)
    if own != family:
        number = errno.EAFNOSUPPORT if own == socket.AF_INET6 else errno.EINVAL
        raise OSError(number, os.strerror(number))
    return name
