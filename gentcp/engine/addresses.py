"""Addresses: Erlang's terms on one side, Python's on the other, and names in between."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

from gentcp.errors import reason_of
from gentcp.terms import charlist_to_str, is_int

Term = Any
LONGEST_PATH = 107
"""Bytes; an abstract name, which needs no zero byte at its end, has one more."""
_ATOMS: dict[Any, str] = {None: "undefined", True: "true", False: "false"}
ANY: dict[int, Term] = {socket.AF_INET: (0, 0, 0, 0), socket.AF_INET6: (0,) * 8, socket.AF_UNIX: None}
LOOPBACK: dict[int, Term] = {
    socket.AF_INET: (127, 0, 0, 1), socket.AF_INET6: (0, 0, 0, 0, 0, 0, 0, 1), socket.AF_UNIX: ("local", b""),
}  # fmt: skip
"""Local sockets have a name of the system's choice there, and none at `any`."""


def is_ip(term: Term, family: int) -> bool:
    """Whether it is a tuple that can stand for an address of that family."""
    size, most = (4, 255) if family == socket.AF_INET else (8, 65535)
    if not isinstance(term, tuple) or len(term) != size:
        return False
    for number in term:  # noqa: SIM110  a connect asks twice, and a generator takes three times as long
        if (type(number) is not int and not is_int(number)) or not 0 <= number <= most:
            return False
    return True


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
    """The addresses a host stands for, and "" or the reason why there are none (`inet:getaddrs/2`).

    For want of descriptors or memory names cannot be looked up: emfile, enfile or enomem.
    """
    if isinstance(address, tuple) and len(address) in (4, 8):
        own = socket.AF_INET if len(address) == 4 else socket.AF_INET6
        if not is_ip(address, own):
            return [], "einval"
        return ([address], "") if own == family else ([], "eafnosupport")
    name = _ATOMS[address] if address is None or isinstance(address, bool) else charlist_to_str(address)
    if name is None or any(not "!" <= char <= "~" for char in name):
        return [], "einval"
    try:
        found = _resolved(name, family)
    except OSError as error:
        return [], reason_of(error)
    return found, "" if found else "nxdomain"


def _resolved(name: str, family: int) -> list[Term]:
    if not name or (family == socket.AF_INET and ":" in name):
        return []
    try:
        found = socket.getaddrinfo(name, 0, family, socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError, ValueError) as error:
        if isinstance(error, socket.gaierror) and error.errno == socket.EAI_MEMORY:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)) from error
        return [LOOPBACK[family]] if name.lower() == socket.gethostname().lower() else []
    return list(dict.fromkeys(ip_tuple(str(entry[4][0]), family) for entry in found))


def sockaddr(address: Term, port: int, family: int) -> Any:
    """What Python's socket methods take.  ValueError when the term is no address of the family."""
    if family == socket.AF_UNIX:
        return path_bytes(address[1] if isinstance(address, tuple) and len(address) == 2 else address)
    if not is_ip(address, family) or (type(port) is not int and not is_int(port)) or not 0 <= port <= 65535:
        raise ValueError("not an address")
    return (ip_text(address), port) if family == socket.AF_INET else (ip_text(address), port, 0, 0)


def path_bytes(path: Term) -> bytes:
    """The path of a local socket: a binary, a charlist, or a str with a slash (another str is an atom)."""
    if isinstance(path, str):
        path = os.fsencode(path) if "/" in path or path.startswith("\0") else None
    elif isinstance(path, list):
        path = chardata_bytes(path)
    if not isinstance(path, bytes) or len(path) > LONGEST_PATH + (path[:1] == b"\0"):
        raise ValueError("not a path for a local socket")
    return path


def chardata_bytes(path: Term) -> bytes | None:
    """A name as a list of characters, binaries and such lists (`unicode:chardata()`); None when it is none."""
    if isinstance(path, bytes):
        return path
    if is_int(path):
        return chr(path).encode() if 0 <= path < 0x110000 and not 0xD800 <= path < 0xE000 else None
    if not isinstance(path, list):
        return None
    found: list[bytes] = []
    for part in path:
        if (raw := chardata_bytes(part)) is None:
            return None
        found.append(raw)
    return b"".join(found)


def address_term(name: Any, family: int) -> Term:
    """`{IP, Port}` or `{local, Path}` from what getsockname or getpeername returned."""
    if family == socket.AF_UNIX:
        return ("local", os.fsencode(name) if isinstance(name, (str, bytes)) else b"")
    return (ip_tuple(name[0], family), name[1])
