"""Addresses: Erlang's terms on one side, Python's on the other, and names in between."""

from __future__ import annotations

import os
import socket
from typing import Any

from gentcp.terms import charlist_to_str

Term = Any
LONGEST_PATH = 107
ANY: dict[int, Term] = {socket.AF_INET: (0, 0, 0, 0), socket.AF_INET6: (0,) * 8}
LOOPBACK: dict[int, Term] = {socket.AF_INET: (127, 0, 0, 1), socket.AF_INET6: (0, 0, 0, 0, 0, 0, 0, 1)}


def is_ip(term: Term, family: int) -> bool:
    """Whether it is a tuple that can stand for an address of that family."""
    size, most = (4, 255) if family == socket.AF_INET else (8, 65535)
    return isinstance(term, tuple) and len(term) == size and all(type(n) is int and 0 <= n <= most for n in term)


def translate_ip(term: Term, family: int) -> Term:
    """`any` and `loopback` as the address they stand for (`inet:translate_ip/2`)."""
    if term == "any":
        return ANY.get(family, term)
    return LOOPBACK.get(family, term) if term == "loopback" else term


def ip_text(ip: Term) -> str:
    """The usual notation of an address tuple."""
    if len(ip) == 4:
        return ".".join(map(str, ip))
    return socket.inet_ntop(socket.AF_INET6, b"".join(part.to_bytes(2, "big") for part in ip))


def ip_tuple(text: str, family: int) -> tuple[int, ...]:
    """The address tuple of a numeric address."""
    if family == socket.AF_INET:
        return tuple(socket.inet_pton(socket.AF_INET, text))
    raw = socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    return tuple(int.from_bytes(raw[i : i + 2], "big") for i in range(0, 16, 2))


def lookup(address: Term, family: int) -> tuple[list[Term], str]:
    """The addresses a host stands for, and "" or the reason why there are none (`inet:getaddrs/2`)."""
    if isinstance(address, tuple) and len(address) in (4, 8):
        own = socket.AF_INET if len(address) == 4 else socket.AF_INET6
        if not is_ip(address, own):
            return [], "einval"
        return ([address], "") if own == family else ([], "eafnosupport")
    name = charlist_to_str(address)
    if name is None or any(not "!" <= char <= "~" and char < "\xa1" for char in name):
        return [], "einval"
    if not name:
        return [], "nxdomain"
    try:
        found = socket.getaddrinfo(name, 0, family, socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return [], "nxdomain"
    return list(dict.fromkeys(_with_scope(entry[4], family) for entry in found)), ""


def _with_scope(sockaddr: tuple[Any, ...], family: int) -> Term:
    return ip_tuple(sockaddr[0], family)


def sockaddr(address: Term, port: int, family: int) -> Any:
    """What Python's socket methods take.  ValueError when the term is no address of the family."""
    if family == socket.AF_UNIX:
        return path_bytes(address[1] if isinstance(address, tuple) and len(address) == 2 else address)
    if isinstance(address, dict):
        port = address.get("port", port)
        address = translate_ip(address.get("addr", "any"), family)
    if not is_ip(address, family) or type(port) is not int or not 0 <= port <= 65535:
        raise ValueError("not an address")
    return (ip_text(address), port) if family == socket.AF_INET else (ip_text(address), port, 0, 0)


def path_bytes(path: Term) -> bytes:
    """The path of a local socket: a binary, a charlist, or a str with a slash (another str is an atom)."""
    if isinstance(path, str):
        path = os.fsencode(path) if "/" in path or path.startswith("\0") else None
    elif isinstance(path, list):
        text = charlist_to_str(path)
        path = None if text is None else os.fsencode(text)
    if not isinstance(path, bytes) or len(path) > LONGEST_PATH:
        raise ValueError("not a path for a local socket")
    return path


def address_term(name: Any, family: int) -> Term:
    """`{IP, Port}` or `{local, Path}` from what getsockname or getpeername returned."""
    if family == socket.AF_UNIX:
        return ("local", os.fsencode(name) if isinstance(name, (str, bytes)) else b"")
    return (ip_tuple(name[0], family), name[1])
