"""Hosts and services by name: `inet:getaddrs/2`, `inet:gethostbyname/1` and their relatives.

Names resolve through the system, as with OTP's default `{lookup, [native]}`; the machine's own name always does.
Functions of `socket` are looked up in that module, so that whoever replaces them there is asked.
"""

from __future__ import annotations

import re
import socket
from typing import Final

from gentcp.abc import Result, SocketHandle, Term, Time
from gentcp.engine import LOOPBACK, ip_text, is_ip, lookup
from gentcp.errors import ErlangError
from gentcp.terms import Charlist, ImproperList, charlist_to_str, is_int

from ._inet_parse import parse_ipv4, parse_ipv6_strict

_FAMILIES: Final[dict[Term, int]] = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
_LENGTHS: Final = {"inet": 4, "inet6": 16}
_EINVAL: Final = ("error", "einval")
_NXDOMAIN: Final = ("error", "nxdomain")
_LATEST: Final = (1 << 63) // 1_000_000
"""Milliseconds; the clock of a VM counts nanoseconds in 63 bits."""
_VISIBLE: Final = re.compile("[!-~]*")


def getaddrs(host: Term, family: Term, timeout: Time) -> Result:
    """`{ok, [Ip]}`; einval, eafnosupport, nxdomain.  The timeout is checked, and does not end what the system does."""
    _check_time(timeout)
    if is_ip(host, socket.AF_INET) or is_ip(host, socket.AF_INET6):
        own = "inet" if len(host) == 4 else "inet6"
        return ("ok", [host]) if family == own else ("error", "eafnosupport")
    text = _spelt(host)
    if text is None or not isinstance(family, str) or family not in _FAMILIES or not _VISIBLE.fullmatch(text):
        return _EINVAL
    found, reason = lookup(text, _FAMILIES[family])
    return ("error", reason) if reason else ("ok", found)


def gethostbyname(name: Term, family: Term, timeout: Time) -> Result:
    """`{ok, {hostent, Name, Aliases, Family, Length, Ips}}`; einval, nxdomain."""
    _check_time(timeout)
    if not isinstance(family, str) or family not in _FAMILIES:
        return _EINVAL
    text = _spelt(name)
    if text is None and isinstance(name, (list, ImproperList)):
        raise ErlangError("function_clause")
    if text is None:
        return _EINVAL
    found, reason = lookup(text, _FAMILIES[family])
    if reason:
        return _NXDOMAIN
    official, aliases = _official(text, family)
    return ("ok", _hostent(official, aliases, family, found))


def gethostbyaddr(address: Term, timeout: Time) -> Result:
    """As `gethostbyname`, for an address as tuple or text."""
    _check_time(timeout)
    ip = _address(address)
    if ip is None:
        return _EINVAL
    family = "inet" if len(ip) == 4 else "inet6"
    try:
        name, aliases, _ = socket.gethostbyaddr(ip_text(ip))
    except OSError:
        if address != LOOPBACK[_FAMILIES[family]]:
            return _NXDOMAIN
        name, aliases = own_name(), []
    return ("ok", _hostent(name, aliases, family, [ip]))


def own_name() -> str:
    """The machine's name without its domain."""
    return socket.gethostname().partition(".")[0]


def name_by(handle: SocketHandle) -> Result:
    """`{ok, Name}`, whole, as a socket's driver asks for it."""
    if handle.is_port:
        return handle.primitive("prim_inet", "gethostname")
    return ("ok", Charlist.of(socket.gethostname()))


def getservbyname(name: Term, protocol: Term) -> Result:
    """`{ok, Port}`; einval for a service that is not known."""
    if not isinstance(name, (str, list, ImproperList)):
        raise ErlangError("function_clause")
    if isinstance(name, ImproperList):
        raise ErlangError("badarg")
    service, kind = charlist_to_str(name), charlist_to_str(protocol)
    if service is None or kind is None:
        return _EINVAL
    try:
        return ("ok", socket.getservbyname(service, kind))
    except (OSError, ValueError):
        return _EINVAL


def getservbyport(port: Term, protocol: Term) -> Result:
    """`{ok, Name}`; einval for a port that no service is known for."""
    if isinstance(port, float):
        raise ErlangError("badarith")
    kind = charlist_to_str(protocol)
    if not is_int(port) or kind is None:
        return _EINVAL
    try:
        return ("ok", Charlist.of(socket.getservbyport(port, kind)))
    except (OSError, OverflowError, ValueError):
        return _EINVAL


def _check_time(timeout: Time) -> None:
    if timeout != "infinity" and (not is_int(timeout) or not 0 <= timeout < _LATEST):
        raise ErlangError("badarg")


def _spelt(name: Term) -> str | None:
    """A name as text; true and false are atoms like others."""
    return str(name).lower() if isinstance(name, bool) else charlist_to_str(name)


def _official(text: str, family: str) -> tuple[str, list[str]]:
    """The name that the system prefers, and the others that it knows."""
    try:
        if family == "inet":
            name, aliases, _ = socket.gethostbyname_ex(text)
            return name, aliases
        known = socket.getaddrinfo(text, 0, socket.AF_INET6, socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
        return known[0][3] or text, []
    except (OSError, UnicodeError):
        return text, []


def _hostent(name: str, aliases: list[str], family: str, ips: list[Term]) -> Term:
    return ("hostent", Charlist.of(name), [Charlist.of(alias) for alias in aliases], family, _LENGTHS[family], ips)


def _address(address: Term) -> Term:
    """A tuple for an address as text; None when it is none."""
    if is_ip(address, socket.AF_INET) or is_ip(address, socket.AF_INET6):
        return address
    if isinstance(address, ImproperList):
        raise ErlangError("function_clause")
    text = charlist_to_str(address) or ""
    for parse in (parse_ipv4, parse_ipv6_strict):
        found = parse(text)
        if found[0] == "ok":
            return found[1]
    return None
