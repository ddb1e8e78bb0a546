"""`inet_tcp`: the module that gen_tcp calls for a port."""

from __future__ import annotations

from gentcp.abc import Result, Term, Time
from gentcp.errors import ErlangError
from gentcp.terms import is_int

from . import inet
from ._common import with_term
from ._primitives import primitive

_MODULE = "inet_tcp"


def send(socket: Term, data: Term, *options: Term) -> Result:
    """`send(S, Data)`, `send(S, Data, Options)`; see `prim_inet.send`."""
    return primitive(_MODULE, "send", socket, data, *options)


def recv(socket: Term, length: Term, *time: Time) -> Result:
    """`recv(S, Length)`, `recv(S, Length, Time)`."""
    return primitive(_MODULE, "recv", socket, length, *time)


def unrecv(socket: Term, data: Term) -> Result:
    """`unrecv(S, Data)`."""
    return primitive(_MODULE, "unrecv", socket, data)


def shutdown(socket: Term, how: Term) -> Result:
    """`shutdown(S, How)`."""
    return primitive(_MODULE, "shutdown", socket, how)


def close(socket: Term) -> Result:
    """`close(S)`."""
    return primitive(_MODULE, "close", socket)


def controlling_process(socket: Term, process: Term) -> Result:
    """`controlling_process(S, Pid)`."""
    return primitive(_MODULE, "controlling_process", socket, process)


def accept(listener: Term, *time: Time) -> Result:
    """`accept(L)`, `accept(L, Time)`: a registered socket."""
    return with_term(primitive(_MODULE, "accept", listener, *time))


def family() -> str:
    """`family()`."""
    return "inet"


def getserv(service: Term) -> Result:
    """`getserv(Service)`: `("ok", port)` for a number, or for the name of a service."""
    if is_int(service):
        return ("ok", service)
    if not isinstance(service, str):
        raise ErlangError("function_clause")
    return inet.getservbyname(service, "tcp")


def getaddr(address: Term, *timer: Term) -> Result:
    """`getaddr(Address)`: `inet.getaddr` of IPv4; the timer of `getaddr/2` is of no effect."""
    _at_most_one(timer)
    return inet.getaddr(address, "inet")


def getaddrs(address: Term, *timer: Term) -> Result:
    """`getaddrs(Address)`: `inet.getaddrs` of IPv4; the timer of `getaddrs/2` is of no effect."""
    _at_most_one(timer)
    return inet.getaddrs(address, "inet")


def parse_address(text: Term) -> Result:
    """`parse_address(Text)`: `inet.parse_ipv4_address`."""
    return inet.parse_ipv4_address(text)


def translate_ip(ip: Term) -> Term:
    """`translate_ip(IP)`: `inet.translate_ip` of IPv4."""
    return inet.translate_ip(ip, "inet")


def mask(netmask: Term, ip: Term) -> Term:
    """`mask(Mask, IP)`: the address of the network."""
    if not all(isinstance(each, tuple) and len(each) == 4 for each in (netmask, ip)):
        raise ErlangError("function_clause")
    if not all(map(is_int, (*netmask, *ip))):
        raise ErlangError("badarith")
    return tuple(one & other for one, other in zip(netmask, ip, strict=True))


def _at_most_one(arguments: tuple[Term, ...]) -> None:
    if len(arguments) > 1:
        raise ErlangError("undef")
