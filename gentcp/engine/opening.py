"""The options of connect and listen: which family, which addresses, which options for the new socket.

Both backends read their options the same way, as OTP's do (`inet:tcp_module/2`, `inet:connect_options/2`,
`inet:listen_options/2`).
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from gentcp import config
from gentcp.errors import ErlangError, Exit
from gentcp.options import BY_NAME, as_pair, is_count, valid
from gentcp.terms import charlist_to_str, is_int

from .addresses import lookup, translate_ip
from .binding import complete
from .driver import Driver, driver
from .waiting import Aside, Steps

Term = Any
T = TypeVar("T")
FAMILIES: dict[str, int] = {"inet_tcp": socket.AF_INET, "inet6_tcp": socket.AF_INET6, "local_tcp": socket.AF_UNIX}
PROTOCOLS: dict[str, int] = {
    "default": 0, "ip": 0, "igmp": 2, "tcp": 6, "udp": 17, "ipv6": 41, "sctp": 132, "mptcp": 262,
}  # fmt: skip
"""Those that the socket module has names for.  inet and the documentation have tcp and mptcp alone."""
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
    protocol: int = 0
    options: list[tuple[str, Term]] = field(default_factory=list)
    """The socket's own options, each name once, in the order given."""


def pick_family(options: list[Term], address: Term = None) -> tuple[int, list[Term]]:
    """The address family and the options without those that chose it; undef for a module that there is not."""
    module, rest = pick_module(options, address)
    if not isinstance(module, str):
        raise ErlangError("badarg")
    if module not in FAMILIES:
        raise ErlangError("undef")
    return FAMILIES[module], rest


def pick_module(options: list[Term], address: Term = None) -> tuple[Term, list[Term]]:
    """OTP's module for the family, such as inet_tcp, and the options without those that chose it.

    The first of inet, inet6, local counts, a `tcp_module` always; without any, the address (or the one to bind to)
    decides.
    """
    module, rest = None, []
    for option in options:
        name = option[0] if isinstance(option, tuple) and len(option) == 2 else None
        if name == "tcp_module":
            module = option[1]
        elif isinstance(option, str) and option in _SHORT:
            module = module or _SHORT[option]
        else:
            rest.append(option)
            if name in ("ip", "ifaddr"):
                address = option[1]
    return (_module_of(address) if module is None else module), rest


def _module_of(address: Term) -> str:
    if isinstance(address, tuple) and len(address) == 2 and address[0] == "local":
        return "local_tcp"
    if isinstance(address, tuple) and len(address) == 8:
        return "inet6_tcp"
    if isinstance(address, dict) and address.get("family") == "inet6":
        return "inet6_tcp"
    return "inet_tcp"


def resolve(address: Term, family: int) -> Steps:
    """The addresses to try, in order, and "" or the reason why there are none.  To look up a name may take long."""
    if family == socket.AF_UNIX:
        if isinstance(address, tuple) and len(address) == 2 and address[0] == "local":
            return [address], ""
        raise ErlangError("function_clause")
    if isinstance(address, tuple):
        return lookup(address, family)
    found = Aside(partial(lookup, address, family))
    yield found
    return found.result


def service(port: Term, family: int) -> tuple[int, str]:
    """A port number for a number or the name of a service, and "" or a reason (`inet:getservbyname/2`)."""
    if family == socket.AF_UNIX and port != 0:
        raise ErlangError("function_clause")
    if type(port) is int or is_int(port):
        return port, ""
    if port is None or isinstance(port, bool):  # atoms too
        return 0, "einval"
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
    opening = _begin(where, defaults)
    for option in options:
        _one(opening, option, where)
    opening.ifaddr = translate_ip(opening.ifaddr, family)
    opening.ifaddr_given = opening.ifaddr is not None
    return opening


def _begin(where: str, defaults: str) -> Opening:
    """What the environment says, the last one first, as OTP puts them together; `active` is true."""
    given = config.get_env("kernel", defaults)
    if given is None or (isinstance(given, tuple) and given[:1] == ("active",)):
        return Opening(options=[("active", True)])
    opening = Opening(options=given[::-1] if isinstance(given, list) else [given])
    _add(opening, "active", True, where)
    return opening


def _one(opening: Opening, option: Term, where: str) -> None:
    pair = as_pair(option)
    if pair is None:
        raise Exit("badarg")
    name, value = pair
    if name in ("ifaddr", "ip", "port"):
        _address(opening, name, value)
    elif name == "fd":
        opening.fd, opening.netns = value, None
    elif name == "backlog" and where == "l":
        opening.backlog = value
    elif name == "netns":
        if not valid("netns", value):
            raise Exit("badarg")
        opening.fd, opening.netns = None, filename_bytes(value)  # as in OTP, the last one of the two counts
    elif name == "protocol" and value in ("tcp", "mptcp"):
        opening.protocol = PROTOCOLS[value] if value != "tcp" else 0
    else:
        _add(opening, name, value, where)


def _address(opening: Opening, name: str, value: Term) -> None:
    if isinstance(value, dict) and name == "ifaddr":
        opening.ifaddr = complete(value)
    elif isinstance(opening.ifaddr, dict) and name != "ifaddr":
        opening.ifaddr = {**opening.ifaddr, "addr" if name == "ip" else "port": value}
    elif name == "port":
        opening.port = value
    else:
        opening.ifaddr = None if value == "undefined" else value


def _add(opening: Opening, name: str, value: Term, where: str) -> None:
    known = BY_NAME.get(name)
    if known is None or where not in known.where:
        raise Exit("badarg")
    # multi is the driver's own word for a number, which setopts refuses
    if not valid(name, value) and not (name == "active" and (is_count(value) or value == "multi")):
        raise Exit("badarg")
    options = opening.options
    if name != "raw":
        at = -1
        for option in reversed(options):  # of two from the environment the first one stays
            if type(option) is tuple and option[:1] == (name,):
                del options[at]
                break
            at -= 1
    options.append((name, value))


def filename_bytes(value: Term) -> bytes:
    """A valid `netns` as the operating system has it."""
    return value if isinstance(value, bytes) else os.fsencode(charlist_to_str(value) or "")


def given_socket(fd: int) -> socket.socket:
    """A duplicate of somebody's socket, of its own family: as in OTP, the descriptor stays theirs to close."""
    duplicate = os.dup(fd)
    try:
        return socket.socket(fileno=duplicate)
    except BaseException:
        os.close(duplicate)
        raise


def open_socket(family: int, opening: Opening) -> socket.socket:
    """A new stream socket, or the given one, of whatever family.  OSError when the system refuses."""
    if not Driver.started:
        driver().remind()  # its descriptors are open before one is needed to close the socket with
    protocol = opening.protocol
    if protocol < 0:  # which Python takes for the default
        raise OSError(errno.EINVAL, "protocol: no such number")
    if isinstance(opening.fd, int) and opening.fd > _MOST_FD:
        raise OSError(errno.EBADF, "fd: no such descriptor")
    if isinstance(opening.fd, int) and opening.fd >= 0:
        return given_socket(opening.fd)
    if opening.netns is not None:
        if b"\0" in opening.netns:
            raise OSError(errno.EINVAL, "netns: a path has no NUL in it")
        return in_namespace(opening.netns, lambda: socket.socket(family, socket.SOCK_STREAM, protocol))
    return socket.socket(family, socket.SOCK_STREAM, protocol)


def in_namespace(path: bytes, function: Callable[[], T]) -> T:
    """What `function()` gives in the network namespace at `path`.  OSError when there is none, or it is forbidden."""
    there = os.open(path, os.O_RDONLY)
    try:
        here = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _setns(there)
            try:
                return function()
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
