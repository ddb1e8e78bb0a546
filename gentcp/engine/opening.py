"""The options of connect and listen: which family, which addresses, which options for the new socket.

Both backends read their options the same way, as OTP's do (`inet:tcp_module/2`, `inet:connect_options/2`,
`inet:listen_options/2`).
"""

from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass, field
from typing import Any

from gentcp import config
from gentcp.errors import ErlangError, Exit
from gentcp.options import ACTIVE_MAX, ACTIVE_MIN, BY_NAME, valid

from .addresses import lookup, path_bytes, translate_ip

Term = Any
FAMILIES: dict[str, int] = {"inet_tcp": socket.AF_INET, "inet6_tcp": socket.AF_INET6, "local_tcp": socket.AF_UNIX}
_MOST_FD = 0x7FFFFFFF
_SHORT = {"inet": "inet_tcp", "inet6": "inet6_tcp", "local": "local_tcp"}


@dataclass(slots=True)
class Opening:
    """What the option list said."""

    ifaddr: Term = None
    ifaddr_given: bool = False
    port: Term = 0
    fd: Term = None
    backlog: Term = 5
    netns: bytes | None = None
    protocol: str = "tcp"
    options: list[tuple[str, Term]] = field(default_factory=list)
    """The socket's own options, each name once, in the order given."""


def pick_family(options: list[Term], address: Term = None) -> tuple[int, list[Term]]:
    """The address family and the options without those that chose it.

    The first of inet, inet6, local counts, a `tcp_module` always; without any, the address (or the one to bind to)
    decides.
    """
    module, rest = None, []
    for option in options:
        if isinstance(option, tuple) and len(option) == 2 and option[0] == "tcp_module":
            module = option[1]
        elif isinstance(option, str) and option in _SHORT:
            module = module or _SHORT[option]
        else:
            rest.append(option)
            if isinstance(option, tuple) and len(option) == 2 and option[0] in ("ip", "ifaddr"):
                address = option[1]
    if module is None:
        return _family_of(address), rest
    if not isinstance(module, str) or module not in FAMILIES:
        raise ErlangError("undef")
    return FAMILIES[module], rest


def _family_of(address: Term) -> int:
    if isinstance(address, tuple) and len(address) == 2 and address[0] == "local":
        return socket.AF_UNIX
    if isinstance(address, tuple) and len(address) == 8:
        return socket.AF_INET6
    if isinstance(address, dict) and address.get("family") == "inet6":
        return socket.AF_INET6
    return socket.AF_INET


def resolve(address: Term, family: int) -> tuple[list[Term], str]:
    """The addresses to try, in order, and "" or the reason why there are none."""
    if family == socket.AF_UNIX:
        if isinstance(address, tuple) and len(address) == 2 and address[0] == "local":
            return [address], ""
        raise ErlangError("function_clause")
    return lookup(address, family)


def service(port: Term, family: int) -> tuple[int, str]:
    """A port number for a number or the name of a service, and "" or a reason (`inet:getservbyname/2`)."""
    if family == socket.AF_UNIX and port != 0:
        raise ErlangError("function_clause")
    if type(port) is int:
        return port, ""
    if not isinstance(port, str):
        raise ErlangError("function_clause")
    try:
        return socket.getservbyname(port, "tcp"), ""
    except OSError:
        return 0, "einval"


def connect_options(options: list[Term], family: int) -> Opening:
    """Exit badarg for what connect does not know."""
    return _parse(options, family, "c", "inet_default_connect_options")


def listen_options(options: list[Term], family: int) -> Opening:
    """Exit badarg for what listen does not know."""
    return _parse(options, family, "l", "inet_default_listen_options")


def _parse(options: list[Term], family: int, where: str, defaults: str) -> Opening:
    opening = Opening(options=_defaults(defaults))
    for option in options:
        _one(opening, option, where)
    opening.ifaddr_given = opening.ifaddr is not None
    opening.ifaddr = translate_ip(opening.ifaddr, family)
    return opening


def _defaults(name: str) -> list[Term]:
    given = config.get_env("kernel", name)
    if given is None or (isinstance(given, tuple) and given[:1] == ("active",)):
        return [("active", True)]
    listed = given if isinstance(given, list) else [given]
    return [("active", True), *(option for option in listed if not _named(option, "active"))]


def _named(option: Term, name: str) -> bool:
    return isinstance(option, tuple) and len(option) == 2 and option[0] == name


def as_pair(option: Term) -> tuple[str, Term] | None:
    """`{Name, Value}` for every way an option may be written; None for what is no option."""
    if option in ("binary", "list"):
        return "mode", option
    if isinstance(option, tuple) and len(option) == 4 and option[0] == "raw":
        return "raw", option[1:]
    if isinstance(option, tuple) and len(option) == 2 and isinstance(option[0], str):
        return option[0], option[1]
    return None


def _one(opening: Opening, option: Term, where: str) -> None:
    pair = as_pair(option)
    if pair is None:
        raise Exit("badarg")
    name, value = pair
    if name in ("ifaddr", "ip", "port"):
        _address(opening, name, value)
    elif name == "fd":
        opening.fd = value
    elif name == "backlog" and where == "l":
        opening.backlog = value
    elif name == "netns":
        opening.netns = _filename(value)
    elif name == "protocol" and value in ("tcp", "mptcp"):
        opening.protocol = value
    else:
        _add(opening, name, value, where)


def _address(opening: Opening, name: str, value: Term) -> None:
    if isinstance(value, dict) and "family" not in value:
        raise ErlangError(("invalid", ("sockaddr", "family", value)))
    if isinstance(opening.ifaddr, dict) and name != "ifaddr":
        opening.ifaddr = {**opening.ifaddr, "addr" if name == "ip" else "port": value}
    elif name == "port":
        opening.port = value
    else:
        opening.ifaddr = None if value == "undefined" else value


def _add(opening: Opening, name: str, value: Term, where: str) -> None:
    known = BY_NAME.get(name)
    if known is None or where not in known.where:
        raise Exit("badarg")
    number = name == "active" and type(value) is int and ACTIVE_MIN <= value <= ACTIVE_MAX
    if not number and not valid(name, value):
        raise Exit("badarg")
    if name != "raw":
        opening.options = [pair for pair in opening.options if not _named(pair, name)]
    opening.options.append((name, value))


def _filename(value: Term) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return path_bytes(value)
    except ValueError:
        raise Exit("badarg") from None


def open_socket(family: int, opening: Opening) -> socket.socket:
    """A new stream socket, or the given descriptor.  OSError when the system refuses."""
    protocol = 262 if opening.protocol == "mptcp" else 0
    if isinstance(opening.fd, int) and opening.fd > _MOST_FD:
        raise OSError(errno.EBADF, "fd: no such descriptor")
    if isinstance(opening.fd, int) and opening.fd >= 0:
        os.fstat(opening.fd)
        return socket.socket(family, socket.SOCK_STREAM, protocol, fileno=opening.fd)
    if opening.netns is not None:
        if b"\0" in opening.netns:
            raise OSError(errno.EINVAL, "netns: a path has no NUL in it")
        return _in_namespace(opening.netns, family, protocol)
    return socket.socket(family, socket.SOCK_STREAM, protocol)


def _in_namespace(path: bytes, family: int, protocol: int) -> socket.socket:
    there = os.open(path, os.O_RDONLY)
    try:
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _setns(there)
            try:
                return socket.socket(family, socket.SOCK_STREAM, protocol)
            finally:
                _setns(here)
        finally:
            os.close(here)
    finally:
        os.close(there)


def _setns(fd: int) -> None:
    import ctypes

    if ctypes.CDLL(None, use_errno=True).setns(fd, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
